import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { type AdmissionInput, evaluate, judgeOf } from "./admission.ts";
import { kindsOf } from "./kinds.ts";
import type { AdmissionPolicy, BindingSpec, PolicyBinding, PolicySpec } from "./policy.ts";
import type { AdmissionRequest } from "./request.ts";

const configMaps = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] };

const policy = (spec: Partial<PolicySpec>): AdmissionPolicy => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: { name: "p" },
  spec: {
    matchConstraints: { resourceRules: [configMaps] },
    validations: [{ expression: "false", message: "no" }],
    ...spec,
  },
});

const binding = (spec: Partial<BindingSpec> = {}): PolicyBinding => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicyBinding",
  metadata: { name: "b" },
  spec: { policyName: "p", validationActions: ["Deny"], ...spec },
});

const configMap = (metadata: object = {}, data: unknown = { a: "b" }): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "c", namespace: "here", ...metadata },
  data,
});

const namespace = (name: string, labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

const creating = (object: KubernetesObject): AdmissionRequest => ({
  operation: "CREATE",
  object,
  userInfo: { username: "somebody", groups: ["g"] },
});

const definition: KubernetesObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.example.gov" },
  spec: {
    group: "example.gov",
    names: { plural: "things", kind: "Thing" },
    scope: "Namespaced",
    versions: [{ name: "v1" }, { name: "v2" }, { name: "v3", served: false }],
  },
};

const here = [namespace("here", { tier: "gold" })];

function verdict(
  spec: Partial<PolicySpec>,
  {
    request = creating(configMap()),
    bound = binding(),
    ...rest
  }: Partial<AdmissionInput> & { request?: AdmissionRequest; bound?: PolicyBinding } = {},
) {
  const [first] = evaluate({
    policies: [policy(spec)],
    bindings: [bound],
    objects: [request],
    namespaces: here,
    ...rest,
  });
  if (!first) throw new Error("no verdict");
  return { outcome: first.outcome, messages: first.messages };
}

