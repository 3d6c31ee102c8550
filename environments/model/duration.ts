import { DURATION } from "./values.ts";

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds of a duration such as `30s`, `5m`, `8h`, `180d`, which the loader has checked. */
export function seconds(duration: string): number {
  const unit = duration.slice(-1) as keyof typeof SECONDS;
  return Number(duration.slice(0, -1)) * SECONDS[unit];
}

/** Seconds of whatever stands where a duration is wanted; undefined where it is none. */
export const secondsOf = (value: unknown): number | undefined =>
  typeof value === "string" && DURATION.test(value) ? seconds(value) : undefined;
