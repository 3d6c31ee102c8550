import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { IMAGE_LOCK, loadImageLock } from "./image-lock.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (text: string) => writeFileSync(join(root, IMAGE_LOCK), text);
const IMAGE = `registry.example.gov.bd:5000/platform/envoy@sha256:${"ab".repeat(32)}`;

test("a repository without a lock has none", () => {
  expect(loadImageLock(root)).toBeUndefined();
});

test("a lock lists images by digest", () => {
  write(`images:\n  - ${IMAGE}\n`);
  expect(loadImageLock(root)).toEqual({ images: [IMAGE] });
  write("images: []\n");
  expect(loadImageLock(root)).toEqual({ images: [] });
});

test.each([
  ["a tag", `images:\n  - registry.example.gov.bd/envoy:v1\n`, `${IMAGE_LOCK}:2:5 BH1025`],
  ["a tag beside the digest", `images:\n  - ${IMAGE.replace("@", ":v1@")}\n`, "BH1025"],
  ["no registry", `images:\n  - envoy@sha256:${"ab".repeat(32)}\n`, "BH1025"],
  ["a short digest", `images:\n  - ${IMAGE.slice(0, -1)}\n`, "BH1025"],
  ["another key", `images: []\nimage: []\n`, "BH1010"],
  ["nothing", "", "BH10"],
  ["no list", "images: envoy\n", "BH1011"],
])("%s is refused", (_, text, told) => {
  write(text);
  expect(() => loadImageLock(root)).toThrow(told);
});
