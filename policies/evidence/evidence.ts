import { type Message, type Position, severityOf, textOf } from "../../messages/message.ts";
import type { Bilingual } from "../bilingual.ts";
import type { Control } from "../controls/controls.ts";
import type { AnyRule } from "../estate-rule.ts";
import type { Finding, Findings } from "../evaluate.ts";
import type { Instrument, InstrumentKind, Status } from "../laws/laws.ts";
import type { Level, Severity, Stage } from "../rules.ts";
import { type Assumption, assumedFiles } from "./assumptions.ts";
import { type InputFile, inputDigest } from "./digest.ts";
import { forceOn } from "./force.ts";

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

/**
 * `satisfied`: the clause is in force, its text is verified, and every rule that serves it passed on at least one object.
 * `notSatisfied`: something failed, could not be judged, or nothing was there to judge. `provisional`: what rules can see holds, but
 * the clause rests on something that is not settled. `manual`: no rule serves it. `notInForce`: it asks nothing on this day.
 */
export const CLAUSE_STATUSES = ["satisfied", "notSatisfied", "provisional", "manual", "notInForce"] as const;
export type ClauseStatus = (typeof CLAUSE_STATUSES)[number];

/** Why a clause or a control is not satisfied, or only provisionally so. */
export const REASONS = [
  /** A rule failed on an object. */
  "failed",
  /** A rule could not be evaluated on an object. */
  "error",
  /** A rule failed on an object, and an exemption permits it. */
  "exempted",
  /** Resources are deployed that no rule could be asked about. */
  "notEvaluated",
  /** No rule of a control found an object to judge. */
  "nothingMatched",
  /** No rule serves one of its controls, others are served. */
  "controlWithoutRule",
  /** The clause's text or its instrument's status was not read in the official source. */
  "notVerified",
  /** The instrument is a draft, tabled, or nobody knows what became of it. */
  "statusUnsettled",
] as const;
export type Reason = (typeof REASONS)[number];

export interface Posture {
  readonly clauses: Readonly<Record<ClauseStatus, number>>;
  readonly objects: number;
  readonly stacks: number;
  readonly rules: number;
  /** Rules that found no object to judge, and so proved nothing. */
  readonly rulesWithoutObjects: number;
  /** Rules whose stage is `deny`: the cluster refuses what breaks them. */
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
  readonly status: ClauseStatus;
  readonly reasons: readonly Reason[];
  readonly controls: readonly string[];
  /** What a person has to ask for. */
  readonly manual: readonly Bilingual[];
  /** True where objects that its rules judged rest on assumed or illustrative facts. */
  readonly assumed: boolean;
}

/** `holds`: each rule passed, and at least one judged something. `noRule`: only a person can tell. */
export type ControlOutcome = "holds" | "fails" | "noRule";

export interface EvidenceControl {
  readonly id: string;
  readonly title: Bilingual;
  readonly statement: Bilingual;
  readonly outcome: ControlOutcome;
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
export interface EvidenceExemption {
  readonly id: string;
  readonly rule: string;
  /** `Kind namespace/name`, with `*` where any fits. */
  readonly subject: string;
  readonly most: number;
  readonly reason: string;
  readonly legalBasis: string;
  readonly owner: string;
  readonly approver: string;
  /** ISO day. */
  readonly issued: string;
  /** ISO day, the last on which it holds. */
  readonly expires: string;
  readonly compensatingControl: string;
  /** Findings that it permits: indexes into `findings`. */
  readonly permits: readonly number[];
  /** What is wrong with it on the day: messages, empty where it stands. */
  readonly faults: readonly string[];
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
  readonly exemptions: readonly ExemptionFacts[];
  readonly assumptions: readonly Assumption[];
}

/** An exemption with the findings that it permits. */
export type ExemptionFacts = Omit<EvidenceExemption, "permits"> & { readonly permits: readonly Finding[] };

/** The whole report, from findings and what they are judged against. Reads nothing, and knows no time but `asOf`. */
export function makeEvidence(inputs: EvidenceInputs): Evidence {
  const { environment, asOf, commit, findings, assumptions } = inputs;
  const fromAssumed = assumedFiles(assumptions);
  const subjects = findings.subjects.map((subject) => ({
    ...subject,
    assumed: subject.position !== undefined && fromAssumed.has(subject.position.file),
  }));
  const permittedBy = new Map(inputs.exemptions.flatMap(({ id, permits }) => permits.map((f) => [f, id] as const)));
  const told = findings.findings.map((finding) => findingOf(finding, permittedBy.get(finding)));
  const rules = inputs.rules.map((rule) => ruleOf(rule, findings, told));
  const askedBy = clausesByControl(inputs.instruments);
  const controls = inputs.controls.map((control) =>
    controlOf(control, askedBy.get(control.id) ?? [], {
      rules: rules.filter((rule) => rule.controls.includes(control.id)),
      findings: told,
      subjects,
      incomplete: findings.notEvaluated.length > 0,
    }),
  );
  const instruments = inputs.instruments.map((instrument) => instrumentOf(instrument, controls, asOf));
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
    exemptions: inputs.exemptions.map(({ permits, ...exemption }) => ({
      ...exemption,
      permits: permits.map((finding) => findings.findings.indexOf(finding)).filter((index) => index >= 0),
    })),
    notEvaluated: findings.notEvaluated,
    assumptions,
  };
}

