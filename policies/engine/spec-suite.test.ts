import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runSpecSuite, type SpecResult } from "./spec-suite.ts";

/** Names of cases by the reason why they are missed. A list may only shrink: take out what passes, and add nothing. */
interface Misses {
  readonly silent: Readonly<Record<string, readonly string[]>>;
  readonly missing: Readonly<Record<string, readonly string[]>>;
  readonly types: Readonly<Record<string, readonly string[]>>;
}

const misses = JSON.parse(
  readFileSync(fileURLToPath(new URL("./spec-misses.json", import.meta.url)), "utf8"),
) as Misses;
const listed = (lists: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.values(lists).flat().sort();

const results = runSpecSuite();
const named = (is: (result: SpecResult) => boolean): readonly string[] =>
  results
    .filter(is)
    .map(({ name }) => name)
    .sort();

test("the whole suite runs", () => {
  expect(results).toHaveLength(2344);
  expect(new Set(results.map(({ name }) => name)).size).toBe(2344);
});

test("what the specification wants and the engine lacks is what is listed", () => {
  expect(named(({ outcome }) => outcome === "missing")).toEqual(listed(misses.missing));
});

test("where the engine gives another value than the specification, the API server does so too", () => {
  expect(named(({ outcome }) => outcome === "silent")).toEqual(listed(misses.silent));
});

test("types are those that cel-go's checker finds", () => {
  expect(named(({ types }) => types !== undefined && types[0] !== types[1])).toEqual(listed(misses.types));
  expect(named(({ types }) => types !== undefined).length).toBeGreaterThan(1200);
});
