import { describe, expect, test } from "vitest";
import { LABELS, MANAGER, PLATFORM_GROUP, zoneOwnersGroup } from "../contracts.ts";
import type { Estate, EstateObject } from "../estate/estate.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { BhittiError, formatMessage, severityOf } from "../messages/message.ts";
import { ESTATE_RULES } from "./estate-rules.ts";
import { evaluateEstate } from "./evaluate.ts";
import { fixturesOf } from "./fixtures.ts";
import { allowedRegistries, bindingFor, loadRules, type Rule, ruleOf, type Stage } from "./rules.ts";

/** The day that these tests judge. */
const asOf = "2026-11-23";

const rules = loadRules();
const only = (...ids: string[]): readonly Rule[] => rules.filter(({ id }) => ids.includes(id));

const entry = (object: KubernetesObject, changes: Partial<EstateObject> = {}): EstateObject => ({
  object,
  stack: "c1-soc",
  address: `kubernetes_object.${object.metadata.name}`,
  unknown: [],
  ...changes,
});

const estate = (objects: readonly EstateObject[], undecoded: Estate["undecoded"] = []): Estate => ({
  environment: "test",
  stacks: [...new Set(objects.map(({ stack }) => stack))].map((id) => ({ id, dependencies: [] })),
  objects,
  undecoded,
});

const deny = (): Stage => "deny";
const namespace = (name: string, labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});
const service = (spec: object, namespaceName = "bhitti-soc"): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "s", namespace: namespaceName },
  spec,
});
const pod = (image: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "default" },
  spec: { containers: [{ name: "main", image }] },
});

describe("a finding", () => {
  const position = { file: "environments/x/soc.yaml", line: 3, column: 5 };
  const node = entry(service({ type: "NodePort" }), { position, chartFile: "templates/s.yaml" });
  const judged = (stage: Stage) =>
    evaluateEstate(estate([node]), only("network/no-node-port"), () => stage, { asOf }).findings;

  test("names rule, object, stack, address and the line of YAML that it comes from", () => {
    expect(judged("deny")).toMatchObject([
      {
        rule: "network/no-node-port",
        stage: "deny",
        outcome: "failed",
        stack: "c1-soc",
        address: "kubernetes_object.s",
        chartFile: "templates/s.yaml",
        object: "Service bhitti-soc/s",
      },
    ]);
    expect(judged("deny").map(({ message }) => formatMessage(message))).toEqual([
      "environments/x/soc.yaml:3:5 BH3010 Service bhitti-soc/s of stack 'c1-soc' is refused by network/no-node-port: spec.type is NodePort; use ClusterIP and publish through the gateway",
    ]);
  });

  test("weighs as much as its stage", () => {
    const told = (["deny", "warn", "audit"] as const).flatMap((stage) => judged(stage).map((f) => f.message));
    expect(told.map((m) => [m.code, severityOf(m)])).toEqual([
      ["BH3010", "error"],
      ["BH3011", "warning"],
      ["BH3012", "notice"],
    ]);
  });
});

test("an object that follows the rules gives none, and is counted", () => {
  const { findings, population, objects, subjects } = evaluateEstate(
    estate([
      entry(service({ type: "ClusterIP" })),
      entry(namespace("bhitti-soc", { [LABELS.layer]: "soc", [LABELS.dataClass]: "internal" })),
    ]),
    only("network/no-node-port", "tenancy/namespace-labels", "rbac/no-wildcard"),
    deny,
    { asOf },
  );
  expect(findings).toEqual([]);
  expect(objects).toBe(2);
  expect(population).toEqual([
    { rule: "network/no-node-port", stage: "deny", matched: 1, judged: [0], failed: 0, exempted: 0 },
    // It matched nothing, so it proved nothing: that has to be seen.
    { rule: "rbac/no-wildcard", stage: "deny", matched: 0, judged: [], failed: 0, exempted: 0 },
    { rule: "tenancy/namespace-labels", stage: "deny", matched: 1, judged: [1], failed: 0, exempted: 0 },
  ]);
  expect(subjects.map(({ object }) => object)).toEqual(["Service bhitti-soc/s", "Namespace bhitti-soc"]);
});

test("what could not be decoded is told, and neither passed nor failed", () => {
  const undecoded = [{ stack: "c1-soc", address: "helm_release.foreign", reason: "third-party chart" }];
  const { findings, notEvaluated, messages } = evaluateEstate(estate([], undecoded), rules, deny, { asOf });
  expect(findings).toEqual([]);
  expect(notEvaluated).toEqual(undecoded);
  expect(messages.map(formatMessage)).toEqual([
    expect.stringContaining("BH3015 no rule was asked about helm_release.foreign of stack 'c1-soc': third-party chart"),
  ]);
});

