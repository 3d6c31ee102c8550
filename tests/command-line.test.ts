import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { repository } from "./checkout.ts";

function bhitti(...words: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(repository, "scripts", "bhitti.js"), ...words], (error, stdout, stderr) =>
      resolve({ exitCode: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

test.each<[words: string, exitCode: number, says: RegExp]>([
  ["chek local", 2, /BH9002 unknown command 'chek' \(Did you mean check\?\)/],
  ["check", 2, /BH9002 missing required argument 'environment'; 'bhitti check --help'/],
  ["deploy local --engine foo", 2, /BH9002 option '--engine <name>' argument 'foo' is invalid/],
  ["deploy local --concurrency 0", 2, /BH9002 .* takes a whole number from 1/],
  ["check locla", 2, /BH9001 there is no environment 'locla'; did you mean local\?/],
  ["explain BH1o10", 2, /BH9003 there is no message, rule, control or clause 'BH1o10'; did you mean BH1010\?/],
  ["laws show pdpo-2024", 2, /BH9004 there is no instrument and no clause 'pdpo-2024'; did you mean pdpo-2025\?/],
  ["laws diff --from 2027-02-29 --to 2027-05-13", 2, /BH9005 '2027-02-29' of --from is no day/],
  ["laws list --as-of yesterday", 2, /BH9005 'yesterday' of --as-of is no day/],
  ["check local --as-of 2026-02-30", 2, /BH9002 .* takes a day such as '2027-05-13'/],
  ["policy lint -f no-such-file.yaml", 2, /no-such-file.yaml:1:1 BH3101 .* there is no such file/],
  ["policy lint -f package.json", 2, /BH3132 there is neither a policy nor a binding in package.json/],
  ["policy lint -f x --minimum-version latest", 2, /BH9002 .* takes a minor version such as '1.30'/],
  ["plan local no-such-stack", 2, /BH4040 environment .local. has no stack .no-such-stack./],
])("'bhitti %s' exits with %i and says why, without a stack trace", async (words, exitCode, says) => {
  const { stdout, stderr, ...ended } = await bhitti(...words.split(" "));
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect({ ...ended, stdout }).toEqual({ exitCode, stdout: "" });
});

test("with --json a refusal is one JSON document with code, text and severity", async () => {
  const { exitCode, stdout } = await bhitti("check", "locla", "--json");
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    messages: [{ code: "BH9001", severity: "error", text: expect.stringContaining("locla") }],
  });
});

test("check finds the local environment in order, and says what to do next", async () => {
  const { exitCode, stdout } = await bhitti("check", "local");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /^BH3016 supply-chain\/digest-in-lock .*\nlocal: \d+ objects in 7 stacks, \d+ rules, 0 findings, .*\nnext: bhitti plan local\n$/,
  );
});

test("check judges grants as on the day that it is given", async () => {
  const { exitCode, stdout } = await bhitti("check", "local", "--as-of", "3000-01-01");
  expect(exitCode).toBe(1);
  expect(stdout).toContain("BH1130 the grant of API 'payments-v1' to 'citizen-services' ended on 2999-12-31");
  expect(stdout).toMatch(/api-hub\/callers-granted: the grant of 'payments-v1' ended on 2999-12-31/);
});

test("explain tells a rule with its weight and what it serves, in English and in Bangla", async () => {
  const english = await bhitti("explain", "network/no-node-port");
  expect(english.stdout).toMatch(
    /^network\/no-node-port\nNo service opens a port on the nodes\n\n.*\n\nseverity: high\nlevel: soft-mandatory\ncontrols: boundary-protection\nsee: https:/,
  );
  const bangla = await bhitti("explain", "network/no-node-port", "--language", "bn");
  expect(bangla).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("নোডে পোর্ট খোলে না") });
  expect(bangla.stdout).not.toContain("opens a port");
});

test("every command has examples in its help", async () => {
  for (const words of [
    "check",
    "plan",
    "deploy",
    "drift",
    "destroy",
    "export",
    "simulate",
    "explain",
    "laws list",
    "laws show",
    "laws diff",
    "policy eval",
    "local up",
    "local down",
    "local status",
  ]) {
    const { exitCode, stdout } = await bhitti(...words.split(" "), "--help");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Examples:\n  $ bhitti ${words}`);
    expect(stdout).toContain("--json");
  }
});

test("whoever reads the output may stop when he has read enough", async () => {
  const { stdout, stderr } = await promisify(execFile)("sh", [
    "-c",
    `"${process.execPath}" "${join(repository, "scripts", "bhitti.js")}" catalogue --json | head -c 20`,
  ]);
  expect(stdout).toMatch(/^\{/);
  expect(stderr).toBe("");
});
