import { clustersOf } from "../constructs/network/peers.ts";
import { soc } from "../constructs/soc/soc.ts";
import { layerStack, type StackScope } from "./scope.ts";

/** The SOC's log sink, in the clusters that the environment names for it. */
export function socStack(scope: StackScope): void {
  if (!clustersOf(scope.environment.soc.sink).includes(scope.cluster.name)) return;
  layerStack(scope, "soc").addObjects(soc(scope.environment, scope.cluster), "soc");
}
