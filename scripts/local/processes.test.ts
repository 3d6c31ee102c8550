import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { findProcesses } from "./processes.ts";

test("a process is found by the folder that it works in, not by another that ends alike", async () => {
  const child = spawn(process.execPath, [
    "-e",
    "setTimeout(() => {}, 60000)",
    "--",
    "--data-dir=/srv/bhitti-probe/etcd",
  ]);
  await once(child, "spawn");
  try {
    const pids = (folder: string) => findProcesses(basename(process.execPath), folder).map((p) => p.pid);
    await expect.poll(() => pids("/srv/bhitti-probe/")).toEqual([child.pid]);
    expect(pids("/bhitti-probe/")).toEqual([]);
    expect(pids("/srv/bhitti-pro/")).toEqual([]);
  } finally {
    child.kill("SIGKILL");
  }
});
