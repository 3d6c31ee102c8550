import { readFileSync } from "node:fs";

/**
 * The Kubernetes API's own field schema, as the API server 1.35 states it (`schema.generated.json`, written by
 * `generate-schema.ts`, proven by `schema.live.test.ts`).
 *
 * A field's type is one short text:
 *   `string` `integer` `number` `boolean`
 *   `bytes`           base64 text
 *   `quantity`        `500m`, `1Gi`
 *   `int-or-string`   `80` or `"25%"`
 *   `time`            RFC 3339
 *   `any`             free JSON
 *   `@core.v1.Pod`    a type of `types`
 *   `[]T`             a list; `[*]T` a list whose order says nothing;
 *                     `[name]T` a list whose items the API tells apart by these fields (comma-separated)
 *   `{}T`             a map from text
 */
export type TypeText = string;

export interface CompactSchema {
  /** The root type's name of each `apiVersion/Kind`. */
  readonly kinds: Readonly<Record<string, string>>;
  /** The fields of each type. */
  readonly types: Readonly<Record<string, Readonly<Record<string, TypeText>>>>;
}

export type Scalar =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "bytes"
  | "quantity"
  | "int-or-string"
  | "time"
  | "any";

/** A type text, taken apart. */
export type FieldType =
  | { readonly form: "scalar"; readonly scalar: Scalar }
  | { readonly form: "object"; readonly type: string; readonly fields: Readonly<Record<string, TypeText>> }
  /** `keys` are the fields that tell the items apart; empty where only the position does, or, in a set, the value. */
  | { readonly form: "list"; readonly item: TypeText; readonly keys: readonly string[]; readonly isSet: boolean }
  | { readonly form: "map"; readonly value: TypeText };

let loaded: CompactSchema | undefined;

/** The whole schema; read from disk at the first call. */
export function kubernetesSchema(): CompactSchema {
  loaded ??= JSON.parse(readFileSync(new URL("schema.generated.json", import.meta.url), "utf8")) as CompactSchema;
  return loaded;
}

const parsed = new Map<TypeText, FieldType>();

/** What a type text says. */
export function fieldType(text: TypeText): FieldType {
  const known = parsed.get(text);
  if (known) return known;
  const type = parse(text);
  parsed.set(text, type);
  return type;
}

function parse(text: TypeText): FieldType {
  if (text.startsWith("@")) {
    const type = text.slice(1);
    return { form: "object", type, fields: kubernetesSchema().types[type] ?? {} };
  }
  if (text.startsWith("{}")) return { form: "map", value: text.slice(2) };
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    const keys = text.slice(1, end);
    const isSet = keys === "*";
    return { form: "list", item: text.slice(end + 1), keys: keys && !isSet ? keys.split(",") : [], isSet };
  }
  return { form: "scalar", scalar: text as Scalar };
}

/** The type text of an object of a kind; undefined for kinds that the API server does not serve by itself. */
export function typeOfKind(apiVersion: string, kind: string): TypeText | undefined {
  const root = kubernetesSchema().kinds[`${apiVersion}/${kind}`];
  return root ? `@${root}` : undefined;
}

/**
 * The type at a path within a kind: `typeAt("apps/v1", "Deployment", ["spec", "template", "spec"])`. An index or a map's key
 * is any one step. Undefined where the kind is unknown or has no such field.
 */
export function typeAt(apiVersion: string, kind: string, path: readonly (string | number)[]): FieldType | undefined {
  let text = typeOfKind(apiVersion, kind);
  for (const step of path) {
    if (text === undefined) return undefined;
    const type = fieldType(text);
    if (type.form === "object") text = Object.hasOwn(type.fields, step) ? type.fields[step] : undefined;
    else if (type.form === "list") text = type.item;
    else if (type.form === "map") text = type.value;
    else if (type.scalar !== "any") return undefined;
  }
  return text === undefined ? undefined : fieldType(text);
}
