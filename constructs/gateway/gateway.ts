import { layerNamespace, zoneNamespace } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Cluster } from "../../environments/model/files/clusters.ts";
import { highest, inForce } from "../../environments/model/hub/grants.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { IDENTITY_NAMESPACE, IDENTITY_PORT } from "../identity/identity.ts";
import { guardedNamespace } from "../namespace/namespace.ts";
import { type Homed, peersOf } from "../network/peers.ts";
import { DNS_OPENING, type Opening, openingPolicy } from "../network/policies.ts";
import { placedWorkload } from "../workload/placed-workload.ts";
import { podLabels } from "../workload/workload.ts";
import { envoyBootstrap, GATEWAY_PORT } from "./envoy.ts";
import { grantRecords } from "./grants.ts";

export const GATEWAY_NAMESPACE = layerNamespace("gateway");
const NAME = "gateway";

/** The national API hub of an environment: an Envoy that serves its published APIs, and the openings that it needs. */
export function gateway(environment: Environment, cluster: Cluster): readonly KubernetesObject[] {
  const { clients } = environment.gateway;
  const peers = (home: Homed, namespace: string, pods?: Readonly<Record<string, string>>) =>
    peersOf(environment, cluster.name, [{ home, namespace, ...(pods ? { pods } : {}) }]);
  const clientRanges = environment.network.clients.filter((c) => clients.includes(c.name)).map((c) => c.cidr);
  const granted = new Set(environment.apis.flatMap((api) => inForce(api).map((g) => g.consumer)));
  // Whatever an API carries passes through here.
  const dataClass = highest(["confidential", ...environment.apis.map((api) => api.dataClass)]);
  const serving = { ports: [{ protocol: "TCP", port: GATEWAY_PORT }], pods: podLabels(NAME) } as const;
  const openings: Opening[] = [
    DNS_OPENING,
    { name: "allow-clients", direction: "ingress", peers: clientRanges.map((cidr) => ({ cidr })), ...serving },
    {
      name: "allow-identity",
      direction: "egress",
      peers: peers(environment.identity, IDENTITY_NAMESPACE),
      ports: [{ protocol: "TCP", port: IDENTITY_PORT }],
    },
    ...environment.zones
      .filter((zone) => granted.has(zone.name))
      .map(
        (zone): Opening => ({
          name: `allow-consumer-${zone.name}`,
          direction: "ingress",
          peers: peers(zone, zoneNamespace(zone.name)),
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
          peers: peers(zone, zoneNamespace(zone.name), podLabels(service.name)),
          ports: [{ protocol: "TCP", port: service.port }],
        }));
    }),
  ];
  return [
    ...guardedNamespace({ owner: { layer: "gateway" }, dataClass, kubernetes: cluster.kubernetes }),
    ...openings.map((opening) => openingPolicy(GATEWAY_NAMESPACE, opening)),
    ...grantRecords(environment),
    ...placedWorkload(environment, cluster.name, environment.gateway, environment.gateway, {
      namespace: GATEWAY_NAMESPACE,
      name: NAME,
      port: GATEWAY_PORT,
      args: ["--config-path", "/etc/envoy/bootstrap.json"],
      files: {
        mountPath: "/etc/envoy",
        content: { "bootstrap.json": JSON.stringify(envoyBootstrap(environment, cluster.name), null, 2) },
      },
    }),
  ];
}
