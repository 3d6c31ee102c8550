import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { silent } from "../progress.ts";
import { runStacks, type StackOutcome } from "./run.ts";

const stack = (id: string, ...dependencies: string[]) => ({ id, dependencies });
const results = (outcomes: readonly StackOutcome<unknown>[]) =>
  Object.fromEntries(outcomes.map((o) => [o.stack, o.result === "skipped" ? o.because : o.result]));

describe.each([1, 2, Number.POSITIVE_INFINITY])("at concurrency %s", (concurrency) => {
  const stacks = [
    stack("bad"),
    stack("slow"),
    stack("after-bad", "bad"),
    stack("after-both", "slow", "after-bad"),
    stack("other"),
    stack("after-slow", "slow"),
  ];

  test("a failing stack takes only what depends on it along", async () => {
    const running = new Set<string>();
    let most = 0;
    const finished: string[] = [];
    const { outcomes, interrupted } = await runStacks({
      stacks,
      concurrency,
      direction: "apply",
      progress: silent,
      act: async ({ id }) => {
        running.add(id);
        most = Math.max(most, running.size);
        await sleep(id === "slow" ? 60 : 10);
        running.delete(id);
        if (id === "bad") throw new Error("it is bad");
        finished.push(id);
      },
    });
    expect(results(outcomes)).toEqual({
      bad: "failed",
      slow: "done",
      "after-bad": { reason: "dependency", stack: "bad" },
      "after-both": { reason: "dependency", stack: "bad" },
      other: "done",
      "after-slow": "done",
    });
    expect(interrupted).toBe(false);
    expect(finished.indexOf("after-slow")).toBeGreaterThan(finished.indexOf("slow"));
    expect(most).toBeLessThanOrEqual(concurrency);
    if (concurrency >= 2) expect(most).toBeGreaterThan(1);
  });

  test("an interrupt lets running stacks finish and starts no other", async () => {
    const signals = new EventEmitter();
    const aborted: boolean[] = [];
    const { outcomes, interrupted } = await runStacks({
      stacks: [stack("first"), stack("second", "first"), stack("third", "second")],
      concurrency,
      direction: "apply",
      progress: silent,
      signals,
      act: async (_, { abort }) => {
        signals.emit("SIGINT");
        await sleep(10);
        aborted.push(abort.aborted);
      },
    });
    expect(results(outcomes)).toEqual({
      first: "done",
      second: { reason: "interrupted" },
      third: { reason: "interrupted" },
    });
    expect(interrupted).toBe(true);
    expect(aborted).toEqual([false]);
    expect(signals.listenerCount("SIGINT") + signals.listenerCount("SIGTERM")).toBe(0);
  });
});

test("a second interrupt tells running stacks to end", async () => {
  const signals = new EventEmitter();
  const { outcomes } = await runStacks({
    stacks: [stack("only")],
    concurrency: 1,
    direction: "apply",
    progress: silent,
    signals,
    act: async (_, { abort }) => {
      signals.emit("SIGTERM");
      expect(abort.aborted).toBe(false);
      signals.emit("SIGINT");
      return abort.aborted;
    },
  });
  expect(outcomes[0]).toMatchObject({ result: "done", value: true });
});

test("a destroy goes the other way round", async () => {
  const order: string[] = [];
  await runStacks({
    stacks: [stack("network"), stack("zone", "network"), stack("gateway", "network")],
    concurrency: 1,
    direction: "destroy",
    progress: silent,
    act: async ({ id }) => {
      order.push(id);
    },
  });
  expect(order).toEqual(["zone", "gateway", "network"]);
});

test("stacks that wait for each other are a defect, not a deadlock", async () => {
  const run = runStacks({
    stacks: [stack("a", "b"), stack("b", "a")],
    concurrency: 2,
    direction: "apply",
    progress: silent,
    act: async () => undefined,
  });
  await expect(run).rejects.toThrow("stacks wait for each other: a, b");
});
