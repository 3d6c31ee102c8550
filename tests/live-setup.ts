import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { keepParamKinds } from "../scripts/deploy/param-keeper.ts";
import { connectTo } from "../scripts/deploy/testing.ts";
import { auditLogOf, startControlPlane, stopControlPlane } from "../scripts/local/control-plane.ts";
import { silent, terminalProgress } from "../scripts/progress.ts";
import { findControlPlane } from "../scripts/toolchain/control-plane.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The kubeconfig and audit log of the control plane of this run; or why there is none. */
    liveCluster: { readonly kubeconfig: string; readonly auditLog: string } | { readonly reason: string };
  }
}

/**
 * One real control plane for all live tests, in a folder of its own. Where none can be had, tests say why; under `CI=true`
 * that fails the run, since a check that never ran must not look like one that passed.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), "bhitti-live-"));
  try {
    const controlPlane = await findControlPlane({ progress: terminalProgress() });
    const { kubeconfig } = await startControlPlane({
      directory,
      controlPlane,
      progress: silent,
      unsafeNoFsync: true,
      auditLog: true,
    });
    // Tests come and go with policies that read ConfigMaps: without a binding that stays, the server stops hearing of them for good.
    const client = connectTo(kubeconfig);
    await keepParamKinds(client, [{ apiVersion: "v1", kind: "ConfigMap" }]);
    client.close();
    process.env.BHITTI_TEST_KUBECONFIG = kubeconfig;
    project.provide("liveCluster", { kubeconfig, auditLog: auditLogOf(directory) });
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    if (process.env.CI === "true") throw error;
    const reason = error instanceof Error ? error.message : String(error);
    console.warn(`live tests are not run: ${reason}`);
    project.provide("liveCluster", { reason });
    return async () => {};
  }
  return async () => {
    await stopControlPlane(directory, { progress: silent });
    rmSync(directory, { recursive: true, force: true });
  };
}
