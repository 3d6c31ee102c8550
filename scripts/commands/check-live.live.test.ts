import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BREAK_GLASS_GROUP, LABEL_DOMAIN, LABELS } from "../../contracts.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { formatMessage } from "../../messages/message.ts";
import { liveCluster } from "../../tests/live.ts";
import { type ClusterClient, connectCluster } from "../deploy/cluster-client.ts";
import { deployEnvironment } from "../deploy/deploy.ts";
import { type OwnControlPlane, startOwnControlPlane } from "../deploy/testing.ts";
import { silent } from "../progress.ts";
import { judgeCluster } from "./check-live.ts";
import { repositoryRoot } from "./outcome.ts";
import { type Prepared, prepare } from "./prepare.ts";

const ADMISSION = "/apis/admissionregistration.k8s.io/v1";
const POLICY = "no-node-port.network.bhitti.platform";
const DAY = "2026-11-23";

describe.skipIf(!liveCluster())("the local environment in an API server of its own, judged live", () => {
  let cluster: OwnControlPlane;
  let client: ClusterClient;
  let prepared: Prepared;

  beforeAll(async () => {
    cluster = await startOwnControlPlane();
    prepared = prepare({ root: repositoryRoot(), progress: silent }, "local", DAY);
    const [local] = prepared.environment.clusters;
    if (!local) throw new Error("no cluster");
    const connect = () => connectCluster("/", { ...local, kubeconfig: { path: cluster.kubeconfig, context: "local" } });
    client = connect();
    const run = await deployEnvironment({
      root: mkdtempSync(join(tmpdir(), "bhitti-check-live-")),
      outdir: prepared.outdir,
      environment: prepared.environment,
      estate: prepared.estate,
      forcedEngine: "server-side-apply",
      progress: silent,
      connect,
    });
    expect(run.done).toBe(true);
  });
  afterAll(async () => {
    client.close();
    await cluster.stop();
  });

  const judge = (more: Partial<Prepared> = {}) => judgeCluster(client, { ...prepared, ...more }, DAY);
  const said = async (more: Partial<Prepared> = {}) => (await judge(more)).messages.map(formatMessage);

  async function send(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
  ): Promise<KubernetesObject> {
    const reply = await client.request({ method, path, ...(body === undefined ? {} : { body }) });
    if (reply.status >= 300) throw new Error(JSON.stringify(reply.body));
    return reply.body as KubernetesObject;
  }

  /** Writes what is made of the object as it stands; a controller may write its status in between. */
  async function put(path: string, make: (standing: KubernetesObject) => object): Promise<KubernetesObject> {
    for (;;) {
      const standing = await send("GET", path);
      const reply = await client.request({ method: "PUT", path, body: make(standing) });
      if (reply.status < 300) return standing;
      if (reply.status !== 409) throw new Error(JSON.stringify(reply.body));
    }
  }

  /** Changes an object, judges, and puts it back as it was. */
  async function whileChanged(path: string, change: (object: KubernetesObject) => object): Promise<readonly string[]> {
    const before = await put(path, change);
    const told = await said();
    await put(path, ({ metadata }) => ({ ...before, metadata }));
    return told;
  }

  test("what was deployed is the file, nothing that runs is refused, and each rule says how much it judged", async () => {
    const { messages, differences, findings } = await judge();
    expect(messages.map(formatMessage)).toEqual([]);
    expect(differences).toEqual([]);
    expect(findings.objects).toBeGreaterThan(50);
    const judged = Object.fromEntries(findings.population.map(({ rule, matched }) => [rule, matched]));
    expect(judged["pod-security/no-privileged"]).toBeGreaterThan(3);
    expect(judged["tenancy/namespace-labels"]).toBeGreaterThan(3);
  });

  test("a condition that somebody adds to a policy is told, where it stands", async () => {
    const told = await whileChanged(`${ADMISSION}/validatingadmissionpolicies/${POLICY}`, (policy) => {
      const spec = policy["spec"] as { matchConditions: object[] };
      const never = { name: "never", expression: "false" };
      return { ...policy, spec: { ...spec, matchConditions: [...spec.matchConditions, never] } };
    });
    expect(told).toEqual([expect.stringMatching(`^BH3304 .*${POLICY}.*matchConditions`)]);
  });

  test("a message that somebody rewrites is told", async () => {
    const told = await whileChanged(`${ADMISSION}/validatingadmissionpolicies/${POLICY}`, (policy) => {
      const spec = policy["spec"] as { validations: { message: string }[] };
      return { ...policy, spec: { ...spec, validations: spec.validations.map((v) => ({ ...v, message: "no" })) } };
    });
    expect(told).toEqual([expect.stringMatching("^BH3304 .*validations.*message")]);
  });

  test("a namespace that somebody takes out of a binding is told", async () => {
    const told = await whileChanged(`${ADMISSION}/validatingadmissionpolicybindings/${POLICY}`, (binding) => {
      const spec = binding["spec"] as { matchResources: object };
      const excludeResourceRules = [
        { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["services"] },
      ];
      return { ...binding, spec: { ...spec, matchResources: { ...spec.matchResources, excludeResourceRules } } };
    });
    expect(told).toEqual([expect.stringMatching("^BH3304 .*Binding.*excludeResourceRules")]);
  });

  test("an exemption that somebody writes into the cluster is told", async () => {
    const told = await whileChanged("/api/v1/namespaces/bhitti-guardrails/configmaps/bhitti-exemptions", (object) => ({
      ...object,
      data: { "network.no-node-port.exempted": "Service zone-bill-payment/open" },
    }));
    expect(told).toEqual([expect.stringMatching("^BH3304 .*ConfigMap bhitti-guardrails/bhitti-exemptions.*data")]);
  });

  test("a policy of our name that is in no file, and a binding that is gone, are told", async () => {
    const policy = await send("GET", `${ADMISSION}/validatingadmissionpolicies/${POLICY}`);
    const extra = "no-such-rule.network.bhitti.platform";
    await send("POST", `${ADMISSION}/validatingadmissionpolicies`, { ...policy, metadata: { name: extra } });
    const binding = await send("GET", `${ADMISSION}/validatingadmissionpolicybindings/${POLICY}`);
    await send("DELETE", `${ADMISSION}/validatingadmissionpolicybindings/${POLICY}`);
    expect(await said()).toEqual([
      expect.stringMatching(`^BH3303 .*Binding ${POLICY}`),
      expect.stringMatching(`^BH3306 .*${extra}`),
    ]);
    await send("DELETE", `${ADMISSION}/validatingadmissionpolicies/${extra}`);
    const { resourceVersion: _, uid: __, ...metadata } = binding.metadata;
    await send("POST", `${ADMISSION}/validatingadmissionpolicybindings`, { ...binding, metadata });
    expect(await said()).toEqual([]);
  });

  test("emergency access that ended and still stands is told from the day after on", async () => {
    const path = "/apis/rbac.authorization.k8s.io/v1/namespaces/zone-bill-payment/rolebindings";
    const said = {
      person: "rahima@example.gov.bd",
      approver: "karim@example.gov.bd",
      reason: "the portal answers nobody",
      ticket: "INC-1042",
      issued: `${DAY}T10:00:00Z`,
      expires: `${DAY}T18:00:00Z`,
      "review-by": `${DAY}T20:00:00Z`,
    };
    await send("POST", path, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: {
        name: "inc-1042",
        namespace: "zone-bill-payment",
        labels: { [LABELS.emergency]: "true" },
        annotations: Object.fromEntries(Object.entries(said).map(([key, text]) => [`${LABEL_DOMAIN}/${key}`, text])),
      },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: BREAK_GLASS_GROUP }],
    });
    const on = async (day: string) => (await judgeCluster(client, prepared, day)).messages.map(formatMessage);
    expect(await on(DAY)).toEqual([]);
    expect(await on("2026-11-24")).toEqual([
      expect.stringMatching("^BH3308 RoleBinding zone-bill-payment/inc-1042 .*break-glass/ended .*ended at 2026-11-23"),
    ]);
    await send("DELETE", `${path}/inc-1042`);
  });

  describe("a rule that still stands at audit in the cluster", () => {
    const AUDITED = "no-external-name.network.bhitti.platform";
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "open", namespace: "zone-bill-payment" },
      spec: { type: "ExternalName", externalName: "elsewhere.example.net" },
    };
    const path = `${ADMISSION}/validatingadmissionpolicybindings/${AUDITED}`;

    beforeAll(async () => {
      await put(path, (binding) => ({
        ...binding,
        spec: { ...(binding["spec"] as object), validationActions: ["Audit"] },
      }));
      // The API server hears of it a moment later.
      for (let i = 0; ; i++) {
        const reply = await client.request({
          method: "POST",
          path: "/api/v1/namespaces/zone-bill-payment/services",
          body: service,
        });
        if (reply.status < 300) break;
        if (i > 200) throw new Error(JSON.stringify(reply.body));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    afterAll(async () => {
      await send("DELETE", "/api/v1/namespaces/zone-bill-payment/services/open");
    });

    test("is judged before it is promoted: what runs against it is named, and so is the stage", async () => {
      expect(await said()).toEqual([
        expect.stringMatching(`^BH3305 .*${AUDITED}.* does Audit, and is to do Deny and Audit`),
        expect.stringMatching(
          "^BH3301 .*Service zone-bill-payment/open runs in cluster 'local' and network/no-external-name",
        ),
      ]);
    });

    test("at warn in the environment it is a warning", async () => {
      const { environment } = prepared;
      const guardrails = { ...environment.guardrails, rules: { "network/no-external-name": "warn" as const } };
      const told = await said({ environment: { ...environment, guardrails } });
      expect(told).toContainEqual(expect.stringMatching("^BH3302 .*Service zone-bill-payment/open"));
      expect(told.join()).not.toContain("BH3301");
    });

    test("what is exempted is told as exempted", async () => {
      const exemptions = [
        {
          id: "EX-1",
          rule: "network/no-external-name",
          subject: { kind: "Service", namespace: "zone-bill-payment", name: "open", maximumObjects: 1 },
          reason: "r",
          legalBasis: "l",
          owner: "owner@example.gov.bd",
          approver: "approver@example.gov.bd",
          issued: "2026-11-01",
          expires: "2027-06-30",
          compensatingControl: "c",
        },
      ];
      const told = await said({
        environment: { ...prepared.environment, exemptions, positions: () => ({ file: "x", line: 1, column: 1 }) },
      });
      expect(told).toContainEqual(
        expect.stringMatching("^BH3200 .*exempted from network/no-external-name by 'EX-1' until 2027-06-30"),
      );
      expect(told.join()).not.toContain("BH3301");
    });
  });
});
