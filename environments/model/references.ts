import { type Message, message, type Position } from "../../messages/message.ts";
import { NAME } from "../../yaml/formats.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { overlaps, parseAddress, parseRange } from "./addresses.ts";
import { type Allocation, allocationsOf, checkLedger, clusterRanges, poolRanges, poolsOf, rangeFor } from "./ledger.ts";
import {
  at,
  duplicates,
  isJson,
  isList,
  items,
  type Json,
  type Names,
  namesIn,
  namesOf,
  nearestHint,
  overlapping,
  type Placed,
  type PlacedRange,
  placedRange,
  positionOf,
  refers,
  refersEach,
  spot,
  stringsOf,
  within,
} from "./placed.ts";
import { milliUnits } from "./quantity.ts";
import {
  type Api,
  CLUSTER_NAME,
  CLUSTER_RANGES,
  CPU,
  type DataClass,
  type FileKind,
  HOST_NAME,
  MEMORY,
  RULE_ID,
  type Zone,
} from "./schema.ts";

/** The files of an environment by their kind, and its zones. Missing files are absent; unreadable ones have no value. */
export interface SourceFiles {
  readonly byKind: Readonly<Partial<Record<FileKind, SourceFile>>>;
  readonly zones: readonly SourceFile[];
  /** False where there may be zones that could not be listed. */
  readonly zonesListed: boolean;
  readonly ledgers: readonly SourceFile[];
  /** False where there may be ledgers that could not be listed or read. */
  readonly ledgersListed: boolean;
  /** Pools of the repository's other environments. */
  readonly otherPools: readonly PlacedRange[];
}

/** The name of a file without its ending: what a zone or owner is called, also where the file cannot be read. */
export const fileName = (source: SourceFile): string => source.file.replace(/^.*\/|\.yaml$/g, "");

/**
 * Checks what no single file can tell: names that refer to nothing, names that stand twice, ranges that overlap, zones that
 * outgrow their quota. Files may have faults of their own: whatever has the right type is still checked, so that one
 * mistake hides no other; what cannot be known because of a mistake elsewhere is not told as another one.
 */
export function checkReferences(files: SourceFiles, knownRules?: readonly string[]): Message[] {
  const { environment, sites, clusters, network, gateway, identity, soc, guardrails } = files.byKind;
  const siteItems = items(sites, ["sites"]);
  const clusterItems = items(clusters, ["clusters"]);
  const planItems = items(network, ["clusters"]);
  const clientItems = items(network, ["clients"]);
  const apiItems = items(gateway, ["apis"]);
  const realmItems = items(identity, ["realms"]);
  const zoneItems = files.zones.flatMap((source) =>
    isJson(source.value) ? [{ value: source.value, source, path: [] }] : [],
  );
  // A list that has to have an entry and has none is a fault of its own, told once.
  const filled = (names: Names): Names => (names?.sound.length === 0 ? undefined : names);
  const zoneNames = new Set([...zoneItems.flatMap((z) => stringsOf(z.value["name"])), ...files.zones.map(fileName)]);
  const names = {
    site: filled(namesIn(sites, ["sites"], NAME)),
    cluster: filled(namesIn(clusters, ["clusters"], CLUSTER_NAME)),
    client: namesIn(network, ["clients"], NAME),
    realm: filled(namesIn(identity, ["realms"], NAME)),
    zone: files.zonesListed ? { sound: [...zoneNames].sort(), someFaulty: false } : undefined,
  };
  const [gatewayItems, identityItems] = [at(gateway, ["gateway"]), at(identity, ["identity"])];
  const components = [gatewayItems, identityItems, at(soc, ["sink"])].flat();
  const domain = at(environment, []).map((e) => e.value["domain"])[0];
  const prefixes = items(environment, ["registries"]).flatMap((r) => stringsOf(r.value["prefix"]));
  const allocations = allocationsOf(network, files.ledgers);
  const reserved = clusterRanges(allocations);

  return [
    ...[siteItems, clusterItems, clientItems, realmItems, zoneItems].flatMap((list) => duplicates(list, "name")),
    ...duplicates(planItems, "cluster"),
    ...duplicates(items(files.byKind.exemptions, ["exemptions"]), "id"),
    ...duplicates([...items(network, ["pools"]), ...items(network, ["numbers"])], "name"),
    ...duplicates(items(environment, ["registries"]), "prefix"),
    ...duplicates(items(soc, ["sink", "retention"]), "logs"),
    ...apiDuplicates(apiItems),
    ...zoneItems.flatMap((zone) => [
      ...duplicates(within(zone, "services"), "name"),
      ...duplicates(within(zone, "egress"), "name"),
    ]),
    ...sharedHost(gatewayItems, identityItems),

    ...clusterItems.flatMap((c) => refers(c, "site", "site", names.site)),
    ...planItems.flatMap((p) => refers(p, "cluster", "cluster", names.cluster)),
    ...(isList(network, ["clusters"]) ? clusterItems.flatMap((c) => lacksNetwork(c, planItems, files)) : []),
    ...components.flatMap((c) => refers(c, "cluster", "cluster", names.cluster)),
    ...gatewayItems.flatMap((g) => refersEach(g, "clients", "client network", names.client)),
    ...zoneItems.flatMap((z) => [
      ...refers(z, "cluster", "cluster", names.cluster),
      ...refers(z, "realm", "realm", names.realm),
    ]),
    ...apiItems.flatMap((api) => apiReferences(api, zoneItems, names.zone)),
    ...(knownRules ? at(guardrails, ["rules"]).flatMap((r) => ruleReferences(r, knownRules)) : []),

    ...checkLedger({ network, ledgers: files.ledgers, clusters: names.cluster, sites: names.site }),
    ...overlapping([...files.otherPools, ...poolRanges(network), ...clientItems.flatMap(clientRange)]),
    ...planItems.flatMap((plan) => dnsFaults(plan, allocations)),
    ...(typeof domain === "string" && HOST_NAME.test(domain)
      ? components.flatMap((c) => outsideDomain(c, domain))
      : []),
    ...(prefixes.length > 0
      ? [
          ...components.flatMap((c) => foreignImage(c, prefixesOf(prefixes))),
          ...zoneItems.flatMap((z) =>
            within(z, "services").flatMap((c) => foreignImage(c, prefixesOf(prefixes, fileName(z.source)))),
          ),
        ]
      : []),
    ...zoneItems.flatMap(overQuota),
    ...zoneItems.flatMap((z) => within(z, "egress").flatMap((e) => wideEgress(e, reserved))),
  ];
}

