import { Buffer } from "node:buffer";
import { EXIT } from "../../contracts.ts";
import { type BindingType, bindingType, configOf, propertyName } from "../../kubernetes/bindings.ts";
import { type Binding, bindingOfObject } from "../../kubernetes/kinds.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import { type FieldType, fieldType, typeOfKind } from "../../kubernetes/schema.ts";
import {
  EMPTY_TEXT_HAS_MEANING,
  type Place,
  placesIn,
  placesOf,
  SENT_BY_DEFAULT,
  UNSET_BY_EMPTY_TEXT,
} from "../../kubernetes/terraform.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { literalText } from "../terraform-text.ts";

/** A typed resource that holds an object: the class to make, and its config. */
export interface Encoded {
  readonly binding: Binding;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * One workload rule: typed resources do not wait for what only running nodes, volumes or load balancers bring about. A stack
 * says by itself what makes it ready.
 */
const NO_WAITING: Readonly<Record<string, unknown>> = {
  wait_for_rollout: false,
  wait_for_completion: false,
  wait_for_load_balancer: false,
  wait_until_bound: false,
  wait_for_default_service_account: false,
  wait_for_service_account_token: false,
  // A pod has no switch for it; these are the phases with which the provider is content.
  target_state: ["Pending", "Running", "Succeeded"],
};

/**
 * Writes an object as the config of its typed resource: the inverse of the estate's decoder, by the same table of names.
 * Every text in it is literal to Terraform.
 *
 * What the provider sends by itself cannot be taken back (`automountServiceAccountToken: true` on a pod that says nothing):
 * see `SENT_BY_DEFAULT`. State such fields.
 *
 * @throws BhittiError BH2003 for a kind or field that the bindings cannot express, BH2004 for a value that the API would not take
 */
export function encodeObject(object: KubernetesObject): Encoded {
  const binding = bindingOfObject(object);
  const root = typeOfKind(object.apiVersion, object.kind);
  if (!binding || !root) throw inexpressible(object, "apiVersion");
  const { apiVersion: _version, kind: _kind, ...fields } = object;
  const config = encodeFields(object, placesOf(binding), root.slice(1), "", fields, "");
  const arguments_ = configOf(binding.module);
  for (const [attribute, value] of Object.entries(NO_WAITING)) {
    if (Object.hasOwn(arguments_, attribute)) config[propertyName(attribute)] = value;
  }
  return { binding, config };
}

const inexpressible = (object: KubernetesObject, path: string): BhittiError =>
  new BhittiError(message("BH2003", { kind: describeObject(object), path }), EXIT.badInput);

const malformed = (object: KubernetesObject, path: string, got: unknown, expected: string): BhittiError =>
  new BhittiError(
    message("BH2004", { kind: describeObject(object), path, got: JSON.stringify(got) ?? String(got), expected }),
    EXIT.badInput,
  );

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function encodeFields(
  object: KubernetesObject,
  places: ReadonlyMap<string, Place>,
  type: string,
  slot: string,
  fields: Readonly<Record<string, unknown>>,
  path: string,
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    const at = path ? `${path}.${field}` : field;
    const place = places.get(field);
    if (!place) throw inexpressible(object, at);
    if (value === "" && EMPTY_TEXT_HAS_MEANING.has(`${type}.${field}`)) throw inexpressible(object, at);
    if (type === "core.v1.Secret" && field === "data") Object.assign(config, encodeSecretData(object, value));
    else put(config, place, encodeValue(object, place, `${type}.${field}`, value, at));
  }
  for (const key of slot ? [type, slot] : [type]) {
    for (const field of Object.keys(Object.hasOwn(SENT_BY_DEFAULT, key) ? (SENT_BY_DEFAULT[key] ?? {}) : {})) {
      const place = places.get(field);
      const absent = fields[field] === undefined || fields[field] === null;
      if (place && absent && UNSET_BY_EMPTY_TEXT.has(`${key}.${field}`)) put(config, place, "");
    }
  }
  return config;
}

function put(config: Record<string, unknown>, place: Place, value: unknown): void {
  if (place.within === undefined) {
    config[place.property] = value;
    return;
  }
  const block = config[place.within];
  config[place.within] = { ...(isRecord(block) ? block : {}), [place.property]: value };
}

function encodeValue(object: KubernetesObject, place: Place, slot: string, value: unknown, path: string): unknown {
  const type = fieldType(place.type);
  const binding = bindingType(place.binding);
  switch (type.form) {
    case "scalar":
      return encodeScalar(object, type.scalar, binding, place, value, path);
    case "map":
      return encodeMap(object, type, binding, place, value, path);
    case "object": {
      if (!isRecord(value)) throw malformed(object, path, value, "an object");
      const block = binding.form === "list" ? bindingType(binding.item) : binding;
      const encoded = encodeBlock(object, block, type.type, slot, value, path);
      return binding.form === "list" ? [encoded] : encoded;
    }
    case "list":
      return encodeList(object, type, binding, place, slot, value, path);
  }
}

