import type { Clause, Instrument, StatusEntry } from "./laws.ts";

/**
 * Where a clause stands on a day. `binding`: it holds. `statusUnknown`: no source says whether its instrument still holds.
 * All others: it asks for nothing on that day. `notYetIssued`: the instrument's history begins later. `notYetEffective` and
 * `ended`: the clause's own days.
 */
export type Standing =
  | "binding"
  | "statusUnknown"
  | "notYetIssued"
  | "draft"
  | "tabled"
  | "lapsed"
  | "repealed"
  | "notYetEffective"
  | "ended";

/** `uncertain`: it may bind, so what it asks for is looked at, but no verdict can rest on it. */
export type Force = "binds" | "uncertain" | "none";

/** A clause as it stands on one day. */
export interface ClauseOnDay {
  readonly clause: Clause;
  readonly instrument: Instrument;
  readonly standing: Standing;
  readonly force: Force;
  /** The entry of the instrument's history that holds on the day; absent before the first one. */
  readonly status?: StatusEntry;
}

/**
 * Every clause as it stands on a day, in the order of instruments and their files. Those that bind, or may, have a force other
 * than `none`.
 *
 * @param day ISO day
 */
export function lawsAsOf(laws: readonly Instrument[], day: string): readonly ClauseOnDay[] {
  return laws.flatMap((instrument) => {
    const status = statusOn(instrument, day);
    const ofInstrument = standingOf(instrument, laws, day);
    return instrument.clauses.map((clause): ClauseOnDay => {
      const standing = ofClause(clause, ofInstrument, day);
      return { clause, instrument, standing, force: FORCE[standing], ...(status && { status }) };
    });
  });
}

/** The entry of an instrument's history that holds on a day; none before the first. */
export const statusOn = ({ status }: Instrument, day: string): StatusEntry | undefined =>
  status.findLast(({ from }) => from <= day);

/** Where an instrument stands on a day. An amendment stands no firmer than what it amends. */
export function standingOf(instrument: Instrument, laws: readonly Instrument[], day: string): Standing {
  const own = standingAlone(instrument, day);
  const amended = laws.find(({ id }) => id === instrument.amends);
  if (!amended) return own;
  const other = standingAlone(amended, day);
  return FIRMNESS[FORCE[other]] < FIRMNESS[FORCE[own]] ? other : own;
}

export const FORCE: Readonly<Record<Standing, Force>> = {
  binding: "binds",
  statusUnknown: "uncertain",
  notYetIssued: "none",
  draft: "none",
  tabled: "none",
  lapsed: "none",
  repealed: "none",
  notYetEffective: "none",
  ended: "none",
};

const FIRMNESS: Readonly<Record<Force, number>> = { binds: 2, uncertain: 1, none: 0 };

function standingAlone(instrument: Instrument, day: string): Standing {
  const status = statusOn(instrument, day)?.status;
  switch (status) {
    case undefined:
      return "notYetIssued";
    case "inForce":
      return "binding";
    case "unknown":
      return "statusUnknown";
    // Article 93 of the constitution: it has the force of law from its promulgation until 30 days after it was laid.
    case "tabled":
      return instrument.kind === "ordinance" ? "binding" : "tabled";
    default:
      return status;
  }
}

function ofClause({ effectiveFrom, effectiveTo }: Clause, instrument: Standing, day: string): Standing {
  if (FORCE[instrument] === "none") return instrument;
  if (effectiveFrom !== undefined && day < effectiveFrom) return "notYetEffective";
  if (effectiveTo !== undefined && day > effectiveTo) return "ended";
  return instrument;
}

/** What of a rule a comparison of two days needs. */
export interface ServingRule {
  readonly id: string;
  readonly controls: readonly string[];
}

/** A clause whose force differs between two days. */
export interface ClauseChange {
  readonly clause: string;
  readonly from: Standing;
  readonly to: Standing;
}

/** A rule that stands on other clauses on the one day than on the other. */
export interface RuleChange {
  readonly rule: string;
  /** Clauses that it serves on the later day only. */
  readonly gains: readonly string[];
  /** Clauses that it served on the earlier day only. */
  readonly loses: readonly string[];
  /** How many clauses it serves on the later day; 0 where it has lost its basis. */
  readonly left: number;
}

/** What differs between the law of two days. */
export interface LawsDiff {
  readonly from: string;
  readonly to: string;
  /** Clauses that have no force on the first day and some on the second. */
  readonly begin: readonly ClauseChange[];
  /** Clauses that have some force on the first day and none on the second. */
  readonly end: readonly ClauseChange[];
  /** Clauses that bind on one day while it is uncertain on the other whether they do. */
  readonly change: readonly ClauseChange[];
  /** Sorted by rule. */
  readonly rules: readonly RuleChange[];
}

/**
 * Which clauses begin or cease to bind between two days, and which rules gain or lose their basis by that.
 *
 * @param from ISO day; may be the later one
 * @param to ISO day
 */
export function lawsDiff(
  laws: readonly Instrument[],
  rules: readonly ServingRule[],
  from: string,
  to: string,
): LawsDiff {
  const before = new Map(lawsAsOf(laws, from).map((on) => [on.clause.id, on]));
  const pairs = lawsAsOf(laws, to).flatMap((after) => {
    const earlier = before.get(after.clause.id);
    return earlier && earlier.force !== after.force ? [{ earlier, after }] : [];
  });
  const change = ({ earlier, after }: (typeof pairs)[number]): ClauseChange => ({
    clause: after.clause.id,
    from: earlier.standing,
    to: after.standing,
  });
  const begun = pairs.filter(({ earlier }) => earlier.force === "none");
  const ended = pairs.filter(({ after }) => after.force === "none");
  const holding = lawsAsOf(laws, to).filter(({ force }) => force !== "none");
  const servedBy = ({ controls }: ServingRule, clauses: readonly ClauseOnDay[]): string[] =>
    clauses.filter(({ clause }) => clause.controls.some((id) => controls.includes(id))).map(({ clause }) => clause.id);
  return {
    from,
    to,
    begin: begun.map(change),
    end: ended.map(change),
    change: pairs.filter(({ earlier, after }) => earlier.force !== "none" && after.force !== "none").map(change),
    rules: rules
      .map((rule) => ({
        rule: rule.id,
        gains: servedBy(
          rule,
          begun.map(({ after }) => after),
        ),
        loses: servedBy(
          rule,
          ended.map(({ after }) => after),
        ),
        left: servedBy(rule, holding).length,
      }))
      .filter(({ gains, loses }) => gains.length + loses.length > 0)
      .sort((a, b) => (a.rule < b.rule ? -1 : 1)),
  };
}
