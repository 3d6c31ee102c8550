import { App, TerraformStack } from "cdktf";
import { beforeAll, describe, expect, test } from "vitest";
import { bindingClass } from "../constructs/kubernetes/resource.ts";
import { type Binding, bindingOfType, kindInfo } from "../kubernetes/kinds.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { type LiveAnswer, type LiveCluster, liveCluster } from "../tests/live.ts";
import { unequalLeaves } from "./compare.ts";
import { decodeResource } from "./decode.ts";
import { clusterFixtures } from "./fixtures/cluster.ts";
import { type Fixture, NAMESPACE } from "./fixtures/fixture.ts";
import { RUNTIME_CLASS, SERVICE_ACCOUNT } from "./fixtures/pod.ts";
import { workloadFixtures } from "./fixtures/workloads.ts";
import { isRecord, lookupIn, type TerraformDocument } from "./references.ts";

const FIXTURES: readonly Fixture[] = [...clusterFixtures, ...workloadFixtures];

const bindingOf = (module: string): Binding => {
  const binding = bindingOfType(`kubernetes_${module.replaceAll("-", "_")}`);
  if (!binding) throw new Error(`no binding ${module}`);
  return binding;
};

function decodeFixture({ module, config }: Fixture): KubernetesObject {
  const { className, resourceType } = bindingOf(module);
  const stack = new TerraformStack(new App({ skipValidation: true }), "stack");
  new (bindingClass(module, className))(stack, "fixture", config);
  const document = JSON.parse(JSON.stringify(stack.toTerraform())) as TerraformDocument;
  const body = document.resource?.[resourceType]?.fixture ?? {};
  const { object, undecoded } = decodeResource(resourceType, body, lookupIn(document));
  if (!object) throw new Error(undecoded.join("; "));
  return object;
}

function collection({ apiVersion, kind, metadata }: KubernetesObject): string {
  const info = kindInfo(apiVersion, kind);
  if (!info) throw new Error(`no kind ${kind}`);
  const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return info.namespaced ? `${base}/namespaces/${metadata.namespace}/${info.plural}` : `${base}/${info.plural}`;
}

const DRY_RUN = "dryRun=All&fieldValidation=Strict&fieldManager=fixtures";

const cluster = liveCluster();

function send(...call: Parameters<LiveCluster["request"]>): Promise<LiveAnswer> {
  if (!cluster) throw new Error("no control plane");
  return cluster.request(...call);
}

/** What the server would make of an object; nothing is kept. The service account `default` is there, so it is applied to. */
async function dryRun(object: KubernetesObject): Promise<LiveAnswer> {
  const path = collection(object);
  return object.kind === "ServiceAccount" && object.metadata.name === "default"
    ? send("PATCH", `${path}/default?${DRY_RUN}&force=true`, object, { contentType: "application/apply-patch+yaml" })
    : send("POST", `${path}?${DRY_RUN}`, object);
}

async function ensure(object: KubernetesObject): Promise<void> {
  const { status, body } = await send("POST", collection(object), object);
  if (status !== 201 && status !== 409) throw new Error(JSON.stringify(body));
}

beforeAll(async () => {
  if (!cluster) return;
  await ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  await ensure({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: SERVICE_ACCOUNT, namespace: NAMESPACE },
    secrets: [],
  });
  await ensure({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: NAMESPACE } });
  await ensure({
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name: RUNTIME_CLASS },
    handler: "fixture",
  });
});

describe.skipIf(!cluster)("what a fixture decodes to passes strict validation, and stands as stated", () => {
  test.each(FIXTURES.filter((f) => f.refusal === undefined))("$module $name", async (fixture) => {
    const object = decodeFixture(fixture);
    const { status, body } = await dryRun(object);
    expect(status >= 400 ? body.message : "").toBe("");
    expect(unequalLeaves(object, body as unknown as KubernetesObject)).toEqual([]);
  });
});

/** `field: message` of all that is wrong with an object. */
function causesOf(status: unknown): readonly string[] {
  const details = isRecord(status) && isRecord(status.details) ? status.details : {};
  const causes: readonly unknown[] = Array.isArray(details.causes) ? details.causes : [];
  return causes.map((cause) => (isRecord(cause) ? `${String(cause.field)}: ${String(cause.message)}` : ""));
}

describe.skipIf(!cluster)(
  "what cannot stand is refused for that alone, not for a field that the API does not know",
  () => {
    test.each(FIXTURES.filter((f) => f.refusal !== undefined))("$module $name", async (fixture) => {
      const { status, body } = await dryRun(decodeFixture(fixture));
      // An unknown field would be a 400, before any validation.
      expect(status).toBe(422);
      const causes = causesOf(body);
      expect(causes).not.toEqual([]);
      expect(causes.filter((cause) => !cause.includes(fixture.refusal ?? ""))).toEqual([]);
    });
  },
);
