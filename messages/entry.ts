/** What the catalogue says of one code. `{name}` in a text is filled from the message's params. */
export interface Entry {
  readonly severity: "error" | "warning" | "notice";
  /** One sentence: what is wrong, the value got, what is allowed. Lower case, no full stop. */
  readonly text: string;
  /** What to do about it. Joined to the text by a semicolon. */
  readonly remedy?: string;
  /** What `bhitti explain <code>` adds: why Bhitti insists, and an example where one helps. */
  readonly explain: string;
}

/** Keeps the literal codes of a table and checks its entries. */
export const entries = <T extends Record<string, Entry>>(table: T): { readonly [K in keyof T]: Entry } => table;
