import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { BhittiError, message, textOf } from "../messages/message.ts";
import { messagesOf } from "./thrown.ts";

const folder = mkdtempSync(join(tmpdir(), "bhitti-thrown-"));
const file = join(folder, "file");
writeFileSync(file, "");
afterAll(() => rmSync(folder, { recursive: true }));

const thrownBy = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

test.each<[what: string, act: () => unknown, path: string, says: string]>([
  ["a folder below a file", () => mkdirSync(join(file, "x"), { recursive: true }), join(file, "x"), "not a directory"],
  ["a listed file", () => readdirSync(file), file, "not a directory"],
  ["a folder that is read", () => writeFileSync(folder, ""), folder, "illegal operation on a directory"],
  ["a file without end of its name", () => readFileSync(join(folder, "x".repeat(300))), folder, "name too long"],
])("%s is told as what the machine refuses, with its path", (_, act, path, says) => {
  const [first, ...more] = messagesOf(thrownBy(act));
  expect(more).toEqual([]);
  expect(first).toMatchObject({ code: "BH9014", params: { path: expect.stringContaining(path) } });
  expect(first && textOf(first)).toContain(says);
});

test("a read-only file system and a full disk are no defects", () => {
  for (const [code, text] of [
    ["EROFS", "read-only file system"],
    ["ENOSPC", "no space left on device"],
  ] as const) {
    const error = Object.assign(new Error(`${code}: ${text}, open '/a b/c'`), {
      code,
      syscall: "open",
      path: "/a b/c",
    });
    expect(messagesOf(error)).toEqual([{ code: "BH9014", params: { path: "/a b/c", action: "open", reason: text } }]);
  }
});

test("a folder with its parents that a read-only place refuses comes as ENOENT, and is no defect either", () => {
  const error = new Error("ENOENT: no such file or directory, mkdir '/cache/bhitti'");
  const [first] = messagesOf(Object.assign(error, { code: "ENOENT", syscall: "mkdir", path: "/cache/bhitti" }));
  expect(first).toMatchObject({ code: "BH9014", params: { path: "/cache/bhitti", action: "mkdir" } });
});

test("a user's mistake keeps its messages; a missing file and anything else is a defect", () => {
  const mistake = message("BH4016");
  expect(messagesOf(new BhittiError(mistake))).toEqual([mistake]);
  expect(messagesOf(thrownBy(() => readFileSync(join(folder, "none"))))).toMatchObject([{ code: "BH9999" }]);
  expect(messagesOf("text")).toEqual([{ code: "BH9999", params: { detail: "text" } }]);
});
