import { type CelError, type CelValue, celError, isCelError, isCelList, isCelMap } from "@bufbuild/cel";

/**
 * Values of types that the engine does not know (a quantity, an address, an optional). To the engine they are maps without
 * entries, since a value must be of a kind that it knows; our own functions take them by their type, so that they neither
 * equal a map nor can be used as one.
 */
const MAP = Symbol.for("@bufbuild/cel/map");

const misuse = (type: string): CelError => celError(`no such overload: a ${type} has neither fields nor items`);

export class Opaque {
  readonly [MAP] = {};
  readonly size = 0;
  readonly type: string;
  readonly value: unknown;
  /** Two of a type are equal where these are; undefined where they cannot be compared. */
  readonly canonical: string | bigint | undefined;

  constructor(type: string, value: unknown, canonical: string | bigint | undefined) {
    this.type = type;
    this.value = value;
    this.canonical = canonical;
  }

  get(_key: unknown): CelValue | CelError | undefined {
    return misuse(this.type);
  }

  has(_key: unknown): boolean | CelError {
    return false;
  }

  keys(): never {
    throw misuse(this.type);
  }

  entries(): never {
    throw misuse(this.type);
  }

  values(): never {
    throw misuse(this.type);
  }

  forEach(): never {
    throw misuse(this.type);
  }

  [Symbol.iterator](): never {
    throw misuse(this.type);
  }
}

/** A value of a type of our own, as the engine takes it. */
export const opaque = (type: string, value: unknown, canonical?: string | bigint): CelValue =>
  new Opaque(type, value, canonical) as unknown as CelValue;

export const isOpaque = (value: unknown): value is Opaque => value instanceof Opaque;

/** What an opaque value of that type holds. @throws Error for any other value */
export function opaqueValue<T>(type: string, value: unknown): T {
  if (!isOpaque(value) || value.type !== type) throw new Error(`no such overload: this is no ${type}`);
  return value.value as T;
}

export const OPTIONAL = "optional_type";

/** Fields and items of an optional are optional themselves. */
class Optional extends Opaque {
  constructor(held: { readonly value: CelValue } | undefined) {
    super(OPTIONAL, held, undefined);
  }

  override get(key: unknown): CelValue | CelError {
    return selectOptional(this as unknown as CelValue, key as CelValue);
  }

  override has(key: unknown): boolean | CelError {
    const found = this.get(key);
    return isCelError(found) ? found : optionalValue(found) !== undefined;
  }
}

export const some = (value: CelValue): CelValue => new Optional({ value }) as unknown as CelValue;
export const NONE: CelValue = new Optional(undefined) as unknown as CelValue;

export const isOptionalValue = (value: unknown): boolean => isOpaque(value) && value.type === OPTIONAL;

/** What an optional holds; undefined where it holds nothing. @throws Error for a value that is no optional */
export const optionalValue = (value: CelValue): { readonly value: CelValue } | undefined =>
  opaqueValue<{ readonly value: CelValue } | undefined>(OPTIONAL, value);

/** `owner.?key` and `owner[?key]`, where the owner may be an optional itself. */
export function selectOptional(owner: CelValue, key: CelValue): CelValue | CelError {
  if (isOptionalValue(owner)) {
    const inner = optionalValue(owner);
    return inner ? selectOptional(inner.value, key) : NONE;
  }
  if (isOpaque(owner)) return NONE;
  if (isCelMap(owner))
    return found((owner as unknown as { get: (k: unknown) => CelValue | CelError | undefined }).get(key));
  if (isCelList(owner)) {
    const index = typeof key === "bigint" ? Number(key) : typeof key === "number" ? key : undefined;
    if (index === undefined) return celError("no such overload: the index of a list is a number");
    return found(owner.get(index) as CelValue | CelError | undefined);
  }
  return NONE;
}

const found = (value: CelValue | CelError | undefined): CelValue | CelError =>
  value === undefined ? NONE : isCelError(value) ? value : some(value);
