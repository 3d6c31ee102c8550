import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BhittiError } from "../messages/message.ts";
import { readEstate } from "./read.ts";

let outdir = "";
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), "estate-"));
});
afterEach(() => rmSync(outdir, { recursive: true, force: true }));

/** Writes an output folder as an App does: stacks with their resources, and more files by path. */
function write(
  stacks: Record<string, { resource?: unknown; dependencies?: string[] }>,
  files: Record<string, unknown> = {},
): void {
  const entries = Object.entries(stacks).map(([id, { dependencies = [] }]) => [
    id,
    { name: id, dependencies, synthesizedStackPath: `stacks/${id}/cdk.tf.json`, workingDirectory: `stacks/${id}` },
  ]);
  const all: Record<string, unknown> = {
    ...files,
    "manifest.json": { version: "0.21.0", stacks: Object.fromEntries(entries) },
    ...Object.fromEntries(
      Object.entries(stacks).map(([id, { resource = {} }]) => [`stacks/${id}/cdk.tf.json`, { resource }]),
    ),
  };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(outdir, path)), { recursive: true });
    writeFileSync(join(outdir, path), typeof content === "string" ? content : JSON.stringify(content));
  }
}

const namespace = (name: string) => ({ metadata: { name } });

test("stacks come after what they depend on, objects in the order of stack and address", () => {
  write({
    a: { resource: { kubernetes_namespace_v1: { z: namespace("z"), b: namespace("b") } }, dependencies: ["c"] },
    c: { resource: { kubernetes_namespace_v1: { y: namespace("y") } } },
  });
  const estate = readEstate(outdir, "test");
  expect(estate.environment).toBe("test");
  expect(estate.stacks).toEqual([
    { id: "c", dependencies: [] },
    { id: "a", dependencies: ["c"] },
  ]);
  expect(estate.objects.map((o) => `${o.stack} ${o.address} ${o.object.metadata.name}`)).toEqual([
    "c kubernetes_namespace_v1.y y",
    "a kubernetes_namespace_v1.b b",
    "a kubernetes_namespace_v1.z z",
  ]);
  expect(estate.undecoded).toEqual([]);
});

test("a stack tells where its state lies and which providers it needs", () => {
  const documents = {
    "stacks/s/cdk.tf.json": {
      terraform: { backend: { s3: { bucket: "b" } }, required_providers: { kubernetes: { source: "kubernetes" } } },
      provider: { kubernetes: [{}], aws: [{}] },
    },
    "stacks/t/cdk.tf.json": { terraform: { cloud: { organization: "o" } } },
  };
  write({ s: {}, t: {}, u: {} });
  for (const [path, document] of Object.entries(documents)) writeFileSync(join(outdir, path), JSON.stringify(document));
  expect(readEstate(outdir, "test").stacks).toEqual([
    {
      id: "s",
      dependencies: [],
      terraform: {
        backend: { type: "s3", settings: { bucket: "b" } },
        providers: [
          { name: "aws", source: "aws" },
          { name: "kubernetes", source: "kubernetes" },
        ],
      },
    },
    {
      id: "t",
      dependencies: [],
      terraform: { backend: { type: "cloud", settings: { organization: "o" } }, providers: [] },
    },
    { id: "u", dependencies: [] },
  ]);
});

test("positions come from the sidecar", () => {
  const position = { file: "environments/x.yaml", line: 3, column: 1 };
  write(
    { s: { resource: { kubernetes_namespace_v1: { z: namespace("z") } } } },
    { "sources.json": { s: { "kubernetes_namespace_v1.z": position } } },
  );
  expect(readEstate(outdir, "test").objects[0]?.position).toEqual(position);
});

test("what is no object, or not read, is told and not dropped", () => {
  write({
    s: {
      resource: {
        terraform_data: { did: {} },
        random_password: { p: { length: 8 } },
        aws_vpc: { v: {} },
        kubernetes_labels: { l: {} },
        kubernetes_cron_job: { c: {} },
        kubernetes_namespace_v1: {
          each: { for_each: "${var.names}", ...namespace("x") },
          none: { count: 0, ...namespace("x") },
        },
        helm_release: { far: { chart: "cilium", repository: "https://charts.example" } },
      },
    },
  });
  const { objects, undecoded } = readEstate(outdir, "test");
  expect(objects).toEqual([]);
  expect(undecoded.map((u) => `${u.address}: ${u.reason}`)).toEqual([
    "aws_vpc.v: unknown resource type aws_vpc",
    "helm_release.far: third-party chart: not rendered (it comes from a repository)",
    "kubernetes_cron_job.c: the provider sends batch/v1beta1, removed in Kubernetes 1.25",
    "kubernetes_labels.l: no Kubernetes object: it changes labels of an object that another owns",
    "kubernetes_namespace_v1.each: for_each: how many objects it makes is not known here",
  ]);
});

