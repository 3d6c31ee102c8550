import { type Message, type Position, severityOf, textOf } from "../../messages/message.ts";
import type { Bilingual } from "../bilingual.ts";
import type { Control } from "../controls/controls.ts";
import { type AnyRule, isEstateRule } from "../estate-rule.ts";
import type { Finding, Findings } from "../evaluate.ts";
import type { ExemptionUse } from "../exemptions/apply.ts";
import { describeSubject, type Exemption } from "../exemptions/exemption.ts";
import { lawsAsOf, type Standing, statusOn } from "../laws/as-of.ts";
import type { Instrument, InstrumentKind, Status } from "../laws/laws.ts";
import {
  type ClauseStatus,
  type ControlStatus,
  clauseStatus,
  controlStatus,
  type RuleResult,
  type Verdict,
} from "../laws/verdict.ts";
import type { Level, Severity, Stage } from "../rules.ts";
import { type Assumption, assumedFiles } from "./assumptions.ts";
import type { EvidenceChange } from "./compare.ts";
import { type InputFile, inputDigest } from "./digest.ts";

/**
 * What an auditor takes away, as plain data: every format is made from it and from nothing else. It holds no clock, no path of a
 * machine and no host, so that one commit gives the same bytes anywhere.
 */
export interface Evidence {
  /** The form of this document; a reader refuses others. */
  readonly form: typeof EVIDENCE_FORM;
  readonly environment: EnvironmentFacts;
  /** ISO day: laws and exemptions are those of this day. */
  readonly asOf: string;
  readonly commit: Commit;
  /** Where false, the worktree differed from the commit, and nobody can make this evidence again. */
  readonly reproducible: boolean;
  /** What judged, by name. */
  readonly tools: readonly Tool[];
  readonly inputs: { readonly digest: string; readonly files: readonly InputFile[] };
  readonly posture: Posture;
  readonly instruments: readonly EvidenceInstrument[];
  readonly controls: readonly EvidenceControl[];
  readonly rules: readonly EvidenceRule[];
  readonly subjects: readonly EvidenceSubject[];
  /** Sorted by rule, then by object. */
  readonly findings: readonly EvidenceFinding[];
  readonly exemptions: readonly EvidenceExemption[];
  /** Resources that no rule could be asked about. */
  readonly notEvaluated: readonly { readonly stack: string; readonly address: string; readonly reason: string }[];
  readonly assumptions: readonly Assumption[];
  /** What differs from another commit, judged by the law of the same day; absent where none was named. */
  readonly comparison?: {
    /** The full hash. */
    readonly commit: string;
    readonly changes: readonly EvidenceChange[];
  };
}

export const EVIDENCE_FORM = "bhitti.platform/evidence/v1";

export interface EnvironmentFacts {
  readonly name: string;
  readonly description: string;
  readonly disposable: boolean;
}

export interface Commit {
  /** The full hash. */
  readonly id: string;
  /** When it was committed: ISO, UTC, whole seconds. */
  readonly date: string;
  /** Paths that differed from it, as git tells them; empty where none did. */
  readonly changed: readonly string[];
}

export interface Tool {
  readonly name: string;
  readonly version: string;
}

/** Why a clause or a control got its verdict, where that is not `satisfied`. */
export const REASONS = [
  /** A rule failed on an object. */
  "failed",
  /** A rule could not be evaluated on an object. */
  "error",
  /** A rule failed on an object, and an exemption permits it. */
  "exempted",
  /** Resources are deployed that no rule could be asked about. */
  "notEvaluated",
  /** A rule that serves it did not run. */
  "notRun",
  /** No rule of a control found an object to judge. */
  "nothingMatched",
  /** No rule serves one of its controls. */
  "controlWithoutRule",
  /** What rules can see holds, and an auditor has to ask for the rest. */
  "leftToAsk",
  /** The clause's text or its instrument's status was not read in the official source. */
  "notVerified",
  /** Nobody knows whether its instrument still holds. */
  "statusUnknown",
  /** It asks for nothing on the day. */
  "notBinding",
] as const;
export type Reason = (typeof REASONS)[number];

/** Verdicts in the order in which a report tells them. */
export const VERDICTS = [
  "not satisfied",
  "provisional",
  "satisfied",
  "manual",
  "not applicable",
] as const satisfies Verdict[];

export interface Posture {
  readonly clauses: Readonly<Record<Verdict, number>>;
  readonly objects: number;
  readonly stacks: number;
  readonly rules: number;
  /** Rules that found no object to judge, and so proved nothing. */
  readonly rulesWithoutObjects: number;
  /** Rules that could not be asked at all. */
  readonly rulesNotRun: number;
  /** Rules of the cluster whose stage is `deny`: it refuses what breaks them. */
  readonly rulesEnforced: number;
  /** Pairs of a rule and an object that it judged. */
  readonly judgements: number;
  /** Findings that no exemption permits, errors included. */
  readonly failed: number;
  readonly errors: number;
  readonly exempted: number;
  readonly notEvaluated: number;
  /** Objects with a value that only Terraform knows. */
  readonly unknown: number;
  /** Objects that come from a file with assumed or illustrative facts. */
  readonly assumed: number;
}

