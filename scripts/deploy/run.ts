import type { EstateStack } from "../../estate/estate.ts";
import type { Progress, Step } from "../progress.ts";

/** What became of one stack. Durations are milliseconds. */
export type StackOutcome<T> =
  | { readonly stack: string; readonly result: "done"; readonly value: T; readonly durationMs: number }
  | { readonly stack: string; readonly result: "failed"; readonly error: unknown; readonly durationMs: number }
  | { readonly stack: string; readonly result: "skipped"; readonly because: SkipReason };

export type SkipReason =
  /** A stack that this one waits for failed, or was itself skipped; `stack` is the one that failed first. */
  | { readonly reason: "dependency"; readonly stack: string }
  /** The person or the machine asked to stop before it began. */
  | { readonly reason: "interrupted" };

/** What a running stack is given. */
export interface StackContext {
  /** The stack's line of progress. */
  readonly step: Step;
  /** Aborted at the second SIGINT or SIGTERM: end now, as cleanly as can be. The first lets running stacks finish. */
  readonly abort: AbortSignal;
}

export interface RunOptions<T> {
  /** In any order; dependencies on stacks that are not listed are taken as met. */
  readonly stacks: readonly EstateStack[];
  /** How many stacks run at once: at least 1, or Infinity. */
  readonly concurrency: number;
  /** `destroy` turns the dependencies round. */
  readonly direction: "apply" | "destroy";
  readonly act: (stack: EstateStack, context: StackContext) => Promise<T>;
  readonly progress: Progress;
  /** Where SIGINT and SIGTERM come from. @default process */
  readonly signals?: SignalSource;
}

export interface SignalSource {
  on(event: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(event: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

export interface RunResult<T> {
  /** In the order in which the stacks were given. */
  readonly outcomes: readonly StackOutcome<T>[];
  /** True where SIGINT or SIGTERM came: some stacks may be left. */
  readonly interrupted: boolean;
}

/**
 * Runs stacks along their dependencies. One that fails never disturbs others that run, and only what depends on it is
 * skipped. At SIGINT or SIGTERM no new stack starts and those that run get to finish, since half an apply is half a state.
 * Never throws for a stack's failure.
 */
export async function runStacks<T>(options: RunOptions<T>): Promise<RunResult<T>> {
  const { stacks, concurrency, act, progress, signals = process } = options;
  const before = predecessors(stacks, options.direction);
  const outcomes = new Map<string, StackOutcome<T>>();
  const running = new Map<string, Promise<void>>();
  const waiting = new Set(stacks);
  const abort = new AbortController();
  let interruptions = 0;
  const interrupt = () => {
    interruptions++;
    if (interruptions > 1) abort.abort();
    const still = [...running.keys()].join(", ");
    progress.step(interruptions > 1 ? `ending ${still}` : `no other stack starts; ${still} may finish`).done();
  };
  signals.on("SIGINT", interrupt);
  signals.on("SIGTERM", interrupt);

  const start = async (stack: EstateStack): Promise<void> => {
    const since = Date.now();
    const step = progress.step(stack.id);
    try {
      const value = await act(stack, { step, abort: abort.signal });
      outcomes.set(stack.id, { stack: stack.id, result: "done", value, durationMs: Date.now() - since });
      step.done();
    } catch (error) {
      outcomes.set(stack.id, { stack: stack.id, result: "failed", error, durationMs: Date.now() - since });
      step.fail();
    }
    running.delete(stack.id);
  };

  const settle = () => {
    for (const stack of waiting) {
      const because =
        interruptions > 0 ? ({ reason: "interrupted" } as const) : failureBefore(stack.id, before, outcomes);
      if (!because) continue;
      waiting.delete(stack);
      outcomes.set(stack.id, { stack: stack.id, result: "skipped", because });
    }
    for (const stack of waiting) {
      if (running.size >= concurrency) return;
      if (![...(before.get(stack.id) ?? [])].every((id) => outcomes.get(id)?.result === "done")) continue;
      waiting.delete(stack);
      running.set(stack.id, start(stack));
    }
  };

  try {
    for (settle(); running.size > 0; settle()) await Promise.race(running.values());
  } finally {
    signals.off("SIGINT", interrupt);
    signals.off("SIGTERM", interrupt);
  }
  if (waiting.size > 0) throw new Error(`stacks wait for each other: ${[...waiting].map((s) => s.id).join(", ")}`);
  return {
    outcomes: stacks.map((s) => outcomes.get(s.id)).filter((o) => o !== undefined),
    interrupted: interruptions > 0,
  };
}

/** Which stacks have to be done before each: its dependencies, or in a destroy its dependents. */
function predecessors(stacks: readonly EstateStack[], direction: "apply" | "destroy"): Map<string, Set<string>> {
  const before = new Map(stacks.map((s) => [s.id, new Set<string>()]));
  for (const stack of stacks) {
    for (const dependency of stack.dependencies) {
      if (!before.has(dependency)) continue;
      if (direction === "apply") before.get(stack.id)?.add(dependency);
      else before.get(dependency)?.add(stack.id);
    }
  }
  return before;
}

function failureBefore<T>(
  id: string,
  before: ReadonlyMap<string, ReadonlySet<string>>,
  outcomes: ReadonlyMap<string, StackOutcome<T>>,
): SkipReason | undefined {
  for (const earlier of before.get(id) ?? []) {
    const outcome = outcomes.get(earlier);
    if (outcome?.result === "failed") return { reason: "dependency", stack: earlier };
    if (outcome?.result === "skipped") return outcome.because;
  }
  return undefined;
}
