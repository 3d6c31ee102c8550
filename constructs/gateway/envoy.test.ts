import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Environment } from "../../environments/model/environment.ts";
import { publishedApis } from "../../environments/model/hub/grants.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { realmImport } from "../identity/realm.ts";
import { envoyBootstrap } from "./envoy.ts";

const environment = loadEnvironment(join(dirname(fileURLToPath(import.meta.url)), "..", ".."), "local");

function zoneOf(name: string) {
  const zone = environment.zones.find((z) => z.name === name);
  if (!zone) throw new Error(`the local environment has no zone ${name}`);
  return zone;
}

interface Route {
  name: string;
  match: { path_separated_prefix: string };
  route: { cluster: string; timeout: string };
  typed_per_filter_config: Record<string, Record<string, unknown>>;
}
interface Bootstrap {
  static_resources: {
    listeners: {
      filter_chains: {
        filters: {
          typed_config: {
            http_filters: { name: string; typed_config: Record<string, unknown> }[];
            route_config: { virtual_hosts: { routes: Route[]; domains: string[] }[] };
          };
        }[];
      }[];
    }[];
    clusters: { name: string; load_assignment: object }[];
  };
}

function managerOf(from = environment) {
  const { static_resources } = envoyBootstrap(from, "local") as Bootstrap;
  const manager = static_resources.listeners[0]?.filter_chains[0]?.filters[0]?.typed_config;
  if (!manager) throw new Error("the bootstrap has no connection manager");
  return { manager, clusters: static_resources.clusters, routes: manager.route_config.virtual_hosts[0]?.routes ?? [] };
}

test("each published API has a route, a token check with its own audience, and an upstream", () => {
  const { manager, clusters, routes } = managerOf();
  expect(routes.map((r) => r.match.path_separated_prefix)).toEqual(["/certificates/v1", "/payments/v1"]);
  const jwt = manager.http_filters.find((f) => f.name.endsWith("jwt_authn"))?.typed_config as {
    providers: Record<string, { audiences: string[] }>;
    rules: { match: object }[];
  };
  expect(jwt.rules.map((r) => r.match)).toEqual(routes.map((r) => r.match));
  expect(Object.values(jwt.providers).map((p) => p.audiences)).toEqual([["certificates-v1"], ["payments-v1"]]);
  expect(clusters.map((c) => c.name)).toEqual(["identity", "certificates-v1", "payments-v1"]);
});

test("only granted consumers pass, each at its own rate; an API without grants lets nobody through", () => {
  const [certificates] = managerOf().routes;
  const rbac = JSON.stringify(certificates?.typed_per_filter_config["envoy.filters.http.rbac"]);
  expect(rbac).toContain('"exact":"bill-payment"');
  expect(rbac).not.toContain("citizen-services");
  expect(certificates?.typed_per_filter_config["envoy.filters.http.local_ratelimit"]).toMatchObject({
    descriptors: [{ entries: [{ key: "consumer", value: "bill-payment" }], token_bucket: { max_tokens: 600 } }],
  });

  const closed = { ...environment, apis: environment.apis.map((api) => ({ ...api, grants: [] })) };
  for (const route of managerOf(closed).routes) {
    expect(route.typed_per_filter_config["envoy.filters.http.rbac"]).toMatchObject({
      rbac: { rules: { action: "ALLOW", policies: {} } },
    });
  }
});

