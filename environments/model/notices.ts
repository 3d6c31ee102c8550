import { seconds } from "./duration.ts";
import type { Environment } from "./environment.ts";
import type { Soc } from "./files/soc.ts";
import type { Zone } from "./files/zone.ts";

/** Somebody who has to be told of an incident. */
export interface Notice {
  readonly who: Soc["severities"][number]["notify"][number]["who"];
  /** The zone, or the centre of soc.yaml. */
  readonly name: string;
  readonly title: string;
  /** Undefined where none is stated. */
  readonly contact?: string;
  /** As soc.yaml has it: `30m`, counted from when the incident is known. */
  readonly within: string;
  /** The clause that bounds the time, where one does. */
  readonly clause?: string;
}

/**
 * Who has to be told of a zone's incident, the soonest first. A zone without a sector has no centre between itself and the national
 * one; a centre that would be told twice is told once, the sooner of both times.
 *
 * @throws Error where soc.yaml has no such severity
 */
export function noticesOf({ soc }: Pick<Environment, "soc">, zone: Zone, severity: string): readonly Notice[] {
  const found = soc.severities.find(({ name }) => name === severity);
  if (!found) throw new Error(`no severity '${severity}'`);
  const sector = soc.sectors.find(({ name }) => name === zone.sector);
  const all = found.notify
    .flatMap(({ who, within, bound }): Notice[] => {
      const how = { who, within, ...(bound ? { clause: bound.clause } : {}) };
      if (who === "zone")
        return [{ ...how, name: zone.name, title: zone.owner.organisation, contact: zone.owner.contact }];
      const centres = soc.centres.filter(({ name, tier }) =>
        who === "sector" ? name === sector?.centre : tier === who,
      );
      return centres.map(({ name, title, contact }) => ({ ...how, name, title, ...(contact ? { contact } : {}) }));
    })
    .sort((a, b) => seconds(a.within) - seconds(b.within));
  return all.filter((notice, i) => all.findIndex(({ name }) => name === notice.name) === i);
}
