import { describe, expect, test } from "vitest";
import { loadRules } from "../rules.ts";
import { everyPart, parseSyntax, printSyntax, type Syntax } from "./syntax.ts";

function syntaxOf(expression: string): Syntax {
  const parsed = parseSyntax(expression);
  if ("problem" in parsed) throw new Error(`${expression}: ${parsed.problem}`);
  return parsed.syntax;
}

/** The same but for where things stand. */
const shape = (syntax: Syntax): unknown =>
  JSON.parse(
    JSON.stringify(syntax, (key, value) =>
      key === "offset" ? undefined : typeof value === "bigint" ? `${value}n` : value,
    ),
  );

const expressions = loadRules().flatMap(({ policy: { spec } }) => [
  ...(spec.matchConditions ?? []).map((c) => c.expression),
  ...(spec.variables ?? []).map((v) => v.expression),
  ...spec.validations.flatMap((v) => [v.expression, ...(v.messageExpression ? [v.messageExpression] : [])]),
]);

describe("every expression of every rule", () => {
  test.each([...new Set(expressions)].map((e) => [e.trim().slice(0, 60), e] as const))("%s", (_, expression) => {
    const syntax = syntaxOf(expression);
    expect(shape(syntaxOf(printSyntax(syntax)))).toEqual(shape(syntax));
  });
});

test.each([
  ["a.b[0] == 'x' ? -1 : 2u", '(a.b[0] == "x") ? -1 : 2u'],
  ["!has(a.b) && b'k' in c", '(!(has(a.b)) && b"\\x6b" in c)'],
  ["a.all(x, x.exists(y, y == 1.0))", "a.all(x, x.exists(y, (y == 1.0)))"],
  ["{'a': [1, null], 'b': {}}", '{"a": [1, null], "b": {}}'],
])("%s is read as it was written", (text, printed) => {
  expect(shape(syntaxOf(text))).toEqual(shape(syntaxOf(printed)));
});

test("a part knows where it stands", () => {
  const found = everyPart(syntaxOf("a.b && has(object.spec.x)")).filter((p) => p.form === "name" || p.form === "field");
  expect(found.map((p) => [p.form === "name" ? p.name : p.field, p.offset])).toEqual([
    ["b", 1],
    ["a", 0],
    ["x", 22],
    ["spec", 17],
    ["object", 11],
  ]);
});

test("what is no expression says where", () => {
  expect(parseSyntax("a ==")).toEqual({ problem: "found = but expecting end of input", offset: 2 });
  expect(parseSyntax("")).toHaveProperty("problem");
  expect(parseSyntax("(".repeat(100_000))).toHaveProperty("problem");
});
