import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { name, text } from "../../../yaml/formats.ts";
import { componentFaults } from "../component.ts";
import type { Known, SourceFiles } from "../known.ts";
import { at, duplicates, items, type Placed, positionOf, refers, spot, stringsOf } from "../placed.ts";
import { cidr, component, duration, fact, hostName, titleBangla } from "../values.ts";

const url = (description: string, example: string) =>
  z.url({ protocol: /^https$/, hostname: z.regexes.domain }).meta({ format: "url", description, examples: [example] });

export const identityFile = z
  .strictObject({
    identity: z.strictObject({ ...component, host: hostName.meta({ examples: ["login.example.gov.bd"] }) }),
    assuranceLevels: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["substantial"] }),
          title: text("The level's name.", "Substantial"),
          titleBangla,
          meaning: text(
            "How sure one is of who signed in.",
            "Two factors, and an identity that its authority confirmed",
          ),
          identitySource: z
            .enum(["required", "not-required"])
            .meta({ description: "Whether the authority for the identity has to confirm it." }),
          secondFactor: z.enum(["required", "not-required"]),
          ...fact,
        }),
      )
      .min(1)
      .meta({ description: "From the weakest to the strongest." }),
    identitySources: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["national-id"] }),
          title: text("As people see it when they log in.", "National ID"),
          titleBangla,
          owner: name.meta({
            description: "The agency of agencies.yaml that answers for it.",
            examples: ["elections"],
          }),
          protocol: z.enum(["openid-connect"]),
          issuer: url("Its issuer.", "https://id.example.gov.bd"),
          authorization: url("Where people sign in.", "https://id.example.gov.bd/authorize"),
          token: url("Where codes are exchanged for tokens.", "https://id.example.gov.bd/token"),
          keys: url("Where its keys are.", "https://id.example.gov.bd/keys"),
          clientId: name.meta({ description: "What it knows this environment as.", examples: ["bhitti"] }),
          cidr: cidr.meta({ description: "Where it is reached from the identity service, on port 443." }),
          ...fact,
        }),
      )
      .meta({ description: "Authorities outside the platform that say who somebody is." }),
    realms: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["citizens"] }),
          title: text("As people see it when they log in.", "Citizens"),
          titleBangla,
          people: z.enum(["citizens", "officials", "partners", "entrepreneurs"]),
          accessTokenLifetime: duration,
          sessionLifetime: duration.meta({ examples: ["8h"] }),
          passwordMinimumLength: z
            .int()
            .min(12)
            .max(128)
            .meta({ examples: [12] }),
          secondFactor: z.enum(["required", "optional"]),
          identitySource: name
            .optional()
            .meta({ description: "One of identitySources: people sign in there.", examples: ["national-id"] }),
          assurance: name.meta({ description: "The level that each sign-in reaches.", examples: ["substantial"] }),
          ...fact,
        }),
      )
      .min(1),
  })
  .meta({ title: "Identity: realms, how sure they are of who signs in, and the service that keeps them" });

type IdentityFile = z.infer<typeof identityFile>;
export type Identity = IdentityFile["identity"];
export type AssuranceLevel = IdentityFile["assuranceLevels"][number];
export type IdentitySource = IdentityFile["identitySources"][number];
export type Realm = IdentityFile["realms"][number];

export function identityFaults(files: SourceFiles, known: Known): Message[] {
  const { identity: file } = files.byKind;
  const own = at(file, ["identity"]);
  const [levels, sources, realms] = [
    items(file, ["assuranceLevels"]),
    items(file, ["identitySources"]),
    items(file, ["realms"]),
  ];
  return [
    ...own.flatMap((identity) => componentFaults(identity, files, known)),
    ...[levels, sources, realms].flatMap((list) => duplicates(list, "name")),
    ...sharedHost(at(files.byKind.gateway, ["gateway"]), own),
    ...sources.flatMap((source) => refers(source, "owner", "agency", known.agency)),
    ...realms.flatMap((realm) => [
      ...refers(realm, "identitySource", "identity source", known.identitySource),
      ...refers(realm, "assurance", "assurance level", known.assurance),
      ...overstated(realm, levels),
    ]),
  ];
}

/** A realm that claims a level and does not do what the level asks for. */
function overstated(realm: Placed, levels: readonly Placed[]): Message[] {
  const level = levels.find(({ value }) => value["name"] === realm.value["assurance"])?.value;
  if (!level) return [];
  const params = { realm: String(realm.value["name"]), level: String(level["name"]) };
  return [
    ...(level["secondFactor"] === "required" && realm.value["secondFactor"] === "optional"
      ? [message("BH1112", params, positionOf(realm, "secondFactor"))]
      : []),
    ...(level["identitySource"] === "required" && realm.value["identitySource"] === undefined
      ? [message("BH1113", params, positionOf(realm, "assurance"))]
      : []),
  ];
}

function sharedHost(gateway: readonly Placed[], identity: readonly Placed[]): Message[] {
  return gateway.flatMap((g) =>
    identity.flatMap((i) =>
      stringsOf(i.value["host"])
        .filter((host) => host === g.value["host"])
        .map((host) => {
          const where = spot(positionOf(g, "host"));
          return message("BH1044", { host, other: "the gateway", where }, positionOf(i, "host"));
        }),
    ),
  );
}
