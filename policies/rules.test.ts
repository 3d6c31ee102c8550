import { describe, expect, test } from "vitest";
import {
  BREAK_GLASS_GROUP,
  EMERGENCY_AUDIT_ANNOTATION,
  LABEL_DOMAIN,
  LABELS,
  layerNamespace,
  MANAGER,
  PLATFORM_GROUP,
  ZONE_FLOWS,
  zoneNamespace,
  zoneOwnersGroup,
} from "../contracts.ts";
import { describeObject, type KubernetesObject } from "../kubernetes/object.ts";
import { type Judge, judgeOf, type Verdict } from "./engine/admission.ts";
import type { AdmissionPolicy } from "./engine/policy.ts";
import { EXEMPTION_CONDITIONS } from "./exemptions/conditions.ts";
import { EXEMPTIONS } from "./exemptions/exemption.ts";
import { defaultSurroundings, type Fixture, fixturesOf } from "./fixtures.ts";
import { allowedRegistries, bindingFor, loadRules, parseRules, type Rule, stageFor } from "./rules.ts";

const rules = loadRules();
const standing = defaultSurroundings();
const examples = rules.map((rule) => [rule.id, rule, fixturesOf(rule)] as const);

/** By policy, for examples without surroundings of their own. */
const judges = new WeakMap<AdmissionPolicy, Judge>();

function judgeWith(rule: Rule, policy: AdmissionPolicy, more: readonly KubernetesObject[] = []): Judge {
  const surroundings = [...standing, ...more];
  return judgeOf([policy], [bindingFor(rule, "deny")], {
    namespaces: surroundings.filter(({ kind }) => kind === "Namespace"),
    params: surroundings.filter(({ kind }) => kind === "ConfigMap"),
  });
}

function verdictOn(fixture: Fixture, rule: Rule, policy: AdmissionPolicy = rule.policy): Verdict {
  const judge = judges.get(policy) ?? judgeWith(rule, policy, fixture.surroundings);
  if (fixture.surroundings.length === 0) judges.set(policy, judge);
  const [verdict] = judge(fixture.request, { all: true });
  if (!verdict) throw new Error("no verdict");
  return verdict;
}

test("rules.generated.json is what the rules are: `npm run generate` writes it", async () => {
  const { default: generated } = await import("./rules.generated.json", { with: { type: "json" } });
  expect(generated).toEqual(parseRules());
});

