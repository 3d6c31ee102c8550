import { type CelValue, isCelType, isCelUint } from "@bufbuild/cel";
import { isReflectMessage } from "@bufbuild/protobuf/reflect";
import { nanosOf, timeOf, zoneOf } from "./time.ts";

/**
 * `string()` of a value, as Go writes it. Source: cel-go, common/types.
 *
 * @throws Error for a value that has none
 */
export function textOf(value: CelValue): string {
  switch (typeof value) {
    case "string":
      return value;
    case "bigint":
    case "boolean":
      return String(value);
    case "number":
      return doubleText(value);
    default:
      if (isCelUint(value)) return String(value.value);
      if (value instanceof Uint8Array) return bytesText(value);
      if (isCelType(value)) return value.name;
      if (isReflectMessage(value)) return messageText(value);
      throw new Error("no such overload: string()");
  }
}

/** Go's `%g`: the fewest digits that say the number, with an exponent where it is below -4 or above 5. */
function doubleText(number: number): string {
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number < 0 ? "-Inf" : "+Inf";
  const [digits = "", exponent = "0"] = number.toExponential().split("e");
  const power = Number(exponent);
  if (number === 0 || (power >= -4 && power < 6)) return Object.is(number, -0) ? "-0" : String(number);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function bytesText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("invalid UTF-8 in bytes, cannot convert to string");
  }
}

function messageText(message: CelValue): string {
  const time = timeOf(message);
  if (time !== undefined) return timestampText(time, zoneOf(message));
  const nanos = nanosOf(message);
  if (nanos !== undefined) return durationText(nanos);
  throw new Error("no such overload: string()");
}

const SECOND = 1_000_000_000n;

/** Seconds, with as many decimals as are not zero. */
function durationText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const rest = size % SECOND;
  const fraction = rest === 0n ? "" : `.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
  return `${nanos < 0n ? "-" : ""}${size / SECOND}${fraction}s`;
}

/** RFC 3339 in the zone that the timestamp was written with, and as many decimals as are not zero. */
function timestampText({ seconds, nanos }: { readonly seconds: bigint; readonly nanos: number }, zone: number): string {
  const date = new Date((Number(seconds) + zone) * 1000).toISOString().slice(0, 19);
  const fraction = nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
  if (zone === 0) return `${date}${fraction}Z`;
  const minutes = Math.abs(zone) / 60;
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
  return `${date}${fraction}${zone < 0 ? "-" : "+"}${hour}:${minute}`;
}
