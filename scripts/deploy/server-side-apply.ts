import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, LABELS, MANAGER } from "../../contracts.ts";
import type { Estate, EstateObject } from "../../estate/estate.ts";
import { type KindInfo, kindInfo } from "../../kubernetes/kinds.ts";
import { describeObject, type KubernetesObject, objectKey } from "../../kubernetes/object.ts";
import { BhittiError, type Message, message } from "../../messages/message.ts";
import { type ClusterClient, type ClusterRequest, mayPass, type Reply, statusText } from "./cluster-client.ts";
import type { Change, Engine } from "./engine.ts";
import { entryOf, type Inventories, type InventoryEntry, readInventories } from "./inventory.ts";
import { isRecord, jsonDifferences } from "./json-difference.ts";
import {
  describeReference,
  inParallel,
  inWaves,
  type KindLookup,
  kindLookup,
  type ObjectReference,
  objectPath,
  referenceKey,
  referenceOf,
} from "./objects.ts";
import { waitUntilReady } from "./ready.ts";
import type { StackContext } from "./run.ts";

export interface ServerSideApplyOptions {
  readonly estate: Estate;
  /** The cluster of a stack. */
  readonly clientOf: (stack: string) => ClusterClient;
  /** Every cluster of the environment: where stacks that left the estate are looked for. */
  readonly clients: readonly ClusterClient[];
  /** Milliseconds for an object to go, finalisers included. @default 300000 */
  readonly deleteTimeoutMs?: number;
  /** Milliseconds for a namespace to be Active, a CRD Established, a policy type-checked. @default 60000 */
  readonly readyTimeoutMs?: number;
  /** Milliseconds during which a refusal that passes by itself (a namespace that still goes) is tried again. @default 30000 */
  readonly retryMs?: number;
  /** Called as a stack goes on, so that tests can end the process at the worst moments. */
  readonly onPhase?: (phase: "claimed" | "applied" | "pruned", stack: string) => void | Promise<void>;
}

/** What the engine knows of one cluster while it works. */
interface ClusterView {
  readonly client: ClusterClient;
  readonly kinds: KindLookup;
  readonly inventories: Inventories;
}

/** How long to wait for an object to go, unless a second interrupt comes. */
interface Wait {
  readonly timeoutMs: number;
  readonly abort: AbortSignal;
}

/** What would become of one object. */
interface ObjectPlan {
  readonly stated: EstateObject;
  readonly info: KindInfo | undefined;
  readonly live: LiveObject | undefined;
  readonly change: Change | undefined;
  readonly messages: readonly Message[];
  /** The server's refusal of the dry run, where it is not one that a replacement answers. */
  readonly refusal: Reply | undefined;
}

interface LiveObject extends KubernetesObject {
  readonly metadata: KubernetesObject["metadata"] & {
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly generation?: number;
    readonly managedFields?: readonly ManagedFields[];
  };
}

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: unknown;
}

/**
 * The engine for disposable environments: server-side apply with the official client's credentials. An inventory for each
 * stack, written before anything is applied, is what pruning goes by: whenever the process dies, every object that it made
 * stands in one.
 *
 * @throws BhittiError BH4011, BH4012, BH4013 where the estate holds what only Terraform can deploy
 */
