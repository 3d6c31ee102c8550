import { type CelValue, celEnv, isCelUint } from "@bufbuild/cel";
import { compareTexts, equal } from "../equality.ts";
import { nanosOf, timeOf } from "./time.ts";

const engine = celEnv().funcs;

/** What the engine's own function of that name gives. @throws CelError where it gives one, Error where it takes no such values */
export function standard(name: string, ...args: readonly CelValue[]): CelValue {
  const result = engine.find(name)?.call(0, undefined, [...args]);
  if (result === undefined) throw new Error(`no such overload: ${name}`);
  if (result instanceof Error) throw result;
  return result as CelValue;
}

/** `==` of CEL, see equality.ts. */
export const same = (a: CelValue, b: CelValue): boolean => equal(a, b, (x, y) => standard("_==_", x, y) === true);

/** -1, 0 or 1 for two values that have an order. @throws Error for others, and for what is not a number */
export function compare(a: CelValue, b: CelValue): -1 | 0 | 1 {
  const order = ordered(a, b);
  if (order === undefined) throw new Error("no such overload: these values have no order");
  return order;
}

/** The same; undefined for values that have no order. */
export function ordered(a: CelValue, b: CelValue): -1 | 0 | 1 | undefined {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return signOf(Buffer.compare(a, b));
  const [x, y] = [sortable(a, b), sortable(b, a)];
  if (x === undefined || y === undefined || Number.isNaN(x) || Number.isNaN(y)) return undefined;
  return x < y ? -1 : x > y ? 1 : 0;
}

const signOf = (n: number): -1 | 0 | 1 => (n < 0 ? -1 : n > 0 ? 1 : 0);

/** A number that orders a value among those of the other's type. */
function sortable(value: CelValue, other: CelValue): number | bigint | undefined {
  if (typeof value === "boolean" && typeof other === "boolean") return value ? 1 : 0;
  const [nanos, time] = [nanosOf(value), timeOf(value)];
  if (nanos !== undefined && nanosOf(other) !== undefined) return nanos;
  if (time && timeOf(other)) return time.seconds * 1_000_000_000n + BigInt(time.nanos);
  if (!isNumber(value) || !isNumber(other)) return undefined;
  const number = isCelUint(value) ? value.value : value;
  // An integer meets a floating point number as one, however large it is.
  return typeof other === "number" ? Number(number) : number;
}

type Numeric = number | bigint | Extract<CelValue, { readonly value: bigint }>;

const isNumber = (value: CelValue): value is Numeric =>
  typeof value === "number" || typeof value === "bigint" || isCelUint(value);
