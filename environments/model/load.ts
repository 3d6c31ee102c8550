import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { BhittiError, compareMessages, type Message, message, type Position } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import type { Environment, Positions } from "./environment.ts";
import { checkReferences, type SourceFiles } from "./references.ts";
import { FILE_SCHEMAS, type FileKind, type Zone } from "./schema.ts";
import { parseSource, type SourceFile } from "./source.ts";
import { validate } from "./validate.ts";

const FOLDER = "environments";
/** Folders beside the environments that are none. */
const RESERVED = ["model", "catalogue", "schemas"];
const KINDS = (Object.keys(FILE_SCHEMAS) as FileKind[]).filter((kind) => kind !== "zone");

/** Names of all environments of a repository, sorted. */
export function environmentNames(root: string): string[] {
  return readdirSync(join(root, FOLDER), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !RESERVED.includes(entry.name))
    .map((entry) => entry.name)
    .sort();
}

export interface LoadOptions {
  /** Ids of the rules that exist; names of others in guardrails.yaml are errors. @default not checked */
  readonly knownRules?: readonly string[];
}

/**
 * Reads `environments/<name>/` and checks all of it.
 *
 * @throws BhittiError with every fault of every file, sorted by file and line; nothing comes back of a faulty environment
 */
export function loadEnvironment(root: string, name: string, options: LoadOptions = {}): Environment {
  const names = environmentNames(root);
  if (!names.includes(name)) {
    throw new BhittiError(
      message("BH9001", { name, known: names.join(", "), nearest: nearest(name, names) ?? names[0] ?? "-" }),
    );
  }
  const folder = `${FOLDER}/${name}`;
  const read = (path: string): SourceFile => parseSource(path, readFileSync(join(root, path), "utf8"));
  const present = KINDS.filter((kind) => existsSync(join(root, folder, `${kind}.yaml`)));
  const byKind: Partial<Record<FileKind, SourceFile>> = Object.fromEntries(
    present.map((kind) => [kind, read(`${folder}/${kind}.yaml`)]),
  );
  const zones = zoneFiles(root, folder).map((file) => read(`${folder}/zones/${file}`));
  const files: SourceFiles = { byKind, zones };
  const readable = (source: SourceFile, kind: FileKind): Message[] =>
    source.value === undefined ? [...source.messages] : validate(source, kind);
  const faults = [
    ...folderFaults(root, folder, present),
    ...present.flatMap((kind) => {
      const source = byKind[kind];
      return source ? readable(source, kind) : [];
    }),
    ...zones.flatMap((source) => readable(source, "zone")),
    ...nameFaults(files, name),
    ...checkReferences(files, options.knownRules),
  ];
  if (faults.length > 0) throw new BhittiError([...faults].sort(compareMessages));
  return assemble(files);
}

function zoneFiles(root: string, folder: string): string[] {
  const zones = join(root, folder, "zones");
  if (!existsSync(zones) || !statSync(zones).isDirectory()) return [];
  return readdirSync(zones)
    .filter((file) => file.endsWith(".yaml"))
    .sort();
}

/** Missing files, and files that nothing reads. Hidden ones are editors' and the system's. */
function folderFaults(root: string, folder: string, present: readonly FileKind[]): Message[] {
  const start = (file: string): Position => ({ file, line: 1, column: 1 });
  const expected = KINDS.map((kind) => `${kind}.yaml`);
  const missing = KINDS.filter((kind) => !present.includes(kind)).map((kind) =>
    message("BH1050", { file: `${kind}.yaml` }, start(`${folder}/${kind}.yaml`)),
  );
  const unread = (file: string, known: readonly string[]): Message => {
    const meant = nearest(file.split("/").at(-1) ?? file, known);
    const hint = meant ? `did you mean '${meant}'?` : "remove it, or move it out of the environment's folder";
    return message("BH1051", { file, hint }, start(`${folder}/${file}`));
  };
  const visible = (path: string) =>
    existsSync(join(root, path)) ? readdirSync(join(root, path)).filter((file) => !file.startsWith(".")) : [];
  return [
    ...missing,
    ...visible(folder)
      .filter((file) => !expected.includes(file) && file !== "zones")
      .map((file) => unread(file, [...expected, "zones"])),
    ...visible(`${folder}/zones`)
      .filter((file) => !file.endsWith(".yaml"))
      .map((file) => unread(`zones/${file}`, [])),
  ];
}

