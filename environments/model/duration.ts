const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds of a duration such as `30s`, `5m`, `8h`, `180d`, which the loader has checked. */
export function seconds(duration: string): number {
  const unit = duration.slice(-1) as keyof typeof SECONDS;
  return Number(duration.slice(0, -1)) * SECONDS[unit];
}
