import { createRequire } from "node:module";
import { Ajv } from "ajv";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Log } from "sarif";
import { describe, expect, test } from "vitest";
import { renderClausesCsv, renderExemptionsCsv, renderResultsCsv } from "./csv.ts";
import { makeEvidence } from "./evidence.ts";
import { renderJunit } from "./junit.ts";
import { escapeText, markup } from "./markup.ts";
import { renderSarif } from "./sarif.ts";
import { everything, inputsOf } from "./testing.ts";

describe("SARIF", () => {
  const {
    $schema: _,
    id: __,
    ...schema
  } = createRequire(import.meta.url)("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json") as Record<
    string,
    unknown
  >;
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
  const log = JSON.parse(renderSarif(everything())) as Log;

  test.each([
    ["with findings", everything()],
    ["without", makeEvidence(inputsOf())],
  ])("is valid by the schema, %s", (_, evidence) => {
    validate(JSON.parse(renderSarif(evidence)));
    expect(validate.errors).toBeNull();
    expect(validate({ ...log, version: "2.0.0" })).toBe(false);
  });

  test("has one result a finding, with its place, its rule and what permits it", () => {
    const results = log.runs[0]?.results ?? [];
    const rules = log.runs[0]?.tool.driver.rules ?? [];
    expect(results.map((result) => [result.ruleId, result.level, result.suppressions?.[0]?.status])).toEqual([
      ["network/no-node-port", "error", undefined],
      ["network/no-node-port", "error", undefined],
      ["network/no-node-port", "error", "accepted"],
    ]);
    expect(results.every((result) => rules[result.ruleIndex ?? -1]?.id === result.ruleId)).toBe(true);
    expect(results[0]?.locations?.[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: "environments/x/soc%20&%20%3Clog%3E.yaml" },
      region: { startLine: 3, startColumn: 5 },
    });
  });

  test("tells rules that found nothing to judge", () => {
    const told = log.runs[0]?.invocations?.[0]?.toolConfigurationNotifications ?? [];
    expect(told.map(({ associatedRule }) => associatedRule?.id)).toEqual(["rbac/no-wildcard"]);
  });
});

describe("JUnit", () => {
  const xml = renderJunit(everything());
  const parsed = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === "testcase" }).parse(xml);

  test("is well-formed and counts what it holds", () => {
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(parsed.testsuites).toMatchObject({ "@_tests": "6", "@_failures": "1", "@_errors": "1", "@_skipped": "2" });
    const cases = parsed.testsuites.testsuite.flatMap((suite: { testcase: object[] }) => suite.testcase);
    const having = (key: string) => cases.filter((c: object) => key in c).length;
    expect([cases.length, having("failure"), having("error"), having("skipped")]).toEqual([6, 1, 1, 2]);
  });

  test("makes an error of what no rule could be asked about", () => {
    const evidence = { ...everything(), notEvaluated: [{ stack: "s", address: "helm_release.x", reason: "a chart" }] };
    expect(renderJunit(evidence)).toContain('<error type="BH3015" message="a chart"/>');
    expect(renderJunit(evidence)).toContain('errors="2"');
  });
});

describe("CSV", () => {
  test("has one row a clause, a judgement, an exemption", () => {
    const lines = (text: string) => text.trim().split("\r\n");
    expect(lines(renderClausesCsv(everything()))).toHaveLength(8);
    expect(lines(renderResultsCsv(everything())).map((line) => line.split(",").at(9))).toEqual([
      ...["verdict", "passed", "failed", "error", "exempted", "passed", "nothing to judge"],
    ]);
    expect(lines(renderExemptionsCsv(everything()))).toHaveLength(2);
  });

  test("lets no cell become a formula", () => {
    const evidence = everything();
    const exemptions = evidence.exemptions.map((exemption) => ({ ...exemption, reason: '=HYPERLINK("http://x")' }));
    expect(renderExemptionsCsv({ ...evidence, exemptions })).toContain(`"'=HYPERLINK(""http://x"")"`);
  });
});

/** What XML 1.0 (2.2) does not allow, and what ends an attribute or begins a tag. */
const forbidden = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0;
  return "<>\"'\ufffe\uffff".includes(character) || (code < 32 && !"\t\n\r".includes(character));
};

describe("markup", () => {
  test("escapes texts, keeps markup, joins lists and leaves out what is not there", () => {
    const item = (text: string) => markup`<i>${text}</i>`;
    expect(markup`<b a="${'"'}">${"<&>"}${[item("x"), item("'")]}${undefined}${false}${0}</b>`.markup).toBe(
      '<b a="&quot;">&lt;&amp;&gt;<i>x</i><i>&#39;</i>0</b>',
    );
  });

  test("gives well-formed XML of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = escapeText(text);
        expect([...escaped].filter(forbidden)).toEqual([]);
        expect(XMLValidator.validate(`<a b="${escaped}">${escaped}</a>`)).toBe(true);
      }),
    );
  });
});
