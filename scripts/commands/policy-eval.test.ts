import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { repository } from "../../tests/checkout.ts";
import { type ProcessUsage, watchProcess } from "../../tests/process-usage.ts";
import { main } from "../bhitti.ts";
import type { EvalResult } from "./policy-eval.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bhitti-eval-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly exitCode: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** `bhitti policy eval`, in the folder of this test. */
async function evaluate(words: readonly string[]): Promise<Ended> {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((part) => {
      texts[name] += String(part);
      return true;
    }),
  );
  const before = { folder: process.cwd(), exitCode: process.exitCode };
  try {
    process.chdir(folder);
    process.exitCode = undefined;
    await main(["node", "bhitti", "policy", "eval", ...words]);
    return { exitCode: process.exitCode, ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.chdir(before.folder);
    process.exitCode = before.exitCode;
  }
}

/** The same as a process of its own: with standard input, and where its memory or a crash matters. */
function evaluateApart(words: readonly string[], input?: string | Buffer): Promise<Ended & ProcessUsage> {
  const command = [join(repository, "scripts", "bhitti.js"), "policy", "eval", ...words];
  const child = spawn(process.execPath, command, { cwd: folder });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (part: Buffer) => stdout.push(part));
  child.stderr.on("data", (part: Buffer) => stderr.push(part));
  child.stdin.on("error", () => {}); // It may end before it has read all.
  child.stdin.end(input);
  const usage = watchProcess(child.pid);
  return new Promise((resolve) => {
    child.on("close", (exitCode) => {
      const texts = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
      resolve({ exitCode, ...texts, ...usage() });
    });
  });
}

function file(name: string, text: string | Buffer): string {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
  return name;
}

async function resultsOf(words: readonly string[], input?: string): Promise<readonly EvalResult[]> {
  const whole = [...words, "--json"];
  const { stdout, stderr } = await (input === undefined ? evaluate(whole) : evaluateApart(whole, input));
  if (!stdout.startsWith("{")) throw new Error(stderr);
  const parsed = JSON.parse(stdout) as { results: readonly EvalResult[] };
  expect(Object.keys(parsed)).toEqual(["results"]);
  return parsed.results;
}

const policyOf = (name: string, spec: string): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: ${name} }
spec:
  matchConstraints:
    resourceRules: [{ apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [configmaps] }]
