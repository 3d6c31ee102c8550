import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { kubernetesResource } from "../../constructs/kubernetes/resource.ts";
import { guardedNamespace } from "../../constructs/namespace/namespace.ts";
import { readEstate } from "../../estate/read.ts";
import { LeanStack } from "../../stacks/lean-stack.ts";
import { measurePolicyEval } from "./policy-eval.ts";

/**
 * `npm run bench`: measures what budgets.json allows, prints both, and exits with 1 where a budget is broken. Not a test:
 * on a shared machine a time says little, so ratios are taken within one run and medians of several.
 */
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const budgets = JSON.parse(readFileSync(join(here, "budgets.json"), "utf8")) as Record<
  string,
  { atMost: number; what: string }
>;
const scratch = mkdtempSync(join(tmpdir(), "bhitti-bench-"));

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function milliseconds(act: () => void): number {
  const since = performance.now();
  act();
  return performance.now() - since;
}

const repeat = (times: number, act: (i: number) => number): number[] => Array.from({ length: times }, (_, i) => act(i));

const check = (environment: string): number =>
  median(
    repeat(5, () =>
      milliseconds(() =>
        execFileSync(process.execPath, [join(root, "scripts", "bhitti.js"), "check", environment, "--json"], {
          maxBuffer: 64 * 1024 * 1024,
        }),
      ),
    ),
  );

const NAMESPACES = 1334; // Three objects each: some 4,000.

function synthesizeMany(Stack: typeof TerraformStack, outdir: string): void {
  const app = new App({ outdir, skipValidation: true, stackTraces: false });
  const stack = new Stack(app, "many");
  new LocalBackend(stack, { path: "x.tfstate" });
  for (let i = 0; i < NAMESPACES; i++) {
    const objects = guardedNamespace({
      owner: { zone: `z${i}` },
      dataClass: "open",
      kubernetes: "1.35",
    });
    for (const object of objects) kubernetesResource(stack, `${object.kind}-${i}`, object, {});
  }
  app.synth();
}

function leanOverPlain(): { ratio: number; perObject: number } {
  const rounds = repeat(3, (i) => {
    const plain = milliseconds(() => synthesizeMany(TerraformStack, join(scratch, `plain-${i}`)));
    const lean = milliseconds(() => synthesizeMany(LeanStack, join(scratch, `lean-${i}`)));
    return lean / plain;
  });
  let objects = 0;
  const reading = repeat(3, () =>
    milliseconds(() => {
      objects = readEstate(join(scratch, "lean-0"), "many").objects.length;
    }),
  );
  return { ratio: median(rounds), perObject: (median(reading) * 1000) / objects };
}

try {
  const { ratio, perObject } = leanOverPlain();
  const policyEval = await measurePolicyEval(root, join(scratch, "policy-eval"));
  const measured: Record<string, number> = {
    checkLocalMilliseconds: check("local"),
    checkProductionMilliseconds: check("production"),
    leanOverPlainSynthesis: ratio,
    estateMicrosecondsPerObject: perObject,
    policyEvalSeconds: policyEval.seconds,
    policyEvalMebibytes: policyEval.mebibytes,
    policyEvalGrowth: policyEval.growth,
  };
  for (const { name, seconds, word } of policyEval.others) {
    console.log(`beside policy eval: ${name} ${seconds === undefined ? "" : `${seconds.toFixed(2)} s, `}${word}`);
  }
  for (const [name, { atMost, what }] of Object.entries(budgets)) {
    const value = measured[name];
    const kept = value !== undefined && value <= atMost;
    if (!kept) process.exitCode = 1;
    console.log(`${kept ? "kept  " : "BROKEN"} ${name}: ${value?.toFixed(2) ?? "not measured"} of ${atMost} (${what})`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
