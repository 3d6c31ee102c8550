import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { type LiveAnswer, liveCluster } from "../../tests/live.ts";
import { bindingFor, loadRules } from "../rules.ts";
import { EXEMPTIONS, type Exemption, withExemptions } from "./exemption.ts";

/**
 * An exemption in a real API server: the exempted object passes, its neighbour is refused, and so is the object itself once the
 * exemption is gone. The policy is the rule's own, under a name of this test; the cluster is shared with other tests.
 */
const live = liveCluster();
const MARK = "exemptions.test";
const PARAMS = "exemptions-params";
const ZONE = "exemptions-zone";
const ANYTHING = "exemptions-anything";
const RULE = "pod-security/no-host-path";
const found = loadRules().find(({ id }) => id === RULE);
if (!found) throw new Error(`no rule ${RULE}`);
const rule = found;
const NAME = `exemptions-${rule.policy.metadata.name}`;

const exemption = (name: string, kind = "DaemonSet"): Exemption => ({
  id: `EX-${name}`,
  rule: RULE,
  subject: { kind, namespace: ZONE, name, maximumObjects: 1 },
  reason: "r",
  legalBasis: "l",
  owner: "a@example.gov",
  approver: "b@example.gov",
  issued: "2026-01-01",
  expires: "2026-12-31",
  compensatingControl: "c",
});

/** What the guardrails stack would deploy, in the namespace of this test. */
function paramsWith(...exemptions: Exemption[]): KubernetesObject {
  const [params] = withExemptions([], exemptions, [{ rule: RULE, configMap: EXEMPTIONS.name }]);
  if (!params) throw new Error("no params");
  return { ...params, metadata: { ...params.metadata, namespace: PARAMS } };
}

const podSpec = {
  containers: [{ name: "c", image: "registry.example.gov/i" }],
  volumes: [{ name: "v", hostPath: { path: "/var/log" } }],
};
const workload = (kind: string, name: string): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace: ZONE },
  spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: podSpec } },
});
const madeBy = (kind: string, name: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    generateName: `${name}-`,
    namespace: ZONE,
    ownerReferences: [
      { apiVersion: "apps/v1", kind, name, uid: "7d444840-9dc0-11d1-b245-5ffdce74fad2", controller: true },
    ],
  },
  spec: podSpec,
});

const CONTROLLER = { user: "system:serviceaccount:kube-system:daemon-set-controller", groups: [ANYTHING] };
const PERSON = { user: "owner@example.gov", groups: [ANYTHING] };

function ask(method: string, path: string, body?: unknown, impersonate?: typeof PERSON): Promise<LiveAnswer> {
  if (!live) throw new Error("no control plane");
  return live.request(method, path, body, impersonate ? { impersonate } : {});
}
const core = "/api/v1/namespaces";
const admission = "/apis/admissionregistration.k8s.io/v1";

function create(object: KubernetesObject, as = PERSON): Promise<LiveAnswer> {
  const path = { Pod: `${core}/${ZONE}/pods`, DaemonSet: `/apis/apps/v1/namespaces/${ZONE}/daemonsets` }[object.kind];
  return ask("POST", `${path ?? `/apis/apps/v1/namespaces/${ZONE}/deployments`}?dryRun=All`, object, as);
}

async function must(answer: Promise<LiveAnswer>): Promise<void> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(String(body["message"]));
}

/** The API server hears of new params a moment later. */
async function until(wanted: "passes" | "refused", object: KubernetesObject, as = PERSON): Promise<void> {
  let told = "";
  for (let i = 0; i < 400; i++) {
    const { status, body } = await create(object, as);
    told = `${status} ${String(body["message"])}`;
    if (wanted === "passes" ? status < 300 : status === 422 && String(body["message"]).includes(NAME)) return;
    await sleep(50);
  }
  throw new Error(`${object.kind} ${object.metadata.name}: never ${wanted}: ${told}`);
}

const refusalOf = async (object: KubernetesObject, as = PERSON) => {
  const { status, body } = await create(object, as);
  return `${status} ${String(body["message"])}`;
};
const REFUSED = new RegExp(`^422 .*ValidatingAdmissionPolicy '${NAME}'`);

