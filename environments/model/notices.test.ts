import { expect, test } from "vitest";
import { loadEnvironment } from "./load.ts";
import { noticesOf } from "./notices.ts";
import { root } from "./testing.ts";

const production = loadEnvironment(root, "production");
const told = (zoneName: string, severity: string) => {
  const zone = production.zones.find(({ name }) => name === zoneName);
  if (!zone) throw new Error(zoneName);
  return noticesOf(production, zone, severity).map(({ who, name, within }) => [who, name, within]);
};

test("an incident of the revenue board goes up from its zone over its own centre to the national one", () => {
  expect(told("tax", "critical")).toEqual([
    ["zone", "tax", "15m"],
    ["sector", "revenue-soc", "30m"],
    ["national", "national-cirt", "1h"],
    ["authority", "data-authority", "24h"],
  ]);
});

test("where the national centre watches over the sector, it is told once, as soon as a sector's would be", () => {
  expect(told("finance", "critical")).toEqual([
    ["zone", "finance", "15m"],
    ["sector", "national-cirt", "30m"],
    ["authority", "data-authority", "24h"],
  ]);
});

test("a zone without a sector goes to the national centre, and a lesser incident to fewer", () => {
  expect(told("bill-payment", "critical").map(([who]) => who)).toEqual(["zone", "national", "authority"]);
  expect(told("bill-payment", "low").map(([who]) => who)).toEqual(["zone"]);
});

test("the owner's address and the clause that bounds a time come along", () => {
  const zone = production.zones.find(({ name }) => name === "tax");
  if (!zone) throw new Error("tax");
  const notices = noticesOf(production, zone, "critical");
  expect(notices[0]).toMatchObject({ title: zone.owner.organisation, contact: zone.owner.contact });
  expect(notices.map(({ clause }) => clause)).toEqual([
    undefined,
    undefined,
    "cyber-security-2026.incident-notice",
    "pdpa-2026.breach-notice",
  ]);
});
