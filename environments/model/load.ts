import { type Dirent, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { BhittiError, compareMessages, type Message, message } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import { readSource, startOf, unreadable } from "../../yaml/read.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { type Validated, validate } from "../../yaml/validate.ts";
import { pathOf, printable } from "../../yaml/words.ts";
import { loadCatalogue } from "./catalogue.ts";
import type { Environment, Positions } from "./environment.ts";
import { DESCRIPTIONS, FILE_KINDS, faultsOf, SUBJECT_KINDS } from "./file-kinds.ts";
import { allocationsOf, poolRanges, rangeFor } from "./files/ledger.ts";
import type { CLUSTER_RANGES } from "./files/network.ts";
import { FORMATS } from "./formats.ts";
import { publishedApis } from "./hub/grants.ts";
import { type Elsewhere, fileName, knownIn, type SourceFiles, type SubjectKind } from "./known.ts";
import { rolloutDemand, type WaveDemand } from "./rollout.ts";

const FOLDER = "environments";
const CATALOGUE = `${FOLDER}/catalogue`;
/** Folders beside the environments that are none. */
const RESERVED = ["model", "catalogue", "schemas"];
/** Folders of an environment with one file for each of a kind. */
const FOLDERS = ["ledger", "zones"] as const;
/** Names of all environments of a repository, sorted; none where it has no folder `environments`. */
export function environmentNames(root: string): string[] {
  const folder = join(root, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !RESERVED.includes(entry.name) && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .sort();
}

/**
 * Reads `environments/<name>/` and checks all of it.
 *
 * @param root the repository's folder, which positions are relative to
 * @throws BhittiError with every fault of every file, sorted by file and line; nothing comes back of a faulty environment
 */
export function loadEnvironment(root: string, name: string, elsewhere: Elsewhere = {}): Environment {
  const names = environmentNames(root);
  if (!names.includes(name)) {
    const known = names.length > 0 ? names.join(", ") : "none";
    throw new BhittiError(
      safe(message("BH9001", { name, known, nearest: nearest(name, names) ?? names[0] ?? "local" })),
    );
  }
  const others = names.filter((other) => other !== name);
  const { files, messages } = readFiles(root, name, others);
  const checked = checkFiles(files);
  const faults = [
    ...messages,
    ...checked.messages,
    ...nameFaults(files, name),
    ...faultsOf(files, knownIn(files, elsewhere)),
  ];
  if (faults.length > 0) throw new BhittiError(faults.map(safe).sort(compareMessages));
  const environment = checked.environment();
  // Cannot be: a file without faults has data, and one that is missing is a fault.
  if (!environment) throw new Error(`environment '${name}' has no fault and cannot be put together`);
  return environment;
}

interface FilesRead {
  readonly files: SourceFiles;
  readonly messages: readonly Message[];
}

/** Reads what an environment's folder holds; tells missing files, and what nothing reads. */
function readFiles(root: string, name: string, others: readonly string[]): FilesRead {
  const folder = `${FOLDER}/${name}`;
  const ofCatalogue = (kind: string): SourceFile | undefined => {
    const file = `${CATALOGUE}/${kind}.yaml`;
    return existsSync(join(root, file)) ? readSource(root, file) : undefined;
  };
  const top = visible(root, folder);
  const present = SUBJECT_KINDS.flatMap((kind) => top.filter((entry) => entry.name === `${kind}.yaml`).map(() => kind));
  const expected = SUBJECT_KINDS.map((kind) => `${kind}.yaml`);
  const sources = new Map(present.map((kind) => [kind, readSource(root, `${folder}/${kind}.yaml`)]));
  const kinds = SUBJECT_KINDS.filter((kind) => !sources.has(kind) && !DESCRIPTIONS[kind].optional);
  const folders: readonly string[] = FOLDERS;
  const [ledger, zones] = FOLDERS.map((below) => readFolder(root, folder, below, top));
  return {
    files: {
      byKind: Object.fromEntries(sources),
      zones: zones?.sources ?? [],
      zonesListed: zones?.listed ?? false,
      ledgers: ledger?.sources ?? [],
      ledgersListed: (ledger?.listed ?? false) && !ledger?.sources.some((source) => source.value === undefined),
      services: ofCatalogue("services"),
      inside: ofCatalogue("inside"),
      demand: () => demandIn(root),
      otherPools: others.flatMap((other) => poolRanges(readSource(root, `${FOLDER}/${other}/network.yaml`), other)),
    },
    messages: [
      ...kinds.map((kind) => message("BH1050", { file: `${kind}.yaml` }, startOf(`${folder}/${kind}.yaml`))),
      ...top
        .filter((entry) => !expected.includes(entry.name) && !folders.includes(entry.name))
        .map((entry) => unread(folder, entry.name, [...expected, ...FOLDERS])),
      ...(ledger?.messages ?? []),
      ...(zones?.messages ?? []),
    ],
  };
}

/** What is wrong with the catalogue is told by `bhitti catalogue`. */
function demandIn(root: string): readonly WaveDemand[] | undefined {
  try {
    return rolloutDemand(loadCatalogue(root));
  } catch (error) {
    if (error instanceof BhittiError) return undefined;
    throw error;
  }
}

interface FolderRead {
  readonly sources: readonly SourceFile[];
  /** False where there may be files that could not be listed. */
  readonly listed: boolean;
  readonly messages: readonly Message[];
}

/** The YAML files of a folder that an environment may have. */
function readFolder(root: string, environment: string, below: string, top: readonly Dirent[]): FolderRead {
  const entry = top.find((e) => e.name === below);
  const path = `${environment}/${below}`;
  if (!entry) return { sources: [], listed: true, messages: [] };
  if (!entry.isDirectory()) {
    return { sources: [], listed: false, messages: [unreadable(path, below, "it is no folder", "a folder")] };
  }
  const files = visible(root, path);
  const isYaml = (file: Dirent): boolean => file.name.endsWith(".yaml");
  return {
    sources: files.filter(isYaml).map((file) => readSource(root, `${path}/${file.name}`, `${below}/${file.name}`)),
    listed: true,
    messages: files.filter((file) => !isYaml(file)).map((file) => unread(environment, `${below}/${file.name}`, [])),
  };
}

/** Hidden files are editors' and the system's. */
const visible = (root: string, folder: string): Dirent[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith("."))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

function unread(folder: string, file: string, known: readonly string[]): Message {
  const meant = nearest(file, known);
  const renamed = /^(.+)\.(yml|ya?ml|json)$/i.exec(file)?.[1];
  const hint = meant
    ? `did you mean '${meant}'?`
    : file.includes("/") && renamed
      ? `call it '${renamed}.yaml' if it is ${file.startsWith("zones/") ? "a zone" : "a ledger"}`
      : "remove it, or move it out of the environment's folder";
  return message("BH1051", { file, hint }, startOf(`${folder}/${file}`));
}

interface Checked {
  readonly messages: readonly Message[];
  /** The environment, where no file has a fault. */
  environment(): Environment | undefined;
}

type Parts = { readonly [K in SubjectKind]: Validated<z.infer<(typeof FILE_KINDS)[K]["schema"]>> };

/** Checks each file against its schema. */
function checkFiles(files: SourceFiles): Checked {
  const { byKind } = files;
  const check = <S extends z.ZodType>(source: SourceFile | undefined, schema: S): Validated<z.infer<S>> =>
    source?.value === undefined ? { messages: [] } : validate(source, schema, FORMATS);
  const checked = SUBJECT_KINDS.map((kind) => [kind, check(byKind[kind], FILE_KINDS[kind].schema)] as const);
  const parts = Object.fromEntries(checked) as unknown as Parts;
  const zones = files.zones.map((source) => check(source, FILE_KINDS.zone.schema));
  const ledgers = files.ledgers.map((source) => check(source, FILE_KINDS.ledger.schema));
  return {
    messages: [
      ...[...Object.values(byKind), ...files.ledgers, ...files.zones].flatMap((source) => source?.messages ?? []),
      ...[...checked.map(([, part]) => part), ...ledgers, ...zones].flatMap((part) => part.messages),
    ],
    environment() {
      const { environment, sites, clusters, network, gateway, identity, soc, backup, seed, guardrails } = parts;
      if (!environment.data || !sites.data || !clusters.data || !network.data) return undefined;
      if (!gateway.data || !identity.data || !soc.data || !backup.data || !seed.data || !guardrails.data)
        return undefined;
      const zonesByName = zones.flatMap(({ data }) => data ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
      const { ratePlans, suspensions } = gateway.data;
      return {
        ...environment.data,
        agencies: parts.agencies.data?.agencies ?? [],
        ...sites.data,
        nodeTypes: parts.inventory.data?.nodeTypes ?? [],
        hosts: parts.inventory.data?.hosts ?? [],
        ...clusters.data,
        network: {
          ...network.data,
          clusters: network.data.clusters.map((plan) => ({ ...plan, ...rangesOf(files, plan) })),
        },
        ledger: ledgers.flatMap(({ data }) => data ?? []),
        ...gateway.data,
        apis: publishedApis(zonesByName, ratePlans, suspensions),
        ...identity.data,
        soc: soc.data,
        backup: backup.data,
        seed: seed.data,
        ...(parts.centres.data ? { centres: parts.centres.data } : {}),
        guardrails: guardrails.data,
        exemptions: parts.exemptions.data?.exemptions ?? [],
        zones: zonesByName,
        positions: positionsIn(files),
      };
    },
  };
}

/** What the ledger gives a cluster; of an environment without faults, all that it needs. */
function rangesOf(files: SourceFiles, { cluster }: { readonly cluster: string }): Record<ClusterRange, string> {
  const allocations = allocationsOf(files.byKind.network, files.ledgers);
  const range = (use: ClusterRange): string => rangeFor(allocations, cluster, use)?.value ?? "";
  return { nodes: range("nodes"), pods: range("pods"), services: range("services") };
}

type ClusterRange = (typeof CLUSTER_RANGES)[number];

/** An environment is called as its folder, a zone and an owner of the ledger as their files. */
function nameFaults({ byKind, zones, ledgers }: SourceFiles, environment: string): Message[] {
  const differs = (source: SourceFile | undefined, key: string, expected: string, what: string): Message[] => {
    const value = (source?.value as Readonly<Record<string, unknown>> | undefined)?.[key];
    return source && typeof value === "string" && value !== expected
      ? [message("BH1052", { value, what, expected }, source.valueAt([key]))]
      : [];
  };
  return [
    ...differs(byKind.environment, "name", environment, "folder"),
    ...zones.flatMap((zone) => differs(zone, "name", fileName(zone), "file")),
    ...ledgers.flatMap((ledger) => differs(ledger, "owner", fileName(ledger), "file")),
  ];
}

/** Lists of what is known may be long; a value is cut where nobody would read on. */
const LONG_PARAMS = new Set(["hint", "known", "allowed", "detail"]);

/** What stands in a file is shown as text, whatever it is. */
function safe(m: Message): Message {
  const params = Object.entries(m.params).map(([key, value]) => [
    key,
    typeof value === "string" ? printable(value, LONG_PARAMS.has(key) ? 1500 : 200) : value,
  ]);
  const position = m.position && { ...m.position, file: printable(m.position.file, 1000) };
  return message(m.code, Object.fromEntries(params), position);
}

/** The file that holds each first word of a path, and whether the word itself is a key in it. */
const PLACES: Readonly<Record<string, { readonly kind: SubjectKind; readonly key: boolean }>> = Object.fromEntries(
  SUBJECT_KINDS.flatMap((kind) => {
    const { nested, schema } = DESCRIPTIONS[kind];
    const words = nested ? [kind] : Object.keys(schema.shape);
    return words.map((word) => [word, { kind, key: !nested }]);
  }),
);

function positionsIn({ byKind, zones }: SourceFiles): Positions {
  const zonesByName = new Map(zones.map((source) => [fileName(source), source]));
  return (path) => {
    const [first = "", second = ""] = path.split(".", 2);
    const afterFirst = path.slice(first.length + 1);
    const zone = first === "zones" ? zonesByName.get(second) : undefined;
    const place = Object.hasOwn(PLACES, first) ? PLACES[first] : undefined;
    const source = zone ?? byKind[place?.kind ?? "environment"];
    const words = zone ? afterFirst.slice(second.length + 1) : place && !place.key ? afterFirst : path;
    if (!source) throw new Error(`no file of the environment holds '${path}'`);
    return source.valueAt(pathOf(source.value, words));
  };
}
