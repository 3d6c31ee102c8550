import { z } from "zod";
import { formatted, name, text } from "../../../yaml/formats.ts";
import { dataClass, day, duration, fact, titleBangla } from "../values.ts";

/**
 * The two sides of a grant, each in the file of the zone that answers for it: what a zone publishes and to whom it grants it
 * (`apis`), and what a zone asks for (`uses`). So nobody edits another's file, and each file has one owner.
 */

const fieldName = formatted("pattern", /^[A-Za-z][A-Za-z0-9_]{0,62}$/, "Letters, digits and underscores.", [
  "applicationId",
]);
const fields = (description: string) =>
  z
    .array(fieldName)
    .min(1)
    .meta({ description, examples: [["applicationId"]] });

const purpose = (description: string) => text(description, "collect the fee of an application");

const approval = z.strictObject({
  consumer: name.meta({ description: "The zone that may call it." }),
  fields: fields("Those of the API's fields that it may have."),
  purpose: purpose("What for; word for word what the consumer asks for."),
  legalBasis: text("The law, order or agreement that allows it.", "Agreement no. 12 of 2026 between both agencies"),
  ratePlan: name.meta({ description: "A rate plan of gateway.yaml.", examples: ["standard"] }),
  granted: day.meta({ description: "The day on which the owner agreed; the first day on which it holds." }),
  expires: day.meta({ description: "The last day on which it holds." }),
  onwardSharing: z
    .enum(["forbidden", "permitted"])
    .meta({ description: "Whether the consumer may pass on what it gets." }),
});

export const publishedApi = z.strictObject({
  name: name.meta({ examples: ["certificates"] }),
  title: text("What it does, for whoever looks for an API."),
  titleBangla,
  version: formatted("pattern", /^v[1-9]\d{0,3}$/, "'v' and a number; part of the path that is called.", ["v1"]),
  service: name.meta({ description: "The service of this zone that answers.", examples: ["certificates"] }),
  dataClass,
  timeout: duration,
  fields: z
    .array(
      z.strictObject({
        name: fieldName,
        dataClass: dataClass.optional().meta({ description: "Where it is lower than the API's." }),
      }),
    )
    .min(1)
    .meta({ description: "What its answers hold." }),
  slo: z
    .strictObject({
      availabilityPercent: z.number().min(90).max(99.999).meta({ description: "Of all minutes of a month." }),
      latencyMilliseconds: z
        .int()
        .min(1)
        .max(600_000)
        .meta({ description: "Within which 95 of 100 requests are answered." }),
    })
    .meta({ description: "What its owner promises." }),
  assurance: name
    .optional()
    .meta({ description: "The least level of identity.yaml that consumers' realms have to give.", examples: ["high"] }),
  deprecated: day.optional().meta({ description: "The last day on which it is served." }),
  ...fact,
  grants: z.array(approval).meta({ description: "Whom the owner lets call it." }),
});

export const apiUse = z.strictObject({
  api: formatted("pattern", /^[a-z][a-z0-9-]{0,39}-v[1-9]\d{0,3}$/, "An API's name and version.", ["payments-v1"]),
  fields: fields("What the zone needs of it, and no more."),
  purpose: purpose("What for."),
});

export type PublishedApi = z.infer<typeof publishedApi>;
/** The owner's side of a grant. */
export type Approval = PublishedApi["grants"][number];
/** The consumer's side of a grant. */
export type ApiUse = z.infer<typeof apiUse>;

/** What an API is called wherever it is referred to, and the audience of its tokens: `payments-v1`. */
export const apiId = ({ name, version }: Pick<PublishedApi, "name" | "version">): string => `${name}-${version}`;
