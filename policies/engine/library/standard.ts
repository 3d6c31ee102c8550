import {
  type CelList,
  type CelMap,
  type CelType,
  type CelValue,
  celError,
  celUint,
  isCelError,
  objectType,
} from "@bufbuild/cel";
import { create } from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { itemsOf } from "../equality.ts";
import { isOpaque } from "../opaque.ts";
import { appended } from "../values.ts";
import { type Declaration, declare } from "./declaration.ts";
import { compare, same, standard } from "./ordering.ts";
import { matches } from "./regex.ts";
import { textOf } from "./text.ts";
import { inZone, nanosOf, timeOf, zoneOf } from "./time.ts";

/**
 * CEL's own functions. Those without an implementation here are the engine's; it differs from cel-go in the others. Source:
 * cel-go, common/stdlib/standard.go.
 */
const always = declare("1.0");
const crossType = declare("1.28");

const NUMBERS = ["int", "uint", "double"] as const;
const ORDERED = ["bool", ...NUMBERS, "string", "bytes", "timestamp", "duration"] as const;

const arithmetic = (operator: string, types: readonly string[]): readonly Declaration[] =>
  types.map((type) => always(`${operator}(${type}, ${type}): ${type}`));

const relation = (operator: string, holds: (order: number) => boolean): readonly Declaration[] => {
  const run = (a: CelValue, b: CelValue): boolean => holds(compare(a, b));
  return [
    ...ORDERED.map((type) => always(`${operator}(${type}, ${type}): bool`, run)),
    ...NUMBERS.flatMap((a) =>
      NUMBERS.filter((b) => b !== a).map((b) => crossType(`${operator}(${a}, ${b}): bool`, run)),
    ),
  ];
};

const sized = ["string", "bytes", "list(A)", "map(A, B)"];

const tests = ["contains", "startsWith", "endsWith"];

export const STANDARD: readonly Declaration[] = [
  always("_?_:_(bool, A, A): A"),
  always("_&&_(bool, bool): bool"),
  always("_||_(bool, bool): bool"),
  always("!_(bool): bool"),
  always("@not_strictly_false(bool): bool"),
  always("_==_(A, A): bool", same),
  always("_!=_(A, A): bool", (a: CelValue, b: CelValue) => !same(a, b)),
  ...arithmetic("_+_", ["int", "uint", "double", "string", "bytes"]),
  always("_+_(duration, duration): duration"),
  always("_+_(duration, timestamp): timestamp", (a: CelValue, b: CelValue) => moved(b, nanosOf(a) ?? 0n)),
  always("_+_(timestamp, duration): timestamp", (a: CelValue, b: CelValue) => moved(a, nanosOf(b) ?? 0n)),
  always("_+_(list(A), list(A)): list(A)", (a: CelList, b: CelList) => appended(a, b)),
  ...arithmetic("_-_", NUMBERS),
  always("_-_(duration, duration): duration"),
  always("_-_(timestamp, duration): timestamp", (a: CelValue, b: CelValue) => moved(a, -(nanosOf(b) ?? 0n))),
  always("_-_(timestamp, timestamp): duration"),
  ...arithmetic("_*_", NUMBERS),
  ...arithmetic("_/_", NUMBERS),
  ...arithmetic("_%_", ["int", "uint"]),
  always("-_(int): int"),
  always("-_(double): double"),
  ...relation("_<_", (order) => order < 0),
  ...relation("_<=_", (order) => order <= 0),
  ...relation("_>_", (order) => order > 0),
  ...relation("_>=_", (order) => order >= 0),
  always("_[_](list(A), int): A"),
  always("_[_](map(A, B), A): B"),
  always("@in(A, list(A)): bool", (item: CelValue, list: CelList) => itemsOf(list).some((other) => same(item, other))),
  always("@in(A, map(A, B)): bool", (key: CelValue, map: CelMap) => {
    const present: unknown = map.has(key as string);
    if (isCelError(present)) throw present;
    return present === true;
  }),
  ...sized.flatMap((type) => [always(`size(${type}): int`), always(`${type}.size(): int`)]),
  always(
    "type(A): type(A)",
    (value: CelValue): CelType => (isOpaque(value) ? objectType(value.type) : (standard("type", value) as CelType)),
  ),
  always("dyn(A): dyn", (value: CelValue) => value),
  always("bool(bool): bool"),
  always("bool(string): bool", boolOf),
  always("bytes(bytes): bytes"),
  always("bytes(string): bytes"),
  always("double(double): double"),
  always("double(int): double"),
  always("double(string): double", doubleOf),
  always("double(uint): double"),
  always("duration(duration): duration"),
  // Declared, and never possible.
  always("duration(int): duration", () => {
    throw new Error("type conversion error from 'int' to 'google.protobuf.Duration'");
  }),
  always("duration(string): duration", (text: string) => duration(durationOf(text))),
  always("int(int): int"),
  always("int(double): int"),
  always("int(duration): int", (value: CelValue) => nanosOf(value) ?? 0n),
  always("int(string): int", intOf),
  always("int(timestamp): int"),
  always("int(uint): int"),
  always("string(string): string"),
  ...["bool", "bytes", "double", "duration", "int", "timestamp", "uint"].map((type) =>
    always(`string(${type}): string`, textOf),
  ),
  always("timestamp(timestamp): timestamp"),
  always("timestamp(int): timestamp", (seconds: bigint) => timestamp(seconds, 0)),
  always("timestamp(string): timestamp", timestampOf),
  always("uint(uint): uint"),
  always("uint(double): uint"),
  always("uint(int): uint"),
  always("uint(string): uint", uintOf),
  ...tests.map((name) => always(`string.${name}(string): bool`)),
  always("matches(string, string): bool", matches),
  always("string.matches(string): bool", matches),
];

