import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
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
