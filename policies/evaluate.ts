import { PLATFORM_GROUP } from "../contracts.ts";
import type { Estate, EstateObject, Undecoded } from "../estate/estate.ts";
import { describeObject } from "../kubernetes/object.ts";
import { type Message, message, type Position } from "../messages/message.ts";
import { type Judge, judgeOf, type Verdict } from "./engine/admission.ts";
import { kindsOf } from "./engine/kinds.ts";
import type { ExemptionUse } from "./exemptions/apply.ts";
import { makersOf, withoutExemptions } from "./exemptions/exemption.ts";
import { bindingFor, type Rule, type Stage } from "./rules.ts";

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
  /** One warning (BH3015) for each of `notEvaluated`, and what is to be said of exemptions. */
  readonly messages: readonly Message[];
}

export interface EvaluateOptions {
  /** Who creates the objects. @default a deployer in the platform's group */
  readonly userInfo?: { readonly username: string; readonly groups: readonly string[] };
}

const DEPLOYER = { username: "bhitti-deployer", groups: [PLATFORM_GROUP, "system:authenticated"] };

/**
 * Judges every object of an estate by every rule, as the API server will when the platform creates it. Namespaces, params and
 * custom kinds are those of the estate itself, each cluster's apart.
 *
 * A value that only Terraform knows is an error to a rule that depends on it, and an error is a finding: nothing passes by being
 * unknown. Exemptions of the estate's own params are left out: `applyExemptions` marks what they cover.
 */
export function evaluateEstate(
  estate: Estate,
  rules: readonly Rule[],
  stageOf: (rule: string) => Stage,
  { userInfo = DEPLOYER }: EvaluateOptions = {},
): Findings {
  const idOf = new Map(rules.map((rule) => [rule.policy.metadata.name, rule.id]));
  const judges = judgesOf(estate, rules, stageOf);
  const judged = new Map<string, number[]>(rules.map(({ id }) => [id, []]));
  const subjects = estate.objects.map(subjectOf);
  const findings = estate.objects.flatMap((entry, index) => {
    const judge = judges.get(clusterOf(entry.stack));
    const verdicts = judge?.({ operation: "CREATE", object: entry.object, userInfo, unknown: entry.unknown }) ?? [];
    return verdicts.flatMap((verdict) => {
      const rule = idOf.get(verdict.policy) ?? verdict.policy;
      if (verdict.outcome === "notMatched") return [];
      judged.get(rule)?.push(index);
      return verdict.outcome === "allow" ? [] : [findingOf(rule, stageOf(rule), entry, index, verdict)];
    });
  });
  const order = new Map(rules.map((rule, index) => [rule.id, index]));
  return {
    findings: findings.sort((a, b) => (order.get(a.rule) ?? 0) - (order.get(b.rule) ?? 0)),
    population: rules.map(({ id }) => ({
      rule: id,
      stage: stageOf(id),
      matched: judged.get(id)?.length ?? 0,
      judged: judged.get(id) ?? [],
      failed: findings.filter((finding) => finding.rule === id).length,
      exempted: 0,
    })),
    objects: estate.objects.length,
    subjects,
    notEvaluated: estate.undecoded,
    exemptions: [],
    messages: estate.undecoded.map(({ stack, address, reason }) => message("BH3015", { address, stack, reason })),
  };
}

/** Ids of stacks begin with the cluster's name, which holds no hyphen (contracts.ts, `layerStackId`). */
const clusterOf = (stack: string): string => stack.split("-")[0] ?? stack;

/** Two clusters may have namespaces and params of one name. */
function judgesOf(estate: Estate, rules: readonly Rule[], stageOf: (rule: string) => Stage): Map<string, Judge> {
  const policies = rules.map((rule) => rule.policy);
  const bindings = rules.map((rule) => bindingFor(rule, stageOf(rule.id)));
  const clusters = new Set(estate.objects.map(({ stack }) => clusterOf(stack)));
  const ids = rules.map(({ id }) => id);
  const paramKinds = new Set(rules.map(({ policy }) => policy.spec.paramKind?.kind));
  return new Map(
    [...clusters].map((cluster) => {
      const objects = estate.objects.filter(({ stack }) => clusterOf(stack) === cluster).map(({ object }) => object);
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

function findingOf(
  rule: string,
  stage: Stage,
  entry: EstateObject,
  subjectIndex: number,
  { outcome, messages }: Verdict,
): Finding {
  const { object, stack, address, chartFile, position } = entry;
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
    subject: subjectIndex,
    ...(makers.length > 0 ? { makers } : {}),
    message: message(code, { rule, object: subject, stack, address, text }, position),
  };
}
