import { expect, test } from "vitest";
import { loadEnvironment } from "../../environments/model/load.ts";
import { root } from "../../environments/model/testing.ts";
import { backupNamespace, backupObjects } from "./backup.ts";
import { backupPlan } from "./plan.ts";

const production = loadEnvironment(root, "production");
const cluster = (name: string) => {
  const found = production.clusters.find((c) => c.name === name);
  if (!found) throw new Error(`production has no cluster ${name}`);
  return found;
};
const spec = (object: object): Record<string, unknown> => (object as { spec: Record<string, unknown> }).spec;

test("no store stands at the cluster's own site, and the first of a policy has its name", () => {
  const objects = backupObjects(production, cluster("agrcore"));
  const places = objects.filter(({ kind }) => kind === "BackupStorageLocation").map(({ metadata }) => metadata.name);
  expect(places).toEqual(["jashore-objects"]);
  const schedules = objects.filter(({ kind }) => kind === "Schedule");
  expect(schedules.map(({ metadata }) => metadata.name)).toEqual(["hourly", "daily"]);
  expect(schedules.map((s) => spec(s)["template"])).toMatchObject([
    { ttl: "2160h0m0s", storageLocation: "jashore-objects", snapshotMoveData: true },
    { ttl: "840h0m0s", storageLocation: "jashore-objects" },
  ]);
});

test("where a policy has two stores elsewhere, the second has a schedule of its own", () => {
  const schedules = backupObjects(production, cluster("klkcore")).filter(({ kind }) => kind === "Schedule");
  expect(schedules.map(({ metadata }) => metadata.name)).toEqual([
    "hourly",
    "hourly-agargaon-objects",
    "daily",
    "daily-agargaon-objects",
  ]);
});

test("a schedule takes the namespaces that name it, in every cluster that they are in, and no other", () => {
  const included = (name: string) =>
    backupObjects(production, cluster(name))
      .filter(({ kind, metadata }) => kind === "Schedule" && metadata.name === "hourly")
      .flatMap((s) => (spec(s)["template"] as { includedNamespaces: string[] }).includedNamespaces);
  expect(included("klkcore")).toContain("zone-tax");
  expect(included("agrcore")).toEqual(included("klkcore"));
  expect(included("klkidentity")).toEqual(["bhitti-identity"]);
  expect(included("klkcore")).not.toContain("zone-citizen-portal");
});

test("a cluster in which nothing is kept has neither a namespace for backups nor a schedule", () => {
  expect(backupNamespace(production, cluster("klkmgmt"))).toEqual([]);
  expect(backupObjects(production, cluster("klkmgmt"))).toEqual([]);
});

test("a namespace is backed up as often as the most demanding of its services asks", () => {
  expect(backupPlan(production, [{ backup: "daily" }, { backup: "hourly" }, { backup: "none" }])).toEqual({
    plan: "hourly",
  });
  expect(backupPlan(production, [{ backup: "none" }])).toEqual({
    plan: "none",
    reason: "each of its services says that it keeps nothing",
  });
});