test("a token counts only from the consumer's own realm, and each realm's tokens are asked for the API's audience", () => {
  const { manager, routes } = managerOf();
  const jwt = manager.http_filters.find((f) => f.name.endsWith("jwt_authn"))?.typed_config as {
    providers: Record<string, { issuer: string }>;
    rules: { requires: object }[];
  };
  expect(Object.entries(jwt.providers).map(([name, { issuer }]) => [name, issuer])).toEqual([
    ["certificates-v1.partners", "https://login.local.bhitti.test/realms/partners"],
    ["payments-v1.citizens", "https://login.local.bhitti.test/realms/citizens"],
  ]);
  expect(JSON.stringify(routes[0]?.typed_per_filter_config["envoy.filters.http.rbac"])).toContain(
    '"path":[{"key":"token"},{"key":"iss"}],"value":{"string_match":{"exact":"https://login.local.bhitti.test/realms/partners"}}',
  );

  const { zones } = environment;
  const third = { ...zoneOf("citizen-services"), name: "third", apis: [] };
  const granted = zones.map((zone) => ({
    ...zone,
    apis: (zone.apis ?? []).map((api) => ({
      ...api,
      grants: api.grants.flatMap((grant) => [grant, { ...grant, consumer: "third" }]),
    })),
    uses: zone.uses ?? [],
  }));
  const both = [...granted, { ...third, uses: granted.flatMap(({ uses }) => uses) }];
  const several = { ...environment, zones: both, apis: publishedApis(both, environment.ratePlans, []) };
  const rules = managerOf(several).manager.http_filters.find((f) => f.name.endsWith("jwt_authn"))?.typed_config[
    "rules"
  ];
  expect(rules).toMatchObject([
    {
      requires: {
        requires_any: {
          requirements: [{ provider_name: "certificates-v1.citizens" }, { provider_name: "certificates-v1.partners" }],
        },
      },
    },
    { requires: { provider_name: "payments-v1.citizens" } },
  ]);
});

test("a route tells what each consumer may have, and when its API ends", () => {
  expect(managerOf().routes[0]).toMatchObject({
    metadata: {
      filter_metadata: {
        "bhitti.platform": {
          owner: "registry",
          dataClass: "confidential",
          grants: [
            { consumer: "bill-payment", fields: ["applicationId", "fee"], dataClass: "internal", ratePlan: "busy" },
          ],
        },
      },
    },
  });
  expect(managerOf().routes[0]).not.toHaveProperty("response_headers_to_add");
  const ending = { ...environment, apis: environment.apis.map((api) => ({ ...api, deprecated: "2027-06-30" })) };
  expect(managerOf(ending).routes[0]).toMatchObject({
    response_headers_to_add: [{ header: { key: "sunset", value: "Wed, 30 Jun 2027 23:59:59 GMT" } }],
  });
});

test("one suspension closes route, rate, audience and client of a consumer, and nothing of anybody else", () => {
  const suspensions = [{ zone: "bill-payment", since: "2026-11-20", reason: "passed data on" }];
  const apis = publishedApis(environment.zones, environment.ratePlans, suspensions);
  const suspended = { ...environment, suspensions, apis };
  const [certificates, payments] = managerOf(suspended).routes;
  expect(certificates?.typed_per_filter_config).toMatchObject({
    "envoy.filters.http.rbac": { rbac: { rules: { action: "ALLOW", policies: {} } } },
    "envoy.filters.http.local_ratelimit": { descriptors: [] },
  });
  expect(payments).toEqual(managerOf().routes[1]);
  expect(clientsOf(suspended)).toEqual([
    ["citizen-services", true, ["payments-v1"]],
    ["bill-payment", false, []],
  ]);
});

/** Of every realm: name, whether it may get tokens, audiences of its tokens. */
const clientsOf = (from: Environment) =>
  from.realms.flatMap((realm) =>
    (
      realmImport(from, realm) as {
        clients: { clientId: string; enabled: boolean; protocolMappers: { name: string }[] }[];
      }
    ).clients.map((c) => [c.clientId, c.enabled, c.protocolMappers.map((m) => m.name)]),
  );

test("a consumer's login client is given the audiences of its grants and of nothing else", () => {
  expect(clientsOf(environment)).toEqual([
    ["citizen-services", true, ["payments-v1"]],
    ["bill-payment", true, ["certificates-v1"]],
  ]);
  for (const realm of environment.realms) {
    const { clients } = realmImport(environment, realm) as { clients: { publicClient: boolean; secret?: string }[] };
    expect(clients.every((c) => !c.publicClient && c.secret === undefined)).toBe(true);
  }
});

test("a realm with an identity source sends people there, and writes no secret", () => {
  const [citizens, partners] = environment.realms.map((realm) => realmImport(environment, realm));
  expect(citizens).toMatchObject({
    attributes: { assurance: "high", people: "citizens" },
    identityProviders: [
      {
        alias: "national-id",
        providerId: "oidc",
        config: { issuer: "https://id.local.bhitti.test", clientAuthMethod: "private_key_jwt", pkceMethod: "S256" },
      },
    ],
  });
  expect(JSON.stringify(citizens)).not.toContain("clientSecret");
  expect(partners).not.toHaveProperty("identityProviders");
});
