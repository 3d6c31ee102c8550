import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadEnvironment } from "../../environments/model/load.ts";
import { realmImport } from "../identity/realm.ts";
import { envoyBootstrap } from "./envoy.ts";

const environment = loadEnvironment(join(dirname(fileURLToPath(import.meta.url)), "..", ".."), "local");

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

test("a consumer's login client is given the audiences of its grants and of nothing else", () => {
  const [realm] = environment.realms;
  if (!realm) throw new Error("the local environment has no realm");
  const { clients } = realmImport(environment, realm) as {
    clients: { clientId: string; publicClient: boolean; protocolMappers: { name: string }[]; secret?: string }[];
  };
  expect(clients.map((c) => [c.clientId, c.protocolMappers.map((m) => m.name)])).toEqual([
    ["bill-payment", ["certificates-v1"]],
    ["citizen-services", ["payments-v1"]],
  ]);
  expect(clients.every((c) => !c.publicClient && c.secret === undefined)).toBe(true);
});
