import { judgeOf } from "../engine/admission.ts";
import type { AdmissionPolicy } from "../engine/policy.ts";
import { defaultSurroundings, type Fixture, fixturesOf } from "../fixtures.ts";
import { bindingFor, type Rule } from "../rules.ts";
import { EQUIVALENT } from "./equivalent.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";

/** How many mutants of a rule its examples notice. */
export interface RuleScore {
  readonly rule: string;
  /** Those that differ from the rule: mutants that are listed as equivalent are not among them. */
  readonly mutants: number;
  readonly killed: number;
  readonly survivors: readonly Mutant[];
  /** Listed as equivalent. */
  readonly equivalent: number;
  /** Entries of the list of equivalents that no survivor fits: they say nothing, or an example kills the mutant. */
  readonly idle: readonly string[];
}

/**
 * Judges every mutant of a rule by the rule's examples. A mutant is killed where one of them gets another verdict: passing, refused, or
 * refused since it cannot be evaluated, which the test of examples tells apart too.
 */
export function scoreOf(rule: Rule, fixtures: readonly Fixture[] = fixturesOf(rule)): RuleScore {
  const mutants = mutantsOf(rule);
  const verdicts = fixtures.map((fixture) => verdictOf(rule, rule.policy, fixture));
  const survivors = mutants.filter(
    ({ policy }) => !fixtures.some((fixture, i) => verdictOf(rule, policy, fixture) !== verdicts[i]),
  );
  const listed = EQUIVALENT.filter((entry) => entry.rule === rule.id);
  const isListed = (mutant: Mutant) =>
    listed.some((entry) => entry.place.test(mutant.place) && entry.text.test(`${mutant.change}: ${mutant.text}`));
  const equivalent = survivors.filter(isListed).length;
  return {
    rule: rule.id,
    mutants: mutants.length - equivalent,
    killed: mutants.length - survivors.length,
    survivors: survivors.filter((mutant) => !isListed(mutant)),
    equivalent,
    idle: listed
      .filter((entry) => !survivors.some((m) => entry.place.test(m.place) && entry.text.test(`${m.change}: ${m.text}`)))
      .map((entry) => `${entry.place.source} ${entry.text.source}`),
  };
}

/** Killed mutants among all that differ, from 0 to 100. */
export const percentOf = (scores: readonly RuleScore[]): number => {
  const mutants = scores.reduce((sum, score) => sum + score.mutants, 0);
  return mutants === 0 ? 100 : (scores.reduce((sum, score) => sum + score.killed, 0) / mutants) * 100;
};

const standing = defaultSurroundings();
const judges = new WeakMap<AdmissionPolicy, ReturnType<typeof judgeOf>>();

/** What a policy in a rule's place says of an example. */
export function verdictOf(
  rule: Rule,
  policy: AdmissionPolicy,
  { request, surroundings }: Fixture,
): "passes" | "refused" | "error" {
  const all = surroundings.length > 0 ? [...standing, ...surroundings] : standing;
  const known = surroundings.length > 0 ? undefined : judges.get(policy);
  const judge =
    known ??
    judgeOf([policy], [bindingFor(rule, "deny")], {
      namespaces: all.filter(({ kind }) => kind === "Namespace"),
      params: all.filter(({ kind }) => kind === "ConfigMap"),
    });
  if (surroundings.length === 0) judges.set(policy, judge);
  const [verdict] = judge(request, { all: true });
  if (!verdict || verdict.outcome === "allow" || verdict.outcome === "notMatched") return "passes";
  return verdict.outcome === "error" ? "error" : "refused";
}
