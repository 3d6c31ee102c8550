import type { KubernetesObject } from "../../../../kubernetes/object.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { inNamespace, mapOf, ofKind, textsOf } from "../../../estate-view.ts";

/** Selects every pod and opens nothing in a direction. */
function closes({ spec }: KubernetesObject, direction: "Ingress" | "Egress"): boolean {
  const { podSelector, policyTypes, ingress, egress } = mapOf(spec);
  const openings = direction === "Ingress" ? ingress : egress;
  return (
    selectsAll(podSelector) &&
    textsOf(policyTypes).includes(direction) &&
    (openings === undefined || (Array.isArray(openings) && openings.length === 0))
  );
}

function selectsAll(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = mapOf(selector);
  return (
    Object.keys(mapOf(matchLabels)).length === 0 && (!Array.isArray(matchExpressions) || matchExpressions.length === 0)
  );
}

/** Every namespace has a NetworkPolicy that closes it in both directions; one for each direction will do. */
export const rule: EstateRule = {
  id: "network/default-deny",
  title: "Every namespace is closed until something opens it",
  titleBangla: "কিছু না খোলা পর্যন্ত প্রতিটি নেমস্পেস বন্ধ",
  rationale:
    "NetworkPolicies only ever add: pods that no policy selects talk to everybody. A namespace without a policy that closes both directions is open to every tenant and to the Internet.",
  rationaleBangla:
    "NetworkPolicy কেবল অনুমতি যোগ করে: যে পডকে কোনো নীতি বেছে নেয় না সে সবার সঙ্গে কথা বলে। যে নেমস্পেসে দুই দিকই বন্ধ করার নীতি নেই তা প্রতিটি ভাড়াটে ও ইন্টারনেটের কাছে খোলা।",
  reference: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["boundary-protection", "tenant-separation", "declared-information-flow"],
  kinds: ["Namespace", "NetworkPolicy"],
  reads: ["metadata.name", "metadata.namespace", "spec"],
  judge: (estate) =>
    ofKind(estate, "Namespace").map((namespace) => {
      const policies = inNamespace(estate, namespace, "NetworkPolicy").map(({ object }) => object);
      return {
        subject: namespace,
        failures: (["Ingress", "Egress"] as const)
          .filter((direction) => !policies.some((policy) => closes(policy, direction)))
          .map(
            (direction) =>
              `no NetworkPolicy of the namespace '${namespace.object.metadata.name}' closes ${direction} for all pods; add one with an empty podSelector, policyTypes ${direction} and no rule`,
          ),
      };
    }),
};
