import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINE_RECORD, EXIT, LABELS, MANAGER, RECORD_NAMESPACE } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { ReachableCluster } from "../../environments/model/files/clusters.ts";
import { bindingOfType, kindInfo } from "../../kubernetes/kinds.ts";
import { BhittiError, type Message, message } from "../../messages/message.ts";
import { type ClusterClient, statusText } from "./cluster-client.ts";
import { forgetDeploys } from "./deploy-record.ts";
import { ENGINE_NAMES, type EngineName } from "./engine.ts";
import { refused } from "./inventory.ts";
import { objectPath } from "./objects.ts";

/** What deploying needs to know of an environment; everything else is in its estate. */
export type DeployTarget = Pick<Environment, "name" | "disposable"> & {
  readonly clusters: readonly ReachableCluster[];
};

/** What a cluster is to this environment, before anything is changed. */
export interface ClusterStanding {
  readonly cluster: string;
  /** UID of its kube-system namespace. */
  readonly uid: string;
  /** `known`: the one that was adopted. `new`: none was. `rebuilt`: another was, and this environment is disposable. */
  readonly identity: "known" | "new" | "rebuilt";
  /** The engine that deployed it, where one did. */
  readonly engine?: EngineName;
}

/** Where state and records of an environment lie. */
export const stateFolder = (root: string, environment: string): string => join(root, ".bhitti", "state", environment);

/** The file that remembers a cluster's identity, relative to the repository. */
const recordFile = (environment: string, cluster: string): string =>
  `.bhitti/state/${environment}/cluster-${cluster}.json`;

const recordPath = `/api/v1/namespaces/${RECORD_NAMESPACE}/configmaps/${ENGINE_RECORD}`;

/**
 * Reads who a cluster is and who deployed it, and changes nothing.
 *
 * @throws BhittiError BH4001 unreachable, BH4005 another cluster than the adopted one, BH4007 another environment's
 */
export async function inspectCluster(
  root: string,
  environment: DeployTarget,
  cluster: ReachableCluster,
  client: ClusterClient,
): Promise<ClusterStanding> {
  const uid = await clusterIdentity(client);
  const record = await readEngineRecord(client);
  const { context } = cluster.kubeconfig;
  if (record && record.environment !== environment.name) {
    const params = { cluster: cluster.name, actual: record.environment, expected: environment.name, context };
    throw new BhittiError(message("BH4007", params), EXIT.findings);
  }
  const file = recordFile(environment.name, cluster.name);
  const remembered = rememberedIdentity(join(root, file), cluster.name, file);
  if (remembered !== undefined && remembered !== uid && (record || !environment.disposable)) {
    const params = { cluster: cluster.name, server: client.server, actual: uid, expected: remembered, context, file };
    throw new BhittiError(message("BH4005", params), EXIT.findings);
  }
  const stale = remembered === undefined && !record ? await staleStates(root, environment, cluster, client) : [];
  if (stale.length > 0 && !environment.disposable) {
    const params = { cluster: cluster.name, server: client.server, context, stacks: stale.join(", ") };
    throw new BhittiError(message("BH4027", params), EXIT.findings);
  }
  const identity = remembered === uid ? "known" : remembered !== undefined || stale.length > 0 ? "rebuilt" : "new";
  return { cluster: cluster.name, uid, identity, ...(record ? { engine: record.engine } : {}) };
}

/** UID of the kube-system namespace, which lives as long as the cluster. */
async function clusterIdentity(client: ClusterClient): Promise<string> {
  const reply = await client.request({ method: "GET", path: `/api/v1/namespaces/${RECORD_NAMESPACE}` });
  if (reply.status !== 200) throw refused(client, `reading namespace ${RECORD_NAMESPACE}`, statusText(reply));
  return (reply.body as { metadata: { uid: string } }).metadata.uid;
}

async function readEngineRecord(
  client: ClusterClient,
): Promise<{ readonly engine: EngineName; readonly environment: string } | undefined> {
  const reply = await client.request({ method: "GET", path: recordPath });
  if (reply.status === 404) return undefined;
  if (reply.status !== 200) throw refused(client, `reading ConfigMap ${ENGINE_RECORD}`, statusText(reply));
  const { data = {} } = reply.body as { data?: Record<string, string> };
  const engine = ENGINE_NAMES.find((name) => name === data.engine);
  if (!engine || !data.environment) {
    throw refused(client, `reading ConfigMap ${ENGINE_RECORD}`, "it names no known engine and environment");
  }
  return { engine, environment: data.environment };
}

function rememberedIdentity(path: string, cluster: string, file: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const { uid } = JSON.parse(readFileSync(path, "utf8")) as { uid?: unknown };
    if (typeof uid === "string" && uid !== "") return uid;
  } catch (error) {
    throw new BhittiError(message("BH4009", { cluster, file, reason: (error as Error).message }));
  }
  throw new BhittiError(message("BH4009", { cluster, file, reason: "it holds no uid" }));
}

/**
 * Makes a cluster this environment's: remembers its identity here, and the engine there. Where the cluster was rebuilt,
 * Terraform state of the earlier one is moved to `earlier/<uid>` first, so that it is never used against the new one.
 *
 * @returns what the person should be told
 */
