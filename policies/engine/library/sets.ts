import type { CelList, CelValue } from "@bufbuild/cel";
import { itemsOf } from "../equality.ts";
import { type Declaration, declare } from "./declaration.ts";
import { same } from "./ordering.ts";

/** Lists taken for sets. Source: cel-go, ext/sets.go. */
const since = declare("1.29");

const has = (items: readonly CelValue[], item: CelValue): boolean => items.some((other) => same(other, item));
const contains = (list: CelList, part: CelList): boolean => {
  const items = itemsOf(list);
  return itemsOf(part).every((item) => has(items, item));
};

export const SETS: readonly Declaration[] = [
  since("sets.contains(list(T), list(T)): bool", contains),
  since("sets.equivalent(list(T), list(T)): bool", (a: CelList, b: CelList) => contains(a, b) && contains(b, a)),
  since("sets.intersects(list(T), list(T)): bool", (a: CelList, b: CelList) => {
    const items = itemsOf(b);
    return itemsOf(a).some((item) => has(items, item));
  }),
];
