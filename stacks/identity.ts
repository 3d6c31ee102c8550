import { identity } from "../constructs/identity/identity.ts";
import { layerStack, type StackScope } from "./scope.ts";

/** The identity realms, in the cluster that the environment names for them. */
export function identityStack(scope: StackScope): void {
  if (scope.environment.identity.cluster !== scope.cluster.name) return;
  layerStack(scope, "identity").addObjects(identity(scope.environment, scope.cluster), "identity");
}
