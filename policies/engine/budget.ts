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

let left = 0;

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
    left = before;
  }
}

/** Cost of looking at each character of texts of this many characters together. */
export const traversal = (characters: number): number => Math.ceil(characters * 0.1);

/** Cost of holding a pattern against a text. */
export const matching = (text: string, pattern: string): number =>
  traversal(text.length + 1) * Math.ceil(pattern.length * 0.25);
