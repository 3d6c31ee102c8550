import { readFileSync } from "node:fs";

export interface ProcessUsage {
  /** The most memory that it held, of which the kernel keeps count. */
  readonly mebibytes: number;
  /** What all cores together worked for it: unlike the time on the clock, the same on a busy machine. */
  readonly cpuSeconds: number;
}

/** Looks at a process every hundredth of a second until it is asked what it used. Linux only. */
export function watchProcess(pid: number | undefined): () => ProcessUsage {
  let usage: ProcessUsage = { mebibytes: 0, cpuSeconds: 0 };
  const timer = setInterval(() => {
    usage = usageOf(pid) ?? usage;
  }, 10);
  return () => {
    clearInterval(timer);
    return usage;
  };
}

/** Source: proc(5). Undefined where the process has ended. */
function usageOf(pid: number | undefined): ProcessUsage | undefined {
  try {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    // Fields 14 and 15, in hundredths of a second; the second is the name, in brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    if (peak === undefined) return undefined;
    return { mebibytes: Number(peak) / 1024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100 };
  } catch {
    return undefined;
  }
}
