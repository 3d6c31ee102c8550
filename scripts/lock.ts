import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BhittiError } from "../messages/message.ts";
import { isAlive } from "./local/processes.ts";

/** A takeover lasts milliseconds; one that is older was left by a process that died within it. */
const TAKEOVER_MS = 10_000;

export interface LockOptions {
  /** How long to wait for another process, in milliseconds. @default 0 */
  readonly waitMs?: number;
}

/**
 * Runs something while no other process does, on this machine. The lock is a file that names its holder; where the holder is
 * gone, it is nobody's.
 *
 * @param file made where it is missing, with its folder
 * @param refuse what to throw where another process holds it for longer than we wait
 */
export async function withLock<T>(
  file: string,
  refuse: (holder: number) => BhittiError,
  act: () => Promise<T>,
  { waitMs = 0 }: LockOptions = {},
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  for (const since = Date.now(); !take(file); await sleep(20)) {
    const holder = holderOf(file);
    if (holder === undefined) continue;
    if (!isAlive(holder)) removeStale(file, holder);
    else if (Date.now() - since >= waitMs) throw refuse(holder);
  }
  try {
    return await act();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Written aside and linked, so that nobody ever sees a lock that names no holder yet. */
function take(file: string): boolean {
  const mine = `${file}.${process.pid}.${randomUUID()}`;
  writeFileSync(mine, String(process.pid), { mode: 0o600 });
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** The process that a lock names; undefined where it was released meanwhile. What names no process is held by none. */
function holderOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : Number.POSITIVE_INFINITY;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Removes the lock of a process that is gone. Of several processes that see it, one at a time does so, and looks again before:
 * else the slower one would remove the lock that the faster one has taken since.
 */
function removeStale(file: string, holder: number): void {
  const takeover = `${file}.takeover`;
  if (!take(takeover)) {
    if (ageOf(takeover) > TAKEOVER_MS) rmSync(takeover, { force: true });
    return;
  }
  try {
    if (holderOf(file) === holder) rmSync(file, { force: true });
  } finally {
    rmSync(takeover, { force: true });
  }
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
