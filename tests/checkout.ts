import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProcesses } from "../scripts/local/processes.ts";
import { PROGRAMS } from "../scripts/toolchain/versions.ts";

export const repository = join(dirname(fileURLToPath(import.meta.url)), "..");

/** A copy of the repository with its dependencies, in which a test may deploy and break what it likes. */
export interface Checkout {
  readonly root: string;
  /** Runs `bhitti <words> --json`. */
  bhitti(...words: string[]): Promise<CommandResult>;
  /** Kills all servers of the copy's control plane, as a power cut would. Gives back how many there were. */
  killServers(): number;
  remove(): Promise<void>;
}

export interface CommandResult {
  readonly exitCode: number;
  /** The JSON document of standard output. */
  readonly json: Record<string, unknown>;
  readonly stderr: string;
}

const LEFT_OUT = new Set(["node_modules", ".git", ".bhitti", "cdktf.out"]);

export function copyOfRepository(): Checkout {
  const root = mkdtempSync(join(tmpdir(), "bhitti-checkout-"));
  cpSync(repository, root, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  const bhitti = (...words: string[]) =>
    run(process.execPath, [join(root, "scripts", "bhitti.js"), ...words, "--json"], root);
  return {
    root,
    bhitti,
    killServers: () => {
      const servers = PROGRAMS.flatMap((program) => findProcesses(program, `${join(root, ".bhitti", "local")}/`));
      for (const { pid } of servers) process.kill(pid, "SIGKILL");
      return servers.length;
    },
    async remove() {
      await bhitti("local", "down");
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Runs a command to its end; its standard output has to be one JSON document. */
export function run(file: string, args: readonly string[], cwd: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    execFile(file, [...args], { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === "number" ? error.code : error ? -1 : 0;
      try {
        resolve({ exitCode, json: JSON.parse(stdout) as Record<string, unknown>, stderr });
      } catch {
        reject(new Error(`${args.join(" ")} ended with ${exitCode} and printed no JSON: ${stdout}${stderr}`));
      }
    });
  });
}
