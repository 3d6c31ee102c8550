import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { BhittiError, message } from "../messages/message.ts";
import { withLock } from "./lock.ts";

const folder = mkdtempSync(join(tmpdir(), "bhitti-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));

const refuse = (pid: number) => new BhittiError(message("BH9013", { environment: "local", pid }));
let count = 0;
const freshLock = (): string => join(folder, `lock-${count++}`);

test("what runs under a lock runs alone, and the lock goes with it", async () => {
  const lock = freshLock();
  let inside = 0;
  let most = 0;
  const act = () =>
    withLock(
      lock,
      refuse,
      async () => {
        most = Math.max(most, ++inside);
        await sleep(30);
        inside--;
      },
      { waitMs: 10_000 },
    );
  await Promise.all([act(), act(), act()]);
  expect([most, existsSync(lock)]).toEqual([1, false]);
});

test("a lock that another process holds is refused with its number, and stays", async () => {
  const lock = freshLock();
  writeFileSync(lock, String(process.ppid));
  await expect(withLock(lock, refuse, async () => "ran", { waitMs: 50 })).rejects.toThrow(
    `BH9013 process ${process.ppid} works on environment 'local'`,
  );
  expect(existsSync(lock)).toBe(true);
});

test.each(["999999999", "", "nobody"])("a lock that names %j is nobody's", async (holder) => {
  const lock = freshLock();
  writeFileSync(lock, holder);
  expect(await withLock(lock, refuse, async () => "ran")).toBe("ran");
});

test("what fails under a lock releases it", async () => {
  const lock = freshLock();
  await expect(withLock(lock, refuse, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(existsSync(lock)).toBe(false);
});

test("a takeover that a dead process left behind does not stop others for ever", async () => {
  const lock = freshLock();
  writeFileSync(lock, "999999999");
  const takeover = `${lock}.takeover`;
  writeFileSync(takeover, "999999998");
  utimesSync(takeover, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  expect(await withLock(lock, refuse, async () => "ran")).toBe("ran");
});

test("of many processes that find a dead holder, each runs alone and all of them run", async () => {
  const lock = freshLock();
  const log = join(folder, "log");
  writeFileSync(lock, "999999999");
  const program = `
    import { appendFileSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { withLock } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    await withLock(${JSON.stringify(lock)}, () => new Error("refused"), async () => {
      appendFileSync(${JSON.stringify(log)}, "+");
      await sleep(40);
      appendFileSync(${JSON.stringify(log)}, "-");
    }, { waitMs: 30_000 });`;
  const script = join(folder, "holder.mts");
  writeFileSync(script, program);
  const codes = await Promise.all(
    Array.from(
      { length: 6 },
      () =>
        new Promise<number | null>((resolve) =>
          spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script], { stdio: "inherit" }).on(
            "exit",
            resolve,
          ),
        ),
    ),
  );
  expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
  expect(readFileSync(log, "utf8")).toBe("+-".repeat(6));
  expect(readdirSync(folder).filter((name) => name.startsWith("lock-") && name.includes("."))).toEqual([]);
});
