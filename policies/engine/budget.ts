/**
 * How much an expression may cost before it ends with an error, in the unit of the API server's cost: roughly one look at a
 * value, or ten characters of text. Source: apiserver, pkg/apis/cel/config.go; cel-go, interpreter/runtimecost.go.
 *
 * Names and fields behind a condition (`&&`, `||`, `?:`) are not counted here, so that an expression near the limit may pass here
 * and fail in the server, by at most the share of such names in it.
 */
export const COST_LIMIT = 1_000_000;

/** Ends an evaluation at once: unlike errors of CEL, `||` cannot do without what costs too much. */
export class CostLimitError extends Error {
  constructor() {
    super("operation cancelled: actual cost limit exceeded");
  }
}

/**
 * How much all validations of a policy may cost together for one binding and param, the variables they read and their messages
 * included; as much again is left to the audit annotations. Source: apiserver 1.35, pkg/apis/cel/config.go.
 */
export const POLICY_COST_LIMIT = 10_000_000;

/** The same of the match conditions. */
export const CONDITIONS_COST_LIMIT = POLICY_COST_LIMIT / 4;

let left = 0;
let spent = 0;

/** Takes from what the running evaluation may still cost. @throws CostLimitError where nothing is left */
export function charge(cost: number): void {
  left -= cost;
  if (left < 0) throw new CostLimitError();
}

/** Evaluates with a budget of its own: an evaluation within an evaluation (a variable) does not use up the outer one's. */
export function withBudget<T>(limit: number, evaluate: () => T): T {
  const before = left;
  left = limit;
  try {
    return evaluate();
  } finally {
    spent += limit - left;
    left = before;
  }
}

/** What an act's evaluations cost together, those of variables that they are the first to read included. */
export function spentBy<T>(act: () => T): { readonly value: T; readonly cost: number } {
  const before = spent;
  const value = act();
  return { value, cost: spent - before };
}

/** Cost of looking at each character of texts of this many characters together. */
export const traversal = (characters: number): number => Math.ceil(characters * 0.1);

/** Cost of holding a pattern against a text. */
export const matching = (text: string, pattern: string): number =>
  traversal(text.length + 1) * Math.ceil(pattern.length * 0.25);