describe.each(examples)("%s", (_, rule, fixtures) => {
  test.each(fixtures.filter((f) => f.expected === "pass").map((f) => [f.file, f] as const))("%s", (__, fixture) => {
    expect(verdictOn(fixture, rule)).toMatchObject({ messages: [] });
  });

  test.each(fixtures.filter((f) => f.expected === "fail").map((f) => [f.file, f] as const))("%s", (__, fixture) => {
    const { outcome, messages } = verdictOn(fixture, rule);
    // Missing params cannot be judged, which refuses too.
    expect(outcome).toBe(fixture.file.endsWith("/no-flows.yaml") ? "error" : stageFor(rule, "deny"));
    for (const text of messages) {
      expect(text.length).toBeLessThanOrEqual(300);
      expect(text).not.toMatch(/\n|undefined|^failed expression/);
    }
    expect(messages).toMatchSnapshot();
  });

  test("has several examples of both sorts", () => {
    expect(fixtures.filter((f) => f.expected === "pass").length).toBeGreaterThanOrEqual(3);
    expect(fixtures.filter((f) => f.expected === "fail").length).toBeGreaterThanOrEqual(3);
  });

  test("each validation is needed: without it some failing example passes", () => {
    const { validations } = rule.policy.spec;
    const survivors = validations.filter((dropped) => {
      const without = withSpec(rule, { validations: validations.filter((v) => v !== dropped) });
      return !failing(fixtures).some((fixture) => verdictOn(fixture, rule, without).outcome === "allow");
    });
    expect(survivors.map((v) => v.expression)).toEqual([]);
  });

  test("each match condition is needed: without it some passing example fails", () => {
    const { matchConditions = [] } = rule.policy.spec;
    // Those for exemptions have examples of their own: exemptions/conditions.test.ts.
    const own = matchConditions.filter(({ name }) => !EXEMPTION_CONDITIONS.includes(name));
    const survivors = own.filter((dropped) => {
      const without = withSpec(rule, { matchConditions: matchConditions.filter((c) => c !== dropped) });
      return !passing(fixtures).some((fixture) => verdictOn(fixture, rule, without).messages.length > 0);
    });
    expect(survivors.map((c) => c.name)).toEqual([]);
  });

  test("each message can be computed, and has a plain one to fall back to", () => {
    for (const { message = "", messageExpression } of rule.policy.spec.validations) {
      expect(message.trim()).not.toBe("");
      expect(message.length).toBeLessThanOrEqual(300);
      if (!messageExpression) continue;
      const spoken = failing(fixtures).flatMap((fixture) => verdictOn(fixture, rule).messages);
      expect(spoken.some((text) => text !== message.trim())).toBe(true);
    }
    const plain = new Set(
      rule.policy.spec.validations.filter((v) => v.messageExpression).map((v) => (v.message ?? "").trim()),
    );
    // A computed message that fails gives way to the plain one: in no example may it.
    const fallen = failing(fixtures).flatMap((fixture) =>
      verdictOn(fixture, rule)
        .messages.filter((text) => plain.has(text))
        .map((text) => `${fixture.file}: ${text}`),
    );
    expect(fallen).toEqual([]);
  });

  test("fails closed, and says why it exists", () => {
    expect(rule.policy.spec.failurePolicy).toBe("Fail");
    expect(rule.title.length).toBeLessThanOrEqual(80);
    expect(rule.rationale.length).toBeGreaterThan(60);
    expect(rule.reference).toMatch(/^https:\/\//);
  });
});

const failing = (fixtures: readonly Fixture[]) => fixtures.filter((f) => f.expected === "fail");
const passing = (fixtures: readonly Fixture[]) => fixtures.filter((f) => f.expected === "pass");

const withSpec = (rule: Rule, changes: Partial<AdmissionPolicy["spec"]>): AdmissionPolicy => ({
  ...rule.policy,
  spec: { ...rule.policy.spec, ...changes },
});

describe("rules about pods", () => {
  const podRules = examples.filter(([, rule]) =>
    JSON.stringify(rule.policy.spec.matchConstraints).includes("podtemplates"),
  );

  test("match the same objects, and read pods and templates by the same words", () => {
    const shared = podRules.map(
      ([
        ,
        {
          policy: { spec },
        },
      ]) => ({
        matchConstraints: spec.matchConstraints,
        matchConditions: spec.matchConditions?.filter(({ name }) => !EXEMPTION_CONDITIONS.includes(name)),
      }),
    );
    for (const one of shared) expect(one).toEqual(shared[0]);
    for (const name of ["pod", "path", "containers", "running", "labels", "annotations"]) {
      const said = podRules.flatMap(([, { policy }]) => policy.spec.variables?.filter((v) => v.name === name) ?? []);
      expect(new Set(said.map(({ expression }) => expression)).size, name).toBe(1);
    }
  });

  test.each(podRules)("%s fails pods and every kind of pod template", (_, rule, fixtures) => {
    const kinds = failing(fixtures).map(({ request }) => (request.object ?? request.oldObject)?.kind);
    expect([...new Set(kinds)].sort()).toEqual([
      "CronJob",
      "DaemonSet",
      "Deployment",
      "Job",
      "Pod",
      "PodTemplate",
      "ReplicaSet",
      "ReplicationController",
      "StatefulSet",
    ]);
    expect(rule.policy.spec.matchConstraints.resourceRules?.flatMap((r) => r.resources)).toContain(
      "pods/ephemeralcontainers",
    );
  });
});

describe("bindings", () => {
  test("each stage does at least what the one before does", () => {
    const [rule] = rules;
    if (!rule) throw new Error("no rule");
    const actions = (["audit", "warn", "deny"] as const).map((stage) => bindingFor(rule, stage).spec.validationActions);
    expect(actions).toEqual([["Audit"], ["Warn", "Audit"], ["Deny", "Audit"]]);
  });

  test("a rule with params refuses what it cannot judge", () => {
    const own = rules.filter(({ params }) => params && params.name !== EXEMPTIONS.name);
    const refs = own.map((rule) => bindingFor(rule, "deny").spec.paramRef);
    expect(refs).toEqual([
      { name: "bhitti-zone-flows", parameterNotFoundAction: "Deny" },
      { name: "bhitti-allowed-registries", namespace: "bhitti-guardrails", parameterNotFoundAction: "Deny" },
    ]);
  });

  test("policies have the names that contracts.ts gives", () => {
    for (const rule of rules) {
      const [family, name] = rule.id.split("/");
      expect(rule.policy.metadata.name).toBe(`${name}.${family}.${LABEL_DOMAIN}`);
      expect(bindingFor(rule, "deny").spec.policyName).toBe(rule.policy.metadata.name);
    }
  });
});

test("rules speak of the labels, groups and names that contracts.ts freezes", () => {
  const textOf = (id: string) => JSON.stringify(rules.find((rule) => rule.id === id)?.policy);
  for (const word of [LABELS.managedBy, `'${MANAGER}'`, PLATFORM_GROUP, ZONE_FLOWS]) {
    expect(textOf("tenancy/platform-objects-protected")).toContain(word);
  }
  for (const word of [LABELS.managedBy, `"${MANAGER}"`, LABELS.zone, PLATFORM_GROUP, ZONE_FLOWS]) {
    expect(textOf("network/declared-flows")).toContain(word);
  }
  for (const word of [LABELS.zone, LABELS.layer, LABELS.dataClass]) {
    expect(textOf("tenancy/namespace-labels")).toContain(word);
  }
  expect(textOf("network/no-load-balancer")).toContain(LABELS.layer);
  expect(textOf("network/no-ingress")).toContain(LABELS.layer);
  expect(textOf("break-glass/dated-binding")).toContain(`'${BREAK_GLASS_GROUP}'`);
  expect(textOf("break-glass/dated-binding")).toContain(`'${LABELS.emergency}' in object.metadata.labels`);
  expect(textOf("data/class-of-namespace")).toContain(LABELS.dataClass);
  expect(textOf("rbac/no-foreign-subjects")).toContain(
    `'${zoneOwnersGroup("")
      .replace(/:owners$/, "")
      .slice(0, -1)}:'`,
  );
  expect(textOf("tenancy/namespace-name")).toContain(`'${zoneNamespace("")}' + variables.labels['${LABELS.zone}']`);
  expect(textOf("tenancy/namespace-name")).toContain(`'${layerNamespace("")}' + variables.labels['${LABELS.layer}']`);
  const params = rules.find((rule) => rule.id === "supply-chain/allowed-registries")?.params;
  expect(params).toEqual({ name: "bhitti-allowed-registries", namespace: layerNamespace("guardrails") });
});

test("emergency access writes the audit annotation that contracts.ts freezes, refused or not", () => {
  const rule = rules.find(({ id }) => id === "break-glass/dated-binding");
  if (!rule) throw new Error("no such rule");
  const written = (name: string) => {
    const fixture = fixturesOf(rule).find(({ file }) => file.endsWith(name));
    if (!fixture) throw new Error(`no example ${name}`);
    return Object.entries(verdictOn(fixture, rule).auditAnnotations).map(([key, texts]) => [
      `${rule.policy.metadata.name}/${key}`,
      ...texts,
    ]);
  };
  expect(written("pass/longest.yaml")).toEqual([
    [
      EMERGENCY_AUDIT_ANNOTATION,
      "RoleBinding zone-example/example person=rahima@example.gov approver=karim@example.gov ticket=INC-1042 expires=2026-11-23T18:00:00Z",
    ],
  ]);
  expect(written("fail/nothing-said.yaml")).toEqual([
    [EMERGENCY_AUDIT_ANNOTATION, "RoleBinding zone-example/example person=none approver=none ticket=none expires=none"],
  ]);
  expect(written("pass/other-group.yaml")).toEqual([]);
});

test("a prefix without its slash is refused, since it would let in longer names too", () => {
  expect(allowedRegistries(["registry.example.gov/a/", "registry.example.gov:5000/"])["data"]).toEqual({
    prefixes: "registry.example.gov/a/\nregistry.example.gov:5000/",
  });
  for (const prefix of ["registry.example.gov", "registry.example.gov/a", "", "/", "a b/", "a//b/"]) {
    expect(() => allowedRegistries([prefix])).toThrow("BH3002");
  }
});

test("surroundings are objects, each described once", () => {
  const names = standing.map(describeObject);
  expect(new Set(names).size).toBe(names.length);
});

test("rules load fast: every command loads them", () => {
  const since = performance.now();
  parseRules(parseRules());
  expect(performance.now() - since).toBeLessThan(2_000);
});
