import { EXIT } from "../../contracts.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import type { Bilingual } from "../../policies/bilingual.ts";
import { type Control, loadControls } from "../../policies/controls/controls.ts";
import { allRules } from "../../policies/estate-rules.ts";
import {
  type ClauseOnDay,
  type Force,
  type LawsDiff,
  lawsAsOf,
  lawsDiff,
  type Standing,
} from "../../policies/laws/as-of.ts";
import { checkBasis } from "../../policies/laws/basis.ts";
import { type Instrument, isStandard, loadLaws, type Status } from "../../policies/laws/laws.ts";
import type { RuleText } from "../../policies/rules.ts";
import { isDay } from "../../yaml/formats.ts";
import type { Language } from "./explain.ts";
import { type CommandContext, count, type Outcome } from "./outcome.ts";

export interface LawWords {
  /** ISO day. @default today */
  readonly asOf?: string;
  readonly language: Language;
}

/** Words around an instrument's own text. */
const WORDS = {
  en: {
    lawOf: "law of",
    laws: "laws and policies",
    standards: "standards, which the platform follows by choice",
    clauses: "clauses",
    since: "since",
    from: "from",
    until: "until",
    binds: "bind",
    uncertain: "may bind",
    none: "do not bind",
    unverified: "not verified",
    verified: "verified",
    source: "source",
    history: "status",
    classes: "classes of data",
    controls: "controls",
    rules: "rules",
    ask: "to ask for",
    asked: "asked for by",
    note: "note",
    text: "text",
    on: "on",
    noRule: "no rule serves it",
  },
  bn: {
    lawOf: "আইন, তারিখ",
    laws: "আইন ও নীতি",
    standards: "মান, যা প্ল্যাটফর্ম স্বেচ্ছায় অনুসরণ করে",
    clauses: "দফা",
    since: "হতে",
    from: "শুরু",
    until: "শেষ",
    binds: "বাধ্যতামূলক",
    uncertain: "অনিশ্চিত",
    none: "বাধ্যতামূলক নয়",
    unverified: "যাচাই হয়নি",
    verified: "যাচাই হয়েছে",
    source: "উৎস",
    history: "অবস্থা",
    classes: "উপাত্তের শ্রেণি",
    controls: "নিয়ন্ত্রণ",
    rules: "বিধি",
    ask: "যা চাইতে হবে",
    asked: "যারা চায়",
    note: "টীকা",
    text: "পাঠ",
    on: "তারিখ",
    noRule: "কোনো বিধি নেই",
  },
} as const satisfies Readonly<Record<Language, Readonly<Record<string, string>>>>;

/** Where a clause or an instrument stands. */
const STANDINGS: Readonly<Record<Language, Readonly<Record<Standing, string>>>> = {
  en: {
    binding: "binding",
    statusUnknown: "may bind: nobody knows whether its instrument still holds",
    notYetIssued: "not issued by then",
    draft: "a draft",
    tabled: "before parliament",
    lapsed: "lapsed",
    repealed: "repealed",
    notYetEffective: "not effective by then",
    ended: "ended before",
  },
  bn: {
    binding: "বাধ্যতামূলক",
    statusUnknown: "অনিশ্চিত: দলিলটি এখনও বলবৎ কি না জানা নেই",
    notYetIssued: "তখনও জারি হয়নি",
    draft: "খসড়া",
    tabled: "সংসদে উত্থাপিত",
    lapsed: "কার্যকরতা লোপ পেয়েছে",
    repealed: "রহিত",
    notYetEffective: "তখনও কার্যকর হয়নি",
    ended: "আগেই শেষ হয়েছে",
  },
};

/** Statuses of an instrument's history; those that are standings too are told alike. */
const STATUS_WORDS: Readonly<Record<Language, Readonly<Record<Status, string>>>> = {
  en: { ...pickStatuses(STANDINGS.en), inForce: "in force", unknown: "unknown" },
  bn: { ...pickStatuses(STANDINGS.bn), inForce: "বলবৎ", unknown: "অজানা" },
};

function pickStatuses({ draft, tabled, lapsed, repealed }: Readonly<Record<Standing, string>>) {
  return { draft, tabled, lapsed, repealed };
}

