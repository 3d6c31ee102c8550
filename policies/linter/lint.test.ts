import { describe, expect, test } from "vitest";
import { formatMessage, type Message } from "../../messages/message.ts";
import { type Lint, type LintOptions, lintPolicies } from "./lint.ts";
import { readDocuments } from "./source.ts";

const BINDING = `---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: replicas
spec:
  policyName: replicas
  validationActions: [Deny]
`;

interface Parts {
  readonly head?: string;
  readonly rules?: string;
  readonly variables?: string;
  readonly expression?: string;
  readonly message?: string;
  readonly more?: string;
  readonly binding?: string;
}

/** A policy without fault, of which a part is replaced. */
function policy({
  head = "failurePolicy: Fail",
  rules = `{ apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments, deployments/scale] }`,
  variables = "",
  expression = "object.spec.replicas <= 5",
  message = `message: spec.replicas is above 5; lower it`,
  more = "",
  binding = BINDING,
}: Parts = {}): string {
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: replicas
spec:
  ${head}
  matchConstraints:
    resourceRules:
      - ${rules}
${variables}
  validations:
    - expression: ${expression}
      ${message}
${more}
${binding}`;
}

function lint(text: string, options?: LintOptions): Lint {
  const { documents, messages } = readDocuments("p.yaml", text);
  const found = lintPolicies(documents, options);
  return { ...found, messages: [...messages, ...found.messages] };
}
const codes = (messages: readonly Message[]): string[] => messages.map((m) => m.code);
const at = ({ position }: Message) => `${position?.line}:${position?.column}`;

const POD_RULES = (...resources: string[]) =>
  `{ apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [${resources.join(", ")}] }`;
const IMAGES = {
  expression: `object.spec.containers.all(c, c.image.startsWith('registry.example.gov/'))`,
  message: `message: spec.containers.image is not of 'registry.example.gov'; use that`,
};
const VALID = [
  "variables:",
  "  - name: images",
  "    expression: object.spec.template.spec.containers.map(c, c.image)",
];
const variables = (...lines: string[]) => lines.map((line) => `  ${line}`).join("\n");

test("a policy and binding as they should be have no finding", () => {
  expect(lint(policy())).toEqual({ messages: [], policies: 1, bindings: 1 });
});

interface Case {
  readonly what: string;
  readonly code: string;
  /** Line and column of the finding. */
  readonly at?: string;
  readonly says?: string;
  readonly bad: Parts;
  /** As near to it as can be, and without the finding. */
  readonly good: Parts;
  readonly options?: LintOptions;
}

const CASES: readonly Case[] = [
  {
    what: "a field that the API does not have",
    code: "BH3102",
    at: "14:14",
    says: "spec.variabels is no field; did you mean 'variables'?",
    bad: { more: "  variabels: []" },
    good: { more: "  auditAnnotations: []" },
  },
  {
    what: "a value of another type",
    code: "BH3102",
    says: "spec.failurePolicy is no text; put it in quotes",
    bad: { head: "failurePolicy: 5" },
    good: { head: "failurePolicy: Fail" },
  },
  {
    what: "no expression",
    code: "BH3102",
    says: "spec.validations[1] lacks expression",
    bad: { more: "    - message: x" },
    good: {},
  },
  {
    what: "what is no expression",
    code: "BH3103",
    at: "12:40",
    bad: { expression: "object.spec.replicas == = 5" },
    good: { expression: "object.spec.replicas == 5" },
  },
  {
    what: "a name that nobody declared, in a folded text",
    code: "BH3103",
    at: "14:14",
    says: "undeclared reference to 'replicas'",
    bad: { expression: ">-\n        object.spec.replicas <= 5\n        &&   replicas > 0" },
    good: { expression: ">-\n        object.spec.replicas <= 5\n        &&   object.spec.replicas > 0" },
  },
  {
    what: "a variable before it is defined",
    code: "BH3103",
    says: "variables.limit",
    bad: {
      variables: variables(
        "variables:",
        "  - name: over",
        "    expression: object.spec.replicas > variables.limit",
        "  - name: limit",
        "    expression: '5'",
      ),
      expression: "'!variables.over && variables.limit > 0'",
    },
    good: {
      variables: variables(
        "variables:",
        "  - name: limit",
        "    expression: '5'",
        "  - name: over",
        "    expression: object.spec.replicas > variables.limit",
      ),
      expression: "'!variables.over && variables.limit > 0'",
    },
  },
  {
    what: "params without paramKind",
    code: "BH3103",
    says: "undeclared reference to 'params'",
    bad: { expression: "object.spec.replicas <= int(params.data.most)" },
    good: {
      head: "paramKind: { apiVersion: v1, kind: ConfigMap }",
      expression: "object.spec.replicas <= int(params.data.most)",
      binding: `${BINDING}  paramRef: { name: most, parameterNotFoundAction: Deny }`,
    },
  },
  {
    what: "a misspelt field within has()",
    code: "BH3104",
    at: "12:37",
    says: "DeploymentSpec, ScaleSpec has no field 'replcas'; did you mean 'replicas'?",
    bad: { expression: "'!has(object.spec.replcas) || object.spec.replicas <= 5'" },
    good: { expression: "'!has(object.spec.replicas) || object.spec.replicas <= 5'" },
  },
  {
    what: "a field of another kind, in the branch of this one",
    code: "BH3104",
    says: "PodSpec has no field 'template'",
    bad: {
      ...IMAGES,
      rules: `{ apiGroups: ["", apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods, pods/ephemeralcontainers, deployments] }`,
      expression: `"(object.kind == 'Pod' ? object.spec.template.spec : object.spec.template.spec).containers.all(c, c.image.startsWith('registry.example.gov/'))"`,
    },
    good: {
      ...IMAGES,
      rules: `{ apiGroups: ["", apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods, pods/ephemeralcontainers, deployments] }`,
      expression: `"(object.kind == 'Pod' ? object.spec : object.spec.template.spec).containers.all(c, c.image.startsWith('registry.example.gov/'))"`,
    },
  },
  {
    what: "a misspelt field through a variable, a list and a macro",
    code: "BH3104",
    says: "'c.imge' can never be there: Container has no field 'imge'",
    bad: {
      variables: variables(
        "variables:",
        "  - name: containers",
        "    expression: object.spec.template.spec.containers + object.spec.template.spec.initContainers",
      ),
      expression: `variables.containers.filter(c, has(c.image)).all(c, c.imge.startsWith('registry.example.gov/'))`,
      message: IMAGES.message,
    },
    good: {
      variables: variables(
        "variables:",
        "  - name: containers",
        "    expression: object.spec.template.spec.containers + object.spec.template.spec.initContainers",
      ),
      expression: `variables.containers.filter(c, has(c.image)).all(c, c.image.startsWith('registry.example.gov/'))`,
      message: IMAGES.message,
    },
  },
  {
    what: "a misspelt field of params",
    code: "BH3104",
    says: "ConfigMap has no field 'dat'",
    bad: {
      head: "paramKind: { apiVersion: v1, kind: ConfigMap }",
      expression: "object.spec.replicas <= int(params.dat.most)",
      binding: `${BINDING}  paramRef: { name: most, parameterNotFoundAction: Deny }`,
    },
    good: {
      head: "paramKind: { apiVersion: v1, kind: ConfigMap }",
      expression: "object.spec.replicas <= int(params.data['most'])",
      binding: `${BINDING}  paramRef: { name: most, parameterNotFoundAction: Deny }`,
    },
  },
  {
    what: "a misspelt field of metadata, where any kind is matched",
    code: "BH3104",
    says: "ObjectMeta has no field 'lables'",
    bad: {
      rules: `{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }`,
      expression: "has(object.metadata.lables)",
      message: "message: metadata.labels is missing; set it",
    },
    good: {
      rules: `{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }`,
      expression: "has(object.metadata.labels) && object.anything.of.a.custom.kind == 1",
      message: "message: metadata.labels is missing; set it",
    },
  },
  {
    what: "a misspelt field of the request",
    code: "BH3104",
    says: "did you mean 'username'?",
    bad: { expression: "object.spec.replicas <= 5 || request.userInfo.usrname == 'admin'" },
    good: { expression: "object.spec.replicas <= 5 || request.userInfo.username == 'admin'" },
  },
  {
    what: "an optional",
    code: "BH3105",
    at: "12:31",
    says: "use has() and a conditional",
    bad: { expression: "object.spec.?replicas.orValue(0) <= 5" },
    good: { expression: "'(has(object.spec.replicas) ? object.spec.replicas : 0) <= 5'" },
  },
  {
    what: "a macro with two variables",
    options: { minimumVersion: "1.33" },
    code: "BH3105",
    bad: { expression: "object.spec.replicas <= 5 || object.metadata.labels.all(k, v, v != '')" },
    good: { expression: "object.spec.replicas <= 5 || object.metadata.labels.all(k, object.metadata.labels[k] != '')" },
  },
  {
    what: "split with a limit",
    code: "BH3105",
    bad: { expression: "object.spec.replicas <= 5 || object.metadata.name.split('-', 2)[0] == 'a'" },
    good: { expression: "object.spec.replicas <= 5 || object.metadata.name.split('-')[0] == 'a'" },
  },
  {
    what: "the flag (?i)",
    code: "BH3105",
    bad: { expression: "object.spec.replicas <= 5 || object.metadata.name.matches('(?i)^big')" },
    good: { expression: "object.spec.replicas <= 5 || object.metadata.name.lowerAscii().matches('^big(?:ger)?')" },
  },
  {
    what: "a function that the oldest cluster lacks",
    code: "BH3106",
    says: "isCIDR(string): bool needs Kubernetes 1.31, and the policy has to load on 1.30",
    options: { minimumVersion: "1.30" },
    bad: { expression: "object.spec.replicas <= 5 || isCIDR(object.metadata.name)" },
    good: { expression: "object.spec.replicas <= 5 || isQuantity(object.metadata.name)" },
  },
  {
    what: "a pattern that is not RE2",
    code: "BH3107",
    at: "12:77",
    bad: { expression: "object.spec.replicas <= 5 || object.metadata.name.matches('^(?!big)')" },
    good: { expression: "object.spec.replicas <= 5 || object.metadata.name.matches('^(?:big)')" },
  },
  { what: "a policy without binding", code: "BH3110", at: "4:9", bad: { binding: "" }, good: {} },
  {
    what: "a binding without policy",
    code: "BH3111",
    bad: { binding: `${BINDING}${BINDING.replaceAll("replicas", "other")}` },
    good: { binding: `${BINDING}${BINDING.replace("replicas", "other")}` },
  },
  {
    what: "a binding that refuses nothing",
    code: "BH3112",
    says: "only does Audit, Warn",
    bad: { binding: BINDING.replace("[Deny]", "[Audit, Warn]") },
    good: { binding: BINDING.replace("[Deny]", "[Audit, Deny]") },
  },
  {
    what: "failing open",
    code: "BH3113",
    at: "6:18",
    bad: { head: "failurePolicy: Ignore" },
    good: { head: "failurePolicy: Fail" },
  },
  {
    what: "pods without their ephemeral containers",
    code: "BH3114",
    at: "9:89",
    says: "pods/ephemeralcontainers",
    bad: { ...IMAGES, rules: POD_RULES("pods") },
    good: { ...IMAGES, rules: POD_RULES("pods", "pods/ephemeralcontainers") },
  },
  {
    what: "pods without their resize",
    code: "BH3114",
    says: "pods/resize",
    bad: {
      rules: POD_RULES("pods", "pods/ephemeralcontainers"),
      expression: "object.spec.containers.all(c, has(c.resources.limits))",
      message: "message: resources.limits is missing; set it",
    },
    good: {
      rules: POD_RULES('"pods"', '"pods/*"'),
      expression: "object.spec.containers.all(c, has(c.resources.limits))",
      message: "message: resources.limits is missing; set it",
    },
  },
  {
    what: "replicas without scale",
    code: "BH3114",
    says: "deployments/scale",
    bad: { rules: `{ apiGroups: [apps], apiVersions: [v1], operations: ["*"], resources: [deployments] }` },
    good: { rules: `{ apiGroups: [apps], apiVersions: [v1], operations: ["*"], resources: [deployments, "*/scale"] }` },
  },
  {
    what: "a resource in the singular",
    code: "BH3115",
    says: "did you mean 'deployments'?",
    bad: { rules: `{ apiGroups: [apps], apiVersions: [v1], operations: ["*"], resources: [deployment, "*/scale"] }` },
    good: {
      rules: `{ apiGroups: [apps.example.gov], apiVersions: [v1], operations: ["*"], resources: [deployment, "*/scale"] }`,
    },
  },
  {
    what: "params that may be missing",
    code: "BH3116",
    bad: {
      head: "paramKind: { apiVersion: v1, kind: ConfigMap }",
      expression: "object.spec.replicas <= int(params.data.most)",
      binding: `${BINDING}  paramRef: { name: most, parameterNotFoundAction: Allow }`,
    },
    good: {
      head: "paramKind: { apiVersion: v1, kind: ConfigMap }",
      expression: "object.spec.replicas <= int(params.data.most)",
      binding: `${BINDING}  paramRef: { name: most, parameterNotFoundAction: Deny }`,
    },
  },
  {
    what: "paramKind without paramRef",
    code: "BH3116",
    says: "it has no paramRef",
    bad: { head: "paramKind: { apiVersion: v1, kind: ConfigMap }" },
    good: {},
  },
  { what: "no message", code: "BH3120", at: "12:19", bad: { message: "" }, good: {} },
  {
    what: "a message that is too long",
    code: "BH3121",
    says: "message is 329 characters long, more than 300",
    bad: { message: `message: spec.replicas is above 5; lower it${"!".repeat(295)}` },
    good: { message: `message: spec.replicas is above 5; lower it${"!".repeat(266)}` },
  },
  {
    what: "a message without the field",
    code: "BH3122",
    says: "name the field",
    bad: { message: "message: there are more than 5; lower it" },
    good: { message: "message: there are more than 5 replicas; lower it" },
  },
  {
    what: "a message without the value",
    code: "BH3122",
    says: "name the value",
    bad: {
      expression: "object.metadata.name != object.metadata.namespace",
      message: "message: metadata.name is wrong; change it",
    },
    good: {
      expression: "object.metadata.name != object.metadata.namespace",
      message: `message: metadata.name is wrong; change it\n      messageExpression: "'metadata.name is ' + object.metadata.name + '; change it'"`,
    },
  },
  {
    what: "a message without the remedy",
    code: "BH3122",
    says: "name the remedy",
    bad: { message: "message: spec.replicas is 6" },
    good: { message: "message: spec.replicas must be at most 5" },
  },
  {
    what: "a variable that nobody uses",
    code: "BH3130",
    at: "11:13",
    bad: { variables: variables(...VALID) },
    good: { variables: variables(...VALID), expression: "object.spec.replicas <= size(variables.images)" },
  },
  {
    what: "two equal validations",
    code: "BH3131",
    says: "line 12",
    bad: { more: "    - expression: (object.spec.replicas) <= (5)\n      message: spec.replicas is above 5; lower it" },
    good: { more: "    - expression: object.spec.replicas >= 5\n      message: spec.replicas is below 5; raise it" },
  },
];

describe.each(CASES)("$what", ({ code, at: place, says, bad, good, options }) => {
  test("is found", () => {
    const found = lint(policy(bad), options).messages;
    const [first] = found.filter((m) => m.code === code);
    expect(first, found.map(formatMessage).join("\n")).toBeDefined();
    if (!first) return;
    if (place) expect(at(first)).toBe(place);
    if (says) expect(formatMessage(first)).toContain(says);
    // Nothing else is found for the same fault.
    expect(new Set(codes(found))).toEqual(new Set([code]));
  });

  test("is not found where it is not", () => {
    expect(lint(policy(good), options).messages.map(formatMessage)).toEqual([]);
  });
});

test("every finding of the linter has a case", async () => {
  const { policyLintMessages } = await import("../../messages/policy-lint.ts");
  const ofFiles = ["BH3101", "BH3132"];
  expect([...new Set(CASES.map((c) => c.code)), ...ofFiles].sort()).toEqual(Object.keys(policyLintMessages).sort());
});

describe("files that are none", () => {
  const read = (text: string) => {
    const since = performance.now();
    const { documents, messages } = readDocuments("p.yaml", text);
    expect(performance.now() - since).toBeLessThan(5_000);
    expect(documents).toEqual([]);
    return messages.map(formatMessage);
  };

  test.each([
    ["a tab", "a:\n\tb: 1", /^p\.yaml:2:1 BH3101 'p\.yaml' cannot be read: it is no YAML/],
    ["an unknown alias", "a: *b", /BH3101/],
    [
      "an alias bomb",
      `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `${"bcdefghijklmnopqrstuvwxyzABCDEFG"[i]}: &${"bcdefghijklmnopqrstuvwxyzABCDEFG"[i]} [${`*${"abcdefghijklmnopqrstuvwxyzABCDEF"[i]},`.repeat(9)}]`).join("\n")}`,
      /BH3101.*alias/i,
    ],
    ["an alias to itself", "a: &a\n  b: *a\n", /BH3101/],
    ["too deep a nest", `a: ${"[".repeat(100_000)}`, /BH3101.*nests deeper/],
    ["too large a file", `a: ${"x".repeat(10_000_000)}`, /BH3101.*larger than 4 MiB/],
  ])("%s", (_, text, said) => {
    expect(read(text)).toEqual([expect.stringMatching(said)]);
  });
});

test("items of a List are looked at, each at its own place", () => {
  const list = JSON.stringify(
    { kind: "List", apiVersion: "v1", items: [{ kind: "ConfigMap", apiVersion: "v1" }, { ...BROKEN }] },
    null,
    1,
  );
  const found = lint(list);
  expect(found).toMatchObject({ policies: 1, bindings: 0 });
  const line = list.split("\n").findIndex((text) => text.includes('"expression"'));
  expect(found.messages.map((m) => `${m.code} ${at(m)}`)).toContain(`BH3103 ${line + 1}:21`);
});

const BROKEN = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: { name: "x" },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }],
    },
    validations: [{ expression: "a" }],
  },
};

test("whatever a document holds, there is an answer", () => {
  const values = [null, 1, "x", [], {}, [1], { a: 1 }];
  const keys = ["metadata", "spec"] as const;
  for (const kind of ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]) {
    for (const key of keys) {
      for (const value of values) {
        const text = JSON.stringify({ ...BROKEN, kind, [key]: value });
        expect(codes(lint(text).messages).length, text).toBeGreaterThan(0);
      }
    }
    for (const field of [
      "matchConstraints",
      "validations",
      "variables",
      "matchConditions",
      "failurePolicy",
      "policyName",
      "validationActions",
      "paramRef",
    ]) {
      for (const value of values) {
        const text = JSON.stringify({ ...BROKEN, kind, spec: { ...BROKEN.spec, [field]: value } });
        expect(codes(lint(text).messages).length, text).toBeGreaterThan(0);
      }
    }
  }
});
