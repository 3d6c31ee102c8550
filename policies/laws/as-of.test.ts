import { expect, test } from "vitest";
import { allRules } from "../estate-rules.ts";
import { lawsAsOf, lawsDiff, type Standing, standingOf } from "./as-of.ts";
import { type Clause, type Instrument, loadLaws, type Status } from "./laws.ts";

const laws = loadLaws();

const standing = (day: string, clause: string): Standing | undefined =>
  lawsAsOf(laws, day).find((on) => on.clause.id === clause)?.standing;

const position = { file: "x.yaml", line: 1, column: 1 };
const words = { en: "x", bn: "x" };

/** An instrument with one clause and a history. */
function instrument(id: string, history: readonly [string, Status][], more: Partial<Instrument> = {}): Instrument {
  const clause: Clause = {
    id: `${id}.one`,
    instrument: id,
    reference: "1",
    paraphrase: words,
    source: "x",
    verified: true,
    controls: ["consent"],
    manual: [],
    position,
  };
  return {
    id,
    title: words,
    kind: "act",
    status: history.map(([from, status]) => ({ from, status, source: "x", verified: true })),
    classifications: [],
    clauses: [clause],
    position,
    ...more,
  };
}

const one = (laws: readonly Instrument[], day: string) => lawsAsOf(laws, day)[0];

test.each<[Status, Standing]>([
  ["draft", "draft"],
  ["tabled", "tabled"],
  ["inForce", "binding"],
  ["lapsed", "lapsed"],
  ["repealed", "repealed"],
  ["unknown", "statusUnknown"],
])("an act that is %s stands as %s from its very day", (status, expected) => {
  const act = instrument("a", [["2026-01-02", status]]);
  expect(one([act], "2026-01-02")?.standing).toBe(expected);
  expect(one([act], "2026-01-01")?.standing).toBe("notYetIssued");
});

test("an ordinance that is tabled keeps the force of law; an act that is tabled has none yet", () => {
  const history: [string, Status][] = [["2026-01-01", "tabled"]];
  expect(one([instrument("a", history, { kind: "ordinance" })], "2026-01-01")?.force).toBe("binds");
  expect(one([instrument("a", history)], "2026-01-01")?.force).toBe("none");
});

test("a clause holds from its first to its last day, both included", () => {
  const act = instrument("a", [["2026-01-01", "inForce"]]);
  const [clause] = act.clauses;
  if (!clause) throw new Error("the instrument has a clause");
  const dated = { ...act, clauses: [{ ...clause, effectiveFrom: "2026-02-01", effectiveTo: "2026-02-28" }] };
  const forces = ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"].map((day) => one([dated], day)?.standing);
  expect(forces).toEqual(["notYetEffective", "binding", "binding", "ended"]);
});

test("an amendment stands no firmer than what it amends", () => {
  const amendment = instrument("b", [["2026-01-01", "inForce"]], { amends: "a" });
  const amended = (status: Status) => instrument("a", [["2026-01-01", status]]);
  const of = (status: Status) => lawsAsOf([amendment, amended(status)], "2026-01-01")[0]?.standing;
  expect([of("inForce"), of("unknown"), of("lapsed")]).toEqual(["binding", "statusUnknown", "lapsed"]);
});

test("every ordinance of 2025 and 2026 is repealed by an act on one day, and no day is without a law", () => {
  const ordinances = laws.filter(({ kind }) => kind === "ordinance").map(({ id }) => id);
  expect(ordinances).toEqual([
    "cyber-security-2025",
    "national-data-management-2025",
    "pdp-amendment-2026",
    "pdpo-2025",
  ]);
  const acts = ["cyber-security-2026", "national-data-management-2026", "pdpa-2026"];
  const standingsOn = (day: string, ids: readonly string[]) => [
    ...new Set(laws.filter(({ id }) => ids.includes(id)).map((law) => standingOf(law, laws, day))),
  ];
  expect(standingsOn("2026-04-09", ordinances)).toEqual(["binding"]);
  expect(standingsOn("2026-04-09", acts)).toEqual(["notYetIssued"]);
  expect(standingsOn("2026-04-10", ordinances)).toEqual(["repealed"]);
  expect(standingsOn("2026-04-10", acts)).toEqual(["binding"]);
});

