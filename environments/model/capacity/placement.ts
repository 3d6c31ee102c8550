import { type Amount, amountOf, isWithin, minus, NOTHING, plus, RESOURCES } from "./amount.ts";
import { CLAIM_KINDS, type Claim, partsOf } from "./demand.ts";
import type { WorkerNode } from "./supply.ts";

/** Where everything of a cluster could stand. */
export interface Placement {
  /** Claims that found no room, in the order in which they were tried. */
  readonly unplaced: readonly Claim[];
  /** What stands on each node, in the order of the nodes. */
  readonly nodes: readonly (readonly Placed[])[];
}

export interface Placed {
  readonly claim: Claim;
  readonly amount: Amount;
}

/**
 * First fit, decreasing, one kind of claims after the other: what runs is never moved for what comes. Two replicas or more of a
 * service stand in two fault zones or more, where the cluster has as many. What it places does stand there; what it does not
 * place might be placed by somebody who tries longer.
 */
export function place(nodes: readonly WorkerNode[], claims: readonly Claim[]): Placement {
  const smallest = amountOf((r) => nodes.reduce((least, { free }) => (free[r] < least ? free[r] : least), FAR));
  const largest = amountOf((r) => nodes.reduce((most, { free }) => (free[r] > most ? free[r] : most), 0n));
  const mustSpread = new Set(nodes.map(({ faultZone }) => faultZone)).size > 1;
  const free = nodes.map((node) => node.free);
  const standing: Placed[][] = nodes.map(() => []);
  const unplaced: Claim[] = [];
  for (const claim of inOrder(claims, largest)) {
    const found = spots(claim, nodes, free, { smallest, spread: mustSpread && spreads(claim) });
    if (!found) {
      unplaced.push(claim);
      continue;
    }
    for (const { node, amount } of found) {
      free[node] = minus(free[node] ?? NOTHING, amount);
      standing[node]?.push({ claim, amount });
    }
  }
  return { unplaced, nodes: standing };
}

/** More than any node has. */
const FAR = 1n << 200n;

/** Whether its replicas have to stand in two fault zones. */
export const spreads = ({ service, replicas }: Claim): boolean => service !== undefined && replicas.length > 1;

/** What a claim asks of nodes, piece by piece. */
export const piecesOf = (claim: Claim, smallest: Amount): readonly Amount[] =>
  claim.service ? claim.replicas : claim.replicas.flatMap((rest) => partsOf(rest, smallest));

function inOrder(claims: readonly Claim[], largest: Amount): readonly Claim[] {
  const shareOf = ({ replicas: [one = NOTHING] }: Claim): number =>
    Math.max(...RESOURCES.map((r) => (largest[r] === 0n ? 0 : Number((one[r] * 1_000_000n) / largest[r]))));
  const named = ({ holder, service }: Claim): string => `${holder.name} ${service?.name ?? ""}`;
  return claims
    .map((claim) => ({ claim, share: shareOf(claim), name: named(claim), kind: CLAIM_KINDS.indexOf(claim.kind) }))
    .sort((a, b) => a.kind - b.kind || b.share - a.share || (a.name < b.name ? -1 : 1))
    .map(({ claim }) => claim);
}

interface Spot {
  readonly node: number;
  readonly amount: Amount;
}

/** Nodes for all pieces of a claim, or none where one piece finds none. */
function spots(
  claim: Claim,
  nodes: readonly WorkerNode[],
  before: readonly Amount[],
  { smallest, spread }: { readonly smallest: Amount; readonly spread: boolean },
): readonly Spot[] | undefined {
  const all = claim.replicas.reduce(plus, NOTHING);
  // Also keeps the parts of an absurd quota from being counted out.
  if (!isWithin(all, before.reduce(plus, NOTHING))) return undefined;
  const free = [...before];
  const inZone = new Map<string | undefined, number>();
  const found: Spot[] = [];
  for (const amount of piecesOf(claim, smallest)) {
    const fitting = free.flatMap((room, node) => (isWithin(amount, room) ? [node] : []));
    const zoneOf = (node: number): string | undefined => nodes[node]?.faultZone;
    const countOf = (node: number): number => inZone.get(zoneOf(node)) ?? 0;
    const node = spread
      ? fitting.reduce<number | undefined>((best, n) => fewest(best, n, countOf), undefined)
      : fitting[0];
    if (node === undefined) return undefined;
    found.push({ node, amount });
    free[node] = minus(free[node] ?? NOTHING, amount);
    inZone.set(zoneOf(node), countOf(node) + 1);
  }
  return spread && inZone.size < 2 ? undefined : found;
}

const fewest = (best: number | undefined, node: number, countOf: (node: number) => number): number =>
  best === undefined || countOf(node) < countOf(best) ? node : best;
