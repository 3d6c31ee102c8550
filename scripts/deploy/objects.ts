import type { EstateObject } from "../../estate/estate.ts";
import { type KindInfo, kindInfo } from "../../kubernetes/kinds.ts";
import { groupOf, type KubernetesObject } from "../../kubernetes/object.ts";
import type { ClusterClient } from "./cluster-client.ts";

/** What it takes to find an object: its kind, its place, its name. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** "" for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

export const referenceOf = (object: KubernetesObject): ObjectReference => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  namespace: object.metadata.namespace ?? "",
  name: object.metadata.name ?? "",
});

/** Identity that survives a change of version, as `objectKey` of an object. */
export const referenceKey = (r: ObjectReference): string =>
  [groupOf(r.apiVersion), r.kind, r.namespace, r.name].join("|");

/** `ConfigMap zone-x/flows`, `Namespace zone-x`. */
export const describeReference = (r: ObjectReference): string =>
  r.namespace ? `${r.kind} ${r.namespace}/${r.name}` : `${r.kind} ${r.name}`;

/** A kind cannot be found as long as its CRD is not there, which the caller tells apart from an object that is not there. */
export type KindLookup = (apiVersion: string, kind: string) => Promise<KindInfo | undefined>;

/**
 * Where the API server keeps kinds: from our own table, from the estate's CRDs, else by asking the server. Answers are kept;
 * that a kind is unknown is asked again, since its CRD may come.
 */
export function kindLookup(client: ClusterClient, stated: readonly EstateObject[] = []): KindLookup {
  const found = new Map(stated.flatMap(({ object }) => customKinds(object)));
  return async (apiVersion, kind) => {
    const key = `${apiVersion}/${kind}`;
    const known = kindInfo(apiVersion, kind) ?? found.get(key);
    if (known) return known;
    const reply = await client.request({ method: "GET", path: apiPath(apiVersion) });
    const resources = (reply.body as { resources?: DiscoveredResource[] } | undefined)?.resources ?? [];
    if (reply.status !== 200) return undefined;
    for (const resource of resources) {
      if (resource.name.includes("/")) continue;
      found.set(`${apiVersion}/${resource.kind}`, { plural: resource.name, namespaced: resource.namespaced });
    }
    return found.get(key);
  };
}

interface DiscoveredResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function customKinds(object: KubernetesObject): [string, KindInfo][] {
  if (object.kind !== "CustomResourceDefinition") return [];
  const { spec } = object as unknown as {
    spec?: {
      group?: string;
      scope?: string;
      names?: { kind?: string; plural?: string };
      versions?: { name: string }[];
    };
  };
  const { group, scope, names, versions = [] } = spec ?? {};
  if (!group || !names?.kind || !names.plural) return [];
  const info = { plural: names.plural, namespaced: scope === "Namespaced" };
  return versions.map((v) => [`${group}/${v.name}/${names.kind}`, info]);
}

const apiPath = (apiVersion: string): string =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/** The URL path of an object. */
export function objectPath(reference: ObjectReference, info: KindInfo): string {
  const namespace = info.namespaced ? `/namespaces/${encodeURIComponent(reference.namespace || "default")}` : "";
  return `${apiPath(reference.apiVersion)}${namespace}/${info.plural}/${encodeURIComponent(reference.name)}`;
}

/** The URL path of all objects of a kind in all namespaces. */
export const collectionPath = (apiVersion: string, info: KindInfo): string => `${apiPath(apiVersion)}/${info.plural}`;

/**
 * Kinds in the order in which they are applied: what others need comes first, what forbids comes last. A policy's params
 * (custom resources, ConfigMaps) and the policy itself precede its binding, or the binding would refuse everything for a
 * moment. Kinds that are not named come where `*` stands.
 */
const WAVES: readonly (readonly string[])[] = [
  ["Namespace"],
  ["CustomResourceDefinition"],
  ["PriorityClass", "RuntimeClass", "StorageClass", "IngressClass", "CSIDriver", "PersistentVolume"],
  ["ServiceAccount"],
  ["ConfigMap", "Secret"],
  ["ClusterRole", "Role"],
  ["ClusterRoleBinding", "RoleBinding"],
  ["ResourceQuota", "LimitRange"],
  ["NetworkPolicy"],
  ["Service", "PersistentVolumeClaim"],
  ["*"],
  ["APIService", "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"],
  ["ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding"],
  ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"],
];

const rest = WAVES.findIndex((wave) => wave.includes("*"));

/** A kind's place in the order, from 0. */
export function waveOf(kind: string): number {
  const wave = WAVES.findIndex((kinds) => kinds.includes(kind));
  return wave < 0 ? rest : wave;
}

/** Splits into what may be applied at once, in the order to apply. */
export function inWaves<T>(items: readonly T[], kindOf: (item: T) => string): T[][] {
  const waves: T[][] = WAVES.map(() => []);
  for (const item of items) waves[waveOf(kindOf(item))]?.push(item);
  return waves.filter((wave) => wave.length > 0);
}

/** Runs `act` over items, at most `limit` at once, and gives results in the items' order. The first failure is thrown once all ended. */
export async function inParallel<T, R>(items: readonly T[], act: (item: T) => Promise<R>, limit = 8): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await act(items[index] as T);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
