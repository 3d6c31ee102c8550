import { type CelList, type CelValue, celUint, isCelList } from "@bufbuild/cel";
import { charge } from "../budget.ts";
import { itemsOf, typeNameOf } from "../equality.ts";
import { NONE, some } from "../opaque.ts";
import { type Declaration, declare } from "./declaration.ts";
import { compare, ordered, same, standard } from "./ordering.ts";

/** Lists. Sources: apiserver, pkg/cel/library/lists.go; cel-go, ext/lists.go, version 3, and cel/library.go for optionals. */
const always = declare("1.0");
const optionals = declare("1.28");
const v3 = declare("1.34");

const SUMMABLE = ["int", "uint", "double", "duration"] as const;
const COMPARABLE = ["int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"] as const;

/** Of an empty list of unknown items the type cannot be known, and cel-go takes the first that it has. */
const zeroOf = (type: (typeof SUMMABLE)[number]): CelValue =>
  ({ int: 0n, uint: celUint(0n), double: 0, duration: null })[type];

export const LISTS: readonly Declaration[] = [
  ...COMPARABLE.map((type) =>
    always(`list(${type}).isSorted(): bool`, (list: CelList) =>
      itemsOf(list).every((item, i, all) => i === 0 || ordered(all[i - 1] ?? null, item) !== 1),
    ),
  ),
  ...COMPARABLE.map((type) => always(`list(${type}).min(): ${type}`, (list: CelList) => extreme(list, "min", -1))),
  ...COMPARABLE.map((type) => always(`list(${type}).max(): ${type}`, (list: CelList) => extreme(list, "max", 1))),
  ...SUMMABLE.map((type) => always(`list(${type}).sum(): ${type}`, (list: CelList) => sum(list, type))),
  always("list(A).indexOf(A): int", (list: CelList, item: CelValue) =>
    BigInt(itemsOf(list).findIndex((other) => same(other, item))),
  ),
  always("list(A).lastIndexOf(A): int", (list: CelList, item: CelValue) =>
    BigInt(itemsOf(list).findLastIndex((other) => same(other, item))),
  ),
  optionals("list(V).first(): optional_type(V)", (list: CelList) => at(list, 0)),
  optionals("list(V).last(): optional_type(V)", (list: CelList) => at(list, list.size - 1)),
  v3("list(T).slice(int, int): list(T)", slice),
  v3("list(list(T)).flatten(): list(T)", (list: CelList) => flatten(list, 1n)),
  v3("list(dyn).flatten(int): list(dyn)", flatten),
  ...COMPARABLE.map((type) =>
    v3(`list(${type}).sort(): list(${type})`, (list: CelList) => sortedBy(itemsOf(list), itemsOf(list))),
  ),
  // What the macro sortBy becomes.
  ...COMPARABLE.map((type) =>
    v3(`list(T).@sortByAssociatedKeys(list(${type})): list(T)`, (list: CelList, keys: CelList) =>
      sortedBy(itemsOf(list), itemsOf(keys)),
    ),
  ),
  v3("lists.range(int): list(int)", range),
  v3("list(T).reverse(): list(T)", (list: CelList) => itemsOf(list).toReversed()),
  v3("list(T).distinct(): list(T)", distinct),
];

function extreme(list: CelList, name: string, wanted: -1 | 1): CelValue {
  const [first, ...rest] = itemsOf(list);
  if (first === undefined) throw new Error(`${name} called on empty list`);
  return rest.reduce((best, item) => (ordered(item, best) === wanted ? item : best), first);
}

function sum(list: CelList, type: (typeof SUMMABLE)[number]): CelValue {
  const [first, ...rest] = itemsOf(list);
  if (first === undefined) return type === "duration" ? standard("duration", "0s") : zeroOf(type);
  if (!["int", "uint", "double", "google.protobuf.Duration"].includes(typeNameOf(first))) {
    throw new Error(`no such overload: sum of ${typeNameOf(first)}`);
  }
  return rest.reduce((total, item) => standard("_+_", total, item), first);
}

const at = (list: CelList, index: number): CelValue => {
  const item = itemsOf(list)[index];
  return item === undefined ? NONE : some(item);
};

function slice(list: CelList, from: bigint, to: bigint): readonly CelValue[] {
  if (from < 0n || to < 0n || from > to || to > BigInt(list.size)) {
    throw new Error(`cannot slice(${from}, ${to}), list is length ${list.size}`);
  }
  return itemsOf(list).slice(Number(from), Number(to));
}

function flatten(list: CelList, depth: bigint): readonly CelValue[] {
  if (depth < 0n) throw new Error("level must be non-negative");
  charge(list.size);
  return itemsOf(list).flatMap((item) => (isCelList(item) && depth > 0n ? flatten(item, depth - 1n) : [item]));
}

/** Keeps the order of equal keys, where cel-go promises none. */
function sortedBy(items: readonly CelValue[], keys: readonly CelValue[]): readonly CelValue[] {
  const [first] = keys;
  if (first === undefined) return [];
  if (keys.some((key) => typeNameOf(key) !== typeNameOf(first))) {
    throw new Error("list elements must have the same type");
  }
  const order = keys.map((_, i) => i).sort((a, b) => compare(keys[a] ?? null, keys[b] ?? null));
  if (keys.length === 1) compare(first, first);
  return order.map((i) => items[i] ?? null);
}

function range(size: bigint): readonly bigint[] {
  if (size > 0n) charge(Number(size));
  return Array.from({ length: Math.max(Number(size), 0) }, (_, i) => BigInt(i));
}

function distinct(list: CelList): readonly CelValue[] {
  const kept: CelValue[] = [];
  // Texts and numbers by a set; comparing each with each would take a million steps for a thousand.
  const seen = new Set<unknown>();
  for (const item of itemsOf(list)) {
    const simple = typeof item === "string" || typeof item === "boolean";
    if (simple ? seen.has(item) : kept.some((other) => same(item, other))) continue;
    if (simple) seen.add(item);
    kept.push(item);
  }
  return kept;
}
