import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LABELS, MANAGER } from "../../contracts.ts";
import type { Estate, EstateObject } from "../../estate/estate.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { startControlPlane, stopControlPlane } from "../local/control-plane.ts";
import { silent } from "../progress.ts";
import { findControlPlane } from "../toolchain/control-plane.ts";
import { type ClusterClient, connectCluster } from "./cluster-client.ts";
import type { DeployContext } from "./deploy.ts";

/** What the tests of this room build their worlds from: small estates of plain objects, and a context to deploy them. */

export const object = (apiVersion: string, kind: string, name: string, rest: Record<string, unknown> = {}) => {
  const { namespace, labels, ...fields } = rest as { namespace?: string; labels?: Record<string, string> };
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      labels: { [LABELS.managedBy]: MANAGER, ...labels },
    },
    ...fields,
  } satisfies KubernetesObject;
};

export const configMap = (namespace: string, name: string, data: Record<string, string> = {}) =>
  object("v1", "ConfigMap", name, { namespace, data });

export const namespaceOf = (name: string) => object("v1", "Namespace", name);

/** Stacks in deploy order: `[id, objects, dependencies]`. */
export function estateOf(
  ...stacks: [id: string, objects: readonly KubernetesObject[], dependencies?: string[]][]
): Estate {
  return {
    environment: "test",
    stacks: stacks.map(([id, , dependencies = []]) => ({ id, dependencies })),
    objects: stacks.flatMap(([stack, objects]) =>
      objects.map((o, i): EstateObject => ({ object: o, stack, address: `kubernetes_object.o${i}`, unknown: [] })),
    ),
    undecoded: [],
  };
}

/** Opens the API server that a kubeconfig of Bhitti's own control plane names. */
export const connectTo = (kubeconfig: string): ClusterClient =>
  connectCluster("/", { ...clusterC, kubeconfig: { path: kubeconfig, context: "local" } });

/** A real control plane that nobody else uses. */
export interface OwnControlPlane {
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/** Records of engine and inventories are a cluster's, not a test's: tests of deploys share their cluster with no others. */
export async function startOwnControlPlane(): Promise<OwnControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), "bhitti-deploy-cluster-"));
  const controlPlane = await findControlPlane({ progress: silent });
  const { kubeconfig } = await startControlPlane({ directory, controlPlane, progress: silent, unsafeNoFsync: true });
  return {
    kubeconfig,
    async stop() {
      await stopControlPlane(directory, { progress: silent });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A context for the cluster `c` of a disposable environment, in a folder of its own. */
export function contextOf(
  estate: Estate,
  connect: () => ClusterClient,
  more: Partial<DeployContext> = {},
): DeployContext {
  const root = more.root ?? mkdtempSync(join(tmpdir(), "bhitti-deploy-"));
  return {
    root,
    outdir: join(root, "cdktf.out"),
    environment: { name: "test", disposable: true, clusters: [clusterC] },
    estate,
    forcedEngine: "server-side-apply",
    progress: silent,
    connect,
    limits: { deleteTimeoutMs: 60_000, readyTimeoutMs: 30_000, retryMs: 30_000 },
    ...more,
  };
}

export const clusterC = {
  name: "c",
  kubernetes: "1.35",
  kubeconfig: { path: "kubeconfig", context: "local" },
};
