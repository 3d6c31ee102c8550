import { type Message, message, type Position } from "../../messages/message.ts";
import { secondsOf } from "./duration.ts";
import type { Environment } from "./environment.ts";
import { FAILURE_LEVELS } from "./failure-level.ts";
import { milliUnits } from "./quantity.ts";
import { DATA_CLASSES, NOT_BACKED_UP } from "./values.ts";

/**
 * How a key of an environment may differ from the one that it is promoted from. `superset` and `subset` are of lists: what has
 * a counterpart is compared key by key. `free` differs by nature, with all below it: names, addresses, machines.
 */
type Order = "equal" | "atLeast" | "atMost" | "superset" | "subset" | "free";

/** Every key that may differ. `*` stands for an item of a list or a name; what is not listed has to be equal. */
const ORDERS: Readonly<Record<string, Order>> = {
  name: "free",
  description: "free",
  promotedFrom: "free",
  disposable: "atMost",
  domain: "free",
  registries: "free",
  island: "atLeast",
  agencies: "superset",
  sites: "free",
  nodeTypes: "free",
  hosts: "free",
  clusters: "free",
  network: "free",
  ledger: "free",
  // Made of what zones publish and ask for.
  apis: "free",
  seed: "free",
  centres: "free",
  suspensions: "free",
  exemptions: "subset",
  "gateway.cluster": "free",
  "gateway.standby": "free",
  "gateway.host": "free",
  "gateway.image": "free",
  "gateway.clients": "superset",
  ...sized("gateway"),
  ratePlans: "superset",
  "ratePlans.*.requestsPerMinute": "atLeast",
  "identity.cluster": "free",
  "identity.standby": "free",
  "identity.host": "free",
  "identity.image": "free",
  ...sized("identity"),
  identitySources: "superset",
  "identitySources.*": "free",
  realms: "superset",
  "realms.*.accessTokenLifetime": "atMost",
  "realms.*.sessionLifetime": "atMost",
  "realms.*.passwordMinimumLength": "atLeast",
  "realms.*.secondFactor": "atLeast",
  "realms.*.assurance": "atLeast",
  "soc.sink.cluster": "free",
  "soc.sink.standby": "free",
  "soc.sink.image": "free",
  "soc.sink.storage": "atLeast",
  "soc.sink.retention": "superset",
  "soc.sink.retention.*.keep": "atLeast",
  ...sized("soc.sink"),
  "soc.centres": "superset",
  "soc.centres.*": "free",
  "soc.sectors": "superset",
  "soc.severities.*.notify": "superset",
  "soc.severities.*.notify.*.within": "atMost",
  "backup.targets": "free",
  "backup.classes": "superset",
  "backup.classes.*.sites": "free",
  "backup.classes.*.copies": "atLeast",
  "backup.classes.*.keep": "atLeast",
  "backup.classes.*.encrypted": "atLeast",
  "backup.classes.*.objectLockDays": "atLeast",
  "backup.policies": "superset",
  "backup.policies.*.every": "atMost",
  "backup.policies.*.keep": "atLeast",
  "backup.policies.*.copies": "free",
  "guardrails.stage": "atLeast",
  "guardrails.rules.*": "atLeast",
  zones: "superset",
  "zones.*.owner": "free",
  "zones.*.cluster": "free",
  "zones.*.standby": "free",
  "zones.*.quota.cpu": "atLeast",
  "zones.*.quota.memory": "atLeast",
  "zones.*.quota.pods": "atLeast",
  "zones.*.quota.storage": "atLeast",
  "zones.*.assurance": "atLeast",
  "zones.*.services": "superset",
  "zones.*.services.*.image": "free",
  ...sized("zones.*.services.*"),
  "zones.*.egress": "subset",
  "zones.*.egress.*.cidr": "free",
  "zones.*.apis": "superset",
  "zones.*.apis.*.fields": "superset",
  "zones.*.apis.*.deprecated": "free",
  "zones.*.apis.*.assurance": "atLeast",
  "zones.*.apis.*.slo.availabilityPercent": "atLeast",
  "zones.*.apis.*.slo.latencyMilliseconds": "atMost",
  // Who is granted what depends on who is there.
  "zones.*.apis.*.grants": "free",
  "zones.*.uses": "free",
};

function sized(path: string): Record<string, Order> {
  return {
    [`${path}.replicas`]: "atLeast",
    [`${path}.cpu`]: "atLeast",
    [`${path}.memory`]: "atLeast",
    [`${path}.failure`]: "atLeast",
    // Policies have names of their own; none is weaker than any.
    [`${path}.backup`]: "atLeast",
    [`${path}.rpo`]: "atMost",
    [`${path}.rto`]: "atMost",
  };
}

/** Texts that have an order, from the weakest to the strongest. */
const SCALES: readonly (readonly string[])[] = [
  Object.keys(FAILURE_LEVELS),
  DATA_CLASSES,
  ["audit", "warn", "deny"],
  ["not-required", "optional", "required"],
  ["low", "substantial", "high"],
];
/** What facts rest on says nothing of how strong they are. */
const UNSAID = new Set(["basis", "source", "positions"]);
/** Keys by which items of lists are told apart, in this order. */
const NAMES = ["name", "cluster", "site", "logs", "id", "who", "dataClass", "prefix"];

/** One key in which two environments differ. */
export interface Difference {
  /** As in the environment: `zones.tax.services.returns.replicas`. */
  readonly path: string;
  readonly order: Order;
  /** The value in the environment that is promoted; undefined where it has none. */
  readonly earlier: unknown;
  /** The value in the environment that it is promoted to. */
  readonly later: unknown;
  /** Of the later one. `different` where the two have to be equal. */
  readonly verdict: "weaker" | "stronger" | "different";
}

