import { execFileSync } from "node:child_process";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { EXIT } from "../../contracts.ts";
import { BhittiError, message } from "../../messages/message.ts";
import type { Commit } from "../../policies/evidence/evidence.ts";

/** What a commit is named by in evidence: a full hash, of either of git's hash functions. */
export const COMMIT_ID = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * The commit that a worktree stands at, and in what the worktree differs from it.
 *
 * @param output a folder whose files do not count, since nothing reads them: where evidence is written to
 * @throws BhittiError BH6002 where the folder is no git worktree with a commit
 */
export function commitOf(root: string, output?: string): Commit {
  const [id = "", seconds = ""] = git(root, "show", "-s", "--format=%H %ct", "HEAD").trim().split(" ");
  const inside = output === undefined ? ".." : relative(root, output);
  const others = inside === "" || inside.startsWith("..") ? [] : ["--", ".", `:(exclude,literal)${inside}`];
  const changed = git(root, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", ...others);
  return {
    id,
    date: new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z"),
    changed: changed
      .split("\0")
      .filter(Boolean)
      .map((line) => line.slice(3))
      .sort(),
  };
}

/** The full hash of what a person calls a commit: a branch, a tag, a short hash. @throws BhittiError BH6003 where there is none */
export function resolveCommit(root: string, name: string): string {
  try {
    return git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`).trim();
  } catch {
    throw new BhittiError(message("BH6003", { commit: name }));
  }
}

/** Paths that git tracks below some paths of the worktree, sorted. */
export const trackedFiles = (root: string, paths: readonly string[]): readonly string[] =>
  git(root, "ls-files", "-z", "--", ...paths)
    .split("\0")
    .filter(Boolean)
    .sort();

/**
 * Writes a commit's files into a folder that does not exist yet, as a git worktree of its own that shares this one's objects and its
 * installed packages. The repository itself keeps no trace of it.
 */
export function checkOut(root: string, commit: string, folder: string): void {
  git(root, "clone", "--quiet", "--shared", "--no-checkout", root, folder);
  git(folder, "checkout", "--quiet", "--detach", commit);
  writeFileSync(join(folder, ".git", "info", "exclude"), "node_modules\n");
  rmSync(join(folder, "node_modules"), { recursive: true, force: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}

function git(cwd: string, ...args: string[]): string {
  try {
    const options = {
      cwd,
      encoding: "utf8" as const,
      maxBuffer: 256 * 1024 * 1024,
      stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"],
    };
    return execFileSync("git", args, { ...options, env: environmentOf(process.env) });
  } catch (error) {
    const { code, stderr } = error as { readonly code?: string; readonly stderr?: string };
    const detail = code === "ENOENT" ? "git is not on PATH" : String(stderr ?? error).trim();
    throw new BhittiError(message("BH6002", { folder: cwd, detail }), EXIT.toolFailed);
  }
}

/** Git's own variables would point it at another repository than the folder that is meant. */
const environmentOf = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries({ ...env, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" }).filter(
      ([key]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY)$/.test(key),
    ),
  );
