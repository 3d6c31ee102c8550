import { type Message, message, type Position } from "../../../messages/message.ts";
import { NAME } from "../../../yaml/formats.ts";
import type { Zone } from "../files/zone.ts";
import type { Known, SourceFiles } from "../known.ts";
import {
  dangling,
  duplicates,
  items,
  type Json,
  namesOf,
  nearestHint,
  type Path,
  type Placed,
  positionOf,
  refers,
  spot,
  stringsOf,
  within,
} from "../placed.ts";
import { DATA_CLASSES, type DataClass } from "../values.ts";
import { apiId } from "./api.ts";

/** What grants are held against, found once for all of them. */
interface Hub {
  readonly zones: ReadonlyMap<string, Placed>;
  /** By id. */
  readonly apis: ReadonlyMap<string, Placed>;
  /** Consumers that each API is granted to, by its id. */
  readonly granted: ReadonlyMap<string, ReadonlySet<unknown>>;
  /** The day of each suspended zone's suspension. */
  readonly suspended: ReadonlyMap<string, string>;
  /** The rank of each level: the strongest is the highest. */
  readonly levels: ReadonlyMap<string, number>;
  /** The level that each realm gives. */
  readonly realms: ReadonlyMap<string, string>;
  readonly known: Known;
}

/**
 * What is wrong with what zones publish, grant and ask for, whatever the day.
 *
 * @param zones that could be read
 */
export function hubFaults(files: SourceFiles, known: Known, zones: readonly Placed[]): Message[] {
  const hub = hubOf(files, known, zones);
  return [
    ...sameApi(zones.flatMap((zone) => within(zone, "apis"))),
    ...zones.flatMap((zone) => [
      ...weakRealm(zone, hub),
      ...within(zone, "apis").flatMap((api) => apiFaults(api, zone, hub)),
      ...within(zone, "uses").flatMap((use) => useFaults(use, zone, hub)),
      ...sameUse(within(zone, "uses")),
    ]),
  ];
}

const textOf = (value: Json, key: string): string => stringsOf(value[key])[0] ?? "";
/** Of two that have one name, which is a fault of its own, the first holds. */
const pairs = (list: readonly Placed[], from: string, to: string): Map<string, string> =>
  new Map(
    [...list]
      .reverse()
      .flatMap(({ value }) => stringsOf(value[from]).map((key): [string, string] => [key, textOf(value, to)])),
  );

const idOf = ({ value }: Placed): string => apiId({ name: textOf(value, "name"), version: textOf(value, "version") });

function hubOf({ byKind }: SourceFiles, known: Known, zones: readonly Placed[]): Hub {
  const apis = new Map(zones.flatMap((zone) => within(zone, "apis")).map((api) => [idOf(api), api]));
  return {
    zones: new Map(zones.flatMap((zone) => stringsOf(zone.value["name"]).map((name) => [name, zone]))),
    apis,
    granted: new Map(
      [...apis].map(([id, api]) => [id, new Set(within(api, "grants").map(({ value }) => value["consumer"]))]),
    ),
    suspended: pairs(items(byKind.gateway, ["suspensions"]), "zone", "since"),
    levels: new Map(
      items(byKind.identity, ["assuranceLevels"]).flatMap(({ value }, rank) =>
        stringsOf(value["name"]).map((name) => [name, rank]),
      ),
    ),
    realms: pairs(items(byKind.identity, ["realms"]), "name", "assurance"),
    known,
  };
}

/** An API is its name and its version: v1 and v2 may stand beside each other, but not in two zones. */
function sameApi(apis: readonly Placed[]): Message[] {
  const first = new Map<string, Position>();
  return apis.flatMap((api) => {
    const name = `${textOf(api.value, "name")} ${textOf(api.value, "version")}`;
    const earlier = first.get(name);
    first.set(name, earlier ?? positionOf(api, "name"));
    return earlier ? [message("BH1030", { name, first: spot(earlier) }, positionOf(api, "name"))] : [];
  });
}

