import { describe, expect, test } from "vitest";
import { evaluate as admit } from "./admission.ts";
import { compile, computedMap, errorValue, evaluate, jsonValue, toPlain, type Value } from "./expression.ts";
import { CASES, NAMESPACE, OBJECT } from "./expression-cases.ts";
import type { AdmissionPolicy, PolicyBinding } from "./policy.ts";

/** A policy that refuses with what an expression gives, so that a verdict's message is the expression's value. */
const speaking = (messageExpression: string): AdmissionPolicy => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: { name: "speaking" },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
    },
    variables: [{ name: "known", expression: "1" }],
    validations: [{ expression: "false", message: "error", messageExpression }],
  },
});

const binding: PolicyBinding = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicyBinding",
  metadata: { name: "speaking" },
  spec: { policyName: "speaking", validationActions: ["Deny"] },
};

const names = {
  object: "any",
  oldObject: "any",
  request: "any",
  namespaceObject: "any",
  variables: ["known"],
} as const;

test.each(CASES)("%s is %s", (expression, expected) => {
  expect(compile(expression, names).problem !== undefined).toBe(expected === "compile");
  const [verdict] = admit({
    policies: [speaking(expression)],
    bindings: [binding],
    objects: [{ operation: "CREATE", object: OBJECT, userInfo: { username: "x" } }],
    namespaces: [NAMESPACE],
  });
  expect(verdict?.messages).toEqual([expected === "compile" || expected === "type" ? "error" : expected]);
});

const result = (expression: string, variables: Record<string, Value>) => {
  const known = Object.fromEntries(Object.keys(variables).map((name) => [name, "any" as const]));
  const outcome = evaluate(compile(expression, known), variables);
  return "value" in outcome ? toPlain(outcome.value) : outcome.error;
};

describe("JSON", () => {
  const object = jsonValue({ count: 3, ratio: 0.5, none: null, list: [1, null, { a: "b" }], big: 2 ** 60 });

  test("has ints and doubles, as the API server reads them", () => {
    expect(result("object.count == 3 && type(object.count) == int && type(object.ratio) == double", { object })).toBe(
      true,
    );
  });

  test("has a key whose value is null", () => {
    expect(result("has(object.none) && 'none' in object && object.none == null", { object })).toBe(true);
    expect(result("object.list[1] == null && object.list[2].a == 'b'", { object })).toBe(true);
  });

  test("has members of its own only", () => {
    expect(result("has(object.constructor) || 'toString' in object", { object })).toBe(false);
    expect(result("has(object.__proto__)", { object })).toBe(false);
  });

  test("compares by value", () => {
    const same = jsonValue({ list: [1, null, { a: "b" }] });
    expect(result("object.list == same.list && object.list != [1]", { object, same })).toBe(true);
  });

  test("gives keys to a comprehension, and values to a message", () => {
    expect(result("object.map(k, k).join(',')", { object })).toBe("count,ratio,none,list,big");
  });
});

describe("an unknown value", () => {
  const object = jsonValue(
    { spec: { replicas: "${x}", name: "n", labels: { "a.b/c": "${y}" }, list: ["a", "${z}"] } },
    ["spec.replicas", 'spec.labels["a.b/c"]', "spec.list[1]"],
  );

  test.each([
    "object.spec.replicas > 3",
    "has(object.spec.replicas)",
    "'replicas' in object.spec",
    "object.spec == {'name': 'n'}",
    "object.spec != {'name': 'n'}",
    "[object.spec.list] == [['a', 'b']]",
    "object.spec.labels['a.b/c'] == 'x'",
    "object.spec.list[1] == 'a'",
    "object.spec.list.exists(x, x == 'z')",
    "'z' in object.spec.list",
    "object.spec.list == ['a', 'b']",
    "false || object.spec.replicas == 1",
  ])("%s is an error", (expression) => {
    expect(result(expression, { object })).toMatch(
      /^expression '.*' resulted in error: the value of spec\..* is unknown$/,
    );
  });

  test.each([
    "object.spec.name == 'n'",
    "object.spec.replicas > 3 || true",
    "!(object.spec.replicas > 3 && false)",
    "object.spec.list[0] == 'a'",
    "size(object.spec.list) == 2",
  ])("%s does not depend on it", (expression) => {
    expect(result(expression, { object })).toBe(true);
  });
});

test("a computed member is computed once, and only when it is read", () => {
  let computed = 0;
  const variables = computedMap({
    read: () => {
      computed++;
      return { value: true };
    },
    unread: () => {
      throw new Error("must not be computed");
    },
    broken: () => ({ error: "no reason" }),
  });
  expect(result("variables.read && variables.read", { variables })).toBe(true);
  expect(computed).toBe(1);
  expect(result("variables.broken || true", { variables })).toBe(true);
  expect(result("variables.broken", { variables })).toContain("no reason");
});

test("a program that cannot be compiled gives its reason each time, and never a value", () => {
  const program = compile("object.spec.replicas >", { object: "any" });
  expect(program.problem).toMatch(/expecting/);
  expect(evaluate(program, { object: jsonValue({}) })).toMatchObject({
    error: expect.stringContaining("cannot be compiled"),
  });
});

test("an error in the place of a variable is an error", () => {
  expect(result("x == 1", { x: errorValue("gone") })).toContain("gone");
});

test("a regular expression that would keep a backtracking engine busy for years ends at once", () => {
  const since = performance.now();
  expect(result("text.matches('^(a+)+$')", { text: jsonValue(`${"a".repeat(40)}b`) })).toBe(false);
  expect(performance.now() - since).toBeLessThan(1000);
  expect(result("text.matches('(?=a)')", { text: jsonValue("a") })).toContain("resulted in error");
});
