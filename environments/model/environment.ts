import type { Position } from "../../messages/message.ts";
import type { Agency } from "./files/agencies.ts";
import type { Backup } from "./files/backup.ts";
import type { Centres } from "./files/centres.ts";
import type { Cluster } from "./files/clusters.ts";
import type { EnvironmentFile } from "./files/environment.ts";
import type { Exemption } from "./files/exemptions.ts";
import type { Gateway, RatePlan, Suspension } from "./files/gateway.ts";
import type { Guardrails } from "./files/guardrails.ts";
import type { AssuranceLevel, Identity, IdentitySource, Realm } from "./files/identity.ts";
import type { Host, NodeType } from "./files/inventory.ts";
import type { Ledger } from "./files/ledger.ts";
import type { NetworkPlan } from "./files/network.ts";
import type { Seed } from "./files/seed.ts";
import type { Site } from "./files/sites.ts";
import type { Soc } from "./files/soc.ts";
import type { Zone } from "./files/zone.ts";
import type { Api } from "./hub/grants.ts";

/** A complete, checked description of an environment: plain data, from which everything else is derived. */
export interface Environment extends Readonly<EnvironmentFile> {
  /** None where there is no agencies.yaml. */
  readonly agencies: readonly Agency[];
  readonly sites: readonly Site[];
  /** None where there is no inventory.yaml. */
  readonly nodeTypes: readonly NodeType[];
  readonly hosts: readonly Host[];
  readonly clusters: readonly Cluster[];
  readonly network: NetworkPlan;
  /** One entry an owner, sorted by name. */
  readonly ledger: readonly Ledger[];
  readonly gateway: Gateway;
  readonly ratePlans: readonly RatePlan[];
  readonly suspensions: readonly Suspension[];
  /** What all zones publish, with the state of each grant; sorted by name and version. */
  readonly apis: readonly Api[];
  readonly identity: Identity;
  /** From the weakest to the strongest. */
  readonly assuranceLevels: readonly AssuranceLevel[];
  readonly identitySources: readonly IdentitySource[];
  readonly realms: readonly Realm[];
  readonly soc: Soc;
  readonly backup: Backup;
  readonly seed: Seed;
  /** Absent where the environment carries no centres. */
  readonly centres?: Centres;
  readonly guardrails: Guardrails;
  /** As they stand; none where there is no exemptions.yaml. */
  readonly exemptions: readonly Exemption[];
  /** Sorted by name. */
  readonly zones: readonly Zone[];
  /** Where each value stands in the YAML. Not part of the description: two environments that differ only here are equal. */
  readonly positions: Positions;
}

/**
 * Finds the line of YAML that a value comes from.
 *
 * @param path as in the environment: `gateway`, `apis.tax-status`, `zones.citizen-services.services.portal.port`. Items of
 *   lists are named by their `name` (or `cluster`, `prefix`, `logs`, `id`) where they have one, else by index.
 * @returns the position of the nearest enclosing value that exists, so that every path has one
 */
export type Positions = (path: string) => Position;
