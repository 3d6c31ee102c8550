import { LABELS } from "../../../../contracts.ts";
import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import { containsPrefix, parsePrefix } from "../../../engine/address.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { sinksOf } from "../../../estate-soc.ts";
import { clusterOf, labelsOf, mapOf, mapsOf, ofKind, textAt, textsOf } from "../../../estate-view.ts";

/** Layers that log what people do, and what is done in their name. */
const SOURCES: readonly string[] = ["gateway", "identity"];

const sourcesOf = (estate: Estate): readonly EstateObject[] =>
  ofKind(estate, "Namespace").filter(({ object }) => SOURCES.includes(labelsOf(object)[LABELS.layer] ?? ""));

type Peer = Readonly<Record<string, unknown>>;

/** Whether an ingress rule of a NetworkPolicy lets somebody in; a rule without `from` lets in whoever comes. */
function letsIn({ object }: EstateObject, isMeant: (peer: Peer) => boolean): boolean {
  const { policyTypes, ingress } = mapOf(object["spec"]);
  if (policyTypes !== undefined && !textsOf(policyTypes).includes("Ingress")) return false;
  return mapsOf(ingress).some(({ from }) => from === undefined || mapsOf(from).some(isMeant));
}

/** A namespace of the same cluster, by the name that the API server gives it. */
const isNamespace =
  (name: string) =>
  ({ namespaceSelector }: Peer): boolean => {
    if (namespaceSelector === undefined) return false;
    const { matchLabels, matchExpressions } = mapOf(namespaceSelector);
    const others = Object.keys(mapOf(matchLabels)).filter((key) => key !== "kubernetes.io/metadata.name");
    const named = mapOf(matchLabels)["kubernetes.io/metadata.name"];
    return matchExpressions === undefined && others.length === 0 && (named === undefined || named === name);
  };

/** Pods of another cluster, by their range. */
const holdsRange =
  (range: string) =>
  ({ ipBlock }: Peer): boolean => {
    const { cidr, except } = mapOf(ipBlock);
    const outer = typeof cidr === "string" ? parsePrefix(cidr) : undefined;
    const inner = parsePrefix(range);
    return outer !== undefined && inner !== undefined && except === undefined && containsPrefix(outer, inner);
  };

/** Where the pods of a cluster are; empty where the estate does not say. */
function podsOf(cluster: string, estate: Estate): string {
  const network = ofKind(estate, "ConfigMap").find(
    (entry) => entry.object.metadata.name === "cluster-network" && clusterOf(entry) === cluster,
  );
  return textAt(network?.object["data"], "pods") ?? "";
}

function failuresOf(source: EstateObject, estate: Estate): readonly string[] {
  const { name = "" } = source.object.metadata;
  const cluster = clusterOf(source);
  const sinks = sinksOf(estate).map(({ config }) => config);
  if (sinks.length === 0) return ["no log sink stands in the layer soc of any cluster; declare one"];
  const open = sinks.some((sink) => {
    const meant = clusterOf(sink) === cluster ? isNamespace(name) : holdsRange(podsOf(cluster, estate));
    return ofKind(estate, "NetworkPolicy").some(
      (policy) =>
        policy.object.metadata.namespace === sink.object.metadata.namespace &&
        clusterOf(policy) === clusterOf(sink) &&
        letsIn(policy, meant),
    );
  });
  return open
    ? []
    : [
        `no NetworkPolicy of a log sink's namespace lets in what lies in '${name}' of the cluster '${cluster}', so that none of its events is kept; add one`,
      ];
}

/** Gateways and identity, wherever they stand, are let in by a log sink: of their cluster by their namespace, of another by their pods' range. */
export const rule: EstateRule = {
  id: "soc/coverage",
  title: "Every gateway and identity layer reaches a log sink",
  titleBangla: "প্রতিটি গেটওয়ে ও পরিচয় স্তর একটি লগ-ভান্ডারে পৌঁছায়",
  rationale:
    "A sink proves nothing about a source that cannot reach it. Namespaces are closed until something opens them, so that a layer that no sink lets in, of its own cluster or of another, logs into nothing.",
  rationaleBangla:
    "যে উৎস ভান্ডারে পৌঁছাতে পারে না তার সম্পর্কে ভান্ডার কিছুই প্রমাণ করে না। কিছু না খোলা পর্যন্ত নেমস্পেস বন্ধ থাকে; তাই নিজের বা অন্য ক্লাস্টারের কোনো ভান্ডার যে স্তরকে ঢুকতে দেয় না, তার লগ কোথাও জমে না।",
  reference: "https://csrc.nist.gov/pubs/sp/800/92/final",
  severity: "high",
  level: "soft-mandatory",
  controls: ["audit-logging", "incident-reporting"],
  kinds: ["ConfigMap", "Namespace", "NetworkPolicy"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "data", "spec.ingress", "spec.policyTypes"],
  judge: (estate) => sourcesOf(estate).map((source) => ({ subject: source, failures: failuresOf(source, estate) })),
};
