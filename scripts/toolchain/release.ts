import { createHash } from "node:crypto";
import { createWriteStream, mkdtempSync, renameSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { $ } from "zx/core";
import { EXIT } from "../../contracts.ts";
import { BhittiError, message } from "../../messages/message.ts";
import type { Progress, Step } from "../progress.ts";
import { ETCD_VERSION, KUBERNETES_VERSION, type Platform, type Program } from "./versions.ts";

export interface DownloadOptions {
  readonly missing: readonly Program[];
  /** Folder that gets the programs. */
  readonly cache: string;
  readonly platform: Platform;
  /** Base addresses; the official ones are `https://dl.k8s.io/release` and etcd's releases on GitHub. */
  readonly releases: { readonly kubernetes: string; readonly etcd: string };
  readonly progress: Progress;
}

/** A file to fetch and where its SHA-256 sum is published. */
export interface Download {
  readonly url: string;
  readonly checksums: string;
  /** The program within, where the file is an archive. */
  readonly member?: string;
}

/** An unreachable host must not hold up a machine that has other ways. */
const ANSWER_WITHIN_MS = 8_000;

/** Where the official release keeps a program. */
export function downloadOf(program: Program, { os, arch }: Platform, releases: DownloadOptions["releases"]): Download {
  if (program === "etcd") {
    const name = `etcd-v${ETCD_VERSION}-${os}-${arch}`;
    const base = `${releases.etcd}/v${ETCD_VERSION}`;
    return { url: `${base}/${name}.tar.gz`, checksums: `${base}/SHA256SUMS`, member: `${name}/etcd` };
  }
  const url = `${releases.kubernetes}/v${KUBERNETES_VERSION}/bin/${os}/${arch}/${program}`;
  return { url, checksums: `${url}.sha256` };
}

/** The sum of a file in a list of `<sum>  <file>` lines, or the only sum there is. */
export function checksumIn(list: string, file: string): string | undefined {
  const lines = list
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+\*?/));
  const named = lines.find(([, name]) => name === file)?.[0];
  const sum = named ?? (lines.length === 1 && lines[0]?.length === 1 ? lines[0][0] : undefined);
  return sum !== undefined && /^[0-9a-f]{64}$/.test(sum) ? sum : undefined;
}

/**
 * Downloads programs of the official release. Each becomes executable, and gets its name, only once its checksum is right.
 *
 * @throws BhittiError BH5002 on a wrong checksum; Error where something cannot be reached
 */
export async function downloadPrograms(options: DownloadOptions): Promise<void> {
  const { missing, cache, platform, releases, progress } = options;
  // The Kubernetes project publishes its servers for Linux only.
  if (platform.os !== "linux") throw new Error(`no release for ${platform.os}`);
  const scratch = mkdtempSync(join(cache, ".download-"));
  try {
    for (const program of missing) {
      const step = progress.step(`download ${program}`);
      try {
        await obtain(downloadOf(program, platform, releases), scratch, join(cache, program), step);
        step.done();
      } catch (error) {
        step.fail(error instanceof BhittiError ? undefined : reasonOf(error));
        throw error instanceof BhittiError ? error : new Error(reasonOf(error));
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function obtain(download: Download, scratch: string, target: string, step: Step): Promise<void> {
  const name = basename(download.url);
  const list = await (await get(download.checksums)).text();
  const wanted = checksumIn(list, name);
  if (!wanted) throw new Error(`${download.checksums} has no checksum of ${name}`);
  const response = await get(download.url);
  if (!response.body) throw new Error(`${download.url} is empty`);
  const size = Number(response.headers.get("content-length") ?? 0);
  const file = join(scratch, name);
  const hash = createHash("sha256");
  let received = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      received += chunk.length;
      step.update(`${megabytes(received)}${size > 0 ? ` of ${megabytes(size)}` : ""} MB`);
      done(null, chunk);
    },
  });
  await pipeline(
    Readable.fromWeb(response.body as import("node:stream/web").ReadableStream),
    measure,
    createWriteStream(file),
  );
  const got = hash.digest("hex");
  if (got !== wanted) throw new BhittiError(message("BH5002", { file: name, got, wanted }), EXIT.toolFailed);
  if (download.member) await $`tar -xzf ${file} -C ${scratch} ${download.member}`.quiet();
  const program = download.member ? join(scratch, download.member) : file;
  await chmod(program, 0o755);
  renameSync(program, target);
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

async function get(url: string): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error("no answer")), ANSWER_WITHIN_MS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response;
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch` hides why it failed in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
