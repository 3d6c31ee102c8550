import { z } from "zod";
import { type Message, message, type Position } from "../../../messages/message.ts";
import { date, name } from "../../../yaml/formats.ts";
import type { SourceFile } from "../../../yaml/source.ts";
import { formatRange, isPrivate, parseRange, type Range } from "../addresses.ts";
import type { Known, SourceFiles } from "../known.ts";
import { at, items, type Placed, type PlacedRange, placedRange, positionOf, refers, spot } from "../placed.ts";
import { cidr, clusterName } from "../values.ts";

/**
 * The ledger: which number of a pool belongs to what. Pools are stated in network.yaml, each with one owner; the owner's file
 * under ledger/ lists what was taken from them, in order. The nth line of a pool has the pool's nth block, so a line can be
 * added at the end and nowhere else, no line ever renumbers another, and two owners never write the same file.
 */

const released = date("The day on which it was given back; its number stays taken.").optional();

export const ledgerFile = z
  .strictObject({
    owner: name.meta({ description: "The file's name." }),
    ranges: z
      .array(
        z.strictObject({
          pool: name.meta({ description: "A pool of network.yaml." }),
          for: clusterName.meta({ description: "The cluster that holds it." }),
          value: cidr,
          released,
        }),
      )
      .meta({ description: "Written by 'bhitti allocate': the nth of a pool is its nth block." }),
    numbers: z
      .array(
        z.strictObject({
          pool: name.meta({ description: "A pool of network.yaml's numbers." }),
          for: name.meta({ description: "The site that holds it." }),
          value: z.int().min(1).max(4_294_967_294),
          released,
        }),
      )
      .meta({ description: "Written by 'bhitti allocate': the nth of a pool is its nth number." }),
  })
  .meta({ title: "A ledger: what one owner took from its pools, in order" });

export type Ledger = z.infer<typeof ledgerFile>;

/** The block of a range pool at an index from 0, or undefined where the pool has no more. */
export function blockAt(pool: Range, prefix: number, index: number): string | undefined {
  if (prefix < pool.prefix || prefix > pool.bits) return undefined;
  const size = 1n << BigInt(pool.bits - prefix);
  const first = pool.first + BigInt(index) * size;
  return first > pool.last ? undefined : formatRange({ bits: pool.bits, first, last: first + size - 1n, prefix });
}

/** The number of a number pool at an index from 0, or undefined where the pool has no more. */
export const numberAt = (pool: { readonly first: number; readonly last: number }, index: number): number | undefined =>
  pool.first + index > pool.last ? undefined : pool.first + index;

/** The lists of network.yaml that hold pools, and of a ledger file that hold what was taken from them. */
const KINDS = [
  { pools: "pools", entries: "ranges", holder: "cluster" },
  { pools: "numbers", entries: "numbers", holder: "site" },
] as const;
type Kind = (typeof KINDS)[number];

export interface Pool {
  readonly name: string;
  /** Whose file under ledger/ takes from it. */
  readonly owner: string;
  readonly use: string;
  readonly kind: Kind;
  readonly placed: Placed;
  /** What the entry at an index from 0 has to be; undefined where the pool has no more. */
  readonly at: (index: number) => string | undefined;
}

/** The pools of network.yaml that have no fault of their own. */
export const poolsOf = (network: SourceFile | undefined): readonly Pool[] =>
  KINDS.flatMap((kind) => items(network, [kind.pools]).flatMap((placed) => poolOf(kind, placed) ?? []));

function poolOf(kind: Kind, placed: Placed): Pool | undefined {
  const { name, owner, use, range, prefix, first, last } = placed.value;
  if (typeof name !== "string" || typeof owner !== "string" || typeof use !== "string") return undefined;
  const pool = { name, owner, use, kind, placed };
  if (kind.pools === "pools") {
    const whole = parseRange(String(range));
    if (!whole || typeof prefix !== "number" || prefix < whole.prefix || prefix > whole.bits) return undefined;
    return { ...pool, at: (index) => blockAt(whole, prefix, index) };
  }
  if (typeof first !== "number" || typeof last !== "number" || last < first) return undefined;
  return { ...pool, at: (index) => numberAt({ first, last }, index)?.toString() };
}

/** A line of the ledger. */
export interface Allocation {
  readonly entry: Placed;
  readonly pool: Pool;
  /** The cluster or site that it is for. */
  readonly holder: string;
  readonly value: string;
  /** False where it was given back: its number is never given to anything else. */
  readonly inForce: boolean;
}

/** Every line of the ledger whose pool is known, in the order of the files. */
export function allocationsOf(network: SourceFile | undefined, ledgers: readonly SourceFile[]): readonly Allocation[] {
  const pools = poolsOf(network);
  return ledgers.flatMap((ledger) =>
    KINDS.flatMap((kind) =>
      items(ledger, [kind.entries]).flatMap((entry): Allocation[] => {
        const pool = pools.find((p) => p.kind === kind && p.name === entry.value["pool"]);
        const { for: holder, value, released } = entry.value;
        if (!pool || typeof holder !== "string") return [];
        return [{ entry, pool, holder, value: String(value), inForce: released === undefined }];
      }),
    ),
  );
}

