import { type Fixture, fixturesOf } from "../fixtures.ts";
import type { Rule } from "../rules.ts";
import { verdictOf } from "./score.ts";

/** A rule whose failing examples another rule refuses as well, every one of them. */
export interface Covered {
  readonly rule: string;
  readonly by: string;
  /** The other way round too: no example tells the two apart. */
  readonly both: boolean;
}

/** Rules that no example of their own needs, because another rule refuses it all. */
export function coveredRules(rules: readonly Rule[]): readonly Covered[] {
  const failing = new Map(
    rules.map((rule) => [rule.id, fixturesOf(rule).filter(({ expected }) => expected === "fail")]),
  );
  const refusesAll = (by: Rule, fixtures: readonly Fixture[]) =>
    fixtures.length > 0 && fixtures.every((fixture) => verdictOf(by, by.policy, fixture) !== "passes");
  const covers = (by: Rule, rule: Rule) => refusesAll(by, failing.get(rule.id) ?? []);
  return rules.flatMap((rule) =>
    rules
      .filter((by) => by !== rule && covers(by, rule))
      .map((by) => ({ rule: rule.id, by: by.id, both: covers(rule, by) })),
  );
}
