import type { Clause, Instrument, Status } from "../laws/laws.ts";
import type { Reason } from "./evidence.ts";

/** Whether a clause asks anything on a day, and what that rests on. */
export interface Force {
  readonly holds: boolean;
  /** Why it is not settled; empty where it is. */
  readonly reasons: readonly Extract<Reason, "notVerified" | "statusUnsettled">[];
}

/** In these nobody is bound any more. */
const ENDED: readonly Status[] = ["lapsed", "repealed"];

/** @param day ISO day */
export function forceOn(instrument: Instrument, clause: Clause, day: string): Force {
  const standing = instrument.status.filter(({ from }) => from <= day).at(-1);
  const early = clause.effectiveFrom !== undefined && day < clause.effectiveFrom;
  const late = clause.effectiveTo !== undefined && day > clause.effectiveTo;
  if (!standing || early || late || ENDED.includes(standing.status)) return { holds: false, reasons: [] };
  return {
    holds: true,
    reasons: [
      ...(clause.verified && standing.verified ? [] : (["notVerified"] as const)),
      ...(standing.status === "inForce" ? [] : (["statusUnsettled"] as const)),
    ],
  };
}
