import { z } from "zod";
import { type Message, message, type Position } from "../../../messages/message.ts";
import { formatted, NAME, name, text } from "../../../yaml/formats.ts";
import { componentFaults } from "../component.ts";
import { type Known, type SourceFiles, zonesOf } from "../known.ts";
import { at, items, namesOf, type Placed, positionOf, refers, refersEach, spot, stringsOf, within } from "../placed.ts";
import { component, DATA_CLASSES, dataClass, duration, hostName } from "../values.ts";
import type { Zone } from "./zone.ts";

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
    apis: z.array(
      z.strictObject({
        name: name.meta({ examples: ["certificates"] }),
        title: text("What it does, for whoever looks for an API."),
        version: formatted("pattern", /^v[1-9]\d{0,3}$/, "'v' and a number; part of the path that is called.", ["v1"]),
        zone: name.meta({ description: "The zone that publishes it." }),
        service: name.meta({ description: "The service of that zone that answers.", examples: ["certificates"] }),
        dataClass,
        timeout: duration,
        grants: z.array(
          z.strictObject({
            consumer: name.meta({ description: "The zone that may call it." }),
            purpose: text("What for."),
            legalBasis: text(
              "The law, order or agreement that allows it.",
              "Agreement no. 12 of 2026 between both agencies",
            ),
            requestsPerMinute: z
              .int()
              .min(1)
              .max(1_000_000)
              .meta({ examples: [600] }),
          }),
        ),
      }),
    ),
  })
  .meta({ title: "Gateway: the national API hub, its published APIs and who may call them" });

type GatewayFile = z.infer<typeof gatewayFile>;
export type Gateway = GatewayFile["gateway"];
export type Api = GatewayFile["apis"][number];

export function gatewayFaults(files: SourceFiles, known: Known): Message[] {
  const apis = items(files.byKind.gateway, ["apis"]);
  return [
    ...at(files.byKind.gateway, ["gateway"]).flatMap((gateway) => [
      ...componentFaults(gateway, files, known),
      ...refersEach(gateway, "clients", "client network", known.client),
    ]),
    ...apiDuplicates(apis),
    ...apis.flatMap((api) => apiReferences(api, zonesOf(files), known)),
  ];
}

/** An API is its name and its version: v1 and v2 may stand beside each other. */
function apiDuplicates(apis: readonly Placed[]): Message[] {
  const first = new Map<string, Position>();
  return apis.flatMap((api) => {
    const name = `${String(api.value["name"])} ${String(api.value["version"])}`;
    const earlier = first.get(name);
    first.set(name, earlier ?? positionOf(api, "name"));
    const own = earlier ? [message("BH1030", { name, first: spot(earlier) }, positionOf(api, "name"))] : [];
    return [...own, ...grantDuplicates(api)];
  });
}

function grantDuplicates(api: Placed): Message[] {
  const first = new Map<string, Position>();
  return within(api, "grants").flatMap((grant) =>
    stringsOf(grant.value["consumer"]).flatMap((consumer) => {
      const here = positionOf(grant, "consumer");
      const earlier = first.get(consumer);
      if (!earlier) first.set(consumer, here);
      return earlier
        ? [message("BH1043", { api: String(api.value["name"]), consumer, first: spot(earlier) }, here)]
        : [];
    }),
  );
}

function apiReferences(api: Placed, zones: readonly Placed[], known: Known): Message[] {
  const { zone: zoneName, service, name, dataClass } = api.value as Partial<Api>;
  const zone = zones.find((z) => z.value["name"] === zoneName)?.value as Partial<Zone> | undefined;
  const services = Array.isArray(zone?.services) ? namesOf(zone.services, NAME) : undefined;
  const own = DATA_CLASSES.indexOf(dataClass ?? "open");
  const allowed = DATA_CLASSES.indexOf(zone?.dataClass ?? "restricted");
  return [
    ...refers(api, "zone", "zone", known.zone),
    ...(service !== undefined ? refers(api, "service", "service", services, ` in zone '${zoneName}'`) : []),
    ...(own > allowed && allowed >= 0
      ? [
          message(
            "BH1037",
            { api: String(name), got: String(dataClass), zone: String(zoneName), allowed: String(zone?.dataClass) },
            positionOf(api, "dataClass"),
          ),
        ]
      : []),
    ...within(api, "grants").flatMap((grant) => [
      ...refers(grant, "consumer", "zone", known.zone),
      ...(grant.value["consumer"] === zoneName && zone
        ? [message("BH1038", { zone: String(zoneName), api: String(name) }, positionOf(grant, "consumer"))]
        : []),
    ]),
  ];
}
