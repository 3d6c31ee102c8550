import type { Environment } from "../../environments/model/environment.ts";
import type { FailureLevelName } from "../../environments/model/failure-level.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { callsCrossClusters, type Homed, replicasIn } from "../network/peers.ts";
import { type WorkloadProps, workload } from "./workload.ts";

/** What the environment says of a service, or of a component of the platform. */
export interface Sized extends Pick<WorkloadProps, "image" | "replicas" | "cpu" | "memory"> {
  readonly failure: FailureLevelName;
}

/**
 * A workload's part in one cluster: none where its failure level keeps it from standing there.
 *
 * @param home what names its clusters
 * @param props all that the environment does not say of it
 */
export function placedWorkload(
  environment: Environment,
  cluster: string,
  home: Homed,
  { image, cpu, memory, ...sized }: Sized,
  props: Omit<WorkloadProps, "image" | "replicas" | "cpu" | "memory" | "headless">,
): readonly KubernetesObject[] {
  const replicas = replicasIn(cluster, home, sized);
  if (replicas === undefined) return [];
  return workload({ ...props, image, cpu, memory, replicas, headless: callsCrossClusters(environment) });
}
