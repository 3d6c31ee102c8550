import { expect, test } from "vitest";
import { ESTATE_RULES } from "../estate-rules.ts";
import { estateFixturesOf } from "../fixtures.ts";
import { withMutants } from "./code.ts";
import { estateVerdict, mutableRule } from "./estate-score.ts";

const changesOf = (text: string) =>
  withMutants(text, 1).mutants.map(({ change, text: instead }) => `${change}: ${instead}`);

test("every decision of a text gets its mutants", () => {
  expect(changesOf("const f = (a, b) => a === 1 && !b.some((x) => x > 2);")).toEqual([
    "&& is ||: a === 1 || !b.some((x) => x > 2)",
    "right of && dropped: a === 1",
    "left of && dropped: !b.some((x) => x > 2)",
    "=== is !==: a !== 1",
    "number changed: 2",
    "! dropped: b.some((x) => x > 2)",
    "some is every: b.every((x) => x > 2)",
    "> is >=: x >= 2",
    "> is <: x < 2",
    "number changed: 3",
  ]);
  expect(changesOf('const l = ["a", "b c"].filter(keep);')).toEqual([
    'filter lets all through: ["a", "b c"]',
    'item 1 dropped: ["b c"]',
    'item 2 dropped: ["a"]',
    'word changed: "ax"',
  ]);
  expect(changesOf("if (a) b(); else c();")).toEqual(["condition always true: true", "condition always false: false"]);
});

test("what a finding says, types and a rule's own texts are left alone", () => {
  expect(changesOf("const m: Readonly<Record<string, 1>> = `the value ${a === 1 ? b : c}`;")).toEqual([]);
  expect(changesOf('interface A { readonly b: "c" }\ntype D = "e";')).toEqual([]);
  expect(changesOf('export const rule: R = { id: "a/b", severity: "high", judge: () => [] };')).toEqual([]);
});

test("a chosen mutant changes a rule, and none leaves it as it is", async () => {
  const rule = ESTATE_RULES.find(({ id }) => id === "tenancy/zone-quota");
  if (!rule) throw new Error("no such rule");
  const fixtures = estateFixturesOf(rule);
  const verdicts = fixtures.map((fixture) => estateVerdict(rule, fixture));
  const { make, mutants } = await mutableRule(rule);
  expect(fixtures.map((fixture) => estateVerdict(make(0), fixture))).toEqual(verdicts);
  const [dropped] = (mutants.get("rules/tenancy/zone-quota/rule.ts") ?? []).filter(
    ({ change }) => change === "item 1 dropped",
  );
  const changed = make(dropped?.id ?? 0);
  expect(fixtures.map((fixture) => estateVerdict(changed, fixture))).not.toEqual(verdicts);
});
