import { type CelEnv, type CelValue, celError, isCelError, isCelList, plan } from "@bufbuild/cel";
import type { AuthorizationQuestion, DeclaredAuthorization } from "./authorization.ts";
import { COST_LIMIT, charge, withBudget } from "./budget.ts";
import { checkTypes, type Names } from "./check.ts";
import { dispatchingEnvironment } from "./dispatch.ts";
import { type CelFunction, SYNTAX } from "./functions.ts";
import { authorizer, resourceCheck } from "./library/authorizer.ts";
import { pattern } from "./library/regex.ts";
import { lower, readingCost } from "./lower.ts";
import { expandMacros } from "./macros.ts";
import { type Node, parseExpression } from "./tree.ts";
import { formatType } from "./types.ts";
import { type EngineValue, fromJson, lazyMap } from "./values.ts";

/**
 * The CEL engine of everything else: `compile` an expression once, `evaluate` it as often as there are objects. Nothing
 * outside of this file and those it imports from its own folder knows which engine decides.
 *
 * The engine parses and evaluates. Around it stands what the API server's cel-go has besides: optional syntax (tree.ts), more macros
 * (macros.ts, lower.ts), types (check.ts, types.ts), the functions of Kubernetes and those of CEL that differ (library/), which
 * function a call reaches (dispatch.ts), JSON as values (values.ts), and what an evaluation may cost (budget.ts, cost.ts).
 */

export type { Names } from "./check.ts";

/** A compiled expression, or the reason why there is none. */
export interface Program {
  readonly expression: string;
  /** Why it cannot run; evaluating it then gives this error, since a broken policy must never pass. */
  readonly problem?: string;
  /** `bool`, `list(string)` …; `dyn` where only values can tell, or where there is a problem. */
  readonly type: string;
  /** Functions and syntax that it uses, with the Kubernetes version that introduced each. */
  readonly uses: readonly Use[];
  readonly run?: (variables: never) => unknown;
  /** What it costs before any call is made. */
  readonly cost: number;
}

export interface Use {
  /** A signature, or a name of SYNTAX in functions.ts. */
  readonly name: string;
  /** As in functions.ts: see `minimumCluster` there. */
  readonly introduced: string;
}

/** A value of the engine, to hand to another program. Only `toPlain` looks inside. */
export type Value = EngineValue;

/** What an expression gives. An error is a value of CEL: `||` and `&&` can do without it. */
export type Evaluation = { readonly value: Value } | { readonly error: string };

export interface CompileOptions {
  /** Types of which the expression must be one. The API server wants `bool` of a validation, `string` of a message. @default any */
  readonly result?: readonly string[];
}

let environment: CelEnv | undefined;

function engine(): CelEnv {
  environment ??= dispatchingEnvironment();
  return environment;
}

/** Compiles an expression that uses nothing but the given names. Never throws: see `Program.problem`. */
export function compile(expression: string, names: Names, { result }: CompileOptions = {}): Program {
  try {
    const compiled = compiledOnce(expression, names);
    if (result && !result.includes(compiled.type)) {
      return broken(expression, `must evaluate to ${result.join(" or ")} but got ${compiled.type}`);
    }
    return compiled;
  } catch (error) {
    return broken(expression, reasonOf(error));
  }
}

const broken = (expression: string, problem: string): Program => ({
  expression,
  problem,
  type: "dyn",
  uses: [],
  cost: 0,
});

const programs = new Map<string, Program>();
const KEPT_PROGRAMS = 10_000;

/** Kept by text and names: rules about pods say half of their expressions in the same words, and parsing is what costs most. */
function compiledOnce(expression: string, names: Names): Program {
  const key = `${JSON.stringify(names)} ${expression}`;
  const known = programs.get(key);
  if (known) return known;
  const made = withBudget(COST_LIMIT, () => compiledNow(expression, names));
  if (programs.size >= KEPT_PROGRAMS) programs.clear();
  programs.set(key, made);
  return made;
}

