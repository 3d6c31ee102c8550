import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kindInfo } from "../kubernetes/kinds.ts";
import { describeObject, groupOf, type KubernetesObject, objectKey } from "../kubernetes/object.ts";
import { type LiveAnswer, liveCluster } from "../tests/live.ts";
import { type Judge, judgeOf } from "./engine/admission.ts";
import { answerOf } from "./engine/answer.ts";
import type { AdmissionPolicy, PolicyBinding } from "./engine/policy.ts";
import type { AdmissionRequest } from "./engine/request.ts";
import { defaultSurroundings, type Fixture, fixturesOf } from "./fixtures.ts";
import { bindingFor, loadRules, type Rule } from "./rules.ts";

/**
 * Every example of every rule, judged here and by the real API server: the same policies fail it, with the same messages.
 *
 * Policies are bound with `Warn`: the server then names each one that fails in a warning, where `Deny` stops at the first. The
 * cluster is shared with other live tests, so that policies have names of their own here and look only at namespaces with a
 * label of this test.
 */
const live = liveCluster();
const MARK = "parity.test";
const PARAMS = "parity-params";
/** Everybody who asks may do everything: what is refused is refused by a rule. */
const ANYTHING = "parity-anything";

const rules = loadRules();
const examples = rules.map((rule) => [rule.id, fixturesOf(rule), rule] as const);
const surroundings = [
  ...defaultSurroundings(),
  ...examples.flatMap(([, fixtures]) => fixtures.flatMap((f) => f.surroundings)),
];

const nameOf = (rule: Rule): string => `parity-${rule.policy.metadata.name}`;
const ruleNamed = new Map(rules.map((rule) => [nameOf(rule), rule.id]));

function policyOf(rule: Rule): AdmissionPolicy {
  return { ...rule.policy, metadata: { name: nameOf(rule) } };
}

function bindingOf(rule: Rule): PolicyBinding {
  const { spec } = bindingFor(rule, "warn");
  const { namespaceSelector } = spec.matchResources ?? {};
  const [excluded] = namespaceSelector?.matchExpressions ?? [];
  if (!excluded) throw new Error("a binding leaves the namespaces of Kubernetes out");
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: nameOf(rule) },
    spec: {
      ...spec,
      policyName: nameOf(rule),
      validationActions: ["Warn"],
      ...(spec.paramRef?.namespace ? { paramRef: { ...spec.paramRef, namespace: PARAMS } } : {}),
      matchResources: {
        namespaceSelector: { matchExpressions: [excluded, { key: MARK, operator: "Exists" }] },
      },
    },
  };
}

/** Namespaces get this test's label, and the params that lie in the platform's namespace move to one of this test's. */
function placed(object: KubernetesObject): KubernetesObject {
  const { metadata } = object;
  const namespace = metadata.namespace === "bhitti-guardrails" ? { namespace: PARAMS } : {};
  const name = object.kind === "Namespace" && metadata.name === "bhitti-guardrails" ? { name: PARAMS } : {};
  const labels = object.kind === "Namespace" ? { labels: { ...metadata.labels, [MARK]: "true" } } : {};
  return { ...object, metadata: { ...metadata, ...namespace, ...name, ...labels } };
}

const standing = surroundings.map(placed);

/** A request about a namespace carries the label too, since it is matched by its own labels. */
const placedRequest = ({ object, oldObject, ...rest }: AdmissionRequest): AdmissionRequest => ({
  ...rest,
  ...(object ? { object: object.kind === "Namespace" ? placed(object) : object } : {}),
  ...(oldObject ? { oldObject: oldObject.kind === "Namespace" ? placed(oldObject) : oldObject } : {}),
});

const judge: Judge = judgeOf(rules.map(policyOf), rules.map(bindingOf), {
  namespaces: standing.filter(({ kind }) => kind === "Namespace"),
  params: standing.filter(({ kind }) => kind === "ConfigMap"),
});

/** What each rule has against a request, by rule id. */
function here(request: AdmissionRequest): Record<string, readonly string[]> {
  const failed = judge(request).filter(({ messages }) => messages.length > 0);
  return Object.fromEntries(failed.map(({ policy, messages }) => [ruleNamed.get(policy) ?? policy, messages]));
}

/** What policies write into the audit log of a request, by its key there. */
const annotatedHere = (request: AdmissionRequest): Readonly<Record<string, string>> =>
  ownAnnotations(answerOf(judge(request)).auditAnnotations);

/** Keys of failed validations, which the server has too, are the API server's own. */
const ownAnnotations = (annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => ruleNamed.has(key.split("/")[0] ?? "")));

/** The same from the server's answer: warnings, or the refusal of a policy that lacks its params. */
function there({ status, body, warnings }: LiveAnswer): Record<string, readonly string[]> {
  const found: Record<string, string[]> = {};
  const add = (policy: string, text: string) => {
    const rule = ruleNamed.get(policy);
    if (rule) found[rule] = [...(found[rule] ?? []), text];
  };
  for (const warning of warnings) {
    const match = /^Validation failed for ValidatingAdmissionPolicy '([^']+)' with binding '[^']+': (.*)$/s.exec(
      warning,
    );
    if (match) add(match[1] ?? "", match[2] ?? "");
  }
  const refusal = /ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: (.*)$/s.exec(
    status >= 400 ? String(body["message"]) : "",
  );
  if (refusal) add(refusal[1] ?? "", refusal[2] ?? "");
  return found;
}

