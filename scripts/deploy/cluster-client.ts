import http from "node:http";
import https from "node:https";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { EXIT } from "../../contracts.ts";
import type { ReachableCluster } from "../../environments/model/files/clusters.ts";
import { BhittiError, message } from "../../messages/message.ts";

/** An answer of the API server. */
export interface Reply {
  readonly status: number;
  /** The parsed JSON; the text where it is none; undefined where there was nothing. */
  readonly body: unknown;
  /** Texts of its `Warning` headers, which admission policies in the stage `warn` fill. */
  readonly warnings: readonly string[];
}

export interface ClusterRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/api/v1/namespaces/x` */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  /** Whom the kubeconfig's user speaks for: RBAC and admission judge that one. */
  readonly as?: { readonly user: string; readonly groups: readonly string[] };
}

/** One API server, as the user of one context of a kubeconfig. */
export interface ClusterClient {
  /** The cluster's name in the environment. */
  readonly cluster: string;
  /** `https://host:port`, for messages. */
  readonly server: string;
  /**
   * Sends one request and gives back whatever the server answers, errors included. Connection failures, 429 and 5xx are tried
   * again with growing pauses.
   *
   * @throws BhittiError BH4001 where the server cannot be reached
   */
  request(request: ClusterRequest): Promise<Reply>;
  /** Ends its connections. */
  close(): void;
}

export interface ClientOptions {
  /** Milliseconds that one request may take. @default 30000 */
  readonly timeoutMs?: number;
  /** How often a request is sent at most. @default 6 */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; each further pause is twice as long. @default 200 */
  readonly pauseMs?: number;
  /** What the user should do where the server does not answer. */
  readonly remedy?: string;
}

/** The file that a cluster's kubeconfig path means: relative to the repository, absolute, or under `~`. */
export function kubeconfigFile(root: string, path: string): string {
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(1));
  return isAbsolute(path) ? path : join(root, path);
}

/**
 * Opens a cluster. The official client's KubeConfig reads the kubeconfig and makes the credentials (tokens, certificates,
 * exec plugins); requests are our own, since its generated client gives no `Warning` headers and opens a connection for each.
 *
 * @throws BhittiError BH4002 where the kubeconfig cannot be read or has no such context
 */
