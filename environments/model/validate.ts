import { z } from "zod";
import { type Message, message } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import { formatRange, parseRange } from "./addresses.ts";
import { FILE_SCHEMAS, type FileKind, type Format } from "./schema.ts";
import type { SourceFile } from "./source.ts";

type Path = readonly PropertyKey[];

/** Checks a file against its schema. The value comes back also where it has faults, for what still can be checked. */
export function validate(source: SourceFile, kind: FileKind): Message[] {
  const schema = FILE_SCHEMAS[kind];
  const result = schema.safeParse(source.value, { reportInput: true });
  const faults = result.success ? [] : result.error.issues.flatMap((issue) => messagesOf(issue, source, schema));
  return [...faults, ...ranges(source, schema, source.value, [])];
}

function messagesOf(issue: z.core.$ZodIssue, source: SourceFile, schema: z.ZodType): Message[] {
  const { path } = issue;
  const at = source.valueAt(path);
  const params = { path: path.map(String).join("."), value: shown(issue.input) };
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = Object.keys(shapeOf(schemaAt(schema, path)) ?? {});
      return issue.keys.map((key) => {
        const meant = nearest(key, known);
        const hint = meant ? `did you mean '${meant}'?` : `known here: ${known.join(", ")}`;
        return message("BH1010", { key, hint }, source.keyAt(path, key));
      });
    }
    case "invalid_type": {
      const key = String(path.at(-1) ?? "");
      if (issue.input === undefined) {
        const hint = hintOf(schemaAt(schema, path)) ?? "…";
        return [message("BH1012", { key, hint: `${key}: ${hint}` }, source.valueAt(path.slice(0, -1)))];
      }
      const quoted = issue.expected === "string" && typeof issue.input !== "object";
      const hint = quoted
        ? `put it in quotes: "${shown(issue.input)}"`
        : (hintOf(schemaAt(schema, path)) ?? "see docs/environments.md");
      return [
        message(
          "BH1011",
          { ...params, wanted: typeName(issue.expected), got: typeName(typeOf(issue.input)), hint },
          at,
        ),
      ];
    }
    case "invalid_value": {
      const allowed = issue.values.map(String);
      if (issue.input === undefined) {
        const key = String(path.at(-1) ?? "");
        return [message("BH1012", { key, hint: `${key}: ${allowed.join(" | ")}` }, source.valueAt(path.slice(0, -1)))];
      }
      const meant = nearest(String(issue.input), allowed);
      const hint = meant ? `did you mean '${meant}'?` : "use one of them";
      return [message("BH1013", { ...params, allowed: allowed.join(", "), hint }, at)];
    }
    case "invalid_key":
      return [
        malformed("rule-id", String(path.at(-1)), params.path, source.keyAt(path.slice(0, -1), String(path.at(-1)))),
      ];
    case "too_small":
      return [message("BH1014", { ...params, allowed: `at least ${issue.minimum}` }, at)];
    case "too_big":
      return [message("BH1014", { ...params, allowed: `at most ${issue.maximum}` }, at)];
    default: {
      const format = schemaAt(schema, path)?.meta()?.["format"] as Format | undefined;
      return [malformed(format, params.value, params.path, at, hintOf(schemaAt(schema, path)))];
    }
  }
}

/** The message of each format; `undefined` for a pattern without a format of its own. */
function malformed(
  format: Format | undefined,
  value: string,
  path: string,
  at: Message["position"],
  hint = "see docs/environments.md",
): Message {
  switch (format) {
    case "name":
      return message("BH1020", { value }, at);
    case "host-name":
      return message("BH1021", { value }, at);
    case "cidr":
      return message("BH1022", { value, hint: "write an address and its prefix length, e.g. 10.20.0.0/16" }, at);
    case "quantity":
      return message("BH1023", { value }, at);
    case "duration":
      return message("BH1024", { value }, at);
    case "image":
      return message("BH1025", { value, hint: imageHint(value) }, at);
    case "image-prefix":
      return message("BH1026", { value }, at);
    case "rule-id":
      return message("BH1028", { value, hint: "write <family>/<rule>, e.g. network/no-node-port" }, at);
    default:
      return message("BH1027", { value, path, hint }, at);
  }
}

function imageHint(value: string): string {
  if (!/@sha256:[0-9a-f]{64}$/.test(value)) return "end it in '@sha256:' and the image's 64 hexadecimal digits";
  if (!/^[^/]+[.:][^/]*\//.test(value)) return "begin it with the registry's host, e.g. 'registry.example.gov.bd/'";
  return "write registry/path@sha256:digest in lower case";
}

/** A range may have the right shape and still be none: 10.0.0.999/8, 10.0.0.0/99, or 10.0.0.1/8 with host bits set. */
function ranges(source: SourceFile, schema: z.ZodType | undefined, value: unknown, path: Path): Message[] {
  if (value === null || value === undefined || !schema) return [];
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([key, inner]) => {
      const step = Array.isArray(value) ? Number(key) : key;
      return ranges(source, childOf(schema, step), inner, [...path, step]);
    });
  }
  if (schema.meta()?.["format"] !== "cidr" || typeof value !== "string" || !schema.safeParse(value).success) return [];
  const range = parseRange(value);
  if (!range) return [malformed("cidr", value, "", source.valueAt(path))];
  const network = formatRange(range);
  return value.split("/")[0]?.includes(":") || network === value
    ? []
    : [message("BH1022", { value, hint: `the network is ${network}` }, source.valueAt(path))];
}

/** The schema of the value at a path. */
function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let here: z.ZodType | undefined = schema;
  for (const part of path) here = here && childOf(here, part);
  return here;
}

function childOf(schema: z.ZodType, part: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  const shape = shapeOf(schema);
  return shape && Object.hasOwn(shape, part) ? shape[String(part)] : undefined;
}

const shapeOf = (schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined =>
  schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : undefined;

function hintOf(schema: z.ZodType | undefined): string | undefined {
  const meta = schema?.meta() as { description?: string; examples?: unknown[] } | undefined;
  const example = meta?.examples?.[0];
  return example === undefined ? meta?.description?.replace(/\.$/, "") : `e.g. ${JSON.stringify(example)}`;
}

const typeOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

const typeName = (type: string): string =>
  ({
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a mapping of keys to values",
    record: "a mapping of keys to values",
    null: "nothing",
  })[type] ?? type;

const shown = (value: unknown): string => {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length > 100 ? `${text.slice(0, 97)}…` : text;
};
