import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import { BhittiError, compareMessages, message } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import { NAME } from "../../yaml/formats.ts";
import { readSource } from "../../yaml/read.ts";
import { parseSource, type SourceFile } from "../../yaml/source.ts";
import { validate } from "../../yaml/validate.ts";
import { FILE_KINDS } from "./file-kinds.ts";
import { allocationsOf, ledgerFaults, type Pool, poolFaults, poolsOf } from "./files/ledger.ts";
import { FORMATS } from "./formats.ts";
import { environmentNames } from "./load.ts";
import { namesIn } from "./placed.ts";
import { CLUSTER_NAME } from "./values.ts";

/** What an allocation adds to the ledger, or what stands there already. */
export interface NewAllocation {
  readonly pool: string;
  /** The cluster or site that holds it. */
  readonly holder: string;
  readonly value: string;
  /** The owner's file, relative to the repository. */
  readonly file: string;
  /** The file's new text; absent where the holder has its number already and nothing is to be written. */
  readonly text?: string;
}

/**
 * The next number of a pool for a cluster or site. Only network.yaml and the owner's ledger have to be sound: an environment
 * that lacks the very range is not. Asked again, it gives what was given before.
 *
 * @throws BhittiError with the faults of those files; BH9020 where there is no such pool, BH9021 where there is no such
 * cluster or site, BH1075 where the pool is used up, BH1076 where the ledger's text is not one that lines can be added to
 */
export function allocate(root: string, environment: string, poolName: string, holder: string): NewAllocation {
  const folder = `environments/${environment}`;
  const names = environmentNames(root);
  if (!names.includes(environment)) {
    const known = names.join(", ") || "none";
    throw new BhittiError(
      message("BH9001", { name: environment, known, nearest: nearest(environment, names) ?? names[0] ?? "local" }),
    );
  }
  const network = readSource(root, `${folder}/network.yaml`);
  const pools = poolsOf(network);
  const pool = pools.find(({ name }) => name === poolName);
  if (!pool) {
    const known = pools.map(({ name }) => name);
    throw new BhittiError(
      message("BH9020", { pool: poolName, environment, hint: hintOf(poolName, known, "there are") }),
    );
  }
  requireHolder(root, folder, pool, holder);
  const file = `${folder}/ledger/${pool.owner}.yaml`;
  const ledger = existsSync(join(root, file)) ? readSource(root, file) : parseSource(file, encode(emptyLedger(pool)));
  requireSound(network, ledger);
  const allocations = allocationsOf(network, [ledger]);
  const held = allocations.find((a) => a.inForce && a.pool.use === pool.use && a.holder === holder);
  if (held) return { pool: held.pool.name, holder, value: held.value, file };
  const taken = allocations.filter((a) => a.pool.name === pool.name).length;
  const value = pool.at(taken);
  if (value === undefined) {
    throw new BhittiError(
      message("BH1075", { pool: pool.name, count: taken }, pool.placed.source.valueAt(pool.placed.path)),
    );
  }
  return { pool: pool.name, holder, value, file, text: withEntry(root, file, pool, holder, value) };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const hintOf = (value: string, known: readonly string[], otherwise: string): string => {
  const meant = nearest(value, known);
  return meant ? `did you mean '${meant}'?` : `${otherwise}: ${known.join(", ") || "none"}`;
};

function requireHolder(root: string, folder: string, { kind }: Pool, holder: string): void {
  const [file, pattern] = kind.holder === "cluster" ? ["clusters", CLUSTER_NAME] : ["sites", NAME];
  const known = namesIn(readSource(root, `${folder}/${file}.yaml`), [file], pattern)?.sound ?? [];
  if (known.includes(holder)) return;
  const hint = hintOf(holder, known, `${file}.yaml has`);
  throw new BhittiError(message("BH9021", { kind: kind.holder, holder, hint }));
}

/** Nothing is added to a file that has a fault: the next number would be a guess. */
function requireSound(network: SourceFile, ledger: SourceFile): void {
  const faults = [
    ...network.messages,
    ...ledger.messages,
    ...validate(network, FILE_KINDS.network.schema, FORMATS).messages,
    ...validate(ledger, FILE_KINDS.ledger.schema, FORMATS).messages,
    // Which clusters and sites there are is not asked here: another holder's mistake does not hinder this one.
    ...poolFaults(network),
    ...ledgerFaults({ byKind: { network }, ledgers: [ledger] }, { cluster: undefined, site: undefined }),
  ];
  if (faults.length > 0) throw new BhittiError(faults.sort(compareMessages));
}

const emptyLedger = ({ owner }: Pool): string =>
  [
    "# yaml-language-server: $schema=../../schemas/ledger.schema.json",
    "# Only ever grows, at its ends: 'bhitti allocate <environment> <pool> <cluster or site>' adds a line.",
    `owner: ${owner}`,
    "ranges: []",
    "numbers: []",
    "",
  ].join("\n");

/** The ledger's text with one more entry at the end of its list; every other byte stays. */
function withEntry(root: string, file: string, pool: Pool, holder: string, value: string): string {
  const path = join(root, file);
  const text = existsSync(path) ? readFileSync(path, "utf8") : emptyLedger(pool);
  const entry = `- { pool: ${pool.name}, for: ${holder}, value: ${value} }`;
  const list = listIn(text, pool.kind.entries);
  if (!list)
    throw new BhittiError(message("BH1076", { file, reason: `'${pool.kind.entries}' is no list in block form` }));
  const { from, to, indent } = list;
  return `${text.slice(0, from)}\n${indent}${entry}${text.slice(to)}`;
}

/** Where the next entry of a list goes: after its last one, or in the place of `[]`. */
function listIn(text: string, key: string): { from: number; to: number; indent: string } | undefined {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) return undefined;
  const list = contents.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.value;
  if (!isSeq(list) || !list.range) return undefined;
  const last = list.items.at(-1) as { range?: [number, number, number] | null } | undefined;
  if (!last) return { from: text.slice(0, list.range[0]).trimEnd().length, to: list.range[1], indent: "  " };
  if (list.flow || !last.range) return undefined;
  const lineStart = text.lastIndexOf("\n", last.range[0]) + 1;
  const indent = /^ */.exec(text.slice(lineStart))?.[0] ?? "";
  const lineEnd = text.indexOf("\n", last.range[1] - 1);
  const end = lineEnd < 0 ? text.length : lineEnd;
  return text.slice(lineStart + indent.length).startsWith("- ") ? { from: end, to: end, indent } : undefined;
}
