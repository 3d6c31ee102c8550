import { zoneNamespace } from "../../contracts.ts";
import { seconds } from "../../environments/model/duration.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Api } from "../../environments/model/files/gateway.ts";
import type { Zone } from "../../environments/model/files/zone.ts";
import { IDENTITY_PORT, identityAddress, issuerOf } from "../identity/identity.ts";
import { clustersOf, replicasIn, serviceHost } from "../network/peers.ts";
import { apiAudience, apiPath } from "./api.ts";

/** Port that the gateway serves on. TLS comes with the certificates layer, which this environment model does not have yet. */
export const GATEWAY_PORT = 8080;

/** The claim that says which client a token was issued to: the consumer's zone (OpenID Connect Core 2, `azp`). */
const CONSUMER_CLAIM = "azp";
const CONSUMER_HEADER = "x-consumer";
const EXTENSIONS = "type.googleapis.com/envoy.extensions";

/**
 * The gateway's Envoy bootstrap (v3 API, static): for each published API a route that wants a token of the identity realm
 * with the API's audience, lets only granted consumers through, and holds each to its own rate.
 *
 * Guarantees: a path that is no API is 404; no grant means 403, also for a valid token; a consumer's header is
 * overwritten by its token's claim. Rates hold per gateway replica.
 *
 * @param cluster the one whose gateway it is
 */
export function envoyBootstrap(environment: Environment, cluster: string): object {
  const apis = [...environment.apis].sort((a, b) => (apiPath(a) < apiPath(b) ? -1 : 1));
  const realms = [...new Set(apis.map((api) => realmOf(environment, api)))].sort();
  return {
    static_resources: {
      listeners: [
        {
          name: "apis",
          address: { socket_address: { address: "0.0.0.0", port_value: GATEWAY_PORT } },
          filter_chains: [{ filters: [connectionManager(environment, apis, realms)] }],
        },
      ],
      clusters: [
        upstream("identity", [identityAddress(environment)], IDENTITY_PORT),
        ...apis.map((api) => {
          const service = serviceOf(environment, api);
          const namespace = zoneNamespace(api.zone);
          // Its own cluster first: what runs at two sites is called at the nearer one.
          const clusters = clustersOf(publisher(environment, api))
            .filter((c) => replicasIn(c, publisher(environment, api), service) !== undefined)
            .sort((a, b) => Number(b === cluster) - Number(a === cluster));
          return upstream(
            apiAudience(api),
            clusters.map((c) => serviceHost(environment, c, namespace, api.service)),
            service.port,
          );
        }),
      ],
    },
  };
}

