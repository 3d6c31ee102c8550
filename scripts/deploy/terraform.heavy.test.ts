import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zoneNamespace } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { readEstate } from "../../estate/read.ts";
import { synthesize } from "../../stacks/synthesize.ts";
import { silent } from "../progress.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { type DeployContext, deployEnvironment, destroyEnvironment, planEnvironment } from "./deploy.ts";
import { driftEnvironment } from "./drift.ts";
import { terraformAvailable } from "./terraform.ts";
import { stateHoldsResources } from "./terraform-stack.ts";
import { connectTo, type OwnControlPlane, startOwnControlPlane } from "./testing.ts";

/** The whole local environment through Terraform with the official providers, typed resources and local charts alike. */
const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const root = mkdtempSync(join(tmpdir(), "bhitti-heavy-"));
const outdir = join(root, "cdktf.out", "local");
const local = loadEnvironment(repository, "local");

/** Synthesizes into this test's own checkout and gives what to deploy. */
function contextOf(environment: Environment): DeployContext {
  synthesize(environment, root, outdir);
  return { root, outdir, environment, estate: readEstate(outdir, "local"), progress: silent };
}

const { estate } = contextOf(local);
const providers = await terraformAvailable({ root, outdir, stacks: estate.stacks, progress: silent });
if (!providers.available) console.log(`not run: the official Terraform providers cannot be had: ${providers.reason}`);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.skipIf(!providers.available)("with the official providers", () => {
  let cluster: OwnControlPlane;
  let client: ClusterClient;
  let environment: Environment;

  beforeAll(async () => {
    cluster = await startOwnControlPlane();
    client = connectTo(cluster.kubeconfig);
    const kubeconfig = { path: cluster.kubeconfig, context: "local" };
    environment = { ...local, clusters: local.clusters.map((c) => ({ ...c, kubeconfig })) };
  });
  afterAll(async () => {
    client.close();
    await cluster.stop();
  });

  test("the local environment is deployed, stands leaf by leaf, and has nothing to change after", async () => {
    const context = contextOf(environment);
    const run = await deployEnvironment(context);
    expect(run.stacks.flatMap((s) => (s.result === "done" ? [] : s.messages))).toEqual([]);
    expect(run).toMatchObject({ engine: "terraform", reason: { code: "BH4037" }, total: { update: 0, delete: 0 } });

    const drift = await driftEnvironment(context);
    expect(drift).toMatchObject({ changed: [], missing: [], extra: [], messages: [] });
    expect(drift.unchanged).toBe(context.estate.objects.length);

    const plan = await planEnvironment(context);
    expect(plan.stacks.flatMap((s) => s.changes)).toEqual([]);
    expect(plan).toMatchObject({ reason: { code: "BH4035" }, total: { unchanged: run.total.create } });
    await expect(deployEnvironment({ ...context, forcedEngine: "server-side-apply" })).rejects.toThrow("BH4008");
  });

  test("what somebody changed is seen and put back", async () => {
    const context = contextOf(environment);
    const [zone] = environment.zones;
    const path = `/api/v1/namespaces/${zoneNamespace(zone?.name ?? "")}/resourcequotas/zone`;
    const body = { spec: { hard: { pods: "9999" } } };
    const patched = await client.request({ method: "PATCH", path, contentType: "application/merge-patch+json", body });
    expect(patched.status).toBe(200);
    const stated = String(zone?.quota.pods);
    expect((await driftEnvironment(context)).changed.map((c) => c.leaves)).toEqual([
      [{ path: "spec.hard.pods", stated, live: "9999" }],
    ]);
    const run = await deployEnvironment(context);
    expect(run.stacks.flatMap((s) => s.changes.map((c) => [c.action, c.object]))).toEqual([
      ["update", `ResourceQuota ${zoneNamespace(zone?.name ?? "")}/zone`],
    ]);
    expect((await driftEnvironment(context)).changed).toEqual([]);
  });

  test("a zone that left the environment is removed with its stack, and nothing else", async () => {
    const [gone] = environment.zones;
    if (!gone) throw new Error("the local environment has no zone");
    const apis = environment.apis
      .filter((api) => api.zone !== gone.name)
      .map((api) => ({ ...api, grants: api.grants.filter((grant) => grant.consumer !== gone.name) }));
    const context = contextOf({ ...environment, apis, zones: environment.zones.filter((z) => z !== gone) });
    const plan = await planEnvironment(context);
    const deleting = plan.stacks.filter((s) => s.changes.some((c) => c.action === "delete")).map((s) => s.stack);
    expect(deleting).toContain(`local-zone-${gone.name}`);
    const run = await deployEnvironment(context);
    expect(run.done).toBe(true);
    const namespace = await client.request({ method: "GET", path: `/api/v1/namespaces/${zoneNamespace(gone.name)}` });
    expect(namespace.status).toBe(404);
    expect(await driftEnvironment(context)).toMatchObject({ changed: [], missing: [], extra: [] });
  });

  test("a destroy leaves nothing behind", async () => {
    const context = contextOf(environment);
    const run = await destroyEnvironment(context);
    expect(run.stacks.flatMap((s) => (s.result === "done" ? [] : s.messages))).toEqual([]);
    const states = join(root, ".bhitti", "state", "local");
    expect(readdirSync(states).filter((f) => f.endsWith(".tfstate") && stateHoldsResources(join(states, f)))).toEqual(
      [],
    );
    const drift = await driftEnvironment(context);
    expect(drift.extra).toEqual([]);
    expect(drift.reason.code).toBe("BH4025");
    // The service accounts `default` and kube-system's objects are the cluster's own.
    expect(drift.missing.length).toBeGreaterThan(context.estate.objects.length - 10);
  });
});
