import { DEPLOY_RECORD, LABELS, MANAGER, RECORD_NAMESPACE } from "../../contracts.ts";
import { type ClusterClient, statusText } from "./cluster-client.ts";
import { ENGINE_NAMES, type EngineName } from "./engine.ts";
import { refused } from "./inventory.ts";

/** What a cluster remembers of the last deploy of a stack, by whichever engine. */
export interface DeployRecord {
  readonly engine: EngineName;
  /** `running` is what is left where the deployer was killed. */
  readonly result: (typeof RESULTS)[number];
  /** ISO, UTC: when it began, or ended. */
  readonly at: string;
}

const RESULTS = ["running", "done", "failed"] as const;

const collection = `/api/v1/namespaces/${RECORD_NAMESPACE}/configmaps`;
const path = `${collection}/${DEPLOY_RECORD}`;

/**
 * Writes what becomes of a stack, or, where `record` is undefined, forgets it. Stacks are written at once by several: each touches its own
 * key only.
 *
 * @throws BhittiError BH4003 where the API server does not take it
 */
export async function recordDeploy(client: ClusterClient, stack: string, record?: DeployRecord): Promise<void> {
  const data = { [stack]: record ? JSON.stringify(record) : null };
  const labels = { [LABELS.managedBy]: MANAGER };
  const change = () =>
    client.request({
      method: "PATCH",
      path,
      contentType: "application/merge-patch+json",
      query: { fieldManager: MANAGER },
      body: { metadata: { labels }, data },
    });
  const first = await change();
  if (first.status !== 404) return accepted(client, first);
  if (!record) return;
  const metadata = { name: DEPLOY_RECORD, namespace: RECORD_NAMESPACE, labels };
  const made = await client.request({
    method: "POST",
    path: collection,
    query: { fieldManager: MANAGER },
    body: { apiVersion: "v1", kind: "ConfigMap", metadata, data },
  });
  // Another stack's record made it meanwhile.
  accepted(client, made.status === 409 ? await change() : made);
}

function accepted(client: ClusterClient, reply: Awaited<ReturnType<ClusterClient["request"]>>): void {
  if (reply.status >= 300) throw refused(client, `writing ConfigMap ${DEPLOY_RECORD}`, statusText(reply));
}

/**
 * Does something to a stack between two records of it.
 *
 * @param keep false where the stack is gone afterwards
 */
export async function recorded<T>(
  client: ClusterClient,
  stack: string,
  engine: EngineName,
  act: () => Promise<T>,
  keep = true,
): Promise<T> {
  const record = (result: DeployRecord["result"]): DeployRecord => ({ engine, result, at: new Date().toISOString() });
  await recordDeploy(client, stack, record("running"));
  try {
    const made = await act();
    await recordDeploy(client, stack, keep ? record("done") : undefined);
    return made;
  } catch (error) {
    // Why it failed is what a person has to hear, not that its record could not be written.
    await recordDeploy(client, stack, record("failed")).catch(() => undefined);
    throw error;
  }
}

/** The records of a cluster, by stack; what has not their form is left out. */
export async function readDeploys(client: ClusterClient): Promise<ReadonlyMap<string, DeployRecord>> {
  const reply = await client.request({ method: "GET", path });
  if (reply.status === 404) return new Map();
  if (reply.status !== 200) throw refused(client, `reading ConfigMap ${DEPLOY_RECORD}`, statusText(reply));
  const { data = {} } = reply.body as { data?: Readonly<Record<string, string>> };
  return new Map(
    Object.entries(data).flatMap(([stack, text]): [string, DeployRecord][] => {
      const record = parsed(text);
      return record ? [[stack, record]] : [];
    }),
  );
}

function parsed(text: string): DeployRecord | undefined {
  try {
    const { engine, result, at } = JSON.parse(text) as Partial<Record<keyof DeployRecord, unknown>>;
    const known = { engine: ENGINE_NAMES.find((name) => name === engine), result: RESULTS.find((r) => r === result) };
    return known.engine && known.result && typeof at === "string" && !Number.isNaN(Date.parse(at))
      ? { engine: known.engine, result: known.result, at }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets every deploy of a cluster. */
export async function forgetDeploys(client: ClusterClient): Promise<void> {
  const reply = await client.request({ method: "DELETE", path });
  if (reply.status >= 300 && reply.status !== 404) {
    throw refused(client, `removing ConfigMap ${DEPLOY_RECORD}`, statusText(reply));
  }
}
