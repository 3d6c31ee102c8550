import type { Bilingual } from "../bilingual.ts";
import type { Control } from "../controls/controls.ts";
import type { ClauseOnDay, ServingRule } from "./as-of.ts";

/**
 * What can be said of a control or a clause. `satisfied`: every rule that serves it ran, found no fault, some matched something, and
 * nobody has to be asked for anything besides. `provisional`: what rules can see holds, but something is left to ask for, or the
 * clause was not read in the gazette, or nobody knows whether its instrument still holds, or one of its controls is served by no rule.
 * `manual`: no rule serves it, or its rules found nothing to judge, so a person has to ask. `not applicable`: it asks for nothing on that
 * day, or there is nothing that its rules are about and nothing to ask for. Nothing is satisfied by being unknown: a rule that serves it and did not run makes
 * it `not satisfied`.
 */
export type Verdict = "satisfied" | "not satisfied" | "provisional" | "manual" | "not applicable";

/** How much a rule had to say of an estate. */
export interface RuleResult {
  /** The rule's id. */
  readonly rule: string;
  /** Objects that it judged. */
  readonly matched: number;
  /** Those of them that it found at fault and no exemption covers, or that it could not evaluate. */
  readonly failed: number;
}

/** A rule as a part of a control. */
export interface RuleStanding {
  readonly rule: string;
  /** `notRun`: it serves the control, and there is no result of it. `nothingMatched`: it ran, and proved nothing. */
  readonly outcome: "passed" | "failed" | "nothingMatched" | "notRun";
}

export interface ControlStatus {
  readonly control: Control;
  /** `provisional` where its rules pass and something is left to ask for. */
  readonly verdict: Verdict;
  /** Rules that serve it, in the order of the rules; none where it is `manual`. */
  readonly rules: readonly RuleStanding[];
}

export interface ClauseStatus {
  readonly on: ClauseOnDay;
  readonly verdict: Verdict;
  /** Whether clause and status were read in the gazette, or in what the issuer of a standard publishes. */
  readonly verified: boolean;
  readonly controls: readonly ControlStatus[];
  /** What an auditor has to ask for beyond what the rules saw, of the clause and of its controls. */
  readonly ask: readonly Bilingual[];
}

/** Control → rules → verdict. */
export function controlStatus(
  control: Control,
  rules: readonly ServingRule[],
  results: readonly RuleResult[],
): ControlStatus {
  const standings = rules
    .filter(({ controls }) => controls.includes(control.id))
    .map(({ id }): RuleStanding => ({ rule: id, outcome: outcomeOf(results.filter(({ rule }) => rule === id)) }));
  return { control, verdict: withAsking(verdictOfRules(standings), control.manual.length > 0), rules: standings };
}

/** Where something is left to ask for, rules that pass close nothing, and rules that found nothing to judge leave it all to a person. */
function withAsking(seen: Verdict, asks: boolean): Verdict {
  if (!asks) return seen;
  return seen === "satisfied" ? "provisional" : seen === "not applicable" ? "manual" : seen;
}

/** A rule may have several results: one for each cluster, or for each way in which it runs. */
function outcomeOf(results: readonly RuleResult[]): RuleStanding["outcome"] {
  if (results.length === 0) return "notRun";
  if (results.some(({ failed }) => failed > 0)) return "failed";
  return results.some(({ matched }) => matched > 0) ? "passed" : "nothingMatched";
}

function verdictOfRules(rules: readonly RuleStanding[]): Verdict {
  if (rules.length === 0) return "manual";
  if (rules.some(({ outcome }) => outcome === "failed" || outcome === "notRun")) return "not satisfied";
  return rules.every(({ outcome }) => outcome === "nothingMatched") ? "not applicable" : "satisfied";
}

/**
 * Clause → controls → rules → verdict.
 *
 * @param controls all controls: those that the clause names are looked up there
 * @param rules all rules
 * @param results what the rules said of an estate
 */
export function clauseStatus(
  on: ClauseOnDay,
  controls: readonly Control[],
  rules: readonly ServingRule[],
  results: readonly RuleResult[],
): ClauseStatus {
  const asked = on.clause.controls.flatMap((id) => controls.find((control) => control.id === id) ?? []);
  const statuses = asked.map((control) => controlStatus(control, rules, results));
  const verified = on.clause.verified && on.status?.verified === true;
  const ask = [...on.clause.manual, ...asked.flatMap(({ manual }) => manual)];
  return { on, verdict: verdictOfClause(on, statuses, verified), verified, controls: statuses, ask };
}

function verdictOfClause(on: ClauseOnDay, controls: readonly ControlStatus[], verified: boolean): Verdict {
  if (on.force === "none") return "not applicable";
  const served = controls.filter(({ verdict }) => verdict !== "manual");
  if (served.length === 0) return "manual";
  if (served.some(({ verdict }) => verdict === "not satisfied")) return "not satisfied";
  if (served.every(({ verdict }) => verdict === "not applicable"))
    return withAsking("not applicable", served.length < controls.length || on.clause.manual.length > 0);
  const closed = controls.every(({ verdict }) => verdict === "satisfied" || verdict === "not applicable");
  return verified && on.force === "binds" && closed && on.clause.manual.length === 0 ? "satisfied" : "provisional";
}
