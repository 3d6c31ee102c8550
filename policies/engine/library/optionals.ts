import { type CelList, type CelMap, type CelValue, isCelUint } from "@bufbuild/cel";
import { itemsOf, typeNameOf } from "../equality.ts";
import { isOpaque, isOptionalValue, NONE, optionalValue, some } from "../opaque.ts";
import { type Declaration, declare } from "./declaration.ts";
import { nanosOf } from "./time.ts";

/** Values that may be absent. Source: cel-go, cel/library.go, common/types/optional.go. */
const since = declare("1.28");

const unwrapped = (list: CelList): readonly CelValue[] =>
  itemsOf(list).flatMap((item) => {
    const held = optionalValue(item);
    return held ? [held.value] : [];
  });

export const OPTIONALS: readonly Declaration[] = [
  since("optional.of(V): optional_type(V)", some),
  since("optional.none(): optional_type(V)", () => NONE),
  since("optional.ofNonZeroValue(V): optional_type(V)", (value: CelValue) => (isZero(value) ? NONE : some(value))),
  since("optional_type(V).hasValue(): bool", (value: CelValue) => optionalValue(value) !== undefined),
  since("optional_type(V).value(): V", (value: CelValue) => {
    const held = optionalValue(value);
    if (!held) throw new Error("optional.none() dereference");
    return held.value;
  }),
  // Lowered so that the other side is evaluated only where it is needed: see lower.ts.
  since("optional_type(V).or(optional_type(V)): optional_type(V)"),
  since("optional_type(V).orValue(V): V"),
  // These are evaluated under other names, since the planner takes them for its own: see lower.ts.
  since("_?._(dyn, string): optional_type(V)"),
  since("_[?_](list(V), int): optional_type(V)"),
  since("_[?_](optional_type(list(V)), int): optional_type(V)"),
  since("_[?_](map(K, V), K): optional_type(V)"),
  since("_[?_](optional_type(map(K, V)), K): optional_type(V)"),
  since("_[_](optional_type(list(V)), int): optional_type(V)"),
  since("_[_](optional_type(map(K, V)), K): optional_type(V)"),
  since("optional.unwrap(list(optional_type(V))): list(V)", unwrapped),
  since("list(optional_type(V)).unwrapOpt(): list(V)", unwrapped),
];

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === "" || value === 0n || value === 0) return true;
  if (isCelUint(value)) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (isOptionalValue(value)) return optionalValue(value) === undefined;
  if (isOpaque(value)) return false;
  const type = typeNameOf(value);
  return type === "list" || type === "map" ? (value as CelList | CelMap).size === 0 : nanosOf(value) === 0n;
}
