import { z } from "zod";
import { type Message, message } from "../../messages/message.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { namedPath } from "../../yaml/words.ts";
import { addressFault, parseRange, rangeFault } from "./addresses.ts";
import { type Inside, isNameInside, isRangeInside } from "./inside.ts";
import type { SourceFiles } from "./known.ts";
import { at, isJson, items, type Path, stringsOf } from "./placed.ts";
import { HOST_NAME } from "./values.ts";

/**
 * Island mode: what an environment refers to has to lie inside the country, so that it goes on when the country is cut off. All
 * texts of all files are looked at, each by the format that its schema states: a new key is looked at without anybody thinking
 * of it.
 */

/** The host or address that a text refers to; undefined where it refers to none. */
type Reference = (text: string) => string | undefined;

const itself: Reference = (text) => text;
const nothing: Reference = () => undefined;
const ofUrl: Reference = (text) => (URL.canParse(text) ? new URL(text).hostname.replace(/^\[|\]$/g, "") : undefined);
/** The registry of an image: what stands before the first slash, without its port. */
const ofImage: Reference = (text) => text.split("/")[0]?.replace(/:\d+$/, "");
/** Words for people name hosts, and refer to none, unless they are nothing but a host, with or without a port and path. */
function ofWords(text: string): string | undefined {
  if (/\s/.test(text)) return undefined;
  if (/^\w+:\/\//.test(text)) return ofUrl(text);
  if (isHost(text)) return text;
  const first = text.split(/[/:@]/)[0] ?? "";
  return isHost(first) ? first : undefined;
}

const isHost = (text: string): boolean =>
  HOST_NAME.test(text) || addressFault(text) === undefined || rangeFault(text) === undefined;

/** What a text of each format refers to. A format that is not here counts as words; a test holds all schemas against the list. */
export const REFERENCES: Readonly<Record<string, Reference>> = {
  "host-name": itself,
  host: itself,
  address: itself,
  cidr: itself,
  url: ofUrl,
  image: ofImage,
  "image-prefix": ofImage,
  text: ofWords,
  pattern: ofWords,
  // None of these can be a host: they hold no dot, or are files, quantities and days, or ids of this repository.
  name: nothing,
  "cluster-name": nothing,
  path: nothing,
  cpu: nothing,
  memory: nothing,
  duration: nothing,
  date: nothing,
  "rule-id": nothing,
  clause: nothing,
  classification: nothing,
  suffix: nothing,
  // Whom people write to; nothing that runs does.
  "e-mail": nothing,
};

/** A citation says where something was read, not where anything goes. */
const CITATIONS = new Set(["source"]);

/** Everything that a file refers to, with its place. */
export function referencesOf(schema: z.ZodType, value: unknown, path: Path = []): { path: Path; target: string }[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional || schema instanceof z.ZodNullable)
    return referencesOf(schema.unwrap() as z.ZodType, value, path);
  if (schema instanceof z.ZodObject)
    return isJson(value)
      ? Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, inner]) =>
          CITATIONS.has(key) ? [] : referencesOf(inner, value[key], [...path, key]),
        )
      : [];
  if (schema instanceof z.ZodArray)
    return Array.isArray(value)
      ? value.flatMap((item: unknown, i) => referencesOf(schema.element as z.ZodType, item, [...path, i]))
      : [];
  if (schema instanceof z.ZodRecord)
    return isJson(value)
      ? Object.entries(value).flatMap(([key, inner]) => [
          ...referencesOf(schema.keyType as z.ZodType, key, [...path, key]),
          ...referencesOf(schema.valueType as z.ZodType, inner, [...path, key]),
        ])
      : [];
  if (typeof value !== "string" || schema instanceof z.ZodEnum) return [];
  const reference = REFERENCES[String(schema.meta()?.["format"])] ?? ofWords;
  const target = reference(value);
  return target === undefined ? [] : [{ path, target }];
}

/** A file with the schema that it follows. */
export interface Followed {
  readonly source: SourceFile;
  readonly schema: z.ZodType;
}

/**
 * Everything outside the country that an island refers to; nothing where the environment is none.
 *
 * @param inside the catalogue's inside.yaml, undefined where it cannot be read
 */
export function islandFaults(
  { byKind: { environment } }: Pick<SourceFiles, "byKind">,
  inside: SourceFile | undefined,
  followed: readonly Followed[],
): Message[] {
  const [own] = at(environment, []);
  if (own?.value["island"] !== true) return [];
  if (!isJson(inside?.value)) return [message("BH1181", {}, own.source.valueAt(["island"]))];
  const known: Inside = {
    suffixes: [
      ...items(inside, ["names"]).flatMap(({ value }) => stringsOf(value["suffix"])),
      ...stringsOf(own.value["domain"]),
    ],
    ranges: items(inside, ["prefixes"]).flatMap(({ value }) => parseRange(String(value["range"])) ?? []),
  };
  return followed.flatMap(({ source, schema }) =>
    referencesOf(schema, source.value)
      .filter(({ target }) => isOutside(target, known))
      .map(({ path, target }) =>
        message("BH1180", { path: namedPath(source.value, path), target }, source.valueAt(path)),
      ),
  );
}

/** What is neither a name nor an address has a fault of its own. */
function isOutside(target: string, inside: Inside): boolean {
  const range = parseRange(target) ?? parseRange(`${target}/${target.includes(":") ? 128 : 32}`);
  if (range) return !isRangeInside(range, inside);
  return HOST_NAME.test(target) && !isNameInside(target, inside);
}