describe("what a policy concerns", () => {
  const rule = (changes: object) => ({ matchConstraints: { resourceRules: [{ ...configMaps, ...changes }] } });
  const pods = (resources: string[], subresource?: string) =>
    verdict(rule({ resources, operations: ["*"] }), {
      request: {
        ...creating({ apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "here" } }),
        ...(subresource ? { subresource } : {}),
      },
    }).outcome;

  test.each([
    [{}, "deny"],
    [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }, "deny"],
    [{ apiGroups: ["apps"] }, "notMatched"],
    [{ operations: ["UPDATE"] }, "notMatched"],
    [{ resources: ["secrets"] }, "notMatched"],
    [{ resourceNames: ["c"] }, "deny"],
    [{ resourceNames: ["d"] }, "notMatched"],
    [{ scope: "Namespaced" }, "deny"],
    [{ scope: "Cluster" }, "notMatched"],
    // No server serves it, so nothing is equivalent to it.
    [{ apiVersions: ["v2"] }, "notMatched"],
  ])("%o is %s", (changes, outcome) => {
    expect(verdict(rule(changes)).outcome).toBe(outcome);
  });

  test("Exact does not look at other versions", () => {
    const { matchConstraints } = rule({ apiVersions: ["v2"] });
    expect(verdict({ matchConstraints: { ...matchConstraints, matchPolicy: "Exact" } }).outcome).toBe("notMatched");
  });

  test("subresources are matched by name, and not by the resource", () => {
    expect(pods(["pods"])).toBe("deny");
    expect(pods(["pods"], "ephemeralcontainers")).toBe("notMatched");
    expect(pods(["*"], "ephemeralcontainers")).toBe("notMatched");
    expect(pods(["pods/*"], "ephemeralcontainers")).toBe("deny");
    expect(pods(["*/ephemeralcontainers"], "ephemeralcontainers")).toBe("deny");
    expect(pods(["*/*"], "ephemeralcontainers")).toBe("deny");
    expect(pods(["*/*"])).toBe("deny");
    expect(pods(["pods/ephemeralcontainers"])).toBe("notMatched");
  });

  test("a namespace is cluster-wide, and has its own labels", () => {
    const matchConstraints = {
      resourceRules: [{ ...configMaps, resources: ["namespaces"], scope: "Cluster" as const }],
    };
    const request = creating(namespace("new", { tier: "gold" }));
    const selecting = (key: string, value: string) =>
      verdict(
        { matchConstraints: { ...matchConstraints, namespaceSelector: { matchLabels: { [key]: value } } } },
        { request },
      );
    expect(verdict({ matchConstraints }, { request }).outcome).toBe("deny");
    expect(selecting("tier", "gold").outcome).toBe("deny");
    expect(selecting("kubernetes.io/metadata.name", "new").outcome).toBe("deny");
    expect(selecting("tier", "silver").outcome).toBe("notMatched");
  });

  test("exclusions win", () => {
    const matchConstraints = {
      resourceRules: [configMaps],
      excludeResourceRules: [{ ...configMaps, resourceNames: ["c"] }],
    };
    expect(verdict({ matchConstraints }).outcome).toBe("notMatched");
    expect(verdict({ matchConstraints }, { request: creating(configMap({ name: "d" })) }).outcome).toBe("deny");
  });

  test("a binding narrows, and one without rules takes all that its policy takes", () => {
    expect(verdict({}, { bound: binding({ matchResources: {} }) }).outcome).toBe("deny");
    const bound = binding({ matchResources: { namespaceSelector: { matchLabels: { tier: "silver" } } } });
    expect(verdict({}, { bound }).outcome).toBe("notMatched");
  });

  test.each([
    ["In", ["gold", "silver"], "deny"],
    ["In", ["silver"], "notMatched"],
    ["NotIn", ["gold"], "notMatched"],
    ["NotIn", ["silver"], "deny"],
    ["Exists", undefined, "deny"],
    ["DoesNotExist", undefined, "notMatched"],
  ] as const)("namespaces by %s %s: %s", (operator, values, outcome) => {
    const expression = { key: "tier", operator, ...(values ? { values } : {}) };
    const matchResources = { namespaceSelector: { matchExpressions: [expression] } };
    expect(verdict({}, { bound: binding({ matchResources }) }).outcome).toBe(outcome);
  });

  test("the labels of a namespace that nobody described are unknown, but for its name", () => {
    const bound = (key: string, operator: "In" | "NotIn", value: string) =>
      verdict(
        {},
        {
          namespaces: [],
          bound: binding({
            matchResources: { namespaceSelector: { matchExpressions: [{ key, operator, values: [value] }] } },
          }),
        },
      );
    expect(bound("tier", "NotIn", "gold")).toEqual({
      outcome: "error",
      messages: ["failed to configure binding: namespace 'here' is not known, so its labels are not"],
    });
    expect(bound("kubernetes.io/metadata.name", "NotIn", "here").outcome).toBe("notMatched");
    expect(bound("kubernetes.io/metadata.name", "In", "here").outcome).toBe("deny");
  });

  test("a selector of objects is asked of the new object and of the old one", () => {
    const matchConstraints = {
      resourceRules: [{ ...configMaps, operations: ["*"] }],
      objectSelector: { matchLabels: { mine: "yes" } },
    };
    const [plain, labelled] = [configMap(), configMap({ labels: { mine: "yes" } })];
    const outcome = (request: Partial<AdmissionRequest>) =>
      verdict({ matchConstraints }, { request: { operation: "UPDATE", userInfo: { username: "x" }, ...request } })
        .outcome;
    expect(outcome({ object: plain, oldObject: labelled })).toBe("deny");
    expect(outcome({ object: labelled, oldObject: plain })).toBe("deny");
    expect(outcome({ object: plain, oldObject: plain })).toBe("notMatched");
    expect(outcome({ operation: "DELETE", oldObject: labelled })).toBe("deny");
    expect(outcome({ operation: "CREATE", object: plain })).toBe("notMatched");
  });

  test("a kind of which nobody knows the resource is an error to a policy that names resources of its group", () => {
    const request = creating({
      apiVersion: "example.gov/v1",
      kind: "Thing",
      metadata: { name: "t", namespace: "here" },
    });
    const of = (changes: object) => verdict(rule({ apiGroups: ["example.gov"], ...changes }), { request }).outcome;
    expect(of({ resources: ["things"] })).toBe("error");
    expect(of({ resources: ["*"] })).toBe("deny");
    expect(of({ resources: ["things"], apiGroups: ["other.gov"] })).toBe("notMatched");
    const kinds = kindsOf([definition]);
    expect(verdict(rule({ apiGroups: ["example.gov"], resources: ["things"] }), { request, kinds }).outcome).toBe(
      "deny",
    );
  });

  test("policies do not concern policies", () => {
    const request = creating(binding());
    expect(verdict(rule({ apiGroups: ["*"], resources: ["*"] }), { request }).outcome).toBe("notMatched");
  });
});

