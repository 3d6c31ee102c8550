import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect } from "vitest";
import { BhittiError, formatMessage, type Message } from "../../messages/message.ts";
import { loadEnvironment } from "./load.ts";

/** The repository that the tests lie in. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
const KNOWN_RULES = ["network/no-node-port"];

/** A text in a file, and what stands in its place then. */
export type Patch = readonly [from: string | RegExp, to: string];

/** Copies of the local environment, each in a repository of its own, that are gone after the tests of the file. */
export function localCopies() {
  const scratch = mkdtempSync(join(tmpdir(), "bhitti-environment-"));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  let copies = 0;
  return {
    scratch,
    /** @returns the root of a new repository */
    copy(): string {
      const copy = join(scratch, String(copies++));
      cpSync(join(root, "environments", "local"), join(copy, "environments", "local"), { recursive: true });
      return copy;
    },
  };
}

/** A file of a copy. */
export const local = (copy: string, file: string): string => join(copy, "environments", "local", file);

/** Replaces within a file; a text that is not there is a mistake of the test. */
export function patch(copy: string, file: string, patches: readonly Patch[]): void {
  const path = local(copy, file);
  const before = readFileSync(path, "utf8");
  const after = patches.reduce((text, [from, to]) => text.replace(from, () => to), before);
  expect(after, `patch of ${file}`).not.toBe(before);
  writeFileSync(path, after);
}

/**
 * What the loader says of a copy, as it is printed, with each position written out: `soc.yaml(replicas: ▸0) BH1014 …` is
 * line and column of that zero, wherever the line has moved since. Of equal lines, all but the first have their number.
 */
export function toldOf(copy: string): string[] {
  try {
    loadEnvironment(copy, "local", { knownRules: KNOWN_RULES });
    return [];
  } catch (error) {
    if (!(error instanceof BhittiError)) throw error;
    return spelledOut(copy, error.messages);
  }
}

/** Messages of a copy as they are printed, with each position written out. */
export const spelledOut = (copy: string, messages: readonly Message[]): string[] =>
  messages.map((m) =>
    formatMessage(m)
      .replaceAll("environments/local/", "")
      .replace(
        /\b((?:zones|ledger)(?:\/[\w.-]+)?|[\w-]+\.\w+):(\d+):(\d+)/g,
        (_, file: string, line: string, column: string) =>
          `${file}(${spelled(copy, file, Number(line), Number(column))})`,
      ),
  );

/** A place of a copy's file in words: the line up to the column, and what begins there. */
export function spelled(copy: string, file: string, line: number, column: number): string {
  const lines = textOf(local(copy, file)).split(/\r?\n/);
  const text = lines[line - 1] ?? "";
  const same = lines.slice(0, line - 1).filter((other) => other === text).length;
  const here = `${text.slice(0, column - 1).trimStart()}▸${text.slice(column - 1, column + 19)}`;
  return same > 0 ? `${here} #${same + 1}` : here;
}

/** Nothing where there is no file that can be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch {
    return "";
  }
}
