import { describe, expect, test } from "vitest";
import type { EstateObject } from "../../estate/estate.ts";
import { evaluateEstate } from "../evaluate.ts";
import { declaredFiles, SUMS_FILE } from "./declared.ts";
import { sha256 } from "./digest.ts";
import { type EvidenceInputs, makeEvidence } from "./evidence.ts";
import { forceOn } from "./force.ts";
import {
  clause,
  control,
  estateOf,
  everything,
  inputsOf,
  instrument,
  rulesNamed,
  SERVICES,
  serving,
} from "./testing.ts";

const [noNodePort] = rulesNamed("network/no-node-port");
const [noWildcard] = rulesNamed("rbac/no-wildcard");
const rules = [serving(noNodePort, "boundary")];

/** The first clause of what the changes give. */
const judged = (changes: Partial<EvidenceInputs>, objects?: readonly EstateObject[]) => {
  const { status, reasons } =
    makeEvidence(inputsOf({ rules, ...changes }, objects?.slice())).instruments[0]?.clauses[0] ?? {};
  return [status, reasons];
};

describe("a clause is", () => {
  test("satisfied where it is in force, verified, and every rule passed on something", () => {
    expect(judged({})).toEqual(["satisfied", []]);
  });

  test("not satisfied where a rule failed on one object", () => {
    expect(judged({}, SERVICES.slice(0, 2))).toEqual(["notSatisfied", ["failed"]]);
  });

  test("not satisfied where a rule could not be evaluated", () => {
    expect(judged({}, SERVICES.slice(2))).toEqual(["notSatisfied", ["error"]]);
  });

  test("not satisfied where nothing was there to judge", () => {
    expect(judged({}, [])).toEqual(["notSatisfied", ["nothingMatched"]]);
  });

  test("not satisfied where something was deployed that no rule could be asked about", () => {
    const undecoded = [{ stack: "c1-soc", address: "helm_release.foreign", reason: "third-party chart" }];
    const findings = evaluateEstate(estateOf(SERVICES.slice(0, 1), undecoded), rules, () => "deny");
    expect(judged({ findings })).toEqual(["notSatisfied", ["notEvaluated"]]);
  });

  test("not satisfied where what failed is exempted: a permission of the platform changes no law", () => {
    const findings = evaluateEstate(estateOf(SERVICES.slice(0, 2)), rules, () => "deny");
    const facts = { rule: "network/no-node-port", subject: "Service *", most: 1, reason: "r", legalBasis: "l" };
    const people = { owner: "o", approver: "a", issued: "2026-01-01", expires: "2026-12-31" };
    const exemption = {
      id: "e",
      ...facts,
      ...people,
      compensatingControl: "c",
      faults: [],
      permits: findings.findings,
    };
    expect(judged({ findings, exemptions: [exemption] })).toEqual(["notSatisfied", ["exempted"]]);
    const { posture, rules: told } = makeEvidence(inputsOf({ rules, findings, exemptions: [exemption] }));
    expect([posture.failed, posture.exempted]).toEqual([0, 1]);
    expect(told[0]).toMatchObject({ judged: [0, 1], passed: 1, failed: 0, exempted: 1 });
  });

  test("provisional where its text was not read in the gazette", () => {
    const unread = clause("1", ["boundary"], { verified: false });
    expect(judged({ instruments: [instrument([unread])] })).toEqual(["provisional", ["notVerified"]]);
  });

  test.each(["draft", "tabled", "unknown"] as const)("provisional where its instrument is '%s'", (status) => {
    const instruments = [instrument([clause("1", ["boundary"])], status)];
    expect(judged({ instruments })).toEqual(["provisional", ["statusUnsettled"]]);
  });

  test("provisional where the status of its instrument was not read in the gazette", () => {
    const instruments = [instrument([clause("1", ["boundary"])], "inForce", false)];
    expect(judged({ instruments })).toEqual(["provisional", ["notVerified"]]);
  });

  test("provisional where no rule serves one of its controls", () => {
    const instruments = [instrument([clause("1", ["boundary", "paper"])])];
    const controls = [control("boundary"), control("paper")];
    expect(judged({ instruments, controls })).toEqual(["provisional", ["controlWithoutRule"]]);
  });

  test("manual where no rule serves any of its controls, with what has to be asked for", () => {
    const asks = { en: "the paper", bn: "কাগজ" };
    const instruments = [instrument([clause("1", ["paper"])])];
    const controls = [control("boundary"), control("paper", { manual: [asks] })];
    const evidence = makeEvidence(inputsOf({ rules, instruments, controls }));
    expect(evidence.instruments[0]?.clauses[0]).toMatchObject({ status: "manual", manual: [asks] });
  });

  test.each(["lapsed", "repealed"] as const)(
    "not in force where its instrument is %s, whatever the rules say",
    (status) => {
      const instruments = [instrument([clause("1", ["boundary"])], status)];
      expect(judged({ instruments }, SERVICES)).toEqual(["notInForce", []]);
    },
  );
});

test.each([
  ["2025-12-31", false],
  ["2026-01-01", false],
  ["2026-03-01", true],
  ["2026-06-30", true],
  ["2026-07-01", false],
])("a clause is in force from its first to its last day: %s", (day, holds) => {
  const bounded = clause("1", [], { effectiveFrom: "2026-03-01", effectiveTo: "2026-06-30" });
  expect(forceOn(instrument([bounded]), bounded, day).holds).toBe(holds);
});

test("a rule without objects is counted, and what comes from a file of assumptions is marked", () => {
  const evidence = everything();
  expect(evidence.posture).toEqual({
    clauses: { satisfied: 1, notSatisfied: 2, provisional: 2, manual: 1, notInForce: 1 },
    objects: 5,
    stacks: 1,
    rules: 3,
    rulesWithoutObjects: 1,
    rulesEnforced: 2,
    judgements: 5,
    failed: 2,
    errors: 1,
    exempted: 1,
    notEvaluated: 0,
    unknown: 1,
    assumed: 1,
  });
  expect(evidence.subjects.map(({ assumed }) => assumed)).toEqual([true, false, false, false, false]);
  expect(evidence.instruments[0]?.clauses.map(({ assumed }) => assumed)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(evidence.findings[evidence.exemptions[0]?.permits[0] ?? -1]?.exemption).toBe("soc-load-balancer");
});

test("a worktree that differs from its commit is said, and its evidence is not reproducible", () => {
  const commit = { ...inputsOf().commit, changed: ["environments/x/soc.yaml"] };
  expect(makeEvidence(inputsOf({ commit })).reproducible).toBe(false);
  expect(makeEvidence(inputsOf()).reproducible).toBe(true);
});

test("a control of a rule that matched nothing fails, one of a rule that matched something does not", () => {
  const both = [...rules, serving(noWildcard, "privilege")];
  const { controls } = makeEvidence(inputsOf({ rules: both, controls: [control("boundary"), control("privilege")] }));
  expect(controls.map(({ outcome, reasons }) => [outcome, ...reasons])).toEqual([
    ["holds"],
    ["fails", "nothingMatched"],
  ]);
});

test("the files are the same from the same evidence, and their sums are theirs", () => {
  const files = declaredFiles(everything());
  expect(declaredFiles(everything())).toEqual(files);
  const sums = [...files].filter(([path]) => path !== SUMS_FILE).map(([path, text]) => `${sha256(text)}  ${path}\n`);
  expect(files.get(SUMS_FILE)).toBe(sums.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join(""));
  for (const [path, text] of files) expect(text, path).not.toContain(process.cwd());
});