const collectionPath = (apiVersion: string, kind: string, namespace?: string): string => {
  const info = kindInfo(apiVersion, kind);
  if (!info) throw new Error(`the API server has no ${kind} of ${apiVersion}`);
  const base = groupOf(apiVersion) === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  return info.namespaced ? `${base}/namespaces/${namespace ?? "default"}/${info.plural}` : `${base}/${info.plural}`;
};
const collectionOf = ({ apiVersion, kind, metadata }: KubernetesObject) =>
  collectionPath(apiVersion, kind, metadata.namespace);
const pathOf = (object: KubernetesObject) => `${collectionOf(object)}/${object.metadata.name}`;
const DRY_RUN = "?dryRun=All&fieldValidation=Strict";

function ask(method: string, path: string, body?: unknown): Promise<LiveAnswer> {
  if (!live) throw new Error("no control plane");
  return live.request(method, path, body);
}

const create = async (object: KubernetesObject): Promise<void> =>
  expectMade(object, await ask("POST", collectionOf(object), object));

function expectMade(object: KubernetesObject, { status, body }: LiveAnswer): void {
  if (status >= 300) throw new Error(`${describeObject(object)}: ${String(body["message"])}`);
}

async function remove(object: KubernetesObject): Promise<void> {
  await ask("DELETE", `${pathOf(object)}?gracePeriodSeconds=0&propagationPolicy=Background`);
}

/** Sends a request as a dry run, as its user, over the old object if it has one. */
async function dryRun(request: AdmissionRequest): Promise<LiveAnswer> {
  if (!live) throw new Error("no control plane");
  const { operation, object, oldObject, subresource, userInfo } = request;
  const impersonate = { user: userInfo.username, groups: [...(userInfo.groups ?? []), ANYTHING] };
  if (operation === "CREATE")
    return live.request("POST", `${collectionOf(object ?? none())}${DRY_RUN}`, object, { impersonate });
  const path = `${pathOf(oldObject ?? none())}${subresource ? `/${subresource}` : ""}${DRY_RUN}`;
  const body = object?.kind === "Pod" && !subresource ? await withStandingSpec(object, oldObject ?? none()) : object;
  return live.request(operation === "DELETE" ? "DELETE" : "PUT", path, body, { impersonate });
}

/** The server fills much of a pod in and lets next to nothing of it be changed: a spec that stays is sent as it stands. */
async function withStandingSpec(object: KubernetesObject, oldObject: KubernetesObject): Promise<KubernetesObject> {
  if (JSON.stringify(object["spec"]) !== JSON.stringify(oldObject["spec"])) return object;
  const { body } = await ask("GET", pathOf(oldObject));
  return { ...object, spec: body["spec"] };
}

function none(): never {
  throw new Error("the example lacks an object");
}

/** With the old object as it stands, defaulted like the new one. */
async function withStandingOld({ oldObject, ...request }: AdmissionRequest): Promise<AdmissionRequest> {
  if (!oldObject) return request;
  const { body } = await ask("GET", pathOf(oldObject));
  return { ...request, oldObject: body as unknown as KubernetesObject };
}

/** The server ends a generated name in five letters of chance, which the engine writes as `*`. */
function withoutChance(found: Record<string, readonly string[]>, { object }: AdmissionRequest) {
  const { generateName } = object?.metadata ?? {};
  if (!generateName) return found;
  const plain = (text: string) => text.replace(new RegExp(`${generateName}[a-z0-9]{5}`), `${generateName}*`);
  return Object.fromEntries(Object.entries(found).map(([rule, texts]) => [rule, texts.map(plain)]));
}

/** Old objects as they stand, by key. They stay: the next example that needs another replaces it. */
const standingOld = new Map<string, KubernetesObject>();

async function ensureOld(object: KubernetesObject): Promise<void> {
  const key = objectKey(object);
  if (standing.some((s) => objectKey(s) === key) || object.metadata.name === "default") return;
  if (JSON.stringify(standingOld.get(key)) === JSON.stringify(object)) return;
  standingOld.set(key, object);
  const made = await ask("POST", collectionOf(object), object);
  if (made.status !== 409) return expectMade(object, made);
  // A namespace takes seconds to go, so what can be replaced is; controllers make some objects before we do.
  if ((await ask("PUT", pathOf(object), object)).status < 300) return;
  await gone(object);
  await create(object);
}

/** What the server says of the examples that create something, asked before any old object stands: none is in their way. */
const creations = new Map<Fixture, LiveAnswer>();
const AT_A_TIME = 8;

