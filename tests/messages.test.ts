import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { glob } from "zx";
import { CATALOGUE } from "../messages/catalogue.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = (
  await glob("**/*.ts", { cwd: root, ignore: ["node_modules/**", "cdktf.out/**", ".bhitti/**", "messages/**"] })
)
  .filter((file) => !/\.test\.ts$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));

describe.each(Object.entries(CATALOGUE))("%s", (code, entry) => {
  test("says what is wrong without a full stop, and is explained", () => {
    expect(entry.text).not.toMatch(/\.$/);
    expect(entry.text.length).toBeGreaterThan(7);
    expect(entry.explain.length).toBeGreaterThan(30);
    if (entry.severity === "error") expect(entry.remedy ?? entry.text).not.toBe("");
  });

  test("is used somewhere", () => {
    expect(sources.some(({ text }) => text.includes(`"${code}"`))).toBe(true);
  });
});

test("nobody throws a text of his own at a user", () => {
  const literal = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/new BhittiError\(\s*["'`]/g)].map((match) => `${file}: ${match[0]}`),
  );
  expect(literal).toEqual([]);
});
