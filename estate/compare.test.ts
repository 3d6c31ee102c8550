import { expect, test } from "vitest";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { compareEstates, describeDifference, differingLeaves, unequalLeaves } from "./compare.ts";
import type { Estate, EstateObject } from "./estate.ts";

const deployment = (container: object, spec: object = {}): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "apps" },
  spec: { ...spec, template: { spec: { containers: [{ name: "web", ...container }] } } },
});

test("a stated leaf that stands differently is found by its path", () => {
  const stated = deployment({ image: "a" }, { replicas: 3 });
  expect(unequalLeaves(stated, deployment({ image: "b" }, { replicas: 3, paused: true }))).toEqual([
    { path: "spec.template.spec.containers[0].image", stated: "a", live: "b" },
  ]);
});

test("quantities and int-or-strings are equal by their amount", () => {
  const stated = deployment(
    { resources: { limits: { cpu: "1000m", memory: "1024Mi" } } },
    { strategy: { rollingUpdate: { maxSurge: "1" } } },
  );
  const live = deployment(
    { resources: { limits: { cpu: "1", memory: "1Gi" } } },
    { strategy: { rollingUpdate: { maxSurge: 1 } } },
  );
  expect(unequalLeaves(stated, live)).toEqual([]);
  expect(unequalLeaves(stated, deployment({ resources: { limits: { cpu: "2" } } }, {}))).toEqual([
    { path: "spec.strategy.rollingUpdate.maxSurge", stated: "1", live: undefined },
    { path: "spec.template.spec.containers[0].resources.limits.cpu", stated: "1000m", live: "2" },
    { path: "spec.template.spec.containers[0].resources.limits.memory", stated: "1024Mi", live: undefined },
  ]);
});

test("list items are matched by what the API tells them apart by", () => {
  const stated = deployment({ ports: [{ containerPort: 53 }, { containerPort: 80, name: "http" }] });
  const live = deployment({
    ports: [
      { containerPort: 80, name: "http", protocol: "TCP" },
      { containerPort: 53, protocol: "UDP" },
      { containerPort: 53, protocol: "TCP" },
    ],
  });
  expect(unequalLeaves(stated, live)).toEqual([]);
  const gone = deployment({ ports: [{ containerPort: 53, protocol: "UDP" }] });
  expect(unequalLeaves(stated, gone).map((leaf) => leaf.path)).toEqual([
    "spec.template.spec.containers[0].ports[0]",
    "spec.template.spec.containers[0].ports[1]",
  ]);
});

test("order counts in a command, and does not in a set", () => {
  const command = (words: string[]) => deployment({ command: words });
  expect(unequalLeaves(command(["a", "b"]), command(["b", "a"]))).toHaveLength(2);
  const role = (verbs: string[]): KubernetesObject => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "r" },
    rules: [{ verbs }],
  });
  expect(unequalLeaves(role(["get", "list"]), role(["list", "get"]))).toEqual([]);
  expect(unequalLeaves(role(["get", "watch"]), role(["list", "get"])).map((l) => l.path)).toEqual([
    "rules[0].verbs[1]",
  ]);
});

test("an empty selector is a statement, an empty map is none", () => {
  const policy = (peer: object): KubernetesObject => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "p", labels: {} },
    spec: { ingress: [{ from: [peer] }] },
  });
  const live = { ...policy({ podSelector: {} }), metadata: { name: "p" } };
  expect(unequalLeaves(policy({ podSelector: {} }), live)).toEqual([]);
  expect(unequalLeaves(policy({ namespaceSelector: {} }), live)).toEqual([
    { path: "spec.ingress[0].from[0].namespaceSelector", stated: {}, live: undefined },
  ]);
});

test("what the server leaves out or keeps to itself is no difference", () => {
  expect(unequalLeaves(deployment({}, { paused: false, minReadySeconds: 0 }), deployment({}))).toEqual([]);
  const secret = (data: object): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s" },
    ...data,
  });
  expect(unequalLeaves(secret({ stringData: { a: "x" } }), secret({ data: { a: "eA==" } }))).toEqual([]);
  expect(unequalLeaves(secret({ stringData: { a: "x" } }), secret({ data: { a: "eQ==" } }))).toEqual([
    { path: "data.a", stated: "eA==", live: "eQ==" },
  ]);
  expect(unequalLeaves(secret({ status: { phase: "x" } }), secret({}))).toEqual([]);
});

test("a value that only Terraform knows is left out", () => {
  const stated = deployment({ image: "${var.image}" });
  expect(unequalLeaves(stated, deployment({ image: "b" }), ["spec.template.spec.containers[0].image"])).toEqual([]);
});

test("a kind without a schema is compared as plain JSON", () => {
  const route = (port: unknown): KubernetesObject => ({
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "r" },
    spec: { rules: [{ port }] },
  });
  expect(unequalLeaves(route(80), route(80))).toEqual([]);
  expect(unequalLeaves(route(80), route("80"))).toEqual([{ path: "spec.rules[0].port", stated: 80, live: "80" }]);
});

const standing = (object: KubernetesObject, more: Partial<EstateObject> = {}): EstateObject => ({
  object,
  stack: "s",
  address: `x.${object.metadata.name}`,
  unknown: [],
  ...more,
});
const estate = (objects: readonly EstateObject[]): Estate => ({ environment: "e", stacks: [], objects, undecoded: [] });
const config = (name: string, data: object): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "n" },
  data,
});

test("two estates differ by what is added, removed, changed and moved", () => {
  const before = estate([
    standing(config("gone", {})),
    standing(config("same", { a: "1" })),
    standing(config("other", { a: "1", b: "2" })),
    standing(config("moved", {})),
  ]);
  const after = estate([
    standing(config("new", {})),
    standing(config("same", { a: "1" })),
    standing(config("other", { a: "2", c: "3" })),
    standing(config("moved", {}), { stack: "t" }),
  ]);
  const difference = compareEstates(before, after);
  expect(describeDifference(difference)).toEqual([
    "+ ConfigMap n/new",
    "- ConfigMap n/gone",
    "~ ConfigMap n/other data.a, data.b, data.c",
    "~ ConfigMap n/moved",
  ]);
  expect(difference.changed[0]?.leaves).toEqual([
    { path: "data.a", before: "1", after: "2" },
    { path: "data.b", before: "2", after: undefined },
    { path: "data.c", before: undefined, after: "3" },
  ]);
  expect(compareEstates(before, before)).toEqual({ added: [], removed: [], changed: [] });
});

test("false that becomes silence, and silence that becomes true", () => {
  expect(differingLeaves(deployment({}, { paused: false }), deployment({}))).toEqual([]);
  expect(differingLeaves(deployment({}), deployment({}, { paused: true }))).toEqual([
    { path: "spec.paused", before: undefined, after: true },
  ]);
});
