import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DataKubernetesNamespaceV1 } from "@cdktf/provider-kubernetes/lib/data-kubernetes-namespace-v1/index.js";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1/index.js";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider/index.js";
import { ResourceQuotaV1 } from "@cdktf/provider-kubernetes/lib/resource-quota-v1/index.js";
import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1/index.js";
import {
  App,
  AssetType,
  DataResource,
  DataTerraformRemoteStateLocal,
  Fn,
  LocalBackend,
  TerraformAsset,
  TerraformIterator,
  TerraformLocal,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
} from "cdktf";
import { Construct } from "constructs";
import { afterAll, expect, test } from "vitest";
import { LeanStack } from "./lean-stack.ts";

const scratch = mkdtempSync(join(tmpdir(), "bhitti-lean-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Synthesizes a stack that uses about every feature of cdktf; returns the bytes of both stacks. */
function synthesizeRich(name: string, Stack: typeof TerraformStack): string[] {
  const outdir = join(scratch, name);
  const app = new App({ outdir, skipValidation: true, stackTraces: false });
  const stack = new Stack(app, "rich");
  new LocalBackend(stack, { path: "x.tfstate" });
  new KubernetesProvider(stack, "k8s", { configPath: "a" });
  const aliased = new KubernetesProvider(stack, "k8s2", {
    alias: "b",
    configPath: "b",
    exec: [{ apiVersion: "v1", command: "x", args: ["1"] }],
  });
  const group = new Construct(stack, "group");
  const variable = new TerraformVariable(stack, "var", {
    type: "string",
    default: "d",
    sensitive: true,
    validation: [{ condition: true, errorMessage: "no" }],
  });
  const remote = new DataTerraformRemoteStateLocal(stack, "remote", { path: "../y.tfstate" });
  const local = new TerraformLocal(stack, "loc", { a: { cpu: 1 }, b: { cpu: 2 } });
  const iterator = TerraformIterator.fromMap(local.asAnyMap);
  const namespace = new NamespaceV1(group, "ns", {
    metadata: {
      name: `pre-${variable.stringValue}-x`,
      labels: { a: remote.getString("out"), n: "1e5", e: "" },
      annotations: {},
    },
    provider: aliased,
    lifecycle: { preventDestroy: true, ignoreChanges: ["metadata[0].labels"] },
  });
  namespace.addOverride("metadata.labels.over", "1");
  namespace.addOverride("metadata.x", null);
  const each = new NamespaceV1(group, "each", { forEach: iterator, metadata: { name: iterator.key } });
  new ResourceQuotaV1(group, "q", {
    metadata: { name: "q", namespace: namespace.metadata.name },
    spec: { hard: { cpu: iterator.getString("cpu"), pods: "10" }, scopes: [Fn.join("-", ["a", namespace.id])] },
    dependsOn: [namespace, each],
    count: 2,
  });
  new SecretV1(group, "sec", {
    metadata: { name: "s" },
    data: { k: Fn.base64encode(Fn.jsonencode({ a: [1, namespace.id, { b: true }] })), raw: "x ${not} y" },
    immutable: false,
    dependsOn: [],
  });
  new DataKubernetesNamespaceV1(group, "dns", { metadata: { name: namespace.metadata.name } });
  const data = new DataResource(stack, "d", {
    input: {
      n: 1.5,
      neg: -3,
      z: 0,
      big: 1e21,
      arr: [1, 2],
      nested: [{ a: undefined, b: null }],
      empty: [],
      token: Fn.lengthOf(Fn.split(",", "a,b,c")),
    },
    triggersReplace: { t: [namespace.id] },
  });
  const asset = new TerraformAsset(stack, "asset", {
    path: fileURLToPath(new URL("../tsconfig.json", import.meta.url)),
    type: AssetType.FILE,
  });
  new TerraformOutput(group, "o1", {
    value: { list: [namespace.id, "b"], n: Fn.lengthOf(Fn.split(",", "a,b")), path: asset.path },
    description: "x",
    dependsOn: [data],
  });
  new TerraformOutput(stack, "o2", { value: data.output, staticId: true, sensitive: true });
  stack.addOverride("terraform.required_version", ">= 1.11");
  stack.addOverride("resource.terraform_data.extra", { input: namespace.id });
  const plain = new Stack(app, "plain");
  new LocalBackend(plain, { path: "y.tfstate" });
  new DataResource(plain, "x", { input: { v: `\${path.module}` } });
  app.synth();
  return ["rich", "plain"].map((id) => readFileSync(join(outdir, "stacks", id, "cdk.tf.json"), "utf8"));
}

test("a lean stack gives plain cdktf's output byte for byte", () => {
  const plain = synthesizeRich("plain", TerraformStack);
  const lean = synthesizeRich("lean", LeanStack);

  expect(lean).toEqual(plain);
  expect(plain[0]).toContain("kubernetes_resource_quota_v1");
  expect(plain[0]).toContain("for_each");
});

test("a lean stack refuses a value of another stack instead of writing an address that is not there", () => {
  const app = new App({ outdir: join(scratch, "cross"), skipValidation: true, stackTraces: false });
  const first = new LeanStack(app, "first");
  const source = new DataResource(first, "source", { input: { value: "x" } });
  const second = new LeanStack(app, "second");
  new DataResource(second, "sink", { input: { value: source.output } });

  expect(() => app.synth()).toThrow(/refers to a value of stack 'first'/);
});
