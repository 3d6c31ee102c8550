import { readFileSync } from "node:fs";
import https from "node:https";
import { inject } from "vitest";

/** What the real API server answered. */
export interface LiveAnswer {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: Record<string, unknown>;
  /** Texts of the Warning headers. */
  readonly warnings: readonly string[];
}

export interface LiveRequestOptions {
  /** Whom the administrator speaks for. */
  readonly impersonate?: { readonly user: string; readonly groups?: readonly string[] };
  /** @default application/json */
  readonly contentType?: string;
}

export interface LiveCluster {
  readonly kubeconfig: string;
  request(method: string, path: string, body?: unknown, options?: LiveRequestOptions): Promise<LiveAnswer>;
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
  const { kubeconfig } = provided;
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
  return { kubeconfig, request: (...call) => send(agent, cluster.server, ...call) };
}

function send(
  agent: https.Agent,
  server: string,
  method: string,
  path: string,
  body?: unknown,
  { impersonate, contentType = "application/json" }: LiveRequestOptions = {},
): Promise<LiveAnswer> {
  const groups = impersonate?.groups ?? [];
  const headers = {
    accept: "application/json",
    ...(body === undefined ? {} : { "content-type": contentType }),
    ...(impersonate ? { "impersonate-user": impersonate.user } : {}),
    ...(groups.length > 0 ? { "impersonate-group": [...groups] } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = https.request(new URL(path, server), { method, agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        const warnings = warningTexts(response.rawHeaders);
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown>, warnings });
        } catch {
          resolve({ status: response.statusCode ?? 0, body: { message: text }, warnings });
        }
      });
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
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
