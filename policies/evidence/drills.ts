import { LABELS } from "../../contracts.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { textAt } from "../estate-view.ts";

/**
 * What has to be practised, and for how many days a drill of it counts. The numbers are the platform's own: NIST SP 800-53 CP-4 and
 * IR-3 leave them to the organisation.
 */
export const DRILLS = {
  /** A service restored from its backup alone. */
  restore: 92,
  /** A service brought up at another site. */
  failover: 183,
  /** An incident, from its discovery to the reports that the law asks for. */
  incident: 366,
} as const satisfies Readonly<Record<string, number>>;
export type DrillKind = keyof typeof DRILLS;

/** What a drill's record has to state: a ConfigMap with the label bhitti.platform/drill. */
const STATED = ["performed", "result", "leader", "witness", "protocol"] as const;

const DAY = 24 * 3_600_000;

/** A drill as its record tells it. */
interface Drill {
  readonly kind: string;
  /** `cluster namespace/name` */
  readonly where: string;
  readonly performed: number;
  /** Why it does not count. */
  readonly faults: readonly string[];
}

/**
 * What the records of drills say at a time: each kind has one that counts, or a fault says why none does. The newest of a kind decides,
 * so that a drill that failed is not covered by an older one that passed.
 *
 * @param records ConfigMaps by cluster
 */
export function judgeDrills(
  records: readonly { readonly cluster: string; readonly object: KubernetesObject }[],
  time: Date,
): {
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly faults: readonly string[];
  /** When the first of those that count ends. */
  readonly until?: Date;
} {
  const drills = records.map(({ cluster, object }) => drillOf(cluster, object, time));
  const kinds = Object.entries(DRILLS).map(([kind, days]) => {
    const own = drills.filter((drill) => drill.kind === kind);
    const [newest] = [...own].sort((a, b) => order(b) - order(a));
    if (!newest) return { fault: `${kind}: no drill is recorded; it has to be practised every ${days} days` };
    const ends = newest.performed + days * DAY;
    if (newest.faults.length > 0) return { fault: `${kind}: ${newest.where} ${newest.faults.join(", ")}` };
    if (ends <= time.getTime())
      return { fault: `${kind}: ${newest.where} was performed more than ${days} days ago; practise it again` };
    return { ends, note: `${kind}: ${newest.where}, counts until ${new Date(ends).toISOString()}` };
  });
  const unknown = drills.filter(({ kind }) => !Object.hasOwn(DRILLS, kind));
  const ends = kinds.flatMap((kind) => kind.ends ?? []);
  return {
    counts: { records: drills.length, kinds: kinds.length, practised: ends.length },
    notes: [
      ...kinds.flatMap(({ note }) => note ?? []),
      ...unknown.map(({ where, kind }) => `${where} is a drill of the kind '${kind}', which nobody asks for`),
      "a record is a claim: ask for the protocol whose digest it names",
    ],
    faults: kinds.flatMap(({ fault }) => fault ?? []),
    ...(ends.length > 0 ? { until: new Date(Math.min(...ends)) } : {}),
  };
}

/** One whose day nobody knows might be the newest: it is taken for it. */
const order = ({ performed }: Drill): number => (Number.isNaN(performed) ? Number.POSITIVE_INFINITY : performed);

function drillOf(cluster: string, object: KubernetesObject, time: Date): Drill {
  const { metadata } = object;
  const said = (key: (typeof STATED)[number]) => (textAt(object["data"], key) ?? "").trim();
  const missing = STATED.filter((key) => said(key) === "");
  const performed = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(said("performed"))
    ? Date.parse(said("performed"))
    : Number.NaN;
  return {
    kind: metadata.labels?.[LABELS.drill] ?? "",
    where: `${cluster} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`,
    performed,
    faults: [
      ...(missing.length > 0 ? [`states no ${missing.join(", ")}`] : []),
      ...(Number.isNaN(performed) && said("performed") !== "" ? ["was performed at no time that can be read"] : []),
      ...(performed > time.getTime() ? ["is to be performed yet"] : []),
      ...(said("result") !== "" && said("result") !== "passed"
        ? [`did not pass (${said("result").slice(0, 40)})`]
        : []),
      ...(said("leader") !== "" && said("leader").toLowerCase() === said("witness").toLowerCase()
        ? ["was witnessed by who led it"]
        : []),
      ...(said("protocol") !== "" && !/^sha256:[0-9a-f]{64}$/.test(said("protocol"))
        ? ["names its protocol by no digest (sha256:…)"]
        : []),
    ],
  };
}