function findingOf(finding: Finding, exemption: string | undefined): EvidenceFinding {
  const { rule, subject, stage, outcome, message } = finding;
  return {
    rule,
    subject,
    stage,
    outcome,
    code: message.code,
    severity: severityOf(message),
    text: String(message.params.text ?? textOf(message)),
    message: textOf(message),
    ...(exemption === undefined ? {} : { exemption }),
  };
}

function ruleOf(rule: AnyRule, { population }: Findings, findings: readonly EvidenceFinding[]): EvidenceRule {
  const counted = population.find((entry) => entry.rule === rule.id);
  const own = findings.filter((finding) => finding.rule === rule.id);
  const judged = counted?.judged ?? [];
  const found = new Set(own.map(({ subject }) => subject));
  const { id, title, rationale, reference, severity, level, controls } = rule;
  return {
    id,
    title: { en: title, bn: title },
    rationale: { en: rationale, bn: rationale },
    reference,
    severity,
    level,
    stage: counted?.stage ?? "audit",
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
  const ids = new Set(judged.rules.map(({ id }) => id));
  const findings = judged.findings.filter(({ rule }) => ids.has(rule));
  const failures: Record<string, boolean> = {
    failed: findings.some(({ outcome, exemption }) => outcome === "failed" && exemption === undefined),
    error: findings.some(({ outcome, exemption }) => outcome === "error" && exemption === undefined),
    exempted: findings.some(({ exemption }) => exemption !== undefined),
    notEvaluated: judged.incomplete,
    nothingMatched: judged.rules.every((rule) => rule.judged.length === 0),
  };
  const reasons = ids.size === 0 ? [] : REASONS.filter((reason) => failures[reason]);
  return {
    id: control.id,
    title: control.title,
    statement: control.statement,
    outcome: ids.size === 0 ? "noRule" : reasons.length > 0 ? "fails" : "holds",
    reasons,
    rules: [...ids],
    clauses,
    manual: control.manual,
    assumed: judged.rules.some((rule) => rule.judged.some((index) => judged.subjects[index]?.assumed)),
  };
}

function instrumentOf(instrument: Instrument, controls: readonly EvidenceControl[], asOf: string): EvidenceInstrument {
  const { id, title, kind, citation, text } = instrument;
  const standing = instrument.status.filter(({ from }) => from <= asOf).at(-1);
  return {
    id,
    title,
    kind,
    ...(citation === undefined ? {} : { citation }),
    ...(text === undefined ? {} : { text }),
    ...(standing === undefined
      ? {}
      : {
          status: standing.status,
          since: standing.from,
          source: standing.source,
          ...(standing.note === undefined ? {} : { note: standing.note }),
        }),
    verified: standing?.verified ?? false,
    clauses: instrument.clauses.map((clause) => {
      const asked = controls.filter((control) => clause.controls.includes(control.id));
      const { status, reasons } = judgeClause(forceOn(instrument, clause, asOf), asked);
      return {
        id: clause.id,
        reference: clause.reference,
        paraphrase: clause.paraphrase,
        source: clause.source,
        verified: clause.verified,
        ...(clause.note === undefined ? {} : { note: clause.note }),
        status,
        reasons,
        controls: clause.controls,
        manual: [...clause.manual, ...asked.flatMap(({ manual }) => manual)],
        assumed: asked.some(({ assumed }) => assumed),
      };
    }),
  };
}

/** The weakest of its controls decides; only then what the text itself rests on. */
function judgeClause(
  force: ReturnType<typeof forceOn>,
  controls: readonly EvidenceControl[],
): { readonly status: ClauseStatus; readonly reasons: readonly Reason[] } {
  if (!force.holds) return { status: "notInForce", reasons: [] };
  const served = controls.filter(({ outcome }) => outcome !== "noRule");
  if (served.length === 0) return { status: "manual", reasons: force.reasons };
  const failures = REASONS.filter((reason) => served.some(({ reasons }) => reasons.includes(reason)));
  if (failures.length > 0) return { status: "notSatisfied", reasons: [...failures, ...force.reasons] };
  const open: readonly Reason[] = [
    ...(served.length < controls.length ? (["controlWithoutRule"] as const) : []),
    ...force.reasons,
  ];
  return { status: open.length > 0 ? "provisional" : "satisfied", reasons: open };
}

function postureOf(
  instruments: readonly EvidenceInstrument[],
  rules: readonly EvidenceRule[],
  findings: readonly EvidenceFinding[],
  subjects: readonly EvidenceSubject[],
  notEvaluated: number,
): Posture {
  const clauses = instruments.flatMap((instrument) => instrument.clauses);
  const of = (status: ClauseStatus): number => clauses.filter((clause) => clause.status === status).length;
  const open = findings.filter(({ exemption }) => exemption === undefined);
  return {
    clauses: {
      satisfied: of("satisfied"),
      notSatisfied: of("notSatisfied"),
      provisional: of("provisional"),
      manual: of("manual"),
      notInForce: of("notInForce"),
    },
    objects: subjects.length,
    stacks: new Set(subjects.map(({ stack }) => stack)).size,
    rules: rules.length,
    rulesWithoutObjects: rules.filter(({ judged }) => judged.length === 0).length,
    rulesEnforced: rules.filter(({ stage }) => stage === "deny").length,
    judgements: rules.reduce((sum, { judged }) => sum + judged.length, 0),
    failed: open.length,
    errors: open.filter(({ outcome }) => outcome === "error").length,
    exempted: findings.length - open.length,
    notEvaluated,
    unknown: subjects.filter(({ unknown }) => unknown.length > 0).length,
    assumed: subjects.filter(({ assumed }) => assumed).length,
  };
}