test("an ordinance of which nobody knows what parliament did may bind, and never does", () => {
  const history: [string, Status][] = [
    ["2025-11-06", "inForce"],
    ["2026-03-12", "tabled"],
    ["2026-04-11", "unknown"],
  ];
  const ordinance = instrument("a", history, { kind: "ordinance" });
  expect(["2026-04-10", "2026-04-11"].map((day) => one([ordinance], day)?.force)).toEqual(["binds", "uncertain"]);
});

test("the duty to keep a copy in the country passes from the ordinance to its amendment, and ends with both", () => {
  const both = (day: string) => [standing(day, "pdpo-2025.local-copy"), standing(day, "pdp-amendment-2026.local-copy")];
  expect(both("2026-02-04")).toEqual(["binding", "draft"]);
  expect(both("2026-02-05")).toEqual(["ended", "binding"]);
  expect(both("2026-04-10")).toEqual(["repealed", "repealed"]);
  expect(lawsDiff(laws, [{ id: "x/copy", controls: ["backup"] }], "2026-04-09", "2026-04-10").rules).toMatchObject([
    { rule: "x/copy", gains: [], loses: ["pdp-amendment-2026.local-copy"] },
  ]);
});

test("a draft asks for nothing", () => {
  expect(standing("2026-11-23", "ai-policy-draft.impact-assessment")).toBe("draft");
});

test("13 May 2027 differs from the day before: complaints begin, and rules gain a basis by that", () => {
  const diff = lawsDiff(laws, [{ id: "x/logs", controls: ["audit-logging"] }], "2027-05-12", "2027-05-13");
  expect(diff.begin).toEqual([
    { clause: "pdpa-2026.chief-data-officer", from: "notYetEffective", to: "binding" },
    { clause: "pdpa-2026.complaints", from: "notYetEffective", to: "binding" },
  ]);
  expect(diff.end).toEqual([]);
  expect(diff.rules).toMatchObject([{ rule: "x/logs", gains: ["pdpa-2026.complaints"], loses: [] }]);
  expect(lawsDiff(laws, allRules(), "2027-05-13", "2027-05-14")).toMatchObject({ begin: [], end: [], rules: [] });
});

test("a difference read backwards ends what it began", () => {
  const forth = lawsDiff(laws, allRules(), "2025-01-01", "2026-11-23");
  const back = lawsDiff(laws, allRules(), "2026-11-23", "2025-01-01");
  expect(forth.begin.length).toBeGreaterThan(10);
  expect(back.end.map(({ clause }) => clause)).toEqual(forth.begin.map(({ clause }) => clause));
  expect(back.rules.map(({ loses }) => loses)).toEqual(forth.rules.map(({ gains }) => gains));
});

test("binding that becomes uncertain is a change, and takes no basis away", () => {
  const act = instrument("a", [
    ["2026-01-01", "inForce"],
    ["2026-06-01", "unknown"],
  ]);
  expect(lawsDiff([act], [{ id: "x/consent", controls: ["consent"] }], "2026-05-31", "2026-06-01")).toMatchObject({
    begin: [],
    end: [],
    change: [{ clause: "a.one", from: "binding", to: "statusUnknown" }],
    rules: [],
  });
});

test("a rule whose only clause lapses has lost its basis", () => {
  const act = instrument("a", [
    ["2026-01-01", "inForce"],
    ["2026-06-01", "lapsed"],
  ]);
  const rules = [
    { id: "x/consent", controls: ["consent"] },
    { id: "x/other", controls: ["backup"] },
  ];
  expect(lawsDiff([act], rules, "2026-05-31", "2026-06-01").rules).toEqual([
    { rule: "x/consent", gains: [], loses: ["a.one"], left: 0 },
  ]);
});
