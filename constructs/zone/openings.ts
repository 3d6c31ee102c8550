import type { Environment } from "../../environments/model/environment.ts";
import type { Zone } from "../../environments/model/files/zone.ts";
import { GATEWAY_PORT } from "../gateway/envoy.ts";
import { GATEWAY_NAMESPACE } from "../gateway/gateway.ts";
import { DNS_OPENING, type Opening } from "../network/policies.ts";
import { podLabels } from "../workload/workload.ts";

/**
 * Everything that a zone may reach and be reached by, from what the environment declares and nothing else: its own pods,
 * DNS, the gateway where it publishes or is granted an API, and its declared egress. Its NetworkPolicies and the limits
 * that admission sets to its owners' policies both come from this list.
 */
export function zoneOpenings(environment: Environment, zone: Zone): readonly Opening[] {
  const published = new Set(environment.apis.filter((api) => api.zone === zone.name).map((api) => api.service));
  const consumes = environment.apis.some((api) => api.grants.some((g) => g.consumer === zone.name));
  return [
    DNS_OPENING,
    { name: "allow-own-ingress", direction: "ingress", peers: ["own"] },
    { name: "allow-own-egress", direction: "egress", peers: ["own"] },
    ...zone.services
      .filter((service) => published.has(service.name))
      .map(
        (service): Opening => ({
          name: `allow-gateway-${service.name}`,
          direction: "ingress",
          peers: [{ namespace: GATEWAY_NAMESPACE }],
          ports: [{ protocol: "TCP", port: service.port }],
          pods: podLabels(service.name),
        }),
      ),
    ...(consumes
      ? [
          {
            name: "allow-api-hub",
            direction: "egress",
            peers: [{ namespace: GATEWAY_NAMESPACE }],
            ports: [{ protocol: "TCP", port: GATEWAY_PORT }],
          } satisfies Opening,
        ]
      : []),
    ...zone.egress.map(
      (egress): Opening => ({
        name: `allow-egress-${egress.name}`,
        direction: "egress",
        peers: [{ cidr: egress.cidr }],
        ports: [{ protocol: egress.protocol, port: egress.port }],
      }),
    ),
  ];
}
