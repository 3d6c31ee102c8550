import {
  type CelFunc,
  type CelInput,
  type CelList,
  type CelMap,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celList,
  celMethod,
  isCelError,
  isCelMap,
  listType,
  mapType,
} from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { nanoUnits } from "../../kubernetes/quantity.ts";
import {
  type Address,
  containsAddress,
  containsPrefix,
  formatAddress,
  formatPrefix,
  masked,
  type Prefix,
  parseAddress,
  parsePrefix,
} from "./address.ts";
import { lazyMap, requireKnown } from "./values.ts";

/**
 * The functions that the API server's CEL has beyond the language's own, as far as rules have needed them: strings, lists,
 * quantities, addresses. What is not here (authorizer, url, format names, semver, sets …) is unknown to the compiler, so that a
 * policy which uses it errs and never passes. Source: apiserver, pkg/cel/library; cel-go, ext/strings.go.
 */
const { BOOL, DYN, INT, STRING } = CelScalar;
const LIST = listType(DYN);
const MAP = mapType(DYN, DYN);

/**
 * Values of types that the engine does not know travel as maps of one entry, which makes equality right: the entry is
 * the value's canonical form. Nothing but these functions can make or read one.
 */
const opaque = new WeakMap<object, unknown>();

function wrap(kind: string, canonical: string | bigint, value: unknown): CelMap {
  const map = lazyMap({ [`\u0000${kind}`]: canonical }, (_, entry) => entry);
  opaque.set(map, { kind, value });
  return map;
}

function unwrap<T>(kind: string, value: CelValue): T {
  const inner = (isCelMap(value) ? opaque.get(value) : undefined) as { kind: string; value: T } | undefined;
  if (inner?.kind !== kind) throw new Error(`no such overload: this is no ${kind}`);
  return inner.value;
}

// Quantities

const quantityOf = (text: string): bigint => {
  const units = /\s/.test(text) ? undefined : nanoUnits(text);
  if (units === undefined) throw new Error(`'${text}' is no quantity`);
  return units;
};
const quantity = (nano: bigint): CelMap => wrap("Quantity", nano, nano);
const nanoOf = (value: CelValue): bigint => unwrap<bigint>("Quantity", value);
const NANO = 1_000_000_000n;
const sign = (n: bigint): bigint => (n < 0n ? -1n : n > 0n ? 1n : 0n);
const isInteger = (nano: bigint): boolean => nano % NANO === 0n && BigInt.asIntN(64, nano / NANO) === nano / NANO;

const QUANTITIES: readonly CelFunc[] = [
  celFunc("quantity", [STRING], MAP, (text) => quantity(quantityOf(text))),
  celFunc("isQuantity", [STRING], BOOL, (text) => !/\s/.test(text) && nanoUnits(text) !== undefined),
  method("isGreaterThan", MAP, [MAP], BOOL, (a, b) => nanoOf(a) > nanoOf(b)),
  method("isLessThan", MAP, [MAP], BOOL, (a, b) => nanoOf(a) < nanoOf(b)),
  method("compareTo", MAP, [MAP], INT, (a, b) => sign(nanoOf(a) - nanoOf(b))),
  method("isInteger", MAP, [], BOOL, (a) => isInteger(nanoOf(a))),
  method("asInteger", MAP, [], INT, (a) => {
    if (!isInteger(nanoOf(a))) throw new Error("cannot convert value to integer");
    return nanoOf(a) / NANO;
  }),
  method("add", MAP, [MAP], MAP, (a, b) => quantity(nanoOf(a) + nanoOf(b))),
  method("add", MAP, [INT], MAP, (a, b) => quantity(nanoOf(a) + (b as bigint) * NANO)),
  method("sub", MAP, [MAP], MAP, (a, b) => quantity(nanoOf(a) - nanoOf(b))),
  method("sub", MAP, [INT], MAP, (a, b) => quantity(nanoOf(a) - (b as bigint) * NANO)),
];

