import { AUDITORS_GROUP, LABELS, PLATFORM_GROUP, SOC_GROUP } from "../../../../contracts.ts";
import type { Estate } from "../../../../estate/estate.ts";
import { type AccessBinding, bindingsOf, given, type Wish } from "../../../estate-access.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf, labelsOf, zoneNamespaces } from "../../../estate-view.ts";

/** Those who keep the platform up, or watch over it, without being meant to see what tenants keep there. */
const BLIND: readonly string[] = [PLATFORM_GROUP, SOC_GROUP, AUDITORS_GROUP];

/** Every way to a tenant's data that RBAC knows. To run a command in a pod, `get` is enough for some clients and `create` for others. */
const DATA: readonly Wish[] = [
  { verbs: ["get", "list", "watch"], resources: ["secrets"] },
  { verbs: ["get"], resources: ["pods/log"] },
  { verbs: ["create", "get"], resources: ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy"] },
  { verbs: ["create", "get"], resources: ["services/proxy"] },
  { verbs: ["patch", "update"], resources: ["pods/ephemeralcontainers"] },
  { verbs: ["create", "get"], resources: ["nodes/proxy"] },
];

const blind = ({ subjects }: AccessBinding) =>
  subjects.find(({ kind, name }) => kind === "Group" && BLIND.includes(name));

/** Whether it holds in a tenant's namespace. */
function reachesZones({ entry, namespace }: AccessBinding, estate: Estate): boolean {
  if (namespace === undefined) return true;
  return zoneNamespaces(estate).some(
    (zone) =>
      zone.object.metadata.name === namespace &&
      clusterOf(zone) === clusterOf(entry) &&
      labelsOf(zone.object)[LABELS.zone] !== undefined,
  );
}

function failuresOf(binding: AccessBinding): readonly string[] {
  const group = blind(binding)?.name;
  if (!binding.rights)
    return [
      `the role '${binding.role}' of the group '${group}' is not in the estate; add it, so that it can be judged`,
    ];
  const seen = given(binding.rights, DATA);
  if (seen.length === 0) return [];
  return [
    `the group '${group}' gets '${seen.slice(0, 3).join("', '")}' in tenants' zones by the role '${binding.role}'; take it out, tenants' data is not the platform's`,
  ];
}

/** Operators, auditors and the SOC get no right in zones by which they could see what tenants keep there. */
export const rule: EstateRule = {
  id: "rbac/operator-blindness",
  title: "Who runs or watches the platform sees no tenant's data",
  titleBangla: "যাঁরা প্ল্যাটফর্ম চালান বা পাহারা দেন তাঁরা ভাড়াটের উপাত্ত দেখেন না",
  rationale:
    "Secrets, logs and a shell in a pod are a tenant's data. Whoever keeps the platform up needs none of them; emergency access is bound to its own group, dated and reviewed.",
  rationaleBangla:
    "Secret, লগ ও পডের ভেতরের শেল মানেই ভাড়াটের উপাত্ত। প্ল্যাটফর্ম সচল রাখতে এর কোনোটি লাগে না; জরুরি প্রবেশাধিকার পায় আলাদা দল, তারিখসহ ও পর্যালোচনাধীন।",
  reference: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["operator-blindness", "separation-of-duties"],
  kinds: ["Namespace", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "roleRef", "rules", "subjects"],
  judge: (estate) =>
    bindingsOf(estate)
      .filter((binding) => blind(binding) && reachesZones(binding, estate))
      .map((binding) => ({ subject: binding.entry, failures: failuresOf(binding) })),
};
