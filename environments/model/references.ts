import type { Code } from "../../messages/catalogue.ts";
import { type Message, message, type Position } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import { contains, isPrivate, overlaps, parseAddress, parseRange, type Range } from "./addresses.ts";
import { milliUnits } from "./quantity.ts";
import { type Api, type DataClass, FILE_SCHEMAS, type FileKind, QUANTITY, type Zone } from "./schema.ts";
import type { SourceFile } from "./source.ts";

/** The files of an environment by their kind, and its zones. What could not be read is absent. */
export interface SourceFiles {
  readonly byKind: Readonly<Partial<Record<FileKind, SourceFile>>>;
  readonly zones: readonly SourceFile[];
}

type Json = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** A value together with the file and path that it stands at. */
interface Placed<T = Json> {
  readonly value: T;
  readonly source: SourceFile;
  readonly path: Path;
}

/**
 * Checks what no single file can tell: names that refer to nothing, names that stand twice, ranges that overlap, zones that
 * outgrow their quota. Files may have faults of their own: whatever has the right type is still checked, so that one
 * mistake hides no other.
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
  const names = {
    site: namesOf(siteItems),
    cluster: namesOf(clusterItems),
    client: namesOf(clientItems),
    realm: namesOf(realmItems),
    zone: namesOf(zoneItems),
  };
  const components = [at(gateway, ["gateway"]), at(identity, ["identity"]), at(soc, ["sink"])].flat();
  const domain = at(environment, []).map((e) => e.value["domain"])[0];
  const prefixes = items(environment, ["registries"]).flatMap((r) => stringsOf(r.value["prefix"]));

  return [
    ...[siteItems, clusterItems, clientItems, realmItems, zoneItems].flatMap((list) => duplicates(list, "name")),
    ...duplicates(planItems, "cluster"),
    ...duplicates(items(environment, ["registries"]), "prefix"),
    ...duplicates(items(soc, ["sink", "retention"]), "logs"),
    ...apiDuplicates(apiItems),
    ...zoneItems.flatMap((zone) => [
      ...duplicates(within(zone, "services"), "name"),
      ...duplicates(within(zone, "egress"), "name"),
    ]),

    ...clusterItems.flatMap((c) => refers(c, "site", "site", names.site)),
    ...planItems.flatMap((p) => refers(p, "cluster", "cluster", names.cluster)),
    ...(network ? clusterItems.flatMap((c) => needsPlan(c, planItems)) : []),
    ...components.flatMap((c) => refers(c, "cluster", "cluster", names.cluster)),
    ...at(gateway, ["gateway"]).flatMap((g) => refersEach(g, "clients", "client network", names.client)),
    ...zoneItems.flatMap((z) => [
      ...refers(z, "cluster", "cluster", names.cluster),
      ...refers(z, "realm", "realm", names.realm),
    ]),
    ...apiItems.flatMap((api) => apiReferences(api, zoneItems, names.zone)),
    ...(guardrails && knownRules ? at(guardrails, ["rules"]).flatMap((r) => ruleReferences(r, knownRules)) : []),

    ...overlapping(planItems, clientItems),
    ...planItems.flatMap(planFaults),
    ...(typeof domain === "string" ? components.flatMap((c) => outsideDomain(c, domain)) : []),
    ...(prefixes.length > 0
      ? [...components, ...zoneItems.flatMap((z) => within(z, "services"))].flatMap((c) => foreignImage(c, prefixes))
      : []),
    ...zoneItems.flatMap(overQuota),
    ...zoneItems.flatMap((z) => within(z, "egress").flatMap((e) => wideEgress(e, planItems))),
  ];
}

const isJson = (x: unknown): x is Json => typeof x === "object" && x !== null && !Array.isArray(x);
const stringsOf = (x: unknown): string[] => (typeof x === "string" ? [x] : []);
const positionOf = ({ source, path }: Placed<unknown>, ...more: Path): Position => source.valueAt([...path, ...more]);
const spot = (p: Position): string => `${p.file}:${p.line}:${p.column}`;

/** The mapping at a path of a file, in a list of one, or none. */
function at(source: SourceFile | undefined, path: Path): Placed[] {
  const value = path.reduce<unknown>((v, key) => (isJson(v) ? v[String(key)] : undefined), source?.value);
  return source && isJson(value) ? [{ value, source, path }] : [];
}

