import { RE2JS } from "re2js";
import type { Syntax } from "./syntax.ts";

/** The literal pattern of a call that matches one: `matches`, `find`, `findAll`. */
export function literalPattern(part: Syntax): { readonly text: string; readonly offset: number } | undefined {
  if (part.form !== "call" || !["matches", "find", "findAll"].includes(part.function)) return undefined;
  const pattern = part.args[part.target ? 0 : 1];
  return pattern?.form === "constant" && typeof pattern.value === "string"
    ? { text: pattern.value, offset: pattern.offset }
    : undefined;
}

/** Why a text is no regular expression of RE2; undefined where it is one. */
export function patternProblem(text: string): string | undefined {
  try {
    RE2JS.compile(text);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return reason.replace(/^error parsing regexp: /, "");
  }
}
