import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { silent } from "../progress.ts";
import { findControlPlane } from "./control-plane.ts";
import { ETCD_VERSION, KUBERNETES_VERSION, PROGRAMS } from "./versions.ts";

const scratch = mkdtempSync(join(tmpdir(), "bhitti-toolchain-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A folder with three programs that only say their version. */
function folderOf(name: string, kubernetes: string): string {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  for (const program of PROGRAMS) {
    const says = program === "etcd" ? `etcd Version: ${ETCD_VERSION}` : `Kubernetes v${kubernetes}`;
    writeFileSync(join(folder, program), `#!/bin/sh\necho "${says}"\n`);
    chmodSync(join(folder, program), 0o755);
  }
  return folder;
}

test("programs on PATH of the same minor version are taken first", async () => {
  const path = folderOf("path", KUBERNETES_VERSION.replace(/\d+$/, "99"));
  const found = await findControlPlane({ progress: silent, path, cache: folderOf("cache", KUBERNETES_VERSION) });
  expect(found).toMatchObject({ source: "path", programs: { etcd: join(path, "etcd") } });
});

test("another minor version on PATH is passed over for the cache", async () => {
  const cache = folderOf("cache", KUBERNETES_VERSION);
  const found = await findControlPlane({ progress: silent, path: folderOf("old", "1.28.0"), cache });
  expect(found).toMatchObject({ source: "cache", programs: { "kube-apiserver": join(cache, "kube-apiserver") } });
});

test("the pinned modules build the versions that are looked for", () => {
  const modules = join(dirname(fileURLToPath(import.meta.url)), "control-plane");
  expect(readFileSync(join(modules, "kubernetes", "go.mod"), "utf8")).toContain(
    `k8s.io/kubernetes v${KUBERNETES_VERSION}`,
  );
  expect(readFileSync(join(modules, "etcd", "go.mod"), "utf8")).toContain(`go.etcd.io/etcd/server/v3 v${ETCD_VERSION}`);
});
