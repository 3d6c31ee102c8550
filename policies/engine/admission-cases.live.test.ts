import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import { type LiveAnswer, liveCluster } from "../../tests/live.ts";
import { type AdmissionCase, CASES, SURROUNDINGS, USER } from "./admission-cases.ts";
import { type Answer, comparable } from "./answer.ts";
import { apiVersionOf, kindsOf } from "./kinds.ts";
import type { AdmissionPolicy, PolicyBinding } from "./policy.ts";
import type { AdmissionRequest } from "./request.ts";

/**
 * Asks a real API server each question of `admission-cases.ts` and compares with what is recorded of kube-apiserver 1.35.4. With
 * `BHITTI_RECORD=1` it writes the answers down instead.
 */
const live = liveCluster();
const RECORDED = new URL("admission-cases.recorded.json", import.meta.url);
const recording = process.env.BHITTI_RECORD === "1";
const kinds = kindsOf(SURROUNDINGS);
const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";

function ask(method: string, path: string, body?: unknown, request?: AdmissionRequest): Promise<LiveAnswer> {
  if (!live) throw new Error("no control plane");
  if (!request) return live.request(method, path, body);
  const { username, ...user } = request.userInfo;
  return live.request(method, path, body, { impersonate: { user: username, ...user } });
}

const collectionPath = (apiVersion: string, plural: string, namespace: string): string => {
  const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === "" ? `${base}/${plural}` : `${base}/namespaces/${namespace}/${plural}`;
};

function collectionOf(object: KubernetesObject): string {
  const info = kinds.of(object.apiVersion, object.kind);
  if (!info) throw new Error(`nobody serves ${describeObject(object)}`);
  return collectionPath(
    object.apiVersion,
    info.plural,
    info.namespaced ? (object.metadata.namespace ?? "default") : "",
  );
}

const pathOf = (object: KubernetesObject): string => `${collectionOf(object)}/${object.metadata.name}`;

