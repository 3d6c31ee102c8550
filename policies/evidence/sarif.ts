import type { Evidence, EvidenceFinding, EvidenceRule, EvidenceSubject } from "./evidence.ts";
import { jsonText } from "./json.ts";

/** How scanners' readers weigh a rule, as GitHub's `security-severity`: a CVSS score. */
const SCORES = { low: "3.0", medium: "5.5", high: "8.0", critical: "9.5" } as const;
const LEVEL_OF_SEVERITY = { error: "error", warning: "warning", notice: "note" } as const;
const LEVEL_OF_STAGE = { deny: "error", warn: "warning", audit: "note" } as const;

/** Findings in SARIF 2.1.0 (OASIS), which editors and code hosts read. What an exemption permits is suppressed, with its reason. */
export function renderSarif(evidence: Evidence): string {
  const { rules, findings, notEvaluated, commit, environment, asOf, inputs, reproducible } = evidence;
  const order = new Map(rules.map(({ id }, index) => [id, index]));
  const unmatched = rules.filter(({ judged }) => judged.length === 0);
  return jsonText({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "Bhitti", version: versionOf(evidence), rules: rules.map(ruleOf) },
        },
        automationDetails: { id: `bhitti/${environment.name}/` },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: notEvaluated.map(({ stack, address, reason }) => ({
              level: "warning",
              message: { text: `no rule was asked about ${address} of stack '${stack}': ${reason}` },
            })),
            toolConfigurationNotifications: unmatched.map(({ id, notRun }) => ({
              level: notRun === undefined ? "note" : "warning",
              message: {
                text: notRun === undefined ? `${id} found no object to judge` : `${id} was not run: ${notRun}`,
              },
              associatedRule: { id, index: order.get(id) ?? -1 },
            })),
          },
        ],
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultOf(evidence, finding, order.get(finding.rule) ?? -1)),
        properties: { commit: commit.id, commitDate: commit.date, asOf, inputDigest: inputs.digest, reproducible },
      },
    ],
  });
}

const versionOf = ({ tools }: Evidence): string => tools.find(({ name }) => name === "bhitti")?.version ?? "0";

function ruleOf({ id, title, rationale, reference, severity, level, stage, controls, judged }: EvidenceRule): object {
  return {
    id,
    shortDescription: { text: title.en },
    fullDescription: { text: rationale.en },
    help: { text: `${rationale.en}\n\nSee ${reference}` },
    ...(/^https?:\/\//.test(reference) ? { helpUri: reference } : {}),
    defaultConfiguration: { level: LEVEL_OF_STAGE[stage] },
    properties: {
      "security-severity": SCORES[severity],
      severity,
      level,
      stage,
      tags: controls,
      judged: judged.length,
    },
  };
}

function resultOf(evidence: Evidence, finding: EvidenceFinding, ruleIndex: number): object {
  const { rule, severity, message, outcome, code } = finding;
  const subject = evidence.subjects[finding.subject];
  const exemption = evidence.exemptions.find(({ id }) => id === finding.exemption);
  return {
    ruleId: rule,
    ruleIndex,
    kind: "fail",
    level: LEVEL_OF_SEVERITY[severity],
    message: { text: message },
    locations: subject ? [locationOf(subject)] : [],
    partialFingerprints: { "bhitti/v1": `${rule}:${subject?.stack ?? ""}:${subject?.object ?? ""}` },
    ...(exemption
      ? {
          suppressions: [
            { kind: "external", status: "accepted", justification: `${exemption.id}: ${exemption.reason}` },
          ],
        }
      : {}),
    properties: { code, outcome },
  };
}

function locationOf({ position, object, stack, address, chartFile }: EvidenceSubject): object {
  const name = `${stack}/${address}${chartFile ? `#${chartFile}` : ""}`;
  return {
    ...(position
      ? {
          physicalLocation: {
            artifactLocation: { uri: encodeURI(position.file) },
            region: { startLine: position.line, startColumn: position.column },
          },
        }
      : {}),
    logicalLocations: [{ name: object, fullyQualifiedName: `${name} ${object}`, kind: "resource" }],
  };
}
