import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { NAME, name, text } from "../../../yaml/formats.ts";
import { componentFaults } from "../component.ts";
import { secondsOf } from "../duration.ts";
import { type Known, type SourceFiles, zonesOf } from "../known.ts";
import { boundOf, clauseFaults, lawful } from "../lawful.ts";
import {
  at,
  dangling,
  duplicates,
  items,
  namesIn,
  namesOf,
  type Placed,
  positionOf,
  refers,
  within,
} from "../placed.ts";
import { component, duration, fact, memory, person, titleBangla } from "../values.ts";

/** From whoever owns the zone to whoever supervises the country; `authority` is whom the law has told beside the centres. */
const RECIPIENTS = ["zone", "sector", "national", "authority"] as const;

export const socFile = z
  .strictObject({
    sink: z.strictObject({
      ...component,
      storage: memory.meta({ description: "Size of the volume that logs are kept on.", examples: ["5Gi"] }),
      retention: z
        .array(
          z.strictObject({
            logs: z.enum(["audit", "gateway", "identity", "zones"]),
            keep: duration.meta({ examples: ["180d"] }),
            bound: z
              .strictObject({ atLeast: duration.meta({ examples: ["365d"] }), ...lawful })
              .meta({ description: "What a law asks for, where a source says one." })
              .optional(),
          }),
        )
        .min(1),
    }),
    centres: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["national-cirt"] }),
          tier: z.enum(["sector", "national", "authority"]).meta({
            description:
              "sector: watches over one or more sectors; national: over all; authority: a supervisor that the law has told.",
          }),
          title: text("As people call it.", "National incident response team"),
          titleBangla,
          reportsTo: name
            .meta({
              description: "The national centre that a sector's centre reports to.",
              examples: ["national-cirt"],
            })
            .optional(),
          contact: person("Where it is told.").optional(),
          ...fact,
        }),
      )
      .min(1)
      .meta({ description: "Who watches above the zones, each of which watches itself." }),
    sectors: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["revenue"] }),
          title: text("As people call it.", "Tax and customs"),
          titleBangla,
          centre: name.meta({
            description: "The centre that watches over it: its own, or the national one.",
            examples: ["national-cirt"],
          }),
          ...fact,
        }),
      )
      .min(1)
      .meta({ description: "What agencies' zones belong to." }),
    severities: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["critical"] }),
          title: text("What an incident of it is.", "A service is down, or restricted data has left"),
          titleBangla,
          notify: z
            .array(
              z.strictObject({
                who: z.enum(RECIPIENTS).meta({
                  description:
                    "zone: its owner's contact; sector: the centre of its sector, where it has one; national, authority: every centre of that tier.",
                }),
                within: duration.meta({ description: "Counted from when it is known.", examples: ["1h"] }),
                bound: z
                  .strictObject({ atMost: duration.meta({ examples: ["72h"] }), ...lawful })
                  .meta({ description: "What a law asks for, where a source says one." })
                  .optional(),
                ...fact,
              }),
            )
            .min(1)
            .meta({ description: "Who must be told, and how soon." }),
        }),
      )
      .min(1)
      .meta({ description: "Classes of incidents, the most severe first." }),
  })
  .meta({ title: "SOC: where logs go and how long they stay, who watches, and who is told of incidents" });

export type Soc = z.infer<typeof socFile>;

export function socFaults(files: SourceFiles, known: Known): Message[] {
  const { soc } = files.byKind;
  const retention = items(soc, ["sink", "retention"]);
  const severities = items(soc, ["severities"]);
  return [
    ...at(soc, ["sink"]).flatMap((sink) => componentFaults(sink, files, known)),
    ...duplicates(retention, "logs"),
    ...retention.flatMap((entry) => [...keptTooShort(entry), ...clauseFaults(entry, known)]),
    ...["centres", "sectors", "severities"].flatMap((list) => duplicates(items(soc, [list]), "name")),
    ...centreFaults(files),
    ...severities.flatMap((severity) => notifyFaults(severity, files, known)),
    ...toldLater(severities),
    ...leftOut(severities[0], items(soc, ["centres"])),
    ...sectorFaults(files),
  ];
}

function keptTooShort(entry: Placed): Message[] {
  const keep = secondsOf(entry.value["keep"]);
  return boundOf(entry).flatMap((bound) => {
    const atLeast = secondsOf(bound.value["atLeast"]);
    if (keep === undefined || atLeast === undefined || keep >= atLeast) return [];
    const { logs, keep: kept } = entry.value;
    const params = {
      logs: String(logs),
      keep: String(kept),
      clause: String(bound.value["clause"]),
      atLeast: String(bound.value["atLeast"]),
    };
    return [message("BH1150", params, positionOf(entry, "keep"))];
  });
}

