import { layerNamespace } from "../../contracts.ts";
import { servedKinds } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Position } from "../../messages/message.ts";

/**
 * A dated, owned and approved permission to differ from one rule: the `exemptions.yaml` of an environment. Days are ISO days,
 * both ends included.
 */
export interface Exemption {
  readonly id: string;
  /** Id of the rule. */
  readonly rule: string;
  readonly subject: ExemptionSubject;
  readonly reason: string;
  readonly legalBasis: string;
  /** Who answers for it: an e-mail address. */
  readonly owner: string;
  /** Who agreed to it: somebody else's e-mail address. */
  readonly approver: string;
  readonly issued: string;
  readonly expires: string;
  /** What holds the risk down meanwhile. */
  readonly compensatingControl: string;
  /** The line of YAML that states it. */
  readonly position?: Position;
}

/** The object that may differ. A workload stands for the ReplicaSets, Jobs and Pods that its controllers make of it as well. */
export interface ExemptionSubject {
  readonly kind: string;
  /** Absent for an object of the cluster as a whole. */
  readonly namespace?: string | undefined;
  readonly name: string;
  /** How many objects it may cover, over all clusters, those that controllers make not counted. */
  readonly maximumObjects: number;
}

/** The ConfigMap that soft-mandatory rules without params of their own read their exemptions from. */
export const EXEMPTIONS = { name: "bhitti-exemptions", namespace: layerNamespace("guardrails") } as const;

/** Key of a rule's exemptions in the ConfigMap of its params: a ConfigMap's keys hold no slash. */
export const exemptionKey = (rule: string): string => `${rule.replace("/", ".")}.exempted`;

/** `DaemonSet bhitti-soc/vector`: as findings name objects, and as the cluster compares them. */
export const describeSubject = ({ kind, namespace, name }: ExemptionSubject): string =>
  namespace ? `${kind} ${namespace}/${name}` : `${kind} ${name}`;

/** Why a subject covers more than one object that somebody looked at; undefined where it does not. */
export function breadthOf({ kind, namespace, name }: ExemptionSubject): string | undefined {
  const wild = Object.entries({ kind, namespace, name }).find(
    ([, value]) => value !== undefined && /[*?\s]/.test(value),
  );
  if (wild) return `${wild[0]} '${wild[1]}' stands for more than one object`;
  const known = Object.entries(servedKinds()).filter(([key]) => key.endsWith(`/${kind}`));
  const namespaced = known.length > 0 && known.every(([, info]) => info.namespaced);
  return namespaced && !namespace ? `it names no namespace, though a ${kind} lies in one` : undefined;
}

/**
 * Gives the ConfigMaps that rules read as params what they have to know of exemptions: one line for each subject, under the
 * key of its rule. `EXEMPTIONS` is made where it is not among them. The cluster has no clock in its expressions: a date that passes is
 * told by every check and stops every deploy, and the line leaves the cluster with the exemption.
 *
 * @param readers id of each rule that takes exemptions, and the name of the ConfigMap that it reads
 */
export function withExemptions(
  params: readonly KubernetesObject[],
  exemptions: readonly Exemption[],
  readers: readonly { readonly rule: string; readonly configMap: string }[],
): readonly KubernetesObject[] {
  const own: KubernetesObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { ...EXEMPTIONS }, data: {} };
  const all = params.some(({ metadata }) => metadata.name === EXEMPTIONS.name) ? params : [...params, own];
  return all.map((object) => {
    if (object.kind !== "ConfigMap" || object.metadata.namespace !== EXEMPTIONS.namespace) return object;
    const lines = readers
      .filter(({ configMap }) => configMap === object.metadata.name)
      .flatMap(({ rule }): [string, string][] => {
        const subjects = exemptions
          .filter((e) => e.rule === rule && !breadthOf(e.subject))
          .map((e) => describeSubject(e.subject));
        return subjects.length > 0 ? [[exemptionKey(rule), [...new Set(subjects)].sort().join("\n")]] : [];
      });
    return lines.length === 0
      ? object
      : { ...object, data: { ...(object["data"] as object), ...Object.fromEntries(lines) } };
  });
}

/** Params as if there were no exemptions, for a judge whose findings exemptions are applied to afterwards. */
export function withoutExemptions(
  params: readonly KubernetesObject[],
  rules: readonly string[],
): readonly KubernetesObject[] {
  const keys = new Set(rules.map(exemptionKey));
  return withExemptions(params, [], []).map((object) => {
    const data = (object["data"] ?? {}) as Readonly<Record<string, unknown>>;
    if (object.kind !== "ConfigMap" || !Object.keys(data).some((key) => keys.has(key))) return object;
    return { ...object, data: Object.fromEntries(Object.entries(data).filter(([key]) => !keys.has(key))) };
  });
}

interface OwnerReference {
  readonly kind?: unknown;
  readonly name?: unknown;
  readonly controller?: unknown;
}

/** Objects that built-in controllers made an object of, nearest first: `ReplicaSet zone-a/web-5d9c`, `Deployment zone-a/web`. */
export function makersOf({ metadata }: KubernetesObject): readonly string[] {
  const { namespace = "", ownerReferences = [] } = metadata as {
    namespace?: string;
    ownerReferences?: OwnerReference[];
  };
  return ownerReferences.flatMap(({ kind, name, controller }) => {
    if (controller !== true || typeof kind !== "string" || typeof name !== "string") return [];
    const above = { ReplicaSet: "Deployment", Job: "CronJob" }[kind];
    const stem = name.slice(0, Math.max(0, name.lastIndexOf("-")));
    return [`${kind} ${namespace}/${name}`, ...(above && stem ? [`${above} ${namespace}/${stem}`] : [])];
  });
}
