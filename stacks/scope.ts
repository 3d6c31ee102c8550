import type { App } from "cdktf";
import type { ChartLock } from "../charts/lock.ts";
import { type Layer, layerStackId } from "../contracts.ts";
import type { Environment } from "../environments/model/environment.ts";
import type { Cluster } from "../environments/model/files/clusters.ts";
import { ClusterStack } from "./cluster-stack.ts";

/** What every stack of a cluster is made of. */
export interface StackScope {
  readonly app: App;
  readonly environment: Environment;
  readonly cluster: Cluster;
  /** The repository's root as seen from a stack's folder. */
  readonly repository: string;
  /** Reads the chart lock; asked only where a chart of somebody else's is released. */
  readonly chartLock: () => ChartLock;
}

export function addStack(scope: StackScope, id: string, labels: Readonly<Record<string, string>> = {}): ClusterStack {
  const { app, ...props } = scope;
  return new ClusterStack(app, { id, ...props, labels });
}

export const layerStack = (scope: StackScope, layer: Layer): ClusterStack =>
  addStack(scope, layerStackId(scope.cluster.name, layer));
