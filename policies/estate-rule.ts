import type { Estate, EstateObject } from "../estate/estate.ts";
import type { ImageLock } from "./image-lock.ts";
import type { Instrument } from "./laws/laws.ts";
import type { Rule, RuleText } from "./rules.ts";

/**
 * A rule that no admission policy can say, since it is about what is absent or about several objects at once: it judges the
 * estate before a deploy, and the cluster knows nothing of it. `rules/<family>/<rule>/rule.ts` exports one as `rule`.
 */
export interface EstateRule extends RuleText {
  /** Kinds of the objects that it judges or consults; `*` where an object of any kind answers for its stack. */
  readonly kinds: readonly string[];
  /** Paths within them that it reads: where one of these is known to Terraform only, the object cannot be judged. */
  readonly reads: readonly string[];
  /**
   * Whether `check --live` judges a cluster by it as well: its kinds are read there for admission policies anyway, and nothing that
   * stacks hold besides is missing to it.
   *
   * @default false
   */
  readonly live?: true;
  /** Why it cannot be asked at all, where that is so: nothing passes then, and the rule is told as not run. @default always asked */
  readonly notRun?: (on: JudgedOn) => string | undefined;
  /** One verdict for each object that it judges. Pure: the same estate on the same day gives the same verdicts. */
  readonly judge: (estate: Estate, on: JudgedOn) => readonly EstateVerdict[];
}

/** What a rule may ask of besides the estate. */
export interface JudgedOn {
  /** ISO day, UTC. */
  readonly asOf: string;
  /** The repository's lock of images; absent where it has none. */
  readonly lock?: ImageLock;
  /** Every instrument; absent where no catalogue of laws was given. */
  readonly laws?: readonly Instrument[];
}

export interface EstateVerdict {
  /** The object that answers for it: where something is absent, the one that should have it. */
  readonly subject: EstateObject;
  /** What is wrong, each naming what, the value and the remedy; none where it passes. */
  readonly failures: readonly string[];
}

/** A rule of either sort. */
export type AnyRule = Rule | EstateRule;

export const isEstateRule = (rule: AnyRule): rule is EstateRule => "judge" in rule;
