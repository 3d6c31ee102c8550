import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a real API server makes of an expression: a text, an error while it evaluates, or no policy with it. */
export type CaseVerdict = { readonly value: string } | { readonly error: true } | { readonly refused: true };

export interface CaseVerdicts {
  /** Version of the server that answered. */
  readonly server: string;
  readonly verdicts: readonly (readonly [expression: string, verdict: CaseVerdict])[];
}

/** The committed answers to the cases of expression-cases.ts. */
export function readVerdicts(): CaseVerdicts {
  const file = fileURLToPath(new URL("./expression-verdicts.generated.json", import.meta.url));
  return JSON.parse(readFileSync(file, "utf8")) as CaseVerdicts;
}
