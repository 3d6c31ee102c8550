import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { judgeOf } from "../engine/admission.ts";
import type { AdmissionRequest } from "../engine/request.ts";
import { defaultSurroundings, fixturesOf } from "../fixtures.ts";
import { bindingFor, loadRules, type Rule, ruleText } from "../rules.ts";
import { exemptionConditions, withConditions } from "./conditions.ts";
import { type Exemption, withExemptions } from "./exemption.ts";

const rules = loadRules();
const soft = rules.filter(({ level }) => level === "soft-mandatory");

describe("a rule carries the conditions", () => {
  test.each(soft.map((rule) => [rule.id, rule] as const))(
    "%s is soft-mandatory: yes, by params of the whole cluster",
    (_, rule) => {
      expect(rule.policy.spec.matchConditions?.slice(-2)).toEqual(exemptionConditions(rule.id));
      expect(rule.params?.namespace, "an exemption is no tenant's to give").toBe("bhitti-guardrails");
      expect(bindingFor(rule, "deny").spec.paramRef?.parameterNotFoundAction).toBe("Deny");
    },
  );

  const others = rules.filter(({ level }) => level !== "soft-mandatory");
  test.each(others.map((rule) => [rule.id, rule] as const))("%s is not: no", (_, { policy, params }) => {
    expect(policy.spec.matchConditions?.map((c) => c.name) ?? []).not.toContain("not-exempted");
    expect(JSON.stringify(policy.spec)).not.toContain("exempted");
    expect(params?.name).not.toBe("bhitti-exemptions");
  });

  test.each(rules.map(({ id }) => id))("%s is written as generated, and writing it again changes nothing", (id) => {
    expect(withConditions(id, ruleText(id))).toBe(ruleText(id));
  });

  test("and loses them with its level", () => {
    for (const { id } of soft) {
      const text = ruleText(id);
      const hard = withConditions(id, text.replace("level: soft-mandatory", "level: hard-mandatory"));
      expect(hard).not.toMatch(/xempt|paramKind|params-name/);
      expect(withConditions(id, hard.replace("level: hard-mandatory", "level: soft-mandatory"))).toBe(text);
    }
  });
});

const exempt = (rule: string, kind: string, name: string, namespace?: string): Exemption => ({
  id: "EX-1",
  rule,
  subject: { kind, name, maximumObjects: 1, ...(namespace ? { namespace } : {}) },
  reason: "r",
  legalBasis: "l",
  owner: "a@example.gov",
  approver: "b@example.gov",
  issued: "2026-01-01",
  expires: "2026-12-31",
  compensatingControl: "c",
});

function outcomeOf(
  rule: Rule,
  request: AdmissionRequest,
  exemptions: readonly Exemption[],
  more: readonly KubernetesObject[] = [],
) {
  const readers = soft.flatMap(({ id, params }) => (params ? [{ rule: id, configMap: params.name }] : []));
  const standing = withExemptions([...defaultSurroundings(), ...more], exemptions, readers);
  const judge = judgeOf([rule.policy], [bindingFor(rule, "deny")], {
    namespaces: standing.filter(({ kind }) => kind === "Namespace"),
    params: standing.filter(({ kind }) => kind === "ConfigMap"),
  });
  return judge(request, { all: true })[0]?.outcome;
}

const failing = soft.flatMap((rule) => {
  const [example] = fixturesOf(rule).filter((f) => f.expected === "fail" && f.request.object?.metadata.name);
  return example ? [[rule.id, rule, example] as const] : [];
});

test("every soft-mandatory rule has an example to exempt", () => {
  expect(failing.length).toBe(soft.length);
});

