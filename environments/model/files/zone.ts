import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { name, text } from "../../../yaml/formats.ts";
import { overlaps } from "../addresses.ts";
import { foreignImage, standbyFaults } from "../component.ts";
import { failureLevel } from "../failure-level.ts";
import { apiUse, publishedApi } from "../hub/api.ts";
import { hubFaults } from "../hub/faults.ts";
import { fileName, type Known, type SourceFiles, zonesOf } from "../known.ts";
import {
  at,
  duplicates,
  type Json,
  type Placed,
  type PlacedRange,
  placedRange,
  positionOf,
  refers,
  within,
} from "../placed.ts";
import { milliUnits } from "../quantity.ts";
import { CPU, cidr, clusterName, cpu, dataClass, fact, image, MEMORY, memory, port, recovery } from "../values.ts";
import { allocationsOf, clusterRanges } from "./ledger.ts";

export const zoneFile = z
  .strictObject({
    name: name.meta({ description: "The file's name." }),
    title: text("What the zone is, in a line."),
    tenant: z.enum(["agency", "partner"]),
    agency: name
      .optional()
      .meta({ description: "The agency of agencies.yaml whose zone it is.", examples: ["statistics"] }),
    owner: z.strictObject({
      organisation: text("Who answers for the zone."),
      contact: z.email().meta({
        format: "e-mail",
        description: "An e-mail address that reaches the owner.",
        examples: ["owner@example.gov.bd"],
      }),
      ...fact,
    }),
    sector: name
      .meta({
        description: "A sector of soc.yaml, by which incidents go up; agencies' zones have one.",
        examples: ["revenue"],
      })
      .optional(),
    cluster: clusterName.meta({ description: "The cluster that holds its namespace." }),
    standby: clusterName
      .meta({ description: "Another site's cluster, for what survives the loss of its own." })
      .optional(),
    dataClass,
    realm: name.meta({ description: "The realm in which its login client lives.", examples: ["citizens"] }),
    assurance: name.optional().meta({
      description: "The least level of identity.yaml that the realm has to give.",
      examples: ["substantial"],
    }),
    quota: z.strictObject({
      cpu: cpu.meta({ examples: ["2"] }),
      memory: memory.meta({ examples: ["4Gi"] }),
      pods: z
        .int()
        .min(1)
        .max(10_000)
        .meta({ examples: [20] }),
      storage: memory.meta({ description: "All that its volumes may hold together.", examples: ["10Gi"] }),
    }),
    services: z.array(
      z.strictObject({
        name: name.meta({ examples: ["payments"] }),
        image,
        port,
        replicas: z
          .int()
          .min(1)
          .max(100)
          .meta({ examples: [2] }),
        cpu,
        memory,
        failure: failureLevel,
        ...recovery,
        ...fact,
      }),
    ),
    egress: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["clearing-house"] }),
          cidr,
          port,
          protocol: z.enum(["TCP", "UDP"]),
          purpose: text("What for."),
        }),
      )
      .meta({ description: "What the zone may reach outside the platform, beyond the APIs granted to it." }),
    apis: z
      .array(publishedApi)
      .optional()
      .meta({ description: "What the zone publishes on the API hub; left out where that is nothing." }),
    uses: z
      .array(apiUse)
      .optional()
      .meta({ description: "What the zone asks for; it opens something once the API's owner grants it." }),
  })
  .meta({ title: "A zone: a tenant's namespace and everything that bounds it" });

export type Zone = z.infer<typeof zoneFile>;
export type ZoneService = Zone["services"][number];

export function zoneFaults(files: SourceFiles, known: Known): Message[] {
  const zones = zonesOf(files);
  const reserved = clusterRanges(allocationsOf(files.byKind.network, files.ledgers));
  return [
    ...duplicates(zones, "name"),
    ...zones.flatMap((zone) => [
      ...duplicates(within(zone, "services"), "name"),
      ...duplicates(within(zone, "egress"), "name"),
      ...refers(zone, "cluster", "cluster", known.cluster),
      ...standbyFaults(zone, within(zone, "services"), files, known),
      ...refers(zone, "realm", "realm", known.realm),
      ...refers(zone, "agency", "agency", known.agency),
      ...tenantFaults(zone),
      ...within(zone, "services").flatMap((service) => foreignImage(service, files, fileName(zone.source))),
      ...within(zone, "egress").flatMap((egress) => wideEgress(egress, reserved)),
      ...overQuota(zone),
    ]),
    ...hubFaults(files, known, zones),
  ];
}

/** An agency's zone says whose it is; a partner's is nobody's but its owner's. */
function tenantFaults(zone: Placed): Message[] {
  const { tenant, agency, name } = zone.value;
  const params = { zone: String(name), agency: String(agency) };
  if (tenant === "agency" && agency === undefined) return [message("BH1100", params, positionOf(zone, "tenant"))];
  return tenant === "partner" && agency !== undefined ? [message("BH1101", params, positionOf(zone, "agency"))] : [];
}

/** Only services whose every number is sound are added up; the others have messages of their own. */
function overQuota(zone: Placed): Message[] {
  const quota = at(zone.source, [...zone.path, "quota"])[0]?.value;
  if (!quota) return [];
  const services = within(zone, "services").map((s) => s.value);
  const replicasOf = (s: Json): number =>
    Number.isSafeInteger(s["replicas"]) ? Math.max(0, Number(s["replicas"])) : 0;
  const over = (resource: "cpu" | "memory" | "pods", needed: bigint, allowed: bigint, wanted: string): Message[] =>
    needed > allowed
      ? [
          message(
            "BH1039",
            { zone: String(zone.value["name"]), needed: wanted, resource, quota: String(quota[resource]) },
            positionOf(zone, "quota", resource),
          ),
        ]
      : [];
  const overSum = (key: "cpu" | "memory", pattern: RegExp, write: (milli: bigint) => string): Message[] => {
    const sound = (value: unknown): bigint | undefined =>
      typeof value === "string" && pattern.test(value) ? milliUnits(value) : undefined;
    const allowed = sound(quota[key]);
    const needed = services.reduce((sum, s) => sum + (sound(s[key]) ?? 0n) * BigInt(replicasOf(s)), 0n);
    return allowed === undefined ? [] : over(key, needed, allowed, write(needed));
  };
  const pods = services.reduce((total, s) => total + replicasOf(s), 0);
  return [
    ...overSum("cpu", CPU, (milli) => `${milli}m`),
    ...overSum("memory", MEMORY, (milli) => `${(milli + MEBIBYTE - 1n) / MEBIBYTE}Mi`),
    ...(Number.isSafeInteger(quota["pods"]) && Number(quota["pods"]) > 0
      ? over("pods", BigInt(pods), BigInt(Number(quota["pods"])), String(pods))
      : []),
  ];
}

/** In thousandths of a byte. */
const MEBIBYTE = 1000n << 20n;

/** Nobody holds a wider range than this, so a wider one is for everybody's addresses. */
const LEAST_PREFIX = { 32: 8, 128: 16 } as const;

function wideEgress(egress: Placed, reserved: readonly PlacedRange[]): Message[] {
  return placedRange(egress, "cidr", "egress").flatMap(({ text, range, position }) => {
    const least = LEAST_PREFIX[range.bits];
    if (range.prefix < least) return [message("BH1040", { value: text, least }, position)];
    const inner = reserved.find((r) => overlaps(r.range, range));
    return inner ? [message("BH1041", { value: text, other: inner.text, cluster: inner.owner }, position)] : [];
  });
}
