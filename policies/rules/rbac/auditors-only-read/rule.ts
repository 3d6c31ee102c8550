import { AUDITORS_GROUP } from "../../../../contracts.ts";
import { type AccessBinding, bindingsOf } from "../../../estate-access.ts";
import type { EstateRule } from "../../../estate-rule.ts";

const READ: readonly string[] = ["get", "list", "watch"];

function failuresOf({ rights, role }: AccessBinding): readonly string[] {
  if (!rights) return [`the role '${role}' of auditors is not in the estate; add it, so that it can be judged`];
  const other = [...new Set(rights.flatMap(({ verbs }) => verbs.filter((verb) => !READ.includes(verb))))];
  if (other.length === 0) return [];
  return [`the role '${role}' gives auditors '${other.join("', '")}'; leave them get, list and watch`];
}

/** The auditors' group gets no verb but those that read. */
export const rule: EstateRule = {
  id: "rbac/auditors-only-read",
  title: "Auditors read and change nothing",
  titleBangla: "নিরীক্ষক কেবল পড়েন, কিছু বদলান না",
  rationale:
    "Evidence that its collector could have changed proves nothing, and an auditor who mends what is found judges work of his own.",
  rationaleBangla:
    "যে প্রমাণ সংগ্রাহক নিজে বদলাতে পারতেন তা কিছুই প্রমাণ করে না; আর নিরীক্ষক যা পান তা নিজে সারালে তিনি নিজের কাজই বিচার করেন।",
  reference: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
  severity: "high",
  level: "hard-mandatory",
  controls: ["separation-of-duties", "audit-logging"],
  kinds: ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  reads: ["metadata.name", "metadata.namespace", "roleRef", "rules", "subjects"],
  judge: (estate) =>
    bindingsOf(estate)
      .filter(({ subjects }) => subjects.some(({ kind, name }) => kind === "Group" && name === AUDITORS_GROUP))
      .map((binding) => ({ subject: binding.entry, failures: failuresOf(binding) })),
};