export async function adoptCluster(
  root: string,
  environment: DeployTarget,
  cluster: ReachableCluster,
  client: ClusterClient,
  standing: ClusterStanding,
  engine: EngineName,
): Promise<Message[]> {
  const messages: Message[] = [];
  const params = { cluster: cluster.name, server: client.server, uid: standing.uid };
  if (standing.identity === "rebuilt") {
    const { count, folder } = setAsideState(root, environment.name, cluster.name);
    messages.push(message("BH4006", { ...params, states: count === 1 ? "1 state" : `${count} states`, folder }));
  }
  if (standing.identity === "new") messages.push(message("BH4004", params));
  if (standing.identity !== "known") {
    mkdirSync(stateFolder(root, environment.name), { recursive: true, mode: 0o700 });
    const file = join(root, recordFile(environment.name, cluster.name));
    writeFileSync(`${file}.new`, `${JSON.stringify({ uid: standing.uid }, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  if (!standing.engine) await writeEngineRecord(client, environment.name, engine);
  return messages;
}

async function writeEngineRecord(client: ClusterClient, environment: string, engine: EngineName): Promise<void> {
  const reply = await client.request({
    method: "PATCH",
    path: recordPath,
    query: { fieldManager: MANAGER, force: "true" },
    contentType: "application/apply-patch+yaml",
    body: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: ENGINE_RECORD, namespace: RECORD_NAMESPACE, labels: { [LABELS.managedBy]: MANAGER } },
      data: { engine, environment },
    },
  });
  if (reply.status >= 300) throw refused(client, `writing ConfigMap ${ENGINE_RECORD}`, statusText(reply));
}

/**
 * Stacks whose Terraform state knows objects, none of which exists in the cluster under its UID: state of another cluster,
 * met where nothing says which one. A state that `cdktf deploy` wrote for this cluster is recognised by its objects.
 */
async function staleStates(
  root: string,
  environment: DeployTarget,
  cluster: ReachableCluster,
  client: ClusterClient,
): Promise<string[]> {
  const folder = stateFolder(root, environment.name);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((f) => f.startsWith(`${cluster.name}-`) && f.endsWith(".tfstate"));
  const objects = files.flatMap((file) => objectsInState(join(folder, file)).map((o) => ({ ...o, file })));
  for (const { uid, path } of objects) {
    const reply = await client.request({ method: "GET", path });
    const live = reply.body as { metadata?: { uid?: string } } | undefined;
    if (reply.status === 200 && live?.metadata?.uid === uid) return [];
  }
  return [...new Set(objects.map((o) => o.file.slice(0, -".tfstate".length)))];
}

/** Where the objects of a state would be, and with which UID. */
function objectsInState(file: string): { uid: string; path: string }[] {
  const { resources = [] } = JSON.parse(readFileSync(file, "utf8")) as { resources?: StateResource[] };
  return resources.flatMap(({ type, instances = [] }) => {
    const binding = bindingOfType(type);
    const info = binding && kindInfo(binding.apiVersion, binding.kind);
    if (!binding || !info) return [];
    return instances.flatMap(({ attributes }) => {
      const { uid, name, namespace } = attributes?.metadata?.[0] ?? {};
      if (!uid || !name) return [];
      const { apiVersion, kind } = binding;
      return [{ uid, path: objectPath({ apiVersion, kind, namespace: namespace ?? "", name }, info) }];
    });
  });
}

interface StateResource {
  readonly type: string;
  readonly instances?: readonly {
    readonly attributes?: { readonly metadata?: readonly { uid?: string; name?: string; namespace?: string }[] };
  }[];
}

/** Moves the state of one cluster's stacks out of Terraform's way. Never deletes: it may be the only trace of something. */
function setAsideState(root: string, environment: string, cluster: string): { count: number; folder: string } {
  const from = stateFolder(root, environment);
  const earlier = rememberedIdentity(join(root, recordFile(environment, cluster)), cluster, "") ?? "unknown";
  const folder = `.bhitti/state/${environment}/earlier/${earlier}`;
  const files = readdirSync(from).filter((f) => f.startsWith(`${cluster}-`) && /\.tfstate(\.backup)?$/.test(f));
  if (files.length > 0) mkdirSync(join(root, folder), { recursive: true, mode: 0o700 });
  for (const file of files) renameSync(join(from, file), join(root, folder, file));
  return { count: files.filter((f) => f.endsWith(".tfstate")).length, folder };
}

/** Forgets a cluster after everything in it was destroyed: the records in it and the one here. */
export async function releaseCluster(
  root: string,
  environment: DeployTarget,
  cluster: ReachableCluster,
  client: ClusterClient,
): Promise<void> {
  const reply = await client.request({ method: "DELETE", path: recordPath });
  if (reply.status >= 300 && reply.status !== 404) {
    throw refused(client, `removing ConfigMap ${ENGINE_RECORD}`, statusText(reply));
  }
  await forgetDeploys(client);
  rmSync(join(root, recordFile(environment.name, cluster.name)), { force: true });
}
