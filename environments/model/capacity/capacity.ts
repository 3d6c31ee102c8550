import type { Environment } from "../environment.ts";
import type { NodePool } from "../files/clusters.ts";
import { type Amount, minus, RESOURCES, type Resource, sum } from "./amount.ts";
import { type Claim, claimsOf, demandOf } from "./demand.ts";
import { type Placement, place } from "./placement.ts";
import { freeOn, type WorkerNode, workersOf } from "./supply.ts";

/** What a cluster has room for, and what it has to have room for. */
export interface ClusterCapacity {
  readonly cluster: string;
  readonly site: string;
  readonly nodes: readonly WorkerNode[];
  readonly claims: readonly Claim[];
  /** What its workers have for pods and volumes. */
  readonly there: Amount;
  readonly needed: Amount;
  /** Undefined where it has no node pools: then nothing is scheduled there, and nothing is judged. */
  readonly placement: Placement | undefined;
}

/**
 * The clusters that stand.
 *
 * @param lost a site that is gone with its clusters; undefined where every site stands
 */
export function capacityOf(environment: Environment, lost?: string): readonly ClusterCapacity[] {
  const workers = workersOf(environment);
  const claims = claimsOf(environment, lost);
  return environment.clusters
    .filter(({ site }) => site !== lost)
    .map(({ name, site, nodePools }) => {
      const nodes = workers.get(name) ?? [];
      const own = claims.get(name) ?? [];
      return {
        cluster: name,
        site,
        nodes,
        claims: own,
        there: sum(nodes.map(({ free }) => free)),
        needed: demandOf(own),
        placement: nodePools.length === 0 ? undefined : place(nodes, own),
      };
    });
}

/** Resources of which more is needed than is there, by how much; none where it is only in too small pieces. */
export function lackOf({ needed, there }: Pick<ClusterCapacity, "needed" | "there">): readonly Lack[] {
  const lack = minus(needed, there);
  return RESOURCES.filter((r) => lack[r] > 0n).map((resource) => ({ resource, milli: lack[resource] }));
}

export interface Lack {
  readonly resource: Resource;
  /** In thousandths of its unit. */
  readonly milli: bigint;
}

/** What makes room for all that a cluster has to have room for; each was tried. */
export interface Remedies {
  /** Nodes to add to a pool, and how many of them have no host in the inventory; absent where no number of nodes is enough. */
  readonly grow: { readonly pool: string; readonly nodes: number; readonly hostsToAdd: number } | undefined;
  /** What to take off the quota of one zone; absent where no zone has enough to spare. */
  readonly shrink: { readonly zone: string; readonly by: readonly Lack[] } | undefined;
}

/** @param environment the one that the capacity is of */
export function remediesFor(environment: Environment, capacity: ClusterCapacity): Remedies {
  return { grow: growth(environment, capacity), shrink: shrinking(capacity) };
}

const fits = (nodes: readonly WorkerNode[], claims: readonly Claim[]): boolean =>
  place(nodes, claims).unplaced.length === 0;

/** More nodes than this beyond what the sums ask for are no remedy: what finds no room then is larger than a node. */
const MOST_TRIED = 24;

function growth(environment: Environment, { cluster, nodes, claims, ...sums }: ClusterCapacity): Remedies["grow"] {
  const pools = environment.clusters.find(({ name }) => name === cluster)?.nodePools ?? [];
  const pool = pools
    .filter(({ role }) => role === "worker")
    .reduce<(typeof pools)[number] | undefined>((most, p) => (most && most.count >= p.count ? most : p), undefined);
  if (!pool) return undefined;
  const free = freeOn(pool, environment.nodeTypes);
  const lacks = lackOf(sums);
  if (lacks.some(({ resource }) => free[resource] === 0n)) return undefined;
  const ofSums = lacks.map(({ resource, milli }) => Number((milli + free[resource] - 1n) / free[resource]));
  const least = Math.max(1, ...ofSums);
  // An environment that is this far off has a mistake elsewhere, and a number helps nobody.
  if (least > 5000) return undefined;
  for (let count = least; count <= least + MOST_TRIED; count++) {
    if (fits([...nodes, ...more(nodes, pool.name, free, count)], claims))
      return { pool: pool.name, nodes: count, hostsToAdd: Math.max(0, count - spareHosts(environment, cluster, pool)) };
  }
  return undefined;
}

