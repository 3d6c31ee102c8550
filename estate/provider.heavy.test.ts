import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider/index.js";
import { KubeConfig } from "@kubernetes/client-node";
import { App, TerraformStack } from "cdktf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bindingClass } from "../constructs/kubernetes/resource.ts";
import { type Binding, bindingOfType, kindInfo } from "../kubernetes/kinds.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { startOwnControlPlane } from "../scripts/deploy/testing.ts";
import { differingLeaves } from "./compare.ts";
import { decodeResource } from "./decode.ts";
import { clusterFixtures } from "./fixtures/cluster.ts";
import { type Fixture, NAMESPACE } from "./fixtures/fixture.ts";
import { RUNTIME_CLASS, SERVICE_ACCOUNT } from "./fixtures/pod.ts";
import { workloadFixtures } from "./fixtures/workloads.ts";
import { lookupIn, type TerraformDocument } from "./references.ts";

/**
 * The decoder claims to know what the provider sends. Here the provider itself is asked: each fixture is applied by Terraform,
 * and what then stands must be what the API server makes of the decoded object, default for default.
 */

/** Fixtures that Terraform cannot apply here. */
const NOT_APPLIED: readonly (readonly [RegExp, string])[] = [
  [/generated/, "the server chooses the name"],
  [/^api-service-v1 insecure$/, "has the name of another fixture"],
  [/^certificate-signing-request-v1 /, "the provider waits for a certificate that nobody issues"],
  [/^replication-controller-v1 /, "the provider waits for pods, and has no switch for it"],
];

/** Leaves that differ though the same was sent, and why. */
const NOT_SENT: readonly (readonly [RegExp, string])[] = [
  [
    /^(status|metadata\.(uid|resourceVersion|creationTimestamp|generation|managedFields|finalizers))/,
    "the server's own",
  ],
  [
    /kube-api-access|controller-uid|^spec\.volumes\[\d+\]$|volumeMounts\[\d+\]\.name$/,
    "names that admission draws at random",
  ],
  [/clusterIP|nodePort|healthCheckNodePort/i, "allocated at random"],
  [/deployment\.kubernetes\.io\/revision|deprecated\.daemonset|autoscaling\.alpha/, "a controller's notes"],
  [/^spec\.claimRef\.(uid|resourceVersion)|^spec\.volumeName$|pv\.kubernetes\.io/, "written when a volume is bound"],
];

const isApplied = ({ module, name, refusal }: Fixture): boolean =>
  refusal === undefined && !NOT_APPLIED.some(([pattern]) => pattern.test(`${module} ${name}`));

/** Pods first: limit ranges, quotas and default priorities change what is made after them. */
const WORKLOADS = workloadFixtures.filter(isApplied);
const FIXTURES = [...WORKLOADS, ...clusterFixtures.filter(isApplied)];

const bindingOf = (module: string): Binding => {
  const binding = bindingOfType(`kubernetes_${module.replaceAll("-", "_")}`);
  if (!binding) throw new Error(`no binding ${module}`);
  return binding;
};

/** The provider wants a field beside each resource in a downward volume, which the API refuses: such items are left out. */
function withoutResourceItems(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !(typeof item === "object" && item !== null && "resourceFieldRef" in item && "path" in item))
      .map(withoutResourceItems);
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutResourceItems(item)]));
}

function synthesize(kubeconfig: string, fixtures: readonly Fixture[]): TerraformDocument {
  const stack = new TerraformStack(new App({ skipValidation: true }), "stack");
  new KubernetesProvider(stack, "kubernetes", { configPath: kubeconfig });
  for (const { module, name, config } of fixtures) {
    const { className } = bindingOf(module);
    new (bindingClass(module, className))(stack, `${module}-${name}`, withoutResourceItems(config) as object);
  }
  const { resource, provider } = JSON.parse(JSON.stringify(stack.toTerraform()));
  const required_providers = { kubernetes: { source: "hashicorp/kubernetes", version: "2.38.0" } };
  return { terraform: { required_providers }, provider, resource } as TerraformDocument;
}

