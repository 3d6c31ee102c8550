import { gateway } from "../constructs/gateway/gateway.ts";
import { clustersOf } from "../constructs/network/peers.ts";
import { layerStack, type StackScope } from "./scope.ts";

/** The national API hub, in the clusters that the environment names for it. */
export function gatewayStack(scope: StackScope): void {
  if (!clustersOf(scope.environment.gateway).includes(scope.cluster.name)) return;
  layerStack(scope, "gateway").addObjects(gateway(scope.environment, scope.cluster), "gateway");
}
