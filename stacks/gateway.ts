import { gateway } from "../constructs/gateway/gateway.ts";
import { layerStack, type StackScope } from "./scope.ts";

/** The national API hub, in the cluster that the environment names for it. */
export function gatewayStack(scope: StackScope): void {
  if (scope.environment.gateway.cluster !== scope.cluster.name) return;
  layerStack(scope, "gateway").addObjects(gateway(scope.environment, scope.cluster), "gateway");
}
