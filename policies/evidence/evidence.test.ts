import { describe, expect, test } from "vitest";
import type { EstateObject } from "../../estate/estate.ts";
import { ESTATE_RULES } from "../estate-rules.ts";
import { evaluateEstate } from "../evaluate.ts";
import { applyExemptions, type ExemptionUse } from "../exemptions/apply.ts";
import type { Exemption } from "../exemptions/exemption.ts";
import { declaredFiles, SUMS_FILE } from "./declared.ts";
import { sha256 } from "./digest.ts";
import { makeEvidence } from "./evidence.ts";
import {
  clause,
  control,
  estateOf,
  everything,
  exempting,
  inputsOf,
  instrument,
  rulesNamed,
  SERVICES,
  serving,
} from "./testing.ts";

/** The day that these tests judge. */
const asOf = "2026-11-23";

const [noNodePort] = rulesNamed("network/no-node-port");
const [noWildcard] = rulesNamed("rbac/no-wildcard");
const rules = [serving(noNodePort, "boundary")];

/** The first clause of what the changes give. */
const judged = (changes: Parameters<typeof inputsOf>[0], objects?: readonly EstateObject[]) => {
  const told = makeEvidence(inputsOf({ rules, ...changes }, objects)).instruments[0]?.clauses[0];
  return [told?.verdict, told?.reasons];
};

/** Two Services, one of them at fault, and an exemption of the latter applied. */
const exempted = (changes: Partial<Exemption>) => {
  const found = evaluateEstate(estateOf(SERVICES.slice(0, 2)), rules, () => "deny", { asOf });
  return applyExemptions(found, [exempting("bad", changes)], rules, "2026-11-23");
};

describe("a clause is", () => {
  test("satisfied where it binds, is verified, and every rule passed on something", () => {
    expect(judged({})).toEqual(["satisfied", []]);
  });

  test("not satisfied where a rule failed on one object", () => {
    expect(judged({}, SERVICES.slice(0, 2))).toEqual(["not satisfied", ["failed"]]);
  });

  test("not satisfied where a rule could not be evaluated", () => {
    expect(judged({}, SERVICES.slice(2))).toEqual(["not satisfied", ["error"]]);
  });

  test("not applicable where nothing was there to judge, and that is said", () => {
    expect(judged({}, [])).toEqual(["not applicable", ["nothingMatched"]]);
  });

  test("not satisfied where something was deployed that no rule could be asked about", () => {
    const undecoded = [{ stack: "c1-soc", address: "helm_release.foreign", reason: "third-party chart" }];
    const findings = evaluateEstate(estateOf(SERVICES.slice(0, 1), undecoded), rules, () => "deny", { asOf });
    expect(judged({ findings })).toEqual(["not satisfied", ["notEvaluated"]]);
    const { controls } = makeEvidence(inputsOf({ rules, findings }));
    expect(controls[0]).toMatchObject({ verdict: "not satisfied", reasons: ["notEvaluated"] });
  });

  test("not satisfied where what failed is exempted: a permission of the platform changes no law", () => {
    const findings = exempted({});
    expect(judged({ findings })).toEqual(["not satisfied", ["exempted"]]);
    const { posture, rules: told, exemptions } = makeEvidence(inputsOf({ rules, findings }));
    expect([posture.failed, posture.exempted]).toEqual([0, 1]);
    expect(told[0]).toMatchObject({ judged: [0, 1], passed: 1, failed: 0, exempted: 1 });
    expect(exemptions[0]).toMatchObject({ subject: "Service bhitti-soc/bad", state: "in-force", permits: [0] });
  });

  test.each<[ExemptionUse["state"], Partial<Exemption>]>([
    ["not-yet", { issued: "2026-11-24" }],
    ["expired", { expires: "2026-11-22" }],
    ["refused", { approver: "soc@example.gov.bd" }],
  ])("not helped by an exemption that is %s", (state, changes) => {
    const findings = exempted(changes);
    expect(judged({ findings })).toEqual(["not satisfied", ["failed"]]);
    expect(makeEvidence(inputsOf({ rules, findings })).exemptions[0]).toMatchObject({ state, permits: [] });
  });

  test("provisional where its text, or the status of its instrument, was not read in the gazette", () => {
    const unread = clause("1", ["boundary"], { verified: false });
    expect(judged({ instruments: [instrument([unread])] })).toEqual(["provisional", ["notVerified"]]);
    const instruments = [instrument([clause("1", ["boundary"])], "inForce", false)];
    expect(judged({ instruments })).toEqual(["provisional", ["notVerified"]]);
  });

  test("provisional where nobody knows whether its instrument holds", () => {
    const instruments = [instrument([clause("1", ["boundary"])], "unknown")];
    expect(judged({ instruments })).toEqual(["provisional", ["statusUnknown"]]);
  });

  test("provisional where its rules pass and an auditor has to ask for more, and every format says the same", () => {
    const asking = [control("boundary", { manual: [{ en: "firewall rules", bn: "ফায়ারওয়ালের নিয়ম" }] })];
    const evidence = makeEvidence(inputsOf({ rules, controls: asking }));
    const said = { verdict: "provisional", reasons: ["leftToAsk"] };
    expect(evidence.instruments[0]?.clauses[0]).toMatchObject(said);
    expect(evidence.controls[0]).toMatchObject(said);
    expect(evidence.posture.clauses).toMatchObject({ satisfied: 0, provisional: 1 });
    const files = declaredFiles(evidence);
    const results = files.get("oscal-assessment-results.json") ?? "";
    expect(results).not.toContain('"state": "satisfied"');
    expect(results).toContain("provisional (leftToAsk)");
    expect(files.get("clauses.csv")).toContain("provisional,binding,leftToAsk");
    expect(files.get("index.html")).toContain("an auditor has to ask for the rest");
    const closed = makeEvidence(inputsOf({ rules }));
    expect(closed.posture.clauses).toMatchObject({ satisfied: 1, provisional: 0 });
    expect(declaredFiles(closed).get("oscal-assessment-results.json")).toContain('"state": "satisfied"');
  });

  test.each([
    ["provisional", ["boundary", "paper"], ["controlWithoutRule", "leftToAsk"]],
    ["manual", ["paper"], ["controlWithoutRule"]],
  ])(
    "%s where no rule serves some or all of its controls, with what has to be asked for",
    (verdict, asked, reasons) => {
      const asks = { en: "the paper", bn: "কাগজ" };
      const instruments = [instrument([clause("1", asked)])];
      const controls = [control("boundary"), control("paper", { manual: [asks] })];
      const evidence = makeEvidence(inputsOf({ rules, instruments, controls }));
      expect(evidence.instruments[0]?.clauses[0]).toMatchObject({
        verdict,
        reasons,
        manual: [asks],
      });
    },
  );

  test.each(["lapsed", "repealed", "draft"] as const)("not applicable where its instrument is %s", (status) => {
    const instruments = [instrument([clause("1", ["boundary"])], status)];
    expect(judged({ instruments }, SERVICES)).toEqual(["not applicable", ["notBinding"]]);
  });
});