/** The mappings of a list at a path of a file. */
function items(source: SourceFile | undefined, path: Path): Placed[] {
  const parent = at(source, path.slice(0, -1))[0];
  return parent ? within(parent, String(path.at(-1))) : [];
}

function within({ value, source, path }: Placed, key: string): Placed[] {
  const list = value[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, i) => (isJson(item) ? [{ value: item, source, path: [...path, key, i] }] : []));
}

const namesOf = (list: readonly Placed[]): string[] => list.flatMap((item) => stringsOf(item.value["name"]));

function duplicates(list: readonly Placed[], key: string): Message[] {
  const first = new Map<string, Position>();
  return list.flatMap((item) =>
    stringsOf(item.value[key]).flatMap((name) => {
      const earlier = first.get(name);
      if (earlier) return [message("BH1030", { name, first: spot(earlier) }, positionOf(item, key))];
      first.set(name, positionOf(item, key));
      return [];
    }),
  );
}

/** An API is its name and its version: v1 and v2 may stand beside each other. */
function apiDuplicates(apis: readonly Placed[]): Message[] {
  const first = new Map<string, Position>();
  return apis.flatMap((api) => {
    const name = `${String(api.value["name"])} ${String(api.value["version"])}`;
    const earlier = first.get(name);
    first.set(name, earlier ?? positionOf(api, "name"));
    const own = earlier ? [message("BH1030", { name, first: spot(earlier) }, positionOf(api, "name"))] : [];
    return [...own, ...duplicates(within(api, "grants"), "consumer")];
  });
}

function refers(item: Placed, key: string, kind: string, known: readonly string[]): Message[] {
  return stringsOf(item.value[key]).flatMap((value) => dangling(value, key, kind, known, positionOf(item, key)));
}