export function serverSideApplyEngine(options: ServerSideApplyOptions): Engine {
  const { estate, clientOf, onPhase } = options;
  const deleteTimeoutMs = options.deleteTimeoutMs ?? 300_000;
  const readyTimeoutMs = options.readyTimeoutMs ?? 60_000;
  const retryMs = options.retryMs ?? 30_000;
  refuseWhatOnlyTerraformCan(estate, clientOf);

  const views = new Map<ClusterClient, Promise<ClusterView>>();
  const viewOf = (stack: string): Promise<ClusterView> => viewOn(clientOf(stack));
  const viewOn = (client: ClusterClient): Promise<ClusterView> => {
    const view = views.get(client) ?? openView(client);
    views.set(client, view);
    return view;
  };
  const openView = async (client: ClusterClient): Promise<ClusterView> => ({
    client,
    kinds: kindLookup(client, estate.objects),
    inventories: await readInventories(client),
  });
  const statedIn = (stack: string): EstateObject[] => estate.objects.filter((o) => o.stack === stack);

  /** What the stack's inventory holds and the stack no longer states, and what has to be done about it. */
  const leaving = (stack: string, inventories: Inventories): { prune: InventoryEntry[]; keep: InventoryEntry[] } => {
    // The same name in another cluster is another object.
    const client = clientOf(stack);
    const here = estate.objects.filter((o) => clientOf(o.stack) === client);
    const statedHere = new Set(here.map((o) => objectKey(o.object)));
    const stated = new Set(statedIn(stack).map((o) => objectKey(o.object)));
    const prune: InventoryEntry[] = [];
    const keep: InventoryEntry[] = [];
    for (const entry of inventories.of(stack)) {
      const key = referenceKey(entry);
      if (stated.has(key)) continue;
      const other = inventories.heldByOther(key, stack);
      // An object that moved to another stack stays in this inventory until the other stack's holds it.
      if (statedHere.has(key)) {
        if (!other) keep.push(entry);
      } else if (!other) prune.push(entry);
    }
    return { prune, keep };
  };

  /** An object that a deployed stack still states in a namespace that is to go; `leaver` is the stack that goes as a whole. */
  const userOf = ({ inventories }: ClusterView, entry: ObjectReference, leaver?: string): EstateObject | undefined => {
    if (entry.kind !== "Namespace") return undefined;
    return estate.objects.find(
      (o) => o.object.metadata.namespace === entry.name && o.stack !== leaver && inventories.of(o.stack).length > 0,
    );
  };

  const removeAll = async (
    view: ClusterView,
    entries: readonly InventoryEntry[],
    context: StackContext,
    leaver?: string,
  ): Promise<{ changes: Change[]; messages: Message[] }> => {
    const changes: Change[] = [];
    const messages: Message[] = [];
    for (const wave of inWaves(entries, (e) => e.kind).reverse()) {
      const results = await inParallel(wave, async (entry) => {
        stopIfAborted(context.abort);
        const wait = { timeoutMs: deleteTimeoutMs, abort: context.abort };
        return removeObject(view, entry, wait, userOf(view, entry, leaver));
      });
      for (const result of results) {
        if (result.change) changes.push(result.change);
        messages.push(...result.messages);
      }
    }
    return { changes, messages };
  };

  return {
    name: "server-side-apply",

    async prepare(stacks, write) {
      const opened = await inParallel(stacks, (stack) => viewOf(stack.id));
      if (!write) return;
      // Claims of all stacks are written before the first is applied: an object that moves is then never in no inventory.
      await inParallel(stacks, async (stack) => {
        const { inventories } = opened[stacks.indexOf(stack)] as ClusterView;
        const claims = new Map([
          ...inventories.of(stack.id).map((e) => [referenceKey(e), e] as const),
          ...statedIn(stack.id).map((o) => [objectKey(o.object), entryOf(o.object)] as const),
        ]);
        const same = inventories.of(stack.id).every((e) => claims.get(referenceKey(e))?.labelled === e.labelled);
        const nothingNew = same && claims.size === inventories.of(stack.id).length;
        await inventories.save(stack.id, [...claims.values()], nothingNew && inventories.complete(stack.id));
        await onPhase?.("claimed", stack.id);
      });
    },

    async orphans() {
      const known = new Set(estate.stacks.map((s) => s.id));
      const all = await Promise.all(options.clients.map(viewOn));
      return all.flatMap((view) => view.inventories.stacks().filter((stack) => !known.has(stack)));
    },

    deployed: async (stack) => (await viewOf(stack)).inventories.complete(stack),

    async plan({ id }) {
      const view = await viewOf(id);
      const plans = await inParallel(statedIn(id), (stated) => planObject(view, stated, true));
      const leavers = await inParallel(leaving(id, view.inventories).prune, (entry) =>
        planRemoval(view, entry, userOf(view, entry)),
      );
      return {
        stack: id,
        changes: [...plans.flatMap((p) => p.change ?? []), ...leavers.flatMap((l) => l.change ?? [])],
        unchanged: plans.filter((p) => !p.change).length,
        messages: [
          ...plans.flatMap((p) => [
            ...p.messages,
            ...(p.refusal ? [refusalMessage("BH4021", p.stated, p.refusal)] : []),
          ]),
          ...leavers.flatMap((l) => l.messages),
        ],
      };
    },

    async apply({ id }, context) {
      const view = await viewOf(id);
      const stated = statedIn(id);
      const changes: Change[] = [];
      const messages: Message[] = [];
      let done = 0;
      for (const wave of inWaves(stated, (o) => o.object.kind)) {
        const results = await inParallel(wave, async (object) => {
          stopIfAborted(context.abort);
          const result = await applyObject(view, object, retryMs, {
            timeoutMs: deleteTimeoutMs,
            abort: context.abort,
          });
          context.step.update(`${++done} of ${stated.length} objects`);
          return result;
        });
        const refusals = results.flatMap((r) => r.refusals);
        if (refusals.length > 0) throw new BhittiError(refusals, EXIT.toolFailed);
        changes.push(...results.flatMap((r) => r.change ?? []));
        messages.push(...results.flatMap((r) => r.messages));
        // CRDs and namespaces are ready before what lies in them; policies are waited for as soon as all of them are there.
        messages.push(
          ...(
            await inParallel(results, (r) => waitUntilReady(view.client, view.kinds, r.stated, readyTimeoutMs, r.live))
          ).flat(),
        );
      }
      await onPhase?.("applied", id);
      const { prune, keep } = leaving(id, view.inventories);
      for (const entry of view.inventories.of(id)) {
        const key = referenceKey(entry);
        if (!stated.some((o) => objectKey(o.object) === key) && ![...prune, ...keep].includes(entry)) {
          view.inventories.release(key, id);
        }
      }
      const pruned = await removeAll(view, prune, context);
      await onPhase?.("pruned", id);
      await view.inventories.save(id, [...stated.map((o) => entryOf(o.object)), ...keep], true);
      return {
        stack: id,
        changes: [...changes, ...pruned.changes],
        unchanged: stated.length - changes.length,
        messages: [...messages, ...pruned.messages],
      };
    },

    async planDestroy({ id }) {
      const view = await viewOf(id);
      const removals = await inParallel(view.inventories.of(id), (entry) =>
        planRemoval(view, entry, userOf(view, entry, id)),
      );
      return {
        stack: id,
        changes: removals.flatMap((r) => r.change ?? []),
        unchanged: 0,
        messages: removals.flatMap((r) => r.messages),
      };
    },

    async destroy({ id }, context) {
      const view = await viewOf(id);
      const entries = view.inventories.of(id).filter((entry) => {
        const key = referenceKey(entry);
        const moved = view.inventories.heldByOther(key, id);
        if (moved) view.inventories.release(key, id);
        return !moved;
      });
      const removed = await removeAll(view, entries, context, id);
      await view.inventories.remove(id);
      return { stack: id, changes: removed.changes, unchanged: 0, messages: removed.messages };
    },

    close: async () => {},
  };
}