function apiFaults(api: Placed, zone: Placed, hub: Hub): Message[] {
  const { value } = api;
  const { services, name: zoneName } = zone.value as Partial<Zone>;
  return [
    ...(Array.isArray(services)
      ? refers(api, "service", "service", namesOf(services, NAME), ` in zone '${zoneName}'`)
      : []),
    ...refers(api, "assurance", "assurance level", hub.known.assurance),
    ...aboveZone(api, zone),
    ...duplicates(within(api, "fields"), "name"),
    ...within(api, "fields").flatMap((field) => aboveApi(field, api)),
    ...slowerThanTimeout(api),
    ...sameConsumer(api),
    ...within(api, "grants").flatMap((grant) =>
      value["name"] === undefined ? [] : grantFaults(grant, api, zone, hub),
    ),
  ];
}

const rankOf = (dataClass: unknown): number => DATA_CLASSES.indexOf(dataClass as DataClass);

/** Whether a class is above another; not where one of them is none. */
const above = (got: unknown, allowed: unknown): boolean => rankOf(allowed) >= 0 && rankOf(got) > rankOf(allowed);

function aboveZone(api: Placed, zone: Placed): Message[] {
  const [got, allowed] = [api.value["dataClass"], zone.value["dataClass"]];
  if (!above(got, allowed)) return [];
  const params = { api: textOf(api.value, "name"), got: String(got), zone: textOf(zone.value, "name") };
  return [message("BH1037", { ...params, allowed: String(allowed) }, positionOf(api, "dataClass"))];
}