async function create(object: KubernetesObject): Promise<void> {
  for (let i = 0; ; i++) {
    const answer = await ask("POST", collectionOf(object), object);
    if (answer.status < 300) return;
    // A new kind is served, and a new namespace gets its service account, a moment after it was made.
    if (i > 300 || answer.status === 409 || answer.status === 422) {
      throw new Error(`${describeObject(object)}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    await sleep(50);
  }
}

/** The request as it goes over the wire. */
function sent(request: AdmissionRequest): readonly [method: string, path: string, body: unknown] {
  const { operation, object, oldObject, subresource, resource, namespace = "", name, dryRun } = request;
  const any = object ?? oldObject;
  if (!any) throw new Error("a request has an object");
  const query = dryRun ? "?dryRun=All" : "";
  if (subresource && resource) {
    const path = `${collectionPath(apiVersionOf(resource), resource.resource, namespace)}/${name}/${subresource}`;
    if (operation !== "CONNECT") return [operation === "UPDATE" ? "PUT" : "POST", `${path}${query}`, object];
    const { container, command, stdout, stderr } = any as unknown as Record<string, string | readonly string[]>;
    const options = new URLSearchParams();
    for (const [key, values] of Object.entries({ container, command, stdout, stderr })) {
      for (const value of [values].flat()) if (value !== undefined) options.append(key, String(value));
    }
    return ["POST", `${path}?${options}`, undefined];
  }
  if (operation === "CREATE") return ["POST", `${collectionOf(any)}${query}`, object];
  return [operation === "UPDATE" ? "PUT" : "DELETE", `${pathOf(any)}${query}`, object];
}

/** What the server said of a case's own policies. */
async function answerTo({ policies, request }: AdmissionCase): Promise<Answer> {
  const asked = await ask(...sent(request), request);
  const names = policies.map(({ metadata }) => metadata.name);
  const mine = (text: string) => names.some((name) => text.includes(`'${name}'`));
  const full = String(asked.body["message"] ?? "");
  const at = full.indexOf("ValidatingAdmissionPolicy '");
  const message = at >= 0 && asked.status >= 400 ? full.slice(at) : undefined;
  if (message !== undefined && !mine(message)) throw new Error(`another case answered: ${full}`);
  // What the server refuses for a reason of its own never reached the policies, but for what it does after them.
  if (message === undefined && asked.status >= 400 && request.operation !== "CONNECT") throw new Error(full);
  const annotations = (await live?.auditAnnotations(asked)) ?? {};
  return {
    allowed: message === undefined,
    ...(message === undefined ? {} : { code: asked.status, reason: String(asked.body["reason"]), message }),
    // Headers are read as Latin-1.
    warnings: asked.warnings.filter(mine).map((text) => Buffer.from(text, "latin1").toString("utf8")),
    auditAnnotations: Object.fromEntries(
      Object.entries(annotations).filter(
        ([key, value]) => names.some((name) => key.startsWith(`${name}/`)) || (key.startsWith("validation.") && value),
      ),
    ),
  };
}

const policies = CASES.flatMap((c) => [...c.policies]);
const bindings = CASES.flatMap((c) => [...c.bindings]);

/** Made after all others: where it denies, the server has taken in the others too. */
const SENTINEL = "admission-cases-sentinel";
const sentinelPolicy: AdmissionPolicy = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: { name: SENTINEL },
  spec: {
    matchConstraints: {
      objectSelector: { matchLabels: { case: SENTINEL } },
      resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
    },
    validations: [{ expression: "false", message: "all is in place" }],
  },
};
const sentinelBinding: PolicyBinding = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicyBinding",
  metadata: { name: SENTINEL },
  spec: { policyName: SENTINEL, validationActions: ["Deny"] },
};

async function enforced(): Promise<void> {
  const probe = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "sentinel", namespace: "default", labels: { case: SENTINEL } },
  };
  for (let i = 0; i < 600; i++) {
    const { status } = await ask("POST", "/api/v1/namespaces/default/configmaps?dryRun=All", probe);
    if (status === 422) return;
    await sleep(100);
  }
  throw new Error("policies are not enforced");
}

/** The server looks for a new kind of params every half minute, and says so until then. */
const notYet = ({ id }: AdmissionCase, { message = "" }: Answer): boolean =>
  id !== "param-kind-of-nobody" && /not yet synced|failed to find resource referenced/.test(message);

/** Params come to the server by a way of their own: what is not yet as recorded is asked again for a few seconds. */
async function settled(made: AdmissionCase, expected: Answer | undefined): Promise<Answer> {
  const same = (answer: Answer) => JSON.stringify(comparable(answer)) === JSON.stringify(comparable(expected));
  for (let i = 0; ; i++) {
    const answer = await answerTo(made);
    if (notYet(made, answer) ? i > 300 : recording || same(answer) || i > 25) return answer;
    await sleep(200);
  }
}

const standing = [
  ...SURROUNDINGS,
  ...CASES.flatMap(({ request }) => (request.oldObject && !request.subresource ? [request.oldObject] : [])),
];

describe.skipIf(!live)("kube-apiserver says what is recorded", () => {
  const answers: Record<string, Answer> = {};
  const recorded = () => JSON.parse(readFileSync(RECORDED, "utf8")) as Recorded;

  beforeAll(async () => {
    await create({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "admission-cases" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: USER.groups[0] }],
    } as KubernetesObject);
    for (const object of standing) await create(object);
    const refused: string[] = [];
    for (const object of [...policies, sentinelPolicy]) {
      await create(object).catch((error: unknown) => refused.push(String(error).slice(0, 500)));
    }
    // One look tells all that the server's type checker has against the cases.
    if (refused.length > 0) throw new Error(refused.join("\n"));
    for (const object of [...bindings, sentinelBinding]) await create(object);
    await enforced();
    for (const made of CASES) answers[made.id] = await settled(made, recorded().answers[made.id]);
    if (recording) {
      const { body } = await ask("GET", "/version");
      const all = { server: `kube-apiserver ${String(body["gitVersion"])}`, answers };
      writeFileSync(RECORDED, `${JSON.stringify(all, null, 2)}\n`);
    }
  });

  afterAll(async () => {
    for (const { metadata } of [...bindings, sentinelBinding]) {
      await ask("DELETE", `${REGISTRATION}/validatingadmissionpolicybindings/${metadata.name}`);
    }
    for (const { metadata } of [...policies, sentinelPolicy]) {
      await ask("DELETE", `${REGISTRATION}/validatingadmissionpolicies/${metadata.name}`);
    }
    for (const object of [...standing].reverse()) await ask("DELETE", `${pathOf(object)}?gracePeriodSeconds=0`);
    await ask("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/admission-cases");
  });

  test("it is the version that the answers were recorded of", async () => {
    const { body } = await ask("GET", "/version");
    expect(`kube-apiserver ${String(body["gitVersion"])}`).toBe(recorded().server);
  });

  test.each(CASES.map((made) => [made.feature, made.id] as const))("%s: %s", (_, id) => {
    expect(comparable(answers[id])).toEqual(comparable(recorded().answers[id]));
  });
});

interface Recorded {
  readonly server: string;
  readonly answers: Readonly<Record<string, Answer>>;
}
