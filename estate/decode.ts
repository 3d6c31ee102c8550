import { Buffer } from "node:buffer";
import {
  type Binding,
  bindingOfType,
  DEFAULT_SERVICE_ACCOUNT,
  kindInfo,
  NO_OBJECT,
  REMOVED_APIS,
} from "../kubernetes/kinds.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { childPath, itemPath } from "../kubernetes/path.ts";
import { type FieldType, fieldType, type TypeText, typeOfKind } from "../kubernetes/schema.ts";
import {
  type Coding,
  SENT_BY_DEFAULT,
  SPREAD,
  type Target,
  targetOf,
  targetOfArgument,
} from "../kubernetes/terraform.ts";
import { isRecord, type ResourceBody } from "./references.ts";
import { evaluate, type Lookup } from "./template.ts";

/** What a resource says: an object as far as it can be read, and what could not be. */
export interface Decoded {
  readonly object?: KubernetesObject;
  /** Paths within the object whose value only Terraform knows; the object holds the text of the configuration there. */
  readonly unknown: readonly string[];
  /** What no object, or no part of this object, stands for, and why. */
  readonly undecoded: readonly string[];
}

/**
 * Arguments that every resource may have and that say nothing about the object. `count` and `for_each` are the reader's;
 * a StorageClass calls its provisioner `storage_provisioner`.
 */
const META_ARGUMENTS: ReadonlySet<string> = new Set([
  "//",
  "provider",
  "depends_on",
  "lifecycle",
  "connection",
  "provisioner",
  "count",
  "for_each",
]);

/** True for resource types that this decoder answers for, if only with why there is no object. */
export const isKubernetesType = (resourceType: string): boolean => resourceType.startsWith("kubernetes_");

/**
 * Reads a resource of hashicorp/kubernetes, as it stands in a `cdk.tf.json`, back into the object that the provider would
 * send. Nothing is dropped: an attribute that has no field is told in `undecoded`.
 */
export function decodeResource(resourceType: string, body: ResourceBody, lookup: Lookup): Decoded {
  const none = (reason: string): Decoded => ({ unknown: [], undecoded: [reason] });
  if (resourceType === "kubernetes_manifest") return decodeManifest(body, lookup);
  const noObject = ownEntry(NO_OBJECT, resourceType);
  if (noObject) return none(`no Kubernetes object: ${noObject}`);
  const removed = ownEntry(REMOVED_APIS, resourceType);
  if (removed) return none(`the provider sends ${removed}`);
  const binding = bindingOfType(resourceType);
  const root = binding && typeOfKind(binding.apiVersion, binding.kind);
  if (!root) return none(`unknown resource type ${resourceType}`);
  return decodeTyped(binding, root.slice(1), body, lookup);
}

const ownEntry = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** What decoding one resource gathers on its way. */
interface Reading {
  readonly lookup: Lookup;
  readonly unknown: string[];
  readonly undecoded: string[];
}

type Fields = Record<string, unknown>;

function decodeTyped(binding: Binding, type: string, body: ResourceBody, lookup: Lookup): Decoded {
  const reading: Reading = { lookup, unknown: [], undecoded: [] };
  const fields: Fields = {};
  for (const [attribute, value] of Object.entries(body)) {
    if (META_ARGUMENTS.has(attribute)) continue;
    place(type, attribute, value, targetOfArgument(type, attribute), fields, "", "", reading);
  }
  sendDefaults(fields, type, "");
  const { apiVersion, kind } = binding;
  const metadata = decodeMetadata(binding, isRecord(fields.metadata) ? fields.metadata : {});
  return {
    object: { apiVersion, kind, ...fields, metadata },
    unknown: reading.unknown,
    undecoded: reading.undecoded,
  };
}

/** The provider puts objects without a namespace into `default`, as kubectl does. */
function decodeMetadata(binding: Binding, metadata: Fields): KubernetesObject["metadata"] {
  const named = binding === DEFAULT_SERVICE_ACCOUNT ? { ...metadata, name: "default" } : metadata;
  const { namespaced } = kindInfo(binding.apiVersion, binding.kind) ?? { namespaced: false };
  return namespaced && named.namespace === undefined ? { ...named, namespace: "default" } : named;
}

function decodeManifest(body: ResourceBody, lookup: Lookup): Decoded {
  const reading: Reading = { lookup, unknown: [], undecoded: [] };
  const value = decodeAny(body.manifest, "", reading);
  if (!isObject(value)) return { unknown: [], undecoded: ["the manifest is unknown or no Kubernetes object"] };
  const { namespaced } = kindInfo(value.apiVersion, value.kind) ?? { namespaced: false };
  const object =
    namespaced && value.metadata.namespace === undefined
      ? { ...value, metadata: { ...value.metadata, namespace: "default" } }
      : value;
  return { object, unknown: reading.unknown, undecoded: reading.undecoded };
}

