import { PLATFORM_GROUP } from "../contracts.ts";
import type { Estate, EstateObject, Undecoded } from "../estate/estate.ts";
import { describeObject, type KubernetesObject } from "../kubernetes/object.ts";
import { type Message, message, type Position } from "../messages/message.ts";
import { type Judge, judgeOf, type Verdict } from "./engine/admission.ts";
import { kindsOf } from "./engine/kinds.ts";
import { knowTrees } from "./engine/tree.ts";
import { type AnyRule, type EstateRule, isEstateRule, type JudgedOn } from "./estate-rule.ts";
import { clusterOf } from "./estate-view.ts";
import type { ExemptionUse } from "./exemptions/apply.ts";
import { makersOf, withoutExemptions } from "./exemptions/exemption.ts";
import { bindingFor, type Rule, ruleTrees, type Stage, stageFor } from "./rules.ts";

/** A rule's word against one object of an estate. */
export interface Finding {
  /** Id of the rule. */
  readonly rule: string;
  readonly stage: Stage;
  /** `error`: the rule could not be evaluated; the API server would refuse the object as if it had failed. */
  readonly outcome: "failed" | "error";
  readonly stack: string;
  /** Terraform address. */
  readonly address: string;
  /** The template file within the chart, where `address` is a release. */
  readonly chartFile?: string;
  /** `Kind namespace/name` */
  readonly object: string;
  /** The object: an index into `Findings.subjects`. */
  readonly subject: number;
  /** What controllers made the object of: `Deployment zone-a/web`; absent where they did not. */
  readonly makers?: readonly string[];
  /** The exemption that covers it: it refuses nothing. */
  readonly exemption?: { readonly id: string; readonly owner: string; readonly expires: string };
  /** BH3010 … BH3014, with the position of the object's line of YAML where it is known. */
  readonly message: Message;
}

/** An object that rules were asked about. */
export interface Subject {
  /** `Kind namespace/name` */
  readonly object: string;
  readonly stack: string;
  /** Terraform address. */
  readonly address: string;
  /** The template file within the chart, where `address` is a release. */
  readonly chartFile?: string;
  /** The line of YAML that it comes from, where that is known. */
  readonly position?: Position;
  /** Paths within it whose value only Terraform knows. */
  readonly unknown: readonly string[];
}

/** How much a rule had to say. */
export interface RulePopulation {
  readonly rule: string;
  readonly stage: Stage;
  /** Objects that it judged; 0 means that it proved nothing about this estate. */
  readonly matched: number;
  /** Which: indexes into `Findings.subjects`, ascending. */
  readonly judged: readonly number[];
  /** Findings among them that no exemption covers. */
  readonly failed: number;
  /** Findings that one covers. */
  readonly exempted: number;
  /** Why it could not be asked at all; absent where it was. */
  readonly notRun?: string;
}

export interface Findings {
  /** Sorted by rule, then by the order of the estate. */
  readonly findings: readonly Finding[];
  /** One entry for each rule, those that matched nothing included. */
  readonly population: readonly RulePopulation[];
  /** How many objects were judged. */
  readonly objects: number;
  /** Every object of the estate, in its order. */
  readonly subjects: readonly Subject[];
  /** What no rule could be asked about: neither passed nor failed. */
  readonly notEvaluated: readonly Undecoded[];
  /** The environment's exemptions, in its order; none before `applyExemptions`. */
  readonly exemptions: readonly ExemptionUse[];
  /** One warning for each of `notEvaluated` (BH3015) and each rule that was not run (BH3016), and what is to be said of exemptions. */
  readonly messages: readonly Message[];
}

export interface EvaluateOptions extends JudgedOn {
  /** Who creates the objects. @default a deployer in the platform's group */
  readonly userInfo?: Asker | ((object: KubernetesObject) => Asker);
}

/** Who asks the API server. */
export interface Asker {
  readonly username: string;
  readonly groups: readonly string[];
}

/** A pipeline of the platform. */
export const DEPLOYER: Asker = { username: "bhitti-deployer", groups: [PLATFORM_GROUP, "system:authenticated"] };

