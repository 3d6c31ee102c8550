/**
 * Mutants that decide as the rule does on every request that an API server can send, and why. A reason is looked at as an example
 * would be: whoever adds one says what makes the two the same.
 */
export const EQUIVALENT: readonly {
  /** A rule's id, or `*` for words that many rules share. */
  readonly rule: string;
  readonly place: RegExp;
  /** Over `<change>: <text>` of the mutant. */
  readonly text: RegExp;
  readonly why: string;
}[] = [];
