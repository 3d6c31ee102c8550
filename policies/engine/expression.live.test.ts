import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LiveAnswer, liveCluster } from "../../tests/live.ts";
import { AUTHORIZER_CASES, CASES, NAMESPACE, OBJECT, ROLE_RULES, USER, VARIABLES } from "./expression-cases.ts";
import type { CaseVerdict } from "./expression-verdicts.ts";

/**
 * Asks a real API server what it makes of each case, and compares with what is committed; `--update` commits what it says. Each
 * expression is the message of a policy that always fails, or, where it asks the authorizer, the condition of two that say so.
 */
const live = liveCluster();
const POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const namespace = String(NAMESPACE.metadata.name);
/** A request carries 4 KiB of warnings at most, so not all cases speak at once. */
const GROUP = 8;
const AT_ONCE = 16;

const cases = [
  ...Object.values(CASES)
    .flat()
    .map((expression) => ({ expression, isCondition: false })),
  ...AUTHORIZER_CASES.map((expression) => ({ expression, isCondition: true })),
];
const nameOf = (index: number) => `cel-case-${index}`;
const groupOf = (index: number) => `g${Math.floor(index / GROUP)}`;

function ask(method: string, path: string, body?: unknown): Promise<LiveAnswer> {
  if (!live) throw new Error("no control plane");
  return live.request(method, path, body);
}

const policy = (index: number, { expression, isCondition }: (typeof cases)[number]) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: { name: nameOf(index) },
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      objectSelector: { matchLabels: { group: groupOf(index) } },
      resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
    },
    variables: VARIABLES,
    validations: isCondition
      ? [
          { expression: `!(${expression})`, message: "true" },
          { expression: `${expression}`, message: "false" },
        ]
      : [{ expression: "false", message: "error", messageExpression: expression }],
  },
});

const binding = (index: number) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicyBinding",
  metadata: { name: nameOf(index) },
  spec: { policyName: nameOf(index), validationActions: ["Warn"] },
});

const WARNING = /^Validation failed for ValidatingAdmissionPolicy '([^']+)' with binding '[^']+': (.*)$/s;

/** What each policy of a group said first, by its name. */
async function spoken(group: string): Promise<ReadonlyMap<string, string>> {
  const object = { ...OBJECT, metadata: { ...OBJECT.metadata, labels: { group } } };
  if (!live) throw new Error("no control plane");
  const { warnings } = await live.request("POST", `/api/v1/namespaces/${namespace}/configmaps?dryRun=All`, object, {
    impersonate: { user: USER.username, groups: [...USER.groups] },
  });
  const found = new Map<string, string>();
  for (const warning of warnings) {
    const match = WARNING.exec(warning);
    // Headers are read as Latin-1.
    const text = Buffer.from(match?.[2] ?? "", "latin1").toString("utf8");
    if (match && !found.has(match[1] ?? "")) {
      found.set(match[1] ?? "", text.startsWith("expression '") ? "error" : text);
    }
  }
  return found;
}

async function inTurns<T>(items: readonly T[], each: (item: T, index: number) => Promise<void>): Promise<void> {
  const queue = items.map((item, index) => () => each(item, index));
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await next();
    }),
  );
}

const ROLE = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "cel-cases" },
  rules: ROLE_RULES,
};
const ROLE_BINDING = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name: "cel-cases" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "cel-cases" },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: USER.username }],
};

describe.skipIf(!live)("the API server", () => {
  const refused = new Set<number>();
  const said = new Map<string, string>();
  let server = "";

  beforeAll(async () => {
    server = String((await ask("GET", "/version")).body["gitVersion"]);
    await ask("POST", "/api/v1/namespaces", NAMESPACE);
    await ask("POST", `${RBAC}/namespaces/${namespace}/roles`, ROLE);
    await ask("POST", `${RBAC}/namespaces/${namespace}/rolebindings`, ROLE_BINDING);
    await inTurns(cases, async (one, index) => {
      // The server's own validation of formats panics at some, and hangs up.
      const created = await ask("POST", POLICIES, policy(index, one)).catch(() => undefined);
      if (created?.status === 201) await ask("POST", BINDINGS, binding(index));
      else refused.add(index);
    });
    const groups = [...new Set(cases.flatMap((_, index) => (refused.has(index) ? [] : [groupOf(index)])))];
    for (let i = 0; said.size < cases.length - refused.size && i < 100; i++) {
      const silent = groups.filter((group) =>
        cases.some((_, index) => groupOf(index) === group && !refused.has(index) && !said.has(nameOf(index))),
      );
      await inTurns(silent, async (group) => {
        for (const [name, text] of await spoken(group)) said.set(name, text);
      });
      await sleep(200);
    }
  }, 300_000);

  afterAll(async () => {
    await inTurns(cases, async (_, index) => {
      await ask("DELETE", `${BINDINGS}/${nameOf(index)}`);
      await ask("DELETE", `${POLICIES}/${nameOf(index)}`);
    });
    await ask("DELETE", `/api/v1/namespaces/${namespace}`);
  }, 300_000);

  test("makes of each case what is committed", async () => {
    const silent = cases.filter((_, index) => !refused.has(index) && !said.has(nameOf(index)));
    expect(silent.map(({ expression }) => expression)).toEqual([]);
    const verdicts = cases.map(({ expression }, index): readonly [string, CaseVerdict] => {
      if (refused.has(index)) return [expression, { refused: true }];
      const text = said.get(nameOf(index)) ?? "";
      return [expression, text === "error" ? { error: true } : { value: text }];
    });
    const lines = verdicts.map(([expression, verdict]) => `    ${JSON.stringify([expression, verdict])}`);
    const text = `{\n  "server": ${JSON.stringify(server)},\n  "verdicts": [\n${lines.join(",\n")}\n  ]\n}\n`;
    await expect(text).toMatchFileSnapshot("expression-verdicts.generated.json");
  });
});
