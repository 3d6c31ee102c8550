import { LABEL_DOMAIN, LABELS, layerNamespace, zoneNamespace } from "../../contracts.ts";
import type { DataClass } from "../../environments/model/values.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { BackupPlan } from "../backup/plan.ts";
import { defaultDeny } from "../network/policies.ts";

export interface GuardedNamespaceProps {
  /** What the namespace belongs to, and is named after: a platform layer or a tenant's zone, never both. */
  readonly owner: { readonly layer: string } | { readonly zone: string };
  /** The highest class of data that may lie in it. */
  readonly dataClass: DataClass;
  /** Minor version of the cluster, e.g. `1.35`: Pod Security is pinned to it, so that an upgrade of the cluster tightens nothing unseen. */
  readonly kubernetes: string;
  /**
   * How what lies in it is backed up: a schedule's name, or `none` with the reason.
   *
   * @default undecided, which a rule finds in zones that may store data
   */
  readonly backup?: BackupPlan;
}

/**
 * A namespace that is closed until something opens it: Pod Security `restricted` is enforced, no traffic passes in or out,
 * and the default service account hands out no token.
 *
 * Contract: the `kubernetes.io/metadata.name` label that flows select by is the API server's own and cannot be forged.
 */
export function guardedNamespace(props: GuardedNamespaceProps): readonly KubernetesObject[] {
  const name = "zone" in props.owner ? zoneNamespace(props.owner.zone) : layerNamespace(props.owner.layer);
  const owner = "zone" in props.owner ? { [LABELS.zone]: props.owner.zone } : { [LABELS.layer]: props.owner.layer };
  const podSecurity = Object.fromEntries(
    ["enforce", "audit", "warn"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, "restricted"],
      [`pod-security.kubernetes.io/${mode}-version`, `v${props.kubernetes}`],
    ]),
  );
  const { plan, reason } = props.backup ?? {};
  const labels = {
    ...owner,
    [LABELS.dataClass]: props.dataClass,
    ...podSecurity,
    ...(plan ? { [LABELS.backup]: plan } : {}),
  };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels, ...(reason ? { annotations: { [`${LABEL_DOMAIN}/backup-reason`]: reason } } : {}) },
    },
    silentDefaultServiceAccount(name),
    defaultDeny(name),
  ];
}

/** The service account that a pod gets when it names none, without a token to steal. */
export function silentDefaultServiceAccount(namespace: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", namespace },
    automountServiceAccountToken: false,
  };
}
