import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { afterAll, expect, test } from "vitest";
import { type Checkout, copyOfRepository } from "./checkout.ts";

const checkout: Checkout = copyOfRepository();
afterAll(() => checkout.remove());

const cdktf = (...words: string[]) =>
  promisify(execFile)("npx", ["cdktf", ...words], {
    cwd: checkout.root,
    env: { ...process.env, BHITTI_ENVIRONMENT: "local", CHECKPOINT_DISABLE: "1", CI: "true" },
  });

test("'npx cdktf synth' writes the stacks that 'bhitti check' writes, on the same state", async () => {
  await cdktf("synth");
  expect((await checkout.bhitti("check", "local")).exitCode).toBe(0);
  const stack = (outdir: string) =>
    JSON.parse(readFileSync(join(checkout.root, outdir, "stacks", "local-network", "cdk.tf.json"), "utf8")) as {
      terraform: { backend: { local: { path: string } } };
      resource: object;
    };
  const [plain, ours] = [stack("cdktf.out"), stack("cdktf.out/local")];
  expect(plain.resource).toEqual(ours.resource);
  expect(plain.terraform.backend.local.path).toBe("../../../.bhitti/state/local/local-network.tfstate");
  expect(ours.terraform.backend.local.path).toBe("../../../../.bhitti/state/local/local-network.tfstate");
});

test("'npx cdktf deploy' works on the state that 'bhitti deploy' left, where the official providers can be had", async (context) => {
  const up = await checkout.bhitti("local", "up", "--engine", "terraform");
  const said = JSON.stringify(up.json["messages"] ?? []);
  if (up.exitCode !== 0 && /providers? /.test(said))
    context.skip(`not run: the official providers cannot be had: ${said}`);
  expect(up.exitCode, up.stderr).toBe(0);

  const { stdout } = await cdktf("deploy", "local-network", "--auto-approve", "--skip-provider-lock");
  expect(stripVTControlCharacters(stdout)).toContain("No changes. Your infrastructure matches the configuration.");
  expect(await checkout.bhitti("plan", "local")).toMatchObject({
    exitCode: 0,
    json: { engine: "terraform", total: { create: 0, update: 0, replace: 0, delete: 0 } },
  });
});
