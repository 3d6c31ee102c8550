import * as fc from "fast-check";
import { type BindingType, bindingType } from "../../kubernetes/bindings.ts";
import { type Binding, kindInfo } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { type FieldType, fieldType, typeOfKind } from "../../kubernetes/schema.ts";
import {
  type Place,
  placesIn,
  placesOf,
  SENT_BY_DEFAULT,
  SPREAD,
  UNSET_BY_EMPTY_TEXT,
} from "../../kubernetes/terraform.ts";

type Scalar = (FieldType & { form: "scalar" })["scalar"];

/** Texts that Terraform would take for its own, between others. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("${HOME}", "$${x}", "$$${x}", "%{ if x }", "a%%{b", "100%", "$", "{{ .Values }}"),
  },
);
const safeKey = text.filter((key) => key !== "__proto__");
const base64 = text.map((t) => Buffer.from(t, "utf8").toString("base64"));

const SCALARS: Readonly<Record<Scalar, fc.Arbitrary<unknown>>> = {
  string: text,
  integer: fc.integer({ min: 1, max: 65_535 }),
  number: fc.integer({ min: 1, max: 100 }),
  boolean: fc.boolean(),
  bytes: base64,
  quantity: fc.constantFrom("500m", "1", "1Gi", "0.5", "1e3", "128Mi"),
  "int-or-string": fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom("25%", "http", "${x}")),
  time: fc.constant("2026-01-02T03:04:05Z"),
  any: text,
};

/**
 * Objects of a kind whose every field the bindings can express, of any shape that the API's schema allows: a tool to test
 * that decoding undoes encoding. Fields that the provider would fill in by itself are always stated.
 */
export function arbitraryObject(binding: Binding): fc.Arbitrary<KubernetesObject> {
  const { apiVersion, kind } = binding;
  const root = typeOfKind(apiVersion, kind)?.slice(1) ?? "";
  const namespaced = kindInfo(apiVersion, kind)?.namespaced === true;
  const metadata = fc.record({
    name: fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])$/).filter((name) => name !== "default"),
    ...(namespaced ? { namespace: fc.stringMatching(/^[a-z]{1,8}$/) } : {}),
  });
  return fc.tuple(arbitraryFields(placesOf(binding), root, "", 0.7), metadata).map(([fields, identity]) => ({
    apiVersion,
    kind,
    ...fields,
    metadata: { ...(fields.metadata as object | undefined), ...identity },
  }));
}

function arbitraryFields(
  places: ReadonlyMap<string, Place>,
  type: string,
  slot: string,
  density: number,
): fc.Arbitrary<Record<string, unknown>> {
  const stated = new Set(
    [type, slot].flatMap((key) =>
      Object.keys(SENT_BY_DEFAULT[key] ?? {}).filter((field) => !UNSET_BY_EMPTY_TEXT.has(`${key}.${field}`)),
    ),
  );
  // Which fields are there is drawn first, so that the fields that are not cost nothing: a pod has thousands.
  return fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })).chain((draws) => {
    const chosen = [...places].filter(([field]) => {
      const draw = draws.next().value ?? 1;
      return stated.has(field) || draw < density;
    });
    return fc.record(
      Object.fromEntries(chosen.map(([field, place]) => [field, arbitraryValue(place, `${type}.${field}`, density)])),
    );
  });
}

function arbitraryValue(place: Place, slot: string, density: number): fc.Arbitrary<unknown> {
  const type = fieldType(place.type);
  const binding = bindingType(place.binding);
  switch (type.form) {
    case "scalar":
      return place.coding === "octal" ? fc.integer({ min: 0, max: 0o777 }) : SCALARS[type.scalar];
    case "map":
      return fc.dictionary(safeKey, mapValue(type.value), { maxKeys: 3 });
    case "object":
      return arbitraryBlock(binding.form === "list" ? bindingType(binding.item) : binding, type.type, slot, density);
    case "list": {
      const item = fieldType(type.item);
      if (item.form === "scalar") return fc.array(SCALARS[item.scalar], { maxLength: 3 });
      if (item.form !== "object") throw new Error(`no bindings have ${place.type}`);
      const block = binding.form === "list" ? bindingType(binding.item) : binding;
      return fc.array(arbitraryBlock(block, item.type, slot, density), {
        minLength: 1,
        maxLength: binding.form === "list" ? 2 : 1,
      });
    }
  }
}

function mapValue(type: string): fc.Arbitrary<unknown> {
  const value = fieldType(type);
  if (value.form !== "scalar") throw new Error(`no bindings have a map of ${type}`);
  return SCALARS[value.scalar];
}

function arbitraryBlock(block: BindingType, type: string, slot: string, density: number): fc.Arbitrary<unknown> {
  if (block.form !== "block") throw new Error(`no block for ${type}`);
  const places = placesIn(block, type);
  if (!Object.hasOwn(SPREAD, type)) return arbitraryFields(places, type, slot, density * 0.8);
  return fc
    .constantFrom(...places)
    .chain(([field, place]) => arbitraryValue(place, `${type}.${field}`, density).map((value) => ({ [field]: value })));
}
