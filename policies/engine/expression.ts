import {
  type CelEnv,
  type CelValue,
  celEnv,
  celError,
  celMap,
  isCelError,
  isCelList,
  parse,
  plan,
} from "@bufbuild/cel";
import { RE2JS } from "@bufbuild/re2";
import { KUBERNETES_FUNCTIONS } from "./library.ts";
import { referenceProblem } from "./references.ts";
import { type EngineValue, fromJson, lazyMap, mendNativeMaps } from "./values.ts";

/**
 * The CEL engine of everything else: `compile` an expression once, `evaluate` it as often as there are objects. Nothing
 * outside of this file and those it imports from its own folder knows which engine decides.
 *
 * Where the engine differs from the API server's cel-go is mended here: JSON integers are ints, keys with a null value are there
 * (values.ts), string functions count code points (library.ts), names and functions that nobody declared are an error
 * even where `||` would never have reached them, and so are list literals of mixed types (references.ts).
 */

/** A compiled expression, or the reason why there is none. */
export interface Program {
  readonly expression: string;
  /** Why it cannot run; evaluating it then gives this error, since a broken policy must never pass. */
  readonly problem?: string;
  readonly run?: (variables: never) => unknown;
}

/** A value of the engine, to hand to another program. Only `toPlain` looks inside. */
export type Value = EngineValue;

/** What an expression gives. An error is a value of CEL: `||` and `&&` can do without it. */
export type Evaluation = { readonly value: Value } | { readonly error: string };

/** Names that an expression may use; a nested name (`variables.x`) is listed with its members. */
export type Names = Readonly<Record<string, readonly string[] | "any">>;

const patterns = new Map<string, RE2JS>();

/** Kept: compiling a pattern takes far longer than matching it. */
function pattern(text: string): RE2JS {
  const known = patterns.get(text);
  if (known) return known;
  const compiled = RE2JS.compile(text);
  patterns.set(text, compiled);
  return compiled;
}

let environment: CelEnv | undefined;

function engine(): CelEnv {
  if (!environment) {
    mendNativeMaps(celMap(new Map()));
    environment = celEnv({ funcs: KUBERNETES_FUNCTIONS, re2: { compile: pattern } });
  }
  return environment;
}

/** Compiles an expression that uses nothing but the given names. Never throws: see `Program.problem`. */
export function compile(expression: string, names: Names): Program {
  try {
    const { parsed, run } = planned(expression);
    const problem = referenceProblem(parsed.expr, names, (name) => engine().funcs.find(name) !== undefined);
    return problem ? { expression, problem } : { expression, run };
  } catch (error) {
    return { expression, problem: reasonOf(error) };
  }
}

interface Planned {
  readonly parsed: ReturnType<typeof parse>;
  readonly run: (variables: never) => unknown;
}

const plans = new Map<string, Planned>();

/** Kept by text: rules about pods say half of their expressions in the same words, and parsing is what costs most. */
function planned(expression: string): Planned {
  const known = plans.get(expression);
  if (known) return known;
  const parsed = parse(expression);
  const made = { parsed, run: plan(engine(), parsed) as Planned["run"] };
  plans.set(expression, made);
  return made;
}

/** Evaluates a program. Never throws. */
export function evaluate(
  { expression, problem, run }: Program,
  variables: Readonly<Record<string, Value>>,
): Evaluation {
  if (!run) return { error: `expression '${expression.trim()}' cannot be compiled: ${problem ?? "no reason known"}` };
  try {
    const value = run(variables as never) as Value;
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

/** A string, boolean or null as it is, a list as an array of them; undefined for everything else. */
export function toPlain(value: Value): string | boolean | bigint | null | readonly unknown[] | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "bigint") {
    return value;
  }
  return isCelList(value) ? [...value].map((item: CelValue) => toPlain(item)) : undefined;
}