/** What one rule said about one object. */
interface Judgement {
  readonly rule: string;
  /** Index of the object. */
  readonly subject: number;
  readonly outcome: "allow" | "failed" | "error";
  readonly messages: readonly string[];
}

/**
 * Judges an estate by every rule. Admission policies are asked about each object, as the API server will be when the platform
 * creates it: namespaces, params and custom kinds are those of the estate itself, each cluster's apart. Estate rules are asked
 * about the whole. An advisory rule warns at most, whatever stage it is given.
 *
 * A value that only Terraform knows is an error to a rule that depends on it, and so is a rule that throws; an error is a
 * finding: nothing passes by being unknown.
 * Exemptions of the estate's own params are left out: `applyExemptions` marks what they cover.
 */
export function evaluateEstate(
  estate: Estate,
  rules: readonly AnyRule[],
  stageOf: (rule: string) => Stage,
  { userInfo = DEPLOYER, ...on }: EvaluateOptions,
): Findings {
  const policies = rules.filter((rule): rule is Rule => !isEstateRule(rule));
  const ofEstate = rules.filter(isEstateRule);
  const idle = new Map(
    ofEstate.flatMap((rule): [string, string][] => {
      const reason = rule.notRun?.(on);
      return reason === undefined ? [] : [[rule.id, reason]];
    }),
  );
  const judgements = [
    ...judgedByPolicies(estate, policies, stageOf, userInfo),
    ...ofEstate.filter(({ id }) => !idle.has(id)).flatMap((rule) => judgedByEstateRule(estate, rule, on)),
  ];
  const ofRule = new Map(rules.map(({ id }) => [id, judgements.filter((j) => j.rule === id)]));
  const stages = new Map(rules.map((rule) => [rule.id, stageFor(rule, stageOf(rule.id))]));
  const subjects = estate.objects.map(subjectOf);
  const perRule = rules.map(({ id }) => {
    const judged = [...(ofRule.get(id) ?? [])].sort((a, b) => a.subject - b.subject);
    const stage = stages.get(id) ?? stageOf(id);
    const findings = judged.flatMap((judgement): readonly Finding[] => {
      const entry = estate.objects[judgement.subject];
      return entry && judgement.outcome !== "allow" ? [findingOf(stage, entry, judgement)] : [];
    });
    const matched = [...new Set(judged.map(({ subject }) => subject))];
    const reason = idle.get(id);
    return {
      findings,
      population: {
        ...{ rule: id, stage, matched: matched.length, judged: matched, failed: findings.length, exempted: 0 },
        ...(reason === undefined ? {} : { notRun: reason }),
      },
    };
  });
  return {
    findings: perRule.flatMap(({ findings }) => findings),
    population: perRule.map(({ population }) => population),
    objects: estate.objects.length,
    subjects,
    notEvaluated: estate.undecoded,
    exemptions: [],
    messages: [
      ...estate.undecoded.map(({ stack, address, reason }) => message("BH3015", { address, stack, reason })),
      ...[...idle].map(([rule, reason]) => message("BH3016", { rule, reason })),
    ],
  };
}

function judgedByPolicies(
  estate: Estate,
  rules: readonly Rule[],
  stageOf: (rule: string) => Stage,
  userInfo: NonNullable<EvaluateOptions["userInfo"]>,
): readonly Judgement[] {
  const idOf = new Map(rules.map((rule) => [rule.policy.metadata.name, rule.id]));
  const judges = judgesOf(estate, rules, stageOf);
  const askerOf = typeof userInfo === "function" ? userInfo : () => userInfo;
  return estate.objects.flatMap((entry, subject) => {
    const judge = judges.get(clusterOf(entry));
    const verdicts =
      judge?.({ operation: "CREATE", object: entry.object, userInfo: askerOf(entry.object), unknown: entry.unknown }) ??
      [];
    return verdicts.flatMap(({ policy, outcome, messages }: Verdict): readonly Judgement[] =>
      outcome === "notMatched"
        ? []
        : [
            {
              rule: idOf.get(policy) ?? policy,
              subject,
              outcome: outcome === "allow" || outcome === "error" ? outcome : "failed",
              messages,
            },
          ],
    );
  });
}