/** What differs between an environment and the one that it is promoted from, but for what differs by nature. */
export function compareEnvironments(earlier: Environment, later: Environment): readonly Difference[] {
  const rules = new Set([earlier, later].flatMap(({ guardrails }) => Object.keys(guardrails.rules)));
  return compared([], [], stagesFilled(earlier, rules), stagesFilled(later, rules));
}

/** A rule that no line names stands at the stage of all others. */
function stagesFilled(environment: Environment, rules: ReadonlySet<string>): Json {
  const { stage, rules: own } = environment.guardrails;
  const stages = Object.fromEntries([...rules].map((rule) => [rule, own[rule] ?? stage]));
  return { ...environment, guardrails: { stage, rules: stages } };
}

type Json = Readonly<Record<string, unknown>>;
const isMapping = (x: unknown): x is Json => typeof x === "object" && x !== null && !Array.isArray(x);

/** @param path by names; `pattern` has `*` for each name of an item */
function compared(path: readonly string[], pattern: readonly string[], a: unknown, b: unknown): Difference[] {
  const order = ORDERS[pattern.join(".")] ?? "equal";
  if (order === "free") return [];
  if (Array.isArray(a) || Array.isArray(b)) return listsCompared(path, pattern, order, asList(a), asList(b));
  if (isMapping(a) && isMapping(b)) {
    const names = pattern.join(".") === "guardrails.rules" ? "*" : undefined;
    return [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((key) => !UNSAID.has(key) && typeof (a[key] ?? b[key]) !== "function")
      .flatMap((key) => compared([...path, key], [...pattern, names ?? key], a[key], b[key]));
  }
  const verdict = verdictOn(path, order, a, b);
  return verdict ? [{ path: path.join("."), order, earlier: a, later: b, verdict }] : [];
}

const asList = (x: unknown): readonly unknown[] => (Array.isArray(x) ? x : []);

function listsCompared(
  path: readonly string[],
  pattern: readonly string[],
  order: Order,
  a: readonly unknown[],
  b: readonly unknown[],
): Difference[] {
  const [earlier, later] = [byName(a), byName(b)];
  return [...new Set([...earlier.keys(), ...later.keys()])].flatMap((name) => {
    const inner = [...path, name];
    if (earlier.has(name) && later.has(name)) {
      return compared(inner, [...pattern, "*"], earlier.get(name), later.get(name));
    }
    const more = later.has(name);
    const verdict =
      order === "superset" || order === "subset"
        ? (order === "superset") === more
          ? "stronger"
          : "weaker"
        : "different";
    return [{ path: inner.join("."), order, earlier: earlier.get(name), later: later.get(name), verdict }];
  });
}

/** An API of several versions is each of them. */
function byName(list: readonly unknown[]): ReadonlyMap<string, unknown> {
  return new Map(
    list.map((item, i) => {
      if (!isMapping(item)) return [typeof item === "string" ? item : String(i), item];
      const key = NAMES.find((k) => typeof item[k] === "string");
      const name = key === undefined ? String(i) : String(item[key]);
      return [typeof item["version"] === "string" ? `${name}-${item["version"]}` : name, item];
    }),
  );
}

function verdictOn(path: readonly string[], order: Order, a: unknown, b: unknown): Difference["verdict"] | undefined {
  if (a === b) return undefined;
  if (order !== "atLeast" && order !== "atMost") return "different";
  const [before, after] = [rankOf(path, a), rankOf(path, b)];
  if (before === after && before !== undefined) return undefined;
  // What is bounded on one side only: no bound is the weaker one.
  if (a === undefined || b === undefined) return b === undefined ? "weaker" : "stronger";
  if (before === undefined || after === undefined) return "different";
  return after > before === (order === "atLeast") ? "stronger" : "weaker";
}

/** Where a value stands among others of its kind; undefined where it has no order. */
function rankOf(path: readonly string[], value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "string") return undefined;
  if (path.at(-1) === "backup") return Number(value !== NOT_BACKED_UP);
  const scale = SCALES.find((words) => words.includes(value));
  if (scale) return scale.indexOf(value);
  const isQuantity = /^(cpu|memory|storage)$/.test(path.at(-1) ?? "");
  return isQuantity ? Number(milliUnits(value)) : secondsOf(value);
}

/** An environment cannot be promoted from itself, or from one that there is not. */
export function danglingPromotion({ name, promotedFrom, positions }: Environment, names: readonly string[]): Message[] {
  const others = names.filter((other) => other !== name);
  if (promotedFrom === undefined || others.includes(promotedFrom)) return [];
  const what = promotedFrom === name ? "itself" : "none of the repository";
  return [message("BH1253", { name: promotedFrom, what, known: others.join(", ") }, positions("promotedFrom"))];
}

/** What is weaker than in the environment that it is promoted from, each at its line. */
export function promotionFaults(earlier: Environment, later: Environment): Message[] {
  return compareEnvironments(earlier, later)
    .filter(({ verdict }) => verdict !== "stronger")
    .map(({ path, order, earlier: before, later: after }) => {
      const position = later.positions(path);
      const params = { path, environment: earlier.name, where: spot(earlier.positions(path)) };
      if (after === undefined) return message("BH1250", params, position);
      if (before === undefined) return message("BH1251", params, position);
      return message("BH1252", { ...params, value: shown(after), other: shown(before), order: WORDS[order] }, position);
    });
}

const spot = ({ file, line, column }: Position): string => `${file}:${line}:${column}`;
const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
const WORDS: Readonly<Record<Order, string>> = {
  equal: "the same",
  atLeast: "at least that",
  atMost: "at most that",
  superset: "all of that",
  subset: "no more than that",
  free: "anything",
};