/** What a cluster holds for a use; undefined where it has nothing. */
export const rangeFor = (allocations: readonly Allocation[], cluster: string, use: string): Allocation | undefined =>
  allocations.find(({ holder, pool, inForce }) => inForce && holder === cluster && pool.use === use);

/** The ranges in force that clusters hold, with their places. */
export const clusterRanges = (allocations: readonly Allocation[]): PlacedRange[] =>
  allocations
    .filter(({ inForce, pool }) => inForce && pool.kind.holder === "cluster")
    .flatMap(({ entry, holder, pool }) =>
      placedRange(entry, "value", holder, `the ${pool.use} of cluster '${holder}'`),
    );

/** The ranges of all pools of an environment, with their places. */
export const poolRanges = (network: SourceFile | undefined, environment?: string): PlacedRange[] =>
  items(network, ["pools"]).flatMap((pool) => {
    const name = String(pool.value["name"]);
    return placedRange(pool, "range", name, `pool '${name}'${environment ? ` of environment '${environment}'` : ""}`);
  });

/** What is wrong with pools themselves. */
export const poolFaults = (network: SourceFile | undefined): Message[] => [
  ...items(network, ["pools"]).flatMap(rangePoolFaults),
  ...items(network, ["numbers"]).flatMap(numberPoolFaults),
];

/** What is wrong with what was taken from the pools. */
export function ledgerFaults(
  { byKind: { network }, ledgers }: Pick<SourceFiles, "byKind" | "ledgers">,
  { cluster, site }: Pick<Known, "cluster" | "site">,
): Message[] {
  const allocations = allocationsOf(network, ledgers);
  const holders = { cluster, site };
  return [
    ...ledgers.flatMap((ledger) => strayEntries(network, ledger)),
    ...allocations
      .filter(({ inForce }) => inForce)
      .flatMap(({ entry, pool: { kind } }) => refers(entry, "for", kind.holder, holders[kind.holder])),
    ...heldTwice(allocations),
    ...poolsOf(network).flatMap((pool) => outOfOrder(pool, allocations)),
  ];
}

function rangePoolFaults(pool: Placed): Message[] {
  const { range: text, prefix } = pool.value;
  const range = parseRange(String(text));
  if (!range) return [];
  return [
    ...(isPrivate(range) ? [] : [message("BH1033", { value: String(text) }, positionOf(pool, "range"))]),
    ...(typeof prefix === "number" && (prefix < range.prefix || prefix > range.bits)
      ? [
          message(
            "BH1073",
            { prefix, range: String(text), least: range.prefix, most: range.bits },
            positionOf(pool, "prefix"),
          ),
        ]
      : []),
  ];
}

function numberPoolFaults(pool: Placed): Message[] {
  const { first, last } = pool.value;
  return typeof first === "number" && typeof last === "number" && last < first
    ? [message("BH1074", { first, last }, positionOf(pool, "last"))]
    : [];
}

/** Lines that name no pool of their kind, or one of another owner. */
function strayEntries(network: SourceFile | undefined, ledger: SourceFile): Message[] {
  if (network?.value === undefined) return [];
  const pools = poolsOf(network);
  return KINDS.flatMap((kind) => {
    const own = pools.filter((pool) => pool.kind === kind);
    const someFaulty = own.length < items(network, [kind.pools]).length;
    return items(ledger, [kind.entries]).flatMap((entry) => {
      const pool = own.find(({ name }) => name === entry.value["pool"]);
      if (!pool) return refers(entry, "pool", "pool", { sound: own.map(({ name }) => name), someFaulty });
      const owner = at(ledger, [])[0]?.value["owner"];
      return typeof owner === "string" && owner !== pool.owner
        ? [message("BH1072", { pool: pool.name, owner: pool.owner }, positionOf(entry, "pool"))]
        : [];
    });
  });
}

function heldTwice(allocations: readonly Allocation[]): Message[] {
  const first = new Map<string, Position>();
  return allocations
    .filter(({ inForce }) => inForce)
    .flatMap(({ entry, holder, pool }) => {
      const here = positionOf(entry, "for");
      const key = `${holder} ${pool.use}`;
      const earlier = first.get(key);
      if (!earlier) first.set(key, here);
      return earlier ? [message("BH1071", { holder, use: pool.use, first: spot(earlier) }, here)] : [];
    });
}

/** The nth line of a pool has its nth number: told once a pool, at the first line that has not. */
function outOfOrder(pool: Pool, allocations: readonly Allocation[]): Message[] {
  const taken = allocations.filter((a) => a.pool.name === pool.name && a.pool.kind === pool.kind);
  const index = taken.findIndex(({ value }, i) => value !== pool.at(i));
  const wrong = taken[index];
  if (!wrong) return [];
  const expected = pool.at(index);
  const position = positionOf(wrong.entry, "value");
  return expected === undefined
    ? [message("BH1075", { pool: pool.name, count: index }, position)]
    : [message("BH1070", { pool: pool.name, nth: index + 1, value: wrong.value, expected }, position)];
}
