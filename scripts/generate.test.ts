import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { glob } from "zx";
import { repositoryRoot } from "./commands/outcome.ts";
import { generatedFiles, staleFiles } from "./generate.ts";

const root = repositoryRoot();

test("schemas and reference are what the model says; else run 'npm run generate'", () => {
  expect(generatedFiles(root).length).toBeGreaterThan(9);
  expect(staleFiles(root)).toEqual([]);
});

test("every YAML file of an environment opens with the schema of its kind", async () => {
  const files = await glob("environments/*/{*.yaml,zones/*.yaml}", { cwd: root });
  expect(files.length).toBeGreaterThan(8);
  const wrong = files.filter((file) => {
    const zone = /\/zones\//.test(file);
    const kind = zone ? "zone" : file.replace(/^.*\/|\.yaml$/g, "");
    const wanted = `# yaml-language-server: $schema=${zone ? "../.." : ".."}/schemas/${kind}.schema.json`;
    return readFileSync(join(root, file), "utf8").split("\n")[0] !== wanted;
  });
  expect(wrong).toEqual([]);
});
