import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { BhittiError } from "../../messages/message.ts";
import { type Catalogue, loadCatalogue } from "./catalogue.ts";
import { rolloutDemand } from "./rollout.ts";

const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const copies: string[] = [];
afterEach(() => {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true });
});

/** Loads a copy of the catalogue in which one text of one file was replaced. */
function loadWith(file: keyof Catalogue, from: string | RegExp, to: string): string[] {
  const root = mkdtempSync(join(tmpdir(), "bhitti-catalogue-"));
  copies.push(root);
  cpSync(join(repository, "environments/catalogue"), join(root, "environments/catalogue"), { recursive: true });
  const path = join(root, "environments/catalogue", `${file}.yaml`);
  const text = readFileSync(path, "utf8");
  const patched = text.replace(from, to);
  if (patched === text) throw new Error(`nothing to replace in ${file}.yaml`);
  writeFileSync(path, patched);
  try {
    loadCatalogue(root);
    return [];
  } catch (error) {
    if (!(error instanceof BhittiError)) throw error;
    return error.message.split("\n");
  }
}

describe("the catalogue", () => {
  const { services, districts, rollout } = loadCatalogue(repository);
  const all = districts.divisions.flatMap((division) => division.districts);
  const sum = (unit: "upazilas" | "unions", source: string) => all.reduce((n, d) => n + (d[unit][source] ?? 0), 0);

  test("lists 81 services, none of them as a public fact without a source", () => {
    const listed = services.ministries.flatMap((ministry) => ministry.services);
    expect(listed).toHaveLength(81);
    expect(listed.filter((s) => s.basis === "public" && !s.source)).toEqual([]);
  });

  test("has the 64 districts of 8 divisions, and the sums that its sources state", () => {
    expect(districts.divisions).toHaveLength(8);
    expect(all).toHaveLength(64);
    expect([sum("upazilas", "first"), sum("unions", "first")]).toEqual([494, 4540]);
    expect([sum("upazilas", "second"), sum("unions", "second")]).toEqual([504, 4964]);
  });

  test("opens with the three pilot centres that were announced", () => {
    expect(rollout.pilot.map((c) => [c.name, c.state])).toEqual([
      ["gulshan", "open"],
      ["uttara", "open"],
      ["nilkhet", "planned"],
    ]);
    expect(rollout.waves.map((w) => w.centres)).toEqual(["pilot", "district", "upazila", "union"]);
  });

  test("every Bangla title is written in Bangla", () => {
    const titles = [
      ...services.ministries.flatMap((m) => [m.titleBangla, ...m.services.map((s) => s.titleBangla)]),
      ...districts.divisions.flatMap((d) => [d.titleBangla, ...d.districts.map((x) => x.titleBangla)]),
      ...[...rollout.connectivity, ...rollout.pilot, ...rollout.waves].map((x) => x.titleBangla),
    ];
    expect(
      titles.filter((title) => !/^(\p{Script=Bengali}|\p{P}|\p{Zs}|\p{Join_Control}|[a-z])+$/u.test(title)),
    ).toEqual([]);
    expect(titles.length).toBeGreaterThan(180);
  });
});

test.each([
  [
    "services",
    "count: 81",
    "count: 80",
    "services.yaml:5:18 BH1061 80 services are said to be hosted, and 81 are listed",
  ],
  ["services", /\n {6}- \{ name: statistics-request.*/, "", "BH1060 ministry 'planning' has 1 of"],
  ["services", "name: land-record", "name: mouza-map", "services.yaml:45:17 BH1030 'mouza-map' stands twice"],
  ["services", "dataClass: open", "dataClass: public", "BH1013"],
  [
    "districts",
    "unions: { first: 43, second: 47 }",
    "unions: { first: 43 }",
    "BH1062 'unions' of district 'barguna' has no count",
  ],
  ["districts", "{ first: 43, second: 47 }", "{ first: 43, secnd: 47 }", "BH1031 there is no source 'secnd'"],
  ["districts", "name: bhola", "name: barguna", "BH1030 'barguna' stands twice"],
  [
    "rollout",
    "district: dhaka",
    "district: daka",
    "BH1031 there is no district 'daka', which 'pilot.district' names; did you mean 'dhaka'?",
  ],
  ["rollout", "connectivity: mobile", "connectivity: mobil", "did you mean 'mobile'?"],
  [
    "rollout",
    '"2027-07-01"',
    '"2026-07-01"',
    "BH1063 wave 'upazilas' opens on 2026-07-01, not after wave 'districts' on 2027-01-01",
  ],
  ["rollout", '"2027-07-01"', '"2027-02-30"', "BH1029 '2027-02-30' is no day"],
  ["rollout", "districts: [dhaka]", "districts: [dhaka, comilla]", "BH1031 there is no district 'comilla'"],
] as const)("%s.yaml: %s for %s is told", (file, from, to, expected) => {
  expect(loadWith(file, from, to).join("\n")).toContain(expected);
});

test("removing any one line gives a result or positioned errors, never another failure", () => {
  for (const file of ["services", "districts", "rollout"] as const) {
    const lines = readFileSync(join(repository, `environments/catalogue/${file}.yaml`), "utf8").split("\n");
    const step = file === "rollout" ? 1 : 7;
    for (let i = 0; i < lines.length; i += step) {
      if (!lines[i]?.trim()) continue;
      const told = loadWith(file, lines.join("\n"), lines.filter((_, j) => j !== i).join("\n"));
      for (const line of told) expect(line).toMatch(/^environments\/catalogue\/\w+\.yaml:\d+:\d+ BH\d{4} /);
    }
  }
});

test("the rollout's demand adds up: every unit of a kind opens one centre, by each source", () => {
  const demand = rolloutDemand(loadCatalogue(repository));
  expect(demand.map((d) => [d.wave.name, d.opens["first"], d.open["first"], d.open["second"]])).toEqual([
    ["pilot", 3, 3, 3],
    ["districts", 64, 67, 67],
    ["upazilas", 494, 561, 571],
    ["unions", 4540, 5101, 5535],
  ]);
  // 120 requests a minute and a /29 for each centre.
  expect(demand.at(-1)?.needs.requestsPerMinute["first"]).toBe(5101 * 120);
  expect(demand.at(-1)?.needs.addresses["first"]).toBe(5101 * 8);
});