${spec.replaceAll(/^/gm, "  ")}
`;
const bindingOf = (policy: string, spec = "validationActions: [Deny]"): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: ${policy}-binding }
spec:
  policyName: ${policy}
${spec.replaceAll(/^/gm, "  ")}
`;
const NO = policyOf("never", `validations: [{ expression: "false", message: never }]`);
const configMap = (name: string, more = ""): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name}, namespace: shop ${more} }
data: { a: b }
`;

describe("what it takes", () => {
  test("policies and objects from files, folders and standard input, in any order", async () => {
    file("many/policies/never.yaml", NO);
    file("many/b.json", JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b" } }));
    file("many/a.yml", `${configMap("a1")}---\n# nothing\n---${configMap("a2")}`);
    file("many/.hidden.yaml", "not: read");
    const results = await resultsOf(["-f", "many", "-f", "-"], configMap("piped"));
    expect(results.map(({ source, object, verdict }) => [source, object.name, verdict])).toEqual([
      ["many/a.yml#1", "a1", "deny"],
      ["many/a.yml#2", "a2", "deny"],
      ["many/b.json#1", "b", "deny"],
      ["-#1", "piped", "deny"],
    ]);
  });

  test("the items of a List, each by its place", async () => {
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: ["x", "y"].map((name) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } })),
    };
    const results = await resultsOf(["-f", file("never.yaml", NO), file("list.json", JSON.stringify(list))]);
    expect(results.map(({ source, object }) => `${source} ${object.name}`)).toEqual(["list.json#1 x", "list.json#2 y"]);
  });

  test("namespaces and params among the objects, of kinds that a definition describes or nobody does", async () => {
    const limits = policyOf(
      "limits",
      `paramKind: { apiVersion: example.gov/v1, kind: Limit }
validations:
  - expression: size(object.data) <= params.max
    messageExpression: "'at most ' + string(params.max) + ' in ' + namespaceObject.metadata.labels['tier']"`,
    );
    const bound = bindingOf(
      "limits",
      `validationActions: [Deny]
paramRef: { name: few, parameterNotFoundAction: Deny }
matchResources: { namespaceSelector: { matchLabels: { tier: gold } } }`,
    );
    const around = (tier: string) =>
      `apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { tier: ${tier} } }\n---\napiVersion: example.gov/v1\nkind: Limit\nmetadata: { name: few, namespace: shop }\nmax: 0\n`;
    const given = file("limits.yaml", [limits, bound, configMap("a")].join("---"));
    const judged = async (tier: string) =>
      (await resultsOf(["-f", given, file(`${tier}.yaml`, around(tier))])).find(({ object }) => object.name === "a");
    expect(await judged("gold")).toMatchObject({
      policy: "limits",
      binding: "limits-binding",
      verdict: "deny",
      message: "at most 0 in gold",
    });
    expect(await judged("silver")).toMatchObject({ verdict: "notMatched", message: "" });
  });

  test("AdmissionReviews: who asks for what, with the old object", async () => {
    const review = {
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      request: {
        uid: "1",
        kind: { group: "", version: "v1", kind: "ConfigMap" },
        resource: { group: "", version: "v1", resource: "configmaps" },
        name: "a",
        namespace: "shop",
        operation: "UPDATE",
        userInfo: { username: "owner@example.gov", groups: ["owners"] },
        object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop" }, data: { a: "c" } },
        oldObject: {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "a", namespace: "shop" },
          data: { a: "b" },
        },
      },
    };
    const policy = policyOf(
      "immutable",
      `validations:
  - expression: object.data == oldObject.data || 'owners' in request.userInfo.groups
  - expression: "false"
    messageExpression: "request.userInfo.username + ' ' + request.operation + ' ' + oldObject.data.a + ' to ' + object.data.a"`,
    );
    const exec = {
      ...review,
      request: {
        ...review.request,
        operation: "CONNECT",
        kind: { group: "", version: "v1", kind: "PodExecOptions" },
        resource: { group: "", version: "v1", resource: "pods" },
        subResource: "exec",
        object: { apiVersion: "v1", kind: "PodExecOptions", command: ["sh"] },
        oldObject: null,
      },
    };
    const noShell = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: no-shell }
spec:
  matchConstraints:
    resourceRules: [{ apiGroups: [""], apiVersions: [v1], operations: [CONNECT], resources: [pods/exec] }]
  validations: [{ expression: "!('sh' in object.command)", messageExpression: "'no shell in ' + request.name" }]
