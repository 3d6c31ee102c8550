import type { z } from "zod";
import type { Message } from "../../messages/message.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { agenciesFile, agencyFaults } from "./files/agencies.ts";
import { backupFaults, backupFile } from "./files/backup.ts";
import { centreShareFaults, centresFile } from "./files/centres.ts";
import { clusterFaults, clustersFile } from "./files/clusters.ts";
import { environmentFaults, environmentFile } from "./files/environment.ts";
import { exemptionFaults, exemptionsFile } from "./files/exemptions.ts";
import { gatewayFaults, gatewayFile } from "./files/gateway.ts";
import { guardrailFaults, guardrailsFile } from "./files/guardrails.ts";
import { identityFaults, identityFile } from "./files/identity.ts";
import { inventoryFaults, inventoryFile } from "./files/inventory.ts";
import { ledgerFaults, ledgerFile } from "./files/ledger.ts";
import { networkFaults, networkFile } from "./files/network.ts";
import { seedFaults, seedFile } from "./files/seed.ts";
import { siteFaults, sitesFile } from "./files/sites.ts";
import { socFaults, socFile } from "./files/soc.ts";
import { zoneFaults, zoneFile } from "./files/zone.ts";
import { type Followed, islandFaults } from "./island.ts";
import type { FileKind, Known, SourceFiles, SubjectKind } from "./known.ts";
import { unsourcedFacts } from "./placed.ts";

/** One kind of file of an environment: its module under files/ holds what it may say and what may be wrong with it. */
interface FileDescription {
  /** Unknown keys are errors everywhere. The JSON Schemas that editors use are generated from it. */
  readonly schema: z.ZodObject;
  /**
   * What the file's own schema cannot tell: names that refer to nothing or stand twice, ranges that overlap, quotas that are
   * outgrown. Files may have faults of their own: whatever has the right type is still checked, so that one mistake hides no
   * other; what cannot be known because of a mistake elsewhere is not told as another one.
   */
  readonly faults: (files: SourceFiles, known: Known) => readonly Message[];
  /** Whether the environment holds the file's content under the kind's name, not its keys one by one. */
  readonly nested?: true;
  /** Whether an environment may do without it. */
  readonly optional?: true;
  /** The folder that holds one file for each of the kind. */
  readonly folder?: string;
}

/** Every kind of file. Those without a folder are `<kind>.yaml`. */
export const FILE_KINDS = {
  environment: { schema: environmentFile, faults: environmentFaults },
  agencies: { schema: agenciesFile, faults: agencyFaults, optional: true },
  sites: { schema: sitesFile, faults: siteFaults },
  inventory: { schema: inventoryFile, faults: inventoryFaults, optional: true },
  clusters: { schema: clustersFile, faults: clusterFaults },
  network: { schema: networkFile, faults: networkFaults, nested: true },
  gateway: { schema: gatewayFile, faults: gatewayFaults },
  identity: { schema: identityFile, faults: identityFaults },
  soc: { schema: socFile, faults: socFaults, nested: true },
  backup: { schema: backupFile, faults: backupFaults, nested: true },
  seed: { schema: seedFile, faults: seedFaults, nested: true },
  centres: { schema: centresFile, faults: centreShareFaults, nested: true, optional: true },
  guardrails: { schema: guardrailsFile, faults: guardrailFaults, nested: true },
  exemptions: { schema: exemptionsFile, faults: exemptionFaults, optional: true },
  ledger: { schema: ledgerFile, faults: ledgerFaults, folder: "ledger" },
  zone: { schema: zoneFile, faults: zoneFaults, folder: "zones" },
} as const satisfies Record<FileKind, FileDescription>;

/** The same, seen alike. */
export const DESCRIPTIONS: Readonly<Record<FileKind, FileDescription>> = FILE_KINDS;
const ALL = Object.keys(FILE_KINDS) as FileKind[];
export const SUBJECT_KINDS = ALL.filter((kind): kind is SubjectKind => DESCRIPTIONS[kind].folder === undefined);

/** Where a file of a kind lies, seen from the environment's folder. */
export const placeOf = (kind: FileKind): string => {
  const { folder } = DESCRIPTIONS[kind];
  return folder ? `${folder}/<name>.yaml` : `${kind}.yaml`;
};

/** What no single file can tell, of all files. */
export const faultsOf = (files: SourceFiles, known: Known): Message[] => [
  ...ALL.flatMap((kind) => DESCRIPTIONS[kind].faults(files, known)),
  ...followed(files).flatMap(({ source }) => unsourcedFacts(source)),
  ...islandFaults(files, files.inside, followed(files)),
];

/** Every file with its schema. */
const followed = ({ byKind, ledgers, zones }: SourceFiles): Followed[] => {
  const as = (kind: FileKind, source: SourceFile): Followed => ({ source, schema: DESCRIPTIONS[kind].schema });
  return [
    ...SUBJECT_KINDS.flatMap((kind) => (byKind[kind] ? [as(kind, byKind[kind])] : [])),
    ...ledgers.map((source) => as("ledger", source)),
    ...zones.map((source) => as("zone", source)),
  ];
};