function aboveApi(field: Placed, api: Placed): Message[] {
  const [got, allowed] = [field.value["dataClass"], api.value["dataClass"]];
  if (!above(got, allowed)) return [];
  const params = { field: textOf(field.value, "name"), got: String(got), api: idOf(api), allowed: String(allowed) };
  return [message("BH1103", params, positionOf(field, "dataClass"))];
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function slowerThanTimeout(api: Placed): Message[] {
  const [, number, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(textOf(api.value, "timeout")) ?? [];
  const slo = api.value["slo"] as Json | undefined;
  const latency = slo?.["latencyMilliseconds"];
  if (!number || typeof latency !== "number" || latency <= Number(number) * (MILLISECONDS[unit ?? ""] ?? 0)) return [];
  const params = { api: idOf(api), latency, timeout: textOf(api.value, "timeout") };
  return [message("BH1108", params, positionOf(api, "slo", "latencyMilliseconds"))];
}

function sameConsumer(api: Placed): Message[] {
  const first = new Map<string, Position>();
  return within(api, "grants").flatMap((grant) =>
    stringsOf(grant.value["consumer"]).flatMap((consumer) => {
      const here = positionOf(grant, "consumer");
      const earlier = first.get(consumer);
      if (!earlier) first.set(consumer, here);
      return earlier
        ? [message("BH1043", { api: textOf(api.value, "name"), consumer, first: spot(earlier) }, here)]
        : [];
    }),
  );
}

function sameUse(uses: readonly Placed[]): Message[] {
  const first = new Map<string, Position>();
  return uses.flatMap((use) =>
    stringsOf(use.value["api"]).flatMap((api) => {
      const here = positionOf(use, "api");
      const earlier = first.get(api);
      if (!earlier) first.set(api, here);
      return earlier ? [message("BH1115", { api, first: spot(earlier) }, here)] : [];
    }),
  );
}

function grantFaults(grant: Placed, api: Placed, zone: Placed, hub: Hub): Message[] {
  const consumer = textOf(grant.value, "consumer");
  const granted = textOf(grant.value, "granted");
  const expires = textOf(grant.value, "expires");
  const gone = textOf(api.value, "deprecated");
  const since = hub.suspended.get(consumer) ?? "";
  const shared = { api: idOf(api), consumer };
  return [
    ...refers(grant, "consumer", "zone", hub.known.zone),
    ...refers(grant, "ratePlan", "rate plan", hub.known.ratePlan),
    ...(consumer !== "" && consumer === zone.value["name"]
      ? [message("BH1038", { zone: consumer, api: textOf(api.value, "name") }, positionOf(grant, "consumer"))]
      : []),
    ...fieldFaults(grant, api, hub.zones.get(consumer)),
    ...(granted !== "" && expires !== "" && expires < granted
      ? [message("BH1107", { ...shared, granted, expires }, positionOf(grant, "expires"))]
      : []),
    ...(gone !== "" && expires > gone
      ? [message("BH1105", { ...shared, expires, deprecated: gone }, positionOf(grant, "expires"))]
      : []),
    ...(since !== "" && granted >= since
      ? [message("BH1109", { ...shared, granted, since }, positionOf(grant, "granted"))]
      : []),
    ...weakCaller(grant, api, hub),
  ];
}

/** Fields that the API does not have, that stand twice, or whose class is above what the consumer's zone may hold. */
function fieldFaults(side: Placed, api: Placed, consumer: Placed | undefined): Message[] {
  const published = new Map(within(api, "fields").map((field) => [textOf(field.value, "name"), field.value]));
  const list = side.value["fields"];
  if (!Array.isArray(list)) return [];
  const seen = new Map<string, Path>();
  return list.flatMap((value: unknown, i) =>
    stringsOf(value).flatMap((field): Message[] => {
      const path = ["fields", i];
      const here = positionOf(side, ...path);
      const earlier = seen.get(field);
      seen.set(field, earlier ?? path);
      if (earlier)
        return [message("BH1102", { field, api: idOf(api), first: spot(positionOf(side, ...earlier)) }, here)];
      const own = published.get(field);
      if (!own) {
        const hint = nearestHint(field, [...published.keys()]) ?? "it states no fields";
        return [message("BH1104", { field, api: idOf(api), hint }, here)];
      }
      const got = own["dataClass"] ?? api.value["dataClass"];
      const allowed = consumer?.value["dataClass"];
      if (!above(got, allowed)) return [];
      const params = { field, api: idOf(api), got: String(got), zone: textOf(consumer?.value ?? {}, "name") };
      return [message("BH1106", { ...params, allowed: String(allowed) }, here)];
    }),
  );
}

function useFaults(use: Placed, zone: Placed, hub: Hub): Message[] {
  const id = textOf(use.value, "api");
  const api = hub.apis.get(id);
  if (!api) return id === "" ? [] : dangling(use, ["api"], id, "API", hub.known.api);
  if (api.source === zone.source) {
    return [message("BH1116", { api: id, zone: textOf(zone.value, "name") }, positionOf(use, "api"))];
  }
  const granted = hub.granted.get(id)?.has(zone.value["name"]);
  // Where there is a grant too, its owner is told what is above the consumer's zone.
  return fieldFaults(use, api, granted ? undefined : zone);
}

/** A zone that demands more than its realm gives. */
function weakRealm(zone: Placed, { levels, realms, known }: Hub): Message[] {
  const realm = textOf(zone.value, "realm");
  const [wanted, got] = [textOf(zone.value, "assurance"), realms.get(realm) ?? ""];
  const unknown = refers(zone, "assurance", "assurance level", known.assurance);
  if (!weaker(got, wanted, levels)) return unknown;
  return [message("BH1110", { zone: textOf(zone.value, "name"), wanted, realm, got }, positionOf(zone, "assurance"))];
}

/** A consumer whose realm gives less than the API demands. */
function weakCaller(grant: Placed, api: Placed, { zones, levels, realms }: Hub): Message[] {
  const consumer = textOf(grant.value, "consumer");
  const realm = textOf(zones.get(consumer)?.value ?? {}, "realm");
  const [wanted, got] = [textOf(api.value, "assurance"), realms.get(realm) ?? ""];
  if (!weaker(got, wanted, levels)) return [];
  return [message("BH1111", { api: idOf(api), wanted, consumer, realm, got }, positionOf(grant, "consumer"))];
}

/** Whether a level is weaker than another; not where one of them is none. */
function weaker(got: string, wanted: string, levels: ReadonlyMap<string, number>): boolean {
  const [rank, least] = [levels.get(got), levels.get(wanted)];
  return rank !== undefined && least !== undefined && rank < least;
}