const directory = mkdtempSync(join(tmpdir(), "bhitti-provider-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function terraform(...command: string[]): { ok: boolean; text: string } {
  const { TF_CLI_CONFIG_FILE: _, ...env } = process.env;
  const run = spawnSync("terraform", [...command, "-no-color"], {
    cwd: directory,
    env: { ...env, CHECKPOINT_DISABLE: "1" },
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return { ok: run.status === 0, text: `${run.error?.message ?? ""}${run.stdout ?? ""}${run.stderr ?? ""}` };
}

writeFileSync(join(directory, "main.tf.json"), JSON.stringify(synthesize("none", FIXTURES)));
const init = terraform("init");
if (!init.ok) console.log(`not run: the official Terraform providers cannot be had: ${init.text.slice(-400)}`);

function collection({ apiVersion, kind, metadata }: KubernetesObject): string {
  const info = kindInfo(apiVersion, kind);
  if (!info) throw new Error(`no kind ${kind}`);
  const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return info.namespaced ? `${base}/namespaces/${metadata.namespace}/${info.plural}` : `${base}/${info.plural}`;
}

type Send = (method: string, path: string, body?: unknown, contentType?: string) => Promise<KubernetesObject>;

function sender(kubeconfig: string): Send {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return async (method, path, body, contentType = "application/json") => {
    const options: https.RequestOptions = { method, headers: { "content-type": contentType } };
    await config.applyToHTTPSOptions(options);
    return new Promise((resolve, reject) => {
      const request = https.request(new URL(path, config.getCurrentCluster()?.server), options, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve(JSON.parse(Buffer.concat(parts).toString("utf8"))));
      });
      request.on("error", reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
}

describe.skipIf(!init.ok)("what the provider sends is what the decoder says", () => {
  let stop = async (): Promise<void> => {};
  const expected = new Map<string, KubernetesObject>();
  const standing = new Map<string, KubernetesObject>();

  beforeAll(async () => {
    const own = await startOwnControlPlane();
    stop = () => own.stop();
    const send = sender(own.kubeconfig);
    const make = (object: KubernetesObject) => send("POST", collection(object), object);
    await make({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    await make({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: SERVICE_ACCOUNT, namespace: NAMESPACE } });
    await make({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: NAMESPACE } });
    await make({ apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: RUNTIME_CLASS }, handler: "h" });

    const document = synthesize(own.kubeconfig, FIXTURES);
    const objects = FIXTURES.map(({ module, name }) => {
      const { resourceType } = bindingOf(module);
      const body = document.resource?.[resourceType]?.[`${module}-${name}`] ?? {};
      const { object, undecoded } = decodeResource(resourceType, body, lookupIn(document));
      if (!object) throw new Error(undecoded.join("; "));
      return { key: `${module} ${name}`, object };
    });
    const asServer = "dryRun=All&fieldManager=fixtures";
    for (const { key, object } of objects) {
      const path = collection(object);
      const isThere = object.kind === "ServiceAccount" && object.metadata.name === "default";
      const answer = isThere
        ? send("PATCH", `${path}/default?${asServer}&force=true`, object, "application/apply-patch+yaml")
        : send("POST", `${path}?${asServer}`, object);
      expected.set(key, await answer);
    }
    const keyOf = ({ module, name }: Fixture) => `${module} ${name}`;
    for (const fixtures of [WORKLOADS, FIXTURES]) {
      writeFileSync(join(directory, "main.tf.json"), JSON.stringify(synthesize(own.kubeconfig, fixtures), null, 1));
      const apply = terraform("apply", "-auto-approve", "-parallelism=20");
      if (!apply.ok) throw new Error(apply.text.slice(apply.text.indexOf("Error:")).slice(0, 4000));
      for (const { key, object } of objects) {
        // At once: the second apply makes anew what the provider does not read back as it was stated.
        if (standing.has(key) || !fixtures.some((fixture) => keyOf(fixture) === key)) continue;
        standing.set(key, await send("GET", `${collection(object)}/${object.metadata.name}`));
      }
    }
  }, 600_000);
  afterAll(() => stop());

  test.each(FIXTURES)("$module $name", ({ module, name }) => {
    const key = `${module} ${name}`;
    const [said, stands] = [expected.get(key), standing.get(key)];
    if (!said || !stands) throw new Error("nothing to compare");
    expect(stands.kind).toBe(said.kind);
    const differing = differingLeaves(said, stands).filter((leaf) => !NOT_SENT.some(([at]) => at.test(leaf.path)));
    expect(differing).toEqual([]);
  });
});
