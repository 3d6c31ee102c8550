import { layerNamespace, zoneNamespace } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Cluster } from "../../environments/model/files/clusters.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { IDENTITY_NAMESPACE, IDENTITY_PORT } from "../identity/identity.ts";
import { guardedNamespace } from "../namespace/namespace.ts";
import { DNS_OPENING, type Opening, openingPolicy } from "../network/policies.ts";
import { podLabels, workload } from "../workload/workload.ts";
import { envoyBootstrap, GATEWAY_PORT } from "./envoy.ts";
import { grantRecords } from "./grants.ts";

export const GATEWAY_NAMESPACE = layerNamespace("gateway");
const NAME = "gateway";

/** The national API hub of an environment: an Envoy that serves its published APIs, and the openings that it needs. */
export function gateway(environment: Environment, cluster: Cluster): readonly KubernetesObject[] {
  const { image, replicas, cpu, memory, clients } = environment.gateway;
  const clientRanges = environment.network.clients.filter((c) => clients.includes(c.name)).map((c) => c.cidr);
  const consumers = [...new Set(environment.apis.flatMap((api) => api.grants.map((g) => g.consumer)))].sort();
  const serving = { ports: [{ protocol: "TCP", port: GATEWAY_PORT }], pods: podLabels(NAME) } as const;
  const openings: Opening[] = [
    DNS_OPENING,
    { name: "allow-clients", direction: "ingress", peers: clientRanges.map((cidr) => ({ cidr })), ...serving },
    {
      name: "allow-identity",
      direction: "egress",
      peers: [{ namespace: IDENTITY_NAMESPACE }],
      ports: [{ protocol: "TCP", port: IDENTITY_PORT }],
    },
    ...consumers.map(
      (zone): Opening => ({
        name: `allow-consumer-${zone}`,
        direction: "ingress",
        peers: [{ namespace: zoneNamespace(zone) }],
        ...serving,
      }),
    ),
    ...environment.zones.flatMap((zone): Opening[] => {
      const published = new Set(environment.apis.filter((api) => api.zone === zone.name).map((api) => api.service));
      return zone.services
        .filter((service) => published.has(service.name))
        .map((service) => ({
          name: `allow-service-${zone.name}-${service.name}`,
          direction: "egress",
          peers: [{ namespace: zoneNamespace(zone.name), pods: podLabels(service.name) }],
          ports: [{ protocol: "TCP", port: service.port }],
        }));
    }),
  ];
  return [
    ...guardedNamespace({ owner: { layer: "gateway" }, dataClass: "confidential", kubernetes: cluster.kubernetes }),
    ...openings.map((opening) => openingPolicy(GATEWAY_NAMESPACE, opening)),
    ...grantRecords(environment),
    ...workload({
      namespace: GATEWAY_NAMESPACE,
      name: NAME,
      image,
      replicas,
      cpu,
      memory,
      port: GATEWAY_PORT,
      args: ["--config-path", "/etc/envoy/bootstrap.json"],
      files: {
        mountPath: "/etc/envoy",
        content: { "bootstrap.json": JSON.stringify(envoyBootstrap(environment), null, 2) },
      },
    }),
  ];
}
