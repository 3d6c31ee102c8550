import { EXIT } from "../../contracts.ts";
import { NOTHING, plus, RESOURCES, written, writtenAll } from "../../environments/model/capacity/amount.ts";
import { type ClusterCapacity, capacityOf } from "../../environments/model/capacity/capacity.ts";
import { lossFaults, roomFaults, serviceName } from "../../environments/model/capacity/faults.ts";
import { type Because, type Fate, type Loss, lossOf } from "../../environments/model/capacity/losses.ts";
import type { Environment } from "../../environments/model/environment.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { compareMessages, formatMessage, message } from "../../messages/message.ts";
import { found } from "./incident.ts";
import { type CommandContext, count, messageJson, type Outcome } from "./outcome.ts";
import { table } from "./table.ts";

export interface SimulateWords {
  /** A site. @default each in turn */
  readonly lose?: string;
}

/** `bhitti simulate <environment>`: what the loss of a site does to each service, and what every cluster has room for. */
export function simulate({ root }: CommandContext, name: string, { lose }: SimulateWords): Outcome {
  const environment = loadEnvironment(root, name);
  const { sites } = environment;
  const lost = lose === undefined ? sites : [found("site", lose, sites, name)];
  const before = capacityOf(environment);
  const losses = lost.map((site) => lossOf(environment, site.name));
  const notJudged = before
    .filter(({ placement }) => placement === undefined)
    .map(({ cluster }) => message("BH1203", { cluster }, environment.positions(`clusters.${cluster}.nodePools`)));
  const faultsNow = roomFaults(environment, before);
  const faults = losses.map((loss) => lossFaults(environment, loss).sort(compareMessages));
  const all = [...faultsNow, ...faults.flat()];
  return {
    exitCode: all.length > 0 ? EXIT.findings : EXIT.fine,
    json: {
      environment: name,
      sites: sitesJson(before),
      clusters: before.map(clusterJson),
      losses: losses.map((loss, i) => ({ ...lossJson(loss), messages: (faults[i] ?? []).map(messageJson) })),
      messages: [...faultsNow, ...notJudged].map(messageJson),
    },
    text: [
      ...[...faultsNow, ...notJudged].map(formatMessage),
      ...losses.flatMap((loss, i) => [
        ...lossText(environment, loss, before),
        ...(faults[i] ?? []).map(formatMessage),
        "",
      ]),
      `${name}: ${count(losses.length, "loss", "losses")} of a site, ${count(all.length, "promise")} that would not hold`,
    ].join("\n"),
  };
}

const STATES = ["breaks", "degrades", "survives"] as const;

function stateOf({ becomes, without }: Fate): (typeof STATES)[number] {
  if (becomes === "down") return "breaks";
  return becomes === "active" && without.length === 0 ? "survives" : "degrades";
}

function lossText(environment: Environment, loss: Loss, before: readonly ClusterCapacity[]): string[] {
  const title = environment.sites.find(({ name }) => name === loss.site)?.title ?? loss.site;
  const rows = STATES.flatMap((state) =>
    loss.fates
      .filter((fate) => stateOf(fate) === state)
      .map((fate) => [
        `  ${state}`,
        serviceName(fate),
        fate.service.level,
        fate.below ? `BELOW ITS LEVEL: ${whyOf(fate)}` : whyOf(fate),
      ]),
  );
  return [
    `${loss.site} lost (${title})`,
    ...table(rows),
    ...(loss.unmanaged.length > 0
      ? [`  cannot be changed, since their management cluster is lost: ${loss.unmanaged.join(", ")}`]
      : []),
    "",
    ...capacityTable(loss, before),
  ];
}

/** In words, what becomes of it and why. */
function whyOf({ becomes, cluster, within, because, without, service }: Fate): string {
  const time = within === undefined ? "as soon as it is started" : `within ${within}`;
  const how = {
    active: `runs on at ${cluster ?? ""}`,
    standby: `started at ${cluster ?? ""}, ${time}`,
    restored: `restored at ${cluster ?? ""}, ${within === undefined ? "with no time stated" : time}${service.rpo ? `, loses at most ${service.rpo}` : ""}`,
    down: because.kind === "level" ? "down until the site is back, as its level says" : "down",
  }[becomes];
  const missing = without.map(({ api, within: late }) => `${api} for ${late ?? "as long as it takes"}`);
  return [how, reasonOf(because), missing.length > 0 ? `without ${missing.join(", ")}` : ""]
    .filter((s) => s !== "")
    .join("; ");
}

function reasonOf(because: Because): string {
  switch (because.kind) {
    case "home-stands":
      return because.standbyLost ? "its standby is lost" : "";
    case "level":
      return "";
    case "no-room":
      return `${because.cluster} has no room for it`;
    case "component":
      return because.on === "gateway" ? "nobody can call it without the gateway" : "nobody can log in without identity";
    case "api":
      return `it calls ${because.on}, which is down`;
  }
}

function capacityTable(loss: Loss, before: readonly ClusterCapacity[]): string[] {
  const judged = loss.clusters.filter(({ placement }) => placement !== undefined);
  if (judged.length === 0) return [];
  const rows = judged.map((after) => {
    const now = before.find(({ cluster }) => cluster === after.cluster);
    const cells = RESOURCES.map((r) => {
      const [then, later] = [written(r, now?.needed[r] ?? 0n), written(r, after.needed[r])];
      return `${then === later ? then : `${then} → ${later}`} of ${written(r, after.there[r])}`;
    });
    return [`  ${after.cluster}`, after.site, ...cells, after.placement?.unplaced.length === 0 ? "fits" : "NO ROOM"];
  });
  return table([["  cluster", "site", ...RESOURCES, "placed"], ...rows]);
}

const clusterJson = ({ cluster, site, nodes, needed, there, placement }: ClusterCapacity): object => ({
  cluster,
  site,
  workers: nodes.length,
  judged: placement !== undefined,
  needed: writtenAll(needed),
  there: writtenAll(there),
  fits: placement === undefined ? null : placement.unplaced.length === 0,
});

function sitesJson(clusters: readonly ClusterCapacity[]): readonly object[] {
  return [...new Set(clusters.map(({ site }) => site))].map((site) => {
    const own = clusters.filter((c) => c.site === site && c.placement !== undefined);
    return {
      site,
      needed: writtenAll(own.map(({ needed }) => needed).reduce(plus, NOTHING)),
      there: writtenAll(own.map(({ there }) => there).reduce(plus, NOTHING)),
    };
  });
}

const lossJson = ({ site, clusters, fates, unmanaged }: Loss): object => ({
  site,
  fates: fates.map((fate) => ({
    service: serviceName(fate),
    level: fate.service.level,
    state: stateOf(fate),
    becomes: fate.becomes,
    cluster: fate.cluster ?? null,
    within: fate.within ?? null,
    because: fate.because,
    without: fate.without,
    below: fate.below,
  })),
  unmanaged,
  clusters: clusters.map(clusterJson),
});
