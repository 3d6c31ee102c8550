import { z } from "zod";
import type { Message } from "../../../messages/message.ts";
import { formatted, name, text } from "../../../yaml/formats.ts";
import type { SourceFiles } from "../known.ts";
import { duplicates, items } from "../placed.ts";
import { basis } from "../values.ts";

export const sitesFile = z
  .strictObject({
    sites: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["dhaka"] }),
          description: text("What and where it is."),
          country: formatted("pattern", /^[A-Z]{2}$/, "Two capital letters (ISO 3166-1).", ["BD"]),
          basis,
        }),
      )
      .min(1),
  })
  .meta({ title: "Sites: the data centres of an environment" });

export type Site = z.infer<typeof sitesFile>["sites"][number];

export const siteFaults = ({ byKind }: SourceFiles): Message[] => duplicates(items(byKind.sites, ["sites"]), "name");
