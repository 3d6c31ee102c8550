import { type CelMap, type CelValue, isCelError, isCelList, isCelMap, objectType } from "@bufbuild/cel";
import { charge } from "../budget.ts";
import { itemsOf, typeNameOf } from "../equality.ts";
import { isOptionalValue, optionalValue, selectOptional } from "../opaque.ts";
import { listValue } from "../values.ts";
import { type Declaration, declare } from "./declaration.ts";
import { textOf } from "./text.ts";

/**
 * What macros become that the engine does not know: those of two variables and literals with optional parts. See macros.ts and
 * lower.ts. Source of what they mean: cel-go, ext/comprehensions.go.
 */
const since = declare("1.32");
const inner = declare("1.0");

export const COMPREHENSIONS: readonly Declaration[] = [
  since("cel.@mapInsert(map(K, V), K, V): map(K, V)", (map: CelMap, key: CelValue, value: CelValue) =>
    inserted(map, [[key, value]]),
  ),
  since("cel.@mapInsert(map(K, V), map(K, V)): map(K, V)", (map: CelMap, added: CelMap) => inserted(map, [...added])),
];

/** Never written by anybody: the checker does not know them. */
export const LOWERED: readonly Declaration[] = [
  // Pairs of key and value, or index and item.
  inner("@pairs(dyn): list(dyn)", (range: CelValue) => {
    if (isCelList(range)) return itemsOf(range).map((item, i) => listValue([BigInt(i), item]));
    if (isCelMap(range)) return [...range].map(([key, value]) => listValue([key, value]));
    throw new Error(`type mismatch: ${typeNameOf(range)} cannot be iterated`);
  }),
  // The item of a list literal that may be absent.
  inner("@present(dyn): list(dyn)", (value: CelValue) => {
    const held = optionalValue(value);
    return held ? [held.value] : [];
  }),
  // The entry of a map literal that may be absent.
  inner("@entry(dyn, dyn, dyn): dyn", (map: CelValue, key: CelValue, value: CelValue) => {
    const held = optionalValue(value);
    return held ? inserted(map as CelMap, [[key, held.value]]) : map;
  }),
  // The other side of or() and orValue() is looked at where these say no. Something else than an optional stays what it is.
  inner("@isFilled(dyn): bool", (value: CelValue) => !isOptionalValue(value) || optionalValue(value) !== undefined),
  inner("@valueOf(dyn): dyn", (value: CelValue) =>
    isOptionalValue(value) ? (optionalValue(value)?.value ?? null) : value,
  ),
  inner("@typeNamed(string): dyn", (name: string) => objectType(name)),
  inner("@optional(dyn, dyn): dyn", (owner: CelValue, key: CelValue) => {
    const found = selectOptional(owner, key);
    if (isCelError(found)) throw found;
    return found;
  }),
  // A turn of a loop, and what it costs to read the names in it.
  inner("@turn(bool, int): bool", (goOn: boolean, cost: bigint) => {
    charge(Number(cost));
    return goOn;
  }),
  inner("@set(dyn, dyn, dyn): dyn", (map: CelValue, key: CelValue, value: CelValue) =>
    inserted(map as CelMap, [[key, value]]),
  ),
];

function inserted(map: CelMap, added: readonly (readonly [CelValue, CelValue])[]): ReadonlyMap<CelValue, CelValue> {
  const entries = new Map<CelValue, CelValue>([...map]);
  for (const [key, value] of added) {
    if (!["string", "bool", "int", "uint"].includes(typeNameOf(key))) {
      throw new Error(`unsupported key type: ${typeNameOf(key)}`);
    }
    if (map.has(key as string) || entries.has(key)) throw new Error(`insert failed: key ${textOf(key)} already exists`);
    entries.set(key, value);
  }
  return entries;
}
