import { EXIT } from "../../contracts.ts";
import { loadCatalogue } from "../../environments/model/catalogue.ts";
import type { Prices } from "../../environments/model/prices.ts";
import { type BySource, NEEDS, rolloutDemand } from "../../environments/model/rollout.ts";
import { type CommandContext, count, type Outcome } from "./outcome.ts";
import { table } from "./table.ts";

/** `bhitti catalogue`: the services and districts of the country, and what each wave of the rollout asks of the platform. */
export function catalogue({ root }: CommandContext): Outcome {
  const loaded = loadCatalogue(root);
  const { services, districts, rollout, prices } = loaded;
  const demand = rolloutDemand(loaded);
  const listed = services.ministries.flatMap((ministry) => ministry.services);
  const illustrative = listed.filter((service) => service.basis === "illustrative").length;
  const rows = demand.map((d) => [
    d.wave.name,
    d.wave.from,
    range(d.opens),
    range(d.open),
    ...NEEDS.map((need) => range(d.needs[need])),
  ]);
  const header = ["wave", "from", "opens", "open", "entrepreneurs", "login clients", "certificates", "addresses"];
  return {
    exitCode: EXIT.fine,
    json: { services, districts, rollout, prices, demand },
    text: [
      `${count(listed.length, "service")} of ${count(services.ministries.length, "ministry", "ministries")}; ${illustrative} illustrative`,
      `${count(districts.divisions.length, "division")}, ${count(districts.divisions.flatMap((d) => d.districts).length, "district")}; counted from ${count(districts.sources.length, "source")}, which differ where a range is shown`,
      `${count(prices.items.length, "price")} in ${prices.currency}, the latest from ${latest(prices)}`,
      "",
      ...table([[...header, "requests/min"], ...rows]),
      "",
      `every centre needs ${rollout.perCentre.entrepreneurs} entrepreneurs, a /${rollout.perCentre.addressPrefix} and ${rollout.perCentre.requestsPerMinute} requests a minute (${rollout.perCentre.basis})`,
    ].join("\n"),
  };
}

const latest = ({ items }: Prices): string =>
  items
    .flatMap((item) => item.prices.map(({ from }) => from))
    .sort()
    .at(-1) ?? "none";

function range(bySource: BySource): string {
  const [low, high] = [Math.min(...Object.values(bySource)), Math.max(...Object.values(bySource))];
  return low === high ? String(low) : `${low}–${high}`;
}