export interface EvidenceInstrument {
  readonly id: string;
  readonly title: Bilingual;
  readonly kind: InstrumentKind;
  readonly citation?: string;
  readonly text?: string;
  /** Its status on the day; absent where it did not exist yet. */
  readonly status?: Status;
  /** Since when, ISO day. */
  readonly since?: string;
  readonly source?: string;
  readonly verified: boolean;
  readonly note?: Bilingual;
  readonly clauses: readonly EvidenceClause[];
}

export interface EvidenceClause {
  readonly id: string;
  readonly reference: string;
  readonly paraphrase: Bilingual;
  readonly source: string;
  readonly verified: boolean;
  readonly note?: Bilingual;
  readonly verdict: Verdict;
  readonly standing: Standing;
  readonly reasons: readonly Reason[];
  readonly controls: readonly string[];
  /** What a person has to ask for. */
  readonly manual: readonly Bilingual[];
  /** True where objects that its rules judged rest on assumed or illustrative facts. */
  readonly assumed: boolean;
}

export interface EvidenceControl {
  readonly id: string;
  readonly title: Bilingual;
  readonly statement: Bilingual;
  readonly verdict: ControlStatus["verdict"];
  readonly reasons: readonly Reason[];
  /** Ids of the rules that serve it. */
  readonly rules: readonly string[];
  /** Ids of the clauses that ask for it. */
  readonly clauses: readonly string[];
  readonly manual: readonly Bilingual[];
  readonly assumed: boolean;
}

export interface EvidenceRule {
  readonly id: string;
  readonly title: Bilingual;
  readonly rationale: Bilingual;
  readonly reference: string;
  readonly severity: Severity;
  readonly level: Level;
  readonly stage: Stage;
  /** Whether the cluster judges requests by it, or it judges the estate before a deploy only. */
  readonly judgedBy: "cluster" | "deploy";
  /** Why it could not be asked at all; absent where it was. */
  readonly notRun?: string;
  readonly controls: readonly string[];
  /** Objects that it judged: indexes into `subjects`. */
  readonly judged: readonly number[];
  /** Judged objects without a finding. */
  readonly passed: number;
  /** Findings that no exemption permits. */
  readonly failed: number;
  readonly exempted: number;
}

export interface EvidenceSubject {
  /** `Kind namespace/name` */
  readonly object: string;
  readonly stack: string;
  readonly address: string;
  readonly chartFile?: string;
  readonly position?: Position;
  readonly unknown: readonly string[];
  readonly assumed: boolean;
}

export interface EvidenceFinding {
  readonly rule: string;
  /** Index into `subjects`. */
  readonly subject: number;
  readonly stage: Stage;
  readonly outcome: Finding["outcome"];
  readonly code: Message["code"];
  readonly severity: ReturnType<typeof severityOf>;
  /** What the rule said of the object. */
  readonly text: string;
  /** The whole message, with its remedy. */
  readonly message: string;
  /** Id of the exemption that permits it. */
  readonly exemption?: string;
}

/** A dated, owned and approved permission to differ, as it stood on the day. */
export interface EvidenceExemption extends Omit<Exemption, "subject"> {
  /** `Kind namespace/name` */
  readonly subject: string;
  /** How many objects it may cover. */
  readonly maximumObjects: number;
  readonly state: ExemptionUse["state"];
  /** Findings that it permits: indexes into `findings`. */
  readonly permits: readonly number[];
  /** What is to be said of it on the day: that it ends soon, covers nothing, is not in order. */
  readonly remarks: readonly string[];
}

export interface EvidenceInputs {
  readonly environment: EnvironmentFacts;
  /** ISO day. */
  readonly asOf: string;
  readonly commit: Commit;
  readonly tools: readonly Tool[];
  readonly files: readonly InputFile[];
  readonly findings: Findings;
  readonly rules: readonly AnyRule[];
  readonly controls: readonly Control[];
  readonly instruments: readonly Instrument[];
  readonly assumptions: readonly Assumption[];
}