/** Terraform references, foreign charts and nameless objects mean something to Terraform only. */
function refuseWhatOnlyTerraformCan(estate: Estate, clientOf: ServerSideApplyOptions["clientOf"]): void {
  const clusters = new Map<ClusterClient, Map<string, EstateObject>>();
  const messages = [
    ...estate.undecoded.map((u) => message("BH4012", { stack: u.stack, address: u.address, reason: u.reason })),
    ...estate.objects.flatMap((o) => {
      const params = { stack: o.stack, address: o.address, object: describeObject(o.object) };
      const client = clientOf(o.stack);
      const seen = clusters.get(client) ?? new Map<string, EstateObject>();
      clusters.set(client, seen);
      const other = seen.get(objectKey(o.object));
      seen.set(objectKey(o.object), o);
      return [
        ...o.unknown.map((path) => message("BH4011", { ...params, path }, o.position)),
        ...(o.object.metadata.name ? [] : [message("BH4013", params, o.position)]),
        ...(other ? [message("BH4015", { ...params, other: other.stack }, o.position)] : []),
      ];
    }),
  ];
  if (messages.length > 0) throw new BhittiError(messages);
}

function stopIfAborted(abort: AbortSignal): void {
  if (abort.aborted) throw new BhittiError(message("BH4016"), EXIT.toolFailed);
}

