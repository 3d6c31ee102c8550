import { readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { glob } from "zx";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Which room may import which, as docs/rooms.md tells it. A room is named by the longest prefix that fits. Tests may
 * import anything: they hold rooms against each other.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  "contracts.ts": [],
  messages: ["contracts.ts"],
  kubernetes: ["contracts.ts", "messages"],
  yaml: ["contracts.ts", "messages"],
  charts: ["contracts.ts", "messages", "yaml", "kubernetes"],
  "environments/model": ["contracts.ts", "messages", "yaml"],
  policies: ["contracts.ts", "messages", "kubernetes", "estate", "yaml"],
  estate: ["contracts.ts", "messages", "kubernetes", "charts"],
  constructs: ["contracts.ts", "messages", "kubernetes", "charts", "environments/model", "policies"],
  stacks: ["contracts.ts", "messages", "kubernetes", "charts", "environments/model", "policies", "constructs"],
  scripts: [
    "contracts.ts",
    "messages",
    "kubernetes",
    "yaml",
    "charts",
    "environments/model",
    "policies",
    "constructs",
    "stacks",
    "estate",
  ],
};

/** The only rooms that know the Terraform provider bindings. */
const BINDING_ROOMS = ["constructs/kubernetes", "constructs/helm"];

const sources = (
  await glob(["**/*.ts", "**/*.js"], {
    cwd: root,
    ignore: ["node_modules/**", "cdktf.out/**", ".bhitti/**", "coverage/**"],
  })
).filter((file) => !file.startsWith("tests/") && !/\.test\.ts$/.test(file) && file !== "vitest.config.ts");

const importsOf = (file: string): string[] =>
  [
    ...readFileSync(join(root, file), "utf8").matchAll(
      /(?:from|import|import\(|require\(|requireBinding\()\s*["'`]([^"'`]+)["'`]/g,
    ),
  ].flatMap((match) => (match[1] ? [match[1]] : []));

const roomOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT)
    .filter((room) => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];

test("every source file lies in a room", () => {
  expect(sources.length).toBeGreaterThan(30);
  expect(sources.filter((file) => !roomOf(file))).toEqual([]);
});

test("no room reaches into one that it may not import", () => {
  const trespasses = sources.flatMap((file) => {
    const from = roomOf(file) ?? "";
    return importsOf(file)
      .filter((target) => target.startsWith("."))
      .map((target) =>
        relative(root, resolve(root, dirname(file), target))
          .split("\\")
          .join(posix.sep),
      )
      .filter((target) => {
        const to = roomOf(target);
        return to !== undefined && to !== from && !MAY_IMPORT[from]?.includes(to);
      })
      .map((target) => `${file} imports ${target}`);
  });
  expect(trespasses).toEqual([]);
});

test("provider bindings are imported in two rooms only, and never their index, which costs 0.6 s and 190 MiB", () => {
  const bindings = sources.flatMap((file) =>
    importsOf(file)
      .filter((target) => target.startsWith("@cdktf/provider-"))
      .map((target) => ({ file, target })),
  );
  expect(bindings.length).toBeGreaterThan(0);
  expect(bindings.filter(({ file }) => !BINDING_ROOMS.some((room) => file.startsWith(`${room}/`)))).toEqual([]);
  expect(bindings.filter(({ target }) => !/^@cdktf\/provider-\w+\/lib\/.+/.test(target))).toEqual([]);
});
