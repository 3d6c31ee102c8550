import type { Position } from "../../messages/message.ts";

/** A fact of an environment that no public source says. */
export interface Assumption {
  /** Path of what rests on it: `gateway`, `zones.citizen-services.owner`. */
  readonly path: string;
  readonly basis: "assumed" | "illustrative";
  readonly position: Position;
}

/**
 * Every part of an environment that states `basis: assumed` or `basis: illustrative`, in the order of the environment.
 *
 * @param environment plain data; items of lists are named by their `name`, else by their index
 * @param positions finds the line of YAML of a path
 */
export function assumptionsOf(environment: unknown, positions: (path: string) => Position): readonly Assumption[] {
  return walk(environment, []).map(({ path, basis }) => ({ path, basis, position: positions(`${path}.basis`) }));
}

function walk(value: unknown, path: readonly string[]): readonly Pick<Assumption, "path" | "basis">[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, [...path, nameOf(item) ?? String(index)]));
  const { basis } = value as { readonly basis?: unknown };
  const own = basis === "assumed" || basis === "illustrative" ? [{ path: path.join("."), basis } as const] : [];
  return [...own, ...Object.entries(value).flatMap(([key, below]) => walk(below, [...path, key]))];
}

const nameOf = (item: unknown): string | undefined => {
  const name = (item as { readonly name?: unknown } | null)?.name;
  return typeof name === "string" ? name : undefined;
};

/**
 * Files that hold an assumption. What comes from such a file counts as resting on it: a whole file is more than each assumption
 * touches, never less.
 */
export const assumedFiles = (assumptions: readonly Assumption[]): ReadonlySet<string> =>
  new Set(assumptions.map(({ position }) => position.file));
