import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { BhittiError, formatMessage } from "../../messages/message.ts";
import { loadControls } from "../controls/controls.ts";
import { loadClassification, loadLaws, parseLaws } from "./laws.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const PDPO = "policies/laws/pdpo-2025.yaml";
const CONTROLS = "policies/controls/controls.yaml";

/** A copy of the laws in which one text of one file is another. */
function edited(file: string, text: string, replacement: string): string {
  const root = mkdtempSync(join(tmpdir(), "bhitti-laws-"));
  folders.push(root);
  cpSync("policies/laws", join(root, "policies/laws"), { recursive: true });
  cpSync("policies/controls", join(root, "policies/controls"), { recursive: true });
  const before = readFileSync(join(root, file), "utf8");
  expect(before).toContain(text);
  writeFileSync(join(root, file), before.replace(text, replacement));
  return root;
}

function faultsOf(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof BhittiError) return error.messages.map(formatMessage);
    throw error;
  }
  return [];
}

/** Line of the first occurrence of a text in a file of this repository. */
const lineOf = (file: string, text: string): number =>
  readFileSync(file, "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text)) + 1;

test("every instrument and control loads", () => {
  expect(loadLaws().map(({ id }) => id)).toContain("pdpo-2025");
  expect(loadControls().length).toBeGreaterThanOrEqual(30);
});

test.each<[what: string, file: string, text: string, replacement: string, says: RegExp]>([
  [
    "a control that nobody defines",
    PDPO,
    "controls: [consent, ",
    "controls: [consemt, ",
    /^policies\/laws\/pdpo-2025\.yaml:\d+:\d+ BH3506 .*'consemt'.*'pdpo-2025\.consent'.*did you mean 'consent'/,
  ],
  [
    "an id twice",
    CONTROLS,
    "id: recovery",
    "id: backup",
    /controls\.yaml:\d+:\d+ BH1030 'backup' stands twice: first at policies\/controls\/controls\.yaml:\d+:\d+/,
  ],
  [
    "a clause of another instrument",
    PDPO,
    "id: pdpo-2025.consent",
    "id: pdp-2025.consent",
    /BH3502 .*'pdp-2025\.consent'.*'pdpo-2025\.'/,
  ],
  ["an id that is none", PDPO, "id: pdpo-2025.consent", "id: consent", /BH3501 'consent' is no id of a clause/],
  [
    "another name than the file's",
    PDPO,
    "id: pdpo-2025\n",
    "id: pdpo-2026\n",
    /BH1052 the name is 'pdpo-2026', but the file is called 'pdpo-2025'/,
  ],
  [
    "a status out of order",
    PDPO,
    "from: 2026-03-12",
    "from: 2025-11-06",
    /BH3503 the status from 2025-11-06 stands after that from 2025-11-06/,
  ],
  [
    "a day that does not exist",
    PDPO,
    "from: 2026-03-12",
    "from: 2026-02-30",
    /BH1029 .*2026-02-30.*the calendar has no such day/,
  ],
  ["a word that is no status", PDPO, "status: tabled", "status: inforce", /BH1013 .*'inforce'.*did you mean 'inForce'/],
  ["a missing translation", PDPO, "  bn: ব্যক্তিগত উপাত্ত সুরক্ষা অধ্যাদেশ, ২০২৫\n", "", /BH1012 key 'bn' is missing/],
  [
    "a mistyped key within an optional list",
    PDPO,
    "classes:",
    "clases:",
    /BH1010 unknown key 'clases'; did you mean 'classes'/,
  ],
])("%s is told with its place", (_, file, text, replacement, says) => {
  const faults = faultsOf(() => loadLaws(edited(file, text, replacement)));
  expect(faults.join("\n")).toMatch(says);
  const line = Number(/:(\d+):\d+ BH/.exec(faults.find((fault) => says.test(fault)) ?? "")?.[1]);
  expect(Math.abs(line - lineOf(file, text.trim().split("\n")[0] ?? ""))).toBeLessThanOrEqual(1);
});

test("all faults of all files are told at once, in the order of files, and none a second time for what refers to it", () => {
  const root = edited(PDPO, "status: tabled", "status: inforce");
  for (const [file, text, replacement] of [
    [CONTROLS, "id: backup", "id: Backup"],
    ["policies/laws/nist-800-53.yaml", "kind: standard", "kind: standart"],
  ] as const) {
    const path = join(root, file);
    writeFileSync(path, readFileSync(path, "utf8").replace(text, replacement));
  }
  const faults = faultsOf(() => loadLaws(root)).map((fault) => fault.replace(/:\d+:\d+ (BH\d+) .*/, " $1"));
  expect(faults).toEqual([`${CONTROLS} BH1020`, "policies/laws/nist-800-53.yaml BH1013", `${PDPO} BH1013`]);
});

test("clauses of standards take their controls from the controls that name them", () => {
  const nist = loadLaws().find(({ id }) => id === "nist-800-53");
  expect(nist?.clauses.find(({ reference }) => reference === "AC-6")?.controls).toEqual(["least-privilege"]);
  const unknown = edited(CONTROLS, "- nist-800-53.ac-5", "- nist-800-53.ac-55");
  expect(faultsOf(() => loadLaws(unknown)).join()).toMatch(
    /controls\.yaml:\d+:\d+ BH3508 .*'nist-800-53\.ac-55', which control 'separation-of-duties' names; did you mean 'nist-800-53\.ac-5'/,
  );
});

test("a clause that asks for nothing, and an amendment of nothing, are faults", () => {
  const silent = edited(PDPO, "    controls: [data-classification]\n", "");
  expect(faultsOf(() => loadLaws(silent)).join()).toMatch(
    /pdpo-2025\.yaml:\d+:\d+ BH3507 clause 'pdpo-2025\.classification'/,
  );
  const amendment = "policies/laws/pdp-amendment-2026.yaml";
  const lost = edited(amendment, "amends: pdpo-2025", "amends: pdpo-2024");
  expect(faultsOf(() => loadLaws(lost)).join()).toMatch(/BH3505 .*'pdpo-2024' to amend; did you mean 'pdpo-2025'/);
});

test("laws kept as JSON are what their files say, and are not used once a file says something else", () => {
  const root = edited(PDPO, "status: tabled", "status: draft");
  cpSync("policies/laws.generated.json", join(root, "policies/laws.generated.json"));
  const kept = JSON.parse(readFileSync("policies/laws.generated.json", "utf8")) as { laws: unknown };
  expect(loadLaws()).toEqual(kept.laws);
  expect(parseLaws().laws).toEqual(kept.laws);
  const changed = loadLaws(root).find(({ id }) => id === "pdpo-2025");
  expect(changed?.status.map(({ status }) => status)).toEqual(["draft", "inForce", "draft", "repealed"]);
});

test("an environment's list of data classes is one that an instrument tells", () => {
  const named = { file: "environments/local/environment.yaml", line: 7, column: 21 };
  expect(loadClassification("pdpo-2025.by-holder", named).classes.map(({ id }) => id)).toEqual([
    "public-open",
    "private-open",
    "confidential",
    "restricted",
  ]);
  const told = (id: string) => faultsOf(() => loadClassification(id, named)).join();
  expect(told("pdpo-2025.by-secret")).toMatch(
    /^environments\/local\/environment\.yaml:7:21 BH3511 .*'pdpo-2025\.by-secret'; did you mean 'pdpo-2025\.by-secrecy'\?$/,
  );
  expect(told("nist-800-53.levels")).toMatch(
    /BH3511 .*there are: pdpa-2026\.by-secrecy, pdpo-2025\.by-secrecy, pdpo-2025\.by-holder$/,
  );
});