`;
    const reviews = [file("review.json", JSON.stringify(review)), file("exec.json", JSON.stringify(exec))];
    const results = await resultsOf(["-f", file("reviewed.yaml", `${policy}---${noShell}`), ...reviews]);
    expect(results.filter(({ verdict }) => verdict !== "notMatched")).toEqual([
      {
        policy: "immutable",
        binding: null,
        object: { apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "a" },
        source: "review.json#1",
        verdict: "deny",
        message: "owner@example.gov UPDATE b to c",
      },
      {
        policy: "no-shell",
        binding: null,
        object: { apiVersion: "v1", kind: "PodExecOptions", namespace: "shop", name: "a" },
        source: "exec.json#1",
        verdict: "deny",
        message: "no shell in a",
      },
    ]);
  });

  test("SubjectAccessReviews: what the authorizer answers", async () => {
    const policy = policyOf(
      "asks",
      `validations: [{ expression: "authorizer.group('').resource('secrets').namespace(object.metadata.namespace).check('get').allowed()", message: "no secrets" }]`,
    );
    const answer = (allowed: boolean) =>
      `apiVersion: authorization.k8s.io/v1\nkind: SubjectAccessReview\nspec:\n  resourceAttributes: { verb: get, resource: secrets, namespace: shop }\nstatus: { allowed: ${allowed} }\n`;
    const given = file("asks.yaml", `${policy}---${configMap("a")}`);
    const judged = async (...files: string[]) =>
      (await resultsOf(["-f", given, ...files])).map(({ object, verdict }) => `${object.kind} ${verdict}`);
    expect(await judged()).toEqual(["ConfigMap error"]);
    expect(await judged(file("yes.yaml", answer(true)))).toEqual(["ConfigMap allow"]);
    expect(await judged(file("no.yaml", answer(false)))).toEqual(["ConfigMap deny"]);
    const { exitCode, stderr } = await evaluate(["-f", given, file("none.yaml", answer(true).replace(/status.*/, ""))]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("BH3815 none.yaml#1 is no answer of an authorizer: it has no status.allowed");
  });

  test("who asks and for what, from the command line", async () => {
    const policy = policyOf(
      "asked",
      `validations: [{ expression: "false", messageExpression: "request.operation + ' ' + request.userInfo.username + ' ' + request.userInfo.groups.join(',')" }]`,
    );
    const given = ["-f", file("asked.yaml", `${policy}---${configMap("a")}`)];
    const said = async (...words: string[]) => (await resultsOf([...given, ...words]))[0]?.message;
    expect(await said()).toBe("CREATE somebody system:authenticated");
    expect(await said("--as", "o@example.gov", "--as-group", "a", "b", "--operation", "DELETE")).toBe(
      "DELETE o@example.gov a,b,system:authenticated",
    );
  });
});

describe("what it says", () => {
  test("each binding for itself; exit 0 where nothing is refused", async () => {
    const given = file(
      "warned.yaml",
      [NO, bindingOf("never", "validationActions: [Warn, Audit]"), configMap("a")].join("---"),
    );
    const { exitCode, stdout, stderr } = await evaluate(["-f", given]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stderr: "",
      stdout: `warned.yaml:17:1 BH3821 ConfigMap shop/a (warned.yaml#3) is warned of by never (never-binding): never
1 policy on 1 object: 0 allowed, 0 denied, 1 warned of, 0 audited, 0 errors
0 objects matched no policy; every policy matched something
`,
    });
  });

  test("that a policy has no binding, and how many matched nothing", async () => {
    const given = file("idle.yaml", [NO, "\napiVersion: v1\nkind: Secret\nmetadata: { name: s }\n"].join("---"));
    const { exitCode, stdout, stderr } = await evaluate(["-f", given]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("BH3810 policy 'never' has no binding among the files");
    expect(stdout).toBe(
      "1 policy on 1 object: 0 allowed, 0 denied, 0 warned of, 0 audited, 0 errors\n1 object matched no policy; 1 policy matched nothing: never\n",
    );
  });

  test("an error is no pass, whatever the binding does", async () => {
    const policy = policyOf("errs", `validations: [{ expression: object.data.none == 'x' }]`);
    const given = file(
      "errs.yaml",
      [policy, bindingOf("errs", "validationActions: [Warn]"), configMap("a")].join("---"),
    );
    const { exitCode, stdout } = await evaluate(["-f", given]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/BH3823 errs \(errs-binding\) cannot be evaluated on ConfigMap shop\/a/);
  });

  test("a kind that nobody described is told, and an error to a policy that may concern it", async () => {
    const policy = NO.replace('apiGroups: [""]', "apiGroups: [example.gov]").replace("configmaps", "things");
    const thing = "\napiVersion: example.gov/v1\nkind: Thing\nmetadata: { name: t, namespace: shop }\n";
    const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.gov }
spec:
  group: example.gov
  scope: Namespaced
  names: { plural: things, kind: Thing }
  versions: [{ name: v1, served: true, storage: true }]
`;
    const given = file("thing.yaml", `${policy}---${thing}`);
    const without = await evaluate(["-f", given]);
    expect(without.stderr).toContain("BH3812 Kubernetes 1.35 serves no Thing of example.gov/v1");
    expect(without.exitCode).toBe(1);
    expect(without.stdout).toContain("BH3823");
    const [thingResult] = await resultsOf(["-f", given, file("definition.yaml", definition)]);
    expect(thingResult).toMatchObject({ verdict: "deny", message: "never" });
  });
});

type Unusable = readonly (readonly [what: string, code: string, text: () => string | Buffer])[];

