import { ADDRESSES } from "./library/addresses.ts";
import { AUTHORIZER_FUNCTIONS } from "./library/authorizer.ts";
import { COMPREHENSIONS, LOWERED } from "./library/comprehensions.ts";
import type { Declaration } from "./library/declaration.ts";
import { NAMED_FORMATS } from "./library/formats.ts";
import { LISTS } from "./library/lists.ts";
import { OPTIONALS } from "./library/optionals.ts";
import { QUANTITIES } from "./library/quantity.ts";
import { REGEX } from "./library/regex.ts";
import { SEMVERS } from "./library/semver.ts";
import { SETS } from "./library/sets.ts";
import { STANDARD } from "./library/standard.ts";
import { STRINGS } from "./library/strings.ts";
import { TIMES } from "./library/time.ts";
import { URLS } from "./library/urls.ts";
import { parseSignature, type Signature } from "./types.ts";

/**
 * Every function that the API server's CEL has in Kubernetes 1.35, with the version that brought it. Source: apiserver,
 * pkg/cel/environment/base.go, release 1.35.
 */
export interface CelFunction extends Signature {
  /** `string.split(string, int): list(string)`. */
  readonly signature: string;
  /** Kubernetes version that introduced it; "1.0" for what has been there from the start. */
  readonly introduced: string;
  readonly run?: Declaration["run"];
}

const celFunction = ({ signature, since, run }: Declaration): CelFunction => ({
  ...parseSignature(signature),
  signature,
  introduced: since,
  ...(run ? { run } : {}),
});

export const FUNCTIONS: readonly CelFunction[] = [
  ...STANDARD,
  ...TIMES,
  ...STRINGS,
  ...REGEX,
  ...LISTS,
  ...URLS,
  ...AUTHORIZER_FUNCTIONS,
  ...OPTIONALS,
  ...QUANTITIES,
  ...SETS,
  ...ADDRESSES,
  ...NAMED_FORMATS,
  ...COMPREHENSIONS,
  ...SEMVERS,
].map(celFunction);

/** Macros and syntax that came after the start, by name. Macros of one variable (`all`, `exists`, `map` …) were always there. */
export const SYNTAX: Readonly<Record<string, string>> = {
  "optional syntax (a.?b, a[?b], [?a], {?a: b})": "1.28",
  optMap: "1.28",
  optFlatMap: "1.28",
  "all with two variables": "1.32",
  "exists with two variables": "1.32",
  "existsOne with two variables": "1.32",
  "exists_one with two variables": "1.32",
  transformList: "1.32",
  transformMap: "1.32",
  transformMapEntry: "1.32",
  sortBy: "1.34",
};

/**
 * The oldest cluster that takes a new policy which uses what a version introduced. An API server refuses in new expressions what the
 * minor version before it did not know, so that a rollback finds nothing that it cannot read. Source: apiserver,
 * pkg/cel/environment, DefaultCompatibilityVersion and NewExpressions.
 *
 * @param introduced `1.34`
 * @returns `1.35`
 */
export function minimumCluster(introduced: string): string {
  const [major = "1", minor = "0"] = introduced.split(".");
  return minor === "0" ? introduced : `${major}.${Number(minor) + 1}`;
}

/** The later of two versions `1.<minor>`. */
export const laterVersion = (a: string, b: string): string =>
  Number(a.split(".")[1]) >= Number(b.split(".")[1]) ? a : b;

function byName(functions: readonly CelFunction[]): ReadonlyMap<string, readonly CelFunction[]> {
  const groups = new Map<string, CelFunction[]>();
  for (const one of functions) {
    const group = groups.get(one.name);
    if (group) group.push(one);
    else groups.set(one.name, [one]);
  }
  return groups;
}

/** What an expression may call, by name. */
export const DECLARED: ReadonlyMap<string, readonly CelFunction[]> = byName(FUNCTIONS);

/** What an evaluation may call: the above, and what macros are made of. */
export const CALLABLE: ReadonlyMap<string, readonly CelFunction[]> = byName([
  ...FUNCTIONS,
  ...LOWERED.map(celFunction),
]);
