import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ENGINE_RECORD, inventoryName, LABELS, MANAGER } from "../../contracts.ts";
import { unequalLeaves } from "../../estate/compare.ts";
import type { Estate } from "../../estate/estate.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { BhittiError, formatMessage, type Message } from "../../messages/message.ts";
import { liveCluster } from "../../tests/live.ts";
import type { ClusterClient } from "./cluster-client.ts";
import {
  type DeployContext,
  deployEnvironment,
  destroyEnvironment,
  type EnvironmentPlan,
  type EnvironmentRun,
  planEnvironment,
} from "./deploy.ts";
import { driftEnvironment } from "./drift.ts";
import { readInventories } from "./inventory.ts";
import { kindLookup, objectPath, referenceOf } from "./objects.ts";
import {
  clusterC,
  configMap,
  connectTo,
  contextOf,
  estateOf,
  namespaceOf,
  type OwnControlPlane,
  object,
  startOwnControlPlane,
} from "./testing.ts";

const NAMESPACE = "deploy-tests";

describe.skipIf(!liveCluster())("on a real API server that no other test uses", () => {
  let cluster: OwnControlPlane;
  let client: ClusterClient;
  const connect = (): ClusterClient => connectTo(cluster.kubeconfig);

  beforeAll(async () => {
    cluster = await startOwnControlPlane();
    client = connect();
    await send("PATCH", "/api/v1/namespaces/deploy-tests", namespaceOf(NAMESPACE));
    await send("PATCH", "/api/v1/namespaces/deploy-tests", {
      ...namespaceOf(NAMESPACE),
      metadata: { name: NAMESPACE },
    });
  });
  afterAll(async () => {
    client.close();
    await cluster.stop();
  });

  let root: string;
  const deployed: DeployContext[] = [];
  /** Each test has its own checkout; what it deployed last is destroyed after it. */
  const contextFor = (estate: Estate, more: Partial<DeployContext> = {}): DeployContext => {
    root = more.root ?? root ?? mkdtempSync(join(tmpdir(), "bhitti-live-"));
    const context = contextOf(estate, connect, { root, ...more });
    deployed.push(context);
    return context;
  };
  afterEach(async () => {
    const last = deployed.at(-1);
    deployed.length = 0;
    const { stacks: _, ...rest } = last ?? contextOf(estateOf(), connect);
    const environment = { ...rest.environment, disposable: true };
    const run = await destroyEnvironment({ ...rest, environment, forcedEngine: "server-side-apply" });
    expect(run.done).toBe(true);
    root = mkdtempSync(join(tmpdir(), "bhitti-live-"));
  });

  async function send(method: "GET" | "PATCH" | "DELETE", path: string, body?: unknown, manager = "somebody") {
    const reply = await client.request({
      method,
      path,
      ...(method === "PATCH" ? { query: { fieldManager: manager, force: "true" } } : {}),
      ...(method === "PATCH" ? { contentType: "application/apply-patch+yaml" } : {}),
      ...(body === undefined ? {} : { body }),
    });
    if (reply.status >= 300 && reply.status !== 404) throw new Error(JSON.stringify(reply.body));
    return reply;
  }

  async function pathOf(o: KubernetesObject): Promise<string> {
    const info = await kindLookup(client)(o.apiVersion, o.kind);
    if (!info) throw new Error(`no kind ${o.kind}`);
    return objectPath(referenceOf(o), info);
  }

  async function live(o: KubernetesObject): Promise<(KubernetesObject & { metadata: { uid?: string } }) | undefined> {
    const reply = await send("GET", await pathOf(o));
    return reply.status === 404 ? undefined : (reply.body as KubernetesObject);
  }

  const inventory = async (stack: string): Promise<Record<string, string> | undefined> =>
    (await live(configMap("kube-system", inventoryName(stack))))?.data as Record<string, string> | undefined;

  const changes = (run: EnvironmentRun | EnvironmentPlan): string[] =>
    run.stacks.flatMap((s) => s.changes.map((c) => [c.action, c.object, ...c.paths].join(" "))).sort();
  const said = (run: { stacks: readonly { messages: readonly Message[] }[] }): string[] =>
    run.stacks.flatMap((s) => s.messages.map((m) => m.code));

  const role = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name });
  const cm = (name: string, data: Record<string, string> = {}) => configMap(NAMESPACE, name, data);

  describe("a deploy", () => {
    test("brings every stated leaf into the cluster, says so, and finds nothing to change the second time", async () => {
      const objects = [
        object("v1", "ServiceAccount", "default", { namespace: NAMESPACE, automountServiceAccountToken: false }),
        object("v1", "Secret", "token", { namespace: NAMESPACE, stringData: { password: "s3cret" }, type: "Opaque" }),
        object("v1", "ResourceQuota", "quota", { namespace: NAMESPACE, spec: { hard: { "limits.cpu": "1500m" } } }),
        object("apps/v1", "Deployment", "web", {
          namespace: NAMESPACE,
          spec: {
            replicas: 0,
            selector: { matchLabels: { app: "web" } },
            template: {
              metadata: { labels: { app: "web" } },
              spec: {
                containers: [
                  {
                    name: "web",
                    image: "registry.test/web@sha256:0",
                    resources: { limits: { cpu: "0.5", memory: "1024Mi" } },
                  },
                ],
              },
            },
          },
        }),
        object("networking.k8s.io/v1", "NetworkPolicy", "deny", {
          namespace: NAMESPACE,
          spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ ports: [{ port: "http" }, { port: 80 }] }] },
        }),
        object("rbac.authorization.k8s.io/v1", "RoleBinding", "view", {
          namespace: NAMESPACE,
          roleRef: role("view"),
          subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "bhitti:zone:a:owners" }],
        }),
        ...Array.from({ length: 74 }, (_, i) => cm(`m${i}`, { number: String(i) })),
      ];
      const context = contextFor(
        estateOf(["c-network", objects.slice(0, 3)], ["c-zone-a", objects.slice(3), ["c-network"]]),
      );

      const planned = await planEnvironment(context);
      expect(planned.total).toMatchObject({ delete: 0, unchanged: 0 });
      expect(await live(objects[3] as KubernetesObject)).toBeUndefined();
      expect(existsSync(join(context.root, ".bhitti"))).toBe(false);

      const first = await deployEnvironment(context);
      expect(first).toMatchObject({ engine: "server-side-apply", done: true, interrupted: false });
      expect(first.messages.map((m) => m.code)).toEqual(["BH4004"]);
      for (const o of objects) {
        const there = await live(o);
        expect(there && unequalLeaves(o, there)).toEqual([]);
      }

      const since = Date.now();
      const second = await deployEnvironment(context);
      expect(Date.now() - since).toBeLessThan(3000);
      expect(second.total).toEqual({ create: 0, update: 0, replace: 0, delete: 0, unchanged: 80 });
      expect(second.messages).toEqual([]);
      expect((await planEnvironment(context)).total).toEqual(second.total);
      expect(await driftEnvironment(context)).toMatchObject({ changed: [], missing: [], extra: [], unchanged: 80 });
    });

    test("changes the one field that changed, and says which", async () => {
      await deployEnvironment(contextFor(estateOf(["c-network", [cm("a", { x: "1", "y.z": "1" }), cm("b")]])));
      const context = contextFor(estateOf(["c-network", [cm("a", { x: "1", "y.z": "2" }), cm("b")]]));
      const expected = [`update ConfigMap ${NAMESPACE}/a data["y.z"]`];
      expect(changes(await planEnvironment(context))).toEqual(expected);
      const run = await deployEnvironment(context);
      expect(changes(run)).toEqual(expected);
      expect(run.total.unchanged).toBe(1);
      expect((await live(cm("a")))?.data).toEqual({ x: "1", "y.z": "2" });
    });

    test("takes a field away that is no longer stated, and leaves what others added", async () => {
      await deployEnvironment(contextFor(estateOf(["c-network", [cm("a", { mine: "1", dropped: "1" })]])));
      await send("PATCH", await pathOf(cm("a")), { ...cm("a", { theirs: "1" }), metadata: { name: "a" } });
      const run = await deployEnvironment(contextFor(estateOf(["c-network", [cm("a", { mine: "1" })]])));
      expect(changes(run)).toEqual([`update ConfigMap ${NAMESPACE}/a data.dropped`]);
      expect((await live(cm("a")))?.data).toEqual({ mine: "1", theirs: "1" });
    });

    test("takes back a field that another manager changed", async () => {
      const context = contextFor(estateOf(["c-network", [cm("a", { x: "stated" })]]));
      await deployEnvironment(context);
      await send("PATCH", await pathOf(cm("a")), { ...cm("a", { x: "theirs" }), metadata: { name: "a" } });
      expect((await driftEnvironment(context)).changed).toEqual([
        {
          object: `ConfigMap ${NAMESPACE}/a`,
          stack: "c-network",
          address: "kubernetes_object.o0",
          leaves: [{ path: "data.x", stated: "stated", live: "theirs" }],
        },
      ]);
      expect(changes(await deployEnvironment(context))).toEqual([`update ConfigMap ${NAMESPACE}/a data.x`]);
      expect((await live(cm("a")))?.data).toEqual({ x: "stated" });
      expect((await deployEnvironment(context)).total.update).toBe(0);
    });

    test("replaces what cannot be changed in place", async () => {
      const binding = (name: string) =>
        object("rbac.authorization.k8s.io/v1", "RoleBinding", "rb", { namespace: NAMESPACE, roleRef: role(name) });
      const fixed = (x: string) => ({ ...cm("fixed", { x }), immutable: true });
      await deployEnvironment(contextFor(estateOf(["c-network", [binding("view"), fixed("1")]])));
      const context = contextFor(estateOf(["c-network", [binding("edit"), fixed("2")]]));
      const expected = [`replace ConfigMap ${NAMESPACE}/fixed data`, `replace RoleBinding ${NAMESPACE}/rb roleRef`];
      expect(changes(await planEnvironment(context))).toEqual(expected);
      expect(changes(await deployEnvironment(context))).toEqual(expected);
      expect((await live(binding("edit")))?.roleRef).toEqual(role("edit"));
      expect((await live(fixed("2")))?.data).toEqual({ x: "2" });
    });

    test("waits for a CRD, its custom resources and a policy's type check, in one stack", async () => {
      const crd = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.deploy.test", {
        spec: {
          group: "deploy.test",
          scope: "Namespaced",
          names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
                },
              },
            },
          ],
        },
      });
      const widget = object("deploy.test/v1", "Widget", "w", { namespace: NAMESPACE, spec: { size: 1 } });
      const policy = object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "typed.deploy.test", {
        spec: {
          matchConstraints: {
            resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
          },
          validations: [{ expression: "object.spec.nonsense == 1" }],
        },
      });
      const context = contextFor(estateOf(["c-network", [widget, crd, policy]]));
      expect(changes(await planEnvironment(context))).toHaveLength(3);
      const run = await deployEnvironment(context);
      expect(run.done).toBe(true);
      expect(said(run)).toEqual(["BH4022"]);
      expect(formatMessage(run.stacks[0]?.messages[0] as Message)).toContain("undefined field 'nonsense'");
      expect((await live(widget))?.spec).toEqual({ size: 1 });

      const without = contextFor(estateOf(["c-network", [policy]]));
      expect(changes(await deployEnvironment(without))).toEqual([
        "delete CustomResourceDefinition widgets.deploy.test",
        `delete Widget ${NAMESPACE}/w`,
      ]);
    });

    test("tells the warnings of the server, and with the line of YAML what it refuses", async () => {
      const position = { file: "environments/test/zones/a.yaml", line: 7, column: 3 };
      const one = (o: KubernetesObject): Estate => {
        const estate = estateOf(["c-network", [o]]);
        return { ...estate, objects: estate.objects.map((e) => ({ ...e, position })) };
      };
      const warned = object("v1", "Service", "s", {
        namespace: NAMESPACE,
        spec: { ports: [{ port: 80 }], externalIPs: ["010.0.0.1"] },
      });
      const strict = contextFor(one({ ...cm("a"), dota: { x: "1" } } as KubernetesObject));
      const planned = await planEnvironment(strict);
      expect(said(planned)).toEqual(["BH4021"]);
      const refused = await deployEnvironment(strict);
      expect(refused.stacks[0]).toMatchObject({ result: "failed" });
      expect(formatMessage(refused.stacks[0]?.messages[0] as Message)).toMatch(
        /^environments\/test\/zones\/a\.yaml:7:3 BH4010 .*ConfigMap deploy-tests\/a of stack 'c-network': .*\.dota: field not declared in schema/,
      );
      const run = await deployEnvironment(contextFor(one(warned)));
      expect(said(run)).toEqual(["BH4020"]);
      expect(formatMessage(run.stacks[0]?.messages[0] as Message)).toContain(
        "spec.externalIPs[0]: non-standard IP address",
      );
    });

    test("a refused object stops its stack and what depends on it, and nothing else; mended, it goes on", async () => {
      const bad = { ...cm("Not_A_Name") };
      const stacks = (o: KubernetesObject) =>
        estateOf(["c-network", [cm("a"), o]], ["c-gateway", [cm("b")], ["c-network"]], ["c-soc", [cm("c")]]);
      const run = await deployEnvironment(contextFor(stacks(bad)));
      expect(run.done).toBe(false);
      expect(run.stacks.map((s) => [s.stack, s.result, s.messages.map((m) => m.code)])).toEqual([
        ["c-network", "failed", ["BH4010"]],
        ["c-gateway", "skipped", ["BH4044"]],
        ["c-soc", "done", []],
      ]);
      expect(await live(cm("b"))).toBeUndefined();
      const mended = await deployEnvironment(contextFor(stacks(cm("good"))));
      expect(mended.done).toBe(true);
      expect(await live(cm("b"))).toBeDefined();
      expect((await inventory("c-network"))?.objects).not.toContain("Not_A_Name");
    });

    test("waits for a namespace that is still going, and makes it anew", async () => {
      const namespace = namespaceOf("deploy-tests-again");
      const context = contextFor(estateOf(["c-network", [namespace, configMap("deploy-tests-again", "inside")]]));
      await deployEnvironment(context);
      const old = await live(namespace);
      await client.request({ method: "DELETE", path: "/api/v1/namespaces/deploy-tests-again" });
      const run = await deployEnvironment(context);
      expect(run.done).toBe(true);
      expect((await live(namespace))?.metadata.uid).not.toBe(old?.metadata.uid);
      expect(await live(configMap("deploy-tests-again", "inside"))).toBeDefined();
    });
  });

  describe("pruning", () => {
    test("removes what left the estate, and the stack that left with all it held", async () => {
      await deployEnvironment(
        contextFor(estateOf(["c-network", [cm("a"), cm("b")]], ["c-zone-x", [cm("x"), cm("y")]])),
      );
      const context = contextFor(estateOf(["c-network", [cm("a")]]));
      const expected = ["b", "x", "y"].map((name) => `delete ConfigMap ${NAMESPACE}/${name}`);
      expect(changes(await planEnvironment(context))).toEqual(expected);
      expect(changes(await deployEnvironment(context))).toEqual(expected);
      expect(await live(cm("b"))).toBeUndefined();
      expect(await live(cm("x"))).toBeUndefined();
      expect(await inventory("c-network")).toEqual({ complete: "true", objects: `v1 ConfigMap ${NAMESPACE} a\n` });
      expect(await inventory("c-zone-x")).toBeUndefined();
      expect((await deployEnvironment(context)).total).toMatchObject({ delete: 0, unchanged: 1 });
    });

    test.each([
      ["forwards", 1],
      ["forwards", 4],
      ["backwards", 1],
      ["backwards", 4],
    ] as const)(
      "never touches an object that moved %s to another stack, at concurrency %s",
      async (direction, concurrency) => {
        const moving = cm("moving");
        const [from, to] = direction === "forwards" ? [0, 1] : [1, 0];
        const stacks = (holder: number) =>
          estateOf(
            ["c-network", [cm("a"), ...(holder === 0 ? [moving] : [])]],
            ["c-gateway", [cm("b"), ...(holder === 1 ? [moving] : [])]],
          );
        await deployEnvironment(contextFor(stacks(from), { concurrency }));
        const uid = (await live(moving))?.metadata.uid;
        const run = await deployEnvironment(contextFor(stacks(to), { concurrency }));
        expect(run.total.delete).toBe(0);
        expect((await live(moving))?.metadata.uid).toBe(uid);
        const ids = ["c-network", "c-gateway"];
        expect((await inventory(ids[to] as string))?.objects).toContain("moving");
        expect((await inventory(ids[from] as string))?.objects).not.toContain("moving");
        // And where it then leaves the estate, it goes, although it lived in two inventories.
        await deployEnvironment(contextFor(stacks(-1), { concurrency }));
        expect(await live(moving)).toBeUndefined();
      },
    );

    test("keeps a moved object in the old inventory until the new stack is deployed", async () => {
      const stacks = (holder: number) =>
        estateOf(["c-network", holder === 0 ? [cm("moving")] : []], ["c-gateway", holder === 1 ? [cm("moving")] : []]);
      await deployEnvironment(contextFor(stacks(0)));
      await deployEnvironment(contextFor(stacks(1), { stacks: ["c-network"] }));
      expect((await inventory("c-network"))?.objects).toContain("moving");
      expect(await live(cm("moving"))).toBeDefined();
      await deployEnvironment(contextFor(stacks(-1)));
      expect(await live(cm("moving"))).toBeUndefined();
    });

    test("leaves what somebody else took over, and says so", async () => {
      await deployEnvironment(contextFor(estateOf(["c-network", [cm("a"), cm("taken")]])));
      const labels = { [LABELS.managedBy]: "Helm" };
      await send("PATCH", await pathOf(cm("taken")), { ...cm("taken"), metadata: { name: "taken", labels } });
      const context = contextFor(estateOf(["c-network", [cm("a")]]));
      expect(said(await planEnvironment(context))).toEqual(["BH4023"]);
      const run = await deployEnvironment(context);
      expect([said(run), run.total.delete]).toEqual([["BH4023"], 0]);
      expect(await live(cm("taken"))).toBeDefined();
      expect(said(await deployEnvironment(context))).toEqual([]);
      await send("DELETE", await pathOf(cm("taken")));
    });

    test("keeps a namespace in which another stack still states objects", async () => {
      const namespace = namespaceOf("deploy-tests-used");
      const inside = configMap("deploy-tests-used", "inside");
      await deployEnvironment(contextFor(estateOf(["c-network", [namespace]], ["c-zone-a", [inside], ["c-network"]])));
      const run = await deployEnvironment(
        contextFor(estateOf(["c-network", []], ["c-zone-a", [inside], ["c-network"]])),
      );
      expect(said(run)).toEqual(["BH4024"]);
      expect(await live(inside)).toBeDefined();
      await send("DELETE", await pathOf(namespace));
    });

    test("takes its fields back from what the cluster makes by itself, and leaves the rest", async () => {
      const account = object("v1", "ServiceAccount", "default", {
        namespace: NAMESPACE,
        automountServiceAccountToken: false,
      });
      await deployEnvironment(contextFor(estateOf(["c-network", [account]])));
      const uid = (await live(account))?.metadata.uid;
      await deployEnvironment(contextFor(estateOf(["c-network", []])));
      const there = await live(account);
      expect(there?.metadata.uid).toBe(uid);
      expect(there?.automountServiceAccountToken).toBeUndefined();
      expect(there?.metadata.labels?.[LABELS.managedBy]).toBeUndefined();
    });

    test("waits for finalisers, names them when they do not end, and goes on with the next deploy", async () => {
      const held = { ...cm("held"), metadata: { ...cm("held").metadata, finalizers: ["deploy.test/hold"] } };
      await deployEnvironment(contextFor(estateOf(["c-network", [held]])));
      const context = contextFor(estateOf(["c-network", []]), { limits: { deleteTimeoutMs: 300 } });
      const run = await deployEnvironment(context);
      expect(run.stacks[0]?.result).toBe("failed");
      expect(formatMessage(run.stacks[0]?.messages[0] as Message)).toMatch(
        /BH4018 .*held.*finalizers deploy\.test\/hold/,
      );
      expect((await inventory("c-network"))?.objects).toContain("held");
      await client.request({
        method: "PATCH",
        path: await pathOf(held),
        contentType: "application/merge-patch+json",
        body: { metadata: { finalizers: null } },
      });
      expect((await deployEnvironment(context)).done).toBe(true);
      expect((await inventory("c-network"))?.objects).toBe("");
    });
  });

  /** Deploys in a process of its own that kills itself, as the power might, when a stack reaches a phase. */
  async function deployAndDie(estate: Estate, phase: string): Promise<void> {
    const here = dirname(fileURLToPath(import.meta.url));
    const script = join(root, "deploy.mts");
    mkdirSync(root, { recursive: true });
    writeFileSync(
      script,
      `import { deployEnvironment } from ${JSON.stringify(join(here, "deploy.ts"))};
    import { connectTo, contextOf } from ${JSON.stringify(join(here, "testing.ts"))};
    const onPhase = (phase) => { if (phase === ${JSON.stringify(phase)}) process.kill(process.pid, "SIGKILL"); };
    const estate = ${JSON.stringify(estate)};
    const connect = () => connectTo(${JSON.stringify(cluster.kubeconfig)});
    await deployEnvironment(contextOf(estate, connect, { root: ${JSON.stringify(root)}, limits: { onPhase } }));`,
    );
    const child = spawn(process.execPath, ["--import", "tsx", script], {
      stdio: "inherit",
      cwd: join(here, "..", ".."),
    });
    const signal = await new Promise((resolve) => child.on("exit", (_, name) => resolve(name)));
    expect(signal).toBe("SIGKILL");
  }

  test.each(["claimed", "applied", "pruned"])("killed once %s, no object is lost", async (phase) => {
    await deployEnvironment(contextFor(estateOf(["c-network", [cm("a"), cm("leaves")]])));
    const during = estateOf(["c-network", [cm("a"), cm("comes")]]);
    await deployAndDie(during, phase);
    expect((await inventory("c-network"))?.complete).toBe("false");

    // Whatever the killed deploy made or left, a deploy of something else removes it.
    const context = contextFor(estateOf(["c-network", [cm("b")]]));
    const run = await deployEnvironment(context);
    expect(run.done).toBe(true);
    for (const name of ["a", "leaves", "comes"]) expect(await live(cm(name))).toBeUndefined();
    expect(await live(cm("b"))).toBeDefined();
    expect(await driftEnvironment(context)).toMatchObject({ changed: [], missing: [], extra: [], unchanged: 1 });
  });

  test("two deploys at once cannot lose an object: the second to write an inventory is told", async () => {
    const other = contextFor(estateOf(["c-network", [cm("a"), cm("theirs")]]));
    const context = contextFor(estateOf(["c-network", [cm("a"), cm("ours")]]), {
      limits: {
        onPhase: async (phase) => {
          if (phase === "claimed") expect((await deployEnvironment(other)).done).toBe(true);
        },
      },
    });
    const run = await deployEnvironment(context);
    expect(said(run)).toEqual(["BH4014"]);
    expect((await inventory("c-network"))?.objects).toContain("theirs");
    // The other deploy, which came last, pruned what this one had claimed; once more, and it is this one's.
    const { limits: _, ...again } = context;
    expect((await deployEnvironment(again)).done).toBe(true);
    expect(await live(cm("ours"))).toBeDefined();
    expect(await live(cm("theirs"))).toBeUndefined();
  });

  test("a second interrupt ends the wait for an object that does not go", async () => {
    const held = { ...cm("held"), metadata: { ...cm("held").metadata, finalizers: ["deploy.test/hold"] } };
    await deployEnvironment(contextFor(estateOf(["c-network", [held]])));
    const context = contextFor(estateOf(["c-network", []]), {
      limits: {
        onPhase: (phase) => {
          if (phase !== "applied") return;
          setTimeout(() => process.emit("SIGTERM"), 200);
          setTimeout(() => process.emit("SIGTERM"), 400);
        },
      },
    });
    const since = Date.now();
    const run = await deployEnvironment(context);
    expect([said(run), run.interrupted]).toEqual([["BH4016"], true]);
    expect(Date.now() - since).toBeLessThan(10_000);
    await client.request({
      method: "PATCH",
      path: await pathOf(held),
      contentType: "application/merge-patch+json",
      body: { metadata: { finalizers: null } },
    });
  });

  describe("drift", () => {
    test("says what it did not compare", async () => {
      const context = contextFor(estateOf(["c-a", [cm("compared", { a: "1" }), cm("half")]]));
      await deployEnvironment(context);
      const { estate } = context;
      const { messages } = await driftEnvironment({
        ...context,
        estate: {
          ...estate,
          objects: estate.objects.map((o, i) => (i === 1 ? { ...o, unknown: ["data.address"] } : o)),
          undecoded: [{ stack: "c-a", address: "helm_release.foreign", reason: "third-party chart" }],
        },
      });
      expect(messages.map(formatMessage)).toEqual([
        "BH4029 helm_release.foreign of stack 'c-a' was not compared with the cluster: third-party chart; compare it by other means, e.g. 'terraform plan' of the stack",
        `BH4047 ConfigMap ${NAMESPACE}/half of stack 'c-a' was compared without data.address; state the values themselves, or compare them with 'terraform plan' of the stack`,
      ]);
    });

    test.each(["data", "stringData"])(
      "never shows what a Secret holds, not even where all of its %s is gone",
      async (key) => {
        const stated = key === "data" ? "aHVzaA==" : "hush";
        const secret = object("v1", "Secret", "hidden", { namespace: NAMESPACE, [key]: { token: stated } });
        const context = contextFor(estateOf(["c-a", [secret]]));
        await deployEnvironment(context);
        await send("DELETE", await pathOf(secret));
        await send("PATCH", await pathOf(secret), object("v1", "Secret", "hidden", { namespace: NAMESPACE }));
        const said = JSON.stringify((await driftEnvironment(context)).changed);
        expect(said).toContain("(secret)");
        expect(said).not.toContain(stated);
      },
    );

    test("an inventory that another deploy wrote meanwhile is not removed", async () => {
      await deployEnvironment(contextFor(estateOf(["c-a", [cm("one")]])));
      const [mine, theirs] = [await readInventories(client), await readInventories(client)];
      await theirs.save("c-a", theirs.of("c-a"), false);
      await expect(mine.remove("c-a")).rejects.toThrow(/BH4014/);
      expect((await readInventories(client)).stacks()).toContain("c-a");
    });

    test("tells what is changed, missing and extra, and hides what is secret", async () => {
      const secret = object("v1", "Secret", "s", { namespace: NAMESPACE, stringData: { password: "stated" } });
      const context = contextFor(
        estateOf(["c-network", [cm("changed", { x: "1" }), cm("missing"), cm("same"), secret]]),
      );
      expect((await driftEnvironment(context)).reason.code).toBe("BH4025");
      await deployEnvironment(context);
      await send("PATCH", await pathOf(cm("changed")), { ...cm("changed", { x: "2" }), metadata: { name: "changed" } });
      const encoded = { password: Buffer.from("live").toString("base64") };
      await send("PATCH", await pathOf(secret), {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "s" },
        data: encoded,
      });
      await send("DELETE", await pathOf(cm("missing")));
      await send("PATCH", await pathOf(cm("extra")), cm("extra"));

      const drift = await driftEnvironment(context);

      expect(drift.reason.code).toBe("BH4035");
      expect(drift.changed.map((c) => [c.object, c.leaves])).toEqual([
        [`ConfigMap ${NAMESPACE}/changed`, [{ path: "data.x", stated: "1", live: "2" }]],
        [`Secret ${NAMESPACE}/s`, [{ path: "data.password", stated: "(secret)", live: "(secret)" }]],
      ]);
      expect(drift.missing.map((m) => m.object)).toEqual([`ConfigMap ${NAMESPACE}/missing`]);
      expect(drift.extra).toEqual([{ object: `ConfigMap ${NAMESPACE}/extra` }]);
      expect(drift.unchanged).toBe(1);
      expect(drift.messages).toEqual([]);
      expect(await live(cm("missing"))).toBeUndefined();
      await deployEnvironment(context);
      expect(await driftEnvironment(context)).toMatchObject({ changed: [], missing: [], unchanged: 4 });
      await send("DELETE", await pathOf(cm("extra")));
    });

    test("does not take for extra what controllers make with our labels", async () => {
      const service = object("v1", "Service", "web", {
        namespace: NAMESPACE,
        spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
      });
      const context = contextFor(estateOf(["c-network", [service]]));
      await deployEnvironment(context);
      const slices = async () => {
        const path = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`;
        return ((await send("GET", path)).body as { items: unknown[] }).items.length;
      };
      await expect.poll(slices, { timeout: 20_000 }).toBe(1);
      expect((await driftEnvironment(context)).extra).toEqual([]);
    });
  });

  test("policies find their params after the whole environment was destroyed and deployed again", async () => {
    const params = cm("params", { forbidden: "yes" });
    const metadata = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } } };
    const policy = object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "params.deploy.test", {
      spec: {
        paramKind: { apiVersion: "v1", kind: "ConfigMap" },
        matchConstraints: {
          ...metadata,
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["secrets"] }],
        },
        validations: [{ expression: "object.metadata.name != params.data.forbidden", message: "forbidden by params" }],
      },
    });
    const binding = object(
      "admissionregistration.k8s.io/v1",
      "ValidatingAdmissionPolicyBinding",
      "params.deploy.test",
      {
        spec: {
          policyName: "params.deploy.test",
          paramRef: { name: "params", namespace: NAMESPACE, parameterNotFoundAction: "Deny" },
          validationActions: ["Deny"],
        },
      },
    );
    const context = contextFor(estateOf(["c-network", [params, policy, binding]]));
    const tryCreate = async (name: string) => {
      const path = `/api/v1/namespaces/${NAMESPACE}/secrets`;
      const body = { apiVersion: "v1", kind: "Secret", metadata: { name } };
      return client.request({ method: "POST", path, query: { dryRun: "All" }, body });
    };
    for (let round = 0; round < 2; round++) {
      expect((await deployEnvironment(context)).done).toBe(true);
      await expect.poll(async () => (await tryCreate("yes")).status, { timeout: 10_000 }).toBe(422);
      expect(JSON.stringify((await tryCreate("yes")).body)).toContain("forbidden by params");
      expect((await tryCreate("no")).status).toBe(201);
      expect((await driftEnvironment(context)).extra).toEqual([]);
      expect((await destroyEnvironment(context)).done).toBe(true);
      // Longer than the second after which kube-apiserver would stop watching a kind that no binding names.
      await sleep(2500);
    }
    expect((await client.request({ method: "GET", path: "/readyz" })).body).toBe("ok");
  });

  describe("a cluster", () => {
    const estate = () => estateOf(["c-network", [cm("a")]]);
    const codes = async (act: Promise<unknown>): Promise<string[]> => {
      const error = await act.then(
        () => undefined,
        (e: unknown) => e,
      );
      if (!(error instanceof BhittiError)) throw new Error(`not refused: ${error}`);
      return error.messages.map((m) => m.code);
    };

    test("remembers engine and environment, and refuses another of either", async () => {
      const context = contextFor(estate());
      await deployEnvironment(context);
      expect((await live(configMap("kube-system", ENGINE_RECORD)))?.data).toEqual({
        engine: "server-side-apply",
        environment: "test",
      });
      const { forcedEngine: _, ...free } = context;
      expect(await deployEnvironment(free)).toMatchObject({ engine: "server-side-apply", reason: { code: "BH4035" } });
      expect(await codes(deployEnvironment({ ...context, forcedEngine: "terraform" }))).toEqual(["BH4008"]);
      const other = { ...context.environment, name: "pilot" };
      expect(await codes(deployEnvironment({ ...context, environment: other }))).toEqual(["BH4007"]);
      expect(await codes(planEnvironment({ ...context, environment: other }))).toEqual(["BH4007"]);
      expect(await codes(driftEnvironment({ ...context, environment: other }))).toEqual(["BH4007"]);
    });

    test("that is not the adopted one is refused, and where disposable and nobody's adopted anew without its old state", async () => {
      const context = contextFor(estate());
      const folder = join(context.root, ".bhitti", "state", "test");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "cluster-c.json"), '{"uid":"an-earlier-one"}');
      writeFileSync(join(folder, "c-network.tfstate"), '{"resources":[{}]}');
      writeFileSync(join(folder, "d-network.tfstate"), "{}");
      const kept = { ...context.environment, disposable: false };
      const { forcedEngine: _, ...free } = context;
      expect(await codes(deployEnvironment({ ...free, environment: kept }))).toEqual(["BH4005"]);

      const run = await deployEnvironment(context);

      expect(run.messages.map((m) => m.code)).toEqual(["BH4006"]);
      expect(formatMessage(run.messages[0] as Message)).toContain("1 state of the earlier one set aside");
      expect(existsSync(join(folder, "c-network.tfstate"))).toBe(false);
      expect(existsSync(join(folder, "earlier", "an-earlier-one", "c-network.tfstate"))).toBe(true);
      expect(existsSync(join(folder, "d-network.tfstate"))).toBe(true);

      writeFileSync(join(folder, "cluster-c.json"), '{"uid":"yet-another"}');
      expect(await codes(deployEnvironment(context))).toEqual(["BH4005"]);
      expect(await codes(planEnvironment(context))).toEqual(["BH4005"]);
      writeFileSync(join(folder, "cluster-c.json"), "{");
      expect(await codes(deployEnvironment(context))).toEqual(["BH4009"]);
      const { uid } = (await live(namespaceOf("kube-system")))?.metadata ?? {};
      writeFileSync(join(folder, "cluster-c.json"), JSON.stringify({ uid }));
    });

    test("met without a record is not taken for the one that a state describes, unless its objects are there", async () => {
      const context = contextFor(estate());
      const folder = join(context.root, ".bhitti", "state", "test");
      const state = (uid: string | undefined) => {
        const attributes = { metadata: [{ uid, name: NAMESPACE }] };
        const resources = [{ type: "kubernetes_namespace_v1", instances: [{ attributes }] }];
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, "c-network.tfstate"), JSON.stringify({ resources }));
      };
      state("of-another-cluster");
      const { forcedEngine: _, ...free } = context;
      const kept = { ...free, environment: { ...free.environment, disposable: false } };
      expect(await codes(planEnvironment(kept))).toEqual(["BH4027"]);
      expect((await planEnvironment(context)).clusters).toMatchObject([{ identity: "rebuilt" }]);
      state((await live(namespaceOf(NAMESPACE)))?.metadata.uid);
      expect((await planEnvironment(context)).clusters).toMatchObject([{ identity: "new" }]);
    });

    test("has its records removed with the last object, and is adopted anew after", async () => {
      const context = contextFor(estate());
      await deployEnvironment(context);
      const record = join(context.root, ".bhitti", "state", "test", "cluster-c.json");
      expect(JSON.parse(readFileSync(record, "utf8"))).toEqual({
        uid: (await live(namespaceOf("kube-system")))?.metadata.uid,
      });
      const run = await destroyEnvironment(context);
      expect(changes(run)).toEqual([`delete ConfigMap ${NAMESPACE}/a`]);
      expect(await live(cm("a"))).toBeUndefined();
      expect(await live(configMap("kube-system", ENGINE_RECORD))).toBeUndefined();
      expect(await inventory("c-network")).toBeUndefined();
      expect(existsSync(record)).toBe(false);
      expect((await deployEnvironment(context)).messages.map((m) => m.code)).toEqual(["BH4004"]);
    });

    test("of an environment that is kept is not destroyed", async () => {
      const context = contextFor(estate());
      const kept = { ...context, environment: { ...context.environment, disposable: false } };
      expect(await codes(destroyEnvironment(kept))).toEqual(["BH4042"]);
    });
  });

  describe("a selection", () => {
    const estate = () =>
      estateOf(["c-network", [cm("a")]], ["c-gateway", [cm("b")], ["c-network"]], ["c-soc", [cm("c")]]);
    const refused = async (act: Promise<unknown>) => expect(act).rejects;

    test("deploys what is named, once what it needs is there, and prunes no other stack", async () => {
      await (await refused(deployEnvironment(contextFor(estate(), { stacks: ["c-gateway"] })))).toThrow(
        /BH4041.*'c-network'/,
      );
      await (await refused(planEnvironment(contextFor(estate(), { stacks: ["c-gatway"] })))).toThrow(
        /BH4040.*c-gateway/,
      );
      expect(changes(await deployEnvironment(contextFor(estate(), { stacks: ["c-network"] })))).toEqual([
        `create ConfigMap ${NAMESPACE}/a`,
      ]);
      const run = await deployEnvironment(contextFor(estate(), { stacks: ["c-gateway"] }));
      expect(changes(run)).toEqual([`create ConfigMap ${NAMESPACE}/b`]);
      const smaller = estateOf(["c-network", [cm("a")]]);
      expect((await deployEnvironment(contextFor(smaller, { stacks: ["c-network"] }))).total.delete).toBe(0);
      expect(await live(cm("b"))).toBeDefined();
    });

    test("is destroyed only with what relies on it", async () => {
      await deployEnvironment(contextFor(estate()));
      await (await refused(destroyEnvironment(contextFor(estate(), { stacks: ["c-network"] })))).toThrow(
        /BH4046.*'c-gateway'/,
      );
      const run = await destroyEnvironment(contextFor(estate(), { stacks: ["c-network", "c-gateway"] }));
      expect(run.total.delete).toBe(2);
      expect(await live(cm("c"))).toBeDefined();
      expect(await live(configMap("kube-system", ENGINE_RECORD))).toBeDefined();
    });
  });

  test("what only Terraform can deploy is refused before anything is touched", async () => {
    const estate = estateOf(["c-network", [cm("a", { x: "${kubernetes_namespace_v1.x.id}" }), cm("b"), cm("b")]]);
    const context = contextFor({
      ...estate,
      objects: estate.objects.map((o, i) => (i === 0 ? { ...o, unknown: ["data.x"] } : o)),
      undecoded: [{ stack: "c-network", address: "helm_release.foreign", reason: "third-party chart" }],
    });
    const error = await deployEnvironment(context).catch((e: unknown) => e);
    expect(error instanceof BhittiError && error.messages.map((m) => m.code)).toEqual(["BH4012", "BH4011", "BH4015"]);
    expect(String(error)).toContain(
      `ConfigMap ${NAMESPACE}/a of stack 'c-network' holds a Terraform reference at data.x`,
    );
    expect(await live(configMap("kube-system", ENGINE_RECORD))).toBeUndefined();
    deployed.length = 0;
  });

  test("objects are ours by field manager, whatever user applied them", async () => {
    await deployEnvironment(contextFor(estateOf(["c-network", [cm("a")]])));
    const fields = (await live(cm("a")))?.metadata.managedFields as { manager: string; operation: string }[];
    expect(fields.map((f) => `${f.manager} ${f.operation}`)).toEqual([`${MANAGER} Apply`]);
  });

  test("the same name in two clusters is two objects: deployed, pruned and seen as extra in each by itself", async () => {
    const second = await startOwnControlPlane();
    const other = connectTo(second.kubeconfig);
    try {
      const environment = { name: "test", disposable: true, clusters: [clusterC, { ...clusterC, name: "d" }] };
      const own = mkdtempSync(join(tmpdir(), "bhitti-live-"));
      const context = (estate: Estate): DeployContext => ({
        ...contextOf(estate, connect, { root: own, environment }),
        connect: ({ name }) => connectTo(name === "d" ? second.kubeconfig : cluster.kubeconfig),
      });
      const x = namespaceOf("in-both-clusters");
      const inSecond = async () => (await other.request({ method: "GET", path: await pathOf(x) })).status;
      const both = await deployEnvironment(context(estateOf(["c-network", [x]], ["d-network", [x]])));
      expect(changes(both)).toEqual(["create Namespace in-both-clusters", "create Namespace in-both-clusters"]);
      expect(await inSecond()).toBe(200);
      const one = context(estateOf(["c-network", [x]], ["d-network", []]));
      expect((await driftEnvironment(one)).extra).toEqual([
        { object: "Namespace in-both-clusters", stack: "d-network" },
      ]);
      expect(changes(await planEnvironment(one))).toEqual(["delete Namespace in-both-clusters"]);
      expect(changes(await deployEnvironment(one))).toEqual(["delete Namespace in-both-clusters"]);
      expect(await inSecond()).toBe(404);
      expect(await live(x)).toBeDefined();
      expect((await destroyEnvironment(one)).done).toBe(true);
    } finally {
      other.close();
      await second.stop();
    }
  });
});
