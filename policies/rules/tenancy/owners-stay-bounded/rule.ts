import { type AccessBinding, bindingsOf, given, type Wish } from "../../../estate-access.ts";
import type { EstateRule } from "../../../estate-rule.ts";

const CHANGE = ["create", "delete", "deletecollection", "patch", "update"];

/** What a zone is bounded by. */
const BOUNDS: readonly Wish[] = [
  { verbs: CHANGE, resources: ["limitranges", "namespaces", "resourcequotas"] },
  {
    verbs: CHANGE,
    resources: ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
    apiGroup: "rbac.authorization.k8s.io",
  },
  {
    verbs: CHANGE,
    resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
    apiGroup: "admissionregistration.k8s.io",
  },
];

const ofZone = ({ subjects }: AccessBinding) =>
  subjects.find(({ kind, name }) => kind === "Group" && name.startsWith("bhitti:zone:"));

function failuresOf(binding: AccessBinding): readonly string[] {
  const group = ofZone(binding)?.name;
  if (!binding.rights)
    return [
      `the role '${binding.role}' of the group '${group}' is not in the estate; add it, so that it can be judged`,
    ];
  const inCluster =
    binding.namespace === undefined
      ? [`the group '${group}' of one zone is bound in the whole cluster; bind it in the zone's namespace`]
      : [];
  const changed = given(binding.rights, BOUNDS);
  const loosened =
    changed.length > 0
      ? [
          `the group '${group}' may '${changed.slice(0, 3).join("', '")}', and so bound itself; leave that to the platform`,
        ]
      : [];
  return [...inCluster, ...loosened];
}

/** Groups of a zone hold rights in a namespace only, and none over what bounds the zone. */
export const rule: EstateRule = {
  id: "tenancy/owners-stay-bounded",
  title: "A zone's owners cannot move the bounds of their zone",
  titleBangla: "জোনের মালিক নিজের জোনের সীমা সরাতে পারেন না",
  rationale:
    "Quota, limits, roles and the namespace itself keep a tenant within what was agreed. An owner who could change one of them would take what belongs to all others.",
  rationaleBangla:
    "কোটা, সীমা, রোল ও নেমস্পেসই ভাড়াটেকে সমঝোতার ভেতরে রাখে। এর কোনোটি বদলাতে পারলে মালিক এমন কিছু নিতেন যা অন্য সবার।",
  reference: "https://kubernetes.io/docs/concepts/security/multi-tenancy/#access-controls",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["tenant-separation", "least-privilege", "usage-limits"],
  kinds: ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  reads: ["metadata.name", "metadata.namespace", "roleRef", "rules", "subjects"],
  judge: (estate) =>
    bindingsOf(estate)
      .filter((binding) => ofZone(binding) !== undefined)
      .map((binding) => ({ subject: binding.entry, failures: failuresOf(binding) })),
};
