import { milliUnits } from "../quantity.ts";

export const RESOURCES = ["cpu", "memory", "storage", "pods"] as const;
export type Resource = (typeof RESOURCES)[number];

/** What is there or wanted of each resource, in thousandths of a core, of a byte, of a pod: exact, however large. */
export type Amount = Readonly<Record<Resource, bigint>>;

export const amountOf = (of: (resource: Resource) => bigint): Amount => ({
  cpu: of("cpu"),
  memory: of("memory"),
  storage: of("storage"),
  pods: of("pods"),
});

export const NOTHING: Amount = amountOf(() => 0n);

/** An amount of quantities as files have them; what is left out is nothing. */
export const quantities = (q: { cpu?: string; memory?: string; storage?: string; pods?: number }): Amount => ({
  cpu: q.cpu === undefined ? 0n : milliUnits(q.cpu),
  memory: q.memory === undefined ? 0n : milliUnits(q.memory),
  storage: q.storage === undefined ? 0n : milliUnits(q.storage),
  pods: BigInt(q.pods ?? 0) * 1000n,
});

export const plus = (a: Amount, b: Amount): Amount => amountOf((r) => a[r] + b[r]);
export const times = (a: Amount, n: number): Amount => amountOf((r) => a[r] * BigInt(n));
/** Never below nothing. */
export const minus = (a: Amount, b: Amount): Amount => amountOf((r) => (a[r] > b[r] ? a[r] - b[r] : 0n));
export const sum = (all: readonly Amount[]): Amount => all.reduce(plus, NOTHING);
export const isWithin = (a: Amount, b: Amount): boolean => RESOURCES.every((r) => a[r] <= b[r]);
export const isNothing = (a: Amount): boolean => isWithin(a, NOTHING);

const MEBIBYTE = 1000n << 20n;
const GIBIBYTE = 1000n << 30n;

/** As files have it: `480` or `500m` of cpu, `3840Gi` or `512Mi`, `110` of pods; bytes rounded up to whole Mi. */
export function written(resource: Resource, milli: bigint): string {
  if (resource === "cpu") return milli % 1000n === 0n ? String(milli / 1000n) : `${milli}m`;
  if (resource === "pods") return String(milli / 1000n);
  return milli % GIBIBYTE === 0n ? `${milli / GIBIBYTE}Gi` : `${(milli + MEBIBYTE - 1n) / MEBIBYTE}Mi`;
}

/** Each resource as files have it. */
export const writtenAll = (amount: Amount): Readonly<Record<Resource, string>> => ({
  cpu: written("cpu", amount.cpu),
  memory: written("memory", amount.memory),
  storage: written("storage", amount.storage),
  pods: written("pods", amount.pods),
});
