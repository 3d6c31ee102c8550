import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../../environments/model/environment.ts";
import { publishedApis } from "../../environments/model/hub/grants.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { root } from "../../environments/model/testing.ts";
import { type GatewayParts, gatewayParts } from "../../tests/gateway/parts.ts";
import {
  ADMINISTRATOR,
  type Answer,
  ask,
  echoService,
  freePort,
  type Running,
  startEnvoy,
  startKeycloak,
} from "../../tests/gateway/servers.ts";
import { realmImport } from "../identity/realm.ts";
import { envoyBootstrap } from "./envoy.ts";

/**
 * The gateway's and the identity service's configuration of the local environment, in a real Envoy and a real Keycloak on
 * loopback: what is refused, what passes, and how often.
 */
const RATE = 5;
const parts = await gatewayParts().catch((error: unknown) => {
  if (process.env.CI) throw error;
  console.warn(`gateway and identity are not run: ${String(error)}`);
  return undefined;
});

/** The local environment with few calls a minute. */
function environmentOfTest(): Environment {
  const local = loadEnvironment(root, "local");
  const ratePlans = local.ratePlans.map((plan) => ({ ...plan, requestsPerMinute: RATE }));
  return { ...local, ratePlans, apis: publishedApis(local.zones, ratePlans, local.suspensions) };
}

type Json = Record<string, unknown>;

/** The same bootstrap with every address on loopback. */
function onLoopback(bootstrap: object, port: number, upstreams: Readonly<Record<string, number>>): object {
  const copy = structuredClone(bootstrap) as {
    static_resources: { listeners: { address: Json }[]; clusters: { name: string; load_assignment: Json }[] };
  };
  const address = (port_value: number) => ({ socket_address: { address: "127.0.0.1", port_value } });
  for (const listener of copy.static_resources.listeners) listener.address = address(port);
  for (const cluster of copy.static_resources.clusters) {
    const upstream = upstreams[cluster.name] ?? upstreams["*"] ?? 0;
    cluster.load_assignment = {
      cluster_name: cluster.name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(upstream) } }] }],
    };
  }
  return copy;
}

