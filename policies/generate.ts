import type { AdmissionPolicy } from "./engine/policy.ts";
import { storeTree } from "./engine/stored-tree.ts";
import { parseText } from "./engine/tree.ts";
import { withConditions } from "./exemptions/conditions.ts";
import { parseLaws } from "./laws/laws.ts";
import { parseRules, ruleIds, ruleText } from "./rules.ts";

/** Each rule.yaml, with the conditions that its level wants: `[path, text]`. */
export const ruleTexts = (): [string, string][] =>
  ruleIds().map((id) => [`policies/rules/${id}/rule.yaml`, withConditions(id, ruleText(id))]);

/** The text of `rules.generated.json`: each rule.yaml in its parsed form, with the digest of the text it was parsed from. */
export const generateRules = (): string =>
  `${JSON.stringify(
    parseRules({}, (id) => withConditions(id, ruleText(id))),
    null,
    1,
  )}\n`;

/**
 * The text of `trees.generated.json`: every expression of the rules as a tree, one a line. An expression that is not in it is parsed
 * when it is compiled: the file can be old, but never wrong.
 */
export function generateTrees(): string {
  const texts = Object.values(parseRules({}, (id) => withConditions(id, ruleText(id)))).flatMap(({ policy }) =>
    expressionsOf(policy),
  );
  const lines = [...new Set(texts)]
    .sort()
    .map((text) => `${JSON.stringify(text)}:${JSON.stringify(storeTree(parseText(text)))}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

const expressionsOf = ({ spec }: AdmissionPolicy): string[] => [
  ...(spec.matchConditions ?? []).map(({ expression }) => expression),
  ...(spec.variables ?? []).map(({ expression }) => expression),
  ...spec.validations.flatMap(({ expression, messageExpression }) => [
    expression,
    ...(messageExpression ? [messageExpression] : []),
  ]),
  ...(spec.auditAnnotations ?? []).map(({ valueExpression }) => valueExpression),
];

/** The text of `laws.generated.json`: every instrument as it was read, with the digest of the texts. */
export const generateLaws = (): string => `${JSON.stringify(parseLaws(), null, 1)}\n`;
