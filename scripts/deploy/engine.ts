import { EXIT } from "../../contracts.ts";
import type { EstateStack } from "../../estate/estate.ts";
import { BhittiError, type Message, message } from "../../messages/message.ts";
import type { Progress } from "../progress.ts";
import type { StackContext } from "./run.ts";

export const ENGINE_NAMES = ["terraform", "server-side-apply"] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export type Action = "create" | "update" | "replace" | "delete";

/** One thing that a deploy would do, or did. */
export interface Change {
  readonly action: Action;
  /** `ConfigMap zone-x/flows`; for a Terraform resource that is no object, its address. */
  readonly object: string;
  /** Terraform address, where the stack states the object. */
  readonly address?: string;
  /** For an update or replacement: the fields that change, e.g. `spec.replicas`. Values are left out: they may be secret. */
  readonly paths: readonly string[];
}

/** What a deploy of one stack would do now. */
export interface StackPlan {
  readonly stack: string;
  readonly changes: readonly Change[];
  /** Objects (or resources) that stand as stated. */
  readonly unchanged: number;
  /** What the person should know although it stops nothing: warnings of admission, objects not pruned. */
  readonly messages: readonly Message[];
}

/** One way to bring stacks into being. An engine is made for one environment, used once, and closed. */
export interface Engine {
  readonly name: EngineName;
  /** What has to happen once before any stack: providers, inventories. `write` is false where only a plan is wanted. */
  prepare(stacks: readonly EstateStack[], write: boolean, progress: Progress): Promise<void>;
  /** Stacks that were deployed earlier and are no longer in the estate, which a full deploy removes. */
  orphans(): Promise<readonly string[]>;
  /** True where the last deploy of the stack went through. */
  deployed(stack: string): Promise<boolean>;
  plan(stack: EstateStack, context: StackContext): Promise<StackPlan>;
  /** Does exactly what a plan of now says, waits until the stack is ready, and says what it did. */
  apply(stack: EstateStack, context: StackContext): Promise<StackPlan>;
  planDestroy(stack: EstateStack, context: StackContext): Promise<StackPlan>;
  /** Removes everything that the stack made and waits until it is gone. */
  destroy(stack: EstateStack, context: StackContext): Promise<StackPlan>;
  close(): Promise<void>;
}

/** Whether Terraform's init can get the providers that the stacks ask for, and how that is known. */
export interface Availability {
  readonly available: boolean;
  /** `init got hashicorp/kubernetes 2.38.0 from the mirror`, or Terraform's own words for why not. */
  readonly reason: string;
}

export interface EngineChoice {
  readonly engine: EngineName;
  /** To be printed. */
  readonly reason: Message;
}

/**
 * Chooses the engine: the one recorded in the clusters; else the one asked for; else terraform where init can get the
 * providers; else server-side-apply where the environment is disposable.
 *
 * @param recorded the engine that each cluster was deployed with, where it was
 * @param available asked only where it decides
 * @throws BhittiError BH4008 another engine is recorded, BH4030 none can be used, BH4031 and BH4032 a wrong one is asked for
 */
export async function chooseEngine(question: {
  readonly environment: { readonly name: string; readonly disposable: boolean };
  readonly forced?: string;
  readonly recorded: readonly { readonly cluster: string; readonly engine?: EngineName }[];
  readonly available: () => Promise<Availability>;
}): Promise<EngineChoice> {
  const { environment, recorded, available } = question;
  const forced = question.forced === undefined ? undefined : engineName(question.forced);
  const first = recorded.find((r) => r.engine !== undefined)?.engine;
  const wanted = forced ?? first;
  for (const { cluster, engine } of recorded) {
    if (engine && wanted && engine !== wanted) {
      throw new BhittiError(message("BH4008", { cluster, actual: engine, expected: wanted }), EXIT.findings);
    }
  }
  if (wanted === "server-side-apply" && !environment.disposable) {
    throw new BhittiError(message("BH4031", { environment: environment.name }), EXIT.findings);
  }
  if (first) return { engine: first, reason: message("BH4035", { engine: first }) };
  if (forced) return { engine: forced, reason: message("BH4036", { engine: forced }) };
  const providers = await available();
  const { reason } = providers;
  if (providers.available) return { engine: "terraform", reason: message("BH4037", { reason }) };
  if (environment.disposable) return { engine: "server-side-apply", reason: message("BH4038", { reason }) };
  throw new BhittiError(message("BH4030", { environment: environment.name, reason }), EXIT.toolFailed);
}

function engineName(text: string): EngineName {
  const name = ENGINE_NAMES.find((n) => n === text);
  if (!name) throw new BhittiError(message("BH4032", { engine: text }));
  return name;
}
