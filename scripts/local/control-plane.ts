import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import https from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "../../contracts.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { withLock } from "../lock.ts";
import type { Progress, Step } from "../progress.ts";
import type { ControlPlane, Program } from "../toolchain/control-plane.ts";
import { ensureCertificates, PKI } from "./certificates.ts";
import { writeAtomically } from "./files.ts";
import { endProcess, findProcesses } from "./processes.ts";

export interface StartOptions {
  /** Holds all of the cluster: data, certificates, logs, kubeconfig. Two folders are two clusters. */
  readonly directory: string;
  readonly controlPlane: ControlPlane;
  /** Range of the cluster's services. @default 10.96.0.0/16 */
  readonly serviceCidr?: string;
  readonly progress: Progress;
  /** etcd may lose what it was told when the machine dies: for tests only. @default false */
  readonly unsafeNoFsync?: boolean;
  /** Write who asked what, with the annotations of admission, to `auditLogOf(directory)`. @default false */
  readonly auditLog?: boolean;
}

export interface RunningControlPlane {
  /** `https://127.0.0.1:port` */
  readonly server: string;
  /** Path of the kubeconfig; its context is `local`. */
  readonly kubeconfig: string;
  /** What this call started; empty where all ran. */
  readonly started: readonly Program[];
}

interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
}

/** In the order in which they start; they stop in the opposite one. */
const PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager"] as const;
const READY_WITHIN_MS = 90_000;
const HOST = "127.0.0.1";

/** What admission says of each change, without the objects themselves. */
const AUDIT_POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "None", verbs: ["get", "list", "watch"] }, { level: "Metadata" }],
};

const paths = (directory: string) => ({
  pki: join(directory, "pki"),
  data: join(directory, "etcd"),
  logs: join(directory, "log"),
  ports: join(directory, "ports.json"),
  kubeconfig: join(directory, "kubeconfig"),
  controllerManagerKubeconfig: join(directory, "controller-manager.kubeconfig"),
  auditPolicy: join(directory, "audit-policy.json"),
  lock: join(directory, "lock"),
});

/** JSON, one event a line, of a control plane that was started with `auditLog`. */
export const auditLogOf = (directory: string): string => join(paths(directory).logs, "audit.jsonl");

const logOf = (directory: string, program: Program): string => join(paths(directory).logs, `${program}.log`);

/** Our process of a program: the one that works in this folder. Undefined where none runs. */
const runningIn = (directory: string, program: Program): number | undefined =>
  findProcesses(program, `${directory}/`)[0]?.pid;

/**
 * Brings a control plane into the state "runs and is ready": starts what of it does not run. Safe to call at any time, also
 * after every server, or an earlier call itself, was killed.
 *
 * @throws BhittiError BH5010 where a server ends while it starts, BH5011 where it is not ready in time, BH5012 where
 * another call is at work
 */
export async function startControlPlane(options: StartOptions): Promise<RunningControlPlane> {
  const { directory, progress } = options;
  return alone(directory, async () => {
    const step = progress.step("start the control plane");
    try {
      const renewed = await ensureCertificates(paths(directory).pki);
      let ports = readPorts(directory);
      // Servers that talk by old certificates or on ports that others took since begin anew.
      if (renewed || !ports || !(await usable(directory, ports))) {
        await stopAll(directory);
        ports = await choosePorts();
        writeAtomically(paths(directory).ports, JSON.stringify(ports), 0o600);
      }
      writeKubeconfigs(directory, ports);
      if (options.auditLog) writeAtomically(paths(directory).auditPolicy, JSON.stringify(AUDIT_POLICY), 0o600);
      const started: Program[] = [];
      for (const program of PROGRAMS) {
        if (runningIn(directory, program) === undefined) {
          start(options, program, argumentsOf(options, ports)[program]);
          started.push(program);
        }
        if (program === "kube-apiserver") await waitUntilReady(directory, ports, step, "/readyz");
      }
      if (started.includes("kube-controller-manager")) await mustStayAlive(directory, "kube-controller-manager");
      step.done(started.length === 0 ? "runs already" : `started ${started.join(", ")}`);
      return { server: `https://${HOST}:${ports.apiServer}`, kubeconfig: paths(directory).kubeconfig, started };
    } catch (error) {
      step.fail();
      throw error;
    }
  });
}

/** Stops the servers that work in a folder, and no others. Its data stays. */
export async function stopControlPlane(
  directory: string,
  { progress }: { readonly progress: Progress },
): Promise<{ readonly stopped: readonly Program[] }> {
  if (!existsSync(directory)) return { stopped: [] };
  return alone(directory, async () => {
    const step = progress.step("stop the control plane");
    const stopped = await stopAll(directory);
    step.done(stopped.length === 0 ? "nothing ran" : stopped.join(", "));
    return { stopped };
  });
}