function encodeBlock(
  object: KubernetesObject,
  block: BindingType,
  type: string,
  slot: string,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Record<string, unknown> {
  if (block.form !== "block") throw inexpressible(object, path);
  return encodeFields(object, placesIn(block, type), type, slot, value, path);
}

function encodeList(
  object: KubernetesObject,
  type: FieldType & { form: "list" },
  binding: BindingType,
  place: Place,
  slot: string,
  value: unknown,
  path: string,
): unknown {
  if (!Array.isArray(value)) throw malformed(object, path, value, "a list");
  const item = fieldType(type.item);
  const items: readonly unknown[] = value;
  if (binding.form === "block") {
    // The provider takes one block where the API takes a list.
    if (items.length > 1 || item.form !== "object") throw inexpressible(object, `${path}[1]`);
    return isRecord(items[0]) ? encodeBlock(object, binding, item.type, slot, items[0], `${path}[0]`) : undefined;
  }
  if (binding.form !== "list") throw inexpressible(object, path);
  const inner = bindingType(binding.item);
  return items.map((entry, i) => {
    const at = `${path}[${i}]`;
    if (item.form === "scalar") return encodeScalar(object, item.scalar, inner, place, entry, at);
    if (item.form !== "object") throw inexpressible(object, at);
    if (!isRecord(entry)) throw malformed(object, at, entry, "an object");
    return encodeBlock(object, inner, item.type, slot, entry, at);
  });
}

function encodeMap(
  object: KubernetesObject,
  type: FieldType & { form: "map" },
  binding: BindingType,
  place: Place,
  value: unknown,
  path: string,
): unknown {
  if (!isRecord(value)) throw malformed(object, path, value, "a map");
  const item = fieldType(type.value);
  if (item.form !== "scalar" || binding.form !== "map") throw inexpressible(object, path);
  const inner = bindingType(binding.value);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      literalText(key),
      encodeScalar(object, item.scalar, inner, place, entry, `${path}.${key}`),
    ]),
  );
}

function encodeScalar(
  object: KubernetesObject,
  scalar: (FieldType & { form: "scalar" })["scalar"],
  binding: BindingType,
  place: Place,
  value: unknown,
  path: string,
): unknown {
  if (binding.form !== "scalar") throw inexpressible(object, path);
  if (!isScalar(scalar, value)) throw malformed(object, path, value, EXPECTED[scalar]);
  if (place.coding === "octal") return octal(Number(value));
  if (place.coding === "plain-text") {
    const text = utf8(String(value));
    if (text === undefined) throw inexpressible(object, path);
    return literalText(text);
  }
  return binding.scalar === "string" ? literalText(String(value)) : value;
}

const octal = (mode: number): string => `0${mode.toString(8).padStart(3, "0")}`;

const EXPECTED: Readonly<Record<(FieldType & { form: "scalar" })["scalar"], string>> = {
  string: "a text",
  integer: "an integer",
  number: "a number",
  boolean: "true or false",
  bytes: "base64 text",
  quantity: "a quantity",
  "int-or-string": "an integer or a text",
  time: "a time",
  any: "a value",
};

function isScalar(scalar: keyof typeof EXPECTED, value: unknown): boolean {
  switch (scalar) {
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "quantity":
    case "int-or-string":
      return typeof value === "string" || typeof value === "number";
    case "any":
      return typeof value !== "object";
    default:
      return typeof value === "string";
  }
}

/** The text of base64, where it is text: the provider takes no other in fields that it encodes itself. */
function utf8(base64: string): string | undefined {
  const bytes = Buffer.from(base64, "base64");
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) && bytes.toString("base64") === base64 ? text : undefined;
}

/** A Secret's data: what is text as `data`, the rest as `binary_data`. */
function encodeSecretData(object: KubernetesObject, value: unknown): Record<string, Record<string, string>> {
  if (!isRecord(value)) throw malformed(object, "data", value, "a map");
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry !== "string") throw malformed(object, `data.${key}`, entry, EXPECTED.bytes);
    const text = utf8(entry);
    if (text === undefined) binaryData[literalText(key)] = entry;
    else data[literalText(key)] = literalText(text);
  }
  return {
    // No data at all is still stated.
    ...(Object.keys(binaryData).length === 0 || Object.keys(data).length > 0 ? { data } : {}),
    ...(Object.keys(binaryData).length > 0 ? { binaryData } : {}),
  };
}
