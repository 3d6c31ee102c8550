import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { silent } from "../progress.ts";
import { checksumIn, downloadOf, downloadPrograms } from "./release.ts";
import { ETCD_VERSION, KUBERNETES_VERSION, versionIn } from "./versions.ts";

const scratch = mkdtempSync(join(tmpdir(), "bhitti-release-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const linux = { os: "linux", arch: "amd64" };
const sha256 = (data: Buffer | string) => createHash("sha256").update(data).digest("hex");

/** A release server on loopback that serves the given files. */
async function serve(files: Record<string, Buffer | string>): Promise<string> {
  const server = createServer((request, response) => {
    const content = files[request.url ?? ""];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

function emptyCache(): string {
  const cache = mkdtempSync(join(scratch, "cache-"));
  return cache;
}

test("the official release is asked for this machine's programs, at their checksums", () => {
  const releases = { kubernetes: "https://k", etcd: "https://e" };
  expect(downloadOf("kube-apiserver", { os: "linux", arch: "arm64" }, releases)).toEqual({
    url: `https://k/v${KUBERNETES_VERSION}/bin/linux/arm64/kube-apiserver`,
    checksums: `https://k/v${KUBERNETES_VERSION}/bin/linux/arm64/kube-apiserver.sha256`,
  });
  expect(downloadOf("etcd", linux, releases)).toEqual({
    url: `https://e/v${ETCD_VERSION}/etcd-v${ETCD_VERSION}-linux-amd64.tar.gz`,
    checksums: `https://e/v${ETCD_VERSION}/SHA256SUMS`,
    member: `etcd-v${ETCD_VERSION}-linux-amd64/etcd`,
  });
});

test("a checksum is the file's own line, or the only one there is", () => {
  const [a, b] = [sha256("a"), sha256("b")];
  expect(checksumIn(`${a}  x.tar.gz\n${b} *y.tar.gz\n`, "y.tar.gz")).toBe(b);
  expect(checksumIn(`${a}\n`, "kube-apiserver")).toBe(a);
  expect(checksumIn(`${a}  other\n`, "kube-apiserver")).toBeUndefined();
  expect(checksumIn("<html>not found</html>", "kube-apiserver")).toBeUndefined();
});

test("a program of the right checksum is kept and can be run; an archive gives its member", async () => {
  const program = "#!/bin/sh\necho Kubernetes v1.35.4\n";
  const folder = join(scratch, "archive", `etcd-v${ETCD_VERSION}-linux-amd64`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "etcd"), "#!/bin/sh\necho etcd Version: 3.6.7\n");
  const archive = execFileSync("tar", ["-cz", "-C", join(scratch, "archive"), `etcd-v${ETCD_VERSION}-linux-amd64`]);
  const path = `/v${KUBERNETES_VERSION}/bin/linux/amd64/kube-apiserver`;
  const base = await serve({
    [path]: program,
    [`${path}.sha256`]: sha256(program),
    [`/v${ETCD_VERSION}/etcd-v${ETCD_VERSION}-linux-amd64.tar.gz`]: archive,
    [`/v${ETCD_VERSION}/SHA256SUMS`]: `${sha256(archive)}  etcd-v${ETCD_VERSION}-linux-amd64.tar.gz\n`,
  });
  const cache = emptyCache();
  const releases = { kubernetes: base, etcd: base };
  await downloadPrograms({ missing: ["etcd", "kube-apiserver"], cache, platform: linux, releases, progress: silent });
  for (const name of ["etcd", "kube-apiserver"]) expect(statSync(join(cache, name)).mode & 0o111).toBe(0o111);
  expect(versionIn(execFileSync(join(cache, "etcd"), { encoding: "utf8" }))).toBe("3.6.7");
  expect(readFileSync(join(cache, "kube-apiserver"), "utf8")).toBe(program);
});

test("a program of a wrong checksum is refused, and nothing of it is left", async () => {
  const path = `/v${KUBERNETES_VERSION}/bin/linux/amd64/kube-apiserver`;
  const base = await serve({ [path]: "tampered", [`${path}.sha256`]: sha256("genuine") });
  const cache = emptyCache();
  await expect(
    downloadPrograms({
      missing: ["kube-apiserver"],
      cache,
      platform: linux,
      releases: { kubernetes: base, etcd: base },
      progress: silent,
    }),
  ).rejects.toThrow(/BH5002 kube-apiserver has checksum/);
  expect(readdirSync(cache)).toEqual([]);
});

test("an unreachable release, and a machine without one, are told at once", async () => {
  const cache = emptyCache();
  const releases = { kubernetes: "http://127.0.0.1:9", etcd: "http://127.0.0.1:9" };
  const ask = (platform: { os: string; arch: string }) =>
    downloadPrograms({ missing: ["etcd"], cache, platform, releases, progress: silent });
  await expect(ask(linux)).rejects.toThrow(/fetch failed/);
  await expect(ask({ os: "darwin", arch: "arm64" })).rejects.toThrow("no release for darwin");
  expect(existsSync(join(cache, "etcd"))).toBe(false);
});
