import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { glob } from "zx";
import type { EstateRule } from "./estate-rule.ts";
import { allRules, ESTATE_RULES } from "./estate-rules.ts";
import { evaluateEstate } from "./evaluate.ts";
import { type EstateFixture, estateFixturesOf } from "./fixtures.ts";
import { LEVELS, loadRules, SEVERITIES } from "./rules.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "rules");
const examples = ESTATE_RULES.map((rule) => [rule.id, rule, estateFixturesOf(rule)] as const);

const findingsOf = (rule: EstateRule, { estate, on }: EstateFixture) =>
  evaluateEstate(estate, [rule], () => "deny", on);

test("the list holds each folder with a rule.ts, sorted, and none has a rule.yaml too", async () => {
  const folders = (await glob("*/*/rule.ts", { cwd: folder })).map((file) => dirname(file)).sort();
  expect(ESTATE_RULES.map(({ id }) => id)).toEqual(folders);
  for (const id of folders) expect(existsSync(join(folder, id, "rule.yaml")), id).toBe(false);
});

test("all rules are those of both sorts, sorted, each id once", () => {
  const ids = allRules().map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
  expect(ids.length).toBe(loadRules().length + ESTATE_RULES.length);
});

describe.each(examples)("%s", (_, rule, fixtures) => {
  const passing = fixtures.filter(({ expected }) => expected === "pass");
  const failing = fixtures.filter(({ expected }) => expected === "fail");

  test.each(passing.map((fixture) => [fixture.file, fixture] as const))("%s", (__, fixture) => {
    expect(findingsOf(rule, fixture).findings).toEqual([]);
  });

  test.each(failing.map((fixture) => [fixture.file, fixture] as const))("%s", (__, fixture) => {
    const { findings } = findingsOf(rule, fixture);
    expect(findings.length).toBeGreaterThan(0);
    for (const { outcome, message } of findings) {
      expect(outcome).toBe("failed");
      for (const text of String(message.params["text"]).split("; and ")) expect(text.length).toBeLessThanOrEqual(300);
    }
    const told = findings.map(({ object, message }) => `${object}: ${message.params["text"]}`);
    expect(told.join("\n")).not.toMatch(/undefined|\[object/);
    expect(told).toMatchSnapshot();
  });

  test("has several examples of both sorts, and judges something in one that passes", () => {
    expect(passing.length).toBeGreaterThanOrEqual(3);
    expect(failing.length).toBeGreaterThanOrEqual(3);
    const matched = passing.map((fixture) => findingsOf(rule, fixture).population[0]?.matched ?? 0);
    expect(Math.max(...matched)).toBeGreaterThan(0);
  });

  test("judges only kinds that it names, in whatever order objects stand", () => {
    for (const fixture of fixtures) {
      const { estate, on } = fixture;
      const subjects = rule.judge(estate, on).map(({ subject }) => subject.object.kind);
      if (!rule.kinds.includes("*")) expect(rule.kinds).toEqual(expect.arrayContaining(subjects));
      const reversed = { ...estate, objects: [...estate.objects].reverse() };
      const told = (f: EstateFixture) =>
        findingsOf(rule, f)
          .findings.map(({ stack, object }) => `${stack} ${object}`)
          .sort();
      expect(told({ ...fixture, estate: reversed })).toEqual(told(fixture));
    }
  });

  test("says why it exists, in English and in Bangla", () => {
    expect(rule.title.length).toBeLessThanOrEqual(80);
    expect(rule.rationale.length).toBeGreaterThan(60);
    for (const text of [rule.titleBangla, rule.rationaleBangla]) expect(text).toMatch(/\p{Script=Bengali}/u);
    expect(rule.reference).toMatch(/^https:\/\//);
    expect(SEVERITIES).toContain(rule.severity);
    expect(LEVELS).toContain(rule.level);
    expect(rule.controls.length).toBeGreaterThan(0);
  });
});