/** An API is its name and its version: v1 and v2 may stand beside each other. */
function apiDuplicates(apis: readonly Placed[]): Message[] {
  const first = new Map<string, Position>();
  return apis.flatMap((api) => {
    const name = `${String(api.value["name"])} ${String(api.value["version"])}`;
    const earlier = first.get(name);
    first.set(name, earlier ?? positionOf(api, "name"));
    const own = earlier ? [message("BH1030", { name, first: spot(earlier) }, positionOf(api, "name"))] : [];
    return [...own, ...grantDuplicates(api)];
  });
}

function grantDuplicates(api: Placed): Message[] {
  const first = new Map<string, Position>();
  return within(api, "grants").flatMap((grant) =>
    stringsOf(grant.value["consumer"]).flatMap((consumer) => {
      const here = positionOf(grant, "consumer");
      const earlier = first.get(consumer);
      if (!earlier) first.set(consumer, here);
      return earlier
        ? [message("BH1043", { api: String(api.value["name"]), consumer, first: spot(earlier) }, here)]
        : [];
    }),
  );
}

function sharedHost(gateway: readonly Placed[], identity: readonly Placed[]): Message[] {
  return gateway.flatMap((g) =>
    identity.flatMap((i) =>
      stringsOf(i.value["host"])
        .filter((host) => host === g.value["host"])
        .map((host) => {
          const where = spot(positionOf(g, "host"));
          return message("BH1044", { host, other: "the gateway", where }, positionOf(i, "host"));
        }),
    ),
  );
}

/** A cluster needs an entry in network.yaml and a range for each use that all clusters have. */
function lacksNetwork(cluster: Placed, plans: readonly Placed[], files: SourceFiles): Message[] {
  const name = String(cluster.value["name"]);
  if (!CLUSTER_NAME.test(name)) return [];
  const { network, environment } = files.byKind;
  const told = (what: string, hint: string): Message =>
    message("BH1042", { cluster: name, what, hint }, positionOf(cluster, "name"));
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

const DATA_CLASSES: readonly DataClass[] = ["open", "internal", "confidential", "restricted"];

function apiReferences(api: Placed, zones: readonly Placed[], zoneNames: Names): Message[] {
  const { zone: zoneName, service, name, dataClass } = api.value as Partial<Api>;
  const zone = zones.find((z) => z.value["name"] === zoneName)?.value as Partial<Zone> | undefined;
  const services = Array.isArray(zone?.services) ? namesOf(zone.services, NAME) : undefined;
  const own = DATA_CLASSES.indexOf(dataClass ?? "open");
  const allowed = DATA_CLASSES.indexOf(zone?.dataClass ?? "restricted");
  return [
    ...refers(api, "zone", "zone", zoneNames),
    ...(service !== undefined ? refers(api, "service", "service", services, ` in zone '${zoneName}'`) : []),
    ...(own > allowed && allowed >= 0
      ? [
          message(
            "BH1037",
            { api: String(name), got: String(dataClass), zone: String(zoneName), allowed: String(zone?.dataClass) },
            positionOf(api, "dataClass"),
          ),
        ]
      : []),
    ...within(api, "grants").flatMap((grant) => [
      ...refers(grant, "consumer", "zone", zoneNames),
      ...(grant.value["consumer"] === zoneName && zone
        ? [message("BH1038", { zone: String(zoneName), api: String(name) }, positionOf(grant, "consumer"))]
        : []),
    ]),
  ];
}

function ruleReferences(rules: Placed, known: readonly string[]): Message[] {
  return Object.keys(rules.value)
    .filter((rule) => RULE_ID.test(rule) && !known.includes(rule))
    .map((value) => {
      const hint = nearestHint(value, known) ?? "there is no rule yet";
      return message("BH1028", { value, hint }, rules.source.keyAt(rules.path, value));
    });
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

function outsideDomain(component: Placed, domain: string): Message[] {
  return stringsOf(component.value["host"])
    .filter((host) => HOST_NAME.test(host) && !host.endsWith(`.${domain}`))
    .map((value) => message("BH1035", { value, domain }, positionOf(component, "host")));
}

/** The prefixes that a zone may take images from, or what belongs to no zone. */
const prefixesOf = (prefixes: readonly string[], zone?: string): readonly string[] =>
  prefixes
    .filter((prefix) => zone !== undefined || !prefix.includes("{zone}"))
    .map((prefix) => prefix.replace("{zone}", zone ?? ""));

/** An image without a registry has that fault, and need not come from one. */
function foreignImage(component: Placed, prefixes: readonly string[]): Message[] {
  return stringsOf(component.value["image"])
    .filter((image) => /^[^/@]*[.:][^/@]*\//.test(image))
    .filter((image) => !prefixes.some((prefix) => image.toLowerCase().startsWith(prefix)))
    .map((value) => message("BH1036", { value, known: prefixes.join(", ") }, positionOf(component, "image")));
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
