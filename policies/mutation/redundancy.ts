import type { Estate, EstateObject } from "../../estate/estate.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import type { AnyRule, EstateRule, JudgedOn } from "../estate-rule.ts";
import { clusterOf } from "../estate-view.ts";
import { evaluateEstate } from "../evaluate.ts";
import { EXEMPTIONS } from "../exemptions/exemption.ts";
import { defaultSurroundings, estateFixturesOf, type Fixture, fixturesOf } from "../fixtures.ts";
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

/** An example as an estate, and the ids of the rules that have something against what stands in it. */
interface Judged {
  readonly rule: string;
  readonly expected: Fixture["expected"];
  readonly failed: ReadonlySet<string>;
}

/**
 * Rules of either sort that no example of their own tells from a rule of the other sort, or from another estate rule: it fails what they
 * fail, and nothing of what they pass. (Examples are small: most lack something that another rule wants, so that failing alone says little.)
 * Policies among themselves are `coveredRules`'s. What a rule cannot evaluate it does not cover.
 */
export function coveredAcross(policies: readonly Rule[], ofEstate: readonly EstateRule[]): readonly Covered[] {
  const judged = [
    ...policies.flatMap((rule) => requestsJudged(rule, ofEstate)),
    ...ofEstate.flatMap((rule) => estatesJudged(rule, policies, ofEstate)),
  ];
  const isEstate = new Set(ofEstate.map(({ id }) => id));
  const ids = [...policies, ...ofEstate].map(({ id }) => id);
  const covers = (by: string, rule: string): boolean => {
    const own = judged.filter((example) => example.rule === rule);
    return own.length > 0 && own.every(({ expected, failed }) => failed.has(by) === (expected === "fail"));
  };
  return ids.flatMap((rule) =>
    ids
      .filter((by) => by !== rule && (isEstate.has(by) || isEstate.has(rule)) && covers(by, rule))
      .map((by) => ({ rule, by, both: covers(rule, by) })),
  );
}

/** Requests that a policy refuses, as an estate of one object, by the estate rules. A deletion leaves nothing to judge. */
function requestsJudged(rule: Rule, ofEstate: readonly EstateRule[]): readonly Judged[] {
  return fixturesOf(rule).map(({ expected, request, surroundings }) => {
    const objects = [...surroundings, ...(request.object ? [request.object] : [])];
    return {
      rule: rule.id,
      expected,
      failed: failedOf(estateOf(objects.map((object) => placed(object))), ofEstate, EMPTY),
    };
  });
}

function estatesJudged(
  rule: EstateRule,
  policies: readonly Rule[],
  ofEstate: readonly EstateRule[],
): readonly Judged[] {
  return estateFixturesOf(rule).map(({ expected, estate, on }) => {
    const clusters = [...new Set(estate.objects.map(clusterOf))];
    const params = clusters.flatMap((cluster) =>
      defaultSurroundings()
        .filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.namespace === EXEMPTIONS.namespace)
        .map((object) => placed(object, `${cluster}-guardrails`)),
    );
    const failed = new Set([
      ...failedOf(estate, ofEstate, on),
      ...failedOf({ ...estate, objects: [...estate.objects, ...params] }, policies, on),
    ]);
    return { rule: rule.id, expected, failed };
  });
}

const failedOf = (estate: Estate, rules: readonly AnyRule[], on: JudgedOn): ReadonlySet<string> =>
  new Set(
    evaluateEstate(estate, rules, () => "deny", on)
      .findings.filter(({ outcome }) => outcome === "failed")
      .map(({ rule }) => rule),
  );

const EMPTY: JudgedOn = { asOf: "2026-11-23", lock: { images: [] }, laws: [] };

const placed = (object: KubernetesObject, stack = "c1-network"): EstateObject => ({
  object,
  stack,
  address: describeObject(object),
  unknown: [],
});

const estateOf = (objects: readonly EstateObject[]): Estate => ({
  environment: "example",
  stacks: [{ id: "c1-network", dependencies: [] }],
  objects,
  undecoded: [],
});
