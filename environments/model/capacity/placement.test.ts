import { expect, test } from "vitest";
import type { Environment } from "../environment.ts";
import type { FailureLevelName } from "../failure-level.ts";
import { loadEnvironment } from "../load.ts";
import { root } from "../testing.ts";
import { type Amount, amountOf, isWithin, NOTHING, RESOURCES, sum } from "./amount.ts";
import { type ClusterCapacity, capacityOf } from "./capacity.ts";
import type { Claim } from "./demand.ts";
import { piecesOf, spreads } from "./placement.ts";
import type { WorkerNode } from "./supply.ts";

const ENVIRONMENTS = 50;
/** Of those clusters that could be filled, the share that first fit gives up on, at most. */
const MOST_MISSED = 0.12;
const loaded = loadEnvironment(root, "local");
const generated = Array.from({ length: ENVIRONMENTS }, (_, seed) => generate(seed + 1));
const capacities = generated.flatMap((environment) =>
  [undefined, ...environment.sites.map(({ name }) => name)].flatMap((lost) => [...capacityOf(environment, lost)]),
);
const fits = ({ placement }: ClusterCapacity): boolean => placement?.unplaced.length === 0;

test("what is said to fit stands somewhere: each node holds what is put on it, and replicas stand in two fault zones", () => {
  const fitting = capacities.filter(fits);
  expect(fitting.length).toBeGreaterThan(100);
  for (const { nodes, claims, placement } of fitting) {
    const standing = placement?.nodes ?? [];
    for (const [i, placed] of standing.entries()) {
      expect(isWithin(sum(placed.map(({ amount }) => amount)), nodes[i]?.free ?? NOTHING)).toBe(true);
    }
    const all = standing.flatMap((placed, i) => placed.map((p) => ({ ...p, faultZone: nodes[i]?.faultZone })));
    for (const claim of claims) {
      const own = all.filter((p) => p.claim === claim);
      expect(sum(own.map(({ amount }) => amount))).toEqual(sum(claim.replicas));
      if (spreads(claim)) expect(new Set(own.map(({ faultZone }) => faultZone)).size).toBeGreaterThan(1);
    }
  }
});

test("what is said to fit is found by an exhaustive search as well, and most of what the search finds is said to fit", () => {
  const judged = capacities.map((capacity) => ({ said: fits(capacity), found: findable(capacity) }));
  expect(judged.filter(({ said, found }) => said && !found)).toEqual([]);
  const findables = judged.filter(({ found }) => found);
  const missed = findables.filter(({ said }) => !said);
  // Without clusters that cannot be filled, and some that are hard, this would show nothing.
  expect(judged.length - findables.length).toBeGreaterThan(20);
  expect(missed.length / findables.length).toBeLessThan(MOST_MISSED);
});

/**
 * Whether any placement exists, by trying all. States that were seen are not tried again, and two nodes of one fault zone that have the
 * same left are one.
 */
function findable({ nodes, claims, needed, there }: ClusterCapacity): boolean {
  if (!isWithin(needed, there)) return false;
  const smallest = smallestOf(nodes);
  const manyZones = new Set(nodes.map(({ faultZone }) => faultZone)).size > 1;
  const pieces = claims
    .flatMap((claim) => {
      const own = piecesOf(claim, smallest).map((amount) => RESOURCES.map((r) => Number(amount[r])));
      return own.map((amount, i) => ({ claim, amount, first: i === 0, last: i === own.length - 1 }));
    })
    .sort((a, b) => sizeOf(b.claim) - sizeOf(a.claim));
  const dead = new Set<string>();
  const from = (i: number, free: readonly (readonly number[])[], zones: string): boolean => {
    const piece = pieces[i];
    if (!piece) return true;
    const key = `${i} ${zones} ${free
      .map((f, n) => `${nodes[n]?.faultZone} ${f.join()}`)
      .sort()
      .join(" ")}`;
    if (dead.has(key)) return false;
    const before = piece.first ? [] : zones.split(",");
    const good = nodes.some(({ faultZone = "" }, n) => {
      const left = (free[n] ?? []).map((room, r) => room - (piece.amount[r] ?? 0));
      if (left.some((room) => room < 0)) return false;
      const now = [...new Set([...before, faultZone])].sort();
      if (piece.last && manyZones && needsTwo(piece.claim) && now.length < 2) return false;
      return from(i + 1, free.with(n, left), now.join());
    });
    if (!good) dead.add(key);
    return good;
  };
  const whole = nodes.map(({ free }) => RESOURCES.map((r) => Number(free[r])));
  return from(0, whole, "");
}