// Addresses

function ipOf(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new Error(`'${text}' is no IP address`);
  return address;
}
function cidrOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`'${text}' is no CIDR`);
  return prefix;
}
const ip = (address: Address): CelMap => wrap("IP", formatAddress(address), address);
const cidr = (prefix: Prefix): CelMap => wrap("CIDR", formatPrefix(prefix), prefix);
const prefixOf = (value: CelValue): Prefix => unwrap<Prefix>("CIDR", value);

const ADDRESSES: readonly CelFunc[] = [
  celFunc("ip", [STRING], MAP, (text) => ip(ipOf(text))),
  celFunc("isIP", [STRING], BOOL, (text) => parseAddress(text) !== undefined),
  celFunc("cidr", [STRING], MAP, (text) => cidr(cidrOf(text))),
  celFunc("isCIDR", [STRING], BOOL, (text) => parsePrefix(text) !== undefined),
  method("family", MAP, [], INT, (address) => BigInt(unwrap<Address>("IP", address).family)),
  method("containsIP", MAP, [STRING], BOOL, (a, text) => containsAddress(prefixOf(a), ipOf(text as string))),
  method("containsIP", MAP, [MAP], BOOL, (a, b) => containsAddress(prefixOf(a), unwrap<Address>("IP", b))),
  method("containsCIDR", MAP, [STRING], BOOL, (a, text) => containsPrefix(prefixOf(a), cidrOf(text as string))),
  method("containsCIDR", MAP, [MAP], BOOL, (a, b) => containsPrefix(prefixOf(a), prefixOf(b))),
  method("prefixLength", MAP, [], INT, (a) => BigInt(prefixOf(a).length)),
  method("masked", MAP, [], MAP, (a) => cidr(masked(prefixOf(a)))),
  method("ip", MAP, [], MAP, (a) => ip(prefixOf(a).address)),
];

// Strings: the engine counts UTF-16 units where cel-go counts code points, and cuts a limited split short.

const points = (text: string): string[] => Array.from(text);

function position(index: bigint, size: number): number {
  if (index < 0n || index > BigInt(size)) throw new Error(`index out of range: ${index}`);
  return Number(index);
}

/** Index in code points of `part`, at or after `from`; -1 where there is none, or where `from` lies behind the text. */
function find(text: string, part: string, from = 0n): bigint {
  const all = points(text);
  if (from > BigInt(all.length)) return -1n;
  const start = position(from, all.length);
  const unit = text.indexOf(part, all.slice(0, start).join("").length);
  return unit < 0 ? -1n : BigInt(points(text.slice(0, unit)).length);
}

/** Index in code points of the last `part` that begins at or before `from`. */
function findLast(text: string, part: string, from?: bigint): bigint {
  const all = points(text);
  if (from !== undefined && from > BigInt(all.length)) return -1n;
  const start = from === undefined ? all.length : position(from, all.length);
  const unit = text.lastIndexOf(part, all.slice(0, start).join("").length);
  return unit < 0 ? -1n : BigInt(points(text.slice(0, unit)).length);
}

function substring(text: string, from: bigint, to?: bigint): string {
  const all = points(text);
  const start = position(from, all.length);
  const end = to === undefined ? all.length : position(to, all.length);
  if (start > end) throw new Error(`invalid substring range. start: ${start}, end: ${end}`);
  return all.slice(start, end).join("");
}