describe.skipIf(!live)("exemptions in the API server", () => {
  const namespace = (name: string) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { [MARK]: "true" } },
  });

  beforeAll(async () => {
    await must(
      ask("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
        metadata: { name: ANYTHING },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: ANYTHING }],
      }),
    );
    for (const name of [PARAMS, ZONE]) await must(ask("POST", core, namespace(name)));
    await must(ask("POST", `${core}/${PARAMS}/configmaps`, paramsWith()));
    await must(ask("POST", `${admission}/validatingadmissionpolicies`, { ...rule.policy, metadata: { name: NAME } }));
    const { spec, ...binding } = bindingFor(rule, "deny");
    await must(
      ask("POST", `${admission}/validatingadmissionpolicybindings`, {
        ...binding,
        metadata: { name: NAME },
        spec: {
          ...spec,
          policyName: NAME,
          paramRef: { ...spec.paramRef, namespace: PARAMS },
          matchResources: { namespaceSelector: { matchLabels: { [MARK]: "true" } } },
        },
      }),
    );
    await until("refused", workload("DaemonSet", "logs"));
    // A new namespace takes no pods until it has its service account.
    await until("refused", madeBy("DaemonSet", "logs"), CONTROLLER);
  });

  afterAll(async () => {
    await ask("DELETE", `${admission}/validatingadmissionpolicybindings/${NAME}`);
    await ask("DELETE", `${admission}/validatingadmissionpolicies/${NAME}`);
    for (const name of [PARAMS, ZONE]) await ask("DELETE", `${core}/${name}`);
    await ask("DELETE", `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${ANYTHING}`);
  });

  const set = (...exemptions: Exemption[]) =>
    must(ask("PUT", `${core}/${PARAMS}/configmaps/${EXEMPTIONS.name}`, paramsWith(...exemptions)));

  test("without one, workloads and what controllers make of them are refused", async () => {
    expect(await refusalOf(workload("DaemonSet", "logs"))).toMatch(REFUSED);
    expect(await refusalOf(madeBy("DaemonSet", "logs"), CONTROLLER)).toMatch(REFUSED);
  });

  test("the exempted workload passes, its neighbour is refused", async () => {
    await set(exemption("logs"), exemption("web", "Deployment"));
    await until("passes", workload("DaemonSet", "logs"));
    expect(await refusalOf(workload("DaemonSet", "logs2"))).toMatch(REFUSED);
    expect(await refusalOf(workload("Deployment", "logs"))).toMatch(REFUSED);
    await until("passes", workload("Deployment", "web"));
  });

  test("so does what the control plane makes of it, and nothing that somebody else calls so", async () => {
    await until("passes", madeBy("DaemonSet", "logs"), CONTROLLER);
    await until("passes", madeBy("ReplicaSet", "web-5d9c8b"), CONTROLLER);
    expect(await refusalOf(madeBy("DaemonSet", "logs"))).toMatch(REFUSED);
    expect(await refusalOf(madeBy("DaemonSet", "logs2"), CONTROLLER)).toMatch(REFUSED);
    expect(await refusalOf(madeBy("ReplicaSet", "web2-5d9c8b"), CONTROLLER)).toMatch(REFUSED);
  });

  test("after its removal it is refused again", async () => {
    await set();
    await until("refused", workload("DaemonSet", "logs"));
    expect(await refusalOf(madeBy("DaemonSet", "logs"), CONTROLLER)).toMatch(REFUSED);
    await until("refused", workload("Deployment", "web"));
  });

  test("where the params themselves are gone, nothing passes", async () => {
    await must(ask("DELETE", `${core}/${PARAMS}/configmaps/${EXEMPTIONS.name}`));
    const harmless = {
      ...workload("DaemonSet", "logs"),
      spec: {
        selector: { matchLabels: { a: "b" } },
        template: { metadata: { labels: { a: "b" } }, spec: { containers: podSpec.containers } },
      },
    };
    await until("refused", harmless);
    expect(await refusalOf(harmless)).toMatch(/no params found/);
  });
});
