import { LABELS, layerNamespace } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Cluster } from "../../environments/model/files/clusters.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { guardedNamespace, silentDefaultServiceAccount } from "../namespace/namespace.ts";
import { defaultDeny } from "./policies.ts";

/** The ConfigMap that says where a cluster stands and which ranges it has, for whatever runs in it or judges it. */
export const CLUSTER_NETWORK = "cluster-network";

/**
 * What holds in a cluster before anything runs in it: its address plan, and a closed `default` namespace, into which
 * people deploy by mistake.
 */
export function clusterNetwork(environment: Environment, cluster: Cluster): readonly KubernetesObject[] {
  const plan = environment.network.clusters.find((c) => c.cluster === cluster.name);
  const country = environment.sites.find((site) => site.name === cluster.site)?.country;
  const namespace = layerNamespace("network");
  return [
    ...guardedNamespace({ owner: { layer: "network" }, dataClass: "internal", kubernetes: cluster.kubernetes }),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: CLUSTER_NETWORK, namespace, labels: { [LABELS.layer]: "network" } },
      data: {
        site: cluster.site,
        ...(country ? { country } : {}),
        cluster: cluster.name,
        ...(plan
          ? { nodes: plan.nodes, pods: plan.pods, services: plan.services, dns: plan.dns, dnsDomain: plan.dnsDomain }
          : {}),
        clients: environment.network.clients.map((c) => `${c.name}=${c.cidr}`).join("\n"),
      },
    },
    silentDefaultServiceAccount("default"),
    defaultDeny("default"),
  ];
}
