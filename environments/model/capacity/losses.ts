import { seconds } from "../duration.ts";
import type { Environment } from "../environment.ts";
import { FAILURE_LEVELS, type FailureLevel } from "../failure-level.ts";
import { apiId } from "../hub/api.ts";
import { inForce } from "../hub/grants.ts";
import { type ClusterCapacity, capacityOf } from "./capacity.ts";
import { type Holder, holdersOf, type Service } from "./demand.ts";

/** What one service is once a site is lost. */
export interface Fate {
  readonly holder: Holder;
  readonly service: Service;
  readonly becomes: FailureLevel["service"];
  /** The cluster that it runs in then; undefined where it is down. */
  readonly cluster: string | undefined;
  /** How long it takes until it serves again, as files have it: `4h`; undefined where it never stopped, or nobody says. */
  readonly within: string | undefined;
  readonly because: Because;
  /** APIs that it may call and that take until then to answer; it runs without them. */
  readonly without: readonly Missing[];
  /** Whether it is less than its level states. */
  readonly below: boolean;
}

export interface Missing {
  readonly api: string;
  readonly within: string | undefined;
}

/**
 * `home-stands`, or its site is lost and it is what its `level` states, or there is `no-room` at its standby; or it stands itself, and
 * what it cannot do without is down or slower: the gateway or the identity service (`component`), or an `api`.
 */
export type Because =
  | { readonly kind: "home-stands"; readonly standbyLost: boolean }
  | { readonly kind: "level" }
  | { readonly kind: "no-room"; readonly cluster: string }
  | { readonly kind: "component" | "api"; readonly on: string; readonly root: Because };

/** What the loss of one site does. */
export interface Loss {
  readonly site: string;
  readonly clusters: readonly ClusterCapacity[];
  /** Components first, then zones by name, each with its services in the order of its file. */
  readonly fates: readonly Fate[];
  /** Clusters that stand, and whose management cluster does not: they run on and cannot be changed. */
  readonly unmanaged: readonly string[];
}

/** What the loss of a site does to every service. */
export function lossOf(environment: Environment, site: string): Loss {
  const clusters = capacityOf(environment, site);
  const lost = new Set(environment.clusters.filter((c) => c.site === site).map(({ name }) => name));
  const holders = holdersOf(environment);
  const own = holders.flatMap((holder) => holder.services.map((service) => ownFate(holder, service, lost, clusters)));
  const fates = withMissing(environment, withApis(environment, withComponents(environment, own)));
  return {
    site,
    clusters,
    fates: fates.map((fate) => ({ ...fate, below: isBelow(fate) })),
    unmanaged: environment.clusters
      .filter(({ name, managedBy }) => !lost.has(name) && managedBy !== undefined && lost.has(managedBy))
      .map(({ name }) => name),
  };
}

/** What becomes of a service by itself. */
function ownFate(
  holder: Holder,
  service: Service,
  lost: ReadonlySet<string>,
  clusters: readonly ClusterCapacity[],
): Fate {
  const fate = { holder, service, without: [], below: false, within: undefined };
  const { cluster, standby } = holder;
  if (!lost.has(cluster)) {
    const elsewhere = FAILURE_LEVELS[service.level].elsewhere;
    const standbyLost = elsewhere && standby !== undefined && lost.has(standby);
    return { ...fate, becomes: "active", cluster, because: { kind: "home-stands", standbyLost } };
  }
  const { service: becomes } = FAILURE_LEVELS[service.level];
  if (becomes === "down" || standby === undefined)
    return { ...fate, becomes: "down", cluster: undefined, because: { kind: "level" } };
  const there = clusters.find((c) => c.cluster === standby);
  if (there?.placement?.unplaced.some((claim) => claim.service?.path === service.path))
    return { ...fate, becomes: "down", cluster: undefined, because: { kind: "no-room", cluster: standby } };
  const within = becomes === "active" ? undefined : service.rto;
  return { ...fate, becomes, cluster: standby, within, because: { kind: "level" } };
}

/** From what is gone to what runs on. */
const ORDER = ["down", "restored", "standby", "active"] as const satisfies readonly FailureLevel["service"][];
const rank = (becomes: FailureLevel["service"]): number => ORDER.indexOf(becomes);
const secondsIn = (within: string | undefined): number => (within === undefined ? 0 : seconds(within));

