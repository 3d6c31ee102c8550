import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { EXIT } from "../../contracts.ts";
import { BhittiError, message, textOf } from "../../messages/message.ts";
import type { Progress } from "../progress.ts";
import { buildPrograms } from "./build.ts";
import { outputOf } from "./command.ts";
import { downloadPrograms } from "./release.ts";
import {
  ETCD_VERSION,
  KUBERNETES_VERSION,
  type Platform,
  PROGRAMS,
  type Program,
  thisPlatform,
  versionIn,
} from "./versions.ts";

export type { Program } from "./versions.ts";

/** The three servers of a control plane, ready to be run. */
export interface ControlPlane {
  readonly programs: Readonly<Record<Program, string>>;
  readonly source: "path" | "cache" | "release" | "build";
}

export interface FindOptions {
  readonly progress: Progress;
  /** Where programs are kept for all checkouts of this user. @default `$XDG_CACHE_HOME` or `~/.cache`, then `bhitti/control-plane/<version>` */
  readonly cache?: string;
  /** @default process.env.PATH */
  readonly path?: string;
  /** @default the official releases */
  readonly releases?: { readonly kubernetes: string; readonly etcd: string };
  /** @default this machine's */
  readonly platform?: Platform;
}

export const defaultCache = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bhitti", "control-plane", KUBERNETES_VERSION);

const RELEASES = {
  kubernetes: "https://dl.k8s.io/release",
  etcd: "https://github.com/etcd-io/etcd/releases/download",
};

/**
 * Finds a control plane: on PATH where it is of the same minor version, in the user's cache, from the official release
 * with its checksum, or by building the pinned Go modules. What was downloaded or built stays in the cache.
 *
 * @throws BhittiError BH5001 with what was tried, and why each way failed
 */
export async function findControlPlane(options: FindOptions): Promise<ControlPlane> {
  const { progress, cache = defaultCache(), platform = thisPlatform() } = options;
  const tried: string[] = [];

  const onPath = await programsOnPath(options.path ?? process.env.PATH ?? "");
  if ("programs" in onPath) return { ...onPath, source: "path" };
  tried.push(`PATH: ${onPath.reason}`);

  const cached = programsIn(cache);
  const missing = PROGRAMS.filter((program) => !isExecutable(cached[program]));
  if (missing.length === 0) return { programs: cached, source: "cache" };
  tried.push(`${cache}: no ${missing.join(", ")}`);

  mkdirSync(cache, { recursive: true });
  for (const [source, obtain] of [
    ["release", () => downloadPrograms({ missing, cache, platform, releases: options.releases ?? RELEASES, progress })],
    ["build", () => buildPrograms({ missing: PROGRAMS.filter((p) => !isExecutable(cached[p])), cache, progress })],
  ] as const) {
    try {
      await obtain();
      return { programs: cached, source };
    } catch (error) {
      tried.push(`${source}: ${error instanceof BhittiError ? error.messages.map(textOf).join("; ") : String(error)}`);
    }
  }
  throw new BhittiError(message("BH5001", { tried: tried.join(" | "), version: KUBERNETES_VERSION }), EXIT.toolFailed);
}

const programsIn = (folder: string): Record<Program, string> =>
  Object.fromEntries(PROGRAMS.map((program) => [program, join(folder, program)])) as Record<Program, string>;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** All three from PATH, or why not: one that is missing, or of another minor version than the guardrails are tested with. */
async function programsOnPath(path: string): Promise<{ programs: Record<Program, string> } | { reason: string }> {
  const found: Partial<Record<Program, string>> = {};
  for (const program of PROGRAMS) {
    const file = path
      .split(delimiter)
      .filter((folder) => folder !== "")
      .map((folder) => join(folder, program))
      .find(isExecutable);
    if (!file) return { reason: `no ${program}` };
    const wanted = minor(program === "etcd" ? ETCD_VERSION : KUBERNETES_VERSION);
    const version = versionIn(await outputOf(file, ["--version"]));
    if (version === undefined || minor(version) !== wanted) {
      return { reason: `${file} is ${version ?? "of an unknown version"}, wanted is ${wanted}` };
    }
    found[program] = file;
  }
  return { programs: found as Record<Program, string> };
}

const minor = (version: string): string => version.split(".").slice(0, 2).join(".");
