import { LABELS } from "../contracts.ts";
import type { Estate, EstateObject } from "../estate/estate.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";

/** Ways to look at an estate that its rules share. What an object lacks reads as empty, never as an error. */

/** Ids of stacks begin with the cluster's name, which holds no hyphen (contracts.ts, `layerStackId`). */
export const clusterOf = ({ stack }: Pick<EstateObject, "stack">): string => stack.split("-")[0] ?? stack;

export const ofKind = (estate: Estate, ...kinds: readonly string[]): readonly EstateObject[] =>
  estate.objects.filter(({ object }) => kinds.includes(object.kind));

export const labelsOf = ({ metadata }: KubernetesObject): Readonly<Record<string, string>> => metadata.labels ?? {};

/** Namespaces that belong to a tenant's zone. */
export const zoneNamespaces = (estate: Estate): readonly EstateObject[] =>
  ofKind(estate, "Namespace").filter(({ object }) => labelsOf(object)[LABELS.zone]);

/** The objects of these kinds that lie in a namespace of its own cluster. */
export const inNamespace = (
  estate: Estate,
  namespace: EstateObject,
  ...kinds: readonly string[]
): readonly EstateObject[] =>
  ofKind(estate, ...kinds).filter(
    (entry) =>
      entry.object.metadata.namespace === namespace.object.metadata.name && clusterOf(entry) === clusterOf(namespace),
  );

/** A value as a map: `{}` where it is none. */
export const mapOf = (value: unknown): Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** A value as a list of maps: `[]` where it is none. */
export const mapsOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.map(mapOf) : [];

/** The texts of a list. */
export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((text): text is string => typeof text === "string") : [];

/** The text at a path of keys; undefined where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>((inner, key) => mapOf(inner)[key], value);
  return typeof found === "string" ? found : undefined;
}
