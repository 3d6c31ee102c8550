import { spawn } from "node:child_process";

/** What a command prints to both outputs; empty where it cannot be run. */
export function outputOf(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 });
    const parts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => parts.push(data.toString()));
    child.on("error", () => resolve(""));
    child.on("close", () => resolve(parts.join("")));
  });
}