/** Functions that cel-go calls already when it plans an expression, where their argument is a constant. */
export const CONVERSIONS: ReadonlySet<string> = new Set([
  "bool",
  "bytes",
  "double",
  "duration",
  "dyn",
  "int",
  "string",
  "timestamp",
  "type",
  "uint",
]);

function boolOf(text: string): boolean {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new Error(`'${text}' is no bool`);
}

function intOf(text: string): bigint {
  const digits = /^([+-]?)0*(\d{1,20})$/.exec(text);
  const value = digits ? BigInt(`${digits[1] === "-" ? "-" : ""}${digits[2]}`) : undefined;
  if (value === undefined || BigInt.asIntN(64, value) !== value) throw new Error(`'${text}' is no int`);
  return value;
}

function uintOf(text: string): CelValue {
  const digits = /^0*(\d{1,20})$/.exec(text);
  const value = digits ? BigInt(digits[1] ?? "") : undefined;
  if (value === undefined || BigInt.asUintN(64, value) !== value) throw new Error(`'${text}' is no uint`);
  return celUint(value);
}

function doubleOf(written: string): number {
  const text = written.replace(/(?<=[0-9a-fA-F])_(?=[0-9a-fA-F])/g, "");
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
  }
  const hex = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d{1,4})$/.exec(text);
  if (hex && `${hex[2]}${hex[3]}` !== "") {
    const [, sign, whole = "", fraction = "", power] = hex;
    const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
    if (Number.isFinite(value)) return sign === "-" ? -value : value;
  }
  if (/^[+-]?inf(?:inity)?$/i.test(text))
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  throw new Error(`'${written}' is no double`);
}

const SECOND = 1_000_000_000n;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};

const MAX_DURATION = 1000;

/** Nanoseconds of `1h30m`, `-1.5s`. Source: Go, time.ParseDuration. */
function durationOf(text: string): bigint {
  const [, sign = "", parts = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (parts === "0") return 0n;
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(parts))
    throw new Error(`'${text}' is no duration`);
  let total = 0n;
  if (parts.length > MAX_DURATION) throw new Error(`a duration of ${parts.length} characters is too long`);
  for (const [, whole = "", fraction = "", unit = ""] of parts.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = UNITS[unit] ?? 0n;
    total += BigInt(whole || "0") * size + (BigInt(fraction || "0") * size) / 10n ** BigInt(fraction.length);
  }
  return sign === "-" ? -total : total;
}

function duration(nanos: bigint): CelValue {
  if (BigInt.asIntN(64, nanos) !== nanos) throw celError("range: duration out of range");
  return message(create(DurationSchema, { seconds: nanos / SECOND, nanos: Number(nanos % SECOND) }));
}

/** The engine wraps messages that a function gives. */
const message = (value: object): CelValue => value as unknown as CelValue;

const MIN_SECONDS = -62135596800n;
const MAX_SECONDS = 253402300799n;

function timestamp(seconds: bigint, nanos: number, zone = 0): CelValue {
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) throw celError("range: timestamp out of range");
  return message(inZone(create(TimestampSchema, { seconds, nanos }), zone));
}

function moved(value: CelValue, by: bigint): CelValue {
  const time = timeOf(value);
  if (!time) throw new Error("no such overload: this is no timestamp");
  const nanos = time.seconds * SECOND + BigInt(time.nanos) + by;
  const rest = ((nanos % SECOND) + SECOND) % SECOND;
  return timestamp((nanos - rest) / SECOND, Number(rest), zoneOf(value));
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

function timestampOf(text: string): CelValue {
  const match = RFC3339.exec(text);
  if (!match) throw new Error(`'${text}' is no timestamp`);
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number);
  const [fraction = "", sign, zoneHours = "0", zoneMinutes = "0"] = match.slice(7);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hours, minutes, seconds);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && month > 0;
  if (!exists || hours > 23 || minutes > 59 || seconds > 59 || Number(zoneHours) > 24 || Number(zoneMinutes) > 60) {
    throw new Error(`'${text}' is no timestamp`);
  }
  const offset = (sign === "-" ? -1 : 1) * (Number(zoneHours) * 3600 + Number(zoneMinutes) * 60);
  return timestamp(BigInt(date.getTime() / 1000 - offset), Number(fraction.padEnd(9, "0").slice(0, 9)), offset);
}
