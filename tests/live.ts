import { readFileSync } from "node:fs";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";

/** What the real API server answered. */
export interface LiveAnswer {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: Record<string, unknown>;
  /** Texts of the Warning headers. */
  readonly warnings: readonly string[];
  /** By which the audit log knows the request. */
  readonly auditId: string;
}

export interface LiveRequestOptions {
  /** Whom the administrator speaks for. */
  readonly impersonate?: {
    readonly user: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  /** @default application/json */
  readonly contentType?: string;
}

export interface LiveCluster {
  readonly kubeconfig: string;
  /** @param body sent as it is where it is text, else as JSON */
  request(method: string, path: string, body?: unknown, options?: LiveRequestOptions): Promise<LiveAnswer>;
  /** What admission added to the audit event of an answer, once the event is written. */
  auditAnnotations(answer: LiveAnswer): Promise<Readonly<Record<string, string>>>;
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
  }[];
  readonly users: readonly {
    readonly user: { readonly "client-certificate-data": string; readonly "client-key-data": string };
  }[];
}

/**
 * The control plane that tests/live-setup.ts started, asked as its administrator; undefined where none could be had, which
 * `describe.skipIf(!live)` turns into skipped tests (and the setup into a failure under `CI=true`).
 */
export function liveCluster(): LiveCluster | undefined {
  const provided = inject("liveCluster");
  if (!provided || !("kubeconfig" in provided)) return undefined;
  const { kubeconfig, auditLog } = provided;
  const config = JSON.parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
  const [cluster, user] = [config.clusters[0]?.cluster, config.users[0]?.user];
  if (!cluster || !user) throw new Error(`${kubeconfig} names no cluster`);
  const decode = (data: string) => Buffer.from(data, "base64");
  const agent = new https.Agent({
    keepAlive: true,
    ca: decode(cluster["certificate-authority-data"]),
    cert: decode(user["client-certificate-data"]),
    key: decode(user["client-key-data"]),
  });
  return {
    kubeconfig,
    request: (...call) => send(agent, cluster.server, ...call),
    auditAnnotations: ({ auditId }) => annotationsOf(auditLog, auditId),
  };
}

interface AuditEvent {
  readonly auditID: string;
  readonly stage: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The server writes the event of a request a moment after it answered. */
async function annotationsOf(auditLog: string, auditId: string): Promise<Readonly<Record<string, string>>> {
  for (let i = 0; i < 400; i++) {
    const line = readFileSync(auditLog, "utf8")
      .split("\n")
      .find((l) => l.includes(auditId) && l.includes('"stage":"ResponseComplete"'));
    if (line) return (JSON.parse(line) as AuditEvent).annotations ?? {};
    await sleep(25);
  }
  throw new Error(`the audit log holds no request ${auditId}`);
}

function send(
  agent: https.Agent,
  server: string,
  method: string,
  path: string,
  body?: unknown,
  { impersonate, contentType = "application/json" }: LiveRequestOptions = {},
): Promise<LiveAnswer> {
  const { groups = [], uid, extra = {} } = impersonate ?? {};
  const headers = {
    accept: "application/json",
    ...(body === undefined ? {} : { "content-type": contentType }),
    ...(impersonate ? { "impersonate-user": impersonate.user } : {}),
    ...(groups.length > 0 ? { "impersonate-group": [...groups] } : {}),
    ...(uid ? { "impersonate-uid": uid } : {}),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, [...values]]),
    ),
  };
  return new Promise((resolve, reject) => {
    const request = https.request(new URL(path, server), { method, agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        const said = {
          status: response.statusCode ?? 0,
          warnings: warningTexts(response.rawHeaders),
          auditId: String(response.headers["audit-id"] ?? ""),
        };
        try {
          resolve({ ...said, body: JSON.parse(text) as Record<string, unknown> });
        } catch {
          resolve({ ...said, body: { message: text } });
        }
      });
    });
    request.on("error", reject);
    request.end(body === undefined || typeof body === "string" ? body : JSON.stringify(body));
  });
}

/** `299 - "text"`: one header a warning, with quotes and backslashes escaped (RFC 7234, 5.5). */
function warningTexts(rawHeaders: readonly string[]): string[] {
  return rawHeaders.flatMap((name, i) => {
    if (i % 2 !== 0 || name.toLowerCase() !== "warning") return [];
    const value = rawHeaders[i + 1] ?? "";
    return [(/^\d{3} \S+ "(.*)"$/s.exec(value)?.[1] ?? value).replace(/\\(.)/g, "$1")];
  });
}
