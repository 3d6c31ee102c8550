import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { BhittiError } from "../../messages/message.ts";
import { loadCatalogue } from "./catalogue.ts";
import { loadEnvironment } from "./load.ts";
import { formatAmount, monthlyCost, type PRICED, type Prices } from "./prices.ts";
import { root } from "./testing.ts";

const scratch = mkdtempSync(join(tmpdir(), "bhitti-prices-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const { prices } = loadCatalogue(root);
const local = loadEnvironment(root, "local");
const production = loadEnvironment(root, "production");

/** What is told where prices.yaml has one text in place of another. */
function toldWith(from: string | RegExp, to: string): string[] {
  const copy = mkdtempSync(join(scratch, "copy-"));
  mkdirSync(join(copy, "environments"));
  cpSync(join(root, "environments/catalogue"), join(copy, "environments/catalogue"), { recursive: true });
  const path = join(copy, "environments/catalogue/prices.yaml");
  const text = readFileSync(path, "utf8");
  expect(text).toMatch(from);
  writeFileSync(path, text.replace(from, to));
  try {
    loadCatalogue(copy);
    return [];
  } catch (error) {
    if (!(error instanceof BhittiError)) throw error;
    return error.message.split("\n").map((line) => line.replaceAll("environments/catalogue/", ""));
  }
}

/** Prices that are all one amount. */
const flat = (amount: string): Prices => ({
  ...prices,
  items: prices.items.map((item) => ({ ...item, prices: [{ from: "2026-01-01", amount, basis: "illustrative" }] })),
});

const amounts = (zone: string, date: string) =>
  monthlyCost(prices, local, zone, date).lines.map((l) => [
    l.item,
    Number(l.milliQuantity) / 1000,
    formatAmount(l.poisha),
  ]);

test("a zone pays for what is reserved for it, and for the calls that it may make", () => {
  // 2 cores, 4 GiB, 10 GiB, no backup, an egress, and 600 calls a minute for 30 days.
  expect(amounts("bill-payment", "2026-11-23")).toEqual([
    ["cores", 2, "1,280.00"],
    ["memory", 4, "720.00"],
    ["storage", 10, "95.00"],
    ["backup", 0, "0.00"],
    ["publicAddresses", 1, "450.00"],
    ["apiCalls", 25.92, "3,110.40"],
  ]);
  const cost = monthlyCost(prices, local, "bill-payment", "2026-11-23");
  expect([cost.currency, formatAmount(cost.poisha)]).toEqual(["BDT", "5,655.40"]);
});

test("prices are those of the day: the last that has begun", () => {
  const cores = (date: string) => amounts("bill-payment", date)[0];
  expect(cores("2026-01-01")).toEqual(["cores", 2, "1,280.00"]);
  expect(cores("2027-06-30")).toEqual(["cores", 2, "1,280.00"]);
  expect(cores("2027-07-01")).toEqual(["cores", 2, "1,200.00"]);
});

test("a second site is paid for, and a copy at each target", () => {
  const line = (zone: string, item: keyof typeof PRICED) =>
    Number(monthlyCost(prices, production, zone, "2026-11-23").lines.find((l) => l.item === item)?.milliQuantity) /
    1000;
  const tax = production.zones.find((zone) => zone.name === "tax");
  expect([tax?.quota.cpu, tax?.quota.storage, tax?.standby]).toEqual(["16", "500Gi", "agrcore"]);
  expect([line("tax", "cores"), line("tax", "storage"), line("tax", "backup")]).toEqual([32, 1000, 1000]);
  expect(line("citizen-portal", "backup")).toBe(0);
});

test("a day before the first price is an error, at the item", () => {
  const before = () => monthlyCost(prices, local, "bill-payment", "2025-12-31");
  expect(before).toThrow(
    "environments/catalogue/prices.yaml:6:5 BH1173 'cores' has no price on 2025-12-31: the first holds from 2026-01-01",
  );
});

test("each item is there once it is asked for, and its prices stand in order", () => {
  expect(toldWith("- name: apiCalls", "- name: backup")).toEqual([
    "prices.yaml:5:1 BH1171 'apiCalls' has no entry in prices.yaml; add '- name: apiCalls' with its prices",
    "prices.yaml:33:11 BH1030 'backup' stands twice: first at prices.yaml:23:11; give one of the two another name",
  ]);
  expect(toldWith("from: 2027-07-01", "from: 2026-01-01")).toEqual([
    "prices.yaml:11:17 BH1172 the price of 'cores' from 2026-01-01 stands after that from 2026-01-01; order prices by their first days, each day once",
  ]);
  expect(toldWith('"9.50"', "9.50")).toEqual([expect.stringContaining("prices.yaml:22:37 BH1011")]);
  expect(toldWith('"9.50"', '"9.5"')).toEqual([expect.stringContaining("prices.yaml:22:37 BH1027 '9.5' is not what")]);
  expect(toldWith('"9.50", basis: illustrative', '"9.50", basis: public')).toEqual([
    expect.stringContaining("prices.yaml:22:52 BH1080"),
  ]);
});

test("amounts add up to the poisha, and grow with their prices", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99_999_999 }), fc.integer({ min: 0, max: 1000 }), (price, more) => {
      const amount = (poisha: number) => `${Math.floor(poisha / 100)}.${String(poisha % 100).padStart(2, "0")}`;
      const cost = monthlyCost(flat(amount(price)), production, "tax", "2026-11-23");
      expect(cost.poisha).toBe(cost.lines.reduce((sum, line) => sum + line.poisha, 0n));
      for (const line of cost.lines) {
        const error = line.poisha * 1000n - line.milliQuantity * BigInt(price);
        expect(error > -501n && error <= 500n).toBe(true);
      }
      expect(monthlyCost(flat(amount(price + more)), production, "tax", "2026-11-23").poisha >= cost.poisha).toBe(true);
    }),
  );
  expect([0n, 5n, 123_456_789n].map(formatAmount)).toEqual(["0.00", "0.05", "1,234,567.89"]);
});
