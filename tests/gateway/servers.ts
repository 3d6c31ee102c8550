import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A server of a test, on loopback, and how to end it. */
export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

/** A port that nothing listens on. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });

/** What came back of a request. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** A request as it stands: the path is not tidied up, and the host is whichever is stated. */
export function ask(port: number, path: string, options: http.RequestOptions = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path, agent: false, ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(parts).toString(),
        }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** A service of a zone that answers with the headers it was asked with. */
export async function echoService(): Promise<Running> {
  const server = http.createServer((request, response) => response.end(JSON.stringify(request.headers)));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { port, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Starts a program and waits until it answers; what it printed is told where it does not. */
async function started(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  port: number,
  ready: () => Promise<boolean>,
): Promise<Running> {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      printed = `${printed}${data.toString()}`.slice(-4000);
    });
  }
  for (let i = 0; i < 1200; i++) {
    if (child.exitCode !== null) break;
    if (await ready().catch(() => false)) return { port, stop: () => ended(child) };
    await sleep(100);
  }
  await ended(child);
  throw new Error(`${program} does not answer: ${printed}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
}

export const ADMINISTRATOR = { name: "admin", password: "of this test alone" };

/**
 * Keycloak with realms imported, as the identity stack starts it, but on loopback.
 *
 * @param folder its own copy, which it writes to
 * @param host the address that its tokens name
 */
export async function startKeycloak(
  folder: string,
  host: string,
  realms: Readonly<Record<string, object>>,
): Promise<Running> {
  const imports = join(folder, "data", "import");
  mkdirSync(imports, { recursive: true });
  for (const [name, realm] of Object.entries(realms))
    writeFileSync(join(imports, `${name}.json`), JSON.stringify(realm));
  const [port, management] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    KC_HOSTNAME: `https://${host}`,
    KC_HTTP_HOST: "127.0.0.1",
    KC_HTTP_PORT: String(port),
    KC_HTTP_MANAGEMENT_PORT: String(management),
    KC_PROXY_HEADERS: "xforwarded",
    KC_CACHE: "local",
    KC_BOOTSTRAP_ADMIN_USERNAME: ADMINISTRATOR.name,
    KC_BOOTSTRAP_ADMIN_PASSWORD: ADMINISTRATOR.password,
    JAVA_OPTS_APPEND: "-Djava.net.preferIPv4Stack=true",
  };
  const [first = "master"] = Object.keys(realms);
  return started("bash", [join(folder, "bin", "kc.sh"), "start-dev", "--import-realm"], env, port, async () => {
    const { status } = await ask(port, `/realms/${first}/protocol/openid-connect/certs`);
    return status === 200;
  });
}

/** Envoy with a bootstrap, until its admin port says that it is live. */
export async function startEnvoy(program: string, folder: string, bootstrap: object, port: number): Promise<Running> {
  const admin = await freePort();
  const file = join(folder, `envoy-${port}.json`);
  const address = { socket_address: { address: "127.0.0.1", port_value: admin } };
  writeFileSync(file, JSON.stringify({ ...bootstrap, admin: { address } }));
  const args = ["-c", file, "--use-dynamic-base-id", "--concurrency", "2", "--log-level", "warning"];
  return started(program, args, process.env, port, async () => (await ask(admin, "/ready")).status === 200);
}
