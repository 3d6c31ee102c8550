import { expect, test } from "vitest";
import type { Environment } from "../environment.ts";
import type { Zone, ZoneService } from "../files/zone.ts";
import { loadEnvironment } from "../load.ts";
import { root } from "../testing.ts";
import { capacityOf } from "./capacity.ts";
import { lossFaults } from "./faults.ts";
import { lossOf } from "./losses.ts";

const pilot = loadEnvironment(root, "pilot");

/** The pilot with some of its zones, or their services, changed. */
const withZones = (
  zones: Readonly<Record<string, Partial<Zone>>>,
  services: Partial<ZoneService> = {},
  from: Environment = pilot,
): Environment => ({
  ...from,
  zones: from.zones.map((zone) => {
    const own = zones[zone.name];
    return own ? { ...zone, ...own, services: zone.services.map((s) => ({ ...s, ...services })) } : zone;
  }),
});

const withWorkers = (environment: Environment, cluster: string, count: number): Environment => ({
  ...environment,
  clusters: environment.clusters.map((c) =>
    c.name === cluster ? { ...c, nodePools: c.nodePools.map((p) => (p.role === "worker" ? { ...p, count } : p)) } : c,
  ),
});

const fateOf = (environment: Environment, site: string, zone: string) =>
  lossOf(environment, site).fates.find(({ holder }) => holder.kind === "zone" && holder.name === zone);

const LARGE = { cpu: "160", memory: "16Gi", storage: "1Gi", pods: 10 };

test("what is restored finds no room, and is down whatever its level; so is who calls it, and the reason is told once", () => {
  const large = { "bill-payment": { quota: LARGE } };
  const services = { failure: "L2", replicas: 3, cpu: "50", rto: "4h" } as const;
  const short = withWorkers(withZones(large, services), "jsrpartner", 2);
  const fate = fateOf(short, "agargaon", "bill-payment");
  expect(fate).toMatchObject({ becomes: "down", below: true, because: { kind: "no-room", cluster: "jsrpartner" } });
  expect(fateOf(short, "agargaon", "citizen-portal")).toMatchObject({
    becomes: "down",
    because: { kind: "api", on: "fee-payments-v1", root: { kind: "no-room" } },
  });
  const told = lossFaults(short, lossOf(short, "agargaon"));
  expect(told.map(({ code }) => code)).toEqual(["BH1201"]);
  expect(fateOf(withWorkers(short, "jsrpartner", 3), "agargaon", "bill-payment")).toMatchObject({
    becomes: "restored",
    within: "4h",
    below: false,
  });
});

test("a standby's room for what is restored serves one site at a time; what is L3 holds its own", () => {
  const homes = { "bill-payment": { cluster: "agrpartner", standby: "jsrcore" } };
  const neededAt = (failure: ZoneService["failure"], lost?: string) =>
    capacityOf(withZones(homes, { failure }), lost).find(({ cluster }) => cluster === "jsrcore")?.needed.cpu;
  const without = capacityOf(pilot).find(({ cluster }) => cluster === "jsrcore")?.needed.cpu ?? 0n;
  expect(neededAt("L2")).toBe(without);
  expect(neededAt("L3")).toBe(without + 8000n);
  const quotaAndSurveys = 8000n + 1000n;
  expect(neededAt("L2", "agargaon")).toBe(without + quotaAndSurveys);
  expect(neededAt("L1", "agargaon")).toBe(without + 1000n);
});

test("zones that call each other in a circle, of which one is down, are all down", () => {
  const [api] = pilot.apis.filter(({ zone }) => zone === "documents");
  const grant = api?.grants.find(({ state }) => state === "in-force");
  if (!api || !grant) throw new Error("the pilot's documents publish nothing");
  const calls = (zone: string, service: string, consumer: string) => ({
    ...api,
    name: `of-${zone}`,
    zone,
    service,
    grants: [{ ...grant, consumer }],
  });
  const circle = {
    ...withZones({ documents: {} }, { failure: "L1" }),
    apis: [
      calls("documents", "certificates", "finance"),
      calls("finance", "budget", "audit"),
      calls("audit", "observations", "finance"),
    ],
  };
  expect(fateOf(circle, "agargaon", "finance")).toMatchObject({ becomes: "down", below: true });
  expect(fateOf(circle, "agargaon", "audit")).toMatchObject({ becomes: "down", below: true });
  expect(fateOf(circle, "agargaon", "documents")).toMatchObject({ becomes: "down", below: false });
  expect(fateOf(circle, "agargaon", "planning")).toMatchObject({ becomes: "standby", below: false });
});

test("a cluster whose management cluster is lost stands, and is named", () => {
  const clusters = pilot.clusters.map((c) => (c.name === "jsrcore" ? { ...c, managedBy: "agrmgmt" } : c));
  expect(lossOf({ ...pilot, clusters }, "agargaon").unmanaged).toEqual(["jsrcore"]);
  expect(lossOf(pilot, "agargaon").unmanaged).toEqual([]);
});
