import { type Message, message } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import type { Finding, Findings } from "../evaluate.ts";
import type { RuleText } from "../rules.ts";
import { breadthOf, describeSubject, type Exemption } from "./exemption.ts";

/** Days before its end in which an exemption warns. */
export const NOTICE_DAYS = 30;

/** What became of an exemption on the day of the verdict. */
export interface ExemptionUse {
  readonly exemption: Exemption;
  /** `refused`: it is faulty, too broad or approved by its owner, or its rule accepts none. Only one that is in force covers findings. */
  readonly state: "in-force" | "not-yet" | "expired" | "refused";
  /** What it covers: indexes into `Findings.subjects`. */
  readonly subjects: readonly number[];
}

/**
 * Findings with the exemptions of an environment applied: what one covers is marked and no longer counts as failed, and every
 * exemption that is not in order is an error, since a permission that nobody looks after is a hole.
 *
 * @param asOf the ISO day of the verdict
 * @returns the findings, and BH3201 … BH3210 among their messages
 */
export function applyExemptions(
  findings: Findings,
  exemptions: readonly Exemption[],
  rules: readonly RuleText[],
  asOf: string,
): Findings {
  const judged = exemptions.map((exemption) => judge(exemption, findings, rules, asOf));
  const covering = judged.filter(({ state }) => state === "in-force");
  const marked = findings.findings.map((finding): Finding => {
    const found = covering.find(({ exemption }) => covers(exemption, finding));
    if (!found) return finding;
    const { id, owner, expires } = found.exemption;
    return { ...finding, exemption: { id, owner, expires } };
  });
  const failed = (rule: string, exempted: boolean) =>
    marked.filter((finding) => finding.rule === rule && (finding.exemption !== undefined) === exempted).length;
  return {
    ...findings,
    findings: marked,
    population: findings.population.map((population) => ({
      ...population,
      failed: failed(population.rule, false),
      exempted: failed(population.rule, true),
    })),
    exemptions: judged.map(({ exemption, state, subjects }) => ({ exemption, state, subjects })),
    messages: [...findings.messages, ...judged.flatMap(({ messages }) => messages)],
  };
}

/** Whether it is this rule's, and the finding's object, or one that controllers made of it, is the one that is named. */
function covers({ rule, subject }: Exemption, finding: Finding): boolean {
  const named = describeSubject(subject);
  return finding.rule === rule && (finding.object === named || (finding.makers ?? []).includes(named));
}

interface Judged extends ExemptionUse {
  readonly messages: readonly Message[];
}

function judge(exemption: Exemption, findings: Findings, rules: readonly RuleText[], asOf: string): Judged {
  const { id, rule, subject, issued, expires, position } = exemption;
  const said = (code: Message["code"], params: Message["params"] = {}) =>
    message(code, { id, rule, subject: describeSubject(subject), ...params }, position);
  const covered = findings.findings.filter((finding) => covers(exemption, finding));
  const subjects = [...new Set(covered.map((finding) => finding.subject))];
  const named = new Set(covered.filter((f) => f.object === describeSubject(subject)).map((f) => f.subject));
  const faults = faultsOf(exemption, rules, named.size).map(([code, params]) => said(code, params));
  if (expires < asOf)
    return { exemption, state: "expired", subjects: [], messages: [...faults, said("BH3201", { expires, asOf })] };
  if (faults.length > 0) return { exemption, state: "refused", subjects: [], messages: faults };
  if (issued > asOf) return { exemption, state: "not-yet", subjects: [], messages: [said("BH3202", { issued, asOf })] };
  const days = daysBetween(asOf, expires);
  return {
    exemption,
    state: "in-force",
    subjects,
    messages: [
      ...(subjects.length === 0 ? [said("BH3203")] : []),
      ...(days <= NOTICE_DAYS ? [said("BH3210", { expires, days })] : []),
    ],
  };
}

type Fault = readonly [code: Message["code"], params: Message["params"]];

/** What is wrong with an exemption on any day. */
function faultsOf(
  { rule, subject, owner, approver, issued, expires }: Exemption,
  rules: readonly RuleText[],
  objects: number,
): readonly Fault[] {
  const known = rules.find(({ id }) => id === rule);
  const breadth = breadthOf(subject);
  const { maximumObjects } = subject;
  const ids = rules.map(({ id }) => id);
  return [
    ...(known ? [] : [["BH3204", { hint: hintFor(rule, ids) }] as const]),
    ...(known && known.level !== "soft-mandatory" ? [["BH3205", { level: known.level }] as const] : []),
    ...(breadth ? [["BH3206", { breadth }] as const] : []),
    ...(objects > maximumObjects ? [["BH3207", { objects, maximum: maximumObjects }] as const] : []),
    ...(sameMailbox(owner, approver) ? [["BH3208", { owner }] as const] : []),
    ...(expires < issued ? [["BH3209", { issued, expires }] as const] : []),
  ];
}

function hintFor(rule: string, known: readonly string[]): string {
  const meant = nearest(rule, known);
  return meant ? `did you mean '${meant}'?` : "'bhitti explain' lists them all";
}

/** Case and what stands behind a plus make no other mailbox. */
function sameMailbox(a: string, b: string): boolean {
  const mailbox = (address: string) =>
    address
      .trim()
      .toLowerCase()
      .replace(/\+[^@]*@/, "@");
  return mailbox(a) === mailbox(b);
}

const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 86_400_000;
