/** Powers of two and ten that the API server knows behind a number. Source: apimachinery, pkg/api/resource. */
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

const QUANTITY = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,3}))?$/;

const NANO = 9;

/**
 * A quantity (`500m`, `1.5Gi`, `1e3`, or a plain number) in thousand-millionths of its unit, rounded away from zero as the API
 * server rounds; undefined for a text that is no quantity.
 */
export function nanoUnits(quantity: string | number): bigint | undefined {
  const match = QUANTITY.exec(String(quantity).trim());
  if (!match) return undefined;
  const [, sign, number = "", binary, decimal = "", exponent = "0"] = match;
  const [whole = "", fraction = ""] = number.split(".");
  const digits = BigInt(`${whole}${fraction}` || "0") << (binary ? (BINARY[binary] ?? 0n) : 0n);
  const scale = NANO - fraction.length + (DECIMAL[decimal] ?? 0) + Number(exponent);
  const size = scale >= 0 ? digits * 10n ** BigInt(scale) : divideUp(digits, 10n ** BigInt(-scale));
  return sign === "-" ? -size : size;
}

const divideUp = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/** -1, 0 or 1; undefined where one is no quantity. */
export function compareQuantities(a: string | number, b: string | number): -1 | 0 | 1 | undefined {
  const x = nanoUnits(a);
  const y = nanoUnits(b);
  if (x === undefined || y === undefined) return undefined;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** True where both say the same amount: `1` and `1000m`, `1Gi` and `1073741824`. */
export const sameQuantity = (a: string | number, b: string | number): boolean =>
  a === b || compareQuantities(a, b) === 0;

/** An int-or-string as the API keeps it: a text of digits is the number. */
export const intOrString = (value: string | number): string | number =>
  typeof value === "string" && /^[+-]?\d+$/.test(value) ? Number(value) : value;