function connectionManager(environment: Environment, apis: readonly Api[], realms: readonly string[]): object {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: "apis",
      // Smuggling and path confusion are refused before a route is chosen by its path.
      normalize_path: true,
      merge_slashes: true,
      path_with_escaped_slashes_action: "REJECT_REQUEST",
      common_http_protocol_options: { headers_with_underscores_action: "REJECT_REQUEST", idle_timeout: "300s" },
      request_headers_timeout: "10s",
      http_filters: [
        filter("jwt_authn", "jwt_authn.v3.JwtAuthentication", {
          providers: Object.fromEntries(apis.map((api) => [apiAudience(api), jwtProvider(environment, api)])),
          rules: apis.map((api) => ({
            match: { path_separated_prefix: apiPath(api) },
            requires: { provider_name: apiAudience(api) },
          })),
        }),
        filter("rbac", "rbac.v3.RBAC", {}),
        filter("local_ratelimit", "local_ratelimit.v3.LocalRateLimit", { stat_prefix: "apis" }),
        filter("router", "router.v3.Router", {}),
      ],
      route_config: {
        name: "apis",
        virtual_hosts: [
          {
            name: "apis",
            domains: [environment.gateway.host, `${environment.gateway.host}:*`],
            routes: apis.map(route),
          },
        ],
      },
    },
  };

  function route(api: Api): object {
    const consumers = api.grants.map((g) => g.consumer).sort();
    return {
      name: apiAudience(api),
      match: { path_separated_prefix: apiPath(api) },
      route: {
        cluster: apiAudience(api),
        timeout: `${seconds(api.timeout)}s`,
      },
      typed_per_filter_config: {
        "envoy.filters.http.rbac": {
          "@type": `${EXTENSIONS}.filters.http.rbac.v3.RBACPerRoute`,
          rbac: { rules: { action: "ALLOW", policies: grantPolicies(consumers) } },
        },
        "envoy.filters.http.local_ratelimit": rateLimit(api),
      },
    };
  }

  function grantPolicies(consumers: readonly string[]): object {
    if (consumers.length === 0) return {}; // ALLOW without a policy refuses everybody.
    return { granted: { permissions: [{ any: true }], principals: consumers.map(tokenOf) } };
  }

  function tokenOf(consumer: string): object {
    return {
      sourced_metadata: {
        metadata_matcher: {
          filter: "envoy.filters.http.jwt_authn",
          path: [{ key: "token" }, { key: CONSUMER_CLAIM }],
          value: { string_match: { exact: consumer } },
        },
      },
    };
  }

  function jwtProvider(env: Environment, api: Api): object {
    const realm = realmOf(env, api);
    if (!realms.includes(realm)) throw new Error(`realm ${realm} is not among the gateway's`);
    const issuer = issuerOf(env, realm);
    return {
      issuer,
      audiences: [apiAudience(api)],
      payload_in_metadata: "token",
      claim_to_headers: [{ header_name: CONSUMER_HEADER, claim_name: CONSUMER_CLAIM }],
      remote_jwks: {
        http_uri: {
          uri: `http://${identityAddress(environment)}:${IDENTITY_PORT}/realms/${realm}/protocol/openid-connect/certs`,
          cluster: "identity",
          timeout: "5s",
        },
        cache_duration: "300s",
      },
    };
  }
}

/** One bucket for each granted consumer. The default bucket, for anybody else, is the smallest that Envoy takes. */
function rateLimit(api: Api): object {
  const bucket = (perMinute: number) => ({ max_tokens: perMinute, tokens_per_fill: perMinute, fill_interval: "60s" });
  return {
    "@type": `${EXTENSIONS}.filters.http.local_ratelimit.v3.LocalRateLimit`,
    stat_prefix: apiAudience(api),
    token_bucket: bucket(Math.max(1, ...api.grants.map((g) => g.requestsPerMinute))),
    filter_enabled: { default_value: { numerator: 100 } },
    filter_enforced: { default_value: { numerator: 100 } },
    always_consume_default_token_bucket: false,
    rate_limits: [{ actions: [{ request_headers: { header_name: CONSUMER_HEADER, descriptor_key: "consumer" } }] }],
    descriptors: api.grants.map((g) => ({
      entries: [{ key: "consumer", value: g.consumer }],
      token_bucket: bucket(g.requestsPerMinute),
    })),
  };
}

const filter = (name: string, type: string, config: object): object => ({
  name: `envoy.filters.http.${name}`,
  typed_config: { "@type": `${EXTENSIONS}.filters.http.${type}`, ...config },
});

/** @param addresses in the order in which they are tried: the next where nothing answers at those before it */
const upstream = (name: string, addresses: readonly string[], port: number): object => ({
  name,
  type: "STRICT_DNS",
  connect_timeout: "1s",
  load_assignment: {
    cluster_name: name,
    endpoints: addresses.map((address, priority) => ({
      ...(priority > 0 ? { priority } : {}),
      lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: port } } } }],
    })),
  },
});

function publisher(environment: Environment, api: Api): Zone {
  const zone = environment.zones.find((z) => z.name === api.zone);
  if (!zone) throw new Error(`api ${api.name} names zone ${api.zone}, which the loader should have refused`);
  return zone;
}

const realmOf = (environment: Environment, api: Api): string => publisher(environment, api).realm;

function serviceOf(environment: Environment, api: Api) {
  const service = publisher(environment, api).services.find((s) => s.name === api.service);
  if (!service) throw new Error(`api ${api.name} names service ${api.service}, which the loader should have refused`);
  return service;
}