const applyRequest = (path: string, object: KubernetesObject, dryRun: boolean): ClusterRequest => ({
  method: "PATCH",
  path,
  query: { fieldManager: MANAGER, force: "true", fieldValidation: "Strict", ...(dryRun ? { dryRun: "All" } : {}) },
  contentType: "application/apply-patch+yaml",
  body: object,
});

/**
 * Compares an object with what stands: the server itself says what applying it would change, defaults and canonical forms
 * included.
 *
 * @param checkNew whether an object that is not there yet is put to the server in a dry run
 */
async function planObject(view: ClusterView, stated: EstateObject, checkNew: boolean): Promise<ObjectPlan> {
  const { object, address } = stated;
  const info = await view.kinds(object.apiVersion, object.kind);
  const base = { stated, info, live: undefined, messages: [], refusal: undefined };
  const change = (action: Change["action"], paths: readonly string[] = []): Change => ({
    action,
    object: describeObject(object),
    address,
    paths,
  });
  if (!info) return { ...base, change: change("create") };
  const path = objectPath(referenceOf(object), info);
  const found = await view.client.request({ method: "GET", path });
  if (found.status === 404) {
    const tried = checkNew ? await view.client.request(applyRequest(path, object, true)) : undefined;
    const refusal = tried && tried.status >= 300 && tried.status !== 404 ? tried : undefined;
    return { ...base, change: change("create"), refusal, messages: warningsOf(stated, tried) };
  }
  if (found.status !== 200) return { ...base, change: change("update"), refusal: found };
  const live = found.body as LiveObject;
  if (live.metadata.deletionTimestamp) return { ...base, live, change: change("create") };
  const tried = await view.client.request(applyRequest(path, object, true));
  if (tried.status === 200) {
    const paths = changedPaths(live, tried.body as LiveObject);
    if (paths.length === 0) return { ...base, live, change: undefined };
    return { ...base, live, change: change("update", paths), messages: warningsOf(stated, tried) };
  }
  const immutable = immutableFields(tried);
  if (immutable.length > 0 && replaceable(object.kind)) return { ...base, live, change: change("replace", immutable) };
  return { ...base, live, change: change("update"), refusal: tried };
}

/** Fields that an apply changes; `metadata.managedFields` where it changes no value but who owns one. */
function changedPaths(live: LiveObject, applied: LiveObject): string[] {
  const paths = jsonDifferences(withoutBookkeeping(live), withoutBookkeeping(applied)).map((d) => d.path);
  if (paths.length > 0) return paths;
  const same = jsonDifferences(ownFields(live), ownFields(applied)).length === 0;
  return same ? [] : ["metadata.managedFields"];
}

function withoutBookkeeping(object: LiveObject): unknown {
  const { managedFields: _, resourceVersion: __, generation: ___, ...metadata } = object.metadata;
  return { ...object, metadata };
}

const ownFields = (object: LiveObject): unknown =>
  object.metadata.managedFields?.find((f) => f.manager === MANAGER && f.operation === "Apply" && !f.subresource)
    ?.fieldsV1;

/** Fields that the server refuses to change in place, from a 422 that names nothing else. */
export function immutableFields(reply: Reply): string[] {
  if (reply.status !== 422 || !isRecord(reply.body)) return [];
  const details = reply.body.details;
  const causes = isRecord(details) && Array.isArray(details.causes) ? details.causes.filter(isRecord) : [];
  // A denial of an admission policy names no field, whatever its text says.
  const immutable = causes.filter((c) => typeof c.field === "string" && IMMUTABLE.test(String(c.message)));
  return immutable.length === causes.length ? immutable.map((c) => c.field as string) : [];
}

const IMMUTABLE =
  /immutable|may not (be )?change|cannot change|not be changed|updates? to .* (is|are) forbidden|Forbidden: updates? to/i;

/** Replacing a namespace or a CRD would take all that lies in it along. */
const replaceable = (kind: string): boolean => kind !== "Namespace" && kind !== "CustomResourceDefinition";

