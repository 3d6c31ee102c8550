import type { CelList, CelValue } from "@bufbuild/cel";
import { charge, traversal } from "../budget.ts";
import { itemsOf } from "../equality.ts";
import { type Declaration, declare } from "./declaration.ts";
import { formatted } from "./formatting.ts";

/**
 * Strings. Positions count code points, where JavaScript and the engine count UTF-16 units. Source: cel-go, ext/strings.go,
 * version 2; version 0 before Kubernetes 1.29.
 */
const always = declare("1.0");
const v2 = declare("1.29");

export const STRINGS: readonly Declaration[] = [
  always("string.charAt(int): string", (text: string, at: bigint) => {
    const all = points(text);
    return all[position(at, all.length)] ?? "";
  }),
  always("string.indexOf(string): int", (text: string, part: string) => find(text, part, 0n)),
  always("string.indexOf(string, int): int", find),
  always("string.lastIndexOf(string): int", (text: string, part: string) =>
    part === "" ? BigInt(points(text).length) : findLast(text, part, BigInt(Math.max(points(text).length - 1, 0))),
  ),
  always("string.lastIndexOf(string, int): int", findLast),
  always("string.lowerAscii(): string", (text: string) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())),
  always("string.upperAscii(): string", (text: string) => text.replace(/[a-z]+/g, (part) => part.toUpperCase())),
  always("string.replace(string, string): string", (text: string, from: string, to: string) =>
    replace(text, from, to, -1n),
  ),
  always("string.replace(string, string, int): string", replace),
  always("string.split(string): list(string)", (text: string, separator: string) => split(text, separator, -1n)),
  always("string.split(string, int): list(string)", split),
  always("string.substring(int): string", (text: string, from: bigint) => {
    const all = points(text);
    return all.slice(position(from, all.length)).join("");
  }),
  always("string.substring(int, int): string", (text: string, from: bigint, to: bigint) => {
    if (from > to) throw new Error(`invalid substring range. start: ${from}, end: ${to}`);
    const all = points(text);
    return all.slice(position(from, all.length), position(to, all.length)).join("");
  }),
  always("string.trim(): string", trimmed),
  always("list(string).join(): string", (list: CelList) => join(list, "")),
  always("list(string).join(string): string", join),
  v2("string.format(list(dyn)): string", (text: string, list: CelList) => formatted(text, itemsOf(list))),
  v2("strings.quote(string): string", (text: string) => `"${text.replace(ESCAPED, (c) => ESCAPES[c] ?? c)}"`),
];

/** What Go takes for white space, which lacks U+FEFF and has U+0085. */
const SPACE = "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const IS_SPACE = new RegExp(`^${SPACE}$`);

/** From both ends inward: a pattern would try each blank within the text for the beginning of the end. */
function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && IS_SPACE.test(text[from] ?? "")) from++;
  while (to > from && IS_SPACE.test(text[to - 1] ?? "")) to--;
  return text.slice(from, to);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const ESCAPED = /[\u0007\b\f\n\r\t\v\\"]/g;

const points = (text: string): string[] => Array.from(text);

function position(index: bigint, size: number): number {
  if (index < 0n || index > BigInt(size)) throw new Error(`index out of range: ${index}`);
  return Number(index);
}

/** Index in code points of `part`, at or after `from`; -1 where there is none, or where `from` lies behind the text. */
function find(text: string, part: string, from: bigint): bigint {
  if (part === "") return from;
  if (from < 0n) throw new Error(`index out of range: ${from}`);
  const all = points(text);
  if (from >= BigInt(all.length)) return -1n;
  const unit = text.indexOf(part, all.slice(0, Number(from)).join("").length);
  return unit < 0 ? -1n : BigInt(points(text.slice(0, unit)).length);
}

/** Index in code points of the last `part` that begins at or before `from`. */
function findLast(text: string, part: string, from: bigint): bigint {
  if (part === "") return from;
  if (from < 0n) throw new Error(`index out of range: ${from}`);
  const all = points(text);
  if (from >= BigInt(all.length)) return -1n;
  const unit = text.lastIndexOf(part, all.slice(0, Number(from)).join("").length);
  return unit < 0 ? -1n : BigInt(points(text.slice(0, unit)).length);
}

/** The first `limit` occurrences, all of them where it is negative. An empty `from` lies before each code point and at the end. */
function replace(text: string, from: string, to: string, limit: bigint): string {
  if (limit === 0n) return text;
  const parts = from === "" ? ["", ...points(text), ""] : text.split(from);
  // Between parts, except that an empty pattern puts nothing between its artificial first part and the text.
  const gaps = limit < 0n ? parts.length - 1 : Math.min(Number(limit), parts.length - 1);
  charge(traversal(text.length + gaps * to.length));
  return parts.map((part, i) => (i === 0 ? part : `${i <= gaps ? to : from}${part}`)).join("");
}

/** At most `limit` parts, the last holding the rest; all of them where it is negative. */
function split(text: string, separator: string, limit: bigint): readonly string[] {
  const parts = separator === "" ? points(text) : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return parts;
  const count = Number(limit);
  return count === 0 ? [] : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function join(list: CelList, separator: string): string {
  const items = itemsOf(list);
  const size = items.reduce((sum: number, item) => sum + text(item).length + separator.length, 0);
  charge(traversal(size));
  return items.join(separator);
}

function text(item: CelValue): string {
  if (typeof item !== "string") throw new Error("join: invalid input: an item is no string");
  return item;
}
