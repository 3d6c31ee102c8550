import { expect, test } from "vitest";
import { message } from "../../messages/message.ts";
import type { EnvironmentRun } from "../deploy/deploy.ts";
import { runOutcome } from "./deploy.ts";

const idle: EnvironmentRun = {
  environment: "local",
  engine: "server-side-apply",
  reason: message("BH4016"),
  clusters: [],
  stacks: [],
  total: { create: 0, update: 0, replace: 0, delete: 0, unchanged: 0 },
  messages: [],
  done: true,
  interrupted: false,
  durationMs: 100,
};

test("a run that had nothing to do says so in the words of what was asked", () => {
  expect(runOutcome(idle, "next").text).toContain("nothing to change: 0 objects of local stand as stated, 0.1 s");
  const destroyed = runOutcome(idle, "next", "nothing to remove: no object of local stands");
  expect(destroyed.text).toContain("nothing to remove: no object of local stands, 0.1 s");
  const deleting = { ...idle, total: { ...idle.total, delete: 1 } };
  expect(runOutcome(deleting, "next", "nothing to remove").text).not.toContain("nothing to remove");
});
