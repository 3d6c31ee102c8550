import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { formatted, name, text } from "../../../yaml/formats.ts";
import type { Known, SourceFiles } from "../known.ts";
import { at, duplicates, isList, items, type Placed, positionOf, refers, stringsOf } from "../placed.ts";
import { CLUSTER_NAME, clusterName } from "../values.ts";
import { allocationsOf, poolsOf, rangeFor } from "./ledger.ts";
import { CLUSTER_RANGES } from "./network.ts";

export const clustersFile = z
  .strictObject({
    clusters: z
      .array(
        z.strictObject({
          name: clusterName,
          site: name.meta({ description: "A site of sites.yaml.", examples: ["dhaka"] }),
          provisioner: z.enum(["existing"]).meta({ description: "`existing`: a kubeconfig context is given." }),
          kubernetes: formatted("pattern", /^1\.\d{2}$/, "The minor version, in quotes.", ["1.35"]),
          kubeconfig: z.strictObject({
            path: text("Relative to the repository, absolute, or under ~.", "~/.kube/config"),
            context: text("The context of that file.", "local"),
          }),
        }),
      )
      .min(1),
  })
  .meta({ title: "Clusters: where they are and how they are reached" });

export type Cluster = z.infer<typeof clustersFile>["clusters"][number];

export function clusterFaults(files: SourceFiles, known: Known): Message[] {
  const { clusters, network } = files.byKind;
  const all = items(clusters, ["clusters"]);
  return [
    ...duplicates(all, "name"),
    ...all.flatMap((cluster) => refers(cluster, "site", "site", known.site)),
    ...(isList(network, ["clusters"]) ? all.flatMap((cluster) => lacksNetwork(cluster, files)) : []),
  ];
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
