import { Buffer } from "node:buffer";
import { describeObject, type KubernetesObject, objectKey } from "../kubernetes/object.ts";
import { childPath, itemPath } from "../kubernetes/path.ts";
import { intOrString, sameQuantity } from "../kubernetes/quantity.ts";
import { type FieldType, fieldType, type Scalar, type TypeText, typeOfKind } from "../kubernetes/schema.ts";
import { SENT_AS_SET } from "../kubernetes/terraform.ts";
import type { Estate, EstateObject } from "./estate.ts";
import { isRecord } from "./references.ts";

/** A value that differs. A side that is absent is undefined. `path` is that of the first side. */
export interface LeafDifference {
  /** `spec.template.spec.containers[0].image` */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What is stated and does not stand. */
export interface UnequalLeaf {
  readonly path: string;
  readonly stated: unknown;
  readonly live: unknown;
}

export interface ChangedObject {
  readonly before: EstateObject;
  readonly after: EstateObject;
  /** Sorted by path. Empty where the object only moved to another stack or address. */
  readonly leaves: readonly LeafDifference[];
}

/** What one estate has that another has not. Objects are the same where group, kind, namespace and name are. */
export interface Difference {
  /** In the order of the estate after. */
  readonly added: readonly EstateObject[];
  /** In the order of the estate before. */
  readonly removed: readonly EstateObject[];
  /** In the order of the estate after. */
  readonly changed: readonly ChangedObject[];
}

/** What changes between two estates, object by object; quantities and int-or-strings by their amount. */
export function compareEstates(before: Estate, after: Estate): Difference {
  const was = new Map(before.objects.map((o, i) => [identity(o, i), o]));
  const is = new Map(after.objects.map((o, i) => [identity(o, i), o]));
  return {
    added: [...is].flatMap(([key, o]) => (was.has(key) ? [] : [o])),
    removed: [...was].flatMap(([key, o]) => (is.has(key) ? [] : [o])),
    changed: [...is].flatMap(([key, o]) => {
      const old = was.get(key);
      if (!old) return [];
      const leaves = differingLeaves(old.object, o.object);
      const moved = old.stack !== o.stack || old.address !== o.address || old.chartFile !== o.chartFile;
      return leaves.length > 0 || moved ? [{ before: old, after: o, leaves }] : [];
    }),
  };
}

/** An object that has no name yet is known by where it stands. */
const identity = ({ object, stack, address, chartFile }: EstateObject, index: number): string =>
  object.metadata.name === undefined
    ? `${objectKey(object)}|${stack}|${address}|${chartFile ?? index}`
    : objectKey(object);

/** Every leaf that two objects of one kind do not share, sorted by path. */
export function differingLeaves(before: KubernetesObject, after: KubernetesObject): readonly LeafDifference[] {
  const found = new Map<string, LeafDifference>();
  const type = typeOfKind(after.apiVersion, after.kind);
  for (const { path, stated, live } of walk(before, after, type))
    found.set(path, { path, before: stated, after: live });
  for (const { path, stated, live } of walk(after, before, type)) {
    if (!found.has(path)) found.set(path, { path, before: live, after: stated });
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Paths that an object may state and that the server does not give back as stated, with all that lies within them, and why. */
export const NOT_READ_BACK: Readonly<Record<string, string>> = {
  status: "what stands is the controllers' to say",
  "metadata.creationTimestamp": "the server sets it",
  "metadata.managedFields": "the server keeps it",
};

/**
 * Every leaf that is stated and is not, with an equal value, in what the server gives back. What the server adds is not
 * looked at. Lists are matched by the fields that the API tells their items apart by, else by position, else (sets) by value.
 *
 * @param unknown paths whose stated value only Terraform knows: they are left out
 */
export function unequalLeaves(
  stated: KubernetesObject,
  live: KubernetesObject,
  unknown: readonly string[] = [],
): readonly UnequalLeaf[] {
  const out = new Set(unknown);
  const type = typeOfKind(stated.apiVersion, stated.kind);
  return walk(withData(stated), live, type).filter(({ path }) => !out.has(path) && !isExempt(path));
}

const isExempt = (path: string): boolean =>
  Object.keys(NOT_READ_BACK).some((exempt) => path === exempt || path.startsWith(`${exempt}.`));

/** A Secret's `stringData` is merged into `data` by the server and never given back. */
function withData(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Secret" || !isRecord(object.stringData)) return object;
  const { stringData, ...rest } = object;
  const encoded = Object.entries(object.stringData).map(([key, text]) => [
    key,
    Buffer.from(String(text), "utf8").toString("base64"),
  ]);
  return {
    ...rest,
    data: { ...(isRecord(object.data) ? object.data : {}), ...Object.fromEntries(encoded) },
  } as KubernetesObject;
}

const walk = (stated: KubernetesObject, live: KubernetesObject, type: TypeText | undefined): readonly UnequalLeaf[] => [
  ...unequal(stated, live, type, "", ""),
];

/** `slot` is `type.field` of the field that the value stands in. */
function* unequal(
  stated: unknown,
  live: unknown,
  text: TypeText | undefined,
  slot: string,
  path: string,
): Generator<UnequalLeaf> {
  if (stated === undefined || stated === null) return;
  const type = text === undefined ? undefined : fieldType(text);
  if (Array.isArray(stated)) yield* unequalItems(stated, live, type, slot, path);
  else if (isRecord(stated)) yield* unequalFields(stated, live, type, path);
  else if (!sameScalar(stated, live, type?.form === "scalar" ? type.scalar : undefined)) yield { path, stated, live };
}

function* unequalFields(
  stated: Readonly<Record<string, unknown>>,
  live: unknown,
  type: FieldType | undefined,
  path: string,
): Generator<UnequalLeaf> {
  const entries = Object.entries(stated);
  if (!isRecord(live)) {
    // `{}` as an object means everything or nothing, as a map it says nothing.
    if (entries.length === 0 && type?.form !== "map") yield { path, stated, live };
    if (entries.length > 0 && live !== undefined) yield { path, stated, live };
    if (live !== undefined) return;
  }
  const there = isRecord(live) ? live : {};
  for (const [key, value] of entries) {
    const inner = type?.form === "object" ? type.fields[key] : type?.form === "map" ? type.value : undefined;
    const slot = type?.form === "object" ? `${type.type}.${key}` : "";
    const found = Object.hasOwn(there, key) ? there[key] : undefined;
    yield* unequal(value, found, inner, slot, childPath(path, key));
  }
}

function* unequalItems(
  stated: readonly unknown[],
  live: unknown,
  type: FieldType | undefined,
  slot: string,
  path: string,
): Generator<UnequalLeaf> {
  const there: readonly unknown[] = Array.isArray(live) ? live : [];
  const item = type?.form === "list" ? type.item : undefined;
  const keys = type?.form === "list" ? type.keys : [];
  const isSet = (type?.form === "list" && type.isSet) || SENT_AS_SET.has(slot);
  const taken = new Set<number>();
  for (const [index, value] of stated.entries()) {
    const at = itemPath(path, index);
    const found = counterpart(value, index, there, { keys, isSet, item, taken });
    if (found === undefined || found >= there.length) {
      yield { path: at, stated: value, live: undefined };
      continue;
    }
    taken.add(found);
    yield* unequal(value, there[found], item, "", at);
  }
}

/** Index of the item that stands for a stated one; undefined where there is none. */
function counterpart(
  value: unknown,
  index: number,
  there: readonly unknown[],
  by: { keys: readonly string[]; isSet: boolean; item: TypeText | undefined; taken: ReadonlySet<number> },
): number | undefined {
  const free = there.map((_, i) => i).filter((i) => !by.taken.has(i));
  if (by.isSet) return free.find((i) => unequal(value, there[i], by.item, "", "").next().done);
  if (by.keys.length > 0 && isRecord(value)) {
    return free.find((i) => {
      const candidate = there[i];
      return isRecord(candidate) && by.keys.every((key) => keyOf(value, key) === keyOf(candidate, key));
    });
  }
  return index;
}

/** Keys that the server fills in, with what it fills in. */
const KEY_DEFAULTS: Readonly<Record<string, unknown>> = { protocol: "TCP" };

const keyOf = (item: Readonly<Record<string, unknown>>, key: string): unknown => item[key] ?? KEY_DEFAULTS[key];

function sameScalar(stated: unknown, live: unknown, scalar: Scalar | undefined): boolean {
  if (stated === live) return true;
  // The server leaves out what is false, 0 or empty.
  if (live === undefined || live === null) return stated === false || stated === 0 || stated === "";
  if (!isText(stated) || !isText(live)) return false;
  if (scalar === "quantity") return sameQuantity(stated, live);
  if (scalar === "int-or-string") return intOrString(stated) === intOrString(live);
  if (scalar === "time") return Date.parse(String(stated)) === Date.parse(String(live));
  return false;
}

const isText = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";

/** One line for each difference, for people: `~ Deployment apps/web spec.replicas`. */
export function describeDifference({ added, removed, changed }: Difference): readonly string[] {
  return [
    ...added.map((o) => `+ ${describeObject(o.object)}`),
    ...removed.map((o) => `- ${describeObject(o.object)}`),
    ...changed.map((c) =>
      `~ ${describeObject(c.after.object)} ${c.leaves.map((leaf) => leaf.path).join(", ")}`.trimEnd(),
    ),
  ];
}
