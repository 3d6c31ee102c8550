import type { CelValue } from "@bufbuild/cel";
import { opaque, opaqueValue } from "../opaque.ts";
import { type Declaration, declare } from "./declaration.ts";

/**
 * Amounts of resources (`500m`, `1Gi`). Sources: apiserver, pkg/cel/library/quantity.go; apimachinery, pkg/api/resource/quantity.go,
 * of which `isInteger` shows how an amount was written: `1.0` and `1000m` are no integers to it.
 */
const since = declare("1.28");
const TYPE = "kubernetes.Quantity";

interface Quantity {
  /** Thousand-millionths, exactly. */
  readonly nano: bigint;
  /** Power of ten in which it is kept; undefined for one that is too large or too fine for 64 bits. */
  readonly scale: number | undefined;
}

const NANO = 9;
const UNIT = 10n ** BigInt(NANO);
const MAX = 2n ** 63n - 1n;
/** Ten thousand digits are more than anybody means, and take long to multiply. */
const MAX_TEXT = 10_000;
/** Beyond it a larger exponent makes no difference to anybody. */
const MAX_EXPONENT = 999;

const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d+))?$/;

function parsed(text: string): Quantity | undefined {
  const match = text === "" ? null : QUANTITY.exec(text);
  if (!match) return undefined;
  const [, sign, digits = "", fraction = "", binary, decimal, power = "0"] = match;
  if (text.length > MAX_TEXT) throw new Error(`a quantity of ${text.length} characters is too long`);
  const whole = digits.replace(/^0+/, "") || "0";
  const exponent = decimal ? (DECIMAL[decimal] ?? 0) : Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, Number(power)));
  const factor = binary ? 2n ** BigInt(BINARY[binary] ?? 0) : 1n;
  const value = BigInt(`${whole}${fraction}`) * factor;
  const scale = (binary ? 0 : exponent) - fraction.length;
  const room = binary ? binaryRoom(whole, fraction, BINARY[binary] ?? 0) : 18 - whole.length - fraction.length;
  const isSmall = room >= 0 && scale >= -NANO && value <= MAX;
  const size = isSmall ? value * 10n ** BigInt(scale + NANO) : capped(inNano(value, scale), binary !== undefined);
  return { nano: sign === "-" ? -size : size, scale: isSmall ? scale : undefined };
}

/** Decimal digits that are left for the number before a binary unit. */
const binaryRoom = (whole: string, fraction: string, exponent: number): number =>
  fraction === "" ? 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 : -1;

/** What is finer is rounded up, so that whoever asked for something gets something. */
function inNano(value: bigint, scale: number): bigint {
  if (scale >= -NANO) return value * 10n ** BigInt(scale + NANO);
  const divisor = 10n ** BigInt(-NANO - scale);
  return (value + divisor - 1n) / divisor;
}

const capped = (nano: bigint, isBinary: boolean): bigint => (isBinary && nano > MAX * UNIT ? MAX * UNIT : nano);

/** As the whole number that it is; undefined where it is none, or not kept as one. */
function integerOf({ nano, scale }: Quantity): bigint | undefined {
  const integer = nano / UNIT;
  return scale !== undefined && scale >= 0 && BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

function sum(a: Quantity, b: Quantity): Quantity {
  const nano = a.nano + b.nano;
  if (a.scale === undefined || b.scale === undefined) return { nano, scale: undefined };
  const scale = a.nano === 0n ? b.scale : b.nano === 0n ? a.scale : Math.min(a.scale, b.scale);
  const kept = nano / 10n ** BigInt(scale + NANO);
  return { nano, scale: BigInt.asIntN(64, kept) === kept ? scale : undefined };
}

const of = (value: CelValue): Quantity => opaqueValue<Quantity>(TYPE, value);
const quantity = (value: Quantity): CelValue => opaque(TYPE, value, value.nano);
const negative = ({ nano, scale }: Quantity): Quantity => ({ nano: -nano, scale });
const ofInt = (n: bigint): Quantity => ({ nano: n * UNIT, scale: 0 });
const sign = (n: bigint): bigint => (n < 0n ? -1n : n > 0n ? 1n : 0n);
const order = (a: CelValue, b: CelValue): bigint => sign(of(a).nano - of(b).nano);

/** With the error that multiplying by a power of ten makes, as in the API server. */
function approximate({ nano, scale }: Quantity): number {
  if (scale !== undefined) return Number(nano / 10n ** BigInt(scale + NANO)) * Number(`1e${scale}`);
  const size = nano < 0n ? -nano : nano;
  return Number(`${nano < 0n ? "-" : ""}${size / UNIT}.${String(size % UNIT).padStart(NANO, "0")}`);
}

export const QUANTITIES: readonly Declaration[] = [
  since("quantity(string): kubernetes.Quantity", (text: string) => {
    const value = parsed(text);
    if (!value) throw new Error(`'${text}' is no quantity`);
    return quantity(value);
  }),
  since("isQuantity(string): bool", (text: string) => parsed(text) !== undefined),
  // No method, other than its documentation says.
  since("sign(kubernetes.Quantity): int", (a: CelValue) => sign(of(a).nano)),
  since("kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool", (a: CelValue, b: CelValue) => order(a, b) > 0n),
  since("kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool", (a: CelValue, b: CelValue) => order(a, b) < 0n),
  since("kubernetes.Quantity.compareTo(kubernetes.Quantity): int", order),
  since("kubernetes.Quantity.asApproximateFloat(): double", (a: CelValue) => approximate(of(a))),
  since("kubernetes.Quantity.isInteger(): bool", (a: CelValue) => integerOf(of(a)) !== undefined),
  since("kubernetes.Quantity.asInteger(): int", (a: CelValue) => {
    const integer = integerOf(of(a));
    if (integer === undefined) throw new Error("cannot convert value to integer");
    return integer;
  }),
  since("kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity", (a: CelValue, b: CelValue) =>
    quantity(sum(of(a), of(b))),
  ),
  since("kubernetes.Quantity.add(int): kubernetes.Quantity", (a: CelValue, b: bigint) =>
    quantity(sum(of(a), ofInt(b))),
  ),
  since("kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity", (a: CelValue, b: CelValue) =>
    quantity(sum(of(a), negative(of(b)))),
  ),
  since("kubernetes.Quantity.sub(int): kubernetes.Quantity", (a: CelValue, b: bigint) =>
    quantity(sum(of(a), ofInt(-b))),
  ),
];
