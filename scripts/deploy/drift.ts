import { DEPLOY_RECORD, ENGINE_RECORD, EXIT, LABELS, MANAGER, RECORD_NAMESPACE } from "../../contracts.ts";
import { type UnequalLeaf, unequalLeaves } from "../../estate/compare.ts";
import type { EstateObject } from "../../estate/estate.ts";
import { servedKinds } from "../../kubernetes/kinds.ts";
import { describeObject, type KubernetesObject, objectKey } from "../../kubernetes/object.ts";
import { BhittiError, type Message, message, type Position } from "../../messages/message.ts";
import { inspectCluster } from "./cluster.ts";
import { type ClusterClient, statusText } from "./cluster-client.ts";
import { clientOf, connectClusters, type DeployContext, selectedStacks } from "./deploy.ts";
import { isInventory, readInventories } from "./inventory.ts";
import {
  collectionPath,
  describeReference,
  inParallel,
  type KindLookup,
  kindLookup,
  type ObjectReference,
  objectPath,
  referenceKey,
  referenceOf,
} from "./objects.ts";
import { isParamKeeper } from "./param-keeper.ts";

/** An object that is not as it is stated, or not there. */
export interface DriftedObject {
  /** `ConfigMap zone-x/flows` */
  readonly object: string;
  readonly stack: string;
  readonly address: string;
  /** The line of YAML that states it. */
  readonly position?: Position;
}

export interface ChangedObject extends DriftedObject {
  /** Values of Secrets are shown as `(secret)`. */
  readonly leaves: readonly UnequalLeaf[];
}

/** An object that is ours and that nothing states. */
export interface ExtraObject {
  readonly object: string;
  /** The stack that left it behind, where that is known. */
  readonly stack?: string;
}

/** How the clusters differ from what the estate states. */
export interface Drift {
  /** Which engine deployed the environment, or that none did: to be printed. */
  readonly reason: Message;
  readonly changed: readonly ChangedObject[];
  readonly missing: readonly DriftedObject[];
  readonly extra: readonly ExtraObject[];
  /** Objects that stand as stated. */
  readonly unchanged: number;
  /** What could not be looked at, or not compared: no drift is only as good as this list is short. */
  readonly messages: readonly Message[];
}

/**
 * Compares the estate with what stands, whichever engine deployed it. Only reads. A leaf that is stated is compared; what
 * others added to an object is not. Extra is what an inventory or the manager's label says is ours and nothing states.
 */
export async function driftEnvironment(context: DeployContext): Promise<Drift> {
  const { root, environment, estate, progress } = context;
  const stacks = new Set(selectedStacks(context).map((s) => s.id));
  const clients = connectClusters(context);
  const step = progress.step("compare the cluster with what is stated");
  try {
    const standings = await inParallel(environment.clusters, (cluster) =>
      inspectCluster(root, environment, cluster, clientOf(clients, cluster.name, environment)),
    );
    const kinds = new Map([...clients.values()].map((client) => [client, kindLookup(client, estate.objects)]));
    const stated = estate.objects.filter((o) => stacks.has(o.stack));
    let done = 0;
    const compared = await inParallel(stated, async (o) => {
      const client = clientOf(clients, o.stack, environment);
      const found = await compareObject(client, kinds.get(client) ?? kindLookup(client), o);
      step.update(`${++done} of ${stated.length} objects`);
      return found;
    });
    const extra = context.stacks
      ? []
      : await inParallel([...clients.values()], (client) =>
          findExtra(
            client,
            kinds.get(client),
            estate.objects.filter((o) => clientOf(clients, o.stack, environment) === client),
          ),
        );
    const engine = standings.find((s) => s.engine)?.engine;
    step.done();
    return {
      reason: engine ? message("BH4035", { engine }) : message("BH4025"),
      changed: compared.flatMap((c) => (c !== "missing" && c.leaves.length > 0 ? [c] : [])),
      missing: compared.flatMap((c, i) => (c === "missing" && stated[i] ? [placeOf(stated[i])] : [])),
      extra: extra.flatMap((e) => e.objects),
      unchanged: compared.filter((c) => c !== "missing" && c.leaves.length === 0).length,
      messages: [
        ...extra.flatMap((e) => e.messages),
        ...estate.undecoded
          .filter((u) => stacks.has(u.stack))
          .map(({ stack, address, reason }) => message("BH4029", { stack, address, reason })),
        ...stated
          .filter((o) => o.unknown.length > 0)
          .map(({ object, stack, unknown, position }) =>
            message("BH4047", { object: describeObject(object), stack, paths: unknown.join(", ") }, position),
          ),
      ],
    };
  } catch (error) {
    step.fail();
    throw error;
  } finally {
    for (const client of clients.values()) client.close();
  }
}

const placeOf = ({ object, stack, address, position }: EstateObject): DriftedObject => ({
  object: describeObject(object),
  stack,
  address,
  ...(position ? { position } : {}),
});

async function compareObject(
  client: ClusterClient,
  kinds: KindLookup,
  stated: EstateObject,
): Promise<ChangedObject | "missing"> {
  const { object, unknown } = stated;
  const info = await kinds(object.apiVersion, object.kind);
  if (!info) return "missing";
  const reply = await client.request({ method: "GET", path: objectPath(referenceOf(object), info) });
  if (reply.status === 404) return "missing";
  if (reply.status !== 200) {
    const params = { cluster: client.cluster, what: `reading ${describeObject(object)}`, reason: statusText(reply) };
    throw new BhittiError(message("BH4003", params), EXIT.toolFailed);
  }
  const leaves = unequalLeaves(object, reply.body as KubernetesObject, unknown);
  return { ...placeOf(stated), leaves: object.kind === "Secret" ? leaves.map(hideValue) : leaves };
}