describe("what cannot be used ends with 2 and a code, hostile files within 5 s and 400 MiB, and is never a pass", () => {
  const laughs = [..."abcdefghi"].reduce(
    (text, letter, i) =>
      `${text}${letter}: &${letter} [${Array(9)
        .fill(i === 0 ? "x" : `*${"abcdefghi"[i - 1]}`)
        .join(",")}]\n`,
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n",
  );
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const header = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n";
  const mistaken: Unusable = [
    ["no policy", "BH3809", () => header],
    ["no YAML", "BH3802", () => `${NO}---\na: [b\n`],
    ["a key twice", "BH3802", () => `${NO}---\n${header}data: { a: x, a: y }\n`],
    ["a tag", "BH3802", () => `${NO}---\n${header}data: !!js/function 'x'\n`],
    ["no UTF-8", "BH3801", () => Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe])],
    ["a list", "BH3805", () => `${NO}---\n- a\n`],
    ["no kind", "BH3805", () => `${NO}---\napiVersion: v1\nmetadata: { name: a }\n`],
    ["no metadata", "BH3805", () => `${NO}---\napiVersion: v1\nkind: ConfigMap\n`],
    ["no name", "BH3805", () => `${NO}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {}\n`],
    [
      "a number for a label",
      "BH3805",
      () => `${NO}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, labels: { b: 1 } }\n`,
    ],
    ["a field of another type", "BH3806", () => `${NO}---\n${header}data: { a: 1 }\n`],
    ["an unknown field", "BH3806", () => `${NO}---\n${header}datta: { a: b }\n`],
    ["a policy without rules", "BH3807", () => NO.replace(/resourceRules: .*/, "{}")],
    ["a policy with an unknown field", "BH3807", () => NO.replace("validations", "validation")],
    [
      "an expression that is none",
      "BH3807",
      () => `${policyOf("p", "validations: [{ expression: 'object. &&' }]")}---\n${header}`,
    ],
    [
      "an unknown function",
      "BH3807",
      () => `${policyOf("p", "validations: [{ expression: 'true || nobody(1)' }]")}---\n${header}`,
    ],
    [
      "a pattern of no RE2",
      "BH3807",
      () => `${policyOf("p", `validations: [{ expression: "'x'.matches('(?=x)')" }]`)}---\n${header}`,
    ],
    [
      "a binding without actions",
      "BH3807",
      () => `${NO}---${bindingOf("never", "validationActions: []")}---\n${header}`,
    ],
    ["a policy of an older API", "BH3807", () => `${NO.replace("k8s.io/v1", "k8s.io/v1beta1")}---\n${header}`],
    ["a policy twice", "BH3814", () => `${NO}---${NO}---\n${header}`],
    [
      "a review without an operation",
      "BH3808",
      () => `${NO}---\napiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest: { userInfo: {} }\n`,
    ],
  ];
  const hostile: Unusable = [
    [
      "a pattern that grows",
      "BH3807",
      () => `${policyOf("p", `validations: [{ expression: "'x'.matches('((a{1000}){1000}){1000}')" }]`)}---\n${header}`,
    ],
    ["an object of 10 MB", "BH3803", () => `${NO}---\n${header}data: { a: ${"x".repeat(10_000_000)} }\n`],
    [
      "an object of 10 MB as JSON",
      "BH3803",
      () => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"${"x".repeat(10_000_000)}"}}`,
    ],
    [
      "an object of a million keys",
      "BH3803",
      () => `${NO}---\n${header}data:\n${Array.from({ length: 1_000_000 }, (_, i) => `  k${i}: v\n`).join("")}`,
    ],
    ["a List of a million items", "BH3805", () => `apiVersion: v1\nkind: List\nitems: [${"{},".repeat(740_000)}{}]\n`],
    ["a file of a million documents", "BH3804", () => "---\n".repeat(1_000_000)],
    ["a file of 40 MB", "BH3803", () => Buffer.alloc(40_000_000, "x")],
    ["an alias within itself", "BH3804", () => `${NO}---\n${header}data: &a { a: *a }\n`],
    ["a billion laughs", "BH3804", () => `${NO}---\n${laughs}`],
    [
      "merges without end",
      "BH3802",
      () =>
        `${NO}---\n${header}data: { a: &a { ${Array.from({ length: 1000 }, (_, i) => `k${i}: v`).join(", ")} }, ${Array.from({ length: 2000 }, (_, i) => `b${i}: { <<: [${Array(50).fill("*a").join(", ")}] }`).join(", ")} }\n`,
    ],
    ["a hundred thousand levels", "BH3802", () => `${NO}---\n${header}data: ${nested(100_000)}\n`],
    ["a hundred thousand hyphens", "BH3802", () => `${NO}---\n${"- ".repeat(100_000)}x\n`],
    [
      "an expression of a hundred thousand brackets",
      "BH3807",
      () =>
        `${policyOf("p", `validations: [{ expression: "${"(".repeat(100_000)}true${")".repeat(100_000)}" }]`)}---\n${header}`,
    ],
  ];

  const refused = ({ exitCode, stdout, stderr }: Ended, code: string) => {
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^(\\S.* )?${code} `, "m"));
    expect(stderr).not.toMatch(/^\s+at |BH9999/m);
    expect(stderr.length).toBeLessThan(20_000);
  };

  test.each(mistaken)("%s: %s", async (what, code, text) => {
    refused(await evaluate(["-f", file(`mistaken/${what}.yaml`, text())]), code);
  });

  test.each(hostile)("%s: %s", async (what, code, text) => {
    const ended = await evaluateApart(["-f", file(`hostile/${what}.yaml`, text())]);
    refused(ended, code);
    expect(ended.cpuSeconds).toBeLessThan(5);
    expect(ended.mebibytes).toBeGreaterThan(20);
    expect(ended.mebibytes).toBeLessThan(400);
    rmSync(join(folder, "hostile"), { recursive: true });
  });

  test.each([
    ["nothing there", "absent.yaml"],
    ["an empty folder", "empty"],
  ])("%s", async (_, path) => {
    mkdirSync(join(folder, "empty"), { recursive: true });
    const { exitCode, stderr } = await evaluate(["-f", path]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("BH3801");
  });

  test("endless standard input", async () => {
    const { exitCode, stderr, cpuSeconds, mebibytes } = await evaluateApart(["-f", "/dev/zero"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("BH3803");
    expect(cpuSeconds).toBeLessThan(5);
    expect(mebibytes).toBeLessThan(400);
  });

  test("a pattern that other engines try for ever takes no time", async () => {
    const policy = policyOf("p", `validations: [{ expression: "!object.data.a.matches('^(a+)+$')", message: m }]`);
    const text = `${policy}---\n${header}data: { a: ${"a".repeat(100_000)}b }\n`;
    const { exitCode, cpuSeconds, mebibytes } = await evaluateApart(["-f", file("regex.yaml", text)]);
    expect(exitCode).toBe(0);
    expect(cpuSeconds).toBeLessThan(5);
    expect(mebibytes).toBeLessThan(400);
  });

  test("with --json the refusal is JSON", async () => {
    const { exitCode, stdout } = await evaluate(["-f", file("bad.yaml", "a: [b}"), "--json"]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      messages: [{ code: "BH3802", position: { file: "bad.yaml", line: 1 } }],
    });
  });
});

test("docs/policies.md works when typed", async () => {
  const text = readFileSync(join(repository, "docs", "policies.md"), "utf8");
  const blocks = [...text.matchAll(/^```(\w+) (file|exit)=(\S+)\n(.*?)^```$/gms)];
  for (const [, , what, name = "", content = ""] of blocks) if (what === "file") file(name, content);
  const consoles = blocks.filter(([, language]) => language === "console");
  expect(consoles.length).toBeGreaterThan(0);
  for (const [, , , exit, content = ""] of consoles) {
    const [typed = "", ...said] = content.trimEnd().split("\n");
    const words = /^\$ npx bhitti policy eval (.*)$/.exec(typed)?.[1]?.split(" ") ?? [];
    const { exitCode, stdout, stderr } = await evaluate(words);
    expect({ exitCode, said: `${stderr}${stdout}`.trimEnd().split("\n") }).toEqual({ exitCode: Number(exit), said });
  }
});