/** An environment is called as its folder, a zone as its file. */
function nameFaults({ byKind, zones }: SourceFiles, environment: string): Message[] {
  const differs = (source: SourceFile | undefined, expected: string, what: string): Message[] => {
    const value = (source?.value as { name?: unknown } | undefined)?.name;
    return source && typeof value === "string" && value !== expected
      ? [message("BH1052", { value, what, expected }, source.valueAt(["name"]))]
      : [];
  };
  return [
    ...differs(byKind.environment, environment, "folder"),
    ...zones.flatMap((zone) => differs(zone, zone.file.replace(/^.*\/|\.yaml$/g, ""), "file")),
  ];
}

/** Puts checked files together. Defaults, where a schema has any, are filled in by its parse. */
function assemble(files: SourceFiles): Environment {
  const value = <K extends FileKind>(kind: K) =>
    FILE_SCHEMAS[kind].parse(files.byKind[kind]?.value) as ReturnType<(typeof FILE_SCHEMAS)[K]["parse"]>;
  const zones = files.zones
    .map((source): Zone => FILE_SCHEMAS.zone.parse(source.value))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    ...value("environment"),
    ...value("sites"),
    ...value("clusters"),
    network: value("network"),
    ...value("gateway"),
    ...value("identity"),
    soc: value("soc"),
    guardrails: value("guardrails"),
    zones,
    positions: positionsIn(files),
  };
}

/** The file that holds each first word of a path, and whether the word itself is a key in it. */
const PLACES: Readonly<Record<string, { readonly kind: FileKind; readonly key: boolean }>> = {
  sites: { kind: "sites", key: true },
  clusters: { kind: "clusters", key: true },
  network: { kind: "network", key: false },
  gateway: { kind: "gateway", key: true },
  apis: { kind: "gateway", key: true },
  identity: { kind: "identity", key: true },
  realms: { kind: "identity", key: true },
  soc: { kind: "soc", key: false },
  guardrails: { kind: "guardrails", key: false },
};

function positionsIn({ byKind, zones }: SourceFiles): Positions {
  return (path) => {
    const [first = "", ...rest] = path.split(".");
    const zone = first === "zones" ? zones.find((z) => (z.value as Zone).name === rest[0]) : undefined;
    const place = Object.hasOwn(PLACES, first) ? PLACES[first] : undefined;
    const source = zone ?? byKind[place?.kind ?? "environment"];
    const words = zone ? rest.slice(1) : place && !place.key ? rest : path === "" ? [] : [first, ...rest];
    if (!source) throw new Error(`no file of the environment holds '${path}'`);
    return source.valueAt(indexed(source.value, words));
  };
}

/** Keys by which items of lists are named in paths. */
const ITEM_KEYS = ["name", "cluster", "prefix", "logs", "consumer"];

/** Turns names of list items into their indexes; ends where nothing of the name exists. */
function indexed(root: unknown, words: readonly string[]): (string | number)[] {
  const path: (string | number)[] = [];
  let here: unknown = root;
  for (const word of words) {
    let step: string | number = word;
    if (Array.isArray(here)) {
      const list: unknown[] = here;
      const found = list.findIndex((item) =>
        ITEM_KEYS.some((key) => (item as Record<string, unknown> | null)?.[key] === word),
      );
      step = found >= 0 ? found : Number(word);
    }
    const next: unknown = (here as Record<string | number, unknown> | null | undefined)?.[step];
    if (next === undefined) break;
    path.push(step);
    here = next;
  }
  return path;
}