describe("match conditions", () => {
  const conditions = (...expressions: string[]) => ({
    matchConditions: expressions.map((expression, i) => ({ name: `c${i}`, expression })),
  });

  test("all have to hold", () => {
    expect(verdict(conditions("true", "object.data.a == 'b'")).outcome).toBe("deny");
    expect(verdict(conditions("true", "object.data.a == 'c'")).outcome).toBe("notMatched");
  });

  test("one that does not hold outweighs one that errs", () => {
    expect(verdict(conditions("object.data.none == 'c'", "false")).outcome).toBe("notMatched");
  });

  test("one that errs fails, or is passed over where the policy says so", () => {
    expect(verdict(conditions("object.data.none == 'c'")).outcome).toBe("error");
    expect(verdict({ ...conditions("object.data.none == 'c'"), failurePolicy: "Ignore" }).outcome).toBe("notMatched");
  });

  test("see no variables", () => {
    expect(verdict({ ...conditions("variables.x"), variables: [{ name: "x", expression: "true" }] }).outcome).toBe(
      "error",
    );
  });
});

describe("validations", () => {
  test("what is not true fails, and each that fails is told", () => {
    const validations = [
      { expression: "true" },
      { expression: "1 == 2", message: " plain " },
      { expression: "object.data.a == 'c'", messageExpression: "'a is ' + object.data.a" },
      { expression: "  2 == 3  " },
    ];
    expect(verdict({ validations })).toEqual({
      outcome: "deny",
      messages: ["plain", "a is b", "failed expression: 2 == 3"],
    });
  });

  test.each([
    ["object.data.none", "plain"],
    ["'  '", "plain"],
    ["'two\\nlines'", "plain"],
    ["1", "plain"],
    ["object.data.long", "plain"],
    ["'  fine '", "fine"],
  ])("the message %s becomes '%s'", (messageExpression, expected) => {
    const validations = [{ expression: "false", message: "plain", messageExpression }];
    const request = creating(configMap({}, { long: "x".repeat(5 * 1024 + 1) }));
    expect(verdict({ validations }, { request }).messages).toEqual([expected]);
  });

  test("an error fails, and is told", () => {
    const { outcome, messages } = verdict({ validations: [{ expression: "object.data.none == 'x'", message: "m" }] });
    expect(outcome).toBe("error");
    expect(messages).toEqual(["expression 'object.data.none == 'x'' resulted in error: field not found: none"]);
  });

  test("failurePolicy Ignore forgives errors, and no failures", () => {
    const validations = [{ expression: "object.data.none == 'x'" }];
    expect(verdict({ validations, failurePolicy: "Ignore" }).outcome).toBe("allow");
    expect(verdict({ validations: [...validations, { expression: "false" }], failurePolicy: "Ignore" }).outcome).toBe(
      "deny",
    );
  });

  test.each(["math.abs(-1) == 1", "cel.bind(x, 1, x == 1)", "base64.encode(b'x') == ''"])(
    "what the engine lacks is an error, and never passes: %s",
    (expression) => {
      expect(verdict({ validations: [{ expression: `true || ${expression}` }] }).outcome).toBe("error");
    },
  );

  test("a question to the authorizer that nobody declared is an error", () => {
    const validations = [{ expression: "authorizer.path('/x').check('get').allowed()" }];
    const authorizer = [{ verb: "get", path: "/x", allowed: true }];
    expect(verdict({ validations }).outcome).toBe("error");
    expect(verdict({ validations }, { authorizer }).outcome).toBe("allow");
  });

  test("what the binding does about it is the outcome", () => {
    const outcome = (validationActions: BindingSpec["validationActions"] & object) =>
      verdict({}, { bound: binding({ validationActions }) }).outcome;
    expect(outcome(["Deny", "Audit"])).toBe("deny");
    expect(outcome(["Warn", "Audit"])).toBe("warn");
    expect(outcome(["Audit"])).toBe("audit");
  });

  test("audit annotations err too", () => {
    const validations = [{ expression: "true" }];
    const annotated = (valueExpression: string) =>
      verdict({ validations, auditAnnotations: [{ key: "k", valueExpression }] }).outcome;
    expect(annotated("'fine'")).toBe("allow");
    expect(annotated("null")).toBe("allow");
    expect(annotated("object.data.none")).toBe("error");
    expect(annotated("1")).toBe("error");
  });
});

