import { type CelError, type CelList, type CelMap, type CelValue, celError, isCelUint } from "@bufbuild/cel";
import { childPath, itemPath } from "../../kubernetes/path.ts";
import { charge } from "./budget.ts";

/**
 * JSON as CEL values that the engine reads without copying: maps and lists are wrapped, and a wrapper converts a member when
 * it is first read. Two dozen policies read each object, and most read little of it.
 *
 * The engine's own maps take a key whose value is null for absent, and convert at each access; these do neither.
 *
 * `@bufbuild/cel` knows its maps and lists by symbols of the global registry. `values.test.ts` holds both against the engine,
 * whose version is pinned.
 */
const MAP = Symbol.for("@bufbuild/cel/map");
const LIST = Symbol.for("@bufbuild/cel/list");

/** A value of the engine, or an error in the place of one: whoever reads it errs, unless `||` or `&&` can do without. */
export type EngineValue = CelValue | CelError;

/**
 * @param unknown paths (`spec.replicas`) whose value nobody knows yet: reading one, or asking whether it is there, is an error
 * @param path path of `json` itself
 */
export function fromJson(json: unknown, unknown: ReadonlySet<string> = NOTHING, path = ""): EngineValue {
  if (unknown.size > 0 && unknown.has(path)) return celError(`the value of ${path} is unknown`);
  if (json === null || json === undefined) return null;
  switch (typeof json) {
    case "string":
    case "boolean":
    case "bigint":
      return json;
    case "number":
      // JSON has one kind of number; the API server reads whole ones as ints.
      return Number.isSafeInteger(json) ? BigInt(json) : json;
    case "object":
      if (unknown.size > 0 && [...unknown].some((u) => isWithin(u, path))) return partlyKnown(json, unknown, path);
      return Array.isArray(json)
        ? lazyList(json.length, (index) => fromJson(json[index]))
        : lazyMap(json as Readonly<Record<string, unknown>>, (_, value) => fromJson(value));
    default:
      return celError(`${typeof json} is no JSON`);
  }
}

const NOTHING: ReadonlySet<string> = new Set();

const isWithin = (path: string, folder: string): boolean =>
  folder === "" || path.startsWith(`${folder}.`) || path.startsWith(`${folder}[`);

/** Maps and lists that hold an unknown value somewhere, and the error for it. */
const incomplete = new WeakMap<object, CelError>();

function partlyKnown(json: object, unknown: ReadonlySet<string>, path: string): EngineValue {
  const value = Array.isArray(json)
    ? lazyList(json.length, (index) => fromJson(json[index], unknown, itemPath(path, index)))
    : lazyMap(json as Readonly<Record<string, unknown>>, (key, member) =>
        fromJson(member, unknown, childPath(path, key)),
      );
  const first = [...unknown].find((u) => isWithin(u, path)) ?? path;
  incomplete.set(value, celError(`the value of ${first} is unknown`));
  return value;
}

/**
 * Two maps of different sizes are merely unequal, unless one has a value that nobody knows yet, which may turn out to be absent.
 *
 * @throws CelError where a value somewhere within is unknown
 */
export function requireKnown(value: CelValue): void {
  const error = typeof value === "object" && value !== null ? incomplete.get(value) : undefined;
  if (error) throw error;
}

/** A map whose members are made when they are first read. A member may be an error. */
export function lazyMap<T>(
  source: Readonly<Record<string, T>>,
  member: (key: string, value: T) => EngineValue,
): CelMap {
  return new LazyMap(source, member as (key: string, value: unknown) => EngineValue) as unknown as CelMap;
}

class LazyMap {
  readonly [MAP] = {};
  readonly #source: Readonly<Record<string, unknown>>;
  readonly #member: (key: string, value: unknown) => EngineValue;
  readonly #read = new Map<string, EngineValue>();

  constructor(source: Readonly<Record<string, unknown>>, member: (key: string, value: unknown) => EngineValue) {
    this.#source = source;
    this.#member = member;
  }

  get size(): number {
    return Object.keys(this.#source).length;
  }

  get(key: unknown): EngineValue | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.#source, key)) return undefined;
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const value = this.#member(key, this.#source[key]);
    this.#read.set(key, value);
    return value;
  }

  /** An unknown member may turn out to be null, which is the same as none: so its presence is an error too. */
  has(key: unknown): boolean | CelError {
    const value = this.get(key);
    return isError(value) ? value : value !== undefined;
  }

