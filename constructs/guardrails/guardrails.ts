import { layerNamespace } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Cluster } from "../../environments/model/files/clusters.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { withExemptions } from "../../policies/exemptions/exemption.ts";
import { allowedRegistries, bindingFor, type Rule } from "../../policies/rules.ts";
import { guardedNamespace } from "../namespace/namespace.ts";

export const GUARDRAILS_NAMESPACE = layerNamespace("guardrails");

/** What the rules read. It has to stand before any binding: a rule whose parameters are missing refuses everything. */
export function guardrailParameters(
  environment: Environment,
  cluster: Cluster,
  rules: readonly Rule[],
): readonly KubernetesObject[] {
  const readers = rules
    .filter(({ level }) => level === "soft-mandatory")
    .flatMap(({ id, params }) => (params ? [{ rule: id, configMap: params.name }] : []));
  return withExemptions(
    [
      ...guardedNamespace({ owner: { layer: "guardrails" }, dataClass: "internal", kubernetes: cluster.kubernetes }),
      allowedRegistries(environment.registries.map((registry) => registry.prefix)),
    ],
    environment.exemptions,
    readers,
  );
}

/** Every rule's policy, and its binding at the stage that the environment gives it. */
export function guardrailPolicies(environment: Environment, rules: readonly Rule[]): readonly KubernetesObject[] {
  const { stage, rules: stages } = environment.guardrails;
  return rules.flatMap((rule) => [rule.policy, bindingFor(rule, stages[rule.id] ?? stage)]);
}
