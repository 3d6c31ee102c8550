import { type Message, message, type Position } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { namedPath } from "../../yaml/words.ts";
import { overlaps, parseRange, type Range } from "./addresses.ts";

/**
 * Values of files that may have faults, each with the place where it stands, and the checks that every list of them shares.
 * Whatever has the right type can be checked; what has not is told by its file's schema.
 */

export type Json = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];

/** A value together with the file and path that it stands at. */
export interface Placed<T = Json> {
  readonly value: T;
  readonly source: SourceFile;
  readonly path: Path;
}

/** Names that can be referred to; undefined where the list of them could not be read, so that nothing is known to dangle. */
export type Names = { readonly sound: readonly string[]; readonly someFaulty: boolean } | undefined;

export const isJson = (x: unknown): x is Json => typeof x === "object" && x !== null && !Array.isArray(x);
export const stringsOf = (x: unknown): string[] => (typeof x === "string" ? [x] : []);
export const positionOf = ({ source, path }: Placed<unknown>, ...more: Path): Position =>
  source.valueAt([...path, ...more]);
export const spot = (p: Position): string => `${p.file}:${p.line}:${p.column}`;

/** The mapping at a path of a file, in a list of one, or none. */
export function at(source: SourceFile | undefined, path: Path): Placed[] {
  const value = path.reduce<unknown>((v, key) => (isJson(v) ? v[String(key)] : undefined), source?.value);
  return source && isJson(value) ? [{ value, source, path }] : [];
}

/** The mappings of a list at a path of a file. */
export function items(source: SourceFile | undefined, path: Path): Placed[] {
  const parent = at(source, path.slice(0, -1))[0];
  return parent ? within(parent, String(path.at(-1))) : [];
}

export function within({ value, source, path }: Placed, key: string): Placed[] {
  const list = value[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, i) => (isJson(item) ? [{ value: item, source, path: [...path, key, i] }] : []));
}

export const isList = (source: SourceFile | undefined, path: Path): boolean =>
  at(source, path.slice(0, -1)).some(({ value }) => Array.isArray(value[String(path.at(-1))]));

export function namesIn(source: SourceFile | undefined, path: Path, pattern: RegExp): Names {
  const list = at(source, path.slice(0, -1))[0]?.value[String(path.at(-1))];
  return Array.isArray(list) ? namesOf(list, pattern) : undefined;
}

export function namesOf(list: readonly unknown[], pattern: RegExp): NonNullable<Names> {
  const sound = list.flatMap((item) => (isJson(item) ? stringsOf(item["name"]) : [])).filter((n) => pattern.test(n));
  return { sound, someFaulty: sound.length < list.length };
}

export function duplicates(list: readonly Placed[], key: string): Message[] {
  const first = new Map<string, Position>();
  return list.flatMap((item) =>
    stringsOf(item.value[key]).flatMap((name) => {
      const earlier = first.get(name);
      if (earlier) return [message("BH1030", { name, first: spot(earlier) }, positionOf(item, key))];
      first.set(name, positionOf(item, key));
      return [];
    }),
  );
}

export function refers(item: Placed, key: string, kind: string, known: Names, owner = ""): Message[] {
  return stringsOf(item.value[key]).flatMap((value) => dangling(item, [key], value, kind, known, owner));
}

export function refersEach(item: Placed, key: string, kind: string, known: Names): Message[] {
  const list = item.value[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((value: unknown, i) =>
    stringsOf(value).flatMap((name) => dangling(item, [key, i], name, kind, known)),
  );
}

export function dangling(item: Placed, more: Path, value: string, kind: string, known: Names, owner = ""): Message[] {
  if (known === undefined || known.sound.includes(value)) return [];
  // It may well name the one whose name is faulty, which has a message of its own.
  if (known.someFaulty && nearest(value, known.sound) === undefined) return [];
  const params = {
    path: namedPath(item.source.value, [...item.path, more[0] ?? ""]),
    what: `${kind} '${value}'${owner}`,
    hint: nearestHint(value, known.sound) ?? `there is no ${kind} yet${owner}`,
  };
  return [message("BH1031", params, positionOf(item, ...more))];
}

export function nearestHint(value: string, known: readonly string[]): string | undefined {
  const meant = nearest(value, known);
  if (meant !== undefined) return `did you mean '${meant}'?`;
  return known.length > 0 ? `there are: ${known.join(", ")}` : undefined;
}

/** Whatever is said to be public names the public text that says it. */
export function unsourcedFacts(source: SourceFile): Message[] {
  const walk = (value: unknown, path: Path): Message[] => {
    if (Array.isArray(value)) return value.flatMap((item, i) => walk(item, [...path, i]));
    if (!isJson(value)) return [];
    const below = Object.entries(value).flatMap(([key, inner]) => walk(inner, [...path, key]));
    return value["basis"] === "public" && value["source"] === undefined
      ? [message("BH1080", {}, source.valueAt([...path, "basis"])), ...below]
      : below;
  };
  return walk(source.value, []);
}

export interface PlacedRange {
  readonly text: string;
  readonly range: Range;
  readonly owner: string;
  readonly label: string;
  readonly position: Position;
}

export function placedRange(item: Placed, key: string, owner: string, label = owner): PlacedRange[] {
  return stringsOf(item.value[key]).flatMap((text) => {
    const range = parseRange(text);
    return range ? [{ text, range, owner, label, position: positionOf(item, key) }] : [];
  });
}

/** Ranges of CIDRs nest or are apart, so in order of their first addresses each overlaps what encloses it, if anything. */
export function overlapping(all: readonly PlacedRange[]): Message[] {
  const ordered = all
    .map((placed, order) => ({ ...placed, order }))
    .sort(
      (a, b) =>
        a.range.bits - b.range.bits ||
        (a.range.first < b.range.first ? -1 : a.range.first > b.range.first ? 1 : 0) ||
        a.range.prefix - b.range.prefix ||
        a.order - b.order,
    );
  const enclosing: (typeof ordered)[number][] = [];
  return ordered.flatMap((here) => {
    let around = enclosing.at(-1);
    while (around && !overlaps(around.range, here.range)) {
      enclosing.pop();
      around = enclosing.at(-1);
    }
    enclosing.push(here);
    if (!around) return [];
    const [earlier, later] = around.order < here.order ? [around, here] : [here, around];
    const params = { value: later.text, other: earlier.text, path: earlier.label, where: spot(earlier.position) };
    return [message("BH1032", params, later.position)];
  });
}
