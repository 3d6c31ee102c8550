import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EvidenceChange } from "../../policies/evidence/compare.ts";
import { copyOfRepository, repository, run } from "../../tests/checkout.ts";
import { commitOf } from "../audit/git.ts";
import { filesBelow } from "../audit/rebuild.ts";
import { differencesOf } from "./audit.ts";

const checkout = copyOfRepository();
const elsewhere = mkdtempSync(join(tmpdir(), "bhitti-elsewhere-"));
const clone = join(elsewhere, "a longer path", "clone");
const evidence = join(elsewhere, "evidence");

const git = (folder: string, ...words: string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.gov.bd", ...words], {
    cwd: folder,
    encoding: "utf8",
  });

const bhitti = (folder: string, ...words: string[]) =>
  run(process.execPath, [join(folder, "scripts", "bhitti.js"), ...words, "--json"], folder);

const codes = ({ json }: Awaited<ReturnType<typeof bhitti>>): unknown =>
  (json["messages"] as { code: string; params: object }[]).map(({ code, params }) => [code, ...Object.values(params)]);

let commit = "";

beforeAll(async () => {
  git(checkout.root, "init", "--quiet");
  appendFileSync(join(checkout.root, ".git", "info", "exclude"), "node_modules\n");
  git(checkout.root, "add", "--all");
  git(checkout.root, "commit", "--quiet", "--message", "all", "--date", "2026-11-20T23:30:00+06:00");
  commit = git(checkout.root, "rev-parse", "HEAD").trim();
  git(elsewhere, "clone", "--quiet", checkout.root, clone);
  appendFileSync(join(clone, ".git", "info", "exclude"), "node_modules\n");
  symlinkSync(join(repository, "node_modules"), join(clone, "node_modules"));
  await bhitti(checkout.root, "audit", "local", "--as-of", "2027-05-13", "--output", evidence);
}, 60_000);

afterAll(() => {
  for (const folder of [checkout.root, elsewhere]) rmSync(folder, { recursive: true });
});

describe("bhitti audit", () => {
  test("gives the same bytes in another folder, time zone and language", async () => {
    const [zone, language] = [process.env.TZ, process.env.LANG];
    Object.assign(process.env, { TZ: "Pacific/Kiritimati", LANG: "bn_BD.UTF-8" });
    const output = join(elsewhere, "second");
    const { json } = await bhitti(clone, "audit", "local", "--as-of", "2027-05-13", "--output", output);
    Object.assign(process.env, { TZ: zone ?? "UTC", LANG: language ?? "C" });
    expect(json).toMatchObject({ commit, asOf: "2027-05-13", reproducible: true, messages: [] });
    const [here, there] = [filesBelow(join(evidence, "declared")), filesBelow(join(output, "declared"))];
    expect([...there.keys()]).toEqual(json["files"] && [...(json["files"] as string[])].sort());
    expect(differencesOf(here, there, commit)).toEqual([]);
    const text = [...here.values()].join("\n");
    for (const secret of [checkout.root, clone, repository, process.version]) expect(text).not.toContain(secret);
  });

  test("judges by the law of the commit's day where none is named", async () => {
    const { json } = await bhitti(clone, "audit", "local", "--output", join(elsewhere, "third"));
    const committed = git(clone, "show", "-s", "--format=%cd", "--date=format-local:%Y-%m-%d", "HEAD");
    expect(json["asOf"]).toBe(committed.trim());
  });

  test("says where the worktree differs, of what is not in git too, and marks what it made", async () => {
    const file = join(clone, "environments", "local", "zones", "extra.yaml");
    cpSync(join(clone, "environments", "local", "zones", "bill-payment.yaml"), file);
    writeFileSync(
      file,
      readFileSync(file, "utf8")
        .replace("name: bill-payment", "name: extra")
        .replace(/services:[\s\S]*?egress:/, "services: []\negress:")
        .replace(/apis:[\s\S]*/, "apis: []\nuses: []\n"),
    );
    const output = join(elsewhere, "dirty");
    const told = await bhitti(clone, "audit", "local", "--output", output);
    rmSync(file);
    expect(codes(told)).toEqual([["BH6014", commit, "environments/local/zones/extra.yaml"]]);
    expect(told.json["reproducible"]).toBe(false);
    expect(readFileSync(join(output, "declared", "index.html"), "utf8")).toContain("NOT reproducible");
    const verified = await bhitti(clone, "audit", "verify", output);
    expect(verified.exitCode).toBe(1);
    expect(codes(verified)).toContainEqual(["BH6013", commit, "environments/local/zones/extra.yaml"]);
  });

  test("tells what differs from an earlier commit, and that can be verified too", async () => {
    const file = join(clone, "environments", "local", "guardrails.yaml");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.replace("rules: {}", "rules:\n  network/no-node-port: warn"));
    expect(readFileSync(file, "utf8")).not.toBe(before);
    git(clone, "commit", "--quiet", "--all", "--message", "loosen");
    const output = join(elsewhere, "compared");
    const { json } = await bhitti(clone, "audit", "local", "--compare", commit.slice(0, 12), "--output", output);
    const { comparison } = json as { comparison: { commit: string; changes: EvidenceChange[] } };
    expect(comparison.commit).toBe(commit);
    expect(comparison.changes.find(({ id }) => id === "network/no-node-port")).toMatchObject({
      before: expect.stringMatching(/^deny; /),
      after: expect.stringMatching(/^warn; /),
    });
    const verified = await bhitti(clone, "audit", "verify", output);
    expect([verified.exitCode, verified.json]).toEqual([
      0,
      expect.objectContaining({ comparedTo: commit, verified: true }),
    ]);
    git(clone, "reset", "--quiet", "--hard", commit);
  });

  test("keeps what was observed for the same commit, and lets go of what was for another", async () => {
    const output = join(elsewhere, "observed");
    await bhitti(clone, "audit", "local", "--observe", "--output", output);
    const observed = join(output, "observed", "observed.json");
    const taken = readFileSync(observed, "utf8");
    await bhitti(clone, "audit", "local", "--output", output);
    expect(readFileSync(observed, "utf8")).toBe(taken);
    writeFileSync(observed, taken.replace(commit, "e".repeat(40)));
    await bhitti(clone, "audit", "local", "--output", output);
    expect(existsSync(observed)).toBe(false);
  });

  test("does not count what it writes itself as a difference", async () => {
    const output = join(clone, "evidence");
    await bhitti(clone, "audit", "local", "--output", output);
    const { json } = await bhitti(clone, "audit", "local", "--output", output);
    rmSync(output, { recursive: true });
    expect(json).toMatchObject({ reproducible: true });
  });

  test("writes over nothing that it did not write", async () => {
    const told = await bhitti(clone, "audit", "local", "--output", join(clone, "docs"));
    expect([told.exitCode, codes(told)]).toEqual([2, [["BH6006", join(clone, "docs")]]]);
  });

  test("needs a commit", () => {
    expect(() => commitOf(elsewhere)).toThrow(/BH6002 git cannot tell about .*not a git repository/);
  });
});