const warningsOf = (stated: EstateObject, reply: Reply | undefined): Message[] =>
  (reply?.warnings ?? []).map((text) =>
    message("BH4020", { object: describeObject(stated.object), stack: stated.stack, text }, stated.position),
  );

const refusalMessage = (code: "BH4010" | "BH4021", stated: EstateObject, reply: Reply): Message =>
  message(
    code,
    { object: describeObject(stated.object), stack: stated.stack, address: stated.address, reason: statusText(reply) },
    stated.position,
  );

interface Applied {
  readonly stated: EstateObject;
  readonly info: KindInfo | undefined;
  /** The object as it stands now. */
  readonly live: LiveObject | undefined;
  readonly change: Change | undefined;
  readonly messages: readonly Message[];
  readonly refusals: readonly Message[];
}

async function applyObject(view: ClusterView, stated: EstateObject, retryMs: number, wait: Wait): Promise<Applied> {
  const until = Date.now() + retryMs;
  for (let pause = 100; ; pause = Math.min(pause * 2, 2000)) {
    const plan = await planObject(view, stated, false);
    const base = { stated, info: plan.info, live: plan.live, change: plan.change };
    if (!plan.change) return { ...base, messages: [], refusals: [] };
    const reply = plan.refusal ?? (await carryOut(view, plan, wait));
    if (reply.status < 300) {
      return { ...base, live: reply.body as LiveObject, messages: warningsOf(stated, reply), refusals: [] };
    }
    if (!passesByItself(reply, plan) || Date.now() + pause > until) {
      return { ...base, messages: [], refusals: [refusalMessage("BH4010", stated, reply)] };
    }
    stopIfAborted(wait.abort);
    await sleep(pause);
  }
}

async function carryOut(view: ClusterView, plan: ObjectPlan, wait: Wait): Promise<Reply> {
  const { object } = plan.stated;
  const reference = referenceOf(object);
  if (!plan.info) return { status: 404, body: `no kind ${object.kind} in ${object.apiVersion}`, warnings: [] };
  const path = objectPath(reference, plan.info);
  if (plan.live?.metadata.deletionTimestamp) await waitGone(view, reference, path, plan.live, wait);
  else if (plan.change?.action === "replace" && plan.live) {
    const refusal = await deleteAndWait(view, reference, path, plan.live, wait);
    if (refusal) return refusal;
  }
  return view.client.request(applyRequest(path, object, false));
}

/** A namespace on its way out, a quota not counted yet, a CRD not served yet, a write at the same moment. */
function passesByItself(reply: Reply, plan: ObjectPlan): boolean {
  if (reply.status === 409 || mayPass(reply)) return true;
  if (reply.status === 404)
    return plan.info !== undefined && !kindInfo(plan.stated.object.apiVersion, plan.stated.object.kind);
  if (reply.status !== 403 || !isRecord(reply.body)) return false;
  const details = reply.body.details;
  const causes = isRecord(details) && Array.isArray(details.causes) ? details.causes.filter(isRecord) : [];
  const terminating = causes.some((c) => c.reason === "NamespaceTerminating");
  return terminating || (plan.change?.action === "create" && /status unknown for quota/.test(statusText(reply)));
}

interface Removal {
  readonly change?: Change;
  readonly messages: readonly Message[];
}

async function planRemoval(view: ClusterView, entry: InventoryEntry, user: EstateObject | undefined): Promise<Removal> {
  const found = await find(view, entry);
  if (!found) return { messages: [] };
  const kept = keptMessage(entry, found.live, user);
  return kept ? { messages: [kept] } : { change: removalOf(entry), messages: [] };
}

const removalOf = (entry: ObjectReference): Change => ({
  action: "delete",
  object: describeReference(entry),
  paths: [],
});

async function find(
  view: ClusterView,
  entry: ObjectReference,
): Promise<{ path: string; live: LiveObject } | undefined> {
  const info = await view.kinds(entry.apiVersion, entry.kind);
  if (!info) return undefined;
  const path = objectPath(entry, info);
  const reply = await view.client.request({ method: "GET", path });
  if (reply.status === 404) return undefined;
  if (reply.status !== 200) throw removalRefused(entry, reply);
  return { path, live: reply.body as LiveObject };
}

