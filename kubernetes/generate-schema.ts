import type { KindInfo } from "./kinds.ts";
import type { CompactSchema } from "./schema.ts";

/** Fetches a path of an API server (`/openapi/v3/…`) and gives its JSON. */
export type FetchJson = (path: string) => Promise<unknown>;

export interface GeneratedSchema {
  /** What `schema.generated.json` holds. */
  readonly schema: CompactSchema;
  /** What `kinds.generated.json` holds, by `apiVersion/Kind`. */
  readonly kinds: Readonly<Record<string, KindInfo>>;
}

interface OpenApiType {
  readonly $ref?: string;
  readonly allOf?: readonly OpenApiType[];
  readonly oneOf?: readonly OpenApiType[];
  readonly type?: string;
  readonly format?: string;
  readonly items?: OpenApiType;
  readonly additionalProperties?: OpenApiType | boolean;
  readonly properties?: Readonly<Record<string, OpenApiType>>;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-group-version-kind"?: readonly GroupVersionKind[];
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface OpenApiDocument {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, OpenApiType>> };
}

interface Operation {
  readonly "x-kubernetes-group-version-kind"?: GroupVersionKind;
}

const REFERENCE = "#/components/schemas/";

/** Types that the API describes by a name of their own but that are one value in JSON. */
const SCALARS: Readonly<Record<string, string>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "time",
};

/**
 * Reads the field schema and the kinds of every group and version that an API server serves, from its own OpenAPI v3
 * documents. Sorted, so that the same server gives the same bytes.
 */
export async function generateKubernetesSchema(fetchJson: FetchJson): Promise<GeneratedSchema> {
  const index = (await fetchJson("/openapi/v3")) as { paths: Record<string, { serverRelativeURL: string }> };
  const groupVersions = Object.keys(index.paths)
    .filter((path) => /^(api\/v1|apis\/[^/]+\/[^/]+)$/.test(path))
    .sort();
  const kinds: Record<string, KindInfo> = {};
  const roots: Record<string, string> = {};
  const schemas = new Map<string, OpenApiType>();
  for (const path of groupVersions) {
    const document = (await fetchJson(index.paths[path]?.serverRelativeURL ?? "")) as OpenApiDocument;
    for (const [name, type] of Object.entries(document.components?.schemas ?? {})) schemas.set(name, type);
    Object.assign(kinds, kindsOf(document));
  }
  for (const [name, type] of schemas) {
    for (const gvk of type["x-kubernetes-group-version-kind"] ?? []) {
      const key = kindKey(gvk);
      if (key in kinds) roots[key] = shortName(name);
    }
  }
  return { schema: { kinds: sorted(roots), types: sorted(reachable(roots, schemas)) }, kinds: sorted(kinds) };
}

function kindsOf(document: OpenApiDocument): Record<string, KindInfo> {
  const kinds: Record<string, KindInfo> = {};
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    const match = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)\/(namespaces\/\{namespace\}\/)?([^/{]+)$/.exec(path);
    const plural = match?.[2];
    const gvk = (operations.post ?? operations.get)?.["x-kubernetes-group-version-kind"];
    if (!match || !plural || !gvk) continue;
    const key = kindKey(gvk);
    kinds[key] = { plural, namespaced: match[1] !== undefined || kinds[key]?.namespaced === true };
  }
  return kinds;
}

const kindKey = ({ group, version, kind }: GroupVersionKind): string =>
  group ? `${group}/${version}/${kind}` : `${version}/${kind}`;

const shortName = (name: string): string =>
  name
    .replace(/^io\.k8s\.api\./, "")
    .replace(/^io\.k8s\.apimachinery\.pkg\.apis\./, "")
    .replace(/^io\.k8s\.(kube-aggregator|apiextensions-apiserver)\.pkg\.apis\./, "");

/** Every type that an object of the kinds can hold, by its short name. */
function reachable(roots: Record<string, string>, schemas: ReadonlyMap<string, OpenApiType>) {
  const byShortName = new Map([...schemas].map(([name, type]) => [shortName(name), type] as const));
  const found: Record<string, Record<string, string>> = {};
  const visit = (name: string): void => {
    const properties = byShortName.get(name)?.properties;
    if (name in found || !properties) return;
    const fields = mapValues(properties, (type) => describeType(type, schemas));
    found[name] = sorted(fields);
    for (const field of Object.values(fields)) {
      const reference = /@(.+)$/.exec(field)?.[1];
      if (reference) visit(reference);
    }
  };
  for (const root of Object.values(roots)) visit(root);
  return found;
}

/** One type as `schema.ts` documents it: `string`, `[]@core.v1.Container`, `{}quantity` … */
function describeType(type: OpenApiType, schemas: ReadonlyMap<string, OpenApiType>): string {
  const reference = type.$ref ?? type.allOf?.[0]?.$ref;
  if (reference) {
    const name = reference.slice(REFERENCE.length);
    const scalar = SCALARS[name];
    if (scalar) return scalar;
    return schemas.get(name)?.properties ? `@${shortName(name)}` : "any";
  }
  if (type.type === "array" && type.items) {
    return `[${listMark(type)}]${describeType(type.items, schemas)}`;
  }
  if (type.type === "object" && typeof type.additionalProperties === "object") {
    return `{}${describeType(type.additionalProperties, schemas)}`;
  }
  if (type.type === "string") return type.format === "byte" ? "bytes" : "string";
  if (type.type === "integer" || type.type === "boolean" || type.type === "number") return type.type;
  return "any";
}

function listMark(type: OpenApiType): string {
  if (type["x-kubernetes-list-type"] === "set") return "*";
  return type["x-kubernetes-list-type"] === "map" ? (type["x-kubernetes-list-map-keys"] ?? []).join(",") : "";
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** The bytes of a generated file: one entry a line at the second level, so that a change of version reads as a diff. */
export function formatGenerated(value: object): string {
  const level = (record: object, indent: string, depth: number): string => {
    const lines = Object.entries(record).map(([key, entry]) => {
      const text = depth > 0 && isRecord(entry) ? level(entry, `${indent} `, depth - 1) : JSON.stringify(entry);
      return `${indent} ${JSON.stringify(key)}: ${text}`;
    });
    return `{\n${lines.join(",\n")}\n${indent}}`;
  };
  return `${level(value, "", Object.values(value).every((entry) => isShallow(entry)) ? 0 : 1)}\n`;
}

const isRecord = (value: unknown): value is object => typeof value === "object" && value !== null;
const isShallow = (value: unknown): boolean => !isRecord(value) || Object.values(value).every((v) => !isRecord(v));