describe("an unknown value", () => {
  const judged = (unknown: string[], stage: Stage) =>
    evaluateEstate(estate([entry(service({ type: "${x}" }), { unknown })]), only("network/no-node-port"), () => stage, {
      asOf,
    }).findings;

  test("is a finding of a rule that depends on it", () => {
    expect(judged(["spec.type"], "deny")).toMatchObject([{ outcome: "error", message: { code: "BH3013" } }]);
    expect(judged(["spec.type"], "audit")).toMatchObject([{ outcome: "error", message: { code: "BH3014" } }]);
    expect(formatMessage(judged(["spec.type"], "deny")[0]?.message ?? fail())).toContain(
      "the value of spec.type is unknown",
    );
    expect(judged(["spec"], "deny")).toMatchObject([{ outcome: "error" }]);
  });

  test("is none of a rule that does not", () => {
    expect(judged(["spec.clusterIP", "metadata.annotations.a"], "deny")).toEqual([]);
  });
});

describe("params", () => {
  const [image] = ["registry.example.gov/platform/app"];
  const registries = only("supply-chain/allowed-registries");

  test("are those of the estate", () => {
    const params = entry(allowedRegistries(["registry.example.gov/platform/"]));
    expect(evaluateEstate(estate([params, entry(pod(image ?? ""))]), registries, deny, { asOf }).findings).toEqual([]);
    expect(evaluateEstate(estate([params, entry(pod("nginx"))]), registries, deny, { asOf }).findings).toHaveLength(1);
  });

  test("that are in no stack are a finding, at any stage: the cluster would refuse", () => {
    expect(
      evaluateEstate(estate([entry(pod(image ?? ""))]), registries, () => "audit", { asOf }).findings,
    ).toMatchObject([{ outcome: "error" }]);
  });

  test("of one cluster are not those of another", () => {
    const params = entry(allowedRegistries(["registry.example.gov/platform/"]), { stack: "c2-guardrails" });
    expect(
      evaluateEstate(estate([params, entry(pod(image ?? ""))]), registries, deny, { asOf }).findings,
    ).toMatchObject([{ outcome: "error" }]);
    const both = [params, entry(pod(image ?? ""), { stack: "c2-zone-a" })];
    expect(evaluateEstate(estate(both), registries, deny, { asOf }).findings).toEqual([]);
  });
});

test("namespaces are those of the estate: the gateway's load balancer stands in the gateway's layer", () => {
  const balanced = (layer: string) =>
    evaluateEstate(
      estate([
        entry(namespace("bhitti-x", { [LABELS.layer]: layer })),
        entry(service({ type: "LoadBalancer", allocateLoadBalancerNodePorts: false }, "bhitti-x")),
      ]),
      only("network/no-load-balancer"),
      deny,
      { asOf },
    ).findings.length;
  expect(balanced("gateway")).toBe(0);
  expect(balanced("soc")).toBe(1);
});

test("objects are created by the platform, or by whom one names", () => {
  const ours: KubernetesObject = {
    ...service({}),
    metadata: { name: "s", namespace: "default", labels: { [LABELS.managedBy]: MANAGER } },
  };
  const protectedRule = only("tenancy/platform-objects-protected");
  expect(evaluateEstate(estate([entry(ours)]), protectedRule, deny, { asOf }).findings).toEqual([]);
  const owner = { username: "owner", groups: [zoneOwnersGroup("a")] };
  expect(evaluateEstate(estate([entry(ours)]), protectedRule, deny, { asOf, userInfo: owner }).findings).toHaveLength(
    1,
  );
  expect(owner.groups).not.toContain(PLATFORM_GROUP);
});

test("custom kinds are those of the estate's definitions", () => {
  const definition: KubernetesObject = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.gov" },
    spec: {
      group: "example.gov",
      names: { plural: "things", kind: "Thing" },
      scope: "Namespaced",
      versions: [{ name: "v1" }],
    },
  };
  const thing: KubernetesObject = {
    apiVersion: "example.gov/v1",
    kind: "Thing",
    metadata: { name: "t", namespace: "default", labels: { [LABELS.managedBy]: MANAGER } },
  };
  const { population } = evaluateEstate(
    estate([entry(definition), entry(thing)]),
    only("tenancy/platform-objects-protected"),
    deny,
    { asOf },
  );
  expect(population[0]?.matched).toBe(1);
});

function fail(): never {
  throw new Error("nothing was found");
}

test("a rule that is no policy of its name cannot be used", () => {
  const [rule] = rules;
  if (!rule) throw new Error("no rule");
  const { policy } = rule;
  const codes = (id: string, changed: object): string => {
    try {
      ruleOf(id, { ...policy, ...changed } as typeof policy);
      return "fine";
    } catch (error) {
      return error instanceof BhittiError ? error.messages.map((m) => m.code).join() : "defect";
    }
  };
  expect(codes(rule.id, {})).toBe("fine");
  expect(codes("other/rule", {})).toBe("BH3001");
  expect(codes(rule.id, { kind: "ConfigMap" })).toBe("BH3001");
  expect(codes(rule.id, { metadata: { name: policy.metadata.name } })).toBe("BH3001");
  expect(codes(rule.id, { spec: { ...policy.spec, paramKind: undefined } })).toBe("BH3001");
  const annotated = (changes: object) => ({
    metadata: { ...policy.metadata, annotations: { ...policy.metadata.annotations, ...changes } },
  });
  expect(codes(rule.id, annotated({ "bhitti.platform/title-bn": "English, not Bangla" }))).toBe("BH3001");
  expect(codes(rule.id, annotated({ "bhitti.platform/rationale-bn": "" }))).toBe("BH3001");
  expect(codes(rule.id, annotated({ "bhitti.platform/level": "strict" }))).toBe("BH3001");
});