export interface ServerStatus {
  readonly name: Program;
  readonly running: boolean;
  readonly pid?: number;
  readonly log: string;
}

export interface ControlPlaneStatus {
  readonly servers: readonly ServerStatus[];
  /** True where the API server answers that it can serve. */
  readonly ready: boolean;
  /** Absent before the first start. */
  readonly server?: string;
  readonly kubeconfig?: string;
}

export async function controlPlaneStatus(directory: string): Promise<ControlPlaneStatus> {
  const servers = PROGRAMS.map((name): ServerStatus => {
    const pid = runningIn(directory, name);
    return { name, running: pid !== undefined, ...(pid === undefined ? {} : { pid }), log: logOf(directory, name) };
  });
  const ports = readPorts(directory);
  if (!ports) return { servers, ready: false };
  return {
    servers,
    ready: servers.every((s) => s.running) && (await answers(directory, ports, "/readyz")) === 200,
    server: `https://${HOST}:${ports.apiServer}`,
    kubeconfig: paths(directory).kubeconfig,
  };
}

async function stopAll(directory: string): Promise<Program[]> {
  const stopped: Program[] = [];
  for (const program of [...PROGRAMS].reverse()) {
    for (const { pid } of findProcesses(program, `${directory}/`)) {
      if (!(await endProcess(pid))) throw new BhittiError(message("BH5013", { server: program, pid }), EXIT.toolFailed);
      stopped.push(program);
    }
  }
  return stopped;
}

function argumentsOf(options: StartOptions, ports: Ports): Record<Program, string[]> {
  const { directory, serviceCidr = "10.96.0.0/16", unsafeNoFsync = false, auditLog = false } = options;
  const { pki, data, auditPolicy, controllerManagerKubeconfig } = paths(directory);
  const file = (name: string) => join(pki, name);
  const [client, peer] = [`https://${HOST}:${ports.etcd}`, `http://${HOST}:${ports.etcdPeer}`];
  return {
    etcd: [
      `--data-dir=${data}`,
      "--name=local",
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=local=${peer}`,
      `--cert-file=${file(PKI.server.certificate)}`,
      `--key-file=${file(PKI.server.key)}`,
      `--trusted-ca-file=${file(PKI.authority)}`,
      "--client-cert-auth",
      "--log-level=warn",
      ...(unsafeNoFsync ? ["--unsafe-no-fsync"] : []),
    ],
    "kube-apiserver": [
      `--etcd-servers=${client}`,
      `--etcd-cafile=${file(PKI.authority)}`,
      `--etcd-certfile=${file(PKI.etcdClient.certificate)}`,
      `--etcd-keyfile=${file(PKI.etcdClient.key)}`,
      `--bind-address=${HOST}`,
      `--advertise-address=${HOST}`,
      // No node would find an endpoint on loopback.
      "--endpoint-reconciler-type=none",
      `--secure-port=${ports.apiServer}`,
      `--tls-cert-file=${file(PKI.server.certificate)}`,
      `--tls-private-key-file=${file(PKI.server.key)}`,
      `--client-ca-file=${file(PKI.authority)}`,
      `--cert-dir=${pki}`,
      "--anonymous-auth=false",
      "--authorization-mode=RBAC",
      // Without it the server itself refuses a privileged pod, and no rule would be seen to.
      "--allow-privileged=true",
      "--profiling=false",
      `--service-cluster-ip-range=${serviceCidr}`,
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-account-key-file=${file(PKI.serviceAccount.public)}`,
      `--service-account-signing-key-file=${file(PKI.serviceAccount.key)}`,
      ...(auditLog ? [`--audit-policy-file=${auditPolicy}`, `--audit-log-path=${auditLogOf(directory)}`] : []),
    ],
    "kube-controller-manager": [
      `--kubeconfig=${controllerManagerKubeconfig}`,
      `--bind-address=${HOST}`,
      "--secure-port=0",
      "--leader-elect=false",
      "--use-service-account-credentials=true",
      `--root-ca-file=${file(PKI.authority)}`,
      `--service-account-private-key-file=${file(PKI.serviceAccount.key)}`,
    ],
  };
}

/** Starts a server that outlives this process; its output goes to its log, which begins anew. */
function start({ directory, controlPlane }: StartOptions, program: Program, args: readonly string[]): void {
  mkdirSync(paths(directory).logs, { recursive: true, mode: 0o700 });
  const log = openSync(logOf(directory, program), "w", 0o600);
  const child = spawn(controlPlane.programs[program], args, {
    detached: true,
    stdio: ["ignore", log, log],
    cwd: directory,
    // etcd takes every flag from a variable ETCD_... too: a user's own must not move our server.
    env: Object.fromEntries(["PATH", "HOME", "TMPDIR"].map((name) => [name, process.env[name]])),
  });
  child.on("error", () => {
    // A program that cannot be run is told as one that ended: waitUntilReady sees that it is not there.
  });
  child.unref();
  closeSync(log);
}

