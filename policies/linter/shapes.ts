import { servedKinds } from "../../kubernetes/kinds.ts";
import { fieldType, type TypeText, typeOfKind } from "../../kubernetes/schema.ts";
import type { PolicySpec, ResourceRule } from "../engine/policy.ts";

/**
 * What a value of an expression can be, as far as the Kubernetes schema tells. A rule mostly speaks of several kinds, so that
 * each value is a union: a field is there where one of them has it.
 */
export type Shape =
  /** Nothing is known, so that everything is allowed. */
  | { readonly form: "any" }
  /** By the schema; `kind` where it is a whole object. */
  | { readonly form: "schema"; readonly text: TypeText; readonly kind?: string }
  /** An object of a kind that the schema does not know: only what every object has is known. */
  | { readonly form: "object" }
  | { readonly form: "list"; readonly item: Union }
  | { readonly form: "record"; readonly name?: string; readonly fields: Readonly<Record<string, Union>> };

/** No member: nothing that could have fields (null, an empty list's item). */
export type Union = readonly Shape[];

export const ANY: Union = [{ form: "any" }];
export const TEXT: Union = [{ form: "schema", text: "string" }];
export const COUNT: Union = [{ form: "schema", text: "integer" }];
export const TRUTH: Union = [{ form: "schema", text: "boolean" }];
export const schema = (text: TypeText | undefined): Union => (text ? [{ form: "schema", text }] : ANY);
export const record = (name: string, fields: Readonly<Record<string, Union>>): Union => [
  { form: "record", name, fields },
];

/** Each shape once. */
export function union(...unions: readonly Union[]): Union {
  const seen = new Map(unions.flat().map((shape) => [JSON.stringify(shape), shape]));
  return [...seen.values()];
}

/** What a field of a shape can be; undefined where it has none of that name. */
export function fieldOf(shape: Shape, field: string): Union | undefined {
  switch (shape.form) {
    case "any":
      return ANY;
    case "object":
      return field === "metadata" ? METADATA() : field === "kind" || field === "apiVersion" ? TEXT : ANY;
    case "record":
      return Object.hasOwn(shape.fields, field) ? shape.fields[field] : undefined;
    case "list":
      return undefined;
    case "schema": {
      const type = fieldType(shape.text);
      if (type.form === "map") return schema(type.value);
      if (type.form === "scalar") return type.scalar === "any" ? ANY : undefined;
      return type.form === "object" && Object.hasOwn(type.fields, field) ? schema(type.fields[field]) : undefined;
    }
  }
}

const METADATA = (): Union => {
  const pod = fieldType(typeOfKind("v1", "Pod") ?? "any");
  return schema(pod.form === "object" ? pod.fields["metadata"] : undefined);
};

/** Names of the fields that a shape is known to have. */
export function fieldsOf(shape: Shape): readonly string[] {
  if (shape.form === "record") return Object.keys(shape.fields);
  if (shape.form !== "schema") return [];
  const type = fieldType(shape.text);
  return type.form === "object" ? Object.keys(type.fields) : [];
}

/** What an item of a list can be, or a key of a map where `of` is "keys". */
export function itemsOf(shape: Shape, of: "values" | "keys" = "values"): Union {
  if (shape.form === "list") return shape.item;
  if (shape.form === "record") return of === "keys" ? TEXT : union(...Object.values(shape.fields));
  if (shape.form !== "schema") return ANY;
  const type = fieldType(shape.text);
  if (type.form === "list") return schema(type.item);
  if (type.form === "map") return of === "keys" ? TEXT : schema(type.value);
  return ANY;
}

/** `core.v1.PodSpec`, `a list`: what a reader of messages is told. */
export function nameOf(shape: Shape): string {
  if (shape.form === "schema") {
    const type = fieldType(shape.text);
    return type.form === "object"
      ? (shape.kind ?? type.type.split(".").at(-1) ?? type.type)
      : type.form === "scalar"
        ? type.scalar
        : type.form;
  }
  return shape.form === "record" ? (shape.name ?? "map") : shape.form;
}

