import { EXIT } from "../../contracts.ts";
import { quantities, sum, writtenAll } from "../../environments/model/capacity/amount.ts";
import { loadCatalogue } from "../../environments/model/catalogue.ts";
import type { Environment } from "../../environments/model/environment.ts";
import { inForce } from "../../environments/model/hub/grants.ts";
import { environmentNames, loadEnvironment } from "../../environments/model/load.ts";
import { formatAmount, monthlyCost } from "../../environments/model/prices.ts";
import { compareEnvironments } from "../../environments/model/promotion.ts";
import { BhittiError } from "../../messages/message.ts";
import { type CommandContext, count, messageJson, type Outcome } from "./outcome.ts";
import { today } from "./prepare.ts";
import { table } from "./table.ts";

/** `bhitti environments list`: every environment of the repository, with what it holds; findings where one has faults. */
export function listEnvironments({ root }: CommandContext): Outcome {
  const all = environmentNames(root).map((name) => listed(root, name));
  const rows = all.map((e) =>
    "messages" in e
      ? [e.name, `${count(e.messages.length, "fault")}: bhitti check ${e.name}`, "-", "-", "-", "-"]
      : [e.name, e.disposable ? "disposable" : "kept", ...[e.sites, e.clusters, e.zones, e.apis].map(String)],
  );
  return {
    exitCode: all.some((e) => "messages" in e) ? EXIT.findings : EXIT.fine,
    json: all,
    text: table([["environment", "", "sites", "clusters", "zones", "APIs"], ...rows]).join("\n"),
  };
}

/** One that is faulty must not hide the others. */
function listed(root: string, name: string) {
  try {
    const { description, disposable, sites, clusters, zones, apis } = loadEnvironment(root, name);
    return {
      name,
      description,
      disposable,
      sites: sites.length,
      clusters: clusters.length,
      zones: zones.length,
      apis: apis.length,
    };
  } catch (error) {
    if (!(error instanceof BhittiError)) throw error;
    return { name, messages: error.messages.map(messageJson) };
  }
}

/**
 * `bhitti environments show <env>`: an environment for a person to read; with `--json` all of it, as the loader checked it.
 *
 * @throws BhittiError with every fault of a faulty environment
 */
export function showEnvironment({ root }: CommandContext, name: string, { asOf = today() }: ShowWords): Outcome {
  const environment = loadEnvironment(root, name);
  const { positions: _, ...json } = environment;
  const { description, disposable, sites, clusters, zones, apis, gateway, identity, soc } = environment;
  const costs = costsOf(root, environment, asOf);
  return {
    exitCode: EXIT.fine,
    json: { ...json, monthlyCost: { asOf, ...costs } },
    text: [
      `${name}: ${description}`,
      `${disposable ? "disposable" : "kept"}; ${[count(sites.length, "site"), count(clusters.length, "cluster"), count(zones.length, "zone"), count(apis.length, "API")].join(", ")}`,
      "",
      ...table([
        ["site", "country", "", "what"],
        ...sites.map((site) => [site.name, site.country, site.basis, site.title]),
      ]),
      "",
      ...table([
        ["cluster", "site", "purpose", "nodes", "pods", "services"],
        ...clusters.map((cluster) => [
          cluster.name,
          cluster.site,
          cluster.purpose,
          String(cluster.nodePools.reduce((sum, pool) => sum + pool.count, 0)),
          ...rangesOf(environment, cluster.name),
        ]),
      ]),
      "",
      ...table([
        ["component", "cluster", "standby", "level", "replicas"],
        ...Object.entries({ gateway, identity, "log sink": soc.sink }).map(([what, c]) => [
          what,
          c.cluster,
          c.standby ?? "-",
          c.failure,
          String(c.replicas),
        ]),
      ]),
      "",
      ...table([
        [
          "zone",
          "tenant",
          "cluster",
          "standby",
          "class",
          "cpu",
          "memory",
          "storage",
          `${costs.currency} a month`,
          "services",
        ],
        ...zones.map((zone) => [
          zone.name,
          zone.tenant,
          zone.cluster,
          zone.standby ?? "-",
          zone.dataClass,
          ...quota([zone]),
          costs.zones[zone.name] ?? "-",
          zone.services.map((service) => `${service.name} ${service.failure}`).join(", "),
        ]),
        ["all", "", "", "", "", ...quota(zones), costs.total, ""],
      ]),
      "",
      ...table([
        ["API", "zone", "class", "granted to", "closed to"],
        ...apis.map((api) => [
          `${api.name} ${api.version}`,
          api.zone,
          api.dataClass,
          inForce(api)
            .map(({ consumer }) => consumer)
            .join(", ") || "nobody",
          api.grants
            .filter(({ state }) => state !== "in-force")
            .map(({ consumer, state }) => `${consumer} (${state})`)
            .join(", "),
        ]),
      ]),
      "",
      ...networkText(environment),
      "",
      `costs by the prices of ${asOf}, which are ${costs.basis}`,
    ].join("\n"),
  };
}

