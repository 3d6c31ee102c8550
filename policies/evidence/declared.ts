import { renderClausesCsv, renderExemptionsCsv, renderResultsCsv } from "./csv.ts";
import { sha256, sumsOf } from "./digest.ts";
import type { Evidence } from "./evidence.ts";
import { PAGES, renderHtml } from "./html.ts";
import { jsonText } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { type Observed, renderObservedHtml } from "./observed.ts";
import { renderOscal } from "./oscal.ts";
import { renderSarif } from "./sarif.ts";
import { LANGUAGES } from "./words.ts";

/** The plain data that every other file is made from. */
export const EVIDENCE_FILE = "evidence.json";
/** What `sha256sum --check` reads. */
export const SUMS_FILE = "SHA256SUMS";

/** Every file of `declared/`, by its path there: a function of the evidence alone. */
export function declaredFiles(evidence: Evidence): ReadonlyMap<string, string> {
  const files = new Map<string, string>([
    ...LANGUAGES.map((language): [string, string] => [PAGES[language], renderHtml(evidence, language)]),
    [EVIDENCE_FILE, jsonText(evidence)],
    ...renderOscal(evidence),
    ["bhitti.sarif", renderSarif(evidence)],
    ["junit.xml", renderJunit(evidence)],
    ["clauses.csv", renderClausesCsv(evidence)],
    ["results.csv", renderResultsCsv(evidence)],
    ["exemptions.csv", renderExemptionsCsv(evidence)],
  ]);
  const sums = sumsOf([...files].map(([path, content]) => ({ path, sha256: sha256(content) })));
  return new Map([...files, [SUMS_FILE, sums]]);
}

/** The plain data of `observed/`. */
export const OBSERVED_FILE = "observed.json";

/** Every file of `observed/`, by its path there. */
export const observedFiles = (observed: Observed): ReadonlyMap<string, string> =>
  new Map([
    ["index.html", renderObservedHtml(observed)],
    [OBSERVED_FILE, jsonText(observed)],
  ]);
