import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { defaultSurroundings, fixturesOf } from "../../policies/fixtures.ts";
import { bindingFor, loadRules } from "../../policies/rules.ts";
import { type ProcessUsage, watchProcess } from "../process-usage.ts";

/** One run of a command line. */
interface Measured extends ProcessUsage {
  readonly seconds: number;
  readonly exitCode: number | null;
  readonly output: string;
}

export interface PolicyEvalFigures {
  /** Of 2,000 objects. */
  readonly seconds: number;
  readonly mebibytes: number;
  /** Processor time for 4,000 objects over that for 1,000: at most 4 where it grows linearly, up to 16 where by the square. */
  readonly growth: number;
  /** What other policy command lines took for the same objects. */
  readonly others: readonly { readonly name: string; readonly seconds?: number; readonly word: string }[];
}

const POLICIES = 60;
/** kubectl takes a bare N for false. */
const AS_KUBECTL = { aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

/**
 * `bhitti policy eval` from start to end, reading YAML included: the project's own rules, under new names until they are 60, over the
 * objects of their own examples, under new names until there are as many as asked.
 *
 * @param root the repository
 * @param scratch a folder for the files
 */
export async function measurePolicyEval(root: string, scratch: string): Promise<PolicyEvalFigures> {
  mkdirSync(scratch, { recursive: true });
  const policies = write(join(scratch, "policies.yaml"), policyFile());
  const objectsOf = (size: number) => join(scratch, `objects-${size}.yaml`);
  const command = [join(root, "scripts", "bhitti.js"), "policy", "eval", "--json", "-f"];
  const measure = async (size: number): Promise<Measured> => {
    const objects = write(objectsOf(size), objectFile(size));
    const measured = await run(process.execPath, [...command, policies, objects]);
    const { results } = JSON.parse(measured.output) as { readonly results?: readonly unknown[] };
    // A run that judged less than everything measures nothing.
    if (results?.length !== size * POLICIES)
      throw new Error(`no verdict on everything: ${measured.output.slice(0, 500)}`);
    return measured;
  };
  const [some, many, again, most] = [
    await measure(1000),
    await measure(2000),
    await measure(2000),
    await measure(4000),
  ];
  return {
    seconds: Math.min(many.seconds, again.seconds),
    mebibytes: Math.max(many.mebibytes, again.mebibytes),
    growth: most.cpuSeconds / some.cpuSeconds,
    others: await others(policies, objectsOf(2000)),
  };
}

function write(path: string, text: string): string {
  writeFileSync(path, text);
  return path;
}

function policyFile(): string {
  const rules = loadRules();
  const documents = Array.from({ length: POLICIES }, (_, i) => {
    const rule = rules[i % rules.length];
    if (!rule) throw new Error("there are no rules");
    const name = `n${i}.${rule.policy.metadata.name}`;
    const binding = bindingFor(rule, "warn");
    return [
      { ...rule.policy, metadata: { name } },
      { ...binding, metadata: { name }, spec: { ...binding.spec, policyName: name } },
    ];
  });
  return documents
    .flat()
    .map((document) => stringify(document, AS_KUBECTL))
    .join("---\n");
}

function objectFile(size: number): string {
  const examples = loadRules()
    .flatMap((rule) => fixturesOf(rule))
    .flatMap(({ request: { object, operation } }) => (object && operation === "CREATE" ? [object] : []));
  const standing = defaultSurroundings();
  const many = Array.from({ length: size - standing.length }, (_, i) => {
    const example = examples[i % examples.length];
    if (!example) throw new Error("there are no examples");
    const { name = "generated", generateName: __, ...metadata } = example.metadata;
    return { ...example, metadata: { ...metadata, name: `${name}-${i}` } };
  });
  return [...standing, ...many].map((o) => stringify(o, AS_KUBECTL)).join("---\n");
}

function run(program: string, args: readonly string[]): Promise<Measured> {
  const since = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
  const output: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => output.push(part));
  const usage = watchProcess(child.pid);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      const seconds = (performance.now() - since) / 1000;
      resolve({ seconds, ...usage(), exitCode, output: Buffer.concat(output).toString() });
    });
  });
}

/**
 * Other command lines over the same objects, where they are installed. Kyverno, written in Go, evaluates the same policies; checkov,
 * in Python, has only checks of its own.
 */
async function others(policies: string, objects: string): Promise<PolicyEvalFigures["others"]> {
  const commands: readonly (readonly [string, ...string[]])[] = [
    ["kyverno", "apply", policies, "--resource", objects],
    ["checkov", "--framework", "kubernetes", "--compact", "--quiet", "--skip-download", "-f", objects],
  ];
  const found: PolicyEvalFigures["others"][number][] = [];
  for (const [name, ...args] of commands) {
    if (spawnSync(name, ["--version"]).error) found.push({ name, word: "not installed, skipped" });
    else {
      const { seconds, mebibytes, exitCode } = await run(name, args);
      found.push({ name, seconds, word: `${mebibytes.toFixed(0)} MiB, exit ${exitCode}` });
    }
  }
  return found;
}
