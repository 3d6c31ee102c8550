import { join } from "node:path";
import { capacityFaults } from "../../environments/model/capacity/faults.ts";
import type { Environment } from "../../environments/model/environment.ts";
import { grantMessages } from "../../environments/model/hub/verdicts.ts";
import { environmentNames, loadEnvironment } from "../../environments/model/load.ts";
import { danglingPromotion, promotionFaults } from "../../environments/model/promotion.ts";
import type { Estate } from "../../estate/estate.ts";
import { readEstate } from "../../estate/read.ts";
import { compareMessages, type Message } from "../../messages/message.ts";
import type { AnyRule, JudgedOn } from "../../policies/estate-rule.ts";
import { allRules } from "../../policies/estate-rules.ts";
import { evaluateEstate, type Findings } from "../../policies/evaluate.ts";
import { applyExemptions } from "../../policies/exemptions/apply.ts";
import type { Exemption } from "../../policies/exemptions/exemption.ts";
import { loadImageLock } from "../../policies/image-lock.ts";
import { loadClassification, loadLaws } from "../../policies/laws/laws.ts";
import { synthesize } from "../../stacks/synthesize.ts";
import type { CommandContext } from "./outcome.ts";

/** Everything that can be known of an environment from git alone. */
export interface Prepared {
  readonly environment: Environment;
  readonly outdir: string;
  readonly estate: Estate;
  readonly rules: readonly AnyRule[];
  readonly findings: Findings;
}

/**
 * load → synthesize → read estate → evaluate → apply exemptions → judge grants and capacity. Needs no cluster, no credential, no terraform and no network, and writes
 * nothing but `cdktf.out/<name>`; nothing at all of a faulty environment.
 *
 * @param asOf the ISO day that is judged: what has ended by then has ended
 */
export function prepare({ root, progress }: CommandContext, name: string, asOf = today()): Prepared {
  const rules = allRules();
  const step = progress.step(`check ${name}`);
  try {
    const environment = loadEnvironment(root, name, {
      knownRules: rules.map((rule) => rule.id),
      knownClauses: loadLaws(root).flatMap(({ clauses }) => clauses.map(({ id }) => id)),
    });
    const { dataClassification, positions } = environment;
    if (dataClassification) loadClassification(dataClassification, positions("dataClassification"), root);
    const outdir = join(root, "cdktf.out", name);
    synthesize(environment, root, outdir);
    const estate = readEstate(outdir, name);
    const { stage, rules: stages } = environment.guardrails;
    const found = evaluateEstate(estate, rules, (rule) => stages[rule] ?? stage, judgedOn(root, asOf));
    const judged = applyExemptions(found, exemptionsOf(environment), rules, asOf);
    const promotion = promotionFaultsOf(root, environment);
    const grants = grantMessages(environment, asOf).sort(compareMessages);
    const capacity = capacityFaults(environment).sort(compareMessages);
    const findings = { ...judged, messages: [...judged.messages, ...grants, ...capacity, ...promotion] };
    step.done(`${estate.objects.length} objects in ${estate.stacks.length} stacks`);
    return { environment, outdir, estate, rules, findings };
  } catch (error) {
    step.fail();
    throw error;
  }
}

/** What the environment lacks of the one that it is promoted from, where it names one. */
function promotionFaultsOf(root: string, environment: Environment): readonly Message[] {
  const { promotedFrom } = environment;
  if (promotedFrom === undefined) return [];
  const dangling = danglingPromotion(environment, environmentNames(root));
  if (dangling.length > 0) return dangling;
  return promotionFaults(loadEnvironment(root, promotedFrom), environment).sort(compareMessages);
}

/** What rules may ask of besides the estate, from a repository. */
export function judgedOn(root: string, asOf: string): JudgedOn {
  const lock = loadImageLock(root);
  return { asOf, laws: loadLaws(root), ...(lock ? { lock } : {}) };
}

/** The environment's exemptions, each with its line of YAML. */
export const exemptionsOf = ({
  exemptions,
  positions,
}: Pick<Environment, "exemptions" | "positions">): readonly Exemption[] =>
  exemptions.map((exemption, i) => ({ ...exemption, position: positions(`exemptions.${i}`) }));

/** Today's ISO day, in the time of this machine's UTC. */
export const today = (): string => new Date().toISOString().slice(0, 10);
