import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../../contracts.ts";
import { localCopies, patch, root } from "../../environments/model/testing.ts";
import { silent } from "../progress.ts";
import { seedCheck } from "./seed.ts";

const { copy: copyOfLocal } = localCopies();

/** A repository with the local environment, and a seed of one file that is there, one that is not, and somebody's word. */
function seeded(): string {
  const copy = copyOfLocal();
  cpSync(join(root, "package.json"), join(copy, "package.json"));
  patch(copy, "seed.yaml", [
    ["- path: package-lock.json", "- path: package.json"],
    ["- path: environments/local/seed.yaml\n", "- path: seed/none.pem\n"],
    [
      "      files:\n",
      "      attestations: [{ by: developer, says: It is in the drawer, issued: 2027-01-01, expires: 2027-12-31 }]\n      files:\n",
    ],
  ]);
  return copy;
}

test("what holds, what fails and what only somebody attests are told apart, and a failure is a finding", async () => {
  const context = { root: seeded(), progress: silent };
  const { exitCode, text, json } = await seedCheck(context, "local", { asOf: "2027-06-30", timeout: 1 });
  expect(exitCode).toBe(EXIT.findings);
  expect(text.split("\n")).toEqual([
    "✓ repository: file package.json",
    "✗ repository: file seed/none.pem",
    "? repository: It is in the drawer",
    "",
    expect.stringMatching(
      /^environments\/local\/seed.yaml:\d+:11 BH1190 'repository': file seed\/none.pem cannot be had: ENOENT/,
    ),
    expect.stringMatching(/^environments\/local\/seed.yaml:\d+:\d+ BH1195 'repository' cannot be tested from here/),
    "",
    "local: 1 tested and found, 1 failed, 1 only attested and not testable from here",
    "next: mend what failed; docs/day-zero.md tells what each item is for",
  ]);
  expect(json).toMatchObject({
    asOf: "2027-06-30",
    checks: [{ outcome: "holds" }, { outcome: "fails" }, { outcome: "attested" }],
  });
});

test("a day after the attestation, nothing of it holds; the repository's own seed stands", async () => {
  const late = await seedCheck({ root: seeded(), progress: silent }, "local", { asOf: "2028-01-01", timeout: 1 });
  expect(late.text).toContain("local: 1 tested and found, 2 failed, 0 only attested");
  const own = await seedCheck({ root, progress: silent }, "local", { timeout: 1 });
  expect([own.exitCode, own.text.split("\n").at(-1)]).toEqual([EXIT.fine, "next: bhitti plan local"]);
});
