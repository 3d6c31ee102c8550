import { soc } from "../constructs/soc/soc.ts";
import { layerStack, type StackScope } from "./scope.ts";

/** The SOC's log sink, in the cluster that the environment names for it. */
export function socStack(scope: StackScope): void {
  if (scope.environment.soc.sink.cluster !== scope.cluster.name) return;
  layerStack(scope, "soc").addObjects(soc(scope.environment, scope.cluster), "soc");
}