/** At most `limit` parts, the last holding the rest; all of them where it is negative. */
function split(text: string, separator: string, limit: bigint): readonly string[] {
  const parts = separator === "" ? points(text) : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return parts;
  const count = Number(limit);
  return count === 0 ? [] : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

const STRINGS: readonly CelFunc[] = [
  ...strings,
  method("charAt", STRING, [INT], STRING, (text, i) => {
    const all = points(text as string);
    return all[position(i as bigint, all.length)] ?? "";
  }),
  method("indexOf", STRING, [STRING], INT, (text, part) => find(text as string, part as string)),
  method("indexOf", STRING, [STRING, INT], INT, (text, part, from) =>
    find(text as string, part as string, from as bigint),
  ),
  method("lastIndexOf", STRING, [STRING], INT, (text, part) => findLast(text as string, part as string)),
  method("lastIndexOf", STRING, [STRING, INT], INT, (text, part, from) =>
    findLast(text as string, part as string, from as bigint),
  ),
  method("substring", STRING, [INT], STRING, (text, from) => substring(text as string, from as bigint)),
  method("substring", STRING, [INT, INT], STRING, (text, from, to) =>
    substring(text as string, from as bigint, to as bigint),
  ),
  method("split", STRING, [STRING], LIST, (text, separator) =>
    celList(split(text as string, separator as string, -1n)),
  ),
  method("split", STRING, [STRING, INT], LIST, (text, separator, limit) =>
    celList(split(text as string, separator as string, limit as bigint)),
  ),
];

// Lists

function numbers(list: CelList): readonly (bigint | number | string)[] {
  const items = [...list];
  if (!items.every((item) => typeof item === typeof items[0] && /bigint|number|string/.test(typeof item))) {
    throw new Error("no such overload: the list is not of one ordered type");
  }
  return items as (bigint | number | string)[];
}

function extreme(list: CelList, better: (a: bigint | number | string, b: bigint | number | string) => boolean) {
  const [first, ...rest] = numbers(list);
  if (first === undefined) throw new Error("min or max of an empty list");
  return rest.reduce((best, item) => (better(item, best) ? item : best), first);
}

const LISTS: readonly CelFunc[] = [
  method("isSorted", LIST, [], BOOL, (list) =>
    numbers(list as CelList).every((item, i, all) => i === 0 || (all[i - 1] ?? item) <= item),
  ),
  method("min", LIST, [], DYN, (list) => extreme(list as CelList, (a, b) => a < b)),
  method("max", LIST, [], DYN, (list) => extreme(list as CelList, (a, b) => a > b)),
  method("sum", LIST, [], DYN, (list) => {
    const items = numbers(list as CelList);
    if (items.some((item) => typeof item === "string")) throw new Error("no such overload: sum of strings");
    return items.every((item) => typeof item === "bigint")
      ? items.reduce((sum: bigint, item) => sum + item, 0n)
      : items.reduce((sum: number, item) => sum + Number(item), 0);
  }),
];

// Comparisons, in which the engine would take an unknown item for an unequal one

const standard = celEnv().funcs;

function comparison(name: "_==_" | "_!=_"): CelFunc {
  const compare = standard.find(name);
  return celFunc(name, [DYN, DYN], BOOL, (a, b) => {
    requireKnown(a);
    requireKnown(b);
    return compare?.call(0, undefined, [a, b]) as boolean;
  });
}

const COMPARISONS: readonly CelFunc[] = [
  comparison("_==_"),
  comparison("_!=_"),
  celFunc("@in", [STRING, MAP], BOOL, (key, map) => {
    const present: unknown = map.has(key);
    if (isCelError(present)) throw present;
    return present === true;
  }),
];

/** Methods get their target as `this`, which an arrow function cannot see. */
function method(
  name: string,
  target: typeof MAP | typeof LIST | typeof STRING,
  args: readonly (typeof MAP | typeof STRING | typeof INT)[],
  result: typeof MAP | typeof LIST | typeof STRING | typeof BOOL | typeof INT | typeof DYN,
  implementation: (target: CelValue, ...args: readonly CelValue[]) => CelInput,
): CelFunc {
  return celMethod(name, target, args, result, function (this: CelValue, ...values: readonly CelValue[]) {
    return implementation(this, ...values);
  } as never);
}

/** Later ones replace earlier ones of the same signature. */
export const KUBERNETES_FUNCTIONS: CelFunc[] = [...STRINGS, ...LISTS, ...QUANTITIES, ...ADDRESSES, ...COMPARISONS];