const hideValue = (leaf: UnequalLeaf): UnequalLeaf =>
  /^(data|stringData)([.[]|$)/.test(leaf.path)
    ? { path: leaf.path, stated: "(secret)", live: leaf.live === undefined ? undefined : "(secret)" }
    : leaf;

interface Listed {
  readonly items?: readonly { readonly metadata: KubernetesObject["metadata"] & { ownerReferences?: unknown[] } }[];
  readonly metadata?: { readonly continue?: string };
}

async function findExtra(
  client: ClusterClient,
  lookup: KindLookup | undefined,
  stated: readonly EstateObject[],
): Promise<{ objects: ExtraObject[]; messages: Message[] }> {
  const kinds = lookup ?? kindLookup(client);
  const known = new Set(stated.map((o) => objectKey(o.object)));
  const extra = new Map<string, ExtraObject>();
  const inventories = await readInventories(client);
  for (const stack of inventories.stacks()) {
    const left = inventories.of(stack).filter((entry) => !known.has(referenceKey(entry)));
    for (const entry of left) {
      const info = await kinds(entry.apiVersion, entry.kind);
      const found = info && (await client.request({ method: "GET", path: objectPath(entry, info) }));
      if (found?.status === 200 && !isGoing(found.body))
        extra.set(referenceKey(entry), { object: describeReference(entry), stack });
    }
  }
  const messages: Message[] = [];
  const listed = await inParallel(kindsToList(stated), async ({ apiVersion, kind }) => {
    const { references, refused } = await listOurs(client, kinds, apiVersion, kind);
    if (refused !== undefined) messages.push(message("BH4026", { cluster: client.cluster, kind, reason: refused }));
    return references;
  });
  for (const { reference, stack } of listed.flat()) {
    const key = referenceKey(reference);
    if (known.has(key) || extra.has(key)) continue;
    extra.set(key, { object: describeReference(reference), ...(stack ? { stack } : {}) });
  }
  const objects = [...extra.values()].sort((a, b) => (a.object < b.object ? -1 : 1));
  return { objects, messages };
}

/** Every kind that the server serves by itself and that lasts, and the custom kinds that the estate states. */
function kindsToList(stated: readonly EstateObject[]): { apiVersion: string; kind: string }[] {
  const passing = /Review$|^Event$|^Binding$|^ComponentStatus$/;
  const served = Object.keys(servedKinds()).map((key) => {
    const slash = key.lastIndexOf("/");
    return { apiVersion: key.slice(0, slash), kind: key.slice(slash + 1) };
  });
  const all = [...served, ...stated.map((o) => ({ apiVersion: o.object.apiVersion, kind: o.object.kind }))];
  const distinct = new Map(all.map((k) => [`${k.apiVersion}/${k.kind}`, k]));
  return [...distinct.values()].filter((k) => !passing.test(k.kind));
}

async function listOurs(
  client: ClusterClient,
  kinds: KindLookup,
  apiVersion: string,
  kind: string,
): Promise<{ references: { reference: ObjectReference; stack?: string }[]; refused?: string }> {
  const references: { reference: ObjectReference; stack?: string }[] = [];
  const info = await kinds(apiVersion, kind);
  if (!info) return { references };
  const labelSelector = `${LABELS.managedBy}=${MANAGER}`;
  let next = "";
  do {
    const query = { labelSelector, limit: "500", ...(next ? { continue: next } : {}) };
    const reply = await client.request({ method: "GET", path: collectionPath(apiVersion, info), query });
    // A cluster of another version need not serve, and an aggregated API need not list, every kind.
    if (reply.status === 404 || reply.status === 405) return { references };
    if (reply.status !== 200) return { references, refused: statusText(reply) };
    const { items = [], metadata } = reply.body as Listed;
    for (const item of items) {
      const meta = item.metadata;
      const { namespace = "", name = "" } = meta;
      if (isGoing(item) || madeByController(meta) || isOwnNote(kind, namespace, name)) continue;
      const stack = meta.labels?.[LABELS.stack];
      references.push({ reference: { apiVersion, kind, namespace, name }, ...(stack ? { stack } : {}) });
    }
    next = metadata?.continue ?? "";
  } while (next);
  return { references };
}

const isGoing = (object: unknown): boolean =>
  (object as Partial<KubernetesObject>).metadata?.deletionTimestamp !== undefined;

/** Controllers copy labels to what they make of our objects: ReplicaSets, EndpointSlices, Endpoints. */
export const madeByController = (meta: KubernetesObject["metadata"] & { ownerReferences?: unknown[] }): boolean =>
  (meta.ownerReferences ?? []).length > 0 ||
  Object.keys(meta.labels ?? {}).some((label) => /^endpoints(lice)?\.kubernetes\.io\/managed-by$/.test(label));

/** Bhitti's own notes in the cluster are no part of any estate. */
const isOwnNote = (kind: string, namespace: string, name: string): boolean =>
  isParamKeeper(kind, name) ||
  isInventory(namespace, name) ||
  (namespace === RECORD_NAMESPACE && (name === ENGINE_RECORD || name === DEPLOY_RECORD));