  keys(): IterableIterator<string> {
    return Object.keys(this.#source).values();
  }

  /** The engine compares and prints maps by these. It looks for no errors among them, so one is thrown. */
  *entries(): IterableIterator<[string, CelValue]> {
    for (const key of Object.keys(this.#source)) yield [key, orThrow(this.get(key))];
  }

  *values(): IterableIterator<CelValue> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(callback: (value: CelValue, key: string, map: unknown) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }

  [Symbol.iterator](): IterableIterator<[string, CelValue]> {
    return this.entries();
  }
}

/** A list whose items are made when they are first read. */
function lazyList(size: number, item: (index: number) => EngineValue): CelList {
  const read: EngineValue[] = [];
  const get = (index: number): EngineValue | undefined => {
    if (!Number.isInteger(index) || index < 0 || index >= size) return undefined;
    read[index] ??= item(index);
    return read[index];
  };
  function* values(): IterableIterator<EngineValue> {
    for (let index = 0; index < size; index++) yield orThrow(get(index));
  }
  return { [LIST]: {}, size, get, values, [Symbol.iterator]: values } as unknown as CelList;
}

/**
 * A list that an expression made of two. Macros add one item after the other: the items are kept in one array, of which each list
 * sees as many as there were when it was made.
 */
class GrowingList {
  readonly [LIST] = {};
  readonly size: number;
  readonly #items: EngineValue[];

  constructor(items: EngineValue[]) {
    this.#items = items;
    this.size = items.length;
  }

  get(index: number): EngineValue | undefined {
    return index >= 0 && index < this.size ? this.#items[index] : undefined;
  }

  /** Only the longest of the lists that share an array may grow it. */
  with(items: readonly EngineValue[]): GrowingList {
    if (this.#items.length !== this.size) return new GrowingList([...this.#items.slice(0, this.size), ...items]);
    for (const item of items) this.#items.push(item);
    return new GrowingList(this.#items);
  }

  *values(): IterableIterator<CelValue> {
    for (let index = 0; index < this.size; index++) yield orThrow(this.#items[index]);
  }

  [Symbol.iterator](): IterableIterator<CelValue> {
    return this.values();
  }
}

/** One list after the other. */
export function appended(a: CelList, b: CelList): CelList {
  charge(b.size / 2);
  const added = rawItems(b);
  if (a instanceof GrowingList) return a.with(added) as unknown as CelList;
  charge(a.size / 2);
  return new GrowingList([...rawItems(a), ...added]) as unknown as CelList;
}

/** A list of values of the engine. */
export const listValue = (items: readonly CelValue[]): CelList => new GrowingList([...items]) as unknown as CelList;

const rawItems = (list: CelList): EngineValue[] =>
  Array.from({ length: list.size }, (_, i) => (list.get(i) ?? null) as EngineValue);

function orThrow(value: EngineValue | undefined): CelValue {
  if (value === undefined) return null;
  if (isError(value)) throw value;
  return value;
}

const isError = (value: unknown): value is CelError =>
  typeof value === "object" && value !== null && Symbol.for("@bufbuild/cel/error") in value;

interface NativeMap {
  readonly _map: ReadonlyMap<unknown, unknown>;
  get(key: unknown): unknown;
  has(key: unknown): boolean;
}

/** Whether a map has unsigned keys, by how many keys it had when that was found out. */
const unsigned = new WeakMap<object, { readonly size: number; readonly any: boolean }>();

function hasUnsignedKeys(map: ReadonlyMap<unknown, unknown>): boolean {
  const known = unsigned.get(map);
  if (known?.size === map.size) return known.any;
  let any = false;
  for (const key of map.keys()) {
    if (!isCelUint(key)) continue;
    any = true;
    break;
  }
  unsigned.set(map, { size: map.size, any });
  return any;
}

/**
 * The engine's own maps, written in an expression: `'a' in {'a': null}` is true in cel-go, and an integer that is not among their keys is
 * not looked for key by key where none of them is unsigned.
 */
export function mendNativeMaps(nativeMap: CelMap): void {
  const prototype = Object.getPrototypeOf(nativeMap) as NativeMap;
  const original = prototype.get;
  prototype.get = function get(this: NativeMap, key: unknown) {
    if (typeof key === "bigint" && !this._map.has(key) && !hasUnsignedKeys(this._map)) return undefined;
    return original.call(this, key);
  };
  prototype.has = function has(this: NativeMap, key: unknown) {
    return this.get(key) !== undefined;
  };
}