/** `bhitti laws list`: every instrument, and how many of its clauses bind on a day. */
export function list({ root }: CommandContext, { asOf = today(), language }: LawWords): Outcome {
  const day = dayOf(asOf, "--as-of");
  const { laws } = load(root);
  const words = WORDS[language];
  const clauses = lawsAsOf(laws, day);
  const rows = laws.map((law) => {
    const own = clauses.filter(({ instrument }) => instrument.id === law.id);
    const status = own[0]?.status;
    return { law, status, force: forces(own) };
  });
  const ofLaws = rows.filter(({ law }) => !isStandard(law));
  const counted = (n: Readonly<Record<Force, number>>): string =>
    `${n.binds} ${words.binds}, ${n.uncertain} ${words.uncertain}, ${n.none} ${words.none}`;
  const idWidth = Math.max(...laws.map(({ id }) => id.length));
  const standards = rows.filter(({ law }) => isStandard(law));
  return {
    exitCode: EXIT.fine,
    json: {
      asOf: day,
      instruments: rows.map(({ law: { clauses, classifications, ...rest }, status, force }) => ({
        ...rest,
        classifications: classifications.map(({ id }) => id),
        statusOnDay: status ?? null,
        clauses: force,
      })),
    },
    text: [
      `${words.lawOf} ${day}: ${ofLaws.length} ${words.laws}: ${counted(sum(ofLaws.map(({ force }) => force)))}`,
      "",
      ...[...ofLaws, ...standards].flatMap(({ law, status, force }) => {
        const since = status
          ? `${STATUS_WORDS[language][status.status]} ${words.since} ${status.from} (${status.verified ? words.verified : words.unverified})`
          : STANDINGS[language].notYetIssued;
        const clausesOf = isStandard(law) ? `${law.clauses.length} ${words.clauses}` : counted(force);
        return [`${law.id.padEnd(idWidth)}  ${law.title[language]}`, `${"".padEnd(idWidth)}  ${since}; ${clausesOf}`];
      }),
      "",
      `${standards.length} ${words.standards}`,
      `next: bhitti laws show ${(ofLaws.find(({ force }) => force.binds > 0) ?? ofLaws[0])?.law.id ?? ""}`,
    ].join("\n"),
  };
}

const sum = (all: readonly Readonly<Record<Force, number>>[]): Readonly<Record<Force, number>> => ({
  binds: all.reduce((n, { binds }) => n + binds, 0),
  uncertain: all.reduce((n, { uncertain }) => n + uncertain, 0),
  none: all.reduce((n, { none }) => n + none, 0),
});

function forces(clauses: readonly ClauseOnDay[]): Readonly<Record<Force, number>> {
  const of = (force: Force): number => clauses.filter((on) => on.force === force).length;
  return { binds: of("binds"), uncertain: of("uncertain"), none: of("none") };
}

/** `bhitti laws show <instrument|clause>`: what it asks on a day, on what authority, and which rules see to it. */
export function show({ root }: CommandContext, id: string, { asOf = today(), language }: LawWords): Outcome {
  const day = dayOf(asOf, "--as-of");
  const basis = load(root);
  const instrument = basis.laws.find((law) => law.id === id);
  if (instrument) return showInstrument(instrument, basis, day, language);
  const clause = lawsAsOf(basis.laws, day).find((on) => on.clause.id === id);
  if (clause) return showClause(clause, basis, day, language);
  const known = basis.laws.flatMap((law) => [law.id, ...law.clauses.map((c) => c.id)]);
  throw new BhittiError(message("BH9004", { id, nearest: nearest(id, known) ?? known[0] ?? "" }));
}

function showInstrument(law: Instrument, { laws }: Basis, day: string, language: Language): Outcome {
  const words = WORDS[language];
  const clauses = lawsAsOf(laws, day).filter(({ instrument }) => instrument.id === law.id);
  const about = [law.kind, law.citation, law.text, law.amends && `amends ${law.amends}`].filter(Boolean);
  return {
    exitCode: EXIT.fine,
    json: { asOf: day, ...law, clauses: clauses.map(clauseJson) },
    text: [
      law.id,
      law.title[language],
      about.join(", "),
      "",
      `${words.history}:`,
      ...law.status.flatMap(({ from, status, source, verified, note }) => [
        `  ${from}  ${STATUS_WORDS[language][status]} (${verified ? words.verified : words.unverified}); ${source}`,
        ...(note ? [`              ${note[language]}`] : []),
      ]),
      ...law.classifications.flatMap(({ id, classes, source }) => [
        `${words.classes} ${id}: ${classes.map(({ title }) => title[language]).join(", ")}`,
        `  ${words.source} ${source}`,
      ]),
      "",
      `${words.clauses} ${words.on} ${day}:`,
      ...clauses.flatMap((on) => [
        `  ${on.clause.id}  ${STANDINGS[language][on.standing]} (${on.clause.verified ? words.verified : words.unverified})`,
        `    ${on.clause.reference}: ${on.clause.paraphrase[language]}`,
      ]),
    ].join("\n"),
  };
}

