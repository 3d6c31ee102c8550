import { join } from "node:path";
import type { Environment } from "../../environments/model/environment.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import type { Estate } from "../../estate/estate.ts";
import { readEstate } from "../../estate/read.ts";
import { evaluateEstate, type Findings } from "../../policies/evaluate.ts";
import { loadRules, type Rule } from "../../policies/rules.ts";
import { synthesize } from "../../stacks/synthesize.ts";
import type { CommandContext } from "./outcome.ts";

/** Everything that can be known of an environment from git alone. */
export interface Prepared {
  readonly environment: Environment;
  readonly outdir: string;
  readonly estate: Estate;
  readonly rules: readonly Rule[];
  readonly findings: Findings;
}

/**
 * load → synthesize → read estate → evaluate. Needs no cluster, no credential, no terraform and no network, and writes
 * nothing but `cdktf.out/<name>`; nothing at all of a faulty environment.
 */
export function prepare({ root, progress }: CommandContext, name: string): Prepared {
  const rules = loadRules();
  const step = progress.step(`check ${name}`);
  try {
    const environment = loadEnvironment(root, name, { knownRules: rules.map((rule) => rule.id) });
    const outdir = join(root, "cdktf.out", name);
    synthesize(environment, root, outdir);
    const estate = readEstate(outdir, name);
    const { stage, rules: stages } = environment.guardrails;
    const findings = evaluateEstate(estate, rules, (rule) => stages[rule] ?? stage);
    step.done(`${estate.objects.length} objects in ${estate.stacks.length} stacks`);
    return { environment, outdir, estate, rules, findings };
  } catch (error) {
    step.fail();
    throw error;
  }
}
