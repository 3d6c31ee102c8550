import { type Message, message } from "../../../messages/message.ts";
import type { Environment } from "../environment.ts";
import { written } from "./amount.ts";
import { type ClusterCapacity, capacityOf, type Lack, lackOf, remediesFor } from "./capacity.ts";
import { type Fate, type Loss, lossOf } from "./losses.ts";

/**
 * What an environment promises and has no room for: now, and with any one site lost. Nothing of clusters without node pools.
 *
 * @returns errors, each at the node pool to grow, or at the level of the service that falls below it
 */
export function capacityFaults(environment: Environment): Message[] {
  const now = roomFaults(environment, capacityOf(environment));
  const losses = environment.sites.flatMap(({ name }) => lossFaults(environment, lossOf(environment, name)));
  // What falls short for one reason, whichever site is lost, is told once.
  const told = new Set(now.map(({ params }) => String(params["cluster"])));
  return [...now, ...losses].filter(({ code, params }) => {
    if (code === "BH1200") return true;
    const key = code === "BH1201" ? String(params["cluster"]) : `${params["what"]} ${params["on"]}`;
    return told.has(key) ? false : told.add(key);
  });
}

/** What clusters have no room for while every site stands. */
export const roomFaults = (environment: Environment, clusters: readonly ClusterCapacity[]): Message[] =>
  clusters.filter(isShort).map((capacity) => roomMessage("BH1200", environment, capacity, {}));

/** What falls below its level with a site lost. */
export function lossFaults(environment: Environment, { site, clusters, fates }: Loss): Message[] {
  return [
    ...clusters.filter(isShort).map((capacity) => roomMessage("BH1201", environment, capacity, { site })),
    // For want of room at a cluster everything falls that comes to it and that depends on it: told once, at the cluster.
    ...fates.filter(({ below }) => below).flatMap((fate) => dependenceMessage(environment, fate, site)),
  ];
}

const isShort = ({ placement }: ClusterCapacity): boolean => (placement?.unplaced.length ?? 0) > 0;

function roomMessage(
  code: "BH1200" | "BH1201",
  environment: Environment,
  capacity: ClusterCapacity,
  more: { readonly site?: string },
): Message {
  const { cluster } = capacity;
  const remedies = remediesFor(environment, capacity);
  const pool = remedies.grow?.pool;
  const [first] = capacity.placement?.unplaced ?? [];
  const asker = first?.service?.path ?? `${first?.holder.path}.quota`;
  // Where no number of nodes is enough, what asks for too much in one piece is to be looked at.
  const position = environment.positions(pool === undefined ? asker : `clusters.${cluster}.nodePools.${pool}.count`);
  return message(
    code,
    { cluster, ...more, what: whatOf(capacity), lack: lackText(capacity), hint: hintOf(remedies) },
    position,
  );
}

/** Names of what found no room; of many the first. */
function whatOf({ placement }: ClusterCapacity): string {
  const names = (placement?.unplaced ?? []).map(({ holder, service }) =>
    service ? `'${serviceName({ holder, service })}' (${service.level})` : `the rest of the quota of '${holder.name}'`,
  );
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

export const serviceName = ({ holder, service }: Pick<Fate, "holder" | "service">): string =>
  holder.kind === "zone" ? `${holder.name}/${service.name}` : holder.name;

function lackText(capacity: ClusterCapacity): string {
  const { needed, there, nodes } = capacity;
  const lacks = lackOf(capacity).map(
    ({ resource }) => `${written(resource, needed[resource])} ${resource} of ${written(resource, there[resource])}`,
  );
  if (lacks.length > 0) return `${lacks.join(" and ")} are promised`;
  return `there is enough of everything, but not in one piece on any of its ${nodes.length} workers, or not in two fault zones`;
}

const listed = (lacks: readonly Lack[]): string =>
  lacks.map(({ resource, milli }) => `${written(resource, milli)} ${resource}`).join(" and ");

const hostsText = (toAdd: number): string => (toAdd === 0 ? "" : `, with ${toAdd} more of its type in inventory.yaml`);

function hintOf({ grow, shrink }: ReturnType<typeof remediesFor>): string {
  const ways = [
    ...(grow ? [`grow node pool '${grow.pool}' by ${grow.nodes}${hostsText(grow.hostsToAdd)}`] : []),
    ...(shrink ? [`shrink the quota of zone '${shrink.zone}' by ${listed(shrink.by)}`] : []),
  ];
  if (ways.length > 0) return ways.join(", or ");
  return "add a node pool of larger machines, in two fault zones, or move zones to another cluster";
}

function dependenceMessage(environment: Environment, fate: Fate, site: string): Message[] {
  const { because, service, becomes, within } = fate;
  if (because.kind !== "component" && because.kind !== "api") return [];
  if (because.root.kind === "no-room") return [];
  const on = because.kind === "api" ? `API '${because.on}'` : because.on === "gateway" ? "the gateway" : "identity";
  const then = becomes === "down" ? "is down" : `is gone for ${within ?? "as long as it takes"}`;
  const params = { site, what: serviceName(fate), level: service.level, on, then };
  return [message("BH1202", params, environment.positions(`${service.path}.failure`))];
}
