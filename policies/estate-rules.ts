import type { AnyRule, EstateRule } from "./estate-rule.ts";
import { rule as defaultDeny } from "./rules/network/default-deny/rule.ts";
import { rule as zoneQuota } from "./rules/tenancy/zone-quota/rule.ts";
import { loadRules } from "./rules.ts";

/** Every rule that judges an estate as a whole, sorted by id. A test holds the list against the folders. */
export const ESTATE_RULES: readonly EstateRule[] = [defaultDeny, zoneQuota];

/**
 * Every rule of either sort, sorted by id.
 *
 * @throws BhittiError BH3001 where a rule.yaml is no policy of its name
 */
export const allRules = (): readonly AnyRule[] =>
  [...loadRules(), ...ESTATE_RULES].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