test("an example with a key that is misspelt is refused", () => {
  expect(() => fixturesOf({ id: "../testing/misspelt" } as Rule)).toThrow(
    /BH3003 .*fail\/key\.yaml.*Unrecognized key: "oldobject"/s,
  );
  expect(() => fixturesOf({ id: "../testing/incomplete" } as Rule)).toThrow(
    /BH3003 .*oldObject: a UPDATE needs oldObject/s,
  );
});

describe("an estate rule", () => {
  const rule = ESTATE_RULES.find(({ id }) => id === "network/default-deny") ?? fail();
  const closed: KubernetesObject = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "default-deny", namespace: "bhitti-soc" },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };

  test("gives findings and a population like any other", () => {
    const { findings, population } = evaluateEstate(
      estate([entry(service({})), entry(namespace("bhitti-soc")), entry(namespace("other")), entry(closed)]),
      [rule],
      deny,
      { asOf },
    );
    expect(findings).toMatchObject([
      { rule: "network/default-deny", stage: "deny", outcome: "failed", object: "Namespace other", subject: 2 },
    ]);
    expect(population).toEqual([
      { rule: "network/default-deny", stage: "deny", matched: 2, judged: [1, 2], failed: 1, exempted: 0 },
    ]);
  });

  test("that depends on a value only Terraform knows gives an error, and not on another value", () => {
    const judged = (unknown: string[]) =>
      evaluateEstate(estate([entry(namespace("bhitti-soc")), entry(closed, { unknown })]), [rule], deny, { asOf })
        .findings;
    expect(judged(["spec.policyTypes[0]"])).toMatchObject([
      { outcome: "error", object: "NetworkPolicy bhitti-soc/default-deny", message: { code: "BH3013" } },
    ]);
    expect(judged(["metadata.annotations.note"])).toEqual([]);
  });

  test("that throws gives an error for each object that it was to judge", () => {
    const broken = {
      ...rule,
      judge: () => {
        throw new Error("no such luck");
      },
    };
    const { findings } = evaluateEstate(estate([entry(service({})), entry(namespace("other"))]), [broken], deny, {
      asOf,
    });
    expect(findings).toMatchObject([{ outcome: "error", object: "Namespace other", message: { code: "BH3013" } }]);
    expect(formatMessage(findings[0]?.message ?? fail())).toContain("no such luck");
    // Where it was to judge nothing, nothing passes for it.
    expect(evaluateEstate(estate([entry(service({}))]), [broken], deny, { asOf }).findings).toHaveLength(1);
  });
});

test("an advisory rule never denies, whatever stage it is given", () => {
  const [rule] = only("network/no-node-port");
  const advisory = { ...(rule ?? fail()), level: "advisory" } as const;
  const judged = (stage: Stage) =>
    evaluateEstate(estate([entry(service({ type: "NodePort" }))]), [advisory], () => stage, { asOf });
  expect(judged("deny").findings).toMatchObject([{ stage: "warn", message: { code: "BH3011" } }]);
  expect(judged("deny").population).toMatchObject([{ stage: "warn" }]);
  expect(judged("audit").findings).toMatchObject([{ stage: "audit" }]);
  expect(bindingFor(advisory, "deny").spec.validationActions).toEqual(["Warn", "Audit"]);
  expect(bindingFor(advisory, "audit").spec.validationActions).toEqual(["Audit"]);
});

describe("a rule that cannot be asked", () => {
  const rule = ESTATE_RULES.filter(({ id }) => id === "supply-chain/digest-in-lock");
  const pods = estate([entry(pod("registry.example.gov.bd/a@sha256:0"))]);

  test("is told as not run: nothing passes and nothing fails", () => {
    const { findings, population, messages } = evaluateEstate(pods, rule, deny, { asOf });
    expect(findings).toEqual([]);
    expect(population).toMatchObject([{ matched: 0, notRun: "the repository holds no images.lock.yaml" }]);
    expect(messages.map(({ code }) => code)).toEqual(["BH3016"]);
  });

  test("is asked where it can be", () => {
    const { findings, population, messages } = evaluateEstate(pods, rule, deny, { asOf, lock: { images: [] } });
    expect(findings).toHaveLength(1);
    expect(population[0]).not.toHaveProperty("notRun");
    expect(messages).toEqual([]);
  });
});
