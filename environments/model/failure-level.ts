import { z } from "zod";

/** What the loss of a whole site may do to a service, and what becomes of its data. */
export interface FailureLevel {
  /** What may be lost: everything, what is younger than the recovery point objective, or nothing. */
  readonly loses: "all" | "since-recovery-point" | "nothing";
  /** What the service then is. `restored`: from a backup, within its recovery time objective. */
  readonly service: "down" | "restored" | "standby" | "active";
  /** Whether another site's cluster has to have room for it. */
  readonly elsewhere: boolean;
}

/** From the least to the most that survives. */
export const FAILURE_LEVELS = {
  L1: { loses: "all", service: "down", elsewhere: false },
  L2: { loses: "since-recovery-point", service: "restored", elsewhere: true },
  L3: { loses: "nothing", service: "standby", elsewhere: true },
  L4: { loses: "nothing", service: "active", elsewhere: true },
} as const satisfies Record<string, FailureLevel>;

export type FailureLevelName = keyof typeof FAILURE_LEVELS;

export const failureLevel = z.enum(Object.keys(FAILURE_LEVELS) as [FailureLevelName, ...FailureLevelName[]]).meta({
  description:
    "What the loss of its site may do. L1: down, data may be lost; L2: restored from backup; L3: standby at another site; L4: active at both.",
});
