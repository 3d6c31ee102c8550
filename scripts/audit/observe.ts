import { inventoryName, LABELS, MANAGER, RECORD_NAMESPACE } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import { BhittiError, formatMessage, textOf } from "../../messages/message.ts";
import { evaluateEstate } from "../../policies/evaluate.ts";
import type { Commit } from "../../policies/evidence/evidence.ts";
import {
  OBSERVED_FORM,
  type Observation,
  type ObservationKind,
  type Observed,
  observation,
} from "../../policies/evidence/observed.ts";
import { applyExemptions } from "../../policies/exemptions/apply.ts";
import { exemptionsOf, type Prepared } from "../commands/prepare.ts";
import type { ClusterClient } from "../deploy/cluster-client.ts";
import { clusterName, connectClusters, type DeployContext } from "../deploy/deploy.ts";
import { driftEnvironment } from "../deploy/drift.ts";
import { readInventories } from "../deploy/inventory.ts";
import { readLive } from "./live.ts";

type Found = Pick<Observation, "counts" | "notes" | "faults">;

/** What is looked at, and by what it is judged. */
export interface Watched extends Pick<Prepared, "estate" | "rules"> {
  readonly environment: Pick<Environment, "name" | "guardrails" | "exemptions" | "positions">;
}

/**
 * Looks at the environment's clusters. Only reads. What cannot be looked at is an observation that is not satisfied and says why.
 *
 * @param deploy how its clusters are reached
 * @param commit what `prepared` was made from
 * @param asOf ISO day on which exemptions have to hold
 */
export async function observe(
  prepared: Watched,
  deploy: DeployContext,
  commit: Commit,
  asOf: string,
): Promise<Observed> {
  const taken: Observation[] = [];
  const take = async (kind: ObservationKind, look: () => Promise<Found>): Promise<void> => {
    const takenAt = new Date();
    taken.push(observation(kind, takenAt, await look().catch(whyNot)));
  };
  await take("drift", () => lookForDrift(deploy));
  await take("live-evaluation", () => withClients(deploy, (clients) => evaluateLive(prepared, clients, asOf)));
  await take("last-deploy", () => withClients(deploy, (clients) => lookForDeploys(prepared, clients)));
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
  asOf: string,
): Promise<Found> {
  const { estate, leftOut } = await readLive(environment.name, clients);
  const { stage, rules: stages } = environment.guardrails;
  const found = evaluateEstate(estate, rules, (rule) => stages[rule] ?? stage, { asOf });
  const { findings, population } = applyExemptions(found, exemptionsOf(environment), rules, asOf);
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
      ...(estate.objects.length === 0 ? ["no object was found"] : []),
    ],
  };
}

/** The server-side-apply engine keeps a record of each stack in the cluster; Terraform keeps none there, which is told. */
async function lookForDeploys({ estate }: Watched, clients: readonly ClusterClient[]): Promise<Found> {
  const records = await Promise.all(
    clients.map(async (client) => {
      const inventories = await readInventories(client);
      const times = await inventoryTimes(client);
      const own = estate.stacks.filter(({ id }) => clusterName(id) === client.cluster);
      const known = new Set(inventories.stacks());
      return own.map(({ id }) => ({
        id,
        complete: inventories.complete(id),
        known: known.has(id),
        time: times.get(id),
      }));
    }),
  );
  const stacks = records.flat();
  const last = stacks
    .flatMap(({ time }) => time ?? [])
    .sort()
    .at(-1);
  return {
    counts: {
      stacks: stacks.length,
      complete: stacks.filter(({ complete }) => complete).length,
    },
    notes: last === undefined ? [] : [`last change of a record: ${last}`],
    faults: stacks
      .filter(({ complete }) => !complete)
      .map(({ id, known }) =>
        known ? `not complete: ${id}` : `no record in the cluster: ${id}; the terraform engine keeps none there`,
      ),
  };
}

interface Records {
  readonly items?: readonly {
    readonly metadata: { readonly name: string; readonly managedFields?: readonly { readonly time?: string }[] };
  }[];
}

/** When each stack's record was last changed, by stack. */
async function inventoryTimes(client: ClusterClient): Promise<ReadonlyMap<string, string>> {
  const path = `/api/v1/namespaces/${RECORD_NAMESPACE}/configmaps`;
  const reply = await client.request({
    method: "GET",
    path,
    query: { labelSelector: `${LABELS.managedBy}=${MANAGER}` },
  });
  const { items = [] } = reply.body as Records;
  return new Map(
    items.flatMap(({ metadata: { name, managedFields = [] } }): [string, string][] => {
      const time = managedFields
        .flatMap((field) => field.time ?? [])
        .sort()
        .at(-1);
      return name.startsWith(inventoryName("")) && time ? [[name.slice(inventoryName("").length), time]] : [];
    }),
  );
}
