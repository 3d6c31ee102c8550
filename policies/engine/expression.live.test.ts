import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LiveAnswer, liveCluster } from "../../tests/live.ts";
import { CASES, NAMESPACE, OBJECT } from "./expression-cases.ts";

/** Holds the table of `expression-cases.ts` to a real API server: each expression is the message of a policy that always fails. */
const live = liveCluster();
const POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
const nameOf = (index: number) => `cel-case-${index}`;
/** A request carries 4 KiB of warnings at most, so not all cases speak at once. */
const GROUP = 10;

function ask(method: string, path: string, body?: unknown): Promise<LiveAnswer> {
  if (!live) throw new Error("no control plane");
  return live.request(method, path, body);
}

const policy = (index: number, expression: string) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: { name: nameOf(index) },
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE.metadata.name } },
      objectSelector: { matchLabels: { group: String(Math.floor(index / GROUP)) } },
      resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
    },
    variables: [{ name: "known", expression: "1" }],
    validations: [{ expression: "false", message: "error", messageExpression: expression }],
  },
});

const binding = (index: number) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicyBinding",
  metadata: { name: nameOf(index) },
  spec: { policyName: nameOf(index), validationActions: ["Warn"] },
});

/** What each policy of a group said, by its name. */
async function spoken(group: number): Promise<ReadonlyMap<string, string>> {
  const object = { ...OBJECT, metadata: { ...OBJECT.metadata, labels: { group: String(group) } } };
  const { warnings } = await ask("POST", `/api/v1/namespaces/${NAMESPACE.metadata.name}/configmaps?dryRun=All`, object);
  return new Map(
    warnings.flatMap((warning) => {
      const match = /^Validation failed for ValidatingAdmissionPolicy '([^']+)' with binding '[^']+': (.*)$/s.exec(
        warning,
      );
      // Headers are read as Latin-1.
      return match ? [[match[1] ?? "", Buffer.from(match[2] ?? "", "latin1").toString("utf8")] as const] : [];
    }),
  );
}

describe.skipIf(!live)("the API server gives what the table says", () => {
  const answers: LiveAnswer[] = [];
  const said = new Map<string, string>();

  beforeAll(async () => {
    await ask("POST", "/api/v1/namespaces", NAMESPACE);
    for (const [index, [expression]] of CASES.entries()) {
      answers.push(await ask("POST", POLICIES, policy(index, expression)));
      if (answers[index]?.status === 201) await ask("POST", BINDINGS, binding(index));
    }
    const created = answers.filter(({ status }) => status === 201).length;
    for (let i = 0; said.size < created && i < 300; i++) {
      for (let group = 0; group * GROUP < CASES.length; group++) {
        for (const [name, text] of await spoken(group)) said.set(name, text);
      }
      await sleep(100);
    }
  });

  afterAll(async () => {
    for (const index of CASES.keys()) {
      await ask("DELETE", `${BINDINGS}/${nameOf(index)}`);
      await ask("DELETE", `${POLICIES}/${nameOf(index)}`);
    }
    await ask("DELETE", `/api/v1/namespaces/${NAMESPACE.metadata.name}`);
  });

  test.each(CASES.map(([expression, expected], index) => [expression, expected, index] as const))(
    "%s is %s",
    (_, expected, index) => {
      const answer = answers[index];
      const reason = String(answer?.body["message"] ?? "");
      if (expected === "compile" || expected === "type") {
        expect(answer?.status, reason).toBe(422);
      } else {
        expect(answer?.status, reason).toBe(201);
        expect(said.get(nameOf(index))).toBe(expected);
      }
    },
  );
});
