import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { name } from "../../../yaml/formats.ts";
import { parseRange } from "../addresses.ts";
import type { Known, SourceFiles } from "../known.ts";
import { at, dangling, isJson, items, type Placed, positionOf, refers } from "../placed.ts";
import type { BySource, WaveDemand } from "../rollout.ts";
import { fact } from "../values.ts";

const maximum = (description: string) => z.int().min(1).max(100_000_000).meta({ description });

export const centresFile = z
  .strictObject({
    wave: name.meta({
      description: "The last wave of catalogue/rollout.yaml that this environment carries, with all before it.",
      examples: ["districts"],
    }),
    addresses: z
      .strictObject({
        clients: name.meta({
          description: "The client network of network.yaml that each centre has its range of.",
          examples: ["centres"],
        }),
      })
      .meta({ description: "Where centres have their addresses from." }),
    loginClients: z
      .strictObject({
        realm: name.meta({ description: "The realm that they are registered in.", examples: ["entrepreneurs"] }),
        maximum: maximum("How many it is sized for."),
        ...fact,
      })
      .meta({ description: "Clients of centres' devices in the identity service." }),
    deviceCertificates: z
      .strictObject({ maximum: maximum("How many are valid at once."), ...fact })
      .meta({ description: "What the authority for devices is sized for." }),
    requests: z
      .strictObject({
        ratePlan: name.meta({
          description: "The rate plan of gateway.yaml that each centre has.",
          examples: ["centre"],
        }),
        perReplica: maximum("Requests a minute that one replica of the gateway carries, as measured."),
        ...fact,
      })
      .meta({
        description: "What the gateway carries: its replicas at one site, so that the loss of the other is borne.",
      }),
  })
  .meta({
    title:
      "Centres: which waves of the rollout the environment carries, and what it has for their centres (may be left out)",
  });

export type Centres = z.infer<typeof centresFile>;

/** Sources differ in how many centres there are: what is provided is enough for each of them. */
const most = (bySource: BySource): number => Math.max(0, ...Object.values(bySource));

export function centreShareFaults(files: SourceFiles, known: Known): Message[] {
  const [own] = at(files.byKind.centres, []);
  if (!own) return [];
  const part = (key: string): Placed[] => at(own.source, [key]);
  return [
    ...part("addresses").flatMap((addresses) => refers(addresses, "clients", "client network", known.client)),
    ...part("loginClients").flatMap((clients) => refers(clients, "realm", "realm", known.realm)),
    ...part("requests").flatMap((requests) => refers(requests, "ratePlan", "rate plan", known.ratePlan)),
    ...needFaults(own, files),
  ];
}

function needFaults(own: Placed, files: SourceFiles): Message[] {
  const { wave } = own.value;
  if (typeof wave !== "string") return [];
  const demand = files.demand();
  if (!demand) return [message("BH1187", {}, positionOf(own, "wave"))];
  const last = demand.find((d) => d.wave.name === wave);
  if (!last) {
    const sound = demand.map((d) => d.wave.name);
    return dangling(own, ["wave"], wave, "wave", { sound, someFaulty: false });
  }
  return [
    ...addressFaults(own, last, files),
    ...(["loginClients", "deviceCertificates"] as const).flatMap((need) => maximumFaults(own, need, last)),
    ...requestFaults(own, last, files),
  ];
}

const short = (demand: WaveDemand, need: string, needed: number, pool: string, there: number) => ({
  wave: demand.wave.name,
  centres: most(demand.open),
  need,
  needed,
  pool,
  there,
});

/** Centres have ranges, so what counts is how many ranges there are, not addresses. */
function addressFaults(own: Placed, demand: WaveDemand, { byKind }: SourceFiles): Message[] {
  const name = isJson(own.value["addresses"]) ? own.value["addresses"]["clients"] : undefined;
  const [network] = items(byKind.network, ["clients"]).filter(({ value }) => value["name"] === name);
  const range = parseRange(String(network?.value["cidr"]));
  if (!network || !range) return [];
  const { addressPrefix } = demand.perCentre;
  const there = range.bits === 32 && range.prefix <= addressPrefix ? 2 ** (addressPrefix - range.prefix) : 0;
  const needed = most(demand.open);
  if (there >= needed) return [];
  const params = short(demand, `ranges of /${addressPrefix}`, needed, `client network '${String(name)}'`, there);
  return [message("BH1185", params, positionOf(network, "cidr"))];
}

function maximumFaults(own: Placed, need: "loginClients" | "deviceCertificates", demand: WaveDemand): Message[] {
  const [provided] = at(own.source, [need]);
  const there = provided?.value["maximum"];
  const needed = most(demand.needs[need]);
  if (!provided || typeof there !== "number" || there >= needed) return [];
  const words = { loginClients: "login clients", deviceCertificates: "device certificates" }[need];
  return [message("BH1185", short(demand, words, needed, `${need}.maximum`, there), positionOf(provided, "maximum"))];
}

function requestFaults(own: Placed, demand: WaveDemand, { byKind }: SourceFiles): Message[] {
  const [requests] = at(own.source, ["requests"]);
  const [gateway] = at(byKind.gateway, ["gateway"]);
  if (!requests) return [];
  const { ratePlan, perReplica } = requests.value;
  const each = demand.perCentre.requestsPerMinute;
  const narrow = items(byKind.gateway, ["ratePlans"]).filter(
    ({ value }) => value["name"] === ratePlan && Number(value["requestsPerMinute"]) < each,
  );
  const replicas = gateway?.value["replicas"];
  const there = typeof perReplica === "number" && typeof replicas === "number" ? perReplica * replicas : undefined;
  const needed = most(demand.needs.requestsPerMinute);
  return [
    ...narrow.map((plan) => {
      const allowed = Number(plan.value["requestsPerMinute"]);
      return message("BH1186", { plan: String(ratePlan), allowed, each }, positionOf(plan, "requestsPerMinute"));
    }),
    ...(gateway && there !== undefined && there < needed
      ? [
          message(
            "BH1185",
            short(demand, "requests a minute", needed, "gateway.replicas", there),
            positionOf(gateway, "replicas"),
          ),
        ]
      : []),
  ];
}