function compiledNow(expression: string, names: Names): Program {
  const expanded = expandMacros(parseExpression(expression));
  const { node, type, uses, conversions, patterns } = checkTypes(expanded.node, names);
  for (const each of patterns) requirePattern(each);
  for (const conversion of conversions) requireValue(conversion);
  return {
    expression,
    type: formatType(type),
    uses: usesOf(uses, expanded.used),
    cost: readingCost(node),
    run: plan(engine(), lower(node)) as NonNullable<Program["run"]>,
  };
}

/** The API server compiles patterns that are constants when it compiles the expression. */
function requirePattern(text: string): void {
  try {
    pattern(text);
  } catch (error) {
    throw new Error(`'${text}' is no regular expression of RE2: ${reasonOf(error)}`);
  }
}

/** cel-go converts constants when it plans, and refuses what cannot be converted. */
function requireValue(node: Node): void {
  const value = plan(engine(), lower(node))();
  if (isCelError(value)) throw value;
}

const usesOf = (functions: ReadonlySet<CelFunction>, syntax: ReadonlySet<string>): readonly Use[] => [
  ...[...functions].map(({ signature, introduced }) => ({ name: signature, introduced })),
  ...[...syntax].map((name) => ({ name, introduced: SYNTAX[name] ?? "1.0" })),
];

/** Evaluates a program. Never throws, and ends within seconds: see `COST_LIMIT`. */
export function evaluate(
  { expression, problem, run, cost }: Program,
  variables: Readonly<Record<string, Value>>,
): Evaluation {
  if (!run) return { error: `expression '${expression.trim()}' cannot be compiled: ${problem ?? "no reason known"}` };
  try {
    const value = withBudget(COST_LIMIT, () => {
      charge(cost);
      return run(variables as never) as Value;
    });
    return isCelError(value) ? { error: resulted(expression, value) } : { value };
  } catch (error) {
    return { error: resulted(expression, error) };
  }
}

const resulted = (expression: string, error: unknown): string =>
  `expression '${expression.trim()}' resulted in error: ${reasonOf(error)}`;

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "unknown";

/**
 * A JSON value for a program.
 *
 * @param unknown paths (`spec.replicas`) whose value nobody knows yet: an expression that depends on one errs
 */
export const jsonValue = (json: unknown, unknown: readonly string[] = []): Value => fromJson(json, new Set(unknown));

/** A map whose members are computed when an expression first reads them; one that throws reads as an error. */
export const computedMap = (members: Readonly<Record<string, () => Evaluation>>): Value =>
  lazyMap(members, (_, compute) => {
    const outcome = compute();
    return "value" in outcome ? outcome.value : celError(outcome.error);
  });

/** An error in the place of a value. */
export const errorValue = (reason: string): Value => celError(reason);

/** Names of the variables that `authorizerVariables` gives. */
export const AUTHORIZER_NAMES = {
  authorizer: "kubernetes.authorization.Authorizer",
  "authorizer.requestResource": "kubernetes.authorization.ResourceCheck",
} as const satisfies Names;

/**
 * The variables `authorizer` and `authorizer.requestResource`.
 *
 * @param declared what the authorizer answers; a question that none of these covers is an error
 * @param requester name of the user who made the request
 * @param resource what the request is about
 */
export const authorizerVariables = (
  declared: readonly DeclaredAuthorization[],
  requester: string,
  resource: Omit<AuthorizationQuestion, "verb" | "user" | "path">,
): Readonly<Record<keyof typeof AUTHORIZER_NAMES, Value>> => ({
  authorizer: authorizer(declared, requester),
  "authorizer.requestResource": resourceCheck(declared, requester, resource),
});

/** A string, boolean, integer or null as it is, a list as an array of them; undefined for everything else. */
export function toPlain(value: Value): string | boolean | bigint | null | readonly unknown[] | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "bigint") {
    return value;
  }
  return isCelList(value) ? [...value].map((item: CelValue) => toPlain(item)) : undefined;
}