/** A service is what it depends on, where that is less. */
function atMost(fate: Fate, on: Fate | undefined, kind: "component" | "api", name: string): Fate {
  if (!on || fate.becomes === "down") return fate;
  const slower = secondsIn(on.within) > secondsIn(fate.within);
  if (rank(on.becomes) >= rank(fate.becomes) && !slower) return fate;
  const becomes = rank(on.becomes) < rank(fate.becomes) ? on.becomes : fate.becomes;
  return {
    ...fate,
    becomes,
    cluster: becomes === "down" ? undefined : fate.cluster,
    within: becomes === "down" ? undefined : slower ? on.within : fate.within,
    because: { kind, on: name, root: rootOf(on.because) },
  };
}

const rootOf = (because: Because): Because => ("root" in because ? because.root : because);

/** Nobody logs in to a zone without the identity service, which keeps its realm; nobody calls an API without the gateway. */
function withComponents({ apis }: Environment, fates: readonly Fate[]): readonly Fate[] {
  const component = (name: string) => fates.find(({ holder }) => holder.kind === "component" && holder.name === name);
  const [identity, gateway] = [component("identity"), component("gateway")];
  const called = new Set(apis.filter((api) => inForce(api).length > 0).map((api) => `${api.zone} ${api.service}`));
  return fates.map((fate) => {
    if (fate.holder.kind !== "zone") return fate;
    const signedIn = atMost(fate, identity, "component", "identity");
    const isCalled = called.has(`${fate.holder.name} ${fate.service.name}`);
    return isCalled ? atMost(signedIn, gateway, "component", "gateway") : signedIn;
  });
}

/** What a zone calls and is down breaks it, and so on to whoever calls that zone. */
function withApis(environment: Environment, fates: readonly Fate[]): readonly Fate[] {
  const calls = callsOf(environment);
  // Each round breaks one more service or is the last.
  for (let now = fates; ; ) {
    const byName = new Map(now.map((fate) => [nameOf(fate), fate]));
    const next = now.map((fate) =>
      (calls.get(fate.holder.name) ?? []).reduce((soFar, { api, provider }) => {
        const on = byName.get(provider);
        return fate.holder.kind === "zone" && on?.becomes === "down" ? atMost(soFar, on, "api", api) : soFar;
      }, fate),
    );
    if (next.every((fate, i) => fate === now[i])) return now;
    now = next;
  }
}

const nameOf = ({ holder, service }: Fate): string => `${holder.kind === "zone" ? holder.name : ""} ${service.name}`;

/** What each zone may call: the API, and the service that answers it. */
function callsOf({ apis }: Environment): ReadonlyMap<string, readonly Call[]> {
  const calls = new Map<string, Call[]>();
  for (const api of apis) {
    for (const { consumer } of inForce(api)) {
      const own = calls.get(consumer) ?? [];
      own.push({ api: apiId(api), provider: `${api.zone} ${api.service}` });
      calls.set(consumer, own);
    }
  }
  return calls;
}

interface Call {
  readonly api: string;
  readonly provider: string;
}

/** What runs on without an API for a while, since its provider is being started or restored. */
function withMissing(environment: Environment, fates: readonly Fate[]): readonly Fate[] {
  const calls = callsOf(environment);
  const byName = new Map(fates.map((fate) => [nameOf(fate), fate]));
  return fates.map((fate) => {
    if (fate.holder.kind !== "zone" || fate.becomes === "down") return fate;
    const without = (calls.get(fate.holder.name) ?? []).flatMap(({ api, provider }): Missing[] => {
      const on = byName.get(provider);
      return on?.becomes === "standby" || on?.becomes === "restored" ? [{ api, within: on.within }] : [];
    });
    return without.length === 0 ? fate : { ...fate, without };
  });
}

/** A level is a promise for the loss of any one site: its own, or that of what it depends on. */
function isBelow({ becomes, within, service }: Fate): boolean {
  const promised = FAILURE_LEVELS[service.level].service;
  if (promised === "down") return false;
  if (rank(becomes) < rank(promised)) return true;
  return service.rto !== undefined && becomes !== "active" && secondsIn(within) > seconds(service.rto);
}
