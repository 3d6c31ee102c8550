import type { Reporter, TestCase, TestModule } from "vitest/node";
import { CASES } from "../policies/engine/admission-cases.ts";
import { allRules } from "../policies/estate-rules.ts";

/**
 * What `npm run test:policies` prints for an auditor: each rule with the verdicts on its examples as they came out in this run, and
 * each table that holds the engine to the API server. A rule whose examples were not run fails the run.
 */
export default class PoliciesReport implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const rows = allRules().map(({ id, severity, level }) => ruleRow(id, `${severity}, ${level}`, tests));
    const tables = [
      ["policies/engine/admission-cases.test.ts", `admission, ${new Set(CASES.map((c) => c.feature)).size} features`],
      ["policies/engine/expression.test.ts", "expressions"],
      ["policies/engine/problems.test.ts", "policies that are taken or refused"],
    ].map(([file = "", name = ""]) => tableRow(name, testsOf(modules, file)));
    const untested = rows.filter(({ examples }) => examples === 0);
    const [examples, held] = [sum(rows.map((r) => r.examples)), sum(rows.map((r) => r.held))];
    console.log(
      [
        "",
        "Rules, and the examples that each lets pass or refuses as it should:",
        ...rows.map(({ text }) => text),
        "",
        "Tables by which the engine answers as kube-apiserver 1.35.4 did:",
        ...tables,
        "",
        `${rows.length} rules, ${examples} examples, ${held} as they should be, ${examples - held} not`,
        ...untested.map(({ id }) => `NOT TESTED: ${id}`),
      ].join("\n"),
    );
    if (untested.length > 0) process.exitCode = 1;
  }
}

interface RuleRow {
  readonly id: string;
  readonly examples: number;
  /** Those with the verdict that their folder says. */
  readonly held: number;
  readonly text: string;
}

/** Tests of examples are named by their files: `network/no-node-port/fail/load-balancer.yaml`. */
function ruleRow(id: string, weight: string, tests: readonly TestCase[]): RuleRow {
  const of = (folder: "pass" | "fail") =>
    tests.filter(({ name }) => name.startsWith(`${id}/${folder}/`) && name.endsWith(".yaml"));
  const [pass, fail] = [of("pass"), of("fail")];
  const [allowed, refused] = [pass.filter(holds).length, fail.filter(holds).length];
  const text = [
    `  ${id.padEnd(44)}`,
    `${allowed} of ${pass.length} allowed`.padEnd(18),
    `${refused} of ${fail.length} refused`.padEnd(18),
    weight,
  ].join(" ");
  return { id, examples: pass.length + fail.length, held: allowed + refused, text };
}

function tableRow(name: string, tests: readonly TestCase[]): string {
  const held = tests.filter(holds).length;
  return `  ${name.padEnd(44)} ${held} of ${tests.length} answers${held === tests.length && held > 0 ? "" : "  FAILED"}`;
}

const testsOf = (modules: readonly TestModule[], file: string): readonly TestCase[] =>
  modules.filter(({ moduleId }) => moduleId.endsWith(file)).flatMap((module) => [...module.children.allTests()]);

const holds = (test: TestCase): boolean => test.result().state === "passed";
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
