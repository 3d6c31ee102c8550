import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { name, text } from "../../../yaml/formats.ts";
import { parseAddress, parseRange } from "../addresses.ts";
import type { Known, SourceFiles } from "../known.ts";
import {
  duplicates,
  items,
  overlapping,
  type Placed,
  type PlacedRange,
  placedRange,
  positionOf,
  refers,
  stringsOf,
  within,
} from "../placed.ts";
import { cidr, clusterName, fact, hostName, ipAddress } from "../values.ts";
import { type Allocation, allocationsOf, poolFaults, poolRanges, rangeFor } from "./ledger.ts";

/** What clusters take blocks of addresses for. */
const RANGE_USES = ["nodes", "pods", "services", "loadBalancers", "storage"] as const;
/** What every cluster has to have a block for. */
export const CLUSTER_RANGES = ["nodes", "pods", "services"] as const;

const pool = {
  name: name.meta({ examples: ["pods"] }),
  owner: name.meta({ description: "Whose file under ledger/ takes from it: one, so that two requests never meet." }),
};

export const networkFile = z
  .strictObject({
    pools: z
      .array(
        z.strictObject({
          ...pool,
          use: z.enum(RANGE_USES).meta({ description: "What clusters take a block of it for." }),
          range: cidr,
          prefix: z
            .int()
            .min(8)
            .max(128)
            .meta({ description: "Prefix length of each block.", examples: [24] }),
        }),
      )
      .min(1)
      .meta({ description: "Where ranges come from; no two pools of any environments overlap." }),
    numbers: z
      .array(
        z.strictObject({
          ...pool,
          use: z.enum(["vlan", "bgp"]).meta({ description: "What sites take a number of it for." }),
          first: z.int().min(1).max(4_294_967_294),
          last: z.int().min(1).max(4_294_967_294),
        }),
      )
      .meta({ description: "Where other numbers come from: VLANs, BGP autonomous systems." }),
    clusters: z
      .array(
        z.strictObject({
          cluster: clusterName.meta({ description: "A cluster of clusters.yaml." }),
          dns: ipAddress.meta({ description: "Address of the cluster's DNS: one of its services range." }),
          dnsDomain: hostName.meta({
            description:
              "Under which its services have their names: every cluster its own, so that the others find them.",
            examples: ["cluster.local"],
          }),
        }),
      )
      .min(1)
      .meta({ description: "What else each cluster's network needs; its ranges are in the ledger." }),
    sites: z
      .array(
        z.strictObject({
          site: name.meta({ description: "A site of sites.yaml; its VLANs and its BGP number are in the ledger." }),
          resolvers: z.array(ipAddress).min(1).meta({ description: "DNS resolvers of its hosts." }),
          timeServers: z.array(hostName).min(1).meta({ description: "Where its hosts ask for the time (NTP)." }),
          egress: z
            .array(
              z.strictObject({
                name: name.meta({ examples: ["exchange"] }),
                address: cidr.meta({ description: "What its traffic comes from, as others see it." }),
                description: text("Where it leads to."),
                ...fact,
              }),
            )
            .min(1)
            .meta({ description: "Where traffic leaves the site." }),
          exchanges: z
            .array(z.strictObject({ name: name.meta({ examples: ["bdix"] }), title: text("Its name."), ...fact }))
            .meta({ description: "Internet exchanges that it peers at." }),
        }),
      )
      .meta({ description: "How each site is connected; '[]' where nothing leaves it." }),
    clients: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["citizens"] }),
          cidr,
          description: text("Who calls from there."),
        }),
      )
      .meta({ description: "Networks outside the clusters from which the gateway is called." }),
  })
  .meta({ title: "Network: every address range of an environment" });

type NetworkFile = z.infer<typeof networkFile>;
/** The file's content, with each cluster's ranges as the ledger has them. */
export type NetworkPlan = Omit<NetworkFile, "clusters"> & { readonly clusters: readonly ClusterNetwork[] };
export type ClusterNetwork = NetworkFile["clusters"][number] &
  Readonly<Record<(typeof CLUSTER_RANGES)[number], string>>;

export function networkFaults(files: SourceFiles, known: Known): Message[] {
  const { network } = files.byKind;
  const plans = items(network, ["clusters"]);
  const clients = items(network, ["clients"]);
  const sites = items(network, ["sites"]);
  const allocations = allocationsOf(network, files.ledgers);
  return [
    ...duplicates(plans, "cluster"),
    ...duplicates(plans, "dnsDomain"),
    ...duplicates(clients, "name"),
    ...duplicates(sites, "site"),
    ...sites.flatMap((site) => [
      ...refers(site, "site", "site", known.site),
      ...duplicates(within(site, "egress"), "name"),
      ...duplicates(within(site, "exchanges"), "name"),
    ]),
    ...duplicates([...items(network, ["pools"]), ...items(network, ["numbers"])], "name"),
    ...poolFaults(network),
    ...overlapping([...files.otherPools, ...poolRanges(network), ...clients.flatMap(clientRange)]),
    ...plans.flatMap((plan) => refers(plan, "cluster", "cluster", known.cluster)),
    ...plans.flatMap((plan) => dnsFaults(plan, allocations)),
  ];
}

const clientRange = (client: Placed): PlacedRange[] =>
  placedRange(client, "cidr", `client network '${String(client.value["name"])}'`);

function dnsFaults(plan: Placed, allocations: readonly Allocation[]): Message[] {
  const text = rangeFor(allocations, String(plan.value["cluster"]), "services")?.value ?? "";
  const services = parseRange(text);
  const dns = stringsOf(plan.value["dns"]).map((value) => ({ value, address: parseAddress(value) }))[0];
  const misplaced =
    services &&
    dns?.address &&
    !(dns.address.bits === services.bits && services.first <= dns.address.value && dns.address.value <= services.last);
  return misplaced && dns ? [message("BH1034", { value: dns.value, range: text }, positionOf(plan, "dns"))] : [];
}
