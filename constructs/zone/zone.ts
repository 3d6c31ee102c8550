import { ZONE_FLOWS, zoneNamespace, zoneOwnersGroup } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Cluster } from "../../environments/model/files/clusters.ts";
import type { Zone } from "../../environments/model/files/zone.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { backupPlan } from "../backup/plan.ts";
import { guardedNamespace } from "../namespace/namespace.ts";
import { openingPolicy } from "../network/policies.ts";
import { placedWorkload } from "../workload/placed-workload.ts";
import { flowsOf } from "./flows.ts";
import { grantedFields } from "./granted.ts";
import { zoneOpenings } from "./openings.ts";

const OWNERS = "zone-owners";

/** What owners may do in their zone. Quota, limits, RBAC, the namespace and its labels are the platform's alone. */
const OWNER_RULES = [
  {
    apiGroups: [""],
    resources: ["configmaps", "persistentvolumeclaims", "pods", "secrets", "serviceaccounts", "services"],
    verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  },
  {
    apiGroups: [""],
    resources: ["events", "limitranges", "pods/log", "resourcequotas"],
    verbs: ["get", "list", "watch"],
  },
  {
    apiGroups: ["apps"],
    resources: ["deployments", "replicasets", "statefulsets"],
    verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  },
  {
    apiGroups: ["batch"],
    resources: ["cronjobs", "jobs"],
    verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  },
  {
    apiGroups: ["networking.k8s.io"],
    resources: ["networkpolicies"],
    verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  },
  {
    apiGroups: ["policy"],
    resources: ["poddisruptionbudgets"],
    verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  },
];

/**
 * A tenant's zone in one cluster: a closed namespace, its quota, the openings that were declared, its owners' rights, and
 * its services.
 */
export function zoneObjects(environment: Environment, zone: Zone, cluster: Cluster): readonly KubernetesObject[] {
  const namespace = zoneNamespace(zone.name);
  const openings = zoneOpenings(environment, zone, cluster.name);
  return [
    ...guardedNamespace({
      owner: { zone: zone.name },
      dataClass: zone.dataClass,
      kubernetes: cluster.kubernetes,
      backup: backupPlan(environment, zone.services),
    }),
    // With limits under a quota, a pod that states none is refused. A LimitRange would give it some unasked instead.
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "zone", namespace },
      spec: {
        hard: {
          "requests.cpu": zone.quota.cpu,
          "limits.cpu": zone.quota.cpu,
          "requests.memory": zone.quota.memory,
          "limits.memory": zone.quota.memory,
          pods: String(zone.quota.pods),
          "requests.storage": zone.quota.storage,
          // A tenant is reached through the gateway, and pays for no port or address of a node.
          "services.nodeports": "0",
          "services.loadbalancers": "0",
        },
      },
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: ZONE_FLOWS, namespace }, data: flowsOf(openings) },
    ...grantedFields(
      zone.name,
      environment.apis.filter((api) => api.zone === zone.name),
    ),
    ...openings.map((opening) => openingPolicy(namespace, opening)),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: OWNERS, namespace },
      rules: OWNER_RULES,
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: OWNERS, namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: OWNERS },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: zoneOwnersGroup(zone.name) }],
    },
    ...zone.services.flatMap((service) => {
      const { name, port } = service;
      return placedWorkload(environment, cluster.name, zone, service, { namespace, name, port });
    }),
  ];
}
