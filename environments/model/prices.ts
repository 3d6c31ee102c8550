import { z } from "zod";
import { BhittiError, type Message, message, type Position } from "../../messages/message.ts";
import { formatted, text } from "../../yaml/formats.ts";
import type { SourceFile } from "../../yaml/source.ts";
import type { Environment } from "./environment.ts";
import { inForce } from "./hub/grants.ts";
import { spot } from "./placed.ts";
import { milliUnits } from "./quantity.ts";
import { day, fact, NOT_BACKED_UP, titleBangla } from "./values.ts";

/** What a zone pays for, and the unit that is counted a month. */
export const PRICED = {
  cores: "core",
  memory: "GiB",
  storage: "GiB",
  backup: "GiB",
  publicAddresses: "address",
  apiCalls: "million calls",
} as const;
export type PricedName = keyof typeof PRICED;

const NAMES = Object.keys(PRICED) as [PricedName, ...PricedName[]];

export const pricesFile = z
  .strictObject({
    currency: z.enum(["BDT"]),
    items: z.array(
      z.strictObject({
        name: z.enum(NAMES),
        title: text("What is paid for.", "A core for a month"),
        titleBangla,
        prices: z
          .array(
            z.strictObject({
              from: day.meta({ description: "The first day on which it holds, until the next one does." }),
              amount: formatted("pattern", /^(0|[1-9]\d{0,8})\.\d{2}$/, "Taka and poisha of one unit, in quotes.", [
                "640.00",
              ]),
              ...fact,
            }),
          )
          .min(1)
          .meta({ description: "Prices by date, the earliest first." }),
      }),
    ),
  })
  .meta({ title: "Prices: what a zone pays a month, by unit and date" });

/** Prices as they were read, each item with its place. */
export interface Prices {
  readonly currency: z.infer<typeof pricesFile>["currency"];
  readonly items: readonly PricedItem[];
}
export interface PricedItem extends z.infer<typeof pricesFile.shape.items.element> {
  readonly position: Position;
}

/** Each item once, and its prices in the order of their days. */
export function priceFaults(file: SourceFile, { items }: z.infer<typeof pricesFile>): Message[] {
  const missing = NAMES.filter((name) => !items.some((item) => item.name === name));
  const first = new Map<string, Position>();
  return [
    ...items.flatMap(({ name }, i) => {
      const here = file.valueAt(["items", i, "name"]);
      const earlier = first.get(name);
      if (!earlier) first.set(name, here);
      return earlier ? [message("BH1030", { name, first: spot(earlier) }, here)] : [];
    }),
    ...missing.map((name) => message("BH1171", { name }, file.keyAt([], "items"))),
    ...items.flatMap(({ name, prices }, i) =>
      prices.flatMap(({ from }, j) => {
        const before = prices[j - 1]?.from;
        if (before === undefined || before < from) return [];
        return [message("BH1172", { name, from, before }, file.valueAt(["items", i, "prices", j, "from"]))];
      }),
    ),
  ];
}

export const placedPrices = (file: SourceFile, { currency, items }: z.infer<typeof pricesFile>): Prices => ({
  currency,
  items: items.map((item, i) => ({ ...item, position: file.valueAt(["items", i]) })),
});

/** One line of a bill. */
export interface CostLine {
  readonly item: PricedName;
  /** Thousandths of the unit, rounded up. */
  readonly milliQuantity: bigint;
  /** Hundredths of the currency, of one unit. */
  readonly unitPoisha: bigint;
  /** Hundredths of the currency, rounded to the nearest, a half up. */
  readonly poisha: bigint;
}

export interface MonthlyCost {
  readonly zone: string;
  readonly currency: string;
  readonly lines: readonly CostLine[];
  /** Hundredths of the currency. */
  readonly poisha: bigint;
}

/** A month as bills count it. */
const MINUTES_A_MONTH = 30n * 24n * 60n;
const GIBIBYTE = 1n << 30n;

/**
 * What a zone costs a month, at the most: what is reserved for it is paid for, used or not, at its standby cluster too; and every
 * call that the rate plans of its grants let it make. Backups count one full copy at each target; what changes between two is
 * not counted.
 *
 * @param date an ISO day: the prices of that day
 * @throws BhittiError BH1173 where something has no price on that day; an Error where there is no such zone
 */
export function monthlyCost(prices: Prices, environment: Environment, zoneName: string, date: string): MonthlyCost {
  const used = quantitiesOf(environment, zoneName);
  const lines = NAMES.map((item): CostLine => {
    const milliQuantity = used[item];
    const unitPoisha = priceOn(prices, item, date);
    return { item, milliQuantity, unitPoisha, poisha: (milliQuantity * unitPoisha + 500n) / 1000n };
  });
  return { zone: zoneName, currency: prices.currency, lines, poisha: lines.reduce((sum, l) => sum + l.poisha, 0n) };
}

/** An amount as it is written: `12,345.60`. */
export function formatAmount(poisha: bigint): string {
  const taka = String(poisha / 100n).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${taka}.${String(poisha % 100n).padStart(2, "0")}`;
}

/** Thousandths of each unit. */
function quantitiesOf(environment: Environment, zoneName: string): Readonly<Record<PricedName, bigint>> {
  const zone = environment.zones.find(({ name }) => name === zoneName);
  if (!zone) throw new Error(`no zone '${zoneName}' in environment '${environment.name}'`);
  const { quota, services, egress } = zone;
  const clusters = zone.standby === undefined ? 1n : 2n;
  const gibibytes = (quantity: string): bigint => (milliUnits(quantity) + GIBIBYTE - 1n) / GIBIBYTE;
  const policies = new Set(services.map(({ backup }) => backup).filter((backup) => backup !== NOT_BACKED_UP));
  const targets = new Set(
    environment.backup.policies.filter(({ name }) => policies.has(name)).flatMap(({ copies }) => copies),
  );
  const callsPerMinute = environment.apis
    .flatMap(inForce)
    .filter(({ consumer }) => consumer === zoneName)
    .reduce((sum, { terms }) => sum + BigInt(terms.ratePlan.requestsPerMinute), 0n);
  return {
    cores: clusters * milliUnits(quota.cpu),
    memory: clusters * gibibytes(quota.memory),
    storage: clusters * gibibytes(quota.storage),
    backup: BigInt(targets.size) * gibibytes(quota.storage),
    // Whom it calls can tell it from others by its address.
    publicAddresses: egress.length > 0 ? clusters * 1000n : 0n,
    apiCalls: (callsPerMinute * MINUTES_A_MONTH + 999n) / 1000n,
  };
}

/** The price in force: the last that has begun. */
function priceOn({ items }: Prices, name: PricedName, date: string): bigint {
  const item = items.find((candidate) => candidate.name === name);
  const price = item?.prices.findLast(({ from }) => from <= date);
  if (item && price) return BigInt(price.amount.replace(".", ""));
  throw new BhittiError(message("BH1173", { name, date, first: item?.prices[0]?.from ?? "none" }, item?.position));
}
