import type { CelValue } from "@bufbuild/cel";

/** What a function gives: a value, an array for a list, or a Map for a map. */
export type Given = CelValue | readonly Given[] | ReadonlyMap<CelValue, Given>;

/** A function of one library. */
export interface Declaration {
  /** As types.ts reads it. */
  readonly signature: string;
  /** The first Kubernetes version whose API server accepts it in a new policy. "1.0": every one that has policies. */
  readonly since: string;
  /** Absent where the engine's own function is right. The target of a method comes first. */
  readonly run?: (...args: readonly CelValue[]) => Given;
}

/** The functions of a library that appeared in one version. Arguments arrive in the types that the signature names. */
export const declare =
  (since: string) =>
  <Args extends readonly CelValue[]>(signature: string, run?: (...args: Args) => Given): Declaration => ({
    signature,
    since,
    ...(run ? { run: run as unknown as (...args: readonly CelValue[]) => Given } : {}),
  });
