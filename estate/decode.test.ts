import { describe, expect, test } from "vitest";
import { decodeResource } from "./decode.ts";
import { lookupIn, type ResourceBody } from "./references.ts";

const decode = (type: string, body: ResourceBody) => decodeResource(type, body, lookupIn({}));
const metadata = { name: "x", namespace: "n" };

test("hand-written blocks come as objects, lists of one, or lists", () => {
  const rule = { api_groups: [""], resources: ["pods"], verbs: ["get"] };
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
  expect(decode("kubernetes_role", { metadata: [metadata], rule }).object).toMatchObject({ metadata, rules });
  expect(decode("kubernetes_role_v1", { metadata, rule: [rule] }).object).toMatchObject({ metadata, rules });
});

test("an object without a namespace goes where the provider puts it", () => {
  expect(decode("kubernetes_config_map_v1", { metadata: { name: "x" } }).object?.metadata.namespace).toBe("default");
  expect(decode("kubernetes_namespace_v1", { metadata: { name: "x" } }).object?.metadata).toEqual({ name: "x" });
  expect(decode("kubernetes_config_map_v1", { metadata: { generate_name: "x-" } }).object?.metadata).toEqual({
    generateName: "x-",
    namespace: "default",
  });
});

test("Terraform's and the provider's own arguments are no fields", () => {
  const body = {
    "//": { metadata: { path: "a" } },
    provider: "kubernetes.a",
    depends_on: ["a.b"],
    lifecycle: { prevent_destroy: true },
    provisioner: { "local-exec": {} },
    timeouts: { create: "1m" },
    metadata,
    spec: { type: "ClusterIP" },
    wait_for_load_balancer: false,
  };
  expect(decode("kubernetes_service_v1", body)).toEqual({
    object: { apiVersion: "v1", kind: "Service", metadata, spec: { type: "ClusterIP" } },
    unknown: [],
    undecoded: [],
  });
});

test("values take the form that the API has", () => {
  const { object } = decode("kubernetes_service_v1", {
    metadata,
    spec: {
      publish_not_ready_addresses: "true",
      cluster_ip: "",
      port: [
        { port: "80", target_port: "8080" },
        { port: 81, target_port: "http" },
      ],
    },
  });
  expect(object?.spec).toEqual({
    publishNotReadyAddresses: true,
    ports: [
      { port: 80, targetPort: 8080 },
      { port: 81, targetPort: "http" },
    ],
  });
});

test("a secret's text becomes base64, its bytes stay, and both are one field", () => {
  const body = { metadata, data: { a: "x" }, binary_data: { b: "eQ==" }, data_wo: { c: "z" }, data_wo_revision: 1 };
  expect(decode("kubernetes_secret_v1", body).object?.data).toEqual({ a: "eA==", b: "eQ==", c: "eg==" });
});

test("a value that only Terraform knows keeps its text and is told by its path", () => {
  const { object, unknown, undecoded } = decode("kubernetes_deployment_v1", {
    metadata: { ...metadata, labels: "${var.labels}" },
    spec: {
      replicas: "${var.replicas}",
      selector: { match_labels: { app: "a-${var.app}" } },
      template: "${var.template}",
    },
  });
  expect(object).toMatchObject({
    metadata: { labels: "${var.labels}" },
    spec: { replicas: "${var.replicas}", selector: { matchLabels: { app: "a-${var.app}" } } },
  });
  expect(unknown).toEqual(["metadata.labels", "spec.replicas", "spec.selector.matchLabels.app", "spec.template"]);
  expect(undecoded).toEqual([]);
});

describe("what has no place in the object is told", () => {
  const spec = { container: [{ name: "c" }] };
  test.each([
    [{ spek: {} }, "spek: the API has no such field, or the provider does not send it"],
    [{ spec: { ...spec, containr: [] } }, "spec.containr: the API has no such field, or the provider does not send it"],
    [{ spec: { ...spec, dynamic: { container: {} } } }, "spec.dynamic: a dynamic block"],
    [{ spec: { ...spec, priority_class_name: {} } }, "spec.priority_class_name: {} is not a text"],
    [{ spec: { ...spec, active_deadline_seconds: "soon" } }, 'spec.active_deadline_seconds: "soon" is not an integer'],
    [{ spec: { ...spec, host_network: "yes" } }, 'spec.host_network: "yes" is not true or false'],
    [{ spec: { ...spec, security_context: [{}, {}] } }, "spec.security_context: 2 blocks where the API has one object"],
    [{ spec: { ...spec, node_selector: [] } }, "spec.node_selector: not a map"],
    [
      { spec: { ...spec, volume: [{ name: "v", config_map: { default_mode: "0888" } }] } },
      'spec.volume[0].config_map.default_mode: "0888" is not octal',
    ],
  ])("%j", (body, reason) => {
    const { object, undecoded } = decode("kubernetes_pod_v1", { metadata, ...body });
    expect(object?.kind).toBe("Pod");
    expect(undecoded).toEqual([reason]);
  });
});

test("a manifest is its object", () => {
  const manifest = {
    apiVersion: "example.org/v1",
    kind: "Thing",
    metadata: { name: "x" },
    spec: { list: ["$${a}", "${var.b}", 3, null], "dotted.key": "${var.c}" },
  };
  expect(decode("kubernetes_manifest", { manifest, wait: [{}] })).toEqual({
    object: { ...manifest, spec: { list: ["${a}", "${var.b}", 3, null], "dotted.key": "${var.c}" } },
    unknown: ["spec.list[1]", 'spec["dotted.key"]'],
    undecoded: [],
  });
  expect(decode("kubernetes_manifest", { manifest: "${yamldecode(file(x))}" }).undecoded).toEqual([
    "the manifest is unknown or no Kubernetes object",
  ]);
});

test("an older autoscaler with metrics, which the provider sends to a removed version, is not read as if it stood", () => {
  const spec = { max_replicas: 2, scale_target_ref: { kind: "Deployment", name: "d" }, metric: [{ type: "Resource" }] };
  expect(decode("kubernetes_horizontal_pod_autoscaler", { metadata, spec }).undecoded).toEqual([
    "spec.metric: the API has no such field, or the provider does not send it",
  ]);
});

test("types that are no objects, or of no API any more, say why", () => {
  expect(decode("kubernetes_env", {}).undecoded).toEqual([
    "no Kubernetes object: it changes environment variables of a workload that another owns",
  ]);
  expect(decode("kubernetes_ingress", {}).undecoded).toEqual([
    "the provider sends extensions/v1beta1, removed in Kubernetes 1.22",
  ]);
  expect(decode("kubernetes_gizmo_v1", {}).undecoded).toEqual(["unknown resource type kubernetes_gizmo_v1"]);
});

test("a block that is text in a list is told, not dropped", () => {
  const told = (spec: unknown) => decode("kubernetes_deployment_v1", { metadata, spec } as ResourceBody).undecoded;
  const text = "$" + "{local.x}";
  const why = `${JSON.stringify(text)} is not a block`;
  const pod = (more: Record<string, unknown>) => ({ template: { spec: more } });
  expect(told([text])).toEqual([`spec: ${why}`]);
  expect(told(pod({ container: [text, { name: "a" }] }))).toEqual([`spec.template.spec.container[0]: ${why}`]);
  const projected = { sources: [text] };
  expect(told(pod({ volume: [{ name: "v", projected }] }))).toEqual([
    `spec.template.spec.volume[0].projected.sources[0]: ${why}`,
  ]);
});
