import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { deployedDifferences } from "./deployed.ts";
import { bindingFor, loadRules } from "./rules.ts";

const [rule] = loadRules().filter(({ id }) => id === "network/no-node-port");
if (!rule) throw new Error("no rule");
const policy: KubernetesObject = rule.policy;
const binding: KubernetesObject = bindingFor(rule, "deny");
const params: KubernetesObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "p", namespace: "bhitti-guardrails" },
  data: { a: "b" },
};
const stated = [policy, binding, params];

/** As an API server gives an object back. */
function served(object: KubernetesObject, more: object = {}): KubernetesObject {
  const spec = object["spec"] as Record<string, unknown> | undefined;
  const match = (key: string) => {
    const found = spec?.[key] as { resourceRules?: object[] } | undefined;
    if (!found) return {};
    const rules = found.resourceRules ? { resourceRules: found.resourceRules.map((r) => ({ ...r, scope: "*" })) } : {};
    return { [key]: { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {}, ...found, ...rules } };
  };
  return {
    ...object,
    metadata: {
      ...object.metadata,
      uid: "u",
      resourceVersion: "7",
      labels: { "bhitti.platform/managed-by": "bhitti" },
    },
    ...(spec
      ? { spec: { ...spec, ...match("matchConstraints"), ...match("matchResources"), ...more }, status: {} }
      : {}),
  };
}
const standing = stated.map((object) => served(object));
const told = (...live: KubernetesObject[]) =>
  deployedDifferences(stated, live).map((d) =>
    d.what === "differs" ? `${d.object}: ${d.paths.join(", ")}` : `${d.what} ${d.object}`,
  );
const [first, second, third] = standing as [KubernetesObject, KubernetesObject, KubernetesObject];

test("what the server fills in by itself is no difference", () => {
  expect(told(...standing)).toEqual([]);
});

describe("a difference", () => {
  const kind = "ValidatingAdmissionPolicy";
  const name = "no-node-port.network.bhitti.platform";

  test.each<[what: string, change: object, path: string]>([
    ["failing open", { failurePolicy: "Ignore" }, "spec.failurePolicy"],
    ["no validation", { validations: [] }, "spec.validations[0]"],
    ["params of another kind", { paramKind: { apiVersion: "v1", kind: "Secret" } }, "spec.paramKind.kind"],
    [
      "an exclusion",
      {
        matchConstraints: {
          ...(first["spec"] as { matchConstraints: object }).matchConstraints,
          excludeResourceRules: [
            { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"], scope: "*" },
          ],
        },
      },
      "spec.matchConstraints.excludeResourceRules[0]",
    ],
    [
      "a selector",
      {
        matchConstraints: {
          ...(first["spec"] as { matchConstraints: object }).matchConstraints,
          objectSelector: { matchLabels: { a: "b" } },
        },
      },
      "spec.matchConstraints.objectSelector",
    ],
  ])("%s is told", (_, change, path) => {
    expect(told(served(policy, change), second, third)).toEqual([
      expect.stringMatching(`^${kind} ${name}: ${path.replace(/[[\].]/g, "\\$&")}`),
    ]);
  });

  test("in a binding's params or namespaces is told", () => {
    const { paramRef } = binding["spec"] as { paramRef: object };
    expect(
      told(first, served(binding, { paramRef: { ...paramRef, parameterNotFoundAction: "Allow" } }), third),
    ).toEqual([`${kind}Binding ${name}: spec.paramRef.parameterNotFoundAction`]);
    expect(told(first, served(binding, { matchResources: undefined }), third)[0]).toContain("spec.matchResources");
  });

  test("in what a binding does alone is a stage", () => {
    const found = deployedDifferences(stated, [first, served(binding, { validationActions: ["Audit"] }), third]);
    expect(found).toEqual([
      { what: "stage", object: `${kind}Binding ${name}`, stands: "Audit", stated: "Deny and Audit" },
    ]);
  });

  test("in params is told, and so is what is missing or too many", () => {
    expect(told(first, second, { ...third, data: { a: "b", c: "d" } })).toEqual([
      "ConfigMap bhitti-guardrails/p: data.c",
    ]);
    expect(told(first, second)).toEqual(["missing ConfigMap bhitti-guardrails/p"]);
    expect(told(second, third)).toEqual([`missing ${kind} ${name}`]);
    const more = (n: string) => ({ ...first, metadata: { name: n } });
    expect(told(...standing, more("x.network.bhitti.platform"), more("x.example.net"))).toEqual([
      `extra ${kind} x.network.bhitti.platform`,
    ]);
  });
});
