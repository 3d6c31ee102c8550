import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface RunningProcess {
  readonly pid: number;
  readonly argv: readonly string[];
}

/**
 * The processes of this machine that run a program of a name and were given a path below a folder. A server of ours
 * is known by the folder that it was told to work in, not by a remembered number: numbers are reused, and a file that
 * remembers them can be lost.
 */
export function findProcesses(program: string, folder: string): RunningProcess[] {
  return allProcesses().filter(
    ({ argv }) =>
      basename(argv[0] ?? "") === program && argv.slice(1).some((a) => a.slice(a.indexOf("=") + 1).startsWith(folder)),
  );
}

function allProcesses(): RunningProcess[] {
  if (process.platform !== "linux") return fromPs();
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const argv = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").slice(0, -1);
        // A process that ended but was not yet reaped has no command line.
        return argv.length > 0 ? [{ pid: Number(name), argv }] : [];
      } catch {
        return []; // It ended while we looked, or is not ours to see.
      }
    });
}

function fromPs(): RunningProcess[] {
  return execFileSync("ps", ["-axo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const match = /^\s*(\d+)\s+(.*)$/.exec(line);
      return match ? [{ pid: Number(match[1]), argv: (match[2] ?? "").split(" ") }] : [];
    });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Asks a process to end, and kills it when it has not after a while. Gives back whether it is gone. */
export async function endProcess(pid: number, graceMs = 10_000): Promise<boolean> {
  for (const [signal, waitMs] of [
    ["SIGTERM", graceMs],
    ["SIGKILL", 5_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return true;
    }
    for (const until = Date.now() + waitMs; Date.now() < until; await sleep(50)) if (!isAlive(pid)) return true;
  }
  return !isAlive(pid);
}
