import { layerNamespace } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Cluster } from "../../environments/model/files/clusters.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { backupPlan } from "../backup/plan.ts";
import { guardedNamespace } from "../namespace/namespace.ts";
import { peersOf, serviceHost } from "../network/peers.ts";
import { DNS_OPENING, openingPolicy } from "../network/policies.ts";
import { placedWorkload } from "../workload/placed-workload.ts";
import { podLabels } from "../workload/workload.ts";
import { realmImport } from "./realm.ts";

export const IDENTITY_NAMESPACE = layerNamespace("identity");
export const IDENTITY_PORT = 8080;
const NAME = "keycloak";

/** Name of the identity service as pods of every cluster know it. */
export const identityAddress = (environment: Environment): string =>
  serviceHost(environment, environment.identity.cluster, IDENTITY_NAMESPACE, NAME);

/** Issuer of a realm's tokens, as its users see it. */
export const issuerOf = (environment: Environment, realm: string): string =>
  `https://${environment.identity.host}/realms/${realm}`;

/**
 * Keycloak with the environment's realms imported at its first start.
 *
 * In this version it keeps its data in its own pod and has no administrator: good for a disposable environment only, and
 * the loader refuses no other because none exists yet. Later changes of a realm reach a running Keycloak only once it is
 * restarted empty.
 */
export function identity(environment: Environment, cluster: Cluster): readonly KubernetesObject[] {
  const { host } = environment.identity;
  const gateway = layerNamespace("gateway");
  return [
    ...guardedNamespace({
      owner: { layer: "identity" },
      dataClass: "restricted",
      kubernetes: cluster.kubernetes,
      backup: backupPlan(environment, [environment.identity]),
    }),
    openingPolicy(IDENTITY_NAMESPACE, DNS_OPENING),
    openingPolicy(IDENTITY_NAMESPACE, {
      name: "allow-gateway",
      direction: "ingress",
      peers: peersOf(environment, cluster.name, [{ home: environment.gateway, namespace: gateway }]),
      ports: [{ protocol: "TCP", port: IDENTITY_PORT }],
      pods: podLabels(NAME),
    }),
    ...environment.identitySources.map((source) =>
      openingPolicy(IDENTITY_NAMESPACE, {
        name: `allow-identity-source-${source.name}`,
        direction: "egress",
        peers: [{ cidr: source.cidr }],
        ports: [{ protocol: "TCP", port: 443 }],
        pods: podLabels(NAME),
      }),
    ),
    ...placedWorkload(environment, cluster.name, environment.identity, environment.identity, {
      namespace: IDENTITY_NAMESPACE,
      name: NAME,
      port: IDENTITY_PORT,
      args: ["start-dev", "--import-realm"],
      env: {
        KC_HOSTNAME: `https://${host}`,
        KC_HTTP_PORT: String(IDENTITY_PORT),
        KC_PROXY_HEADERS: "xforwarded",
      },
      files: {
        mountPath: "/opt/keycloak/data/import",
        content: Object.fromEntries(
          environment.realms.map((realm) => [
            `${realm.name}.json`,
            JSON.stringify(realmImport(environment, realm), null, 2),
          ]),
        ),
      },
      scratch: {
        database: { mountPath: "/opt/keycloak/data/h2", sizeLimit: "1Gi" },
        temporary: { mountPath: "/tmp", sizeLimit: "256Mi" },
      },
    }),
  ];
}
