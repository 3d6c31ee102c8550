import { RE2JS } from "re2js";
import { charge, matching } from "../budget.ts";
import { type Declaration, declare } from "./declaration.ts";

/** Regular expressions, which are RE2's: no look-around, no backtracking. Source: apiserver, pkg/cel/library/regex.go. */
const always = declare("1.0");

const patterns = new Map<string, RE2JS>();
const KEPT_PATTERNS = 1000;
/** As long as Go's own limit on what a pattern may grow to, and what compiles in well under a second. */
const MAX_PATTERN = 100_000;

/** Kept: compiling a pattern takes far longer than matching it. @throws Error where it is none of RE2 */
export function pattern(text: string): RE2JS {
  const known = patterns.get(text);
  if (known) return known;
  if (text.length > MAX_PATTERN) throw new Error(`a pattern of ${text.length} characters is more than ${MAX_PATTERN}`);
  charge(text.length);
  const compiled = RE2JS.compile(text);
  if (patterns.size >= KEPT_PATTERNS) patterns.clear();
  patterns.set(text, compiled);
  return compiled;
}

export function matches(text: string, regex: string): boolean {
  charge(matching(text, regex));
  return pattern(regex).matcher(text).find();
}

function find(text: string, regex: string): string {
  charge(matching(text, regex));
  const matcher = pattern(regex).matcher(text);
  return matcher.find() ? (matcher.group() ?? "") : "";
}

/** The first `limit` matches, all of them where it is negative. As Go has it, an empty match right after another is none. */
function findAll(text: string, regex: string, limit: bigint): readonly string[] {
  charge(matching(text, regex));
  const matcher = pattern(regex).matcher(text);
  const found: string[] = [];
  let end = -1;
  while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) {
    const match = matcher.group() ?? "";
    if (match !== "" || matcher.start() !== end) found.push(match);
    end = matcher.end();
  }
  return found;
}

export const REGEX: readonly Declaration[] = [
  always("string.find(string): string", find),
  always("string.findAll(string): list(string)", (text: string, regex: string) => findAll(text, regex, -1n)),
  always("string.findAll(string, int): list(string)", findAll),
];
