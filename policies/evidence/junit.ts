import type { Evidence, EvidenceFinding, EvidenceRule } from "./evidence.ts";
import { type Markup, markup } from "./markup.ts";

/**
 * JUnit XML, as test reporters read it: one suite a rule, one case an object that it judged. What an exemption permits is skipped, with
 * its reason; a rule without objects has one skipped case, so that it is seen; what no rule could be asked about is an error.
 */
export function renderJunit(evidence: Evidence): string {
  const suites = [...evidence.rules.map((rule) => ruleSuite(evidence, rule)), ...notEvaluatedSuite(evidence)];
  const sum = (key: "tests" | "failures" | "errors" | "skipped"): number => suites.reduce((n, s) => n + s[key], 0);
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${`bhitti audit ${evidence.environment.name}`}" tests="${sum("tests")}" failures="${sum("failures")}" errors="${sum("errors")}" skipped="${sum("skipped")}" time="0">
${suites.map((suite) => suiteOf(evidence, suite))}</testsuites>
`.markup;
}

interface Suite {
  readonly name: string;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  readonly cases: readonly Markup[];
}

/** JUnit's readers want a time of day without a zone; it is UTC. */
const timestampOf = ({ commit }: Evidence): string => commit.date.replace(/Z$/, "");

const suiteOf = (evidence: Evidence, { name, tests, failures, errors, skipped, cases }: Suite): Markup =>
  markup`  <testsuite name="${name}" tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="0" timestamp="${timestampOf(evidence)}">
    <properties>
      <property name="commit" value="${evidence.commit.id}"/>
      <property name="asOf" value="${evidence.asOf}"/>
    </properties>
${cases}  </testsuite>
`;

function ruleSuite(evidence: Evidence, rule: EvidenceRule): Suite {
  const found = new Map<number, EvidenceFinding>();
  for (const finding of evidence.findings) if (finding.rule === rule.id) found.set(finding.subject, finding);
  const findings = [...found.values()];
  const open = findings.filter(({ exemption }) => exemption === undefined);
  const nothing =
    rule.notRun === undefined
      ? markup`    <testcase classname="${rule.id}" name="no object to judge" time="0"><skipped message="the rule proved nothing"/></testcase>
`
      : markup`    <testcase classname="${rule.id}" name="not run" time="0"><error type="BH3016" message="${rule.notRun}"/></testcase>
`;
  return {
    name: rule.id,
    tests: Math.max(1, rule.judged.length),
    failures: open.filter(({ outcome }) => outcome === "failed").length,
    errors: open.filter(({ outcome }) => outcome === "error").length + (rule.notRun === undefined ? 0 : 1),
    skipped: rule.judged.length > 0 ? findings.length - open.length : rule.notRun === undefined ? 1 : 0,
    cases:
      rule.judged.length === 0
        ? [nothing]
        : rule.judged.map((index) => caseOf(evidence, rule, index, found.get(index))),
  };
}

function caseOf(evidence: Evidence, rule: EvidenceRule, index: number, finding: EvidenceFinding | undefined): Markup {
  const subject = evidence.subjects[index];
  const file = subject?.position && markup` file="${subject.position.file}" line="${subject.position.line}"`;
  const name = `${subject?.object ?? index} (${subject?.stack ?? ""})`;
  return markup`    <testcase classname="${rule.id}" name="${name}"${file} time="0">${finding && verdictOf(evidence, finding)}</testcase>
`;
}

function verdictOf(evidence: Evidence, { outcome, code, text, message, exemption }: EvidenceFinding): Markup {
  const permit = evidence.exemptions.find(({ id }) => id === exemption);
  if (permit) return markup`<skipped message="${`exempted by ${permit.id} until ${permit.expires}: ${text}`}"/>`;
  return outcome === "error"
    ? markup`<error type="${code}" message="${text}">${message}</error>`
    : markup`<failure type="${code}" message="${text}">${message}</failure>`;
}

function notEvaluatedSuite({ notEvaluated }: Evidence): readonly Suite[] {
  if (notEvaluated.length === 0) return [];
  const cases = notEvaluated.map(
    ({ stack, address, reason }) =>
      markup`    <testcase classname="not-evaluated" name="${`${stack}/${address}`}" time="0"><error type="BH3015" message="${reason}"/></testcase>
`,
  );
  return [{ name: "not-evaluated", tests: cases.length, failures: 0, errors: cases.length, skipped: 0, cases }];
}
