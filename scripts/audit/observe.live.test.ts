import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LABELS } from "../../contracts.ts";
import { allRules } from "../../policies/estate-rules.ts";
import { DRILLS } from "../../policies/evidence/drills.ts";
import { repository } from "../../tests/checkout.ts";
import { liveCluster } from "../../tests/live.ts";
import { judgedOn } from "../commands/prepare.ts";
import { deployEnvironment } from "../deploy/deploy.ts";
import { forgetDeploys, readDeploys, recordDeploy, recorded } from "../deploy/deploy-record.ts";
import {
  connectTo,
  contextOf,
  estateOf,
  type OwnControlPlane,
  object,
  startOwnControlPlane,
} from "../deploy/testing.ts";
import { observe } from "./observe.ts";

const NAMESPACE = "observed";
const commit = { id: "0".repeat(40), date: "2026-11-22T18:00:00Z", changed: [] };
const rules = allRules().filter(({ id }) => ["network/no-node-port", "tenancy/namespace-labels"].includes(id));
const position = { file: "environments/test/environment.yaml", line: 1, column: 1 };
const environment = {
  name: "test",
  guardrails: { stage: "deny" as const, rules: {} },
  exemptions: [],
  positions: () => position,
};

describe.skipIf(!liveCluster())("on a real API server that no other test uses", () => {
  let cluster: OwnControlPlane;
  beforeAll(async () => {
    cluster = await startOwnControlPlane();
  });
  afterAll(() => cluster.stop());

  const service = (type: string) =>
    object("v1", "Service", "portal", {
      namespace: NAMESPACE,
      spec: { type, ports: [{ port: 80, protocol: "TCP", targetPort: 80 }] },
    });
  const labels = { [LABELS.layer]: "soc", [LABELS.dataClass]: "internal" };
  const labelled = object("v1", "Namespace", NAMESPACE, { labels });
  const estate = estateOf(["c-a", [labelled, service("ClusterIP")]]);
  const connect = () => connectTo(cluster.kubeconfig);

  const on = judgedOn(repository, "2026-11-23");

  const look = async () => {
    const { observations } = await observe({ environment, estate, rules }, contextOf(estate, connect), commit, on);
    return Object.fromEntries(observations.map((o) => [o.kind, o]));
  };

  test("before a deploy, what is declared is missing and no deploy is known", async () => {
    const { drift, "last-deploy": deploy, "live-evaluation": rulesNow } = await look();
    expect(drift?.faults).toEqual(["missing: Namespace observed", "missing: Service observed/portal"]);
    expect(deploy?.faults).toEqual([expect.stringContaining("no record in the cluster: c-a")]);
    expect(rulesNow?.counts["objects"]).toBeGreaterThan(0);
  });

  test("after one, everything holds but what others left in the cluster", async () => {
    expect((await deployEnvironment(contextOf(estate, connect))).done).toBe(true);
    const { drift, "last-deploy": deploy, "live-evaluation": rulesNow } = await look();
    expect([drift?.satisfied, drift?.counts]).toEqual([true, { unchanged: 2, changed: 0, missing: 0, extra: 0 }]);
    expect([deploy?.satisfied, deploy?.counts]).toEqual([true, { stacks: 1, complete: 1 }]);
    expect(deploy?.notes).toEqual([expect.stringMatching(/^last deploy: \d{4}-\S+Z, by server-side-apply$/)]);
    expect(rulesNow?.faults.filter((fault) => fault.includes(NAMESPACE))).toEqual([]);
  });

  test("a deploy that failed, and one that never ended, are told", async () => {
    const client = connect();
    const at = "2026-11-23T10:00:00.000Z";
    for (const [result, told] of [
      ["failed", "failed: c-a, at 2026-11-23T10:00:00.000Z"],
      ["running", "began and did not end: c-a, at 2026-11-23T10:00:00.000Z"],
    ] as const) {
      await recordDeploy(client, "c-a", { engine: "terraform", result, at });
      const { "last-deploy": deploy } = await look();
      expect(deploy?.faults).toEqual([told]);
      expect(deploy?.counts).toEqual({ stacks: 1, complete: 0 });
    }
    await recordDeploy(client, "c-a", { engine: "terraform", result: "done", at });
    client.close();
    expect((await look())["last-deploy"]?.satisfied).toBe(true);
  });

  test("what a stack does is recorded while it runs, when it fails and when it is gone, for several at once", async () => {
    const client = connect();
    const now = async () =>
      Object.fromEntries([...(await readDeploys(client))].map(([id, { result }]) => [id, result]));
    const before = await now();
    await forgetDeploys(client);
    await Promise.all(
      ["c-x", "c-y", "c-z"].map((stack) =>
        recorded(client, stack, "terraform", async () => expect((await now())[stack]).toBe("running")),
      ),
    );
    expect(await now()).toEqual({ "c-x": "done", "c-y": "done", "c-z": "done" });
    const failing = () => Promise.reject(new Error("no provider"));
    await expect(recorded(client, "c-x", "terraform", failing)).rejects.toThrow("no provider");
    await recorded(client, "c-y", "terraform", async () => undefined, false);
    expect(await now()).toEqual({ "c-x": "failed", "c-z": "done" });
    await forgetDeploys(client);
    expect(await now()).toEqual({});
    const at = new Date().toISOString();
    for (const stack of Object.keys(before)) {
      await recordDeploy(client, stack, { engine: "server-side-apply", result: "done", at });
    }
    client.close();
  });

  test("drills count where a cluster records them", async () => {
    expect((await look())["drills"]?.faults).toHaveLength(3);
    const client = connect();
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
    for (const kind of Object.keys(DRILLS)) {
      const performed = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+Z/, "Z");
      const said = { performed, result: "passed", leader: "a@example.gov.bd", witness: "b@example.gov.bd" };
      const body = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `drill-${kind}`, labels: { [LABELS.drill]: kind } },
        data: { ...said, protocol: `sha256:${"0".repeat(64)}` },
      };
      expect((await client.request({ method: "POST", path, body })).status).toBe(201);
    }
    client.close();
    const { drills } = await look();
    expect([drills?.faults, drills?.counts]).toEqual([[], { records: 3, kinds: 3, practised: 3 }]);
  });

  test("what somebody changed behind our back is drift, and judged by the rules", async () => {
    const client = connect();
    const path = `/api/v1/namespaces/${NAMESPACE}/services/portal`;
    const body = { spec: { type: "NodePort" } };
    const reply = await client.request({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
    client.close();
    expect(reply.status).toBe(200);
    const { drift, "live-evaluation": rulesNow } = await look();
    expect(drift?.faults).toEqual(["changed: Service observed/portal: spec.type"]);
    expect(rulesNow?.satisfied).toBe(false);
    expect(rulesNow?.faults).toContainEqual(
      expect.stringMatching(/^Service observed\/portal .*network\/no-node-port: spec.type is NodePort/),
    );
  });

  test("a cluster that nobody can reach is not satisfied, and says why", async () => {
    const nowhere = { ...contextOf(estate, connect), root: "/nonexistent" };
    const { connect: _, ...byFile } = nowhere;
    const { observations } = await observe({ environment, estate, rules }, byFile, commit, on);
    expect(observations.map(({ satisfied, faults }) => [satisfied, faults[0]?.slice(0, 6)])).toEqual([
      ...Array.from({ length: 4 }, () => [false, "BH4002"]),
    ]);
  });
});
