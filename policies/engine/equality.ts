import { type CelMap, type CelValue, isCelError, isCelList, isCelMap, isCelType, isCelUint } from "@bufbuild/cel";
import { charge } from "./budget.ts";
import { isOpaque, isOptionalValue, optionalValue } from "./opaque.ts";
import { requireKnown } from "./values.ts";

/**
 * `==` of CEL: numbers across their types, lists and maps by their items, no equality between other types. An error among the
 * items (a value that is unknown) is an error here, never a difference.
 *
 * @param other what the engine itself says of values that are none of these (messages, timestamps)
 * @throws CelError where an item is one; Error for types of the API server that are compared with something else
 */
export function equal(a: CelValue, b: CelValue, other: (a: CelValue, b: CelValue) => boolean): boolean {
  if (typeof a !== "object" && typeof a === typeof b) return a === b;
  if (isOpaque(a) || isOpaque(b)) return equalOpaque(a, b, other);
  requireKnown(a);
  requireKnown(b);
  const [x, y] = [numeric(a), numeric(b)];
  // cel-go makes a floating point number of an integer that meets one.
  if (x !== undefined && y !== undefined) return typeof x === typeof y ? x === y : Number(x) === Number(y);
  if (isCelList(a)) {
    if (!isCelList(b) || a.size !== b.size) return false;
    charge(a.size / 10);
    for (let i = 0; i < a.size; i++) if (!equal(known(a.get(i)), known(b.get(i)), other)) return false;
    return true;
  }
  if (isCelMap(a)) return isCelMap(b) && a.size === b.size && equalMaps(a, b, other);
  return !isCelList(b) && !isCelMap(b) && other(a, b);
}

function equalMaps(a: CelMap, b: CelMap, other: (a: CelValue, b: CelValue) => boolean): boolean {
  charge(a.size / 10);
  for (const [key, value] of a) {
    const counterpart: unknown = b.get(key);
    if (counterpart === undefined || !equal(value, known(counterpart), other)) return false;
  }
  return true;
}

function equalOpaque(a: CelValue, b: CelValue, other: (a: CelValue, b: CelValue) => boolean): boolean {
  if (isOptionalValue(a)) {
    if (!isOptionalValue(b)) return false;
    const [x, y] = [optionalValue(a), optionalValue(b)];
    return x && y ? equal(x.value, y.value, other) : x === y;
  }
  if (!isOpaque(a) || b === null) return false;
  if (!isOpaque(b) || a.type !== b.type || a.canonical === undefined) throw new Error("no such overload");
  return a.canonical === b.canonical;
}

const numeric = (value: CelValue): number | bigint | undefined =>
  typeof value === "number" || typeof value === "bigint" ? value : isCelUint(value) ? value.value : undefined;

/** @throws CelError where the engine gives one in the place of an item */
export function known(value: unknown): CelValue {
  if (isCelError(value)) throw value;
  return value === undefined ? null : (value as CelValue);
}

/** The items of a list. @throws CelError where one is unknown */
export const itemsOf = (list: CelValue): readonly CelValue[] =>
  isCelList(list) ? Array.from({ length: list.size }, (_, i) => known(list.get(i))) : [];

/** Texts in the order of their code points, as Go has it, where JavaScript goes by UTF-16 units. */
export function compareTexts(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const size = Math.min(a.length, b.length);
  for (let i = 0; i < size; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const [xHigh, yHigh] = [isSurrogate(x), isSurrogate(y)];
    return xHigh === yHigh ? (x < y ? -1 : 1) : xHigh ? 1 : -1;
  }
  return a.length < b.length ? -1 : 1;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Name of the type of a value, as types.ts has it. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
    case "boolean":
      return "bool";
    default:
      if (value === null) return "null_type";
      if (isOpaque(value)) return value.type;
      if (value instanceof Uint8Array) return "bytes";
      if (isCelList(value)) return "list";
      if (isCelMap(value)) return "map";
      if (isCelUint(value)) return "uint";
      if (isCelType(value)) return "type";
      return (value as { readonly desc: { readonly typeName: string } }).desc.typeName;
  }
}
