import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { EXIT } from "../../contracts.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { checkOut } from "./git.ts";

/** What evidence is made of. */
export interface EvidenceOrder {
  /** Full hash. */
  readonly commit: string;
  readonly environment: string;
  /** ISO day. */
  readonly asOf: string;
  /** Full hash of the commit that it is compared to. */
  readonly comparedTo?: string;
}

/** The files of a folder, by their path within it. */
export type Files = ReadonlyMap<string, Buffer>;

export interface RebuildOptions {
  /** Also where the commit's lock file names other packages than are installed here. @default false */
  readonly anyPackages?: boolean;
}

/**
 * Makes `declared/` anew: checks the commit out into a temporary folder and runs that commit's own `bhitti audit` there, with the
 * packages installed here.
 *
 * @throws BhittiError BH6004 where the commit wants other packages, BH6005 where its audit cannot be run
 */
export function rebuildDeclared(
  root: string,
  order: EvidenceOrder,
  { anyPackages = false }: RebuildOptions = {},
): Files {
  const folder = mkdtempSync(join(tmpdir(), "bhitti-audit-"));
  try {
    const checkout = join(folder, "checkout");
    checkOut(root, order.commit, checkout);
    if (!anyPackages) requireSamePackages(root, checkout, order.commit);
    runAudit(checkout, join(folder, "evidence"), order);
    return filesBelow(join(folder, "evidence", "declared"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function requireSamePackages(root: string, checkout: string, commit: string): void {
  const lock = (folder: string) => readFileSync(join(folder, "package-lock.json"), "utf8");
  if (lock(root) !== lock(checkout)) throw new BhittiError(message("BH6004", { commit }), EXIT.toolFailed);
}

function runAudit(checkout: string, output: string, { commit, environment, asOf, comparedTo }: EvidenceOrder): void {
  const words = ["audit", environment, "--as-of", asOf, "--output", output];
  const compare = comparedTo === undefined ? [] : ["--compare", comparedTo];
  try {
    execFileSync(process.execPath, [join(checkout, "scripts", "bhitti.js"), ...words, ...compare], {
      cwd: checkout,
      stdio: ["ignore", "ignore", "pipe"],
      maxBuffer: 256 * 1024 * 1024,
    });
  } catch (error) {
    const { status, stderr } = error as { readonly status?: number; readonly stderr?: Buffer };
    // Findings are what it is to find.
    if (status === EXIT.findings) return;
    const detail = String(stderr ?? error)
      .trim()
      .slice(0, 500);
    throw new BhittiError(message("BH6005", { commit, environment, detail }), EXIT.toolFailed);
  }
}

/** Every file below a folder. Links are not followed; they are listed as what no evidence holds. */
export function filesBelow(folder: string): Files {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? readFileSync(path) : Buffer.from("no regular file");
    files.set(relative(folder, path).split(sep).join("/"), content);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