/** Hosts of a pool's type at its site that no pool takes. */
function spareHosts({ clusters, hosts }: Environment, cluster: string, { nodeType }: NodePool): number {
  const site = clusters.find(({ name }) => name === cluster)?.site;
  const pools = clusters.filter((other) => other.site === site).flatMap(({ nodePools }) => nodePools);
  const taken = pools.filter((pool) => pool.nodeType === nodeType).reduce((all, { count }) => all + count, 0);
  return hosts.filter((host) => host.site === site && host.nodeType === nodeType).length - taken;
}

/** New nodes, each in the fault zone that has the fewest. */
function more(nodes: readonly WorkerNode[], pool: string, free: Amount, count: number): WorkerNode[] {
  const zones = new Map<string | undefined, number>();
  for (const { faultZone } of nodes) zones.set(faultZone, (zones.get(faultZone) ?? 0) + 1);
  return Array.from({ length: count }, () => {
    const [faultZone] = [...zones].reduce(
      (least, zone) => (zone[1] < least[1] ? zone : least),
      [...zones][0] ?? [undefined, 0],
    );
    zones.set(faultZone, (zones.get(faultZone) ?? 0) + 1);
    return { pool, faultZone, free };
  });
}

/** The quota that has the most to spare is tried: what is lacking, or else sixteenths of what is left of it. */
const STEPS = 16n;

function shrinking({ nodes, claims, ...sums }: ClusterCapacity): Remedies["shrink"] {
  const lacking = lackOf(sums).map(({ resource }) => resource);
  const resources = lacking.length > 0 ? lacking : (["cpu", "memory", "pods"] as const);
  const spareOf = (claim: Claim): bigint => {
    const { rest } = claim.holder;
    return resources.reduce((all, r) => all + (rest[r] * 1000n) / (sums.there[r] + 1n), 0n);
  };
  const [claim] = claims
    .filter(({ service }) => service === undefined)
    .sort((a, b) => (spareOf(b) > spareOf(a) ? 1 : spareOf(b) < spareOf(a) ? -1 : 0));
  if (!claim) return undefined;
  const { rest } = claim.holder;
  const steps = Array.from({ length: Number(STEPS) }, (_, i) =>
    resources
      .map((resource): Lack => ({ resource, milli: wholeUnits((rest[resource] * BigInt(i + 1)) / STEPS, resource) }))
      .map(({ resource, milli }) => ({ resource, milli: milli < rest[resource] ? milli : rest[resource] }))
      .filter(({ milli }) => milli > 0n),
  );
  const exact = lackOf(sums).map(({ resource, milli }) => ({ resource, milli: wholeUnits(milli, resource) }));
  const tried =
    exact.length > 0 && exact.every(({ resource, milli }) => milli <= rest[resource]) ? [exact, ...steps] : steps;
  for (const by of tried) {
    const off = new Map(by.map(({ resource, milli }) => [resource, milli]));
    const smaller = { ...claim, replicas: claim.replicas.map((all) => without(all, off)) };
    if (
      fits(
        nodes,
        claims.map((other) => (other === claim ? smaller : other)),
      )
    )
      return { zone: claim.holder.name, by };
  }
  return undefined;
}

const without = (all: Amount, off: ReadonlyMap<Resource, bigint>): Amount => ({
  cpu: all.cpu - (off.get("cpu") ?? 0n),
  memory: all.memory - (off.get("memory") ?? 0n),
  storage: all.storage - (off.get("storage") ?? 0n),
  pods: all.pods - (off.get("pods") ?? 0n),
});

/** As people write it: whole cores, Mi and pods. */
function wholeUnits(milli: bigint, resource: Resource): bigint {
  const unit = resource === "cpu" || resource === "pods" ? 1000n : 1000n << 20n;
  return ((milli + unit - 1n) / unit) * unit;
}
