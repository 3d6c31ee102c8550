import { describe, expect, test } from "vitest";
import {
  AUTHORIZER_NAMES,
  authorizerVariables,
  compile,
  computedMap,
  type Evaluation,
  errorValue,
  evaluate,
  jsonValue,
  toPlain,
  type Value,
} from "./expression.ts";
import {
  AUTHORIZER_CASES,
  CASES,
  DECLARED,
  DIFFERENCES,
  NAMESPACE,
  OBJECT,
  USER,
  VARIABLES,
} from "./expression-cases.ts";
import { type CaseVerdict, readVerdicts } from "./expression-verdicts.ts";

const { server, verdicts } = readVerdicts();
const committed = new Map(verdicts);

/** What the API server has in a request that creates the object. */
const request = {
  kind: { group: "", version: "v1", kind: "ConfigMap" },
  resource: { group: "", version: "v1", resource: "configmaps" },
  requestKind: { group: "", version: "v1", kind: "ConfigMap" },
  requestResource: { group: "", version: "v1", resource: "configmaps" },
  name: OBJECT.metadata.name,
  namespace: OBJECT.metadata.namespace,
  operation: "CREATE",
  userInfo: USER,
  dryRun: true,
  options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1", dryRun: ["All"] },
};

const namespaceObject = {
  ...NAMESPACE,
  metadata: { ...NAMESPACE.metadata, labels: { "kubernetes.io/metadata.name": NAMESPACE.metadata.name } },
};

const roots: Readonly<Record<string, Value>> = {
  object: jsonValue(OBJECT),
  oldObject: null,
  request: jsonValue(request),
  namespaceObject: jsonValue(namespaceObject),
  ...authorizerVariables(DECLARED, USER.username, {
    group: "",
    resource: "configmaps",
    namespace: "cel-cases",
    name: "example",
  }),
};
const names = {
  object: "any",
  oldObject: "any",
  request: "kubernetes.AdmissionRequest",
  namespaceObject: "kubernetes.Namespace",
} as const;

const variables = VARIABLES.map(({ name, expression }) => ({ name, program: compile(expression, names) }));
const scope = {
  ...roots,
  variables: computedMap(
    Object.fromEntries(variables.map(({ name, program }) => [name, (): Evaluation => evaluate(program, roots)])),
  ),
};
const scopeNames = {
  ...names,
  variables: Object.fromEntries(variables.map(({ name, program }) => [name, program.type])),
};

function verdictOf(expression: string, isCondition: boolean): CaseVerdict {
  const program = isCondition
    ? compile(expression, { ...scopeNames, ...AUTHORIZER_NAMES }, { result: ["bool"] })
    : compile(expression, scopeNames, { result: ["string"] });
  if (program.problem !== undefined) return { refused: true };
  const outcome = evaluate(program, scope);
  return "value" in outcome ? { value: String(toPlain(outcome.value)) } : { error: true };
}

describe(`as kube-apiserver ${server} has it`, () => {
  test.each(Object.entries(CASES).flatMap(([group, list]) => list.map((expression) => [group, expression] as const)))(
    "%s: %s",
    (_, expression) => {
      const wanted = committed.get(expression);
      expect(verdictOf(expression, false)).toEqual(DIFFERENCES[expression]?.engine ?? wanted);
    },
  );

  test.each(AUTHORIZER_CASES)("authorizer: %s", (expression) => {
    expect(verdictOf(expression, true)).toEqual(committed.get(expression));
  });

  test.each(Object.entries(DIFFERENCES))("a difference that is none any more must go: %s", (expression, { engine }) => {
    expect(committed.has(expression)).toBe(true);
    expect(engine).not.toEqual(committed.get(expression));
  });

  test("every committed verdict has its case", () => {
    const cases = new Set([...Object.values(CASES).flat(), ...AUTHORIZER_CASES]);
    expect(verdicts.map(([expression]) => expression).filter((expression) => !cases.has(expression))).toEqual([]);
  });
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
  expect(result("text.matches('(?=a)')", { text: jsonValue("a") })).toMatch(/cannot be compiled/);
  const broken = { text: jsonValue("a"), broken: jsonValue("(?=a)") };
  expect(result("text.matches(broken)", broken)).toContain("resulted in error");
});