const sizeOf = ({ replicas }: Claim): number => Number(replicas[0]?.cpu ?? 0n);

/** Told apart from the code that is tested: two replicas of a service are two. */
const needsTwo = ({ service }: Claim): boolean => (service?.replicas ?? 1) >= 2;

const smallestOf = (nodes: readonly WorkerNode[]): Amount =>
  amountOf((r) => nodes.map(({ free }) => free[r]).reduce((a, b) => (b < a ? b : a)));

/** The same numbers for the same seed (a linear congruential generator, Numerical Recipes' constants). */
function numbers(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Two sites with a small cluster each, and zones of either that are about as large as what is there. */
function generate(seed: number): Environment {
  const next = numbers(seed);
  const pick = <T>(list: readonly [T, ...T[]]): T => list[next(list.length)] ?? list[0];
  const base = loaded;
  const [site, cluster] = [base.sites[0], base.clusters[0]];
  const zone = base.zones[0];
  const service = zone?.services[0];
  if (!site || !cluster || !zone || !service) throw new Error("the local environment has no site, cluster or service");
  const fact = { basis: "illustrative" } as const;
  const nodeTypes = [
    { name: "small", description: "-", cpu: String(4 + next(3)), memory: "16Gi", storage: "100Gi", pods: 20, ...fact },
    { name: "large", description: "-", cpu: String(6 + next(4)), memory: "24Gi", storage: "100Gi", pods: 20, ...fact },
  ];
  const reserve = { cpu: "500m", memory: "1Gi" };
  const sides = ["a", "b"] as const;
  const component = { ...base.gateway, replicas: 1, cpu: "250m", memory: "256Mi" };
  const levels: readonly [FailureLevelName, ...FailureLevelName[]] = ["L1", "L2", "L3", "L4"];
  return {
    ...base,
    sites: sides.map((name) => ({ ...site, name })),
    nodeTypes,
    hosts: sides.flatMap((name) =>
      nodeTypes.flatMap((type) =>
        [0, 1, 2, 3].map((i) => ({
          name: `${name}-${type.name}-${i}`,
          site: name,
          faultZone: i % 2 === 0 ? "left" : "right",
          rack: `r${i}`,
          nodeType: type.name,
          mac: "02:00:00:00:00:01",
          bmc: "10.0.0.1",
          ...fact,
        })),
      ),
    ),
    clusters: sides.map((name) => ({
      ...cluster,
      name,
      site: name,
      nodePools: nodeTypes.map((type) => ({
        name: type.name,
        role: "worker" as const,
        nodeType: type.name,
        count: 1 + next(2),
        reserve,
        ...fact,
      })),
    })),
    gateway: { ...component, cluster: "a", standby: "b", failure: pick(levels) },
    identity: { ...base.identity, ...component, host: base.identity.host, cluster: "b", failure: "L1" },
    soc: { ...base.soc, sink: { ...base.soc.sink, ...component, storage: "1Gi", cluster: "a", failure: "L1" } },
    zones: Array.from({ length: 2 + next(3) }, (_, i) => {
      const home = pick(sides);
      const services = Array.from({ length: 1 + next(2) }, (_, j) => ({
        ...service,
        name: `s${j}`,
        replicas: 1 + next(3),
        cpu: `${250 * (1 + next(8))}m`,
        memory: `${512 * (1 + next(8))}Mi`,
        failure: pick(levels),
      }));
      const used = services.reduce((all, s) => all + Number(s.cpu.slice(0, -1)) * s.replicas, 0);
      const memory = services.reduce((all, s) => all + Number(s.memory.slice(0, -2)) * s.replicas, 0);
      return {
        ...zone,
        name: `zone${i}`,
        cluster: home,
        standby: home === "a" ? "b" : "a",
        quota: { cpu: `${used + 250 * next(8)}m`, memory: `${memory + 256 * next(8)}Mi`, pods: 10, storage: "20Gi" },
        services,
        apis: [],
        uses: [],
      };
    }),
    apis: [],
  };
}
