import fc from "fast-check";
import { expect, test } from "vitest";
import type { Control } from "../controls/controls.ts";
import type { ClauseOnDay, Force } from "./as-of.ts";
import { clauseStatus, controlStatus, type RuleResult } from "./verdict.ts";

const position = { file: "x.yaml", line: 1, column: 1 };
const words = (en: string) => ({ en, bn: en });

const control = (id: string, ...ask: readonly string[]): Control => ({
  id,
  title: words(id),
  statement: words(id),
  catalogues: [],
  manual: ask.map(words),
  position,
});

const controls = [control("consent"), control("backup", "ask about backup"), control("audit-logging")];
const rules = [
  { id: "x/consent", controls: ["consent"] },
  { id: "x/other", controls: ["consent"] },
  { id: "x/logs", controls: ["audit-logging"] },
];

const STANDING = { binds: "binding", uncertain: "statusUnknown", none: "lapsed" } as const;

function on(force: Force, verified: boolean, asked: readonly string[], ...ask: readonly string[]): ClauseOnDay {
  const status = { from: "2026-01-01", status: "inForce", source: "x", verified } as const;
  return {
    clause: {
      id: "a.one",
      instrument: "a",
      reference: "1",
      paraphrase: words("x"),
      source: "x",
      verified,
      controls: asked,
      manual: ask.map(words),
      position,
    },
    instrument: {
      id: "a",
      title: words("a"),
      kind: "act",
      status: [status],
      classifications: [],
      clauses: [],
      position,
    },
    standing: STANDING[force],
    force,
    status,
  };
}

const passed = (rule: string): RuleResult => ({ rule, matched: 3, failed: 0 });
const failed = (rule: string): RuleResult => ({ rule, matched: 3, failed: 1 });
const nothing = (rule: string): RuleResult => ({ rule, matched: 0, failed: 0 });
const ALL_PASS = [passed("x/consent"), passed("x/other"), passed("x/logs")];

const verdictOf = (clause: ClauseOnDay, results: readonly RuleResult[]) =>
  clauseStatus(clause, controls, rules, results).verdict;

test("satisfied: verified, binding, and every rule passed on something", () => {
  expect(verdictOf(on("binds", true, ["consent"]), ALL_PASS)).toBe("satisfied");
});

test("provisional: the same, but not read in the gazette, or nobody knows whether it holds", () => {
  expect(verdictOf(on("binds", false, ["consent"]), ALL_PASS)).toBe("provisional");
  expect(verdictOf(on("uncertain", true, ["consent"]), ALL_PASS)).toBe("provisional");
});

test("a fault is a fault, whatever is known of the law", () => {
  const results = [passed("x/consent"), failed("x/other")];
  expect(verdictOf(on("binds", true, ["consent"]), results)).toBe("not satisfied");
  expect(verdictOf(on("uncertain", false, ["consent"]), results)).toBe("not satisfied");
});

test("a rule that did not run satisfies nothing", () => {
  expect(verdictOf(on("binds", true, ["consent"]), [passed("x/consent")])).toBe("not satisfied");
  expect(controlStatus(control("consent"), rules, [passed("x/consent")]).rules).toEqual([
    { rule: "x/consent", outcome: "passed" },
    { rule: "x/other", outcome: "notRun" },
  ]);
});

test("rules that matched nothing prove nothing", () => {
  const results = [nothing("x/consent"), nothing("x/other")];
  expect(verdictOf(on("binds", true, ["consent"]), results)).toBe("not applicable");
  expect(verdictOf(on("binds", true, ["consent"]), [nothing("x/consent"), passed("x/other")])).toBe("satisfied");
  expect(controlStatus(control("consent", "a record"), rules, results).verdict).toBe("manual");
  expect(verdictOf(on("binds", true, ["consent"], "the deed"), results)).toBe("manual");
  expect(verdictOf(on("binds", true, ["consent", "backup"]), results)).toBe("manual");
});

test("a rule that ran twice fails where it failed once", () => {
  expect(verdictOf(on("binds", true, ["audit-logging"]), [passed("x/logs"), failed("x/logs")])).toBe("not satisfied");
});

test("what no rule serves is manual, what only some serve is provisional, and both say what to ask", () => {
  expect(verdictOf(on("binds", true, []), ALL_PASS)).toBe("manual");
  expect(verdictOf(on("binds", true, ["backup"]), ALL_PASS)).toBe("manual");
  const partly = clauseStatus(on("binds", true, ["consent", "backup"], "ask for the deed"), controls, rules, ALL_PASS);
  expect(partly.verdict).toBe("provisional");
  expect(partly.controls.map(({ verdict }) => verdict)).toEqual(["satisfied", "manual"]);
  expect(partly.ask.map(({ en }) => en)).toEqual(["ask for the deed", "ask about backup"]);
});

test("whatever an auditor still has to ask for is provisional, of a clause and of a control", () => {
  const asking = [control("consent", "a record of one withdrawal"), control("audit-logging")];
  expect(controlStatus(control("consent"), rules, ALL_PASS).verdict).toBe("satisfied");
  expect(controlStatus(control("consent", "a record"), rules, ALL_PASS).verdict).toBe("provisional");
  expect(controlStatus(control("consent", "a record"), rules, [failed("x/consent"), passed("x/other")]).verdict).toBe(
    "not satisfied",
  );
  expect(clauseStatus(on("binds", true, ["consent"]), asking, rules, ALL_PASS).verdict).toBe("provisional");
  expect(clauseStatus(on("binds", true, ["audit-logging"]), asking, rules, ALL_PASS).verdict).toBe("satisfied");
  expect(clauseStatus(on("binds", true, ["audit-logging"], "the deed"), asking, rules, ALL_PASS).verdict).toBe(
    "provisional",
  );
});

test("what does not bind on the day is not applicable, even where rules fail", () => {
  expect(verdictOf(on("none", true, ["consent"]), [failed("x/consent"), passed("x/other")])).toBe("not applicable");
});

test("nothing is ever satisfied that is unverified, uncertain, unserved, unproven, at fault or still to be asked for", () => {
  const result = fc.record({
    rule: fc.constantFrom("x/consent", "x/other", "x/logs"),
    matched: fc.nat(2),
    failed: fc.nat(1),
  });
  const force = fc.constantFrom<Force>("binds", "uncertain", "none");
  const asked = fc.subarray(["consent", "backup", "audit-logging"]);
  const given = [force, fc.boolean(), asked, fc.subarray(["the deed"]), fc.array(result, { maxLength: 6 })] as const;
  fc.assert(
    fc.property(...given, (f, verified, ids, ask, results) => {
      const serving = rules.filter((rule) => rule.controls.some((id) => ids.includes(id))).map(({ id }) => id);
      const of = results.filter(({ rule }) => serving.includes(rule));
      const sound =
        f === "binds" &&
        verified &&
        ask.length === 0 &&
        ids.length > 0 &&
        !ids.includes("backup") &&
        of.every((r) => r.failed === 0) &&
        serving.every((id) => of.some(({ rule }) => rule === id)) &&
        of.some(({ matched }) => matched > 0);
      expect(verdictOf(on(f, verified, ids, ...ask), results) === "satisfied").toBe(sound);
    }),
  );
});
