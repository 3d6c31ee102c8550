import { z } from "zod";
import { type Message, message, type Position } from "../messages/message.ts";
import { nearest } from "../messages/nearest.ts";
import type { FormatRule, Formats } from "./formats.ts";
import type { SourceFile } from "./source.ts";
import { namedPath, yaml } from "./words.ts";

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** What a file holds by its schema: `data` where it has no fault. */
export type Validated<T> =
  | { readonly messages: readonly []; readonly data: T }
  | { readonly messages: readonly Message[]; readonly data?: undefined };

/**
 * Checks a file against its schema.
 *
 * @param formats how to tell a text that does not have the format that its schema states; a format that is not among them
 *   is told by the schema's own description
 */
export function validate<S extends z.ZodType>(source: SourceFile, schema: S, formats: Formats): Validated<z.infer<S>> {
  const result = schema.safeParse(source.value, { reportInput: true });
  if (result.success) return { messages: [], data: result.data };
  const { issues } = result.error;
  const mistyped = new Set(issues.flatMap((issue) => meantKeys(issue, schema)));
  // A mistyped key is told once: as what it was meant to be, not also as missing.
  const told = issues.filter((issue) => !(isMissing(issue) && mistyped.has(pathKey(issue.path))));
  return { messages: told.flatMap((issue) => messagesOf(issue, source, schema, formats)) };
}

const pathKey = (path: Path): string => JSON.stringify(path.map(String));

const isMissing = (issue: Issue): boolean =>
  (issue.code === "invalid_type" || issue.code === "invalid_value") && issue.input === undefined;

/** The paths that a mapping's unknown keys were meant to be. */
function meantKeys(issue: Issue, schema: z.ZodType): string[] {
  if (issue.code !== "unrecognized_keys") return [];
  const known = keysAt(schema, issue.path);
  return issue.keys.flatMap((key) => {
    const meant = nearest(key, known);
    return meant === undefined ? [] : [pathKey([...issue.path, meant])];
  });
}

function messagesOf(issue: Issue, source: SourceFile, schema: z.ZodType, formats: Formats): Message[] {
  const here = schemaAt(schema, issue.path);
  const at = source.valueAt(issue.path);
  const params = { path: namedPath(source.value, issue.path), value: shown(issue.input, source.textAt(issue.path)) };
  if (isMissing(issue)) return [missing(String(issue.path.at(-1)), here, at)];
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, issue.path);
      return issue.keys.map((key) => {
        const meant = nearest(key, known);
        const hint = meant ? `did you mean '${meant}'?` : `known here: ${known.join(", ")}`;
        return message("BH1010", { key, hint }, source.keyAt(issue.path, key));
      });
    }
    case "invalid_type": {
      const wanted = typeName(here instanceof z.ZodNumberFormat ? "int" : issue.expected);
      const got = typeName(typeOf(issue.input));
      const hint = typeHint(issue.expected, issue.input, params.value, here);
      return [message("BH1011", { ...params, wanted, got, hint }, at)];
    }
    case "invalid_value": {
      const allowed = issue.values.map(String);
      const meant = nearest(params.value, allowed);
      const hint = meant ? `did you mean '${meant}'?` : "use one of them";
      return [message("BH1013", { ...params, allowed: allowed.join(", "), hint }, at)];
    }
    case "invalid_key": {
      const key = String(issue.path.at(-1));
      const record = schemaAt(schema, issue.path.slice(0, -1));
      const keys = record instanceof z.ZodRecord ? (record.keyType as z.ZodType) : undefined;
      const at = source.keyAt(issue.path.slice(0, -1), key);
      return [malformed(formatOf(keys), key, params.path, at, formats, keys)];
    }
    case "too_small":
    case "too_big":
      return [message("BH1014", { ...params, ...rangeOf(issue, here) }, at)];
    default:
      return [malformed(formatOf(here), String(issue.input), params.path, at, formats, here)];
  }
}

function missing(key: string, schema: z.ZodType | undefined, at: Position): Message {
  const words = enumOf(schema);
  const keys = requiredKeys(schema);
  const example = exampleOf(schema);
  const hint = words
    ? `'${key}: …', one of ${words.join(", ")}`
    : keys.length > 0
      ? `'${key}:' and below it ${keys.join(", ")}`
      : example !== undefined
        ? `it, e.g. '${key}: ${yaml(example)}'`
        : schema instanceof z.ZodArray
          ? `'${key}:' and below it a list, or '${key}: []' where there is none`
          : schema instanceof z.ZodRecord
            ? `'${key}: {}', or '${key}:' and below it what differs`
            : `'${key}: …': ${descriptionOf(schema) ?? "docs/environments.md says what it holds"}`;
  return message("BH1012", { key, hint }, at);
}

const requiredKeys = (schema: z.ZodType | undefined): string[] =>
  Object.entries(shapeOf(schema) ?? {})
    .filter(([, value]) => !value.safeParse(undefined).success)
    .map(([key]) => key);