/** The whole report, from findings and what they are judged against. Reads nothing, and knows no time but `asOf`. */
export function makeEvidence(inputs: EvidenceInputs): Evidence {
  const { environment, asOf, commit, findings, assumptions } = inputs;
  const fromAssumed = assumedFiles(assumptions);
  const subjects = findings.subjects.map((subject) => ({
    ...subject,
    assumed: subject.position !== undefined && fromAssumed.has(subject.position.file),
  }));
  const told = findings.findings.map((finding) => findingOf(finding));
  const rules = inputs.rules.map((rule) => ruleOf(rule, findings, told));
  const judged: Judged = { rules, findings: told, subjects, incomplete: findings.notEvaluated.length > 0 };
  const askedBy = clausesByControl(inputs.instruments);
  const controls = inputs.controls.map((control) => controlOf(control, askedBy.get(control.id) ?? [], judged));
  const statuses = lawsAsOf(inputs.instruments, asOf).map((on) => {
    return clauseStatus(on, inputs.controls, rules, resultsOf(rules));
  });
  const instruments = inputs.instruments.map((instrument) =>
    instrumentOf(instrument, asOf, statuses, controls, judged.incomplete),
  );
  return {
    form: EVIDENCE_FORM,
    environment,
    asOf,
    commit,
    reproducible: commit.changed.length === 0,
    tools: inputs.tools,
    inputs: { digest: inputDigest(inputs.files), files: inputs.files },
    posture: postureOf(instruments, rules, told, subjects, findings.notEvaluated.length),
    instruments,
    controls,
    rules,
    subjects,
    findings: told,
    exemptions: findings.exemptions.map((use) => exemptionAsTold(use, told, findings.messages)),
    notEvaluated: findings.notEvaluated,
    assumptions,
  };
}

function exemptionAsTold(
  { exemption, state }: ExemptionUse,
  findings: readonly EvidenceFinding[],
  messages: readonly Message[],
): EvidenceExemption {
  const { subject, ...facts } = exemption;
  return {
    ...facts,
    subject: describeSubject(subject),
    maximumObjects: subject.maximumObjects,
    state,
    permits: findings.flatMap((finding, index) => (finding.exemption === exemption.id ? [index] : [])),
    remarks: messages.filter(({ params }) => params.id === exemption.id).map(textOf),
  };
}

/** A permission of the platform changes no law: what an exemption covers is a fault to a clause. */
const resultsOf = (rules: readonly EvidenceRule[]): readonly RuleResult[] =>
  rules
    .filter(({ notRun }) => notRun === undefined)
    .map(({ id, judged, failed, exempted }) => ({ rule: id, matched: judged.length, failed: failed + exempted }));

function findingOf(finding: Finding): EvidenceFinding {
  const { rule, subject, stage, outcome, message, exemption } = finding;
  return {
    rule,
    subject,
    stage,
    outcome,
    code: message.code,
    severity: severityOf(message),
    text: String(message.params.text ?? textOf(message)),
    message: textOf(message),
    ...(exemption && { exemption: exemption.id }),
  };
}

function ruleOf(rule: AnyRule, { population }: Findings, findings: readonly EvidenceFinding[]): EvidenceRule {
  const counted = population.find((entry) => entry.rule === rule.id);
  const own = findings.filter((finding) => finding.rule === rule.id);
  const judged = counted?.judged ?? [];
  const found = new Set(own.map(({ subject }) => subject));
  const { id, title, titleBangla, rationale, rationaleBangla, reference, severity, level, controls } = rule;
  return {
    id,
    title: { en: title, bn: titleBangla },
    rationale: { en: rationale, bn: rationaleBangla },
    reference,
    severity,
    level,
    stage: counted?.stage ?? "audit",
    judgedBy: isEstateRule(rule) ? "deploy" : "cluster",
    ...(counted?.notRun === undefined ? {} : { notRun: counted.notRun }),
    controls,
    judged,
    passed: judged.filter((index) => !found.has(index)).length,
    failed: own.filter(({ exemption }) => exemption === undefined).length,
    exempted: own.filter(({ exemption }) => exemption !== undefined).length,
  };
}

function clausesByControl(instruments: readonly Instrument[]): ReadonlyMap<string, readonly string[]> {
  const asked = new Map<string, string[]>();
  for (const clause of instruments.flatMap(({ clauses }) => clauses)) {
    for (const control of clause.controls) asked.set(control, [...(asked.get(control) ?? []), clause.id]);
  }
  return asked;
}

interface Judged {
  readonly rules: readonly EvidenceRule[];
  readonly findings: readonly EvidenceFinding[];
  readonly subjects: readonly EvidenceSubject[];
  /** Whether resources are deployed that no rule could be asked about. */
  readonly incomplete: boolean;
}

