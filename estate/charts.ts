import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { kindInfo } from "../kubernetes/kinds.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { type Decoded, isObject } from "./decode.ts";
import { isRecord, type ResourceBody } from "./references.ts";
import { evaluate, type Lookup } from "./template.ts";

/** What one file of a chart says. `chartFile` is its path within the chart. */
export type DecodedChartFile = Decoded & { readonly chartFile?: string };

/** How text that is not a template says `{{` in a file that Helm renders. The writer of generated charts puts it in. */
const ESCAPED_ACTION = '{{ "{{" }}';

/** Reasons are looked for by people and rules: a third-party chart is always this one. */
export const NOT_RENDERED = "third-party chart: not rendered";

/**
 * Reads a `helm_release` whose chart is a folder of the stack that holds plain objects: no template action, no dependency,
 * nothing that changes what Helm would send. All other charts are told as not rendered.
 *
 * @param folder the stack's folder, which the chart's path is relative to
 */
export function decodeChart(body: ResourceBody, folder: string, lookup: Lookup): readonly DecodedChartFile[] {
  const none = (detail: string): readonly DecodedChartFile[] => [
    { unknown: [], undecoded: [`${NOT_RENDERED} (${detail})`] },
  ];
  if (typeof body.repository === "string" && body.repository !== "") return none("it comes from a repository");
  if (isSet(body.postrender)) return none("a post-renderer changes it");
  const chart = typeof body.chart === "string" ? localFolder(folder, body.chart) : undefined;
  if (!chart) return none("it is not in the stack's folder");
  const stated = typeof body.namespace === "string" ? evaluate(body.namespace, lookup) : undefined;
  if (stated && !stated.known) return none("its namespace is unknown");
  const namespace = stated && stated.value !== "" ? String(stated.value) : "default";
  const files = readChart(chart, body.skip_crds === true);
  if (typeof files === "string") return none(files);
  const created = body.create_namespace === true ? [{ ...EMPTY, object: namespaceMadeByHelm(namespace) }] : [];
  return [...created, ...files.flatMap((file) => decodeFile(file, namespace))];
}

const EMPTY = { unknown: [], undecoded: [] } as const;

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/** Helm makes the namespace with this label before it sends anything else. */
const namespaceMadeByHelm = (name: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: { name } },
});

/** The chart's folder, where it is one within the stack's own. */
function localFolder(folder: string, chart: string): string | undefined {
  const path = resolve(folder, chart.replace(/^\$\{path\.(module|root)\}\//, ""));
  const within = relative(resolve(folder), path);
  if (within === "" || within.startsWith(`..${sep}`) || within === "..") return undefined;
  return existsSync(join(path, "Chart.yaml")) && statSync(path).isDirectory() ? path : undefined;
}

interface ChartFile {
  readonly path: string;
  readonly text: string;
}

/** The files that Helm would send, with their texts as rendered; or why they need Helm. */
function readChart(chart: string, skipCrds: boolean): readonly ChartFile[] | string {
  const description: unknown = parse(readFileSync(join(chart, "Chart.yaml"), "utf8"));
  if (isRecord(description) && isSet(description.dependencies)) return "it depends on other charts";
  if (existsSync(join(chart, "charts"))) return "it depends on other charts";
  const files: ChartFile[] = [];
  for (const path of skipCrds ? [] : yamlFiles(chart, "crds")) {
    files.push({ path, text: readFileSync(join(chart, path), "utf8") });
  }
  for (const path of yamlFiles(chart, "templates")) {
    const text = readFileSync(join(chart, path), "utf8");
    const parts = text.split(ESCAPED_ACTION);
    if (parts.some((part) => part.includes("{{"))) return `${path} is a template`;
    files.push({ path, text: parts.join("{{") });
  }
  return files;
}

/** Files of a folder that Helm reads as manifests, sorted. `_…` are partials, `NOTES.txt` is for people. */
function yamlFiles(chart: string, folder: string): readonly string[] {
  if (!existsSync(join(chart, folder))) return [];
  return readdirSync(join(chart, folder), { withFileTypes: true, recursive: true })
    .filter((e) => e.isFile() && !e.name.startsWith("_") && e.name !== "NOTES.txt")
    .map((e) => relative(chart, join(e.parentPath, e.name)).split(sep).join("/"))
    .sort();
}

function decodeFile(file: ChartFile, namespace: string): readonly DecodedChartFile[] {
  const chartFile = file.path;
  const refuse = (reason: string): DecodedChartFile => ({
    chartFile,
    unknown: [],
    undecoded: [`${chartFile}: ${reason}`],
  });
  const documents = parseDocuments(file.text);
  if (!documents) return [refuse("no YAML")];
  return documents
    .filter((document) => document !== null && document !== undefined)
    .flatMap((document) => (isRecord(document) && Array.isArray(document.items) ? document.items : [document]))
    .map((document) =>
      isObject(document)
        ? { ...EMPTY, chartFile, object: inNamespace(document, namespace) }
        : refuse("no Kubernetes object"),
    );
}

/** JSON is what generated charts hold, and is much faster to read than YAML. */
function parseDocuments(text: string): readonly unknown[] | undefined {
  if (text.startsWith("{")) {
    try {
      return [JSON.parse(text)];
    } catch {
      // Flow-style YAML may start the same way.
    }
  }
  const documents = parseAllDocuments(text, { prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  return documents.some((d) => d.errors.length > 0) ? undefined : documents.map((d) => d.toJS() as unknown);
}

/** Helm sends objects that name no namespace into the release's. */
function inNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  const scope = kindInfo(object.apiVersion, object.kind);
  if (!scope?.namespaced || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
