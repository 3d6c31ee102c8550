import { z } from "zod";
import type { Message } from "../../../messages/message.ts";
import { formatted, name, text } from "../../../yaml/formats.ts";
import type { SourceFiles } from "../known.ts";
import { duplicates, items } from "../placed.ts";
import { hostName, imagePrefix } from "../values.ts";

export const environmentFile = z
  .strictObject({
    name: name.meta({ description: "The folder's name.", examples: ["local"] }),
    description: text("What this environment is for, in a sentence."),
    disposable: z.boolean().meta({
      description: "True where everything may be destroyed and rebuilt at will; never for people's data.",
    }),
    promotedFrom: name
      .meta({
        description: "The environment that this one must not be weaker than.",
        examples: ["pilot"],
      })
      .optional(),
    island: z.boolean().meta({
      description:
        "True where all that it refers to lies inside the country (catalogue/inside.yaml), so that it goes on when the country is cut off.",
    }),
    domain: hostName.meta({
      description: "Host names of the gateway and of the identity service lie under it.",
      examples: ["example.gov.bd"],
    }),
    registries: z
      .array(z.strictObject({ prefix: imagePrefix, purpose: text("What is kept there.") }))
      .min(1)
      .meta({ description: "Where images may come from; admission refuses all others." }),
    dataClassification: formatted(
      "classification",
      /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/,
      "The list of data classes that is followed, of those that instruments of policies/laws tell, where they differ.",
      ["pdpa-2026.by-secrecy"],
    ).exactOptional(),
  })
  .meta({ title: "An environment: its name and what holds for all of it" });

export type EnvironmentFile = z.infer<typeof environmentFile>;

export const environmentFaults = ({ byKind }: SourceFiles): Message[] =>
  duplicates(items(byKind.environment, ["registries"]), "prefix");
