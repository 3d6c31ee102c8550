import { GUARDRAILS_NAMESPACE, guardrailParameters, guardrailPolicies } from "../constructs/guardrails/guardrails.ts";
import { loadRules } from "../policies/rules.ts";
import { layerStack, type StackScope } from "./scope.ts";

/** The rules as the cluster enforces them. Parameters are typed resources; the release of the policies waits for them. */
export function guardrailsStack(scope: StackScope): void {
  const stack = layerStack(scope, "guardrails");
  const rules = loadRules();
  stack.addObjects(guardrailParameters(scope.environment, scope.cluster, rules), "guardrails");
  stack.addChart("guardrails", GUARDRAILS_NAMESPACE, guardrailPolicies(scope.environment, rules), "guardrails");
}