/** Why an object that left the estate stays in the cluster all the same. */
function keptMessage(entry: InventoryEntry, live: LiveObject, user: EstateObject | undefined): Message | undefined {
  const object = describeReference(entry);
  if (user) return message("BH4024", { object, user: describeObject(user.object), stack: user.stack });
  const label = live.metadata.labels?.[LABELS.managedBy];
  const applied = live.metadata.managedFields?.some((f) => f.manager === MANAGER) ?? false;
  const ours = label === MANAGER || (label === undefined && !entry.labelled && applied);
  return ours ? undefined : message("BH4023", { object, label: label ?? "none" });
}

async function removeObject(
  view: ClusterView,
  entry: InventoryEntry,
  wait: Wait,
  user: EstateObject | undefined,
): Promise<Removal> {
  const found = await find(view, entry);
  if (!found) return { messages: [] };
  const kept = keptMessage(entry, found.live, user);
  if (kept) return { messages: [kept] };
  const refusal = belongsToCluster(entry)
    ? await letGo(view, entry, found.path)
    : await deleteAndWait(view, entry, found.path, found.live, wait);
  if (refusal) throw removalRefused(entry, refusal);
  return { change: removalOf(entry), messages: [] };
}

/** Objects that the cluster makes by itself: what the stack put into them is taken back, and they stay. */
const belongsToCluster = ({ kind, name }: ObjectReference): boolean =>
  (kind === "Namespace" && ["default", "kube-system", "kube-public", "kube-node-lease"].includes(name)) ||
  (kind === "ServiceAccount" && name === "default") ||
  (kind === "ConfigMap" && name === "kube-root-ca.crt");

async function letGo(view: ClusterView, entry: InventoryEntry, path: string): Promise<Reply | undefined> {
  const metadata = entry.namespace ? { name: entry.name, namespace: entry.namespace } : { name: entry.name };
  const bare = { apiVersion: entry.apiVersion, kind: entry.kind, metadata };
  const reply = await view.client.request(applyRequest(path, bare, false));
  return reply.status < 300 || reply.status === 404 ? undefined : reply;
}

async function deleteAndWait(
  view: ClusterView,
  entry: ObjectReference,
  path: string,
  live: LiveObject,
  wait: Wait,
): Promise<Reply | undefined> {
  const body = { propagationPolicy: "Background", preconditions: { uid: live.metadata.uid } };
  const reply = await view.client.request({ method: "DELETE", path, body });
  // 409: the uid is another's already, so the object that was meant is gone.
  if (reply.status >= 300 && reply.status !== 404 && reply.status !== 409) return reply;
  await waitGone(view, entry, path, live, wait);
  return undefined;
}

async function waitGone(
  view: ClusterView,
  entry: ObjectReference,
  path: string,
  live: LiveObject,
  wait: Wait,
): Promise<void> {
  const until = Date.now() + wait.timeoutMs;
  for (let pause = 20; ; pause = Math.min(pause * 2, 1000)) {
    const reply = await view.client.request({ method: "GET", path });
    const now = reply.body as LiveObject;
    if (reply.status === 404 || (reply.status === 200 && now.metadata.uid !== live.metadata.uid)) return;
    if (Date.now() + pause > until) {
      const params = { object: describeReference(entry), seconds: wait.timeoutMs / 1000, reason: holdsOn(now) };
      throw new BhittiError(message("BH4018", params), EXIT.toolFailed);
    }
    stopIfAborted(wait.abort);
    await sleep(pause);
  }
}

/** What keeps an object that is being deleted, as far as it says. */
function holdsOn(live: LiveObject): string {
  const status = isRecord(live.status) ? live.status : {};
  const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isRecord) : [];
  const said = conditions.filter((c) => c.status === "True").map((c) => String(c.message));
  const finalizers = live.metadata.finalizers ?? [];
  const reasons = [...said, ...(finalizers.length > 0 ? [`finalizers ${finalizers.join(", ")}`] : [])];
  return reasons.join("; ") || "it gives no reason; is kube-controller-manager running?";
}

const removalRefused = (entry: ObjectReference, reply: Reply): BhittiError =>
  new BhittiError(message("BH4019", { object: describeReference(entry), reason: statusText(reply) }), EXIT.toolFailed);
