import { childPath, itemPath } from "../../kubernetes/path.ts";

/** One place where two JSON values differ. Undefined where a side has nothing there. */
export interface JsonDifference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Where two JSON values differ: fields are told by name, items of lists by index. What stands on one side only is one
 * difference, however much it holds.
 */
export function jsonDifferences(before: unknown, after: unknown, path = ""): JsonDifference[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => jsonDifferences(before[i], after[i], itemPath(path, i))).flat();
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => jsonDifferences(before[key], after[key], childPath(path, key)));
  }
  return [{ path, before, after }];
}

export const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === "object" && x !== null && !Array.isArray(x);
