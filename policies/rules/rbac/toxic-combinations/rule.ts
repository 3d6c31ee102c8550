import { type AccessBinding, bindingsOf, given, type Subject, type Wish } from "../../../estate-access.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf } from "../../../estate-view.ts";

const WRITE = ["create", "patch", "update"];
const RBAC = "rbac.authorization.k8s.io";
const ADMISSION = "admissionregistration.k8s.io";

const WORKLOADS: readonly Wish[] = [
  { verbs: WRITE, resources: ["pods"] },
  { verbs: WRITE, resources: ["daemonsets", "deployments", "statefulsets"], apiGroup: "apps" },
  { verbs: WRITE, resources: ["cronjobs", "jobs"], apiGroup: "batch" },
];
const RIGHTS: readonly Wish[] = [
  { verbs: WRITE, resources: ["clusterrolebindings", "clusterroles", "rolebindings", "roles"], apiGroup: RBAC },
];
const GUARDRAILS: readonly Wish[] = [
  {
    verbs: [...WRITE, "delete"],
    resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
    apiGroup: ADMISSION,
  },
];
const EVENTS: readonly Wish[] = [{ verbs: ["delete", "deletecollection"], resources: ["events"] }];

interface Combination {
  readonly name: string;
  readonly one: readonly Wish[];
  readonly other: readonly Wish[];
}

/** Duties that check each other, and so lie with different subjects. */
const COMBINATIONS: readonly Combination[] = [
  { name: "gives rights and runs programs", one: RIGHTS, other: WORKLOADS },
  { name: "sets guardrails and runs programs", one: GUARDRAILS, other: WORKLOADS },
  { name: "gives rights and sets guardrails", one: RIGHTS, other: GUARDRAILS },
  { name: "runs programs and removes the traces", one: EVENTS, other: WORKLOADS },
];

const isSame = (a: Subject, b: Subject) => a.kind === b.kind && a.name === b.name;
const rightsOf = ({ rights }: AccessBinding) => rights ?? [];

function failuresOf(binding: AccessBinding, all: readonly AccessBinding[]): readonly string[] {
  if (!binding.rights) return [`the role '${binding.role}' is not in the estate; add it, so that it can be judged`];
  return binding.subjects.flatMap((subject) => {
    const together = all
      .filter(
        ({ subjects, entry }) =>
          clusterOf(entry) === clusterOf(binding.entry) && subjects.some((s) => isSame(s, subject)),
      )
      .flatMap(rightsOf);
    return COMBINATIONS.flatMap(({ name, one, other }) => {
      const [first] = given(together, one);
      const [second] = given(together, other);
      const adds = given(rightsOf(binding), [...one, ...other]).length > 0;
      return first && second && adds
        ? [`${subject.kind} '${subject.name}' ${name} ('${first}' and '${second}'); give one of them to somebody else`]
        : [];
    });
  });
}

/** No subject holds, over all its bindings of a cluster, two duties that are there to check each other. */
export const rule: EstateRule = {
  id: "rbac/toxic-combinations",
  title: "Nobody holds two duties that check each other",
  titleBangla: "পরস্পরকে যাচাই করে এমন দুটি দায়িত্ব কারও একার নয়",
  rationale:
    "Each right may be harmless by itself. Whoever gives rights and runs programs gives himself what the program needs; whoever sets the guardrails passes them; whoever removes the traces was never there. Only all bindings of a subject together show it.",
  rationaleBangla:
    "আলাদাভাবে প্রতিটি অধিকার নিরীহ হতে পারে। যিনি অধিকার দেন আবার প্রোগ্রামও চালান তিনি প্রোগ্রামের যা লাগে নিজেই নিয়ে নেন; যিনি রক্ষাব্যবস্থা ঠিক করেন তিনি তা পেরিয়েও যান; যিনি চিহ্ন মুছতে পারেন তিনি যেন ছিলেনই না। কারও সব বাইন্ডিং একসঙ্গে দেখলেই তা ধরা পড়ে।",
  reference: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks",
  severity: "critical",
  level: "soft-mandatory",
  controls: ["separation-of-duties", "least-privilege"],
  kinds: ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  reads: ["metadata.name", "metadata.namespace", "roleRef", "rules", "subjects"],
  judge: (estate) => {
    const all = bindingsOf(estate);
    return all.map((binding) => ({ subject: binding.entry, failures: failuresOf(binding, all) }));
  },
};