function showClause(on: ClauseOnDay, { controls, rules }: Basis, day: string, language: Language): Outcome {
  const words = WORDS[language];
  const { clause, status } = on;
  const asked = controls.filter(({ id }) => clause.controls.includes(id));
  const days = [
    ...(clause.effectiveFrom === undefined ? [] : [`${words.from} ${clause.effectiveFrom}`]),
    ...(clause.effectiveTo === undefined ? [] : [`${words.until} ${clause.effectiveTo}`]),
  ];
  return {
    exitCode: EXIT.fine,
    json: {
      asOf: day,
      ...clauseJson(on),
      controls: asked.map((control) => ({ id: control.id, rules: serving(control, rules).map(({ id }) => id) })),
    },
    text: [
      clause.id,
      `${on.instrument.title[language]}, ${clause.reference}`,
      "",
      clause.paraphrase[language],
      "",
      `${words.on} ${day}: ${STANDINGS[language][on.standing]}`,
      ...(status ? [`${words.history}: ${STATUS_WORDS[language][status.status]} ${words.since} ${status.from}`] : []),
      ...days,
      `${words.source}: ${clause.source} (${clause.verified ? words.verified : words.unverified})`,
      ...(clause.note ? [`${words.note}: ${clause.note[language]}`] : []),
      ...asked.map(
        (control) =>
          `${control.id}: ${
            serving(control, rules)
              .map(({ id }) => id)
              .join(", ") || words.noRule
          }`,
      ),
      ...asks([...clause.manual, ...asked.flatMap(({ manual }) => manual)], language),
    ].join("\n"),
  };
}

/** Where a clause stands, without what only the loader needs. */
function clauseJson({ clause: { position, ...clause }, standing, force, status }: ClauseOnDay): object {
  return { ...clause, source: clause.source, standing, force, statusOnDay: status ?? null, position };
}

const serving = ({ id }: Control, rules: readonly RuleText[]): readonly RuleText[] =>
  rules.filter(({ controls }) => controls.includes(id));

const asks = (manual: readonly Bilingual[], language: Language): string[] =>
  manual.length === 0 ? [] : [`${WORDS[language].ask}:`, ...manual.map((text) => `  - ${text[language]}`)];

/** `bhitti laws diff`: what begins and ceases to bind between two days, and which rules gain or lose a basis by that. */
export function diff({ root }: CommandContext, days: { readonly from: string; readonly to: string }): Outcome {
  const { laws, rules } = load(root);
  const result = lawsDiff(laws, rules, dayOf(days.from, "--from"), dayOf(days.to, "--to"));
  return { exitCode: EXIT.fine, json: result, text: diffText(result) };
}

function diffText({ from, to, begin, end, change, rules }: LawsDiff): string {
  const lines = [
    ...begin.map((c) => `+ ${c.clause}  ${c.from} → ${c.to}`),
    ...end.map((c) => `- ${c.clause}  ${c.from} → ${c.to}`),
    ...change.map((c) => `~ ${c.clause}  ${c.from} → ${c.to}`),
  ];
  const ofRules = rules.flatMap(({ rule, gains, loses, left }) => [
    ...(gains.length > 0 ? [`+ ${rule}  gains ${gains.join(", ")}`] : []),
    ...(loses.length > 0
      ? [
          `- ${rule}  loses ${loses.join(", ")}; ${left === 0 ? "nothing asks for it now" : `${count(left, "clause")} left`}`,
        ]
      : []),
  ]);
  return [
    ...lines,
    ...(lines.length > 0 ? [""] : []),
    ...ofRules,
    ...(ofRules.length > 0 ? [""] : []),
    `${from} … ${to}: ${count(begin.length, "clause")} begin, ${end.length} end, ${change.length} change; ${count(rules.length, "rule")} with another basis`,
  ].join("\n");
}

/** `bhitti explain <control>`: what it means, who asks for it, and which rules see to it. */
export function explainControl(control: Control, root: string, language: Language): Outcome {
  const { laws, rules } = load(root);
  const words = WORDS[language];
  const by = serving(control, rules);
  const askedBy = laws.flatMap(({ clauses }) => clauses.filter(({ controls }) => controls.includes(control.id)));
  return {
    exitCode: EXIT.fine,
    json: { ...control, control: control.id, rules: by.map(({ id }) => id), clauses: askedBy.map(({ id }) => id) },
    text: [
      control.id,
      control.title[language],
      "",
      control.statement[language],
      "",
      `${words.rules}: ${by.map(({ id }) => id).join(", ") || words.noRule}`,
      `${words.asked}: ${askedBy.map(({ id }) => id).join(", ")}`,
      ...asks(control.manual, language),
    ].join("\n"),
  };
}

interface Basis {
  readonly laws: readonly Instrument[];
  readonly controls: readonly Control[];
  readonly rules: readonly RuleText[];
}

/** Laws, controls and rules that fit together. */
function load(root: string): Basis {
  const [laws, controls, rules] = [loadLaws(root), loadControls(root), allRules()];
  checkBasis(rules, controls, root);
  return { laws, controls, rules };
}

function dayOf(value: string, option: string): string {
  if (!isDay(value)) throw new BhittiError(message("BH9005", { value, option }));
  return value;
}

/** The command line's own day: nothing below reads a clock. */
const today = (): string => new Date().toISOString().slice(0, 10);
