import { parseRules } from "./rules.ts";

/** The text of `rules.generated.json`: each rule.yaml in its parsed form, with the digest of the text it was parsed from. */
export const generateRules = (): string => `${JSON.stringify(parseRules(), null, 1)}\n`;