/**
 * `bhitti environments diff <earlier> <later>`: everything in which two environments differ, but for what differs by nature.
 * Findings where the later one is weaker, or differs where both have to be equal.
 */
export function diffEnvironments({ root }: CommandContext, earlier: string, later: string): Outcome {
  const differences = compareEnvironments(loadEnvironment(root, earlier), loadEnvironment(root, later));
  const bad = differences.filter(({ verdict }) => verdict !== "stronger");
  const rows = differences.map(({ path, verdict, order, earlier: before, later: after }) => [
    verdict,
    path,
    brief(before),
    brief(after),
    order,
  ]);
  return {
    exitCode: bad.length > 0 ? EXIT.findings : EXIT.fine,
    json: differences.map(({ earlier: before, later: after, ...rest }) => ({
      ...rest,
      [earlier]: before ?? null,
      [later]: after ?? null,
    })),
    text: [
      ...(rows.length > 0 ? [...table([["", "key", earlier, later, "order"], ...rows]), ""] : []),
      `${count(differences.length, "difference")} of '${later}' from '${earlier}', ${bad.length} where it is weaker or has to be equal`,
    ].join("\n"),
  };
}

function brief(value: unknown): string {
  if (value === undefined) return "-";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

export interface ShowWords {
  /** ISO day whose prices hold. @default today */
  readonly asOf?: string;
}

interface Costs {
  readonly currency: string;
  /** What the prices rest on. */
  readonly basis: string;
  /** By zone; amounts as people write them. */
  readonly zones: Readonly<Record<string, string>>;
  readonly total: string;
}

function costsOf(root: string, environment: Environment, date: string): Costs {
  const { prices } = loadCatalogue(root);
  const costs = environment.zones.map((zone) => monthlyCost(prices, environment, zone.name, date));
  return {
    currency: prices.currency,
    basis: [...new Set(prices.items.flatMap((item) => item.prices.map(({ basis }) => basis)))].sort().join(" or "),
    zones: Object.fromEntries(costs.map(({ zone, poisha }) => [zone, formatAmount(poisha)])),
    total: formatAmount(costs.reduce((sum, { poisha }) => sum + poisha, 0n)),
  };
}

/** Processors, memory and storage of all zones together. */
function quota(zones: Environment["zones"]): readonly string[] {
  const { cpu, memory, storage } = writtenAll(sum(zones.map((zone) => quantities(zone.quota))));
  return [cpu, memory, storage];
}

/** Each pool with how many blocks or numbers the ledger has of it (what was given back stays taken), sites' ways out, and callers. */
function networkText({ network, ledger }: Environment): string[] {
  const taken = (pool: string): string =>
    String(ledger.flatMap(({ ranges, numbers }) => [...ranges, ...numbers]).filter((e) => e.pool === pool).length);
  return table([
    ["network", "range", "each", "taken", "what"],
    ...network.pools.map((pool) => [pool.name, pool.range, `/${pool.prefix}`, taken(pool.name), `for ${pool.use}`]),
    ...network.numbers.map((pool) => [
      pool.name,
      `${pool.first}–${pool.last}`,
      "number",
      taken(pool.name),
      `for ${pool.use}`,
    ]),
    ...network.sites.flatMap(({ site, egress }) =>
      egress.map(({ address, description }) => [site, address, "egress", "-", description]),
    ),
    ...network.clients.map(({ name, cidr, description }) => [name, cidr, "callers", "-", description]),
  ]);
}

function rangesOf({ network }: Environment, cluster: string): readonly string[] {
  const plan = network.clusters.find((c) => c.cluster === cluster);
  return plan ? [plan.pods, plan.services] : ["-", "-"];
}
