import { type AnyRule, isEstateRule } from "./estate-rule.ts";
import { allRules } from "./estate-rules.ts";
import { estateFixturesOf, fixturesOf } from "./fixtures.ts";

/** The catalogue of rules: a table of all, then a section for each family. */
export function rulesMarkdown(): string {
  const rules = allRules();
  const families = [...new Set(rules.map(familyOf))];
  return [
    `${rules.length} rules in ${families.length} families.`,
    "",
    ...table(
      ["Rule", "Title", "Level", "Severity", "Judges"],
      rules.map((rule) => [`[\`${rule.id}\`](#${anchorOf(rule)})`, rule.title, rule.level, rule.severity, where(rule)]),
    ),
    ...families.flatMap((family) => [
      "",
      `## ${family}`,
      ...rules.filter((rule) => familyOf(rule) === family).flatMap((rule) => ["", ...section(rule)]),
    ]),
  ].join("\n");
}

const familyOf = ({ id }: AnyRule): string => id.split("/")[0] ?? id;

/** The anchor that GitHub makes of a heading. */
const anchorOf = ({ id }: AnyRule): string => id.replaceAll("/", "");

const where = (rule: AnyRule): string => (isEstateRule(rule) ? "the estate" : "each request");

function section(rule: AnyRule): readonly string[] {
  return [
    `### ${rule.id}`,
    "",
    `**${rule.title}.** ${rule.rationale}`,
    "",
    `**${rule.titleBangla}।** ${rule.rationaleBangla}`,
    "",
    ...table(
      ["", ""],
      [
        ["level, severity", `${rule.level}, ${rule.severity}`],
        ["controls", rule.controls.map((control) => `\`${control}\``).join(", ")],
        [isEstateRule(rule) ? "judges or consults" : "matches", matched(rule)],
        ["examples", examples(rule)],
        ["follows", `<${rule.reference}>`],
      ],
    ),
  ];
}

function matched(rule: AnyRule): string {
  const names = isEstateRule(rule)
    ? rule.kinds
    : (rule.policy.spec.matchConstraints.resourceRules ?? []).flatMap(({ resources }) => resources ?? []);
  return [...new Set(names)].map((name) => `\`${name}\``).join(", ");
}

function examples(rule: AnyRule): string {
  const fixtures = isEstateRule(rule) ? estateFixturesOf(rule) : fixturesOf(rule);
  const passing = fixtures.filter(({ expected }) => expected === "pass").length;
  const folder = `../policies/rules/${rule.id}`;
  return `[${passing} that pass](${folder}/pass), [${fixtures.length - passing} that fail](${folder}/fail)`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  row(head),
  row(head.map(() => "---")),
  ...rows.map(row),
];

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
