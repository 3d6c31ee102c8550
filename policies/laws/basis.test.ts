import { expect, test } from "vitest";
import { BhittiError, formatMessage } from "../../messages/message.ts";
import { loadControls } from "../controls/controls.ts";
import { allRules } from "../estate-rules.ts";
import { checkBasis } from "./basis.ts";
import { loadLaws } from "./laws.ts";

const controls = loadControls();
const rules = allRules();
const laws = loadLaws();

const faultsOf = (check: () => void): string[] => {
  try {
    check();
  } catch (error) {
    if (error instanceof BhittiError) return error.messages.map(formatMessage);
    throw error;
  }
  return [];
};

test("every rule serves controls that exist, and every control is served or says what to ask", () => {
  expect(rules.length).toBeGreaterThan(20);
  expect(faultsOf(() => checkBasis(rules, controls))).toEqual([]);
});

test("a rule that serves an unknown control is told at its annotation", () => {
  const wrong = rules.map((rule) =>
    rule.id === "network/declared-flows" ? { ...rule, controls: ["tenant-seperation"] } : rule,
  );
  expect(faultsOf(() => checkBasis(wrong, controls)).join("\n")).toMatch(
    /policies\/rules\/network\/declared-flows\/rule\.yaml:\d+:\d+ BH3509 .*'tenant-seperation'.*did you mean 'tenant-separation'/,
  );
});

test("a rule that is a function is told at its file", () => {
  const wrong = rules.map((rule) => (rule.id === "network/default-deny" ? { ...rule, controls: ["nothing"] } : rule));
  expect(faultsOf(() => checkBasis(wrong, controls))[0]).toMatch(
    /^policies\/rules\/network\/default-deny\/rule\.ts:1:1 BH3509 .*'nothing'/,
  );
});

test("a control that nothing serves and nobody has to ask about is told at its place", () => {
  const silent = controls.map((control) => ({ ...control, manual: [] }));
  const faults = faultsOf(() => checkBasis([], silent));
  expect(faults).toHaveLength(controls.length);
  expect(faults[0]).toMatch(/^policies\/controls\/controls\.yaml:\d+:\d+ BH3510 control 'workload-isolation'/);
});

test("every clause leads to a control or says what to ask", () => {
  const clauses = laws.flatMap((law) => law.clauses);
  expect(clauses.length).toBeGreaterThan(100);
  expect(clauses.filter(({ controls, manual }) => controls.length + manual.length === 0)).toEqual([]);
});

test("every control is asked for by a clause of some instrument, so that none stands without a reason", () => {
  const asked = new Set(laws.flatMap((law) => law.clauses.flatMap((clause) => clause.controls)));
  expect(controls.map(({ id }) => id).filter((id) => !asked.has(id))).toEqual([]);
});

test("no clause of a law of Bangladesh counts as verified: no gazette was read", () => {
  const ours = laws.filter(({ kind }) => kind !== "standard" && kind !== "guideline");
  expect(ours.length).toBeGreaterThanOrEqual(10);
  const verified = ours
    .flatMap((law) => [...law.status, ...law.clauses, ...law.classifications])
    .filter((x) => x.verified);
  expect(verified).toEqual([]);
});
