import type { Environment } from "../environment.ts";
import type { NodePool } from "../files/clusters.ts";
import type { Host, NodeType } from "../files/inventory.ts";
import { type Amount, amountOf, minus, quantities } from "./amount.ts";

/** A worker, with what it has for pods and volumes. */
export interface WorkerNode {
  readonly pool: string;
  /** Of the host that the node is; undefined where the site's inventory has none left. */
  readonly faultZone: string | undefined;
  readonly free: Amount;
}

/**
 * The workers of each cluster, in the order of its pools. Nobody says yet which host becomes which node, so hosts are dealt: pool by
 * pool in the order of the files, each node from the fault zone that has the fewest nodes of its pool, then the fewest workers of
 * its cluster, then the most hosts left.
 */
export function workersOf({ clusters, hosts, nodeTypes }: Pick<Environment, "clusters" | "hosts" | "nodeTypes">) {
  const left = new Map<string, Host[]>();
  const leftOf = (site: string, type: string): Host[] => {
    const key = `${site} ${type}`;
    const there = left.get(key) ?? hosts.filter((host) => host.site === site && host.nodeType === type);
    left.set(key, there);
    return there;
  };
  return new Map<string, readonly WorkerNode[]>(
    clusters.map(({ name, site, nodePools }) => {
      const workers: WorkerNode[] = [];
      for (const pool of nodePools) {
        const zones = dealt(leftOf(site, pool.nodeType), pool.count, workers);
        const free = freeOn(pool, nodeTypes);
        if (pool.role === "worker") workers.push(...zones.map((faultZone) => ({ pool: pool.name, faultZone, free })));
      }
      return [name, workers];
    }),
  );
}

/** What a node of a pool has for what runs on it: its type without the pool's reserve. */
export function freeOn({ nodeType, reserve }: NodePool, nodeTypes: readonly NodeType[]): Amount {
  const type = nodeTypes.find(({ name }) => name === nodeType);
  if (!type) return amountOf(() => 0n);
  const { cpu, memory, storage, pods } = type;
  return minus(quantities({ cpu, memory, storage, pods }), quantities(reserve));
}

/** The fault zones of the hosts that a pool takes; takes them away from what is left. */
function dealt(left: Host[], count: number, workers: readonly WorkerNode[]): (string | undefined)[] {
  const taken = new Map<string, number>();
  const ofCluster = (zone: string): number => workers.filter(({ faultZone }) => faultZone === zone).length;
  return Array.from({ length: count }, () => {
    const spare = new Map<string, number>();
    for (const { faultZone } of left) spare.set(faultZone, (spare.get(faultZone) ?? 0) + 1);
    const [zone] = [...spare].sort(
      ([a, spareA], [b, spareB]) =>
        (taken.get(a) ?? 0) - (taken.get(b) ?? 0) || ofCluster(a) - ofCluster(b) || spareB - spareA || (a < b ? -1 : 1),
    )[0] ?? [undefined];
    if (zone === undefined) return undefined;
    taken.set(zone, (taken.get(zone) ?? 0) + 1);
    left.splice(
      left.findIndex(({ faultZone }) => faultZone === zone),
      1,
    );
    return zone;
  });
}