function centreFaults({ byKind: { soc } }: SourceFiles): Message[] {
  const centres = items(soc, ["centres"]);
  const nationals = namesOf(
    centres.filter(({ value }) => value["tier"] === "national").map(({ value }) => value),
    NAME,
  );
  const watching = namesOf(
    centres.filter(({ value }) => value["tier"] !== "authority").map(({ value }) => value),
    NAME,
  );
  return [
    ...centres.flatMap((centre) => refers(centre, "reportsTo", "national centre", nationals)),
    ...centres
      .filter(({ value }) => value["tier"] === "sector" && value["reportsTo"] === undefined)
      .map((centre) => message("BH1155", { centre: String(centre.value["name"]) }, positionOf(centre, "tier"))),
    ...items(soc, ["sectors"]).flatMap((sector) =>
      refers(sector, "centre", "centre", centres.length > 0 ? watching : undefined),
    ),
  ];
}

function notifyFaults(severity: Placed, { byKind: { soc } }: SourceFiles, known: Known): Message[] {
  const tiers = items(soc, ["centres"]).map(({ value }) => value["tier"]);
  const name = String(severity.value["name"]);
  return [
    ...duplicates(within(severity, "notify"), "who"),
    ...within(severity, "notify").flatMap((entry) => {
      const { who, within: text } = entry.value;
      const time = secondsOf(text);
      const nobody = RECIPIENTS.some((r) => r === who) && who !== "zone" && tiers.length > 0 && !tiers.includes(who);
      return [
        ...clauseFaults(entry, known),
        ...(nobody ? [message("BH1154", { who: String(who), severity: name }, positionOf(entry, "who"))] : []),
        ...boundOf(entry).flatMap((bound) => {
          const atMost = secondsOf(bound.value["atMost"]);
          if (time === undefined || atMost === undefined || time <= atMost) return [];
          const params = {
            who: String(who),
            severity: name,
            within: String(text),
            clause: String(bound.value["clause"]),
            bound: String(bound.value["atMost"]),
          };
          return [message("BH1151", params, positionOf(entry, "within"))];
        }),
      ];
    }),
  ];
}

/** Whoever is told of something less severe is told of what is more severe at least as soon. */
function toldLater(severities: readonly Placed[]): Message[] {
  return severities.flatMap((severity, i) =>
    within(severity, "notify").flatMap((entry) => {
      const { who, within: text } = entry.value;
      const time = secondsOf(text) ?? 0;
      const sooner = severities.slice(i + 1).flatMap((lesser) =>
        within(lesser, "notify")
          .filter(({ value }) => value["who"] === who && (secondsOf(value["within"]) ?? time) < time)
          .map(({ value }) => ({ lesser: String(lesser.value["name"]), sooner: String(value["within"]) })),
      )[0];
      if (!sooner) return [];
      const params = { who: String(who), severity: String(severity.value["name"]), within: String(text), ...sooner };
      return [message("BH1152", params, positionOf(entry, "within"))];
    }),
  );
}

/** Of the most severe incidents everybody is told who is there to be told. */
function leftOut(severity: Placed | undefined, centres: readonly Placed[]): Message[] {
  if (!severity || !Array.isArray(severity.value["notify"])) return [];
  const told = within(severity, "notify").map(({ value }) => value["who"]);
  return RECIPIENTS.filter((who) => who === "zone" || centres.some(({ value }) => value["tier"] === who))
    .filter((who) => !told.includes(who))
    .map((who) => message("BH1198", { who, severity: String(severity.value["name"]) }, positionOf(severity, "notify")));
}

function sectorFaults(files: SourceFiles): Message[] {
  const sectors = namesIn(files.byKind.soc, ["sectors"], NAME);
  return zonesOf(files).flatMap((zone) => {
    const { sector, tenant } = zone.value;
    if (typeof sector === "string") return dangling(zone, ["sector"], sector, "sector", sectors);
    const params = { zone: String(zone.value["name"]), known: sectors?.sound.join(", ") ?? "" };
    return tenant === "agency" && sector === undefined && sectors && sectors.sound.length > 0
      ? [message("BH1153", params, positionOf(zone, "tenant"))]
      : [];
  });
}