describe.skipIf(!parts)("gateway and identity, for real", () => {
  const { envoy, keycloak }: GatewayParts = parts ?? { envoy: "", keycloak: "" };
  const environment = environmentOfTest();
  const scratch = mkdtempSync(join(tmpdir(), "bhitti-gateway-"));
  const running: Running[] = [];
  let identity = 0;
  let gateway = 0;
  let service = 0;

  const keep = (server: Running): number => {
    running.push(server);
    return server.port;
  };

  async function gatewayOf(from: Environment): Promise<number> {
    const port = await freePort();
    const bootstrap = onLoopback(envoyBootstrap(from, "local"), port, { identity, "*": service });
    return keep(await startEnvoy(envoy, scratch, bootstrap, port));
  }

  beforeAll(async () => {
    const copy = join(scratch, "keycloak");
    cpSync(keycloak, copy, { recursive: true });
    const realms = Object.fromEntries(environment.realms.map((realm) => [realm.name, realmImport(environment, realm)]));
    service = keep(await echoService());
    identity = keep(await startKeycloak(copy, environment.identity.host, realms));
    gateway = await gatewayOf(environment);
  });

  afterAll(async () => {
    for (const server of running) await server.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString();
  const FORM = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } };
  const tokenPath = (realm: string) => `/realms/${realm}/protocol/openid-connect/token`;
  const accessToken = ({ status, text }: Answer): string => {
    if (status !== 200) throw new Error(`no token: ${status} ${text}`);
    return String((JSON.parse(text) as Json)["access_token"]);
  };

  const realmOf = (zone: string): string => environment.zones.find(({ name }) => name === zone)?.realm ?? "";

  /** What the client's own administrator would do: look its secret up. */
  async function administered(
    realm: string,
    path: string,
    options: { method?: string; body?: string } = {},
  ): Promise<Answer> {
    const { name, password } = ADMINISTRATOR;
    const fields = { grant_type: "password", client_id: "admin-cli", username: name, password };
    const token = accessToken(await ask(identity, tokenPath("master"), FORM, form(fields)));
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return ask(identity, `/admin/realms/${realm}${path}`, { method: options.method ?? "GET", headers }, options.body);
  }

  async function tokenOf(consumer: string): Promise<string> {
    const realm = realmOf(consumer);
    const [client] = JSON.parse((await administered(realm, `/clients?clientId=${consumer}`)).text) as { id: string }[];
    const secret = await administered(realm, `/clients/${client?.id}/client-secret`);
    const { value } = JSON.parse(secret.text) as { value: string };
    const fields = { grant_type: "client_credentials", client_id: consumer, client_secret: value };
    return accessToken(await ask(identity, tokenPath(realm), FORM, form(fields)));
  }

  const call = (port: number, path: string, token?: string, headers: Record<string, string> = {}): Promise<Answer> =>
    ask(port, path, {
      headers: { host: environment.gateway.host, ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    });

  test("no token, no real token and a path that is no API are refused", async () => {
    expect((await call(gateway, "/certificates/v1/x")).status).toBe(401);
    expect((await call(gateway, "/certificates/v1/x", "rubbish")).status).toBe(401);
    expect((await call(gateway, "/nothing/v1")).status).toBe(404);
    expect((await call(gateway, "/certificates/v10")).status).toBe(404);
    const token = await tokenOf("bill-payment");
    expect((await call(gateway, "/certificates/v1", token, { host: "elsewhere.example" })).status).toBe(404);
  });

  test("ways around a route's path are refused before it is chosen", async () => {
    const token = await tokenOf("bill-payment");
    expect((await call(gateway, "/certificates%2fv1/x", token)).status).toBe(400);
    expect((await call(gateway, "/payments/v1/../../certificates/v1/x")).status).toBe(401);
  });

  test("a granted consumer passes, and the service learns who calls from the token alone", async () => {
    const answer = await call(gateway, "/certificates/v1/x", await tokenOf("bill-payment"), { "x-consumer": "forged" });
    expect(answer.status).toBe(200);
    expect((JSON.parse(answer.text) as Json)["x-consumer"]).toBe("bill-payment");
  });

  test("a token of a realm that no granted consumer is in is refused", async () => {
    const refused = await call(gateway, "/payments/v1/x", await tokenOf("bill-payment"));
    expect([refused.status, refused.text]).toEqual([401, "Jwt issuer is not configured"]);
  });

  test("a client that somebody added by hand gets tokens, and nothing for them", async () => {
    const realm = realmOf("bill-payment");
    const stranger = { clientId: "stranger", secret: "of this test alone", serviceAccountsEnabled: true };
    const made = await administered(realm, "/clients", { method: "POST", body: JSON.stringify(stranger) });
    expect(made.status).toBe(201);
    const fields = { grant_type: "client_credentials", client_id: "stranger", client_secret: stranger.secret };
    const token = accessToken(await ask(identity, tokenPath(realm), FORM, form(fields)));
    const refused = await call(gateway, "/certificates/v1/x", token);
    expect([refused.status, refused.text]).toEqual([403, "Audiences in Jwt are not allowed"]);
  });

  test("a suspended consumer is cut off at once, though its token still holds", async () => {
    const token = await tokenOf("bill-payment");
    expect((await call(gateway, "/certificates/v1/x", token)).status).toBe(200);
    const suspensions = [{ zone: "bill-payment", since: "2026-11-01", reason: "a test" }];
    const suspended = {
      ...environment,
      suspensions,
      apis: publishedApis(environment.zones, environment.ratePlans, suspensions),
    };
    expect((await call(await gatewayOf(suspended), "/certificates/v1/x", token)).status).toBe(401);
  });

  test("a consumer's rate stops it and no other", async () => {
    const fresh = await gatewayOf(environment);
    const [payer, agency] = [await tokenOf("bill-payment"), await tokenOf("citizen-services")];
    const statuses: number[] = [];
    for (let i = 0; i < RATE + 2; i++) statuses.push((await call(fresh, "/certificates/v1/x", payer)).status);
    expect(statuses).toEqual([...Array.from({ length: RATE }, () => 200), 429, 429]);
    expect((await call(fresh, "/payments/v1/x", agency)).status).toBe(200);
  });

  test("an expired token is refused, a minute's difference of clocks allowed", async () => {
    const { status } = await administered(realmOf("bill-payment"), "", {
      method: "PUT",
      body: JSON.stringify({ accessTokenLifespan: 1 }),
    });
    expect(status).toBe(204);
    const token = await tokenOf("bill-payment");
    await sleep(63_000);
    const refused = await call(gateway, "/certificates/v1/x", token);
    expect([refused.status, refused.text]).toEqual([401, "Jwt is expired"]);
  });
});
