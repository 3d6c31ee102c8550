import { LABELS } from "../contracts.ts";
import type { Estate, EstateObject } from "../estate/estate.ts";
import { inNamespace, mapOf, mapsOf, ofKind, textAt } from "./estate-view.ts";

/** The API hub of an estate, as its gateway is configured: an Envoy bootstrap (v3 API) in a ConfigMap of the layer gateway. */

export interface Upstream {
  readonly address: string;
  readonly port: number;
}

export interface HubRoute {
  /** `<api>-<version>`, which is also the audience of its tokens. */
  readonly name: string;
  /** Path that it answers under. */
  readonly prefix: string | undefined;
  /** Address and port of each service that answers, in the order in which they are tried. */
  readonly upstreams: readonly Upstream[];
  /** Audiences that every token has to name, whichever realm issued it; empty where none is asked for. */
  readonly audiences: readonly string[];
  /** Consumers that are let through; undefined where anybody is. */
  readonly consumers: readonly string[] | undefined;
  /** Consumers that have a rate of their own. */
  readonly rated: readonly string[];
  readonly rateLimited: boolean;
}

export interface Hub {
  readonly config: EstateObject;
  readonly routes: readonly HubRoute[];
}

const BOOTSTRAP = "bootstrap.json";

/**
 * Every gateway configuration of an estate.
 *
 * @throws SyntaxError where one is no JSON: a rule that cannot read it must not pass
 */
export const hubsOf = (estate: Estate): readonly Hub[] =>
  ofKind(estate, "Namespace")
    .filter(({ object }) => object.metadata.labels?.[LABELS.layer] === "gateway")
    .flatMap((namespace) => inNamespace(estate, namespace, "ConfigMap"))
    .flatMap((config) => {
      const text = textAt(config.object["data"], BOOTSTRAP);
      return text === undefined ? [] : [{ config, routes: routesOf(JSON.parse(text)) }];
    });

function routesOf(bootstrap: unknown): readonly HubRoute[] {
  const { listeners, clusters } = mapOf(mapOf(bootstrap)["static_resources"]);
  const managers = mapsOf(listeners)
    .flatMap((listener) => mapsOf(listener["filter_chains"]))
    .flatMap((chain) => mapsOf(chain["filters"]))
    .map((filter) => mapOf(filter["typed_config"]));
  return managers.flatMap((manager) => {
    const authentication = mapOf(
      mapsOf(manager["http_filters"]).find(({ name }) => name === "envoy.filters.http.jwt_authn")?.["typed_config"],
    );
    const hosts = mapsOf(mapOf(manager["route_config"])["virtual_hosts"]);
    return hosts
      .flatMap((host) => mapsOf(host["routes"]))
      .map((route) => routeOf(route, authentication, mapsOf(clusters)));
  });
}

type Fields = Readonly<Record<string, unknown>>;

function routeOf(route: Fields, authentication: Fields, clusters: readonly Fields[]): HubRoute {
  const prefix = textAt(route, "match", "path_separated_prefix");
  const perRoute = mapOf(route["typed_per_filter_config"]);
  const limit = mapOf(perRoute["envoy.filters.http.local_ratelimit"]);
  const cluster = clusters.find(({ name }) => name === textAt(route, "route", "cluster"));
  return {
    name: textAt(route, "name") ?? prefix ?? "",
    prefix,
    upstreams: cluster ? upstreamsOf(cluster) : [],
    audiences: audiencesOf(authentication, prefix),
    consumers: consumersOf(mapOf(mapOf(mapOf(perRoute["envoy.filters.http.rbac"])["rbac"])["rules"])),
    rated: mapsOf(limit["descriptors"]).flatMap(({ entries }) => mapsOf(entries).flatMap(({ value }) => texts(value))),
    rateLimited: Object.keys(mapOf(limit["token_bucket"])).length > 0,
  };
}

const texts = (value: unknown): readonly string[] => (typeof value === "string" ? [value] : []);

/** Where any of several providers will do, what all of them ask for. */
function audiencesOf({ rules, providers }: Fields, prefix: string | undefined): readonly string[] {
  const requires = mapOf(
    mapOf(mapsOf(rules).find(({ match }) => textAt(match, "path_separated_prefix") === prefix))["requires"],
  );
  const alternatives = mapsOf(mapOf(requires["requires_any"])["requirements"]);
  const [first = [], ...others] = (alternatives.length > 0 ? alternatives : [requires]).map((requirement) => {
    const provider = textAt(requirement, "provider_name");
    const audiences = provider === undefined ? undefined : mapOf(mapOf(providers)[provider])["audiences"];
    return Array.isArray(audiences) ? audiences.flatMap(texts) : [];
  });
  return first.filter((audience) => others.every((list) => list.includes(audience)));
}

/** The claim of a token that names its consumer (OpenID Connect Core 2). */
const CONSUMER_CLAIM = "azp";

function consumersOf({ action, policies }: Fields): readonly string[] | undefined {
  if (action !== "ALLOW") return undefined;
  const principals = Object.values(mapOf(policies)).flatMap((policy) => mapsOf(mapOf(policy)["principals"]));
  const named = principals.map(consumerOf);
  const known = named.filter((name) => name !== undefined);
  return known.length === named.length ? known : undefined;
}

/** A principal is one claim of a token, or several that have to hold at once. */
function consumerOf(principal: Fields): string | undefined {
  const all = mapsOf(mapOf(principal["and_ids"])["ids"]);
  const matchers = (all.length > 0 ? all : [principal]).map((id) =>
    mapOf(mapOf(id["sourced_metadata"])["metadata_matcher"]),
  );
  const consumer = matchers.find(({ path }) => mapsOf(path).at(-1)?.["key"] === CONSUMER_CLAIM);
  return textAt(consumer, "value", "string_match", "exact");
}

/** An endpoint that cannot be read stays as one that leads nowhere. */
const upstreamsOf = (cluster: Fields): readonly Upstream[] =>
  mapsOf(mapOf(cluster["load_assignment"])["endpoints"])
    .flatMap((locality) => mapsOf(locality["lb_endpoints"]))
    .map(({ endpoint }) => {
      const { address, port_value: port } = mapOf(mapOf(mapOf(endpoint)["address"])["socket_address"]);
      return { address: typeof address === "string" ? address : "", port: typeof port === "number" ? port : 0 };
    });
