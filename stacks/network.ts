import { clusterNetwork } from "../constructs/network/network.ts";
import { layerStack, type StackScope } from "./scope.ts";

/** What holds in a cluster before anything runs in it. */
export function networkStack(scope: StackScope): void {
  layerStack(scope, "network").addObjects(clusterNetwork(scope.environment, scope.cluster), "network");
}
