import type { Environment } from "../../environments/model/environment.ts";
import type { Zone } from "../../environments/model/files/zone.ts";
import { mayCall } from "../../environments/model/hub/grants.ts";
import { GATEWAY_PORT } from "../gateway/envoy.ts";
import { GATEWAY_NAMESPACE } from "../gateway/gateway.ts";
import { peersOf } from "../network/peers.ts";
import { DNS_OPENING, type Opening } from "../network/policies.ts";
import { podLabels } from "../workload/workload.ts";

/**
 * Everything that a zone may reach and be reached by, from what the environment declares and nothing else: its own pods,
 * DNS, the gateway where it publishes or has a grant in force, and its declared egress. Its NetworkPolicies and the limits
 * that admission sets to its owners' policies both come from this list.
 *
 * @param cluster the one whose part of the zone they are for
 */
export function zoneOpenings(environment: Environment, zone: Zone, cluster: string): readonly Opening[] {
  const gateway = peersOf(environment, cluster, [{ home: environment.gateway, namespace: GATEWAY_NAMESPACE }]);
  const published = new Set(environment.apis.filter((api) => api.zone === zone.name).map((api) => api.service));
  const consumes = environment.apis.some((api) => mayCall(zone.name, api));
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
          peers: gateway,
          ports: [{ protocol: "TCP", port: service.port }],
          pods: podLabels(service.name),
        }),
      ),
    ...(consumes
      ? [
          {
            name: "allow-api-hub",
            direction: "egress",
            peers: gateway,
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
