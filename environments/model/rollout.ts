import type { Catalogue, Wave } from "./catalogue.ts";

/** What a wave of the rollout adds, and what the platform then has to carry. Each number once a source, as sources differ. */
export interface WaveDemand {
  readonly wave: Wave;
  /** What one centre needs. */
  readonly perCentre: Catalogue["rollout"]["perCentre"];
  /** Centres that open in this wave, by source. */
  readonly opens: BySource;
  /** Centres that are open at its end, by source. */
  readonly open: BySource;
  /** What all centres that are open at its end need together, by source. */
  readonly needs: Readonly<Record<Need, BySource>>;
}

export type BySource = Readonly<Record<string, number>>;

export const NEEDS = ["entrepreneurs", "loginClients", "deviceCertificates", "addresses", "requestsPerMinute"] as const;
export type Need = (typeof NEEDS)[number];

/**
 * The rollout as demand on the platform, wave by wave.
 *
 * A centre of a wave is counted whether or not an earlier wave opened one nearby: a district's centre and the centre of the
 * upazila that it lies in serve different people.
 */
export function rolloutDemand(catalogue: Catalogue): readonly WaveDemand[] {
  const { waves, perCentre } = catalogue.rollout;
  const sources = catalogue.districts.sources.map((source) => source.name);
  const addresses = 2 ** (32 - perCentre.addressPrefix);
  const each: Readonly<Record<Need, number>> = { ...perCentre, addresses };
  let open: BySource = Object.fromEntries(sources.map((source) => [source, 0]));
  return waves.map((wave) => {
    const opens = Object.fromEntries(sources.map((source) => [source, centresOf(catalogue, wave, source)]));
    open = Object.fromEntries(sources.map((source) => [source, (open[source] ?? 0) + (opens[source] ?? 0)]));
    const now = open;
    const times = (need: Need): BySource =>
      Object.fromEntries(sources.map((source) => [source, (now[source] ?? 0) * each[need]]));
    return {
      wave,
      perCentre,
      opens,
      open: now,
      needs: {
        entrepreneurs: times("entrepreneurs"),
        loginClients: times("loginClients"),
        deviceCertificates: times("deviceCertificates"),
        addresses: times("addresses"),
        requestsPerMinute: times("requestsPerMinute"),
      },
    };
  });
}

function centresOf({ districts, rollout }: Catalogue, wave: Wave, source: string): number {
  const within = (district: string): boolean => wave.districts?.includes(district) ?? true;
  if (wave.centres === "pilot") return rollout.pilot.filter((centre) => within(centre.district)).length;
  const all = districts.divisions.flatMap((division) => division.districts).filter(({ name }) => within(name));
  if (wave.centres === "district") return all.length;
  const unit = wave.centres === "upazila" ? "upazilas" : "unions";
  return all.reduce((sum, district) => sum + (district[unit][source] ?? 0), 0);
}
