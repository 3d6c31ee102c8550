import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadEnvironment } from "../environments/model/load.ts";
import { root } from "../environments/model/testing.ts";
import { synthesize } from "./synthesize.ts";

const scratch = mkdtempSync(join(tmpdir(), "bhitti-clusters-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("a chart of one name in two clusters holds each cluster's own objects", () => {
  synthesize(loadEnvironment(root, "pilot"), root, scratch);
  for (const stack of ["agrcore-backup", "jsrcore-backup"]) {
    const assets = join(scratch, "stacks", stack, "assets");
    const files = readdirSync(assets, { recursive: true, encoding: "utf8" }).filter((file) =>
      /templates.*\.yaml$/.test(file),
    );
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      expect(readFileSync(join(assets, file), "utf8")).toContain(`"bhitti.platform/stack": "${stack}"`);
    }
  }
});

test("what an earlier synthesis left is gone, and what was tampered with is as it was", () => {
  const pilot = loadEnvironment(root, "pilot");
  const folder = join(scratch, "again");
  const all = () =>
    readdirSync(join(folder, "stacks"), { recursive: true, encoding: "utf8", withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  synthesize(pilot, root, folder);
  const before = all();
  const [chart = ""] = before.filter((file) => file.includes("assets"));
  const content = readFileSync(chart, "utf8");
  writeFileSync(chart, "tampered");
  mkdirSync(join(folder, "stacks", "old-stack", "assets"), { recursive: true });
  writeFileSync(join(folder, "stacks", "old-stack", "cdk.tf.json"), "{}");
  writeFileSync(join(folder, "stacks", "agrcore-network", "extra.tf"), "");

  synthesize(pilot, root, folder);

  expect(all()).toEqual(before);
  expect(readdirSync(join(folder, "stacks"))).not.toContain("old-stack");
  expect(readFileSync(chart, "utf8")).toBe(content);
});