describe("bhitti audit verify", () => {
  test("finds the same in another clone", async () => {
    const { exitCode, json } = await bhitti(clone, "audit", "verify", evidence);
    expect([exitCode, json]).toEqual([
      0,
      expect.objectContaining({ verified: true, commit, environment: "local", messages: [] }),
    ]);
  });

  test("tells each file that was changed, removed or added", async () => {
    const forged = join(elsewhere, "forged");
    cpSync(evidence, forged, { recursive: true });
    const page = join(forged, "declared", "index.html");
    writeFileSync(page, readFileSync(page, "utf8").replace("provisional", "satisfied"));
    rmSync(join(forged, "declared", "junit.xml"));
    writeFileSync(join(forged, "declared", "extra.html"), "<p>all is well</p>");
    const told = await bhitti(clone, "audit", "verify", forged);
    expect([told.exitCode, codes(told)]).toEqual([
      1,
      [
        ["BH6012", "declared/extra.html", commit],
        ["BH6010", "declared/index.html", commit],
        ["BH6011", "declared/junit.xml", commit],
      ],
    ]);
  });

  test.each([
    ["a commit that is none", '"id": "--upload-pack=x"', "BH6007", 2],
    ["a commit that is not here", `"id": "${"0".repeat(40)}"`, "BH6003", 2],
  ])("takes nobody's word for %s", async (_, id, code, exitCode) => {
    const forged = join(elsewhere, code);
    cpSync(evidence, forged, { recursive: true });
    const file = join(forged, "declared", "evidence.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(`"id": "${commit}"`, id));
    const told = await bhitti(clone, "audit", "verify", forged);
    expect([told.exitCode, (codes(told) as string[][])[0]?.[0]]).toEqual([exitCode, code]);
  });

  test("leaves no trace in the repository", () => {
    expect(git(clone, "worktree", "list", "--porcelain").match(/^worktree /gm)).toHaveLength(1);
    expect(git(clone, "status", "--porcelain")).toBe("");
  });

  test("wants a folder of evidence", async () => {
    const told = await bhitti(clone, "audit", "verify", join(clone, "docs"));
    expect([told.exitCode, (codes(told) as string[][])[0]?.[0]]).toEqual([2, "BH6007"]);
  });
});
