import { LABEL_DOMAIN, zoneNamespace } from "../../contracts.ts";
import { seconds } from "../../environments/model/duration.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Zone } from "../../environments/model/files/zone.ts";
import { type Api, type GrantInForce, inForce } from "../../environments/model/hub/grants.ts";
import { IDENTITY_PORT, identityAddress, issuerOf } from "../identity/identity.ts";
import { clustersOf, replicasIn, serviceHost } from "../network/peers.ts";
import { apiAudience, apiPath } from "./api.ts";

/** Port that the gateway serves on. TLS comes with the certificates layer, which this environment model does not have yet. */
export const GATEWAY_PORT = 8080;

/** The claim that says which client a token was issued to: the consumer's zone (OpenID Connect Core 2, `azp`). */
const CONSUMER_CLAIM = "azp";
/** The claim that says which realm issued a token. */
const ISSUER_CLAIM = "iss";
const CONSUMER_HEADER = "x-consumer";
const EXTENSIONS = "type.googleapis.com/envoy.extensions";

/**
 * The gateway's Envoy bootstrap (v3 API, static): for each published API a route that wants a token of the identity realm
 * with the API's audience, lets only consumers through whose grant is in force, and holds each to its own rate. A route's metadata
 * (`bhitti.platform`) says what each may have.
 *
 * Guarantees: a path that is no API is 404; no grant in force means 403, also for a valid token; a token counts only from the
 * consumer's own realm; a consumer's header is overwritten by its token's claim. Rates hold per gateway replica.
 *
 * @param cluster the one whose gateway it is
 */
export function envoyBootstrap(environment: Environment, cluster: string): object {
  const apis = [...environment.apis].sort((a, b) => (apiPath(a) < apiPath(b) ? -1 : 1));
  return {
    static_resources: {
      listeners: [
        {
          name: "apis",
          address: { socket_address: { address: "0.0.0.0", port_value: GATEWAY_PORT } },
          filter_chains: [{ filters: [connectionManager(environment, apis)] }],
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

function connectionManager(environment: Environment, apis: readonly Api[]): object {
  const realms = new Map(environment.zones.map((zone) => [zone.name, zone.realm]));
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
          providers: Object.fromEntries(
            apis.flatMap((api) =>
              issuingRealms(api).map((realm) => [providerName(api, realm), jwtProvider(api, realm)]),
            ),
          ),
          rules: apis.map((api) => ({
            match: { path_separated_prefix: apiPath(api) },
            requires: anyOf(issuingRealms(api).map((realm) => ({ provider_name: providerName(api, realm) }))),
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
    return {
      name: apiAudience(api),
      match: { path_separated_prefix: apiPath(api) },
      metadata: { filter_metadata: { [LABEL_DOMAIN]: told(api) } },
      ...(api.deprecated === undefined ? {} : { response_headers_to_add: [sunset(api.deprecated)] }),
      route: {
        cluster: apiAudience(api),
        timeout: `${seconds(api.timeout)}s`,
      },
      typed_per_filter_config: {
        "envoy.filters.http.rbac": {
          "@type": `${EXTENSIONS}.filters.http.rbac.v3.RBACPerRoute`,
          // ALLOW without a policy refuses everybody.
          rbac: { rules: { action: "ALLOW", policies: Object.fromEntries(inForce(api).map(policy)) } },
        },
        "envoy.filters.http.local_ratelimit": rateLimit(api),
      },
    };
  }

  function policy({ consumer }: GrantInForce): [name: string, policy: object] {
    const claims = [
      [CONSUMER_CLAIM, consumer],
      [ISSUER_CLAIM, issuerOf(environment, realms.get(consumer) ?? "")],
    ] as const;
    const principal = { and_ids: { ids: claims.map(([claim, value]) => tokenSays(claim, value)) } };
    return [consumer, { permissions: [{ any: true }], principals: [principal] }];
  }

  function tokenSays(claim: string, value: string): object {
    return {
      sourced_metadata: {
        metadata_matcher: {
          filter: "envoy.filters.http.jwt_authn",
          path: [{ key: "token" }, { key: claim }],
          value: { string_match: { exact: value } },
        },
      },
    };
  }

  /** Those of its consumers; where there are none its publisher's, so that a token is asked for all the same. */
  function issuingRealms(api: Api): readonly string[] {
    const granted = inForce(api).flatMap(({ consumer }) => realms.get(consumer) ?? []);
    return granted.length > 0 ? [...new Set(granted)].sort() : [publisher(environment, api).realm];
  }

  function jwtProvider(api: Api, realm: string): object {
    const issuer = issuerOf(environment, realm);
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

const providerName = (api: Api, realm: string): string => `${apiAudience(api)}.${realm}`;

const anyOf = (requirements: readonly object[]): object =>
  requirements.length === 1 ? { ...requirements[0] } : { requires_any: { requirements } };

/** What rules, logs and whoever debugs the gateway find on a route: Envoy itself does nothing with it. */
const told = (api: Api): object => ({
  owner: api.owner,
  dataClass: api.dataClass,
  ...(api.assurance === undefined ? {} : { assurance: api.assurance }),
  ...(api.deprecated === undefined ? {} : { deprecated: api.deprecated }),
  availabilityPercent: api.slo.availabilityPercent,
  latencyMilliseconds: api.slo.latencyMilliseconds,
  grants: inForce(api).map(({ consumer, fields, dataClass, terms }) => ({
    consumer,
    fields,
    dataClass,
    ratePlan: terms.ratePlan.name,
    expires: terms.expires,
    onwardSharing: terms.onwardSharing,
  })),
});

/** The header by which callers learn that an API ends (RFC 8594): the end of its last day. */
const sunset = (lastDay: string): object => ({
  header: { key: "sunset", value: new Date(`${lastDay}T23:59:59Z`).toUTCString() },
  append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
});

/** One bucket for each granted consumer. The default bucket, for anybody else, is the smallest that Envoy takes. */
function rateLimit(api: Api): object {
  const granted = inForce(api);
  const bucket = (perMinute: number) => ({ max_tokens: perMinute, tokens_per_fill: perMinute, fill_interval: "60s" });
  return {
    "@type": `${EXTENSIONS}.filters.http.local_ratelimit.v3.LocalRateLimit`,
    stat_prefix: apiAudience(api),
    token_bucket: bucket(Math.max(1, ...granted.map(({ terms }) => terms.ratePlan.requestsPerMinute))),
    filter_enabled: { default_value: { numerator: 100 } },
    filter_enforced: { default_value: { numerator: 100 } },
    always_consume_default_token_bucket: false,
    rate_limits: [{ actions: [{ request_headers: { header_name: CONSUMER_HEADER, descriptor_key: "consumer" } }] }],
    descriptors: granted.map(({ consumer, terms }) => ({
      entries: [{ key: "consumer", value: consumer }],
      token_bucket: bucket(terms.ratePlan.requestsPerMinute),
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

function serviceOf(environment: Environment, api: Api) {
  const service = publisher(environment, api).services.find((s) => s.name === api.service);
  if (!service) throw new Error(`api ${api.name} names service ${api.service}, which the loader should have refused`);
  return service;
}
