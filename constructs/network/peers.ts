import type { Environment } from "../../environments/model/environment.ts";
import type { FailureLevelName } from "../../environments/model/failure-level.ts";
import type { Peer } from "./policies.ts";

/** What names a home cluster, and another site's for when the home is lost: a zone, or a component of the platform. */
export interface Homed {
  readonly cluster: string;
  readonly standby?: string | undefined;
}

/** The clusters that something has a part in, its home first. */
export const clustersOf = ({ cluster, standby }: Homed): readonly string[] =>
  standby === undefined ? [cluster] : [cluster, standby];

/**
 * How many replicas a service has in a cluster; undefined where it is not deployed.
 *
 * Away from home, what is active runs in full, what waits stands there with no replica, and what is restored from a
 * backup, or lost, is not there.
 */
export function replicasIn(
  cluster: string,
  home: Homed,
  { replicas, failure }: { readonly replicas: number; readonly failure: FailureLevelName },
): number | undefined {
  if (cluster === home.cluster) return replicas;
  if (cluster !== home.standby) return undefined;
  return failure === "L4" ? replicas : failure === "L3" ? 0 : undefined;
}

/** Pods of a namespace, in whichever clusters what it belongs to has a part. */
export interface Place {
  readonly home: Homed;
  readonly namespace: string;
  /** Labels of the pods; all of the namespace where absent. */
  readonly pods?: Readonly<Record<string, string>>;
}

/**
 * Places as peers of a NetworkPolicy, which knows namespaces of its own cluster only: in every other cluster
 * that a place is in, it is that cluster's pods. Pod ranges are routed between clusters as they are; no two
 * overlap, by the ledger.
 *
 * @param here the cluster that the policy stands in
 */
export function peersOf(environment: Environment, here: string, places: readonly Place[]): readonly Peer[] {
  const near = places.filter(({ home }) => clustersOf(home).includes(here));
  const far = new Set(places.flatMap(({ home }) => clustersOf(home)).filter((cluster) => cluster !== here));
  return [
    ...near.map(({ namespace, pods }): Peer => ({ namespace, ...(pods ? { pods } : {}) })),
    ...[...far].map((cluster): Peer => ({ cidr: networkOf(environment, cluster).pods })),
  ];
}

/** The name by which pods of every cluster find a service of one. */
export const serviceHost = (environment: Environment, cluster: string, namespace: string, service: string): string =>
  `${service}.${namespace}.svc.${networkOf(environment, cluster).dnsDomain}`;

/** Whether services are called from other clusters: their names then have to give the addresses of pods, which are routed. */
export const callsCrossClusters = (environment: Environment): boolean => environment.clusters.length > 1;

function networkOf(environment: Environment, cluster: string) {
  const plan = environment.network.clusters.find((c) => c.cluster === cluster);
  if (!plan) throw new Error(`cluster ${cluster} has no network plan, which the loader should have refused`);
  return plan;
}
