import { identity } from "../constructs/identity/identity.ts";
import { clustersOf } from "../constructs/network/peers.ts";
import { layerStack, type StackScope } from "./scope.ts";

/** The identity realms, in the clusters that the environment names for them. */
export function identityStack(scope: StackScope): void {
  if (!clustersOf(scope.environment.identity).includes(scope.cluster.name)) return;
  layerStack(scope, "identity").addObjects(identity(scope.environment, scope.cluster), "identity");
}
