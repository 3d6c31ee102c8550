import {
  type CelMap,
  type CelValue,
  celMap,
  isCelError,
  isCelList,
  isCelMap,
  isCelUint,
  objectType,
} from "@bufbuild/cel";
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
    filled(map, [[key, value]]),
  ),
  since("cel.@mapInsert(map(K, V), map(K, V)): map(K, V)", (map: CelMap, added: CelMap) => filled(map, added)),
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
  // The engine says of a list that it lacks a field, where cel-go errs.
  inner("@has(dyn, string): bool", (owner: CelValue, field: string) => {
    if (isCelList(owner)) throw new Error("no such overload: a list has no fields");
    const present: unknown = isCelMap(owner) && owner.has(field);
    if (isCelError(present)) throw present;
    return present === true;
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

interface Filling {
  readonly entries: Map<CelValue, CelValue>;
  /** Its keys, where an unsigned number is the same as a signed one. */
  readonly keys: Set<unknown>;
}

/** Maps that a macro is still filling: nobody else can see them, so that the next entry goes into the same. */
const filling = new WeakMap<object, Filling>();

function filled(map: CelMap, added: Entries): CelMap {
  const known = filling.get(map);
  if (known) {
    insert(known, added);
    return map;
  }
  const copy = copied(map);
  insert(copy, added);
  const made = celMap(copy.entries as Map<string, CelValue>);
  filling.set(made, copy);
  return made;
}

function inserted(map: CelMap, added: Entries): ReadonlyMap<CelValue, CelValue> {
  const copy = copied(map);
  insert(copy, added);
  return copy.entries;
}

function copied(map: CelMap): Filling {
  const entries = new Map<CelValue, CelValue>([...map]);
  return { entries, keys: new Set([...entries.keys()].map(plainKey)) };
}

type Entries = Iterable<readonly [CelValue, CelValue]>;

const plainKey = (key: CelValue): unknown => (isCelUint(key) ? key.value : key);

function insert({ entries, keys }: Filling, added: Entries): void {
  for (const [key, value] of added) {
    if (!["string", "bool", "int", "uint"].includes(typeNameOf(key))) {
      throw new Error(`unsupported key type: ${typeNameOf(key)}`);
    }
    const plain = plainKey(key);
    if (keys.has(plain)) throw new Error(`insert failed: key ${textOf(key)} already exists`);
    keys.add(plain);
    entries.set(key, value);
  }
}
