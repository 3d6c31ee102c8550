import { NAME } from "../../yaml/formats.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { apiId } from "./hub/api.ts";
import { isJson, type Names, namesIn, type Placed, type PlacedRange, stringsOf, within } from "./placed.ts";
import type { WaveDemand } from "./rollout.ts";
import { CLUSTER_NAME } from "./values.ts";

/** Kinds of files of which an environment has one. */
export type SubjectKind =
  | "environment"
  | "agencies"
  | "sites"
  | "inventory"
  | "clusters"
  | "network"
  | "gateway"
  | "identity"
  | "soc"
  | "backup"
  | "seed"
  | "centres"
  | "guardrails"
  | "exemptions";
/** Every kind of file. */
export type FileKind = SubjectKind | "ledger" | "zone";

/** The files of an environment by their kind, and its zones. Missing files are absent; unreadable ones have no value. */
export interface SourceFiles {
  readonly byKind: Readonly<Partial<Record<SubjectKind, SourceFile>>>;
  readonly zones: readonly SourceFile[];
  /** False where there may be zones that could not be listed. */
  readonly zonesListed: boolean;
  readonly ledgers: readonly SourceFile[];
  /** False where there may be ledgers that could not be listed or read. */
  readonly ledgersListed: boolean;
  /** The catalogue's services.yaml; undefined where there is none. */
  readonly services: SourceFile | undefined;
  /** The catalogue's inside.yaml; undefined where there is none. */
  readonly inside: SourceFile | undefined;
  /** What the waves of the rollout need; undefined where the catalogue cannot be read. */
  readonly demand: () => readonly WaveDemand[] | undefined;
  /** Pools of the repository's other environments. */
  readonly otherPools: readonly PlacedRange[];
}

/** The name of a file without its ending: what a zone or owner is called, also where the file cannot be read. */
export const fileName = (source: SourceFile): string => source.file.replace(/^.*\/|\.yaml$/g, "");

/** What files of an environment refer to in each other. */
export interface Known {
  readonly site: Names;
  readonly cluster: Names;
  readonly client: Names;
  readonly realm: Names;
  readonly zone: Names;
  readonly agency: Names;
  /** Ministries of the catalogue. */
  readonly ministry: Names;
  readonly ratePlan: Names;
  readonly assurance: Names;
  readonly identitySource: Names;
  /** Ids of all published APIs. */
  readonly api: Names;
  /** Ids of all rules; undefined where they are not checked. */
  readonly rules: readonly string[] | undefined;
  /** Ids of all clauses of laws; undefined where they are not checked. */
  readonly clauses: readonly string[] | undefined;
}

/** What rooms beside this one know, and files of an environment refer to. */
export interface Elsewhere {
  /** Ids of the rules that exist; names of others in guardrails.yaml are errors. @default not checked */
  readonly knownRules?: readonly string[];
  /** Ids of the clauses that exist; bounds by others are errors. @default not checked */
  readonly knownClauses?: readonly string[];
}

/** The zones that could be read, whatever faults they have. */
export const zonesOf = (files: SourceFiles): Placed[] =>
  files.zones.flatMap((source) => (isJson(source.value) ? [{ value: source.value, source, path: [] }] : []));

export function knownIn(files: SourceFiles, { knownRules, knownClauses }: Elsewhere): Known {
  const { sites, clusters, network, identity, gateway, agencies } = files.byKind;
  // A list that has to have an entry and has none is a fault of its own, told once.
  const filled = (names: Names): Names => (names?.sound.length === 0 ? undefined : names);
  const zones = new Set([
    ...zonesOf(files).flatMap((zone) => stringsOf(zone.value["name"])),
    ...files.zones.map(fileName),
  ]);
  return {
    site: filled(namesIn(sites, ["sites"], NAME)),
    cluster: filled(namesIn(clusters, ["clusters"], CLUSTER_NAME)),
    client: namesIn(network, ["clients"], NAME),
    realm: filled(namesIn(identity, ["realms"], NAME)),
    agency: agencies ? namesIn(agencies, ["agencies"], NAME) : NONE,
    ministry: namesIn(files.services, ["ministries"], NAME),
    ratePlan: namesIn(gateway, ["ratePlans"], NAME),
    assurance: filled(namesIn(identity, ["assuranceLevels"], NAME)),
    identitySource: namesIn(identity, ["identitySources"], NAME),
    api: apisIn(files),
    zone: files.zonesListed ? { sound: [...zones].sort(), someFaulty: false } : undefined,
    rules: knownRules,
    clauses: knownClauses,
  };
}

const NONE: Names = { sound: [], someFaulty: false };

/** Where a zone cannot be read, nothing is known of what it publishes. */
function apisIn(files: SourceFiles): Names {
  if (!files.zonesListed || files.zones.some((source) => !isJson(source.value))) return undefined;
  const apis = zonesOf(files).flatMap((zone) => within(zone, "apis"));
  const sound = apis.flatMap(({ value: { name, version } }) =>
    typeof name === "string" && typeof version === "string" ? [apiId({ name, version })] : [],
  );
  return { sound, someFaulty: sound.length < apis.length };
}
