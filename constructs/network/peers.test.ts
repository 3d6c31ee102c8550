import { expect, test } from "vitest";
import { loadEnvironment } from "../../environments/model/load.ts";
import { root } from "../../environments/model/testing.ts";
import { clustersOf, peersOf, replicasIn, serviceHost } from "./peers.ts";

const production = loadEnvironment(root, "production");
const [home, standby] = ["klkcore", "agrcore"];
const podsOf = (cluster: string) => production.network.clusters.find((c) => c.cluster === cluster)?.pods;

test("a namespace is a peer by name in its own cluster, and by its pods' range from every other", () => {
  const place = { home: { cluster: home, standby }, namespace: "zone-tax", pods: { app: "x" } };
  expect(peersOf(production, home, [place])).toEqual([
    { namespace: "zone-tax", pods: { app: "x" } },
    { cidr: podsOf(standby) },
  ]);
  expect(peersOf(production, "jsrpartner", [place])).toEqual([{ cidr: podsOf(home) }, { cidr: podsOf(standby) }]);
  const alone = { home: { cluster: home }, namespace: "zone-tax" };
  expect(peersOf(production, home, [alone])).toEqual([{ namespace: "zone-tax" }]);
  // Two places in one other cluster are one range.
  expect(peersOf(production, standby, [alone, { home: { cluster: home }, namespace: "zone-audit" }])).toEqual([
    { cidr: podsOf(home) },
  ]);
});

test("away from home what is active runs, what waits has no replica, and what is restored is not there", () => {
  const at = (cluster: string, failure: "L1" | "L2" | "L3" | "L4") =>
    replicasIn(cluster, { cluster: home, standby }, { replicas: 3, failure });
  expect((["L1", "L2", "L3", "L4"] as const).map((level) => at(home, level))).toEqual([3, 3, 3, 3]);
  expect((["L1", "L2", "L3", "L4"] as const).map((level) => at(standby, level))).toEqual([undefined, undefined, 0, 3]);
  expect(at("jsrcore", "L4")).toBeUndefined();
  expect(clustersOf({ cluster: home })).toEqual([home]);
});

test("a service has one name for pods of every cluster", () => {
  expect(serviceHost(production, home, "zone-tax", "returns")).toBe(
    "returns.zone-tax.svc.klkcore.platform.example.gov.bd",
  );
});