test("a literal count makes as many objects", () => {
  write({ s: { resource: { kubernetes_namespace_v1: { n: { count: 2, metadata: { name: "n-${count.index}" } } } } } });
  expect(readEstate(outdir, "test").objects.map((o) => [o.address, o.object.metadata.name])).toEqual([
    ["kubernetes_namespace_v1.n[0]", "n-0"],
    ["kubernetes_namespace_v1.n[1]", "n-1"],
  ]);
});

test("references within the stack are read, others are unknown", () => {
  write({
    s: {
      resource: {
        kubernetes_namespace_v1: { n: { metadata: { name: "apps", labels: { "a/b": "${local.x}" } } } },
        kubernetes_config_map_v1: {
          c: {
            metadata: {
              name: "c-${kubernetes_namespace_v1.n.metadata.0.name}",
              namespace: "${kubernetes_namespace_v1.n.metadata[0].name}",
              labels: "${kubernetes_namespace_v1.n.metadata[0].labels}",
            },
            data: {
              id: "${kubernetes_namespace_v1.n.id}",
              own: "${kubernetes_config_map_v1.c.id}",
              secret: "${random_password.p.result}",
              shell: "$${HOME} %%{x}",
              loop: "${kubernetes_config_map_v1.c.data.loop}",
            },
          },
        },
      },
    },
  });
  const [config] = readEstate(outdir, "test").objects;
  expect(config?.object).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c-apps", namespace: "apps", labels: { "a/b": "${local.x}" } },
    data: {
      id: "apps",
      own: "apps/c-apps",
      secret: "${random_password.p.result}",
      shell: "${HOME} %{x}",
      loop: "${kubernetes_config_map_v1.c.data.loop}",
    },
  });
  expect(config?.unknown).toEqual(['metadata.labels["a/b"]', "data.secret", "data.loop"]);
});

const RELEASE = { name: "c", namespace: "ns", chart: "assets/c/hash", create_namespace: true };
const chart = (files: Record<string, unknown>) => ({
  "stacks/s/assets/c/hash/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
  ...Object.fromEntries(Object.entries(files).map(([path, content]) => [`stacks/s/assets/c/hash/${path}`, content])),
});

test("a chart of plain objects is read, with Helm's namespace and the escaped braces", () => {
  const position = { file: "environments/x.yaml", line: 3, column: 1 };
  write(
    { s: { resource: { helm_release: { c: RELEASE } } } },
    {
      ...chart({
        "crds/a.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: a\n",
        "templates/b.yaml": `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"},"data":{"k":"{{ "{{" }} .x }}"}}`,
        "templates/NOTES.txt": "{{ .Release.Name }}",
      }),
      "sources.json": { s: { "helm_release.c#templates/b.yaml": position } },
    },
  );
  const { objects, undecoded } = readEstate(outdir, "test");
  expect(undecoded).toEqual([]);
  expect(objects.map((o) => [o.address, o.chartFile, o.object.kind, o.object.metadata.namespace])).toEqual([
    ["helm_release.c", undefined, "Namespace", undefined],
    ["helm_release.c", "crds/a.yaml", "CustomResourceDefinition", undefined],
    ["helm_release.c", "templates/b.yaml", "ConfigMap", "ns"],
  ]);
  expect(objects[2]?.object.data).toEqual({ k: "{{ .x }}" });
  expect(objects[2]?.position).toEqual(position);
});

test("a chart that needs Helm is told as not rendered", () => {
  const reasonFor = (release: unknown, files: Record<string, unknown>) => {
    write({ s: { resource: { helm_release: { c: release } } } }, chart(files));
    return readEstate(outdir, "test").undecoded.map((u) => u.reason);
  };
  const template = { "templates/b.yaml": "kind: {{ .Values.kind }}" };
  expect(reasonFor(RELEASE, template)).toEqual(["third-party chart: not rendered (templates/b.yaml is a template)"]);
  expect(reasonFor({ ...RELEASE, postrender: [{ binary_path: "x" }] }, {})).toEqual([
    "third-party chart: not rendered (a post-renderer changes it)",
  ]);
  expect(reasonFor({ ...RELEASE, chart: "../s/assets/c/hash/../../../../elsewhere" }, {})).toEqual([
    "third-party chart: not rendered (it is not in the stack's folder)",
  ]);
});

test("an object that is not there, or not whole, is a message with a way out", () => {
  expect(() => readEstate(join(outdir, "none"), "test")).toThrow(BhittiError);
  expect(() => readEstate(join(outdir, "none"), "test")).toThrow("run 'bhitti check test' first");
  write({ s: {} }, {});
  writeFileSync(join(outdir, "stacks/s/cdk.tf.json"), "{");
  expect(() => readEstate(outdir, "test")).toThrow("BH2002");
});
