import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { name, text } from "../../../yaml/formats.ts";
import { componentFaults } from "../component.ts";
import type { Known, SourceFiles } from "../known.ts";
import { at, duplicates, items, type Placed, positionOf, spot, stringsOf } from "../placed.ts";
import { component, duration, hostName } from "../values.ts";

export const identityFile = z
  .strictObject({
    identity: z.strictObject({ ...component, host: hostName.meta({ examples: ["login.example.gov.bd"] }) }),
    realms: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["citizens"] }),
          title: text("As people see it when they log in.", "Citizens"),
          accessTokenLifetime: duration,
          sessionLifetime: duration.meta({ examples: ["8h"] }),
          passwordMinimumLength: z
            .int()
            .min(12)
            .max(128)
            .meta({ examples: [12] }),
          secondFactor: z.enum(["required", "optional"]),
        }),
      )
      .min(1),
  })
  .meta({ title: "Identity: realms and the service that keeps them" });

type IdentityFile = z.infer<typeof identityFile>;
export type Identity = IdentityFile["identity"];
export type Realm = IdentityFile["realms"][number];

export function identityFaults(files: SourceFiles, known: Known): Message[] {
  const own = at(files.byKind.identity, ["identity"]);
  return [
    ...own.flatMap((identity) => componentFaults(identity, files, known)),
    ...duplicates(items(files.byKind.identity, ["realms"]), "name"),
    ...sharedHost(at(files.byKind.gateway, ["gateway"]), own),
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