function judgedByEstateRule(estate: Estate, rule: EstateRule, on: JudgedOn): readonly Judgement[] {
  const indexes = new Map(estate.objects.map((entry, index) => [entry, index]));
  const concerned = estate.objects.filter(({ object }) => rule.kinds.includes(object.kind) || rule.kinds.includes("*"));
  const about = (entry: EstateObject, outcome: Judgement["outcome"], messages: readonly string[]): Judgement => ({
    rule: rule.id,
    subject: indexes.get(entry) ?? -1,
    outcome,
    messages,
  });
  const unreadable = concerned.flatMap((entry) => {
    const path = entry.unknown.find((unknown) => rule.reads.some((read) => overlap(unknown, read)));
    return path === undefined ? [] : [about(entry, "error", [`the value of ${path} is unknown`])];
  });
  try {
    const verdicts = rule
      .judge(estate, on)
      .map(({ subject, failures }) => about(subject, failures.length > 0 ? "failed" : "allow", failures));
    const unread = new Set(unreadable.map(({ subject }) => subject));
    return [...unreadable, ...verdicts.filter(({ subject }) => !unread.has(subject))];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return (concerned.length > 0 ? concerned : estate.objects).map((entry) => about(entry, "error", [reason]));
  }
}

/** Whether one path lies within the other: `spec.replicas` and `spec`, `rules` and `rules[0].verbs`. */
const overlap = (a: string, b: string): boolean => a === b || within(a, b) || within(b, a);
const within = (inner: string, outer: string): boolean =>
  inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);

/** Two clusters may have namespaces and params of one name. */
let treesKnown = false;

/** Parsing the rules' expressions would take half of a check. */
function knowRuleTrees(): void {
  if (!treesKnown) knowTrees(ruleTrees());
  treesKnown = true;
}

function judgesOf(estate: Estate, rules: readonly Rule[], stageOf: (rule: string) => Stage): Map<string, Judge> {
  knowRuleTrees();
  const policies = rules.map((rule) => rule.policy);
  const bindings = rules.map((rule) => bindingFor(rule, stageOf(rule.id)));
  const clusters = new Set(estate.objects.map(clusterOf));
  const ids = rules.map(({ id }) => id);
  const paramKinds = new Set(rules.map(({ policy }) => policy.spec.paramKind?.kind));
  return new Map(
    [...clusters].map((cluster) => {
      const objects = estate.objects.filter((entry) => clusterOf(entry) === cluster).map(({ object }) => object);
      const namespaces = objects.filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Namespace");
      // What is exempted has to be seen to fail: exemptions are applied to the findings.
      const found = objects.filter(({ kind }) => paramKinds.has(kind));
      const params = withoutExemptions(found, ids);
      return [cluster, judgeOf(policies, bindings, { namespaces, params, kinds: kindsOf(objects) })];
    }),
  );
}

const FAILED_CODES = { deny: "BH3010", warn: "BH3011", audit: "BH3012" } as const;

const subjectOf = ({ object, stack, address, chartFile, position, unknown }: EstateObject): Subject => ({
  object: describeObject(object),
  stack,
  address,
  ...(chartFile ? { chartFile } : {}),
  ...(position ? { position } : {}),
  unknown,
});

function findingOf(stage: Stage, entry: EstateObject, judgement: Judgement): Finding {
  const { object, stack, address, chartFile, position } = entry;
  const { rule, outcome, messages } = judgement;
  const code = outcome !== "error" ? FAILED_CODES[stage] : stage === "deny" ? "BH3013" : "BH3014";
  const subject = describeObject(object);
  const makers = makersOf(object);
  const text = messages.join("; and ");
  return {
    rule,
    stage,
    outcome: outcome === "error" ? "error" : "failed",
    stack,
    address,
    ...(chartFile ? { chartFile } : {}),
    object: subject,
    subject: judgement.subject,
    ...(makers.length > 0 ? { makers } : {}),
    message: message(code, { rule, object: subject, stack, address, text }, position),
  };
}
