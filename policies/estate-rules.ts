import type { AnyRule, EstateRule } from "./estate-rule.ts";
import { rule as basisStands } from "./rules/api-hub/basis-stands/rule.ts";
import { rule as callersGranted } from "./rules/api-hub/callers-granted/rule.ts";
import { rule as consentRecorded } from "./rules/api-hub/consent-recorded/rule.ts";
import { rule as routesGuarded } from "./rules/api-hub/routes-guarded/rule.ts";
import { rule as backupElsewhere } from "./rules/backup/another-site/rule.ts";
import { rule as databaseArchived } from "./rules/backup/database-archived/rule.ts";
import { rule as backupDecisionKept } from "./rules/backup/decision-kept/rule.ts";
import { rule as backupRetention } from "./rules/backup/retention/rule.ts";
import { rule as emergencyEnded } from "./rules/break-glass/ended/rule.ts";
import { rule as residency } from "./rules/data/residency/rule.ts";
import { rule as knownProviders } from "./rules/hosting/known-providers/rule.ts";
import { rule as namesAtHome } from "./rules/hosting/names-at-home/rule.ts";
import { rule as stateAtHome } from "./rules/hosting/state-at-home/rule.ts";
import { rule as realmHardened } from "./rules/identity/realm-hardened/rule.ts";
import { rule as defaultDeny } from "./rules/network/default-deny/rule.ts";
import { rule as auditorsOnlyRead } from "./rules/rbac/auditors-only-read/rule.ts";
import { rule as ciIdentities } from "./rules/rbac/ci-identities/rule.ts";
import { rule as operatorBlindness } from "./rules/rbac/operator-blindness/rule.ts";
import { rule as toxicCombinations } from "./rules/rbac/toxic-combinations/rule.ts";
import { rule as noSecretInGit } from "./rules/secrets/no-secret-in-git/rule.ts";
import { rule as auditRetention } from "./rules/soc/audit-retention/rule.ts";
import { rule as socCoverage } from "./rules/soc/coverage/rule.ts";
import { rule as logSink } from "./rules/soc/log-sink/rule.ts";
import { rule as digestInLock } from "./rules/supply-chain/digest-in-lock/rule.ts";
import { rule as ownersStayBounded } from "./rules/tenancy/owners-stay-bounded/rule.ts";
import { rule as zoneQuota } from "./rules/tenancy/zone-quota/rule.ts";
import { rule as disruptionBudget } from "./rules/workload/disruption-budget/rule.ts";
import { loadRules } from "./rules.ts";

/** Every rule that judges an estate as a whole, sorted by id. A test holds the list against the folders. */
export const ESTATE_RULES: readonly EstateRule[] = [
  basisStands,
  callersGranted,
  consentRecorded,
  routesGuarded,
  backupElsewhere,
  databaseArchived,
  backupDecisionKept,
  backupRetention,
  emergencyEnded,
  residency,
  knownProviders,
  namesAtHome,
  stateAtHome,
  realmHardened,
  defaultDeny,
  auditorsOnlyRead,
  ciIdentities,
  operatorBlindness,
  toxicCombinations,
  noSecretInGit,
  auditRetention,
  socCoverage,
  logSink,
  digestInLock,
  ownersStayBounded,
  zoneQuota,
  disruptionBudget,
];

/**
 * Every rule of either sort, sorted by id.
 *
 * @throws BhittiError BH3001 where a rule.yaml is no policy of its name
 */
export const allRules = (): readonly AnyRule[] =>
  [...loadRules(), ...ESTATE_RULES].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
