import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Environment } from "../environment.ts";
import { loadEnvironment } from "../load.ts";
import { local, localCopies, type Patch, patch, root, spelledOut } from "../testing.ts";
import { capacityFaults } from "./faults.ts";

const { copy: copyOfLocal } = localCopies();

/** The pilot, under the name that tests' copies have. */
function copyOfPilot(...patches: readonly (readonly [file: string, ...Patch[]])[]): string {
  const copy = copyOfLocal();
  rmSync(local(copy, ""), { recursive: true });
  cpSync(join(root, "environments", "pilot"), local(copy, ""), { recursive: true });
  cpSync(join(root, "environments", "catalogue"), join(copy, "environments", "catalogue"), { recursive: true });
  patch(copy, "environment.yaml", [["name: pilot", "name: local"]]);
  for (const [file, ...own] of patches) patch(copy, file, own);
  return copy;
}

const toldAs = (copy: string, environment: Environment) => spelledOut(copy, capacityFaults(environment));
const toldOf = (copy: string): string[] => toldAs(copy, loadEnvironment(copy, "local"));

test.each(["local", "pilot", "production"])("%s has room for all that it promises, with any one site lost", (name) => {
  expect(capacityFaults(loadEnvironment(root, name))).toEqual([]);
});

test("a quota that is larger than its clusters is told at the pool to grow, with the zone to shrink", () => {
  const copy = copyOfPilot(["zones/tax.yaml", ['cpu: "8"', 'cpu: "250"']]);
  expect(toldOf(copy)).toEqual([
    "clusters.yaml(count: ▸4) BH1200 cluster 'agrcore' has no room for the rest of the quota of 'tax': 302 cpu of 240 are promised; grow node pool 'workers' by 2, with 2 more of its type in inventory.yaml, or shrink the quota of zone 'tax' by 78 cpu",
    "clusters.yaml(count: ▸3 #9) BH1200 cluster 'jsrcore' has no room for the rest of the quota of 'tax': 301 cpu of 180 are promised; grow node pool 'workers' by 3, with 3 more of its type in inventory.yaml, or shrink the quota of zone 'tax' by 124 cpu",
  ]);
});

test("each remedy is enough", () => {
  const copy = copyOfPilot(["zones/tax.yaml", ['cpu: "8"', 'cpu: "250"']]);
  const short = loadEnvironment(copy, "local");
  const atCore = (environment: Environment) => toldAs(copy, environment).filter((text) => text.includes("'agrcore'"));
  expect(atCore(short)).toHaveLength(1);
  const grown = short.clusters.map((cluster) => ({
    ...cluster,
    nodePools: cluster.nodePools.map((pool) =>
      cluster.name === "agrcore" && pool.role === "worker" ? { ...pool, count: pool.count + 2 } : pool,
    ),
  }));
  const hosts = short.hosts.flatMap((host) => [host, { ...host, name: `${host.name}-more` }]);
  expect(atCore({ ...short, clusters: grown, hosts })).toEqual([]);
  const shrunk = short.zones.map((zone) =>
    zone.name === "tax" ? { ...zone, quota: { ...zone.quota, cpu: String(250 - 78) } } : zone,
  );
  expect(atCore({ ...short, zones: shrunk })).toEqual([]);
});

test("what is restored where there is no room for it falls below its level", () => {
  const copy = copyOfPilot(
    ["zones/bill-payment.yaml", ["failure: L3", "failure: L2"], ['cpu: "8"', 'cpu: "170"']],
    ["clusters.yaml", [/(?<=context: jsrpartner[\s\S]*?general\n\s+count: )3/, "2"]],
  );
  expect(toldOf(copy)).toEqual([
    "clusters.yaml(count: ▸2) BH1201 with site 'agargaon' lost, cluster 'jsrpartner' has no room for the rest of the quota of 'bill-payment': 170 cpu of 120 are promised; grow node pool 'workers' by 1, or shrink the quota of zone 'bill-payment' by 50 cpu",
  ]);
});

test("replicas that no node can carry are told at the service, though the sums fit", () => {
  const copy = copyOfPilot([
    "zones/bill-payment.yaml",
    ["cpu: 500m", 'cpu: "61"'],
    ['quota: { cpu: "8"', 'quota: { cpu: "122"'],
  ]);
  const place = "zones/bill-payment.yaml(- ▸name: payments)";
  const lack =
    "there is enough of everything, but not in one piece on any of its 3 workers, or not in two fault zones; add a node pool of larger machines, in two fault zones, or move zones to another cluster";
  expect(toldOf(copy)).toEqual(
    ["agrpartner", "jsrpartner"].map(
      (cluster) => `${place} BH1200 cluster '${cluster}' has no room for 'bill-payment/payments' (L3): ${lack}`,
    ),
  );
});

test("who calls what is down is down: told at the level of the consumer", () => {
  const copy = copyOfPilot(["zones/documents.yaml", ["failure: L4", "failure: L1"]]);
  expect(toldOf(copy)).toEqual([
    "zones/citizen-portal.yaml(failure: ▸L4) BH1202 with site 'agargaon' lost, 'citizen-portal/portal' is less than L4 states, since API 'birth-certificates-v1' is down; raise the level of what it depends on, or state a lower one here",
  ]);
});

test("a zone is no better than the identity service, and what answers APIs no better than the gateway", () => {
  const places = (copy: string) => toldOf(copy).map((text) => text.replace(/ BH1202 .* since (.*); raise .*/, ": $1"));
  expect(places(copyOfPilot(["identity.yaml", ["failure: L4", "failure: L3"]]))).toEqual(
    ["citizen-portal", "documents", "finance", "tax"].map(
      (zone) => `zones/${zone}.yaml(failure: ▸L4): identity is gone for 4h`,
    ),
  );
  const gone = (zone: string) => `zones/${zone.replace("(", ".yaml(")}): the gateway is down`;
  const withGateway = places(copyOfPilot(["gateway.yaml", ["failure: L4", "failure: L1"]]));
  // What nobody calls stays; who calls what cannot be called does not.
  expect(withGateway).toEqual([
    ...["audit(failure: ▸L3", "bill-payment(failure: ▸L3"].map(gone),
    "zones/citizen-portal.yaml(failure: ▸L4): API 'birth-certificates-v1' is down",
    ...[
      "documents(failure: ▸L4",
      "finance(failure: ▸L4",
      "planning(failure: ▸L3",
      "statistics(failure: ▸L3",
      "tax(failure: ▸L4",
    ].map(gone),
  ]);
});
