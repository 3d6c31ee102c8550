import type { Environment } from "../environment.ts";
import { FAILURE_LEVELS, type FailureLevelName } from "../failure-level.ts";
import { type Amount, amountOf, isNothing, minus, NOTHING, plus, quantities, RESOURCES, sum, times } from "./amount.ts";

/** A zone, or a component of the platform, as capacity sees it. */
export interface Holder {
  readonly kind: "zone" | "component";
  /** The zone's name; `gateway`, `identity` or `soc`. */
  readonly name: string;
  /** Where it stands in the environment: `zones.tax`, `soc.sink`. */
  readonly path: string;
  readonly cluster: string;
  readonly standby: string | undefined;
  /** A component is its own one service. */
  readonly services: readonly Service[];
  /** What it is promised beyond its services: the rest of a zone's quota. */
  readonly rest: Amount;
}

export interface Service {
  readonly name: string;
  readonly path: string;
  readonly level: FailureLevelName;
  readonly replicas: number;
  /** One replica. */
  readonly each: Amount;
  /** As files have it: `4h`. */
  readonly rto: string | undefined;
  readonly rpo: string | undefined;
}

/** Everything that asks for room, components first, zones by name. */
export function holdersOf({ gateway, identity, soc, zones }: Environment): readonly Holder[] {
  const component = (name: string, path: string, own: Component): Holder => ({
    kind: "component",
    name,
    path,
    cluster: own.cluster,
    standby: own.standby,
    services: [serviceOf(name, path, own)],
    rest: NOTHING,
  });
  return [
    component("gateway", "gateway", gateway),
    component("identity", "identity", identity),
    component("soc", "soc.sink", soc.sink),
    ...zones.map((zone): Holder => {
      const services = zone.services.map((s) => serviceOf(s.name, `zones.${zone.name}.services.${s.name}`, s));
      return {
        kind: "zone",
        name: zone.name,
        path: `zones.${zone.name}`,
        cluster: zone.cluster,
        standby: zone.standby,
        services,
        rest: minus(quantities(zone.quota), sum(services.map(({ each, replicas }) => times(each, replicas)))),
      };
    }),
  ];
}

type Component = Environment["gateway"] | Environment["identity"] | Environment["soc"]["sink"];
type Stated = Pick<Component, "replicas" | "cpu" | "memory" | "failure"> & {
  readonly rto?: string | undefined;
  readonly rpo?: string | undefined;
  readonly storage?: string;
};

function serviceOf(name: string, path: string, stated: Stated): Service {
  const { replicas, cpu, memory, failure, rto, rpo, storage } = stated;
  const each = quantities({ cpu, memory, pods: 1, ...(storage === undefined ? {} : { storage }) });
  return { name, path, level: failure, replicas, each, rto, rpo };
}

/**
 * Why a cluster has to have room. `running`: pods that run there; `held`: the replicas of an L3 service, which start there;
 * `promised`: what is left of a quota; `restored` and `restored-quota`: both of what comes from a backup when its site is lost.
 */
export const CLAIM_KINDS = ["running", "held", "promised", "restored", "restored-quota"] as const;
export type ClaimKind = (typeof CLAIM_KINDS)[number];

/** Room that a cluster has to have for one service, or for the rest of one zone's quota: all of it, or it is not had. */
export interface Claim {
  readonly kind: ClaimKind;
  readonly holder: Holder;
  /** Absent for the rest of the quota. */
  readonly service?: Service;
  /** One amount a replica; the rest of a quota is one amount, which may be divided. */
  readonly replicas: readonly Amount[];
}

/**
 * What each cluster has to have room for.
 *
 * At home that is the whole quota. A standby holds room for what is L3 and L4, and for the rest of a quota that any of them comes
 * with; what is L2 has no room there before its site is lost, so that one room serves several sites, of which one is lost at a
 * time. What is L1 is never elsewhere.
 *
 * @param lost a site: what its clusters had goes to its standby clusters; undefined where every site stands
 */
export function claimsOf(environment: Environment, lost?: string): ReadonlyMap<string, readonly Claim[]> {
  const siteOf = new Map(environment.clusters.map(({ name, site }) => [name, site]));
  const claims = new Map<string, Claim[]>(
    environment.clusters.filter(({ site }) => site !== lost).map(({ name }) => [name, []]),
  );
  for (const holder of holdersOf(environment)) {
    const homeLost = siteOf.get(holder.cluster) === lost;
    claims.get(holder.cluster)?.push(...homeClaims(holder));
    if (holder.standby !== undefined) claims.get(holder.standby)?.push(...standbyClaims(holder, homeLost));
  }
  return claims;
}

const replicasOf = ({ each, replicas }: Service): Amount[] => Array.from({ length: replicas }, () => each);

const restClaims = (holder: Holder, kind: "promised" | "restored-quota"): Claim[] =>
  isNothing(holder.rest) ? [] : [{ kind, holder, replicas: [holder.rest] }];

const homeClaims = (holder: Holder): Claim[] => [
  ...holder.services.map((service): Claim => ({ kind: "running", holder, service, replicas: replicasOf(service) })),
  ...restClaims(holder, "promised"),
];

const STANDBY_KIND = { active: "running", standby: "held", restored: "restored", down: undefined } as const;

function standbyClaims(holder: Holder, homeLost: boolean): Claim[] {
  const services = holder.services.flatMap((service): Claim[] => {
    const kind = STANDBY_KIND[FAILURE_LEVELS[service.level].service];
    if (kind === undefined || (kind === "restored" && !homeLost)) return [];
    return [{ kind, holder, service, replicas: replicasOf(service) }];
  });
  if (services.length === 0) return [];
  const held = services.some(({ kind }) => kind !== "restored");
  return [...services, ...restClaims(holder, held ? "promised" : "restored-quota")];
}

/** All that claims ask for. */
export const demandOf = (claims: readonly Claim[]): Amount =>
  claims.flatMap(({ replicas }) => replicas).reduce(plus, NOTHING);

/** No part of the rest of a quota is larger than this share of the smallest worker, in any resource. */
const LARGEST_PART = 4n;

/**
 * The parts in which the rest of a quota is placed, as few as may be, alike but for the last thousandths. Volumes are parts of their own, since
 * they are reached from every node of their cluster.
 *
 * @param smallest the least of each resource that any worker has
 */
export function partsOf(rest: Amount, smallest: Amount): Amount[] {
  const computing = divide({ ...rest, storage: 0n }, smallest);
  const volumes = divide({ ...NOTHING, storage: rest.storage }, smallest);
  return [...computing, ...volumes];
}

function divide(whole: Amount, smallest: Amount): Amount[] {
  if (isNothing(whole)) return [];
  const count = RESOURCES.reduce((most, r) => {
    const largest = smallest[r] / LARGEST_PART;
    const needed = largest === 0n ? 1n : (whole[r] + largest - 1n) / largest;
    return needed > most ? needed : most;
  }, 1n);
  return Array.from({ length: Number(count) }, (_, i) => amountOf((r) => share(whole[r], BigInt(i), count, r)));
}

/** Pods are whole: so many parts get one more. */
function share(whole: bigint, part: bigint, parts: bigint, resource: (typeof RESOURCES)[number]): bigint {
  const unit = resource === "pods" ? 1000n : 1n;
  const units = whole / unit;
  return (units / parts + (part < units % parts ? 1n : 0n)) * unit;
}
