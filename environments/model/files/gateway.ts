import { z } from "zod";
import { type Message, message, type Position } from "../../../messages/message.ts";
import { name, text } from "../../../yaml/formats.ts";
import { componentFaults } from "../component.ts";
import type { Known, SourceFiles } from "../known.ts";
import { at, duplicates, items, type Placed, positionOf, refers, refersEach, spot, stringsOf } from "../placed.ts";
import { component, day, hostName } from "../values.ts";

export const gatewayFile = z
  .strictObject({
    gateway: z.strictObject({
      ...component,
      host: hostName.meta({ description: "Where published APIs are called: https://<host>/<api>/<version>." }),
      clients: z
        .array(name)
        .min(1)
        .meta({ description: "Names of client networks in network.yaml.", examples: [["citizens"]] }),
    }),
    ratePlans: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["standard"] }),
          title: text("For whom it is meant.", "An agency's service"),
          requestsPerMinute: z
            .int()
            .min(1)
            .max(1_000_000)
            .meta({ examples: [600] }),
        }),
      )
      .meta({ description: "How often a consumer may call; grants name one." }),
    suspensions: z
      .array(
        z.strictObject({
          zone: name.meta({ description: "The zone that may call nothing." }),
          since: day.meta({ description: "The day of the decision; a grant of that day or later is an error." }),
          reason: text("Why, and who decided.", "Passed data on to a third party; order of the data owner"),
        }),
      )
      .meta({ description: "One line closes all that a zone was granted, as long as the line stands." }),
  })
  .meta({ title: "Gateway: the national API hub, how often it may be called, and who may not call it at all" });

type GatewayFile = z.infer<typeof gatewayFile>;
export type Gateway = GatewayFile["gateway"];
export type RatePlan = GatewayFile["ratePlans"][number];
export type Suspension = GatewayFile["suspensions"][number];

export function gatewayFaults(files: SourceFiles, known: Known): Message[] {
  const { gateway } = files.byKind;
  const suspensions = items(gateway, ["suspensions"]);
  return [
    ...at(gateway, ["gateway"]).flatMap((component) => [
      ...componentFaults(component, files, known),
      ...refersEach(component, "clients", "client network", known.client),
    ]),
    ...duplicates(items(gateway, ["ratePlans"]), "name"),
    ...suspendedTwice(suspensions),
    ...suspensions.flatMap((suspension) => refers(suspension, "zone", "zone", known.zone)),
  ];
}

function suspendedTwice(suspensions: readonly Placed[]): Message[] {
  const first = new Map<string, Position>();
  return suspensions.flatMap((suspension) =>
    stringsOf(suspension.value["zone"]).flatMap((zone) => {
      const here = positionOf(suspension, "zone");
      const earlier = first.get(zone);
      if (!earlier) first.set(zone, here);
      return earlier ? [message("BH1117", { zone, first: spot(earlier) }, here)] : [];
    }),
  );
}