async function waitUntilReady(directory: string, ports: Ports, step: Step, path: string): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  let last = "no answer yet";
  // A process shows up in the process list a moment after it was started.
  const since = Date.now();
  while (Date.now() < until) {
    const status = await answers(directory, ports, path);
    if (status === 200) return;
    last = status === undefined ? "no answer yet" : `${path} answered ${status}`;
    step.update(last);
    if (Date.now() - since > 1_000) {
      for (const program of ["etcd", "kube-apiserver"] as const) {
        if (runningIn(directory, program) === undefined) throw ended(directory, program);
      }
    }
    await sleep(100);
  }
  throw new BhittiError(
    message("BH5011", { seconds: READY_WITHIN_MS / 1000, detail: last, log: logOf(directory, "kube-apiserver") }),
    EXIT.toolFailed,
  );
}

/** A server with a wrong argument ends at once; one that is there after a moment stays. */
async function mustStayAlive(directory: string, program: Program): Promise<void> {
  await sleep(300);
  if (runningIn(directory, program) === undefined) throw ended(directory, program);
}

function ended(directory: string, program: Program): BhittiError {
  const log = logOf(directory, program);
  const lines = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-3) : [];
  const detail = lines.map((line) => line.slice(0, 300)).join(" | ") || "it wrote nothing";
  return new BhittiError(message("BH5010", { server: program, detail, log }), EXIT.toolFailed);
}

/** HTTP status of a path of the API server, asked as its administrator; undefined where nothing answers. */
function answers(directory: string, ports: Ports, path: string): Promise<number | undefined> {
  const { pki } = paths(directory);
  return new Promise((resolve) => {
    const request = https.get(
      {
        host: HOST,
        port: ports.apiServer,
        path,
        ca: readFileSync(join(pki, PKI.authority)),
        cert: readFileSync(join(pki, PKI.admin.certificate)),
        key: readFileSync(join(pki, PKI.admin.key)),
        timeout: 2_000,
        agent: false,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

function readPorts(directory: string): Ports | undefined {
  try {
    const { etcd, etcdPeer, apiServer } = JSON.parse(readFileSync(paths(directory).ports, "utf8")) as Partial<Ports>;
    const valid = (port: unknown): port is number => Number.isInteger(port);
    return valid(etcd) && valid(etcdPeer) && valid(apiServer) ? { etcd, etcdPeer, apiServer } : undefined;
  } catch {
    return undefined; // Not there, or not ours: chosen anew.
  }
}

/** A server that was killed a moment ago still holds its port. */
const FREED_WITHIN_MS = 3_000;

/** Whether each port is either held by our own server or free for it. */
async function usable(directory: string, ports: Ports): Promise<boolean> {
  const ofStopped = [
    ...(runningIn(directory, "etcd") === undefined ? [ports.etcd, ports.etcdPeer] : []),
    ...(runningIn(directory, "kube-apiserver") === undefined ? [ports.apiServer] : []),
  ];
  for (const until = Date.now() + FREED_WITHIN_MS; ; await sleep(100)) {
    const free = await Promise.all(ofStopped.map(isFree));
    if (free.every(Boolean)) return true;
    if (Date.now() > until) return false;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Three ports that were free a moment ago, all held until the last is known, so that they differ. */
async function choosePorts(): Promise<Ports> {
  const servers = [createServer(), createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: HOST, port: 0 }, resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === "object") ports.push(address.port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [etcd = 0, etcdPeer = 0, apiServer = 0] = ports;
  return { etcd, etcdPeer, apiServer };
}

function writeKubeconfigs(directory: string, { apiServer }: Ports): void {
  const { pki, kubeconfig, controllerManagerKubeconfig } = paths(directory);
  const data = (file: string) => readFileSync(join(pki, file)).toString("base64");
  const write = (path: string, { certificate, key }: { certificate: string; key: string }) => {
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "local",
      clusters: [
        {
          name: "local",
          cluster: { server: `https://${HOST}:${apiServer}`, "certificate-authority-data": data(PKI.authority) },
        },
      ],
      users: [{ name: "local", user: { "client-certificate-data": data(certificate), "client-key-data": data(key) } }],
      contexts: [{ name: "local", context: { cluster: "local", user: "local" } }],
    };
    // JSON is YAML, and needs no library.
    writeAtomically(path, `${JSON.stringify(config, null, 2)}\n`, 0o600);
  };
  write(kubeconfig, PKI.admin);
  write(controllerManagerKubeconfig, PKI.controllerManager);
}

/** One call at a time works on a folder. */
const alone = <T>(directory: string, act: () => Promise<T>): Promise<T> =>
  withLock(
    paths(directory).lock,
    (pid) => new BhittiError(message("BH5012", { pid, folder: directory }), EXIT.toolFailed),
    act,
  );
