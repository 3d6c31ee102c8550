import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatMessage } from "../../messages/message.ts";
import type { Environment } from "./environment.ts";
import { loadEnvironment } from "./load.ts";
import { compareEnvironments, danglingPromotion, promotionFaults } from "./promotion.ts";
import { root } from "./testing.ts";

const scratch = mkdtempSync(join(tmpdir(), "bhitti-promotion-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
cpSync(join(root, "environments", "local"), join(scratch, "environments", "local"), { recursive: true });
cpSync(join(root, "environments", "catalogue"), join(scratch, "environments", "catalogue"), { recursive: true });

/** The local environment with one text of one file changed. */
function changed(file: string, from: string, to: string): Environment {
  const path = join(scratch, "environments", "local", file);
  const before = readFileSync(path, "utf8");
  expect(before).toContain(from);
  writeFileSync(path, before.replace(from, to));
  try {
    return loadEnvironment(scratch, "local");
  } finally {
    writeFileSync(path, before);
  }
}

const local = loadEnvironment(root, "local");
const pilot = loadEnvironment(root, "pilot");
const production = loadEnvironment(root, "production");
const verdicts = (earlier: Environment, later: Environment) =>
  compareEnvironments(earlier, later).map(({ path, verdict }) => [path, verdict]);

test("production is nowhere weaker than pilot, and an environment is as strong as itself", () => {
  expect(promotionFaults(pilot, production)).toEqual([]);
  expect(compareEnvironments(production, production)).toEqual([]);
  // The other way round, what production has more of is missing.
  expect(verdicts(production, pilot)).toContainEqual(["zones.passports", "weaker"]);
});

test("a backup may follow another policy, and may not be given up", () => {
  const backedUp = (policy: string): Environment => ({
    ...production,
    zones: production.zones.map((zone) =>
      zone.name === "tax"
        ? { ...zone, services: zone.services.map((service) => ({ ...service, backup: policy })) }
        : zone,
    ),
  });
  expect(compareEnvironments(backedUp("daily"), backedUp("hourly"))).toEqual([]);
  expect(verdicts(backedUp("daily"), backedUp("none"))).toEqual([
    ["zones.tax.services.taxpayers.backup", "weaker"],
    ["zones.tax.services.returns.backup", "weaker"],
  ]);
  expect(promotionFaults(pilot, backedUp("none")).map(formatMessage)).toEqual([
    expect.stringMatching(
      /^environments\/production\/zones\/tax\.yaml:\d+:\d+ BH1252 .*environments\/pilot\/zones\/tax\.yaml/,
    ),
    expect.stringMatching(
      /^environments\/production\/zones\/tax\.yaml:\d+:\d+ BH1252 .*environments\/pilot\/zones\/tax\.yaml/,
    ),
  ]);
});

describe("each order, both ways", () => {
  test.each([
    ["gateway.yaml", "replicas: 2", "replicas: 1", "gateway.replicas"],
    ["soc.yaml", "storage: 5Gi", "storage: 5000Mi", "soc.sink.storage"],
    ["identity.yaml", "accessTokenLifetime: 5m", "accessTokenLifetime: 1h", "realms.citizens.accessTokenLifetime"],
    ["guardrails.yaml", "stage: deny", "stage: warn", "guardrails.stage"],
    ["zones/bill-payment.yaml", 'cpu: "2"', 'cpu: "1"', "zones.bill-payment.quota.cpu"],
  ])("%s: '%s' before '%s'", (file, from, to, path) => {
    const weaker = changed(file, from, to);
    expect(verdicts(local, weaker)).toEqual([[path, "weaker"]]);
    expect(verdicts(weaker, local)).toEqual([[path, "stronger"]]);
  });

  test("what lessens the guard is weaker where there is more of it", () => {
    const more = changed(
      "zones/citizen-services.yaml",
      "egress: []",
      "egress:\n  - { name: away, cidr: 203.0.113.64/28, port: 443, protocol: TCP, purpose: a test }",
    );
    expect(verdicts(local, more)).toEqual([["zones.citizen-services.egress.away", "weaker"]]);
    expect(verdicts(more, local)).toEqual([["zones.citizen-services.egress.away", "stronger"]]);
  });

  test("a rule at a lower stage is weaker, though only one of the two names it", () => {
    const lower = changed("guardrails.yaml", "rules: {}", "rules: { network/no-node-port: warn }");
    expect(verdicts(local, lower)).toEqual([["guardrails.rules.network/no-node-port", "weaker"]]);
  });

  test("what has no order has to be equal", () => {
    const other = changed("zones/bill-payment.yaml", "realm: partners", "realm: citizens");
    expect(verdicts(local, other)).toEqual([["zones.bill-payment.realm", "different"]]);
  });
});

test("each fault stands at its line, and names the other one's", () => {
  const told = (earlier: Environment, later: Environment) => promotionFaults(earlier, later).map(formatMessage);
  const weaker = changed("gateway.yaml", "replicas: 2", "replicas: 1");
  expect(told(local, weaker)).toEqual([
    expect.stringMatching(
      /^environments\/local\/gateway\.yaml:6:13 BH1252 'gateway\.replicas' is 1, and has to be at least that of environment 'local': 2 \(environments\/local\/gateway\.yaml:6:13\)/,
    ),
  ]);
  expect(told(production, pilot)).toContainEqual(expect.stringContaining("BH1250 'zones.passports' stands in"));
  const more = changed(
    "zones/citizen-services.yaml",
    "egress: []",
    "egress:\n  - { name: away, cidr: 203.0.113.64/28, port: 443, protocol: TCP, purpose: a test }",
  );
  expect(told(local, more)).toEqual([expect.stringContaining("BH1251 'zones.citizen-services.egress.away'")]);
});

test("an environment is promoted from another one that there is", () => {
  const names = ["local", "pilot", "production"];
  expect(danglingPromotion(production, names)).toEqual([]);
  expect(danglingPromotion(local, names)).toEqual([]);
  const told = (promotedFrom: string) => danglingPromotion({ ...production, promotedFrom }, names).map(formatMessage);
  expect(told("production")).toEqual([
    expect.stringMatching(
      /^environments\/production\/environment\.yaml:\d+:\d+ BH1253 .* which is itself; name another/,
    ),
  ]);
  expect(told("pilto")).toEqual([expect.stringContaining("which is none of the repository")]);
});
