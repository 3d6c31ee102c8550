import { z } from "zod";
import type { Message } from "../../../messages/message.ts";
import { formatted, name, text } from "../../../yaml/formats.ts";
import type { SourceFiles } from "../known.ts";
import { duplicates, items, within } from "../placed.ts";
import { fact } from "../values.ts";

const count = (description: string, maximum: number) => z.int().min(1).max(maximum).meta({ description });

export const sitesFile = z
  .strictObject({
    sites: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["dhaka"] }),
          title: text("As people call it.", "National Data Centre, Dhaka"),
          titleBangla: text("The title in Bangla.", "জাতীয় ডাটা সেন্টার, ঢাকা"),
          description: text("What and where it is."),
          country: formatted("pattern", /^[A-Z]{2}$/, "Two capital letters (ISO 3166-1).", ["BD"]),
          district: name
            .meta({ description: "A district of catalogue/districts.yaml.", examples: ["dhaka"] })
            .optional(),
          ...fact,
          racks: z
            .strictObject({ count: count("Racks that the platform may use.", 10_000), ...fact })
            .meta({ description: "Its racks." })
            .optional(),
          power: z
            .strictObject({
              kilowatts: count("What may be drawn by servers.", 1_000_000),
              feeds: count("Feeds from the grid that fail apart.", 10),
              generatorHours: count("Hours that its generators run without new fuel.", 10_000),
              ...fact,
            })
            .meta({ description: "Its power." })
            .optional(),
          hazards: z
            .strictObject({
              flood: z.enum(["low", "moderate", "high"]).meta({ description: "How exposed it is to floods." }),
              seismicZone: z.int().min(1).max(4).meta({ description: "Zone of the building code, 1 to 4." }),
              ...fact,
            })
            .meta({ description: "What nature may do to it." })
            .optional(),
          connectivity: z
            .strictObject({
              carriers: count("Carriers whose cables enter apart.", 100),
              gigabitsPerSecond: count("To all of them together.", 1_000_000),
              ...fact,
            })
            .meta({ description: "How it is reached." })
            .optional(),
          faultZones: z
            .array(
              z.strictObject({
                name: name.meta({ examples: ["hall-a"] }),
                description: text("What it has for itself.", "Own power feed and cooling"),
                ...fact,
              }),
            )
            .meta({ description: "Parts that fail apart: hosts name theirs." })
            .optional(),
        }),
      )
      .min(1),
  })
  .meta({ title: "Sites: the data centres of an environment" });

export type Site = z.infer<typeof sitesFile>["sites"][number];

export function siteFaults({ byKind }: SourceFiles): Message[] {
  const sites = items(byKind.sites, ["sites"]);
  return [...duplicates(sites, "name"), ...sites.flatMap((site) => duplicates(within(site, "faultZones"), "name"))];
}