export function connectCluster(root: string, cluster: ReachableCluster, options: ClientOptions = {}): ClusterClient {
  const { path, context } = cluster.kubeconfig;
  const config = new KubeConfig();
  const unusable = (reason: string, remedy = "check 'kubeconfig' in the environment's clusters.yaml") =>
    new BhittiError(message("BH4002", { cluster: cluster.name, path, reason, remedy }), EXIT.toolFailed);
  try {
    config.loadFromFile(kubeconfigFile(root, path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw unusable("there is no such file", options.remedy);
    // What a parser says goes on with an excerpt, and a kubeconfig holds secrets.
    throw unusable(String(error instanceof Error ? error.message : error).split("\n", 1)[0] ?? "");
  }
  if (!config.getContextObject(context)) {
    const known = config.contexts.map((c) => c.name).join(", ");
    throw unusable(`it has no context '${context}', only: ${known || "none"}`);
  }
  config.setCurrentContext(context);
  const server = config.getCurrentCluster()?.server;
  if (!server) throw unusable(`its context '${context}' names no server`);
  return clientOf(config, cluster.name, server, options);
}

function clientOf(config: KubeConfig, cluster: string, server: string, options: ClientOptions): ClusterClient {
  const { timeoutMs = 30_000, attempts = 6, pauseMs = 200 } = options;
  const base = new URL(server);
  let agent: http.Agent | undefined;

  const send = async (request: ClusterRequest): Promise<Reply & { retryAfterMs?: number }> => {
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const path = `${base.pathname.replace(/\/$/, "")}${request.path}`;
    const query = new URLSearchParams(request.query).toString();
    const auth: https.RequestOptions = { headers: {} };
    // Asked for each request: tokens of exec plugins and files change while a deploy lasts.
    await config.applyToHTTPSOptions(auth);
    agent ??= keepAlive(config, auth);
    const requestOptions: https.RequestOptions = {
      method: request.method,
      host: base.hostname,
      port: base.port || (base.protocol === "http:" ? 80 : 443),
      path: query ? `${path}?${query}` : path,
      agent,
      timeout: timeoutMs,
      ...(auth.auth ? { auth: auth.auth } : {}),
      headers: {
        ...auth.headers,
        accept: "application/json",
        ...(request.as ? { "impersonate-user": request.as.user, "impersonate-group": [...request.as.groups] } : {}),
        ...(body ? { "content-type": request.contentType ?? "application/json", "content-length": body.length } : {}),
      },
    };
    return new Promise((resolve, reject) => {
      const sent = (base.protocol === "http:" ? http : https).request(requestOptions, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const retryAfter = Number(answer.headers["retry-after"]);
          resolve({
            status: answer.statusCode ?? 0,
            body: parse(Buffer.concat(chunks).toString("utf8")),
            warnings: warningTexts(answer.headers.warning),
            ...(Number.isFinite(retryAfter) ? { retryAfterMs: Math.min(retryAfter * 1000, 5000) } : {}),
          });
        });
      });
      sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
      sent.on("error", reject);
      sent.end(body);
    });
  };

  return {
    cluster,
    server,
    async request(request) {
      for (let attempt = 1; ; attempt++) {
        const pause = pauseMs * 2 ** (attempt - 1);
        try {
          const { retryAfterMs, ...reply } = await send(request);
          if (!mayPass(reply) || attempt >= attempts) return reply;
          await sleep(Math.max(pause, retryAfterMs ?? 0));
        } catch (error) {
          if (attempt >= attempts || isFinal(error)) throw unreachable(error);
          await sleep(pause);
        }
      }
    },
    close: () => agent?.destroy(),
  };

  function unreachable(error: unknown): BhittiError {
    const reason =
      error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code || error.name : error;
    return new BhittiError(
      message("BH4001", {
        cluster,
        server,
        reason: String(reason),
        remedy: options.remedy ?? "check that it runs and that this machine may reach it",
      }),
      EXIT.toolFailed,
    );
  }
}

/** KubeConfig makes an agent for each request; one that keeps its connections spares a TLS handshake each. */
function keepAlive(config: KubeConfig, auth: https.RequestOptions): http.Agent {
  const given = auth.agent;
  if (config.getCurrentCluster()?.proxyUrl && given instanceof http.Agent) return given;
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = auth;
  const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  const defined = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const Agent = config.getCurrentCluster()?.server.startsWith("http:") ? http.Agent : https.Agent;
  return new Agent({ keepAlive: true, maxSockets: 16, ...defined });
}

/**
 * Whether the same request may be answered otherwise later. The server says 500 of a field that its schema does not have,
 * which no waiting changes.
 */
export const mayPass = (reply: Reply): boolean =>
  reply.status === 429 || (reply.status >= 500 && !/failed to create typed patch object/.test(statusText(reply)));

/** Waiting does not help where nothing listens or the certificate is another's. */
function isFinal(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return code === "ECONNREFUSED" || code === "ENOTFOUND" || /CERT|SIGNATURE|ALTNAME|SSL|TLS/.test(code);
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** RFC 7234 `299 - "text"`, several of them joined by commas. */
export function warningTexts(header: string | string[] | undefined): string[] {
  const joined = Array.isArray(header) ? header.join(", ") : (header ?? "");
  return [...joined.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map((m) => (m[1] ?? "").replace(/\\(.)/g, "$1"));
}

/** What a `Status` answer says, in one line. */
export function statusText(reply: Reply): string {
  const body = reply.body;
  if (typeof body === "object" && body !== null && "message" in body && typeof body.message === "string") {
    return body.message;
  }
  return typeof body === "string" && body.trim() !== "" ? body.trim() : `status ${reply.status}`;
}
