import { layerNamespace } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Cluster } from "../../environments/model/files/clusters.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { backupPlan } from "../backup/plan.ts";
import { GATEWAY_NAMESPACE } from "../gateway/gateway.ts";
import { IDENTITY_NAMESPACE } from "../identity/identity.ts";
import { guardedNamespace } from "../namespace/namespace.ts";
import { peersOf } from "../network/peers.ts";
import { openingPolicy } from "../network/policies.ts";
import { placedWorkload } from "../workload/placed-workload.ts";
import { podLabels } from "../workload/workload.ts";
import { sinkPipeline } from "./vector.ts";

export const SOC_NAMESPACE = layerNamespace("soc");
export const SINK_PORT = 8686;
const NAME = "log-sink";

/**
 * The SOC's log sink: Vector, which takes events over HTTP, masks personal data and keeps one file a
 * log class and day. The retention is stated beside the pipeline; nothing deletes by it yet.
 */
export function soc(environment: Environment, cluster: Cluster): readonly KubernetesObject[] {
  const { storage, retention } = environment.soc.sink;
  const classes = retention.map((r) => r.logs).sort();
  return [
    ...guardedNamespace({
      owner: { layer: "soc" },
      dataClass: "restricted",
      kubernetes: cluster.kubernetes,
      backup: backupPlan(environment, [environment.soc.sink]),
    }),
    openingPolicy(SOC_NAMESPACE, {
      name: "allow-log-sources",
      direction: "ingress",
      peers: peersOf(environment, cluster.name, [
        { home: environment.gateway, namespace: GATEWAY_NAMESPACE },
        { home: environment.identity, namespace: IDENTITY_NAMESPACE },
      ]),
      ports: [{ protocol: "TCP", port: SINK_PORT }],
      pods: podLabels(NAME),
    }),
    ...placedWorkload(environment, cluster.name, environment.soc.sink, environment.soc.sink, {
      namespace: SOC_NAMESPACE,
      name: NAME,
      port: SINK_PORT,
      args: ["--config", "/etc/vector/vector.json"],
      files: {
        mountPath: "/etc/vector",
        content: {
          "vector.json": JSON.stringify(sinkPipeline(SINK_PORT, classes), null, 2),
          "retention.json": JSON.stringify(
            retention.map(({ logs, keep }) => ({ logs, keep })),
            null,
            2,
          ),
        },
      },
      scratch: { logs: { mountPath: "/var/lib/vector", sizeLimit: storage } },
    }),
  ];
}
