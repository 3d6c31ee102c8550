import { expect, test } from "vitest";
import { loadEnvironment } from "../../environments/model/load.ts";
import { localCopies, patch } from "../../environments/model/testing.ts";
import { BhittiError } from "../../messages/message.ts";
import { repository } from "../../tests/checkout.ts";
import { silent } from "../progress.ts";
import { diffEnvironments, listEnvironments, showEnvironment } from "./environments.ts";

const context = { root: repository, progress: silent };
const { copy } = localCopies();

test("every environment is listed with what it holds", () => {
  const { json, text } = listEnvironments(context);
  expect(json).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: "local", disposable: true, clusters: 1 }),
      expect.objectContaining({ name: "production", disposable: false, sites: 3 }),
    ]),
  );
  expect(text).toMatch(/^production\s+kept\s+3\s/m);
});

test("an environment is shown with its zones, who may call what, and what it costs on a day", () => {
  const { json, text } = showEnvironment(context, "production", { asOf: "2026-12-01" });
  expect(text).toMatch(
    /^tax\s+agency\s+klkcore\s+agrcore\s+confidential\s+16\s+32Gi\s+500Gi\s+[\d,]+\.\d\d\s+taxpayers L4, returns L3$/m,
  );
  expect(text).toMatch(/^taxpayer-status v1\s+tax\s+confidential\s+.*citizen-portal/m);
  expect(text).toMatch(/^klkcore\s+kaliakair\s+core\s+\d+\s+10\.\d+\.0\.0\/16/m);
  expect(json).toMatchObject({ name: "production", monthlyCost: { asOf: "2026-12-01", currency: "BDT" } });
  // Nothing of it is lost where it is written down.
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
});

test("the zones' quotas are summed, a grant that opens nothing is told, and the network plan has what is taken", () => {
  const { text } = showEnvironment(context, "production", { asOf: "2026-12-01" });
  const { zones } = loadEnvironment(repository, "production");
  const cores = zones.reduce((all, zone) => all + Number(zone.quota.cpu), 0);
  expect(text).toMatch(new RegExp(`^all\\s+${cores}\\s+\\d+Gi\\s+\\d+Gi\\s+[\\d,]+\\.\\d\\d$`, "m"));
  expect(text).toMatch(/^passport-status v1 .*citizen-portal\s+document-delivery \(awaits-owner\)$/m);
  expect(text).toMatch(/^nodes\s+10\.0\.0\.0\/16\s+\/22\s+12\s+for nodes$/m);
  expect(text).toMatch(/^vlans\s+100–199\s+number\s+3\s+for vlan$/m);
});

test("an environment with faults is listed with their number, and is a finding", () => {
  const root = copy();
  patch(root, "environment.yaml", [[/^disposable: .*/m, "disposable: perhaps"]]);
  const { exitCode, text, json } = listEnvironments({ ...context, root });
  expect(exitCode).toBe(1);
  expect(text).toMatch(/^local\s+1 fault: bhitti check local\s/m);
  expect(json).toMatchObject([
    { name: "local", messages: [{ position: { file: "environments/local/environment.yaml" } }] },
  ]);
});

test("there are no prices before the first, and no environment of another name", () => {
  expect(() => showEnvironment(context, "local", { asOf: "2001-01-01" })).toThrow(BhittiError);
  expect(() => showEnvironment(context, "nowhere", {})).toThrow(/BH9001/);
});

test("a difference that weakens is a finding, and one that strengthens is none", () => {
  const forth = diffEnvironments(context, "pilot", "production");
  expect(forth.exitCode).toBe(0);
  expect(forth.text).toMatch(/^stronger\s+gateway\.replicas\s+3\s+6\s+atLeast$/m);
  const back = diffEnvironments(context, "production", "pilot");
  expect(back.exitCode).toBe(1);
  expect(back.json).toContainEqual(
    expect.objectContaining({ path: "gateway.replicas", verdict: "weaker", production: 6, pilot: 3 }),
  );
});