describe.each(failing)("%s", (id, rule, { request, surroundings }) => {
  const { kind, metadata } = request.object ?? { kind: "", metadata: {} };
  const [name = "", namespace] = [metadata.name, metadata.namespace];
  const outcome = (...exemptions: Exemption[]) => outcomeOf(rule, request, exemptions, surroundings);

  test("lets the exempted object pass, and nothing that is called otherwise", () => {
    expect(outcome()).toBe("deny");
    expect(outcome(exempt(id, kind, name, namespace))).toBe("notMatched");
    expect(outcome(exempt(id, kind, `${name}x`, namespace))).toBe("deny");
    expect(outcome(exempt(id, kind, name.slice(0, -1), namespace))).toBe("deny");
    expect(outcome(exempt(id, `${kind}x`, name, namespace))).toBe("deny");
    expect(outcome(exempt(id, kind, name, `${namespace}x`))).toBe("deny");
    expect(outcome(exempt(id, kind, "*", namespace))).toBe("deny");
    const other = soft.find((r) => r !== rule)?.id ?? "";
    expect(outcome(exempt(other, kind, name, namespace))).toBe("deny");
  });
});

describe("what controllers make of an exempted workload", () => {
  const rule = rules.find(({ id }) => id === "pod-security/no-host-path");
  if (!rule) throw new Error("no rule");
  const controllers = { username: "system:serviceaccount:kube-system:replicaset-controller" };
  const made = (
    owner: string,
    kind: string,
    more: object = {},
    userInfo: AdmissionRequest["userInfo"] = controllers,
  ): AdmissionRequest => ({
    operation: "CREATE",
    userInfo,
    object: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        generateName: `${owner}-`,
        namespace: "zone-example",
        ownerReferences: [{ apiVersion: "apps/v1", kind, name: owner, uid: "u", controller: true, ...more }],
      },
      spec: { containers: [{ name: "a", image: "i" }], volumes: [{ name: "v", hostPath: { path: "/var/log" } }] },
    },
  });
  const outcome = (request: AdmissionRequest, kind: string, name: string, namespace = "zone-example") =>
    outcomeOf(rule, request, [exempt(rule.id, kind, name, namespace)]);

  test.each([
    ["a Pod of an exempted DaemonSet", made("logs", "DaemonSet"), "DaemonSet", "logs"],
    [
      "a Pod of a ReplicaSet of an exempted Deployment",
      made("web-tier-5d9c8b", "ReplicaSet"),
      "Deployment",
      "web-tier",
    ],
    ["a Pod of a Job of an exempted CronJob", made("nightly-29400000", "Job"), "CronJob", "nightly"],
    [
      "made by a controller manager without accounts of its own",
      made("logs", "DaemonSet", {}, { username: "system:kube-controller-manager" }),
      "DaemonSet",
      "logs",
    ],
  ])("%s passes", (_, request, kind, name) => {
    expect(outcome(request, kind, name)).toBe("notMatched");
  });

  test.each([
    [
      "somebody who only writes the owner's name",
      made("logs", "DaemonSet", {}, { username: "owner@example.gov" }),
      "DaemonSet",
      "logs",
    ],
    [
      "an account that is called alike",
      made("logs", "DaemonSet", {}, { username: "xsystem:serviceaccount:kube-system:a" }),
      "DaemonSet",
      "logs",
    ],
    [
      "an account of another namespace",
      made("logs", "DaemonSet", {}, { username: "system:serviceaccount:kube-systemx:a" }),
      "DaemonSet",
      "logs",
    ],
    ["an owner that is no controller", made("logs", "DaemonSet", { controller: false }), "DaemonSet", "logs"],
    ["a Deployment of a longer name", made("web-tier-5d9c8b", "ReplicaSet"), "Deployment", "web"],
    ["a Deployment without hyphen", made("web", "ReplicaSet"), "Deployment", "web"],
    ["another kind of that name", made("logs", "StatefulSet"), "DaemonSet", "logs"],
    ["a Pod of another namespace", made("logs", "DaemonSet"), "DaemonSet", "logs", "zone-other"],
  ])("%s is refused", (_, request, kind, name, namespace?: string) => {
    expect(outcome(request, kind, name, namespace)).toBe("deny");
  });
});
