import { expect, test } from "vitest";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { convert } from "./convert.ts";
import { kindsOf, type ServedVersion } from "./kinds.ts";

/** What the server answers for those that can be converted is in the table of admission-cases.ts. */
const autoscaler = (version: string, rest: object): KubernetesObject => ({
  apiVersion: `autoscaling/${version}`,
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "a" },
  ...rest,
});

const version = (name: string): ServedVersion => {
  const found = kindsOf()
    .versionsOf("autoscaling", "horizontalpodautoscalers")
    .find((served) => served.version === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

test.each([
  [
    "v2",
    autoscaler("v1", { metadata: { name: "a", annotations: { "autoscaling.alpha.kubernetes.io/metrics": "[]" } } }),
  ],
  ["v2", autoscaler("v1", { status: { currentReplicas: 1 } })],
  ["v1", autoscaler("v2", { spec: { behavior: {} } })],
  ["v1", autoscaler("v2", { spec: { metrics: [{ type: "Pods" }] } })],
  ["v1", autoscaler("v2", { spec: { metrics: [{ type: "Resource", resource: { name: "memory" } }] } })],
])("what only the server can tell is not told: to %s of %j", (to, object) => {
  expect(convert(object, version(to))).toBeUndefined();
});

test("an object of the version itself stays as it is", () => {
  const object = autoscaler("v2", { spec: { behavior: {} } });
  expect(convert(object, version("v2"))).toBe(object);
});

test("a custom resource changes its version, unless a webhook of the cluster converts it", () => {
  const definition = (strategy: string): KubernetesObject => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.gov" },
    spec: {
      group: "example.gov",
      names: { plural: "things", kind: "Thing" },
      scope: "Cluster",
      versions: [{ name: "v1" }, { name: "v2" }],
      conversion: { strategy },
    },
  });
  const thing = { apiVersion: "example.gov/v1", kind: "Thing", metadata: { name: "t" }, size: 1 };
  const [, second] = kindsOf([definition("None")]).versionsOf("example.gov", "things");
  const [, webhook] = kindsOf([definition("Webhook")]).versionsOf("example.gov", "things");
  if (!second || !webhook) throw new Error("two versions are served");
  expect(convert(thing, second)).toEqual({ ...thing, apiVersion: "example.gov/v2" });
  expect(convert(thing, webhook)).toBeUndefined();
});
