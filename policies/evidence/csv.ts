import { stringify } from "csv-stringify/sync";
import type { Evidence } from "./evidence.ts";

/**
 * Tables for spreadsheets: RFC 4180, UTF-8 with the mark that spreadsheets need to show Bangla. A cell that a spreadsheet would run as
 * a formula gets an apostrophe in front.
 */
const csv = (columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  stringify([columns, ...rows] as (string | number)[][], {
    bom: true,
    escape_formulas: true,
    record_delimiter: "windows",
  });

/** One row a clause. */
export function renderClausesCsv({ instruments, controls, rules }: Evidence): string {
  const rulesOf = (ids: readonly string[]) =>
    rules.filter(({ id }) => controls.some((control) => ids.includes(control.id) && control.rules.includes(id)));
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return csv(
    [
      ...[
        "instrument",
        "instrument status",
        "clause",
        "reference",
        "verdict",
        "standing",
        "reasons",
        "verified",
        "assumed facts",
      ],
      ...["controls", "rules", "judged", "failed", "exempted", "paraphrase", "paraphrase (bn)", "source", "ask for"],
    ],
    instruments.flatMap((instrument) =>
      instrument.clauses.map((clause) => {
        const serving = rulesOf(clause.controls);
        return [
          ...[
            instrument.id,
            instrument.status ?? "not yet",
            clause.id,
            clause.reference,
            clause.verdict,
            clause.standing,
          ],
          ...[clause.reasons.join(" "), yes(clause.verified), yes(clause.assumed)],
          ...[clause.controls.join(" "), serving.map(({ id }) => id).join(" ")],
          sum(serving.map(({ judged }) => judged.length)),
          sum(serving.map(({ failed }) => failed)),
          sum(serving.map(({ exempted }) => exempted)),
          ...[clause.paraphrase.en, clause.paraphrase.bn, clause.source],
          clause.manual.map(({ en }) => en).join("; "),
        ];
      }),
    ),
  );
}

/** One row for each object that each rule judged; then the rules that found none, and what no rule could be asked about. */
export function renderResultsCsv({ rules, subjects, findings, notEvaluated }: Evidence): string {
  const found = new Map(findings.map((finding) => [`${finding.rule} ${finding.subject}`, finding]));
  const rows = rules.flatMap((rule) =>
    rule.judged.map((index) => {
      const subject = subjects[index];
      const finding = found.get(`${rule.id} ${index}`);
      const verdict = finding ? (finding.exemption === undefined ? finding.outcome : "exempted") : "passed";
      return [
        ...[rule.id, rule.severity, rule.level, rule.stage, subject?.object ?? "", subject?.stack ?? ""],
        ...[subject?.address ?? "", subject?.position?.file ?? "", subject?.position?.line ?? "", verdict],
        ...[finding?.exemption ?? "", finding?.text ?? ""],
      ];
    }),
  );
  const unmatched = rules
    .filter(({ judged }) => judged.length === 0)
    .map(({ id, severity, level, stage, notRun }) => [
      ...[id, severity, level, stage, "", "", "", "", ""],
      ...[notRun === undefined ? "nothing to judge" : "not run", "", notRun ?? ""],
    ]);
  const unasked = notEvaluated.map(({ stack, address, reason }) => [
    ...["", "", "", "", "", stack, address, "", "", "not evaluated", "", reason],
  ]);
  return csv(
    [
      "rule",
      "severity",
      "level",
      "stage",
      "object",
      "stack",
      "address",
      "file",
      "line",
      "verdict",
      "exemption",
      "text",
    ],
    [...rows, ...unmatched, ...unasked],
  );
}

/** One row an exemption. */
export function renderExemptionsCsv({ exemptions }: Evidence): string {
  return csv(
    [
      ...["id", "rule", "subject", "most objects", "permits", "reason", "legal basis", "owner", "approver", "issued"],
      ...["expires", "compensating control", "state", "remarks"],
    ],
    exemptions.map((e) => [
      ...[
        e.id,
        e.rule,
        e.subject,
        e.maximumObjects,
        e.permits.length,
        e.reason,
        e.legalBasis,
        e.owner,
        e.approver,
        e.issued,
      ],
      ...[e.expires, e.compensatingControl, e.state, e.remarks.join("; ")],
    ]),
  );
}

const yes = (value: boolean): string => (value ? "yes" : "no");