async function askCreations(): Promise<void> {
  const left = examples.flatMap(([, fixtures]) => fixtures.filter(({ request }) => request.operation === "CREATE"));
  const worker = async () => {
    for (let next = left.pop(); next; next = left.pop()) creations.set(next, await dryRun(placedRequest(next.request)));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

async function gone(object: KubernetesObject): Promise<void> {
  await remove(object);
  for (let i = 0; i < 1200; i++) {
    if ((await ask("GET", pathOf(object))).status === 404) return;
    await sleep(25);
  }
  throw new Error(`${describeObject(object)} stays`);
}

describe.skipIf(!live)("the API server says what the engine says", () => {
  beforeAll(async () => {
    await create({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: ANYTHING },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: ANYTHING }],
    });
    for (const object of standing) await create(object);
    for (const rule of rules) await create(policyOf(rule));
    for (const rule of rules) await create(bindingOf(rule));
    await enforced();
    await askCreations();
  }, 600_000);

  afterAll(async () => {
    for (const rule of rules) await remove(bindingOf(rule));
    for (const rule of rules) await remove(policyOf(rule));
    for (const object of standingOld.values()) await remove(object);
    for (const object of standing.filter(({ kind }) => kind === "Namespace")) await remove(object);
    await ask("DELETE", `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${ANYTHING}`);
  });

  test("the server's type checker has nothing against any policy", async () => {
    for (const rule of rules) {
      const status = await checked(rule);
      expect.soft(status.typeChecking?.expressionWarnings, rule.id).toBeUndefined();
    }
  });

  test("deleting a whole collection is judged object by object", async () => {
    const impersonate = { user: "owner@example.gov", groups: ["bhitti:zone:example:owners", ANYTHING] };
    const path = "/api/v1/namespaces/zone-quiet/configmaps";
    const found = there((await live?.request("DELETE", `${path}?dryRun=All`, undefined, { impersonate })) ?? none());
    expect(found["tenancy/platform-objects-protected"]).toEqual([
      expect.stringContaining("ConfigMap 'bhitti-zone-flows' belongs to the platform"),
    ]);
  });

  describe.each(examples)("%s", (_, fixtures, rule) => {
    test.each(fixtures.map((fixture) => [fixture.file, fixture] as const))("%s", async (__, fixture: Fixture) => {
      const asked = placedRequest(fixture.request);
      if (asked.oldObject) await ensureOld(asked.oldObject);
      const answer = creations.get(fixture) ?? (await dryRun(asked));
      const reason = String(answer.body["message"] ?? "");
      // What the server refuses for a reason of its own never reached the policies, and would prove nothing.
      expect(answer.status < 300 || reason.includes("ValidatingAdmissionPolicy 'parity-"), reason).toBe(true);
      expect(withoutChance(there(answer), asked), reason).toEqual(here(asked));
      // Reading the log for every example would take minutes.
      if (rule.policy.spec.auditAnnotations) {
        const written = ownAnnotations((await live?.auditAnnotations(answer)) ?? {});
        const { generateName } = asked.object?.metadata ?? {};
        const plain = Object.entries(written).map(([key, text]) => [
          key,
          generateName ? text.replace(new RegExp(`${generateName}[a-z0-9]{5}`), `${generateName}*`) : text,
        ]);
        expect(Object.fromEntries(plain)).toEqual(annotatedHere(asked));
      }
      if (answer.status < 300 && asked.object && !asked.subresource) {
        // Defaulted, as the server would store it: a rule that decides otherwise here rests on what is not written.
        const defaulted = { ...asked, object: answer.body as unknown as KubernetesObject };
        expect(Object.keys(here(await withStandingOld(defaulted)))).toEqual(Object.keys(here(asked)));
      }
    });
  });
});

interface PolicyStatus {
  readonly observedGeneration?: number;
  readonly typeChecking?: { readonly expressionWarnings?: unknown };
}

/** The controller manager checks types a moment after a policy was made. */
async function checked(rule: Rule): Promise<PolicyStatus> {
  for (let i = 0; i < 600; i++) {
    const { body } = await ask("GET", pathOf(policyOf(rule)));
    const status = (body["status"] ?? {}) as PolicyStatus;
    if (status.observedGeneration !== undefined) return status;
    await sleep(50);
  }
  throw new Error(`${rule.id} is not type-checked`);
}

/** A policy holds about a second after it was created: each rule's first failing example tells when. */
async function enforced(): Promise<void> {
  for (const [id, fixtures] of examples) {
    const probe = fixtures.find((f) => f.expected === "fail" && f.request.operation === "CREATE")?.request;
    const asked = placedRequest(probe ?? none());
    for (let i = 0; ; i++) {
      const answer = await dryRun(asked);
      if (id in there(answer)) break;
      // The server hears of params a moment after it hears of bindings, and refuses everything until then.
      const early = String(answer.body["message"]).includes("no params found");
      if (i > 600 || (answer.status === 422 && !early))
        throw new Error(`${id} is not enforced: ${answer.status} ${JSON.stringify(answer.body).slice(0, 500)}`);
      await sleep(100);
    }
  }
}
