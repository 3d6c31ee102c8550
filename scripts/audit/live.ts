import type { Estate, EstateObject, Undecoded } from "../../estate/estate.ts";
import { servedKinds } from "../../kubernetes/kinds.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import { SYSTEM_NAMESPACES } from "../../policies/rules.ts";
import { type ClusterClient, statusText } from "../deploy/cluster-client.ts";
import { collectionPath, inParallel } from "../deploy/objects.ts";

/** Kinds that pass by, that hold secrets nobody has to read for a rule, or that the API server only computes. */
const NOT_READ = /Review$|^Event$|^Lease$|^Secret$|^Binding$|^ComponentStatus$/;

/** On the roles and bindings that the API server itself puts into every cluster. */
const BOOTSTRAP_LABEL = "kubernetes.io/bootstrapping";

/** A cluster as it stands, in the form of an estate. */
export interface LiveEstate {
  readonly estate: Estate;
  /** Objects of Kubernetes itself that were left out. */
  readonly leftOut: number;
}

interface Page {
  readonly items?: readonly Omit<KubernetesObject, "apiVersion" | "kind">[];
  readonly metadata?: { readonly continue?: string };
}

/**
 * Reads every object of every served kind of some clusters. Only reads. A kind that the reader may not list is told as not
 * evaluated, so that nothing passes by being hidden.
 *
 */
export async function readLive(environment: string, clients: readonly ClusterClient[]): Promise<LiveEstate> {
  const parts = await Promise.all(clients.map(readCluster));
  const objects = parts.flatMap((part) => part.objects);
  const kept = objects.filter(({ object }) => !isOfKubernetes(object));
  return {
    estate: {
      environment,
      stacks: clients.map(({ cluster }) => ({ id: liveStack(cluster), dependencies: [] })),
      objects: kept,
      undecoded: parts.flatMap((part) => part.refused),
    },
    leftOut: objects.length - kept.length,
  };
}

/** Its own roles and bindings, and its own namespaces with what lies in them, which no binding of a rule reaches either. */
const isOfKubernetes = ({ kind, metadata: { labels, namespace, name } }: KubernetesObject): boolean =>
  labels?.[BOOTSTRAP_LABEL] !== undefined ||
  SYSTEM_NAMESPACES.includes(namespace ?? (kind === "Namespace" ? (name ?? "") : ""));

/** Stack ids open with the cluster's name. */
const liveStack = (cluster: string): string => `${cluster}-live`;

async function readCluster(
  client: ClusterClient,
): Promise<{ readonly objects: readonly EstateObject[]; readonly refused: readonly Undecoded[] }> {
  const kinds = Object.entries(servedKinds()).map(([key, info]) => {
    const slash = key.lastIndexOf("/");
    return { apiVersion: key.slice(0, slash), kind: key.slice(slash + 1), info };
  });
  const stack = liveStack(client.cluster);
  const refused: Undecoded[] = [];
  const listed = await inParallel(
    kinds.filter(({ kind }) => !NOT_READ.test(kind)),
    async ({ apiVersion, kind, info }) => {
      const path = collectionPath(apiVersion, info);
      const objects: KubernetesObject[] = [];
      let next = "";
      do {
        const reply = await client.request({
          method: "GET",
          path,
          query: { limit: "500", ...(next ? { continue: next } : {}) },
        });
        // A cluster of another version need not serve, and an aggregated API need not list, every kind.
        if (reply.status === 404 || reply.status === 405) return objects;
        if (reply.status !== 200) {
          refused.push({ stack, address: path, reason: statusText(reply) });
          return objects;
        }
        const { items = [], metadata } = reply.body as Page;
        objects.push(...items.map((item) => ({ ...item, apiVersion, kind }) as KubernetesObject));
        next = metadata?.continue ?? "";
      } while (next);
      return objects;
    },
  );
  const objects = listed
    .flat()
    .map((object): EstateObject => ({ object, stack, address: describeObject(object), unknown: [] }))
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  return { objects, refused };
}
