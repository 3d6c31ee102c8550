import type { HelmProvider } from "@cdktf/provider-helm/lib/provider/index.js";
import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { type ChartLock, type ChartName, lockedChart } from "../../charts/lock.ts";
import { type Mirror, mirrorChartRepository } from "../../charts/mirror.ts";
import { literalText } from "../terraform-text.ts";

/** A chart of somebody else's, installed once with our values. */
export interface ChartRelease<Values extends object = object> {
  readonly chart: ChartName;
  /** Name of the release in its namespace: `[a-z0-9-]`, and of the Terraform resource `helm_release.<release>`. */
  readonly release: string;
  /** Made before, by this stack or an earlier one. */
  readonly namespace: string;
  /** Only what differs from the chart's own values: plain data, no secrets. */
  readonly values: Values;
}

export interface ChartReleaseProps {
  readonly provider: HelmProvider;
  readonly lock: ChartLock;
  readonly mirror: Mirror;
  readonly dependsOn: ITerraformDependable[];
}

/**
 * A Helm release of a pinned chart, from the environment's own registry. Custom resource definitions are a stack of their own, so
 * it installs none. It does not wait, as no release here does: what a stack needs is its own statement.
 *
 * @throws BhittiError BH1302 where the lock does not pin the chart
 */
export function chartRelease(scope: Construct, stated: ChartRelease, props: ChartReleaseProps): Release {
  return new Release(scope, stated.release, {
    provider: props.provider,
    name: stated.release,
    namespace: stated.namespace,
    repository: mirrorChartRepository(props.mirror),
    chart: stated.chart,
    version: lockedChart(props.lock, stated.chart).version,
    values: [literalText(JSON.stringify(stated.values, null, 2))],
    skipCrds: true,
    wait: false,
    maxHistory: 5,
    dependsOn: props.dependsOn,
  });
}
