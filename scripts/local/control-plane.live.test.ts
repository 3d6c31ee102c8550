import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { liveCluster } from "../../tests/live.ts";
import { silent } from "../progress.ts";
import { type ControlPlane, findControlPlane } from "../toolchain/control-plane.ts";
import { controlPlaneStatus, startControlPlane, stopControlPlane } from "./control-plane.ts";
import { findProcesses, isAlive } from "./processes.ts";

const directory = mkdtempSync(join(tmpdir(), "bhitti-local-"));
const progress = silent;
let controlPlane: ControlPlane;
const start = () => startControlPlane({ directory, controlPlane, progress, unsafeNoFsync: true });

describe.skipIf(!liveCluster())("a control plane in a folder of its own", () => {
  beforeAll(async () => {
    controlPlane = await findControlPlane({ progress });
    // etcd would refuse to start with it: a user's own settings for etcd are not for ours.
    vi.stubEnv("ETCD_LISTEN_METRICS_URLS", "not a url");
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await stopControlPlane(directory, { progress });
    rmSync(directory, { recursive: true, force: true });
  });

  test("starts, is ready, and has nothing to start the second time", async () => {
    const first = await start();
    expect(first.started).toEqual(["etcd", "kube-apiserver", "kube-controller-manager"]);
    expect(statSync(first.kubeconfig).mode & 0o777).toBe(0o600);
    const second = await start();
    expect(second).toEqual({ ...first, started: [] });
    expect(await controlPlaneStatus(directory)).toMatchObject({ ready: true, server: first.server });
  });

  test("starts only what is missing, on the same port", async () => {
    const before = await start();
    const [api] = findProcesses("kube-apiserver", `${directory}/`);
    if (!api) throw new Error("no API server runs");
    process.kill(api.pid, "SIGKILL");
    const after = await start();
    expect(after.server).toBe(before.server);
    // The controller manager may end when its server goes; etcd has no reason to.
    expect(after.started).toContain("kube-apiserver");
    expect(after.started).not.toContain("etcd");
  });

  test("heals from files that were cut short", async () => {
    writeFileSync(join(directory, "ports.json"), '{"etcd": 1');
    writeFileSync(join(directory, "lock"), "999999999");
    expect((await start()).started).toEqual(["etcd", "kube-apiserver", "kube-controller-manager"]);
    expect((await controlPlaneStatus(directory)).ready).toBe(true);
  });

  test("refuses to work beside another call on the same folder", async () => {
    const [one, other] = await Promise.allSettled([
      stopControlPlane(join(directory, "elsewhere"), { progress }),
      (async () => {
        writeFileSync(join(directory, "lock"), String(process.ppid));
        return start();
      })(),
    ]);
    rmSync(join(directory, "lock"), { force: true });
    expect(one.status).toBe("fulfilled");
    expect(other).toMatchObject({ status: "rejected", reason: { message: expect.stringMatching(/^BH5012 /) } });
    expect(readdirSync(directory).filter((name) => name.startsWith("lock"))).toEqual([]);
  });

  test("stops what it started and nothing else", async () => {
    await start();
    // Same program name, another folder: somebody else's server.
    const foreign = join(mkdtempSync(join(tmpdir(), "bhitti-foreign-")), "etcd");
    copyFileSync(execFileSync("sh", ["-c", "command -v sleep"], { encoding: "utf8" }).trim(), foreign);
    const sleeper = spawn(foreign, ["60"], { stdio: "ignore" });
    try {
      const { stopped } = await stopControlPlane(directory, { progress });
      expect(stopped).toEqual(["kube-controller-manager", "kube-apiserver", "etcd"]);
      expect(sleeper.pid !== undefined && isAlive(sleeper.pid)).toBe(true);
      expect((await controlPlaneStatus(directory)).servers.every((s) => !s.running)).toBe(true);
      expect(existsSync(join(directory, "etcd"))).toBe(true);
    } finally {
      sleeper.kill("SIGKILL");
    }
  });

  test("a server that cannot start is told with the end of its log", async () => {
    const broken = { ...controlPlane, programs: { ...controlPlane.programs, etcd: "/bin/false" } };
    await expect(startControlPlane({ directory, controlPlane: broken, progress })).rejects.toThrow(
      /BH5010 etcd ended while it started/,
    );
    await stopControlPlane(directory, { progress });
  });
});