describe("variables", () => {
  test("may use those before them, and are an error only where they are needed", () => {
    const variables = [
      { name: "broken", expression: "object.data.none" },
      { name: "a", expression: "object.data.a" },
      { name: "both", expression: "variables.a + '!'" },
    ];
    const validations = [{ expression: "variables.both == 'b!' || variables.broken == ''" }];
    expect(verdict({ variables, validations }).outcome).toBe("allow");
    expect(verdict({ variables, validations: [{ expression: "variables.broken == ''" }] }).outcome).toBe("error");
  });

  test("cannot use those behind them, nor themselves", () => {
    for (const expression of ["variables.later", "variables.early"]) {
      const variables = [
        { name: "early", expression },
        { name: "later", expression: "true" },
      ];
      expect(verdict({ variables, validations: [{ expression: "variables.early" }] }).outcome).toBe("error");
    }
  });

  test("the request, and the namespace of the object", () => {
    const validations = [
      {
        expression: `request.operation == 'CREATE' && request.userInfo.username == 'somebody' && 'g' in request.userInfo.groups
          && request.namespace == 'here' && request.name == 'c' && request.kind.kind == 'ConfigMap'
          && request.resource.resource == 'configmaps' && oldObject == null`,
      },
      { expression: "namespaceObject.metadata.labels['tier'] == 'gold'" },
    ];
    expect(verdict({ validations })).toEqual({ outcome: "allow", messages: [] });
    expect(verdict({ validations: [{ expression: "has(params.data)" }] }).outcome).toBe("error");
  });

  test("a cluster-wide object lies in no namespace", () => {
    const matchConstraints = { resourceRules: [{ ...configMaps, resources: ["namespaces"] }] };
    const validations = [{ expression: "namespaceObject == null" }];
    expect(verdict({ matchConstraints, validations }, { request: creating(namespace("n")) }).outcome).toBe("allow");
  });

  test("a namespace that nobody described is an error to whoever reads it", () => {
    const validations = [{ expression: "namespaceObject == null || true" }];
    expect(verdict({ validations }, { namespaces: [] }).outcome).toBe("allow");
    expect(verdict({ validations: [{ expression: "namespaceObject != null" }] }, { namespaces: [] }).outcome).toBe(
      "error",
    );
  });

  test("fields that are null are absent in the server's own kinds, and there in others", () => {
    const validations = [{ expression: "!has(object.data.a)" }];
    const request = creating(configMap({}, { a: null, b: [{ c: null }] }));
    expect(verdict({ validations }, { request }).outcome).toBe("allow");
    const custom = {
      ...creating({ apiVersion: "example.gov/v1", kind: "Thing", metadata: { name: "t" }, data: { a: null } }),
    };
    const matchConstraints = { resourceRules: [{ ...configMaps, apiGroups: ["*"], resources: ["*"] }] };
    expect(verdict({ matchConstraints, validations }, { request: custom }).outcome).toBe("deny");
  });
});