test("a rule without objects is counted, and what comes from a file of assumptions is marked", () => {
  const evidence = everything();
  expect(evidence.posture).toEqual({
    clauses: { "not satisfied": 1, provisional: 2, satisfied: 1, manual: 1, "not applicable": 2 },
    objects: 5,
    stacks: 1,
    rules: 3,
    rulesWithoutObjects: 1,
    rulesNotRun: 0,
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
  expect(evidence.findings[evidence.exemptions[0]?.permits[0] ?? -1]?.exemption).toBe("soc-node-port");
});

test("a worktree that differs from its commit is said, and its evidence is not reproducible", () => {
  const commit = { ...inputsOf().commit, changed: ["environments/x/soc.yaml"] };
  expect(makeEvidence(inputsOf({ commit })).reproducible).toBe(false);
  expect(makeEvidence(inputsOf()).reproducible).toBe(true);
});

test("a control whose rules matched nothing is not applicable, whatever others say", () => {
  const both = [...rules, serving(noWildcard, "privilege")];
  const { controls } = makeEvidence(inputsOf({ rules: both, controls: [control("boundary"), control("privilege")] }));
  expect(controls.map(({ verdict, reasons }) => [verdict, ...reasons])).toEqual([
    ["satisfied"],
    ["not applicable", "nothingMatched"],
  ]);
});

test("the files are the same from the same evidence, and their sums are theirs", () => {
  const files = declaredFiles(everything());
  expect(declaredFiles(everything())).toEqual(files);
  const sums = [...files].filter(([path]) => path !== SUMS_FILE).map(([path, text]) => `${sha256(text)}  ${path}\n`);
  expect(files.get(SUMS_FILE)).toBe(sums.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join(""));
  for (const [path, text] of files) expect(text, path).not.toContain(process.cwd());
});

test("a rule that judges the estate before a deploy is no rule that the cluster enforces", () => {
  const ofEstate = ESTATE_RULES.filter(({ id }) => id === "network/default-deny");
  const all = [...rulesNamed("network/no-node-port"), ...ofEstate];
  const findings = evaluateEstate(estateOf(SERVICES.slice(0, 1)), all, () => "deny", { asOf });
  const { posture, rules } = makeEvidence({ ...inputsOf(), rules: all, findings });
  expect(rules.map(({ stage, judgedBy }) => [stage, judgedBy])).toEqual([
    ["deny", "cluster"],
    ["deny", "deploy"],
  ]);
  expect(posture).toMatchObject({ rules: 2, rulesEnforced: 1 });
});

test("a rule that could not be run leaves its controls not satisfied, in every format", () => {
  const rules = ESTATE_RULES.filter(({ id }) => id === "supply-chain/digest-in-lock");
  const findings = evaluateEstate(estateOf(SERVICES.slice(0, 1)), rules, () => "deny", { asOf });
  const [first] = rules;
  const evidence = makeEvidence({
    ...inputsOf({ controls: [control(first?.controls[0] ?? "")] }),
    rules,
    findings,
  });
  expect(evidence.posture).toMatchObject({ rulesNotRun: 1, rulesWithoutObjects: 0 });
  expect(evidence.controls[0]).toMatchObject({ verdict: "not satisfied", reasons: ["notRun"] });
  const files = declaredFiles(evidence);
  const reason = "the repository holds no images.lock.yaml";
  expect(files.get("results.csv")).toContain(`not run,,${reason}`);
  expect(files.get("junit.xml")).toContain(`<error type="BH3016" message="${reason}"/>`);
  expect(files.get("bhitti.sarif")).toContain(`supply-chain/digest-in-lock was not run: ${reason}`);
  expect(files.get("index.html")).toContain(reason);
  expect(files.get("oscal-assessment-results.json")).toContain("not satisfied (notRun)");
});
