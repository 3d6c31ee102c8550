import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { EXIT } from "../contracts.ts";
import { BhittiError, compareMessages, type Message, message } from "../messages/message.ts";
import { COMMON_FORMATS, formatted, text } from "../yaml/formats.ts";
import { readSource } from "../yaml/read.ts";
import type { SourceFile } from "../yaml/source.ts";
import { validate } from "../yaml/validate.ts";

/** Charts of others that the platform is made of. A name that is not here does not compile. */
export const CHART_NAMES = [
  "cert-manager",
  "cilium",
  "cloudnative-pg",
  "cluster-api-operator",
  "external-secrets",
  "falco",
  "gateway-crds-helm",
  "gateway-helm",
  "harbor",
  "kube-prometheus-stack",
  "loki",
  "metal3",
  "openbao",
  "opensearch",
  "opensearch-dashboards",
  "plugin-barman-cloud",
  "trivy-operator",
  "vector",
  "velero",
] as const;
export type ChartName = (typeof CHART_NAMES)[number];

/** Path of the lock in a repository. */
export const CHART_LOCK = "charts/charts.lock.yaml";

const digest = (description: string) =>
  formatted("digest", /^sha256:[0-9a-f]{64}$/, description, [`sha256:${"0".repeat(64)}`]);

const image = z.strictObject({
  image: formatted(
    "image",
    /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)+:[A-Za-z0-9_][A-Za-z0-9._-]*$/,
    "Registry, path and tag as the chart's makers name it.",
    ["quay.io/cilium/cilium:v1.20.0"],
  ),
  digest: digest("What the tag meant when it was looked up.").exactOptional(),
  source: text("Where the digest was read.", "values.yaml of the chart").exactOptional(),
});

const render = z.strictObject({
  release: text("Name of the Helm release, or `crds` for the chart's custom resource definitions.", "cilium"),
  inputs: digest(
    "Of the chart, the release, its namespace and values, and the cluster's versions; also names the file.",
  ),
  output: digest("Of the file in charts/rendered."),
});

const chart = z.strictObject({
  name: z.enum(CHART_NAMES).meta({ description: "The chart's own name.", examples: ["cilium"] }),
  repository: formatted(
    "chart-repository",
    /^(https|oci):\/\/[a-z0-9][a-z0-9./-]*[a-z0-9]$/,
    "Where its makers publish it.",
    ["https://helm.cilium.io", "oci://quay.io/jetstack/charts"],
  ),
  version: formatted("chart-version", /^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?$/, "Exactly one version.", ["1.20.0"]),
  digest: digest(
    "SHA-256 of the packaged chart. Absent: nobody has looked it up; the chart is not evaluated.",
  ).exactOptional(),
  appVersion: text("Version of what it installs.", "1.20.0"),
  licence: formatted(
    "spdx",
    /^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$/,
    "SPDX expression of the chart and of what it installs.",
    ["Apache-2.0"],
  ),
  source: text("Where these lines were read.", "index.yaml of the chart's repository"),
  provides: z
    .array(
      formatted(
        "kind",
        /^[a-z0-9.-]+\.[a-z0-9.-]+\/v\d+((alpha|beta)\d+)?\/[A-Z][A-Za-z0-9]*$/,
        "Group, version and kind.",
        ["postgresql.cnpg.io/v1/Cluster"],
      ),
    )
    .meta({ description: "Kinds that its custom resource definitions make known. Other charts ask for them." })
    .exactOptional(),
  images: z.array(image).meta({ description: "Every image that it may run." }),
  renders: z
    .array(render)
    .meta({ description: "Renderings that were checked in; 'bhitti charts render' writes them." })
    .exactOptional(),
});

/** The schema of charts.lock.yaml. */
export const CHART_LOCK_FILE = z
  .strictObject({ charts: z.array(chart) })
  .meta({ title: "Charts of others, pinned: package, images and renderings by digest" });

export type LockedChart = Readonly<z.infer<typeof chart>>;
export type LockedImage = Readonly<z.infer<typeof image>>;
export type LockedRender = Readonly<z.infer<typeof render>>;

/** What was looked at before it may run: each chart once. */
export interface ChartLock {
  readonly charts: readonly LockedChart[];
}

const repository = fileURLToPath(new URL("..", import.meta.url));

/**
 * The chart lock of a repository.
 *
 * @throws BhittiError BH1300 where there is none; else with every fault of the file, each with its position
 */
export function loadChartLock(root: string = repository): ChartLock {
  if (!existsSync(join(root, CHART_LOCK)))
    throw new BhittiError(message("BH1300", { path: CHART_LOCK }), EXIT.badInput);
  const source = readSource(root, CHART_LOCK);
  const formats = {
    ...COMMON_FORMATS,
    digest: [
      "BH1025",
      () => "write sha256: and 64 hexadecimal digits, as the registry or repository tells it",
    ] as const,
  };
  const checked = validate(source, CHART_LOCK_FILE, formats);
  const faults = checked.data ? lockFaults(checked.data, source) : [];
  const messages = [...source.messages, ...checked.messages, ...faults];
  if (messages.length > 0 || !checked.data) throw new BhittiError([...messages].sort(compareMessages));
  return checked.data;
}

/** What a schema cannot say: each chart stands once, and each of its images. */
function lockFaults({ charts }: ChartLock, source: SourceFile): Message[] {
  const twice = (names: readonly string[], path: (i: number) => readonly PropertyKey[]): Message[] =>
    names.flatMap((name, i) =>
      names.indexOf(name) < i ? [message("BH1301", { name, path: CHART_LOCK }, source.valueAt(path(i)))] : [],
    );
  return [
    ...twice(
      charts.map((c) => c.name),
      (i) => ["charts", i, "name"],
    ),
    ...charts.flatMap((c, i) =>
      twice(
        c.images.map((entry) => entry.image),
        (j) => ["charts", i, "images", j, "image"],
      ),
    ),
  ];
}

/** @throws BhittiError BH1302 where the lock does not pin the chart */
export function lockedChart(lock: ChartLock, name: ChartName): LockedChart {
  const found = lock.charts.find((c) => c.name === name);
  if (!found) throw new BhittiError(message("BH1302", { chart: name, path: CHART_LOCK }), EXIT.badInput);
  return found;
}
