import { type Message, message, type Position } from "../../messages/message.ts";
import { compile, type Names, type Use } from "../engine/expression.ts";
import { minimumCluster } from "../engine/functions.ts";
import { literalPattern, patternProblem } from "../engine/patterns.ts";
import { everyPart, parseSyntax, type Syntax } from "../engine/syntax.ts";
import { infer, type PathReport, type Scope } from "./paths.ts";
import type { Union } from "./shapes.ts";

/** An expression of a policy, and where it stands. */
export interface Expression {
  readonly text: string;
  /** Names that it may use, for the compiler. */
  readonly names: Names;
  /** What they stand for, for the schema. */
  readonly scope: Scope;
  at(offset?: number): Position;
}

export interface ExpressionLint {
  readonly messages: readonly Message[];
  /** What it gives; undefined where it cannot be read. */
  readonly value: Union | undefined;
  readonly syntax: Syntax | undefined;
  /** Fields that it reads, by the type that has them. */
  readonly reads: ReadonlySet<string>;
}

/** Everything that can be said of one expression by itself. */
export function lintExpression({ text, names, scope, at }: Expression, minimumVersion: string): ExpressionLint {
  const { softened, optionals } = withoutOptionals(text);
  const parsed = parseSyntax(softened);
  if ("problem" in parsed) {
    const messages = [message("BH3103", { reason: parsed.problem }, at(parsed.offset))];
    return { messages, value: undefined, syntax: undefined, reads: new Set() };
  }
  const parts = everyPart(parsed.syntax);
  const house = [
    ...optionals.map((offset) => houseFinding("an optional", offset, at)),
    ...parts.flatMap((p) => beyondHouse(p, at)),
  ];
  const faults = parts.flatMap((part) => patternFault(part, at));
  const compiled = compile(text, names);
  // The compiler would tell both once more, in other words.
  const problem = house.length > 0 || faults.length > 0 ? undefined : compiled.problem;
  const report: PathReport = { unknown: [], reads: new Set() };
  const value = infer(parsed.syntax, scope, report);
  return {
    value,
    syntax: parsed.syntax,
    reads: report.reads,
    messages: [
      ...house,
      ...(problem ? [message("BH3103", { reason: problem }, at(offsetOf(problem, parts)))] : []),
      ...report.unknown.map(({ path, field, owner, nearest, offset }) =>
        message(
          "BH3104",
          { path, field, owner, hint: nearest ? `did you mean '${nearest}'?` : "look it up in the API reference" },
          at(offset),
        ),
      ),
      ...tooNew(compiled.uses, parts, minimumVersion, at),
      ...faults,
    ],
  };
}

/** Text literals of CEL: raw or not, of one or of three quotes. */
const LITERAL = /[rRbB]{0,2}("""[\s\S]*?"""|'''[\s\S]*?'''|"(\\.|[^"\\])*"|'(\\.|[^'\\])*')/g;

/** The text without the marks of optional fields, entries and items, so that the rest of it can be looked at. */
function withoutOptionals(text: string): { readonly softened: string; readonly optionals: readonly number[] } {
  const bare = text.replace(LITERAL, (literal) => "_".repeat(literal.length));
  const optionals = [...bare.matchAll(/\.\?(?=\s*[A-Za-z_])|\[\s*\?|[{,]\s*\?/g)].map(
    (mark) => mark.index + mark[0].length - 1,
  );
  const units = text.split("");
  for (const offset of optionals) units[offset] = " ";
  return { softened: units.join(""), optionals };
}

const INSTEAD = {
  "an optional": "has() and a conditional",
  "a macro with two variables": "a macro with one",
  "split with a limit": "split without a limit",
  "the flag (?i)": "lowerAscii() before the match",
} as const;

const houseFinding = (construct: keyof typeof INSTEAD, offset: number, at: Expression["at"]): Message =>
  message("BH3105", { construct, instead: INSTEAD[construct] }, at(offset));

const OPTIONAL_FUNCTIONS = new Set(["orValue", "optMap", "optFlatMap", "hasValue"]);
const TWO_VARIABLES = new Set(["all", "exists", "exists_one", "existsOne"]);

/** What the engines or clusters in use do not agree on. */
function beyondHouse(part: Syntax, at: Expression["at"]): readonly Message[] {
  if (part.form !== "call") return [];
  const { function: name, args, target, offset } = part;
  const found = (construct: keyof typeof INSTEAD) => [houseFinding(construct, offset, at)];
  if (OPTIONAL_FUNCTIONS.has(name) || (target?.form === "name" && target.name === "optional"))
    return found("an optional");
  if (name.startsWith("transform") || (TWO_VARIABLES.has(name) && args.length === 3))
    return found("a macro with two variables");
  if (name === "split" && args.length === 2) return found("split with a limit");
  const literal = literalPattern(part);
  return literal !== undefined && /\(\?[a-zA-Z]*i/.test(literal.text) ? found("the flag (?i)") : [];
}

function patternFault(part: Syntax, at: Expression["at"]): readonly Message[] {
  const pattern = literalPattern(part);
  const reason = pattern && patternProblem(pattern.text);
  return pattern && reason ? [message("BH3107", { pattern: pattern.text, reason }, at(pattern.offset))] : [];
}

function tooNew(
  uses: readonly Use[],
  parts: readonly Syntax[],
  minimumVersion: string,
  at: Expression["at"],
): readonly Message[] {
  return uses.flatMap(({ name, introduced }) => {
    const since = minimumCluster(introduced);
    if (minorOf(since) <= minorOf(minimumVersion)) return [];
    const called = calledName(name);
    const offset = parts.find((part) => part.form === "call" && part.function === called)?.offset ?? 0;
    return [message("BH3106", { function: name, since, minimum: minimumVersion }, at(offset))];
  });
}

/** The name by which a signature is called: `contains` of `sets.contains(list(T), list(T)): bool`. */
const calledName = (signature: string): string => signature.replace(/\(.*$/, "").split(".").at(-1) ?? "";

/** The second number of `1.31`. */
export const minorOf = (version: string): number => Number(version.split(".")[1]);

/** Where the name stands that a problem is about, the beginning where it names none. */
function offsetOf(problem: string, parts: readonly Syntax[]): number {
  const name = /'([^']+)'/.exec(problem)?.[1]?.split(".").at(-1);
  const form = problem.startsWith("undefined field") ? "field" : problem.includes("to function") ? "call" : "name";
  const nameIn = (p: Syntax) =>
    p.form === "name" ? p.name : p.form === "field" ? p.field : p.form === "call" ? p.function : "";
  return parts.find((p) => p.form === form && nameIn(p) === name)?.offset ?? 0;
}
