import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { glob } from "zx";
import { environmentNames, loadEnvironment } from "../environments/model/load.ts";
import { synthesize } from "../stacks/synthesize.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const scratch = mkdtempSync(join(tmpdir(), "bhitti-synthesis-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function filesOf(folder: string): Promise<Record<string, string>> {
  const paths = (await glob("**/*", { cwd: folder, dot: true })).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** Synthesizes in a process of its own, in which `preload` may change what it imports. */
async function synthesizeApart(outdir: string, preload: string[] = []): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", ...preload.flatMap((file) => ["--import", file]), join(root, "stacks", "main.ts")],
    { cwd: root, env: { ...process.env, CDKTF_OUTDIR: outdir, BHITTI_ENVIRONMENT: "local" } },
  );
}

describe.each(environmentNames(root))("%s", (name) => {
  test("synthesized twice, in two folders, gives the same bytes", async () => {
    const environment = loadEnvironment(root, name);
    const [first, second] = [join(scratch, name, "first"), join(scratch, name, "second", "deeper")];

    synthesize(environment, root, first);
    synthesize(environment, root, second);

    const files = await filesOf(first);
    expect(Object.keys(files).length).toBeGreaterThan(5);
    expect(await filesOf(second)).toEqual(files);
    expect(JSON.stringify(files)).not.toContain(scratch);
    expect(JSON.stringify(files)).not.toContain(root);
  });

  test("no two objects share a Terraform address: each construct is one resource of the JSON", () => {
    const outdir = join(scratch, name, "addresses");
    synthesize(loadEnvironment(root, name), root, outdir);

    const sources = JSON.parse(readFileSync(join(outdir, "sources.json"), "utf8")) as Record<string, object>;
    for (const [stack, positions] of Object.entries(sources)) {
      const { resource = {} } = JSON.parse(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8")) as {
        resource?: Record<string, object>;
      };
      const addresses = Object.entries(resource).flatMap(([type, named]) =>
        Object.keys(named).map((id) => `${type}.${id}`),
      );
      const stated = new Set(Object.keys(positions).map((key) => key.replace(/#.*/, "")));
      expect(addresses.sort()).toEqual([...stated].sort());
    }
  });
});

test("under cdktn, cdktf's successor, the JSON is the same but for the version", async () => {
  const [plain, alias] = [join(scratch, "cdktf"), join(scratch, "cdktn")];
  await synthesizeApart(plain);
  await synthesizeApart(alias, [join(root, "tests", "under-cdktn.mjs")]);

  /** JSON says the same however it breaks its lines; `version` is cdktf's own. */
  const masked = (text: string | undefined): unknown =>
    JSON.parse((text ?? "").replace(/("version": ")0\.\d+\.\d+(")/g, "$1masked$2"));
  const [before, after] = [await filesOf(plain), await filesOf(alias)];
  const stacks = Object.keys(before).filter((path) => path.endsWith("cdk.tf.json"));
  expect(stacks.length).toBeGreaterThan(5);
  // It really was another library.
  expect(before["manifest.json"]).toContain('"version": "0.21.0"');
  expect(after["manifest.json"]).not.toContain('"version": "0.21.0"');
  for (const path of stacks) expect(masked(after[path])).toEqual(masked(before[path]));
});
