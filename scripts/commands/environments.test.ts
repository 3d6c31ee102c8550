import { expect, test } from "vitest";
import { BhittiError } from "../../messages/message.ts";
import { repository } from "../../tests/checkout.ts";
import { silent } from "../progress.ts";
import { diffEnvironments, listEnvironments, showEnvironment } from "./environments.ts";

const context = { root: repository, progress: silent };

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
  expect(text).toMatch(/^tax\s+agency\s+klkcore\s+agrcore\s+confidential\s+taxpayers L4, returns L3\s+[\d,]+\.\d\d$/m);
  expect(text).toMatch(/^taxpayer-status v1\s+tax\s+confidential\s+.*citizen-portal/m);
  expect(text).toMatch(/^klkcore\s+kaliakair\s+core\s+\d+\s+10\.\d+\.0\.0\/16/m);
  expect(json).toMatchObject({ name: "production", monthlyCost: { asOf: "2026-12-01", currency: "BDT" } });
  // Nothing of it is lost where it is written down.
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
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
