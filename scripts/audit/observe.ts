import { LABELS } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { BhittiError, formatMessage, textOf } from "../../messages/message.ts";
import type { JudgedOn } from "../../policies/estate-rule.ts";
import { evaluateEstate } from "../../policies/evaluate.ts";
import { judgeDrills } from "../../policies/evidence/drills.ts";
import type { Commit } from "../../policies/evidence/evidence.ts";
import {
  type Found,
  OBSERVED_FORM,
  type Observation,
  type ObservationKind,
  type Observed,
  observation,
} from "../../policies/evidence/observed.ts";
import { applyExemptions } from "../../policies/exemptions/apply.ts";
import { exemptionsOf, type Prepared } from "../commands/prepare.ts";
import { type ClusterClient, statusText } from "../deploy/cluster-client.ts";
import { clusterName, connectClusters, type DeployContext } from "../deploy/deploy.ts";
import { readDeploys } from "../deploy/deploy-record.ts";
import { driftEnvironment } from "../deploy/drift.ts";
import { refused } from "../deploy/inventory.ts";
import { readLive } from "./live.ts";

/** What is looked at, and by what it is judged. */
export interface Watched extends Pick<Prepared, "estate" | "rules"> {
  readonly environment: Pick<Environment, "name" | "guardrails" | "exemptions" | "positions">;
}

/**
 * Looks at the environment's clusters. Only reads. What cannot be looked at is an observation that is not satisfied and says why.
 *
 * @param deploy how its clusters are reached
 * @param commit what `prepared` was made from
 * @param on what rules may ask of besides the clusters, and the day on which exemptions have to hold
 */
export async function observe(
  prepared: Watched,
  deploy: DeployContext,
  commit: Commit,
  on: JudgedOn,
): Promise<Observed> {
  const taken: Observation[] = [];
  const take = async (kind: ObservationKind, look: () => Promise<Found>): Promise<void> => {
    const takenAt = new Date();
    taken.push(observation(kind, takenAt, await look().catch(whyNot)));
  };
  await take("drift", () => lookForDrift(deploy));
  await take("live-evaluation", () => withClients(deploy, (clients) => evaluateLive(prepared, clients, on)));
  await take("last-deploy", () => withClients(deploy, (clients) => lookForDeploys(prepared, clients)));
  await take("drills", () => withClients(deploy, lookForDrills));
  return { form: OBSERVED_FORM, environment: prepared.environment.name, commit, observations: taken };
}

/** A cluster that does not answer is a finding here; a defect of ours is none. */
function whyNot(error: unknown): Found {
  if (!(error instanceof BhittiError)) throw error;
  return { counts: {}, notes: [], faults: error.messages.map(formatMessage) };
}

async function withClients(
  deploy: DeployContext,
  look: (clients: readonly ClusterClient[]) => Promise<Found>,
): Promise<Found> {
  const clients = [...connectClusters(deploy).values()];
  try {
    return await look(clients);
  } finally {
    for (const client of clients) client.close();
  }
}

async function lookForDrift(deploy: DeployContext): Promise<Found> {
  const { changed, missing, extra, unchanged, messages } = await driftEnvironment(deploy);
  return {
    counts: { unchanged, changed: changed.length, missing: missing.length, extra: extra.length },
    notes: [],
    faults: [
      ...changed.map(({ object, leaves }) => `changed: ${object}: ${leaves.map(({ path }) => path).join(", ")}`),
      ...missing.map(({ object }) => `missing: ${object}`),
      ...extra.map(({ object }) => `extra: ${object}`),
      ...messages.map(formatMessage),
    ],
  };
}

async function evaluateLive(
  { environment, rules }: Watched,
  clients: readonly ClusterClient[],
  on: JudgedOn,
): Promise<Found> {
  const { estate, leftOut } = await readLive(environment.name, clients);
  const { stage, rules: stages } = environment.guardrails;
  const found = evaluateEstate(estate, rules, (rule) => stages[rule] ?? stage, on);
  const { findings, population } = applyExemptions(found, exemptionsOf(environment), rules, on.asOf);
  const open = findings.filter(({ exemption }) => exemption === undefined);
  return {
    counts: {
      objects: estate.objects.length,
      judgements: population.reduce((sum, { matched }) => sum + matched, 0),
      findings: open.length,
      exempted: findings.length - open.length,
      "not evaluated": estate.undecoded.length,
    },
    notes: [
      `Secrets are not read; ${leftOut} objects of Kubernetes itself (its default roles and bindings, kube-system, kube-public, kube-node-lease) are left out`,
    ],
    faults: [
      ...open.map(({ message }) => textOf(message)),
      ...estate.undecoded.map(({ stack, address, reason }) => `not evaluated: ${address} of ${stack}: ${reason}`),
      ...population.flatMap(({ rule, notRun }) => (notRun === undefined ? [] : [`not run: ${rule}: ${notRun}`])),
      ...(estate.objects.length === 0 ? ["no object was found"] : []),
    ],
  };
}

/** Each cluster keeps a record of the last deploy of each of its stacks. What plain `cdktf deploy` did is in none. */
async function lookForDeploys({ estate }: Watched, clients: readonly ClusterClient[]): Promise<Found> {
  const records = await Promise.all(
    clients.map(async (client) => {
      const deploys = await readDeploys(client);
      const own = estate.stacks.filter(({ id }) => clusterName(id) === client.cluster);
      return own.map(({ id }) => ({ id, record: deploys.get(id) }));
    }),
  );
  const stacks = records.flat();
  const times = stacks.flatMap(({ record }) => record?.at ?? []).sort();
  const engines = [...new Set(stacks.flatMap(({ record }) => record?.engine ?? []))].sort();
  return {
    counts: {
      stacks: stacks.length,
      complete: stacks.filter(({ record }) => record?.result === "done").length,
    },
    notes: times.length === 0 ? [] : [`last deploy: ${times.at(-1)}, by ${engines.join(" and ")}`],
    faults: stacks.flatMap(({ id, record }) => {
      if (!record) return [`no record in the cluster: ${id}; 'bhitti deploy' writes one`];
      if (record.result === "done") return [];
      return [`${record.result === "failed" ? "failed" : "began and did not end"}: ${id}, at ${record.at}`];
    }),
  };
}

interface ConfigMaps {
  readonly items?: readonly Omit<KubernetesObject, "apiVersion" | "kind">[];
}

async function lookForDrills(clients: readonly ClusterClient[]): Promise<Found> {
  const records = await Promise.all(
    clients.map(async (client) => {
      const query = { labelSelector: LABELS.drill };
      const reply = await client.request({ method: "GET", path: "/api/v1/configmaps", query });
      if (reply.status !== 200) throw refused(client, "listing ConfigMaps of drills", statusText(reply));
      const { items = [] } = reply.body as ConfigMaps;
      return items.map((item) => ({
        cluster: client.cluster,
        object: { ...item, apiVersion: "v1", kind: "ConfigMap" } as KubernetesObject,
      }));
    }),
  );
  return judgeDrills(records.flat(), new Date());
}