describe("params", () => {
  const paramKind = { apiVersion: "v1", kind: "ConfigMap" };
  const params = [
    configMap({ name: "limit", labels: { set: "x" } }, { max: "1" }),
    configMap({ name: "other", labels: { set: "x" } }, { max: "2" }),
    configMap({ name: "limit", namespace: "there" }, { max: "9" }),
  ];
  const judged = (paramRef: BindingSpec["paramRef"] | undefined, expression: string, more: Partial<PolicySpec> = {}) =>
    verdict(
      { paramKind, validations: [{ expression, messageExpression: "'max ' + params.data.max" }], ...more },
      { bound: binding(paramRef ? { paramRef } : {}), params },
    );
  const Deny = { parameterNotFoundAction: "Deny" } as const;

  test("by name, in the namespace of the object or in a given one", () => {
    expect(judged({ name: "limit", ...Deny }, "params.data.max == '1'").outcome).toBe("allow");
    expect(judged({ name: "limit", namespace: "there", ...Deny }, "params.data.max == '9'").outcome).toBe("allow");
    expect(judged({ name: "limit", namespace: "there", ...Deny }, "false").messages).toEqual(["max 9"]);
  });

  test("by selector, each one in its turn", () => {
    const selector = { matchLabels: { set: "x" } };
    expect(judged({ selector, ...Deny }, "false")).toEqual({ outcome: "deny", messages: ["max 1", "max 2"] });
    expect(judged({ selector, ...Deny }, "params.data.max == '1'").messages).toEqual(["max 2"]);
  });

  test("none: refused or passed over, as the binding says", () => {
    expect(judged({ name: "none", ...Deny }, "true")).toEqual({
      outcome: "error",
      messages: ["failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"],
    });
    expect(judged({ name: "none", parameterNotFoundAction: "Allow" }, "false").outcome).toBe("notMatched");
    expect(judged({ name: "none", ...Deny }, "true", { failurePolicy: "Ignore" }).outcome).toBe("allow");
  });

  test("a binding without a reference judges with null", () => {
    expect(judged(undefined, "params == null").outcome).toBe("allow");
  });

  test("a namespaced kind of params is of no use to a cluster-wide object, and an unknown kind to nobody", () => {
    const matchConstraints = { resourceRules: [{ ...configMaps, resources: ["namespaces"] }] };
    const bound = binding({ paramRef: { name: "limit", ...Deny } });
    const clusterWide = creating({ apiVersion: "v1", kind: "Node", metadata: { name: "n" } });
    const nodes = { resourceRules: [{ ...configMaps, resources: ["nodes"] }] };
    expect(verdict({ paramKind, matchConstraints: nodes }, { bound, params, request: clusterWide }).outcome).toBe(
      "error",
    );
    expect(
      verdict({ paramKind, matchConstraints }, { bound, params, request: creating(namespace("here")) }).outcome,
    ).toBe("deny");
    const unknown = { paramKind: { apiVersion: "example.gov/v1", kind: "Limit" } };
    expect(verdict(unknown, { bound, params }).messages[0]).toContain("Kind=Limit");
  });
});

describe("unknown values of an object", () => {
  const asked = (unknown: string[], spec: Partial<PolicySpec>, bound = binding()) =>
    verdict(spec, {
      bound,
      request: { ...creating(configMap({ labels: { "a.b/c": "${x}", d: "e" } }, { a: "${y}" })), unknown },
    }).outcome;

  test("matter where a validation depends on them", () => {
    expect(asked(["data.a"], { validations: [{ expression: "object.data.a == 'b'" }] })).toBe("error");
    expect(asked(["data.a"], { validations: [{ expression: "object.metadata.name == 'c'" }] })).toBe("allow");
  });

  test("matter where a selector depends on them", () => {
    const selecting = (key: string, value: string) => ({
      matchConstraints: { resourceRules: [configMaps], objectSelector: { matchLabels: { [key]: value } } },
    });
    const path = 'metadata.labels["a.b/c"]';
    expect(asked([path], selecting("a.b/c", "1"))).toBe("error");
    expect(asked([path], selecting("d", "e"))).toBe("deny");
    expect(asked([path], selecting("d", "f"))).toBe("notMatched");
    expect(asked(["metadata"], selecting("d", "e"))).toBe("error");
    const narrowed = binding({ matchResources: { namespaceSelector: { matchLabels: { tier: "gold" } } } });
    expect(asked(["metadata.namespace"], {}, narrowed)).toBe("error");
  });
});

test("a judge leaves out the bindings that never concern a kind, and `all` brings them", () => {
  const judge = judgeOf([policy({})], [binding()], { namespaces: here });
  const secret = creating({ apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "here" } });
  expect(judge(secret)).toEqual([]);
  expect(judge(secret, { all: true })).toMatchObject([{ outcome: "notMatched", policy: "p", binding: "b" }]);
  expect(judge(creating(configMap()))).toMatchObject([{ outcome: "deny", messages: ["no"] }]);
});

test("2,000 objects by 60 policies take seconds", () => {
  const policies = Array.from({ length: 60 }, (_, i) => ({
    ...policy({ validations: [{ expression: `object.data.a != 'x${i}' && object.metadata.name.startsWith('c')` }] }),
    metadata: { name: `p${i}` },
  }));
  const bindings = policies.map(({ metadata }) => ({ ...binding(), spec: { policyName: metadata.name } }));
  const judge = judgeOf(policies, bindings, { namespaces: here });
  const since = performance.now();
  let judged = 0;
  for (let i = 0; i < 2000; i++) judged += judge(creating(configMap({ name: `c${i}` }))).length;
  expect(judged).toBe(120_000);
  expect(performance.now() - since).toBeLessThan(20_000);
});
