import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { formatted, NAME, name, text } from "../../../yaml/formats.ts";
import type { Known, SourceFiles } from "../known.ts";
import {
  at,
  duplicates,
  isList,
  items,
  namesIn,
  type Placed,
  positionOf,
  refers,
  stringsOf,
  within,
} from "../placed.ts";
import { CLUSTER_NAME, clusterName, cpu, fact, memory, path } from "../values.ts";
import { allocationsOf, poolsOf, rangeFor } from "./ledger.ts";
import { CLUSTER_RANGES } from "./network.ts";

export const clustersFile = z
  .strictObject({
    clusters: z
      .array(
        z.strictObject({
          name: clusterName,
          site: name.meta({ description: "A site of sites.yaml.", examples: ["dhaka"] }),
          purpose: z.enum(["all", "management", "core", "identity", "soc", "partner"]).meta({
            description:
              "What it is for: management makes the others, core has the gateway and the agencies' zones, partner the private partners'; all is for small environments.",
          }),
          provisioner: z.enum(["existing", "cluster-api"]).meta({
            description:
              "`existing`: it is there; `cluster-api`: a management cluster makes it of the inventory's hosts.",
          }),
          managedBy: clusterName
            .meta({ description: "The management cluster that makes it, where the provisioner is cluster-api." })
            .optional(),
          kubernetes: formatted("pattern", /^1\.\d{2}$/, "The minor version, in quotes.", ["1.35"]),
          kubeconfig: z.strictObject({
            path: path("Relative to the repository, absolute, or under ~.", "~/.kube/config"),
            context: text("The context of that file.", "local"),
          }),
          nodePools: z
            .array(
              z.strictObject({
                name: name.meta({ examples: ["workers"] }),
                role: z.enum(["control-plane", "worker"]).meta({ description: "Zones run on workers only." }),
                nodeType: name.meta({ description: "A node type of inventory.yaml.", examples: ["general"] }),
                count: z
                  .int()
                  .min(1)
                  .max(5000)
                  .meta({ description: "Nodes, each a host of the cluster's site.", examples: [3] }),
                reserve: z.strictObject({ cpu, memory }).meta({
                  description: "What each node keeps for itself: kubelet, system and what runs on every node.",
                }),
                ...fact,
              }),
            )
            .meta({ description: "Its nodes, in groups that are alike; '[]' where nothing is scheduled." }),
        }),
      )
      .min(1),
  })
  .meta({ title: "Clusters: where they are and how they are reached" });

export type Cluster = z.infer<typeof clustersFile>["clusters"][number];
/** What has to be known of a cluster to reach it. */
export type ReachableCluster = Pick<Cluster, "name" | "kubernetes" | "kubeconfig">;
export type NodePool = Cluster["nodePools"][number];

export function clusterFaults(files: SourceFiles, known: Known): Message[] {
  const { clusters, network } = files.byKind;
  const all = items(clusters, ["clusters"]);
  return [
    ...duplicates(all, "name"),
    ...all.flatMap((cluster) => [
      ...refers(cluster, "site", "site", known.site),
      ...managerFaults(cluster, all, known),
      ...nodePoolFaults(cluster, files),
    ]),
    ...tooFewHosts(all, files),
    ...(isList(network, ["clusters"]) ? all.flatMap((cluster) => lacksNetwork(cluster, files)) : []),
  ];
}

function managerFaults(cluster: Placed, all: readonly Placed[], known: Known): Message[] {
  const { name: own, provisioner, managedBy } = cluster.value;
  if (provisioner !== "cluster-api") return [];
  if (managedBy === undefined) return [message("BH1082", { cluster: String(own) }, positionOf(cluster, "provisioner"))];
  const manager = all.find(({ value }) => value["name"] === managedBy)?.value;
  const able = manager?.["purpose"] === "management" || manager?.["purpose"] === "all";
  return [
    ...refers(cluster, "managedBy", "cluster", known.cluster),
    ...(manager && (!able || managedBy === own)
      ? [message("BH1083", { cluster: String(own), managedBy: String(managedBy) }, positionOf(cluster, "managedBy"))]
      : []),
  ];
}

function nodePoolFaults(cluster: Placed, { byKind }: SourceFiles): Message[] {
  const pools = within(cluster, "nodePools");
  const inventory = byKind.inventory;
  const known = inventory ? namesIn(inventory, ["nodeTypes"], NAME) : { sound: [], someFaulty: false };
  return [
    ...duplicates(pools, "name"),
    ...pools.flatMap((pool) => refers(pool, "nodeType", "node type", known)),
    ...pools
      .filter(({ value }) => value["role"] === "control-plane" && Number(value["count"]) % 2 === 0)
      .map((pool) => message("BH1084", { count: Number(pool.value["count"]) }, positionOf(pool, "count"))),
  ];
}

/** Nodes of one type at one site come out of the same hosts: told where they run out. */
function tooFewHosts(clusters: readonly Placed[], { byKind }: SourceFiles): Message[] {
  const hosts = items(byKind.inventory, ["hosts"]);
  const taken = new Map<string, number>();
  return clusters.flatMap((cluster) =>
    within(cluster, "nodePools").flatMap((pool) => {
      const { nodeType, count } = pool.value;
      const { site } = cluster.value;
      if (typeof nodeType !== "string" || typeof site !== "string" || !Number.isSafeInteger(count)) return [];
      const there = hosts.filter(({ value }) => value["site"] === site && value["nodeType"] === nodeType).length;
      const needed = (taken.get(`${site} ${nodeType}`) ?? 0) + Number(count);
      taken.set(`${site} ${nodeType}`, needed);
      return needed > there && isList(byKind.inventory, ["hosts"])
        ? [message("BH1087", { site, nodeType, needed, there }, positionOf(pool, "count"))]
        : [];
    }),
  );
}

/** A cluster needs an entry in network.yaml and a range for each use that all clusters have. */
function lacksNetwork(cluster: Placed, files: SourceFiles): Message[] {
  const name = String(cluster.value["name"]);
  if (!CLUSTER_NAME.test(name)) return [];
  const { network, environment } = files.byKind;
  const told = (what: string, hint: string): Message =>
    message("BH1042", { cluster: name, what, hint }, positionOf(cluster, "name"));
  const plans = items(network, ["clusters"]);
  const allocations = allocationsOf(network, files.ledgers);
  const pools = poolsOf(network);
  const of = stringsOf(at(environment, [])[0]?.value["name"])[0] ?? "<environment>";
  const lacking = files.ledgersListed
    ? CLUSTER_RANGES.filter((use) => !rangeFor(allocations, name, use)).flatMap((use) => {
        const pool = pools.find((p) => p.use === use);
        return pool ? [told(`range for its ${use}`, `run 'bhitti allocate ${of} ${pool.name} ${name}'`)] : [];
      })
    : [];
  return [
    ...(plans.some((p) => p.value["cluster"] === name)
      ? []
      : [told("entry under 'clusters' in network.yaml", `add 'cluster: ${name}' with its dns`)]),
    ...lacking,
  ];
}
