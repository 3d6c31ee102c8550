import { describe, expect, test } from "vitest";
import { ESTATE_RULES } from "../estate-rules.ts";
import { loadRules } from "../rules.ts";
import { EQUIVALENT } from "./equivalent.ts";
import { codePercent, scoreEstateRules } from "./estate-score.ts";
import { coveredAcross, coveredRules } from "./redundancy.ts";
import { percentOf, scoreOf } from "./score.ts";

/** Per cent of its mutants that the examples of a rule have to notice, and those of all rules together. */
const FLOOR = 95;

const rules = loadRules();
const scores = rules.map((rule) => scoreOf(rule));

describe("mutants", () => {
  test.each(scores.map((score) => [score.rule, score] as const))("of %s are noticed", (_, score) => {
    const survivors = score.survivors.map(({ place, change, text }) => `${place}: ${change}: ${text}`);
    expect(score.mutants).toBeGreaterThan(10);
    expect(percentOf([score]), survivors.join("\n")).toBeGreaterThanOrEqual(FLOOR);
    expect(score.idle, "listed as equivalent, but noticed or gone").toEqual([]);
  });

  test(`of all rules are noticed, at least ${FLOOR} in a hundred`, () => {
    expect(percentOf(scores)).toBeGreaterThanOrEqual(FLOOR);
  });

  test("are rarely equivalent, and then with a reason", () => {
    const equivalent = scores.reduce((sum, score) => sum + score.equivalent, 0);
    const all = scores.reduce((sum, score) => sum + score.mutants, equivalent);
    expect(equivalent / all).toBeLessThan(0.05);
    for (const { why, rule } of EQUIVALENT) {
      expect(why.length).toBeGreaterThan(20);
      expect(rules.map(({ id }) => id)).toContain(rule);
    }
  });
});

/**
 * Per cent of the mutants of their code that the examples of estate rules have to notice: of all files, and of each. Lower than for
 * policies, since some changes of code change only what a finding says, or do the same on every estate; they are not listed apart.
 */
const CODE_FLOOR = 90;
const FILE_FLOOR = 80;

describe("mutants of the code of estate rules", async () => {
  const codes = await scoreEstateRules(ESTATE_RULES);

  test.each(codes.map((score) => [score.file, score] as const))("%s: its examples notice", (_, score) => {
    const survivors = score.survivors.map(({ line, change, text }) => `line ${line}: ${change}: ${text}`);
    expect(codePercent([score]), survivors.join("\n")).toBeGreaterThanOrEqual(FILE_FLOOR);
  });

  test("each rule has some, and all together are noticed", () => {
    const files = codes.map(({ file }) => file);
    for (const { id } of ESTATE_RULES) expect(files).toContain(`rules/${id}/rule.ts`);
    expect(codes.reduce((sum, { mutants }) => sum + mutants, 0)).toBeGreaterThan(2_000);
    expect(codePercent(codes)).toBeGreaterThanOrEqual(CODE_FLOOR);
  });
});

/** Rules whose examples another refuses as well, and why both stay. */
const BOTH_STAY: Readonly<Record<string, string>> = {
  "pod-security/no-host-path by pod-security/volume-types":
    "hostPath is refused by the baseline standard, other types of volumes only by the restricted one: who is exempted from the second still has to keep the first",
  "pod-security/no-privileged by pod-security/no-privilege-escalation":
    "the API server takes no privileged container that may not escalate; privileged is baseline, escalation restricted",
};

test("no rule is another one in other words", () => {
  const covered = coveredRules(rules);
  expect(covered.filter(({ both }) => both)).toEqual([]);
  expect(covered.map(({ rule, by }) => `${rule} by ${by}`).sort()).toEqual(Object.keys(BOTH_STAY).sort());
});

test("no estate rule is another rule in other words, nor a policy an estate rule", () => {
  expect(coveredAcross(rules, ESTATE_RULES)).toEqual([]);
});
