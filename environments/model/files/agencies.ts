import { z } from "zod";
import type { Message } from "../../../messages/message.ts";
import { name, text } from "../../../yaml/formats.ts";
import type { Known, SourceFiles } from "../known.ts";
import { duplicates, items, refers } from "../placed.ts";
import { fact, titleBangla } from "../values.ts";

export const agenciesFile = z
  .strictObject({
    agencies: z.array(
      z.strictObject({
        name: name.meta({ examples: ["statistics"] }),
        title: text("The agency's name.", "Bangladesh Bureau of Statistics"),
        titleBangla,
        ministry: name.optional().meta({
          description: "A ministry of catalogue/services.yaml, where it is under one.",
          examples: ["planning"],
        }),
        ...fact,
      }),
    ),
  })
  .meta({ title: "Agencies: the public bodies that hold zones and publish APIs (may be left out where none does)" });

export type Agency = z.infer<typeof agenciesFile>["agencies"][number];

export function agencyFaults({ byKind }: SourceFiles, known: Known): Message[] {
  const agencies = items(byKind.agencies, ["agencies"]);
  return [
    ...duplicates(agencies, "name"),
    ...agencies.flatMap((agency) => refers(agency, "ministry", "ministry", known.ministry)),
  ];
}
