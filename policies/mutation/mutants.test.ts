import { expect, test } from "vitest";
import { parseSyntax, printSyntax } from "../engine/syntax.ts";
import { loadRules, type Rule, ruleOf } from "../rules.ts";
import { mutantsOf } from "./mutants.ts";
import { scoreOf } from "./score.ts";
import { mutationsOf } from "./syntax.ts";

function changed(expression: string): string[] {
  const parsed = parseSyntax(expression);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return mutationsOf(parsed.syntax, (name) =>
    name === "on" ? [{ form: "constant", value: true, offset: 0 }] : [],
  ).map(({ syntax }) => printSyntax(syntax));
}

test.each<[expression: string, mutants: readonly string[]]>([
  ["a == 1", ["(a != 1)", "(a == 2)"]],
  ["a <= b", ["(a < b)", "(a > b)"]],
  ["a && !b", ["(a || !(b))", "!(b)", "a", "(a && b)"]],
  ["a.all(x, x)", ["a.exists(x, x)"]],
  ["has(a.b)", ["true", "false", "has(a.bX)"]],
  ["a.filter(x, x in y)", ["a.filter(x, true)", "a.filter(x, !((x in y)))"]],
  [
    "x in ['p', 'q']",
    ['!((x in ["p", "q"]))', '(x in ["q"])', '(x in ["p"])', '(x in ["px", "q"])', '(x in ["p", "qx"])'],
  ],
  ["a ? b : c", ["b", "c"]],
  ["a + (has(a.b) ? a.b : [])", ["(has(a.b) ? a.b : [])", "a", "(a + a.b)", "(a + [])"]],
  ["variables.on", ["true"]],
  ["'p' + a", ['("px" + a)']],
])("%s has its mutants", (expression, mutants) => {
  expect(changed(expression)).toEqual(expect.arrayContaining([...mutants]));
});

test("each mutant of a rule is another policy than the rule, and no two are the same", () => {
  const [rule] = loadRules();
  if (!rule) throw new Error("no rule");
  const texts = mutantsOf(rule).map(({ policy }) => JSON.stringify(policy.spec));
  expect(texts.length).toBeGreaterThan(50);
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts).not.toContain(JSON.stringify(rule.policy.spec));
});

const weak: Rule = ruleOf("testing/weak", {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: {
    name: "weak.testing.bhitti.platform",
    annotations: Object.fromEntries(
      Object.entries({
        title: "t",
        "title-bn": "নিয়ম",
        rationale: "r",
        "rationale-bn": "কারণ",
        reference: "https://x",
        severity: "low",
        level: "advisory",
        controls: "backup",
      }).map(([key, value]) => [`bhitti.platform/${key}`, value]),
    ),
  },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
    },
    validations: [{ expression: "object.metadata.name != 'a' && object.metadata.name != 'b'" }],
  },
});

test("what examples do not notice survives, and what they notice does not", () => {
  const example = (name: string, expected: "pass" | "fail") => ({
    file: name,
    expected,
    note: name,
    surroundings: [],
    request: {
      operation: "CREATE" as const,
      userInfo: { username: "u" },
      object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "zone-example" } },
    },
  });
  const few = scoreOf(weak, [example("a", "fail"), example("c", "pass")]);
  expect(few.survivors.map(({ text }) => text)).toEqual([
    '(object.metadata.name != "a")',
    '((object.metadata.name != "a") && (object.metadata.name != "bx"))',
  ]);
  expect(few.killed).toBe(few.mutants - 2);
  expect(scoreOf(weak, [example("a", "fail"), example("b", "fail"), example("c", "pass")]).survivors).toEqual([]);
});
