import { LABELS, layerNamespace } from "../../contracts.ts";
import { seconds } from "../../environments/model/duration.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { BackupPolicy } from "../../environments/model/files/backup.ts";
import type { Cluster } from "../../environments/model/files/clusters.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { guardedNamespace } from "../namespace/namespace.ts";
import { namespacesOf } from "./plan.ts";

export const BACKUP_NAMESPACE = layerNamespace("backup");
/** Velero's API (v1), from Velero 1.4 on. */
const VELERO = "velero.io/v1";
/** Where Velero looks for the key to a store: made by hand, since no secret is in git. */
const CREDENTIAL = { name: "backup-store", key: "cloud" };

type Target = Environment["backup"]["targets"][number];

/** What is backed up in a cluster, and where to: one schedule a policy and store. */
interface Scheduled {
  readonly name: string;
  readonly policy: BackupPolicy;
  readonly target: Target;
  readonly namespaces: readonly string[];
}

/** The closed namespace that Velero and its objects are in; nothing where nothing of the cluster is backed up. */
export const backupNamespace = (environment: Environment, cluster: Cluster): readonly KubernetesObject[] =>
  scheduledIn(environment, cluster).length > 0
    ? guardedNamespace({ owner: { layer: "backup" }, dataClass: "restricted", kubernetes: cluster.kubernetes })
    : [];

/**
 * Velero's stores and schedules of a cluster. Velero itself, and the CRDs of these kinds, are not the platform's to install
 * yet: the cluster has to have them.
 */
export function backupObjects(environment: Environment, cluster: Cluster): readonly KubernetesObject[] {
  const scheduled = scheduledIn(environment, cluster);
  const targets = new Map(scheduled.map(({ target }) => [target.name, target]));
  return [
    ...[...targets.values()].map((target) => storageLocation(environment, cluster, target)),
    ...scheduled.map(schedule),
  ];
}

/** The first store of a policy gives the schedule the policy's name, by which namespaces and claims name it. */
function scheduledIn(environment: Environment, cluster: Cluster): readonly Scheduled[] {
  const { targets, policies } = environment.backup;
  return policies.flatMap((policy) => {
    const namespaces = namespacesOf(environment, cluster.name, policy);
    if (namespaces.length === 0) return [];
    // A copy at the cluster's own site is lost with the site; Velero writes to object stores only.
    const stores = targets.filter(
      ({ name, site, kind }) => policy.copies.includes(name) && site !== cluster.site && kind === "object-store",
    );
    return stores.map((target, i) => ({
      name: i === 0 ? policy.name : `${policy.name}-${target.name}`,
      policy,
      target,
      namespaces,
    }));
  });
}

const storageLocation = (environment: Environment, cluster: Cluster, target: Target): KubernetesObject => ({
  apiVersion: VELERO,
  kind: "BackupStorageLocation",
  metadata: {
    name: target.name,
    namespace: BACKUP_NAMESPACE,
    labels: {
      [LABELS.site]: target.site,
      [LABELS.country]: environment.sites.find((site) => site.name === target.site)?.country ?? "",
    },
  },
  spec: {
    provider: "aws",
    accessMode: "ReadWrite",
    objectStorage: { bucket: `${environment.name}-${cluster.name}` },
    // Stores of one's own take any region, and Velero wants one.
    config: { region: target.site, s3ForcePathStyle: "true", s3Url: `https://${target.name}.${environment.domain}` },
    credential: CREDENTIAL,
  },
});

const schedule = ({ name, policy, target, namespaces }: Scheduled): KubernetesObject => ({
  apiVersion: VELERO,
  kind: "Schedule",
  metadata: { name, namespace: BACKUP_NAMESPACE },
  spec: {
    schedule: `@every ${goDuration(policy.every)}`,
    useOwnerReferencesInBackup: false,
    template: {
      ttl: goDuration(policy.keep),
      includedNamespaces: [...namespaces],
      storageLocation: target.name,
      // Volumes' contents go to the store too: a snapshot beside the volume is lost with it.
      snapshotMoveData: true,
    },
  },
});

/** Go's durations know no days. */
const goDuration = (duration: string): string => {
  const all = seconds(duration);
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  return `${hours}h${minutes}m${rest}s`;
};
