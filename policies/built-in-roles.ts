import type { Right } from "./estate-access.ts";

const READ = ["get", "list", "watch"];
const WRITE = ["create", "delete", "deletecollection", "patch", "update"];
const right = (verbs: readonly string[], resources: readonly string[], apiGroups: readonly string[] = [""]): Right => ({
  verbs,
  apiGroups,
  resources,
});

const VIEWED = ["configmaps", "pods", "pods/log", "services"];
const EDITED = ["configmaps", "persistentvolumeclaims", "pods", "secrets", "serviceaccounts", "services"];
const INTO_PODS = ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy"];
const EDIT: readonly Right[] = [
  right(READ, [...VIEWED, ...INTO_PODS, "secrets"]),
  right(WRITE, [...EDITED, ...INTO_PODS]),
  right(["impersonate"], ["serviceaccounts"]),
  right([...READ, ...WRITE], ["daemonsets", "deployments", "replicasets", "statefulsets"], ["apps"]),
];

/**
 * What the API server's user-facing roles give, as far as a rule asks.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
 */
export const BUILT_IN: Readonly<Record<string, readonly Right[]>> = {
  "cluster-admin": [right(["*"], ["*"], ["*"])],
  admin: [...EDIT, right([...READ, ...WRITE], ["rolebindings", "roles"], ["rbac.authorization.k8s.io"])],
  edit: EDIT,
  view: [right(READ, VIEWED)],
};