function refersEach(item: Placed, key: string, kind: string, known: readonly string[]): Message[] {
  const list = item.value[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((value: unknown, i) =>
    stringsOf(value).flatMap((name) => dangling(name, key, kind, known, positionOf(item, key, i))),
  );
}

function dangling(
  value: string,
  path: string,
  kind: string,
  known: readonly string[],
  position: Position,
  code: Code = "BH1031",
): Message[] {
  if (known.includes(value)) return [];
  const meant = nearest(value, known);
  const hint = meant
    ? `did you mean '${meant}'?`
    : known.length > 0
      ? `there are: ${known.join(", ")}`
      : `there is no ${kind} yet`;
  return [message(code, { path, kind, value, hint }, position)];
}

function needsPlan(cluster: Placed, plans: readonly Placed[]): Message[] {
  return stringsOf(cluster.value["name"])
    .filter((name) => !plans.some((p) => p.value["cluster"] === name))
    .map((name) =>
      message(
        "BH1012",
        { key: name, hint: `an entry 'cluster: ${name}' under 'clusters' in network.yaml` },
        positionOf(cluster, "name"),
      ),
    );
}

const DATA_CLASSES: readonly DataClass[] = ["open", "internal", "confidential", "restricted"];

function apiReferences(api: Placed, zones: readonly Placed[], zoneNames: readonly string[]): Message[] {
  const { zone: zoneName, service, name, dataClass } = api.value as Partial<Api>;
  const zone = zones.find((z) => z.value["name"] === zoneName)?.value as Partial<Zone> | undefined;
  const services = (Array.isArray(zone?.services) ? zone.services : []).flatMap((s) => stringsOf(s?.name));
  const own = DATA_CLASSES.indexOf(dataClass ?? "open");
  const allowed = DATA_CLASSES.indexOf(zone?.dataClass ?? "restricted");
  return [
    ...refers(api, "zone", "zone", zoneNames),
    ...(zone && service !== undefined ? refers(api, "service", `service of zone '${zoneName}'`, services) : []),
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
    .filter((rule) => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(rule))
    .flatMap((rule) => dangling(rule, rule, "rule", known, rules.source.keyAt(rules.path, rule), "BH1028"));
}

const CLUSTER_RANGES = ["nodes", "pods", "services"] as const;

interface PlacedRange {
  readonly text: string;
  readonly range: Range;
  readonly label: string;
  readonly position: Position;
}

function placedRange(item: Placed, key: string, owner: string): PlacedRange[] {
  return stringsOf(item.value[key]).flatMap((text) => {
    const range = parseRange(text);
    return range ? [{ text, range, label: `${owner} ${key}`, position: positionOf(item, key) }] : [];
  });
}

const clusterRanges = (plan: Placed): PlacedRange[] =>
  CLUSTER_RANGES.flatMap((key) => placedRange(plan, key, `cluster '${String(plan.value["cluster"])}'`));

function overlapping(plans: readonly Placed[], clients: readonly Placed[]): Message[] {
  const all = [
    ...plans.flatMap(clusterRanges),
    ...clients.flatMap((c) => placedRange(c, "cidr", `client network '${String(c.value["name"])}'`)),
  ];
  return all.flatMap((later, i) => {
    const earlier = all.slice(0, i).find((other) => overlaps(other.range, later.range));
    if (!earlier) return [];
    const params = { value: later.text, other: earlier.text, path: earlier.label, where: spot(earlier.position) };
    return [message("BH1032", params, later.position)];
  });
}

function planFaults(plan: Placed): Message[] {
  const publicRanges = clusterRanges(plan)
    .filter(({ range }) => !isPrivate(range))
    .map(({ text, position }) => message("BH1033", { value: text }, position));
  const services = parseRange(String(plan.value["services"]));
  const dns = stringsOf(plan.value["dns"]).map((value) => ({ value, address: parseAddress(value) }))[0];
  const misplaced =
    services &&
    dns?.address &&
    !(dns.address.bits === services.bits && services.first <= dns.address.value && dns.address.value <= services.last);
  return [
    ...publicRanges,
    ...(misplaced && dns
      ? [message("BH1034", { value: dns.value, range: String(plan.value["services"]) }, positionOf(plan, "dns"))]
      : []),
  ];
}

function outsideDomain(component: Placed, domain: string): Message[] {
  return stringsOf(component.value["host"])
    .filter((host) => !host.endsWith(`.${domain}`))
    .map((value) => message("BH1035", { value, domain }, positionOf(component, "host")));
}

function foreignImage(component: Placed, prefixes: readonly string[]): Message[] {
  return stringsOf(component.value["image"])
    .filter((image) => image.includes("@") && !prefixes.some((prefix) => image.startsWith(prefix)))
    .map((value) => message("BH1036", { value, known: prefixes.join(", ") }, positionOf(component, "image")));
}

/** Only services whose every number is sound are added up; the others have messages of their own. */
function overQuota(zone: Placed): Message[] {
  const parsed = FILE_SCHEMAS.zone.shape.quota.safeParse(zone.value["quota"]);
  if (!parsed.success) return [];
  const quota = parsed.data;
  const services = within(zone, "services").map((s) => s.value);
  const replicas = (s: Json): number => (Number.isInteger(s["replicas"]) ? Number(s["replicas"]) : 0);
  const sum = (key: "cpu" | "memory"): number =>
    services.reduce(
      (total, s) => total + (QUANTITY.test(String(s[key])) ? milliUnits(String(s[key])) * replicas(s) : 0),
      0,
    );
  const pods = services.reduce((total, s) => total + replicas(s), 0);
  const name = String(zone.value["name"]);
  const over = (resource: string, needed: number, allowed: number, wanted: string, limit: string): Message[] =>
    needed > allowed
      ? [message("BH1039", { zone: name, needed: wanted, resource, quota: limit }, positionOf(zone, "quota", resource))]
      : [];
  const cores = sum("cpu");
  const bytes = sum("memory");
  return [
    ...over("cpu", cores, milliUnits(quota.cpu), `${cores}m`, quota.cpu),
    ...over("memory", bytes, milliUnits(quota.memory), `${Math.ceil(bytes / 1000 / 2 ** 20)}Mi`, quota.memory),
    ...over("pods", pods, quota.pods, String(pods), String(quota.pods)),
  ];
}

function wideEgress(egress: Placed, plans: readonly Placed[]): Message[] {
  return placedRange(egress, "cidr", "egress").flatMap(({ text, range, position }) => {
    if (range.prefix === 0) return [message("BH1040", { value: text }, position)];
    const inner = plans
      .flatMap((plan) => clusterRanges(plan).map((r) => ({ ...r, cluster: String(plan.value["cluster"]) })))
      .find((r) => overlaps(r.range, range) || contains(range, r.range));
    return inner ? [message("BH1041", { value: text, other: inner.text, cluster: inner.cluster }, position)] : [];
  });
}