/** True for JSON that has the identity of a Kubernetes object. */
export const isObject = (value: unknown): value is KubernetesObject =>
  isRecord(value) &&
  typeof value.apiVersion === "string" &&
  typeof value.kind === "string" &&
  isRecord(value.metadata) &&
  (typeof value.metadata.name === "string" || typeof value.metadata.generateName === "string");

/** Puts one attribute's value where it belongs in `fields`. `where` is the attribute's block in Terraform's words. */
function place(
  type: string,
  attribute: string,
  value: unknown,
  target: Target | undefined,
  fields: Fields,
  path: string,
  where: string,
  reading: Reading,
): void {
  if (value === null || value === undefined) return;
  const at = where ? `${where}.${attribute}` : attribute;
  if (!target) {
    reading.undecoded.push(
      attribute === "dynamic"
        ? `${at}: a dynamic block`
        : `${at}: the API has no such field, or the provider does not send it`,
    );
  } else if (target.to === "inline") {
    for (const block of asList(value)) decodeInto(type, block, fields, path, at, reading);
  } else if (target.to === "field") {
    const decoded = decodeValue(target, type, value, childPath(path, target.field), at, reading);
    if (decoded === undefined) return;
    const before = fields[target.field];
    fields[target.field] = isRecord(before) && isRecord(decoded) ? { ...before, ...decoded } : decoded;
  }
}

/** Reads a block's attributes into the fields of the type that it stands for. */
function decodeInto(type: string, block: unknown, fields: Fields, path: string, where: string, reading: Reading): void {
  for (const [attribute, value] of Object.entries(blockOf(block, where, reading))) {
    place(type, attribute, value, targetOf(type, attribute), fields, path, where, reading);
  }
}

/** A block's attributes. One that Terraform alone can compute has none here, and is told. */
function blockOf(block: unknown, where: string, reading: Reading): Fields {
  if (isRecord(block)) return block;
  if (block === null || block === undefined) return {};
  const found = typeof block === "string" ? evaluate(block, reading.lookup) : undefined;
  if (found?.known && isRecord(found.value)) return found.value;
  reading.undecoded.push(`${where}: ${JSON.stringify(block)} is not a block`);
  return {};
}

function decodeBlock(
  type: string,
  slot: string,
  block: unknown,
  path: string,
  where: string,
  reading: Reading,
): Fields {
  const fields: Fields = {};
  decodeInto(type, block, fields, path, where, reading);
  sendDefaults(fields, type, slot);
  return fields;
}

/** What the provider sends of its own accord, where neither the configuration nor `""` says otherwise. */
function sendDefaults(fields: Fields, type: string, slot: string): void {
  for (const key of slot ? [type, slot] : [type]) {
    if (!Object.hasOwn(SENT_BY_DEFAULT, key)) continue;
    for (const [field, value] of Object.entries(SENT_BY_DEFAULT[key] ?? {})) {
      if (fields[field] === undefined) fields[field] = value;
    }
  }
  for (const [field, value] of Object.entries(fields)) if (value === UNSET) delete fields[field];
}

/** A field that the configuration gives as `""`: the provider sends nothing, and no default of its own. */
const UNSET = Symbol("unset");

function decodeValue(
  target: Target & { to: "field" },
  owner: string,
  value: unknown,
  path: string,
  where: string,
  reading: Reading,
): unknown {
  const type = fieldType(target.type);
  const slot = `${owner}.${target.field}`;
  if (typeof value === "string" && type.form !== "scalar") {
    const found = evaluate(value, reading.lookup);
    if (found.known && typeof found.value !== "string") {
      return decodeValue(target, owner, found.value, path, where, reading);
    }
    reading.unknown.push(path);
    return value;
  }
  switch (type.form) {
    case "scalar":
      return decodeScalar(type.scalar, target.coding, single(value), path, where, reading);
    case "map":
      return decodeMap(type.value, target.coding, value, path, where, reading);
    case "list":
      return decodeList(type, slot, value, path, where, reading);
    case "object":
      return decodeSingle(type.type, slot, value, path, where, reading);
  }
}

/** Attributes that Terraform's schema has as a list of one come as a list of one. */
const single = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function decodeSingle(
  type: string,
  slot: string,
  value: unknown,
  path: string,
  where: string,
  reading: Reading,
): unknown {
  const blocks = asList(value);
  if (blocks.length === 0) return undefined;
  if (blocks.length > 1) {
    reading.undecoded.push(`${where}: ${blocks.length} blocks where the API has one object`);
    return undefined;
  }
  return decodeBlock(type, slot, blocks[0], path, where, reading);
}