function malformed(
  format: string,
  value: string,
  path: string,
  at: Position,
  formats: Formats,
  schema?: z.ZodType,
): Message {
  const [code, hint] = formats[format] ?? PATTERN;
  return message(code, { value: shown(value), path, hint: hint(value, schema) }, at);
}

const PATTERN: FormatRule = ["BH1027", (_, schema) => patternHint(schema)];

const formatOf = (schema: z.ZodType | undefined): string => String(schema?.meta()?.["format"] ?? "pattern");

function patternHint(schema: z.ZodType | undefined): string {
  const example = exampleOf(schema);
  const description = descriptionOf(schema) ?? "see docs/environments.md";
  return example === undefined ? description : `${description}, e.g. ${yaml(example)}`;
}

function typeHint(expected: string, input: unknown, written: string, schema: z.ZodType | undefined): string {
  const example = exampleOf(schema);
  const like = example === undefined ? "" : `, e.g. ${yaml(example)}`;
  if (input === null && schema instanceof z.ZodArray) return "write its entries below it, or [] for none";
  if (input === null && takesScalar(expected)) return `write a value after the colon${like}`;
  const scalar = typeof input !== "object";
  switch (expected) {
    case "string":
      if (scalar) return `put it in quotes: "${written}"`;
      return `write it in one line${like}`;
    case "number":
    case "int":
      if (typeof input === "string" && /^\d+$/.test(input)) return `write it without quotes: ${input}`;
      return `write a whole number${like}`;
    case "boolean":
      return "write true or false, without quotes";
    case "array":
      return scalar && schema instanceof z.ZodArray && !shapeOf(schema.element as z.ZodType)
        ? `write it as a list: [${written}]`
        : "begin each entry with '- '";
    case "object":
    case "record": {
      const keys = requiredKeys(schema);
      return keys.length > 0
        ? `write its keys below it: ${keys.join(", ")}`
        : "write 'key: value' lines, or {} for none";
    }
    default:
      return "see docs/environments.md";
  }
}

const takesScalar = (expected: string): boolean => !["array", "object", "record"].includes(expected);

/** A number's whole range, where its schema knows it, or how many entries a list takes. */
function rangeOf(issue: Issue, schema: z.ZodType | undefined): { value?: string; allowed: string; hint: string } {
  const bound =
    issue.code === "too_small"
      ? `at least ${issue.minimum}`
      : issue.code === "too_big"
        ? `at most ${issue.maximum}`
        : "see docs/environments.md";
  if (schema instanceof z.ZodArray) return { value: "an empty list", allowed: `${bound} entry`, hint: "add one" };
  if (schema instanceof z.ZodNumber && schema.minValue !== null && schema.maxValue !== null) {
    return { allowed: `${schema.minValue} to ${schema.maxValue}`, hint: "choose a number in range" };
  }
  return { allowed: bound, hint: "choose a number in range" };
}

/** The schema of the value at a path. */
function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let here: z.ZodType | undefined = schema;
  for (const part of path) here = here && present(childOf(here, part));
  return here;
}

/** The schema of a value that need not be there, for where it is. */
const present = (schema: z.ZodType | undefined): z.ZodType | undefined =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional ? (schema.unwrap() as z.ZodType) : schema;

function childOf(schema: z.ZodType, part: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  const shape = shapeOf(schema);
  return shape && Object.hasOwn(shape, part) ? shape[String(part)] : undefined;
}

const shapeOf = (schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined =>
  schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : undefined;

const keysAt = (schema: z.ZodType, path: Path): string[] => Object.keys(shapeOf(schemaAt(schema, path)) ?? {});

const enumOf = (schema: z.ZodType | undefined): string[] | undefined =>
  schema instanceof z.ZodEnum ? schema.options.map(String) : undefined;

const exampleOf = (schema: z.ZodType | undefined): unknown => {
  const examples = schema?.meta()?.["examples"];
  return Array.isArray(examples) ? examples[0] : undefined;
};

const descriptionOf = (schema: z.ZodType | undefined): string | undefined => {
  const words = schema?.meta()?.description?.replace(/\.$/, "");
  return words && words.charAt(0).toLowerCase() + words.slice(1);
};

const typeOf = (value: unknown): string =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "array"
      : typeof value !== "number"
        ? typeof value
        : Number.isInteger(value)
          ? "number"
          : Number.isFinite(value)
            ? "float"
            : "infinite";

const typeName = (type: string): string =>
  ({
    string: "text",
    number: "a number",
    int: "a whole number",
    float: "a number that is not whole",
    infinite: "no finite number",
    boolean: "true or false",
    array: "a list",
    object: "a mapping of keys to values",
    record: "a mapping of keys to values",
    null: "nothing",
  })[type] ?? type;

const shown = (value: unknown, written?: string): string =>
  written ?? (typeof value === "string" ? value : value === null ? "nothing" : (JSON.stringify(value) ?? "nothing"));
