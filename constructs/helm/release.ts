import { createHash } from "node:crypto";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider/index.js";
import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { stringify } from "yaml";
import { groupOf, type KubernetesObject } from "../../kubernetes/object.ts";
import type { ClusterAccess } from "../kubernetes/provider.ts";

export function helmProvider(scope: Construct, access: ClusterAccess): HelmProvider {
  return new HelmProvider(scope, "helm", { kubernetes: { ...access } });
}

export interface LocalChartProps {
  readonly provider: HelmProvider;
  /** Where Helm keeps the release's record. */
  readonly namespace: string;
  /** What the chart installs, as it is: nothing in it is a template. */
  readonly objects: readonly KubernetesObject[];
  /** Makes a file of the stack, by its path within the stack's folder. */
  readonly write: (path: string, content: string) => void;
  readonly dependsOn: ITerraformDependable[];
}

/** File of an object within its chart, which is also the object's name in the estate. */
export const chartFile = (o: KubernetesObject): string =>
  `templates/${[o.kind.toLowerCase(), groupOf(o.apiVersion) || "core", o.metadata.namespace, o.metadata.name]
    .filter((part) => part !== undefined)
    .join("_")}.yaml`;

/**
 * Helm renders `templates/`, so a text of ours that holds `{{` (an alert's template, a log format) would be taken for
 * Helm's own. This is the one form that the estate's reader turns back.
 */
export const escapeTemplate = (yaml: string): string => yaml.replaceAll("{{", '{{ "{{" }}');

/**
 * A Helm release of a chart that Bhitti writes: the way to deploy kinds for which the Kubernetes bindings have no class,
 * without needing the cluster at plan time. The chart's folder is named by its content, so a changed object changes the
 * plan.
 *
 * It does not wait: what a stack needs before the next may follow is its own statement, and nodes may not exist.
 */
export function localChart(scope: Construct, name: string, props: LocalChartProps): Release {
  const files = new Map([
    // The version is part of every release's record; a constant keeps it from saying something about the content.
    ["Chart.yaml", stringify({ apiVersion: "v2", name, version: "1.0.0", type: "application" })],
    // JSON is YAML, and is read back a hundred times faster.
    ...props.objects.map(
      (object) => [chartFile(object), `${escapeTemplate(JSON.stringify(object, null, 2))}\n`] as const,
    ),
  ]);
  const chart = `assets/${name}-chart/${digestOf(files)}`;
  for (const [file, content] of files) props.write(`${chart}/${file}`, content);
  return new Release(scope, name, {
    provider: props.provider,
    name,
    namespace: props.namespace,
    chart,
    wait: false,
    maxHistory: 5,
    dependsOn: props.dependsOn,
  });
}

/** Of names and contents, in their order. */
function digestOf(files: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const [file, content] of files) hash.update(`${file}\0${content}\0`);
  return hash.digest("hex").slice(0, 32);
}