function decodeList(
  type: FieldType & { form: "list" },
  slot: string,
  value: unknown,
  path: string,
  where: string,
  reading: Reading,
): unknown {
  const item = fieldType(type.item);
  const values = asList(value);
  if (item.form !== "object") {
    return values.map((v, i) => decodeItem(type.item, v, itemPath(path, i), `${where}[${i}]`, reading));
  }
  // No block at all is how a configuration is silent; an API list of nothing cannot be said.
  if (values.length === 0) return undefined;
  if (Object.hasOwn(SPREAD, item.type))
    return values.flatMap((v, i) => spread(item.type, v, path, `${where}[${i}]`, reading));
  return values.map((v, i) => decodeBlock(item.type, slot, v, itemPath(path, i), `${where}[${i}]`, reading));
}

function decodeItem(type: TypeText, value: unknown, path: string, where: string, reading: Reading): unknown {
  const item = fieldType(type);
  if (item.form === "scalar") return decodeScalar(item.scalar, "same", value, path, where, reading, true);
  return decodeAny(value, path, reading);
}

/** One block with lists of several kinds of source → one item for each source. */
function spread(type: string, block: unknown, path: string, where: string, reading: Reading): readonly Fields[] {
  const order = SPREAD[type] ?? [];
  const rank = (attribute: string) => (order.includes(attribute) ? order.indexOf(attribute) : order.length);
  const entries = Object.entries(blockOf(block, where, reading)).sort(([a], [b]) => rank(a) - rank(b));
  return entries.flatMap(([attribute, value]) =>
    asList(value).map((source) => {
      const fields: Fields = {};
      place(type, attribute, source, targetOf(type, attribute), fields, path, where, reading);
      return fields;
    }),
  );
}

function decodeMap(
  valueType: TypeText,
  coding: Coding,
  value: unknown,
  path: string,
  where: string,
  reading: Reading,
): unknown {
  if (!isRecord(value)) {
    reading.undecoded.push(`${where}: not a map`);
    return undefined;
  }
  const item = fieldType(valueType);
  const entries = Object.entries(value).filter(([, v]) => v !== null && v !== undefined);
  return Object.fromEntries(
    entries.map(([key, v]) => {
      const at = childPath(path, key);
      const name = evaluate(key, reading.lookup);
      if (!name.known) reading.unknown.push(at);
      return [
        name.known ? String(name.value) : key,
        item.form === "scalar"
          ? decodeScalar(item.scalar, coding, v, at, `${where}.${key}`, reading, true)
          : decodeAny(v, at, reading),
      ];
    }),
  );
}

/**
 * One value in the API's JSON.
 *
 * @param keepEmpty in lists and maps an empty text is a value; in a field the provider does not send it
 */
function decodeScalar(
  scalar: (FieldType & { form: "scalar" })["scalar"],
  coding: Coding,
  value: unknown,
  path: string,
  where: string,
  reading: Reading,
  keepEmpty = false,
): unknown {
  if (typeof value === "string") {
    const found = evaluate(value, reading.lookup);
    if (!found.known) {
      reading.unknown.push(path);
      return value;
    }
    if (found.value === "" && !keepEmpty) return UNSET;
    return convert(scalar, coding, found.value, value, where, reading);
  }
  return scalar === "any" ? decodeAny(value, path, reading) : convert(scalar, coding, value, value, where, reading);
}

function convert(
  scalar: (FieldType & { form: "scalar" })["scalar"],
  coding: Coding,
  value: unknown,
  stated: unknown,
  where: string,
  reading: Reading,
): unknown {
  const refuse = (allowed: string) => {
    reading.undecoded.push(`${where}: ${JSON.stringify(stated)} is not ${allowed}`);
    return undefined;
  };
  switch (scalar) {
    case "integer":
      if (coding === "octal")
        return /^[0-7]+$/.test(String(value)) ? Number.parseInt(String(value), 8) : refuse("octal");
      return /^[+-]?\d+$/.test(String(value)) ? Number(value) : refuse("an integer");
    case "number":
      return Number.isFinite(Number(value)) ? Number(value) : refuse("a number");
    case "boolean":
      return value === true || value === "true"
        ? true
        : value === false || value === "false"
          ? false
          : refuse("true or false");
    case "int-or-string":
      return /^[+-]?\d+$/.test(String(value)) ? Number(value) : String(value);
    case "any":
      return value;
    case "bytes":
      return coding === "plain-text" ? Buffer.from(String(value), "utf8").toString("base64") : String(value);
    case "string":
    case "quantity":
    case "time":
      return typeof value === "object" ? refuse("a text") : String(value);
  }
}

/** Free JSON: texts are read, all else stays. */
function decodeAny(value: unknown, path: string, reading: Reading): unknown {
  if (typeof value === "string") {
    const found = evaluate(value, reading.lookup);
    if (found.known) return found.value;
    reading.unknown.push(path);
    return value;
  }
  if (Array.isArray(value)) return value.map((v, i) => decodeAny(v, itemPath(path, i), reading));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => [key, decodeAny(v, childPath(path, key), reading)]),
  );
}
