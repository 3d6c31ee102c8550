import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { formatted, NAME, name, text } from "../../../yaml/formats.ts";
import type { Known, SourceFiles } from "../known.ts";
import { duplicates, items, namesIn, namesOf, type Placed, positionOf, refers, spot, stringsOf } from "../placed.ts";
import { cpu, fact, ipAddress, memory } from "../values.ts";

export const inventoryFile = z
  .strictObject({
    nodeTypes: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["general"] }),
          description: text("What it is bought for."),
          cpu: cpu.meta({ examples: ["64"] }),
          memory: memory.meta({ examples: ["512Gi"] }),
          storage: memory.meta({ description: "What its disks give to volumes.", examples: ["7Ti"] }),
          pods: z
            .int()
            .min(1)
            .max(1000)
            .meta({ description: "Pods that one node may run.", examples: [110] }),
          ...fact,
        }),
      )
      .meta({ description: "Kinds of machines." }),
    hosts: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["dhaka-a01-1"] }),
          site: name.meta({ description: "A site of sites.yaml.", examples: ["dhaka"] }),
          faultZone: name.meta({ description: "A fault zone of that site.", examples: ["hall-a"] }),
          rack: name.meta({ description: "The rack, by a name that the site has once.", examples: ["a01"] }),
          nodeType: name.meta({ description: "One of nodeTypes.", examples: ["general"] }),
          mac: formatted("pattern", /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, "The address that it boots from.", [
            "02:00:00:00:00:01",
          ]),
          bmc: ipAddress.meta({ description: "Address of its management controller.", examples: ["10.20.0.11"] }),
          ...fact,
        }),
      )
      .meta({ description: "Bare-metal machines." }),
  })
  .meta({ title: "Inventory: the machines that clusters are made of (may be left out)" });

type InventoryFile = z.infer<typeof inventoryFile>;
export type NodeType = InventoryFile["nodeTypes"][number];
export type Host = InventoryFile["hosts"][number];

export function inventoryFaults({ byKind }: SourceFiles, known: Known): Message[] {
  const { inventory, sites } = byKind;
  const hosts = items(inventory, ["hosts"]);
  const types = namesIn(inventory, ["nodeTypes"], NAME);
  return [
    ...duplicates(items(inventory, ["nodeTypes"]), "name"),
    ...(["name", "mac", "bmc"] as const).flatMap((key) => duplicates(hosts, key)),
    ...hosts.flatMap((host) => [
      ...refers(host, "site", "site", known.site),
      ...refers(host, "nodeType", "node type", types),
      ...faultZoneReference(host, items(sites, ["sites"])),
    ]),
    ...racksInTwoFaultZones(hosts),
  ];
}

function faultZoneReference(host: Placed, sites: readonly Placed[]): Message[] {
  const site = sites.find(({ value }) => value["name"] === host.value["site"])?.value;
  if (!site) return [];
  const zones = site["faultZones"];
  return refers(
    host,
    "faultZone",
    "fault zone",
    namesOf(Array.isArray(zones) ? zones : [], NAME),
    ` at site '${String(site["name"])}'`,
  );
}

/** A rack stands in one place, so its hosts fail together. */
function racksInTwoFaultZones(hosts: readonly Placed[]): Message[] {
  const first = new Map<string, Placed>();
  return hosts.flatMap((host) => {
    const [rack, zone] = [stringsOf(host.value["rack"])[0], stringsOf(host.value["faultZone"])[0]];
    if (rack === undefined || zone === undefined) return [];
    const key = `${String(host.value["site"])} ${rack}`;
    const earlier = first.get(key);
    if (!earlier) first.set(key, host);
    const other = earlier?.value["faultZone"];
    return earlier && other !== zone
      ? [
          message(
            "BH1081",
            { rack, zone, other: String(other), first: spot(positionOf(earlier, "faultZone")) },
            positionOf(host, "faultZone"),
          ),
        ]
      : [];
  });
}
