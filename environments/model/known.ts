import { NAME } from "../../yaml/formats.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { isJson, type Names, namesIn, type Placed, type PlacedRange, stringsOf } from "./placed.ts";
import { CLUSTER_NAME } from "./values.ts";

/** Kinds of files of which an environment has one. */
export type SubjectKind =
  | "environment"
  | "sites"
  | "inventory"
  | "clusters"
  | "network"
  | "gateway"
  | "identity"
  | "soc"
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
  const { sites, clusters, network, identity } = files.byKind;
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
    zone: files.zonesListed ? { sound: [...zones].sort(), someFaulty: false } : undefined,
    rules: knownRules,
    clauses: knownClauses,
  };
}
