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

/** The text of `laws.generated.json`: every instrument as it was read, with the digest of the texts. */
export const generateLaws = (): string => `${JSON.stringify(parseLaws(), null, 1)}\n`;
