import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { BhittiError } from "../../messages/message.ts";
import { connectCluster, kubeconfigFile, statusText, warningTexts } from "./cluster-client.ts";
import { clusterC } from "./testing.ts";

/** Failures of the connection, which no real API server has on demand: everything else is tested on a real one. */
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Answer = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

async function connected(answer: Answer, options: Parameters<typeof connectCluster>[2] = {}) {
  let attempts = 0;
  const server = createServer((request, response) => answer(request, response, ++attempts));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const root = mkdtempSync(join(tmpdir(), "bhitti-client-"));
  writeKubeconfig(root, port);
  const client = connectCluster(root, clusterC, { pauseMs: 1, ...options });
  closers.push(() => {
    client.close();
    server.closeAllConnections();
    server.close();
    rmSync(root, { recursive: true });
  });
  return { client, attempts: () => attempts, stop: () => server.close() };
}

function writeKubeconfig(root: string, port: number): void {
  writeFileSync(
    join(root, "kubeconfig"),
    `apiVersion: v1
kind: Config
clusters: [{name: local, cluster: {server: "http://127.0.0.1:${port}/prefix", insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: t0ken}}]
contexts: [{name: local, context: {cluster: local, user: admin}}]
`,
  );
}

const get = { method: "GET", path: "/api" } as const;

test("a server that is busy, fails or resets is asked again, with the user's token", async () => {
  const { client, attempts } = await connected((request, response, attempt) => {
    expect(request.headers.authorization).toBe("Bearer t0ken");
    expect(request.url).toBe("/prefix/api?limit=1");
    if (attempt === 1) response.writeHead(429, { "retry-after": "0" }).end("busy");
    else if (attempt === 2) response.writeHead(503).end();
    else if (attempt === 3) request.socket.destroy();
    else response.writeHead(200, { warning: '299 - "mind \\"this\\"", 299 - "and that"' }).end('{"kind":"X"}');
  });
  expect(await client.request({ ...get, query: { limit: "1" } })).toEqual({
    status: 200,
    body: { kind: "X" },
    warnings: ['mind "this"', "and that"],
  });
  expect(attempts()).toBe(4);
});

test("after so many attempts the last answer stands", async () => {
  const { client, attempts } = await connected((_, response) => response.writeHead(500).end("broken"), { attempts: 3 });
  expect(await client.request(get)).toEqual({ status: 500, body: "broken", warnings: [] });
  expect(attempts()).toBe(3);
});

test("a refusal is an answer, not a reason to ask again", async () => {
  const { client, attempts } = await connected((_, response) => response.writeHead(422).end('{"message":"no"}'));
  const reply = await client.request(get);
  expect(statusText(reply)).toBe("no");
  expect(attempts()).toBe(1);
});

test("a server that never answers is given up in time", async () => {
  const { client } = await connected(() => undefined, { timeoutMs: 50, attempts: 2 });
  await expect(client.request(get)).rejects.toThrow(
    /BH4001 cluster 'c' at http:.* does not answer: no answer within 0.05 s/,
  );
});

test("where nothing listens, the address and the remedy are said at once", async () => {
  const { client, stop } = await connected(() => undefined, {
    pauseMs: 5000,
    remedy: "start it with 'bhitti local up'",
  });
  stop();
  const since = Date.now();
  const error = await client.request(get).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(BhittiError);
  expect(error).toMatchObject({ exitCode: 3, messages: [{ code: "BH4001" }] });
  expect(String(error)).toMatch(/127\.0\.0\.1.*ECONNREFUSED.*; start it with 'bhitti local up'/);
  expect(Date.now() - since).toBeLessThan(2000);
});

test("a kubeconfig that is missing, broken or has no such context is named", () => {
  const root = mkdtempSync(join(tmpdir(), "bhitti-client-"));
  closers.push(() => rmSync(root, { recursive: true }));
  const local = { remedy: "start it with 'bhitti local up'" };
  expect(() => connectCluster(root, clusterC, local)).toThrow("there is no such file; start it with 'bhitti local up'");
  writeKubeconfig(root, 1);
  const other = { ...clusterC, kubeconfig: { path: "kubeconfig", context: "production" } };
  // Starting it would not help.
  expect(() => connectCluster(root, other, local)).toThrow(
    "it has no context 'production', only: local; check 'kubeconfig' in the environment's clusters.yaml",
  );
  writeFileSync(join(root, "kubeconfig"), "token: secret\nclusters: [");
  expect(() => connectCluster(root, clusterC, local)).toThrow(
    /^BH4002 the kubeconfig 'kubeconfig' of cluster 'c' cannot be used: ((?!secret).)+; check 'kubeconfig' in .*$/,
  );
});

test("a kubeconfig's path is the repository's, the user's, or anywhere", () => {
  expect(kubeconfigFile("/repo", ".bhitti/local/kubeconfig")).toBe("/repo/.bhitti/local/kubeconfig");
  expect(kubeconfigFile("/repo", "/etc/kubeconfig")).toBe("/etc/kubeconfig");
  expect(kubeconfigFile("/repo", "~/.kube/config")).toMatch(/^\/.*\/\.kube\/config$/);
});

test("warnings are read from headers as servers join them", () => {
  expect(warningTexts(undefined)).toEqual([]);
  expect(warningTexts(['299 - "a, b"', '299 kube "c"'])).toEqual(["a, b", "c"]);
});