function controlOf(control: Control, clauses: readonly string[], judged: Judged): EvidenceControl {
  const { verdict, rules: standings } = controlStatus(control, judged.rules, resultsOf(judged.rules));
  const ids = standings.map(({ rule }) => rule);
  const findings = judged.findings.filter(({ rule }) => ids.includes(rule));
  const served = ids.length > 0;
  const reasons: Readonly<Partial<Record<Reason, boolean>>> = {
    failed: findings.some(({ outcome, exemption }) => outcome === "failed" && exemption === undefined),
    error: findings.some(({ outcome, exemption }) => outcome === "error" && exemption === undefined),
    exempted: findings.some(({ exemption }) => exemption !== undefined),
    notEvaluated: served && judged.incomplete,
    notRun: standings.some(({ outcome }) => outcome === "notRun"),
    nothingMatched: served && standings.every(({ outcome }) => outcome === "nothingMatched"),
    controlWithoutRule: !served,
    leftToAsk: verdict === "provisional" && !judged.incomplete,
  };
  return {
    id: control.id,
    title: control.title,
    statement: control.statement,
    verdict: reasons.notEvaluated ? "not satisfied" : verdict,
    reasons: REASONS.filter((reason) => reasons[reason]),
    rules: ids,
    clauses,
    manual: control.manual,
    assumed: judged.rules.some(
      (rule) => ids.includes(rule.id) && rule.judged.some((index) => judged.subjects[index]?.assumed),
    ),
  };
}

function instrumentOf(
  instrument: Instrument,
  asOf: string,
  statuses: readonly ClauseStatus[],
  controls: readonly EvidenceControl[],
  incomplete: boolean,
): EvidenceInstrument {
  const { id, title, kind, citation, text } = instrument;
  const entry = statusOn(instrument, asOf);
  const own = statuses.filter(({ on }) => on.instrument.id === id);
  return {
    id,
    title,
    kind,
    ...(citation === undefined ? {} : { citation }),
    ...(text === undefined ? {} : { text }),
    ...(entry && { status: entry.status, since: entry.from, source: entry.source }),
    ...(entry?.note && { note: entry.note }),
    verified: entry?.verified ?? false,
    clauses: own.map((status) => clauseOf(status, controls, incomplete)),
  };
}

function clauseOf(status: ClauseStatus, controls: readonly EvidenceControl[], incomplete: boolean): EvidenceClause {
  const { on, verdict, verified, ask } = status;
  const { id, reference, paraphrase, source, note } = on.clause;
  const asked = controls.filter((control) => on.clause.controls.includes(control.id));
  const binds = on.force !== "none";
  const unjudged = incomplete && binds && asked.some(({ rules }) => rules.length > 0);
  const reasons = REASONS.filter(
    (reason) =>
      (reason !== "leftToAsk" && binds && asked.some((control) => control.reasons.includes(reason))) ||
      (reason === "controlWithoutRule" && binds && asked.length === 0) ||
      (reason === "leftToAsk" && verdict === "provisional" && !unjudged && ask.length > 0) ||
      (reason === "notVerified" && !verified) ||
      (reason === "statusUnknown" && on.force === "uncertain") ||
      (reason === "notBinding" && !binds),
  );
  return {
    id,
    reference,
    paraphrase,
    source,
    verified: on.clause.verified,
    ...(note === undefined ? {} : { note }),
    verdict: unjudged ? "not satisfied" : verdict,
    standing: on.standing,
    reasons,
    controls: on.clause.controls,
    manual: ask,
    assumed: asked.some(({ assumed }) => assumed),
  };
}

function postureOf(
  instruments: readonly EvidenceInstrument[],
  rules: readonly EvidenceRule[],
  findings: readonly EvidenceFinding[],
  subjects: readonly EvidenceSubject[],
  notEvaluated: number,
): Posture {
  const clauses = instruments.flatMap((instrument) => instrument.clauses);
  const of = (verdict: Verdict): number => clauses.filter((clause) => clause.verdict === verdict).length;
  const open = findings.filter(({ exemption }) => exemption === undefined);
  return {
    clauses: {
      "not satisfied": of("not satisfied"),
      provisional: of("provisional"),
      satisfied: of("satisfied"),
      manual: of("manual"),
      "not applicable": of("not applicable"),
    },
    objects: subjects.length,
    stacks: new Set(subjects.map(({ stack }) => stack)).size,
    rules: rules.length,
    rulesWithoutObjects: rules.filter(({ judged, notRun }) => judged.length === 0 && notRun === undefined).length,
    rulesNotRun: rules.filter(({ notRun }) => notRun !== undefined).length,
    rulesEnforced: rules.filter(({ stage, judgedBy }) => stage === "deny" && judgedBy === "cluster").length,
    judgements: rules.reduce((sum, { judged }) => sum + judged.length, 0),
    failed: open.length,
    errors: open.filter(({ outcome }) => outcome === "error").length,
    exempted: findings.length - open.length,
    notEvaluated,
    unknown: subjects.filter(({ unknown }) => unknown.length > 0).length,
    assumed: subjects.filter(({ assumed }) => assumed).length,
  };
}