/** Type names of the schema, for a value that is one of its objects. */
export function schemaType(shape: Shape): string | undefined {
  if (shape.form !== "schema") return undefined;
  const type = fieldType(shape.text);
  return type.form === "object" ? type.type : undefined;
}

const kindUnion = (apiVersion: string, kind: string): Union => {
  const text = typeOfKind(apiVersion, kind);
  return text ? [{ form: "schema", text, kind }] : [{ form: "object" }];
};

/** What a request to a subresource carries, where that is not the object of the resource itself. Source: autoscaling/v1, Scale. */
const OTHER_OBJECTS: Readonly<Record<string, () => Union>> = {
  scale: () =>
    record("Scale", {
      ...{ apiVersion: TEXT, kind: TEXT, metadata: METADATA() },
      spec: record("ScaleSpec", { replicas: COUNT }),
      status: record("ScaleStatus", { replicas: COUNT, selector: TEXT }),
    }),
};
/** Subresources that carry the object of the resource. */
const OF_THE_OBJECT = ["", "status", "ephemeralcontainers", "resize", "approval", "finalize"];

/** What `object` can be in a policy: an object of each kind that its rules name. */
export function objectUnion({ matchConstraints }: PolicySpec): Union {
  const rules = matchConstraints?.resourceRules ?? [];
  return rules.length === 0 ? [{ form: "object" }] : union(...rules.map(ruleUnion));
}

function ruleUnion(rule: ResourceRule): Union {
  return union(
    ...(rule.resources ?? []).map((pattern) => {
      const [resource = "", subresource = ""] = pattern.split("/");
      const other = Object.hasOwn(OTHER_OBJECTS, subresource) ? OTHER_OBJECTS[subresource] : undefined;
      if (other) return other();
      if (!OF_THE_OBJECT.includes(subresource)) return ANY;
      const kinds = kindsOf(rule, resource);
      const found = union(...kinds.map(([apiVersion, kind]) => kindUnion(apiVersion, kind)));
      return resource === "*" || found.length === 0 ? union(found, [{ form: "object" }]) : found;
    }),
  );
}

/** The built-in kinds that a rule's groups and versions have under a resource's name. */
export function kindsOf(
  { apiGroups = [], apiVersions = [] }: ResourceRule,
  resource: string,
): readonly (readonly [apiVersion: string, kind: string])[] {
  return Object.entries(servedKinds()).flatMap(([key, { plural }]) => {
    const { apiVersion, group, version, kind } = parts(key);
    const listed = (list: readonly string[], item: string) => list.includes("*") || list.includes(item);
    const fits = (resource === "*" || plural === resource) && listed(apiGroups, group) && listed(apiVersions, version);
    return fits ? [[apiVersion, kind] as const] : [];
  });
}

/** `apps/v1/Deployment` taken apart. */
export function parts(key: string) {
  const [kind = "", version = "", group = ""] = key.split("/").reverse();
  return { apiVersion: group ? `${group}/${version}` : version, group, version, kind };
}

/** The variable `request`. Source: admission/v1, AdmissionRequest. */
export const REQUEST: Union = (() => {
  const kind = record("kind", { group: TEXT, version: TEXT, kind: TEXT });
  const resource = record("resource", { group: TEXT, version: TEXT, resource: TEXT });
  const userInfo = record("userInfo", { username: TEXT, uid: TEXT, groups: schema("[]string"), extra: ANY });
  return record("request", {
    ...{ uid: TEXT, kind, resource, subResource: TEXT, requestKind: kind, requestResource: resource },
    ...{
      requestSubResource: TEXT,
      name: TEXT,
      namespace: TEXT,
      operation: TEXT,
      userInfo,
      dryRun: TRUTH,
      options: ANY,
    },
  });
})();

export const NAMESPACE = (): Union => kindUnion("v1", "Namespace");

/** `params` of a kind. */
export const paramsUnion = ({ paramKind }: PolicySpec): Union =>
  paramKind ? kindUnion(paramKind.apiVersion, paramKind.kind) : ANY;
