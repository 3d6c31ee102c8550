import { BlockList, isIP } from "node:net";
import { LABELS } from "../../../../contracts.ts";
import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { sinksOf } from "../../../estate-soc.ts";
import { clusterOf, inNamespace, labelsOf, mapOf, mapsOf, ofKind, textAt, textsOf } from "../../../estate-view.ts";

/** Layers that log what people do, and what is done in their name. */
const SOURCES: readonly string[] = ["gateway", "identity"];

const sourcesOf = (estate: Estate): readonly EstateObject[] =>
  ofKind(estate, "Namespace").filter(({ object }) => SOURCES.includes(labelsOf(object)[LABELS.layer] ?? ""));

/** What somebody has to let in to let in a source: its namespace in its own cluster, its cluster's pods in every other. */
interface Origin {
  readonly namespace: string;
  readonly pods: string | undefined;
}

/** Whether a range holds all of another; false where one of them is none. */
function covers(outer: string, inner: string): boolean {
  const [[first = "", length], [address = "", innerLength]] = [outer.split("/"), inner.split("/")];
  const family = isIP(first);
  if (family === 0 || family !== isIP(address) || !(Number(length) <= Number(innerLength))) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(first, Number(length), type);
  return list.check(address, type);
}

const isRangeOf = ({ ipBlock }: Readonly<Record<string, unknown>>, { pods }: Origin): boolean => {
  const { cidr, except } = mapOf(ipBlock);
  return pods !== undefined && typeof cidr === "string" && covers(cidr, pods) && textsOf(except).length === 0;
};

function isNamespaceOf({ namespaceSelector }: Readonly<Record<string, unknown>>, { namespace }: Origin): boolean {
  if (namespaceSelector === undefined) return false;
  const { matchLabels, matchExpressions } = mapOf(namespaceSelector);
  const others = Object.entries(mapOf(matchLabels)).filter(([key]) => key !== "kubernetes.io/metadata.name");
  const named = mapOf(matchLabels)["kubernetes.io/metadata.name"];
  return matchExpressions === undefined && others.length === 0 && (named === undefined || named === namespace);
}

/** Whether a NetworkPolicy lets what one of these peers is in. */
function letsIn({ object }: EstateObject, isPeer: (peer: Readonly<Record<string, unknown>>) => boolean): boolean {
  const { policyTypes, ingress } = mapOf(object["spec"]);
  if (policyTypes !== undefined && !textsOf(policyTypes).includes("Ingress")) return false;
  return mapsOf(ingress).some(({ from }) => from === undefined || mapsOf(from).some(isPeer));
}

function originOf(source: EstateObject, estate: Estate): Origin {
  const network = ofKind(estate, "ConfigMap").find(
    (entry) => entry.object.metadata.name === "cluster-network" && clusterOf(entry) === clusterOf(source),
  );
  return { namespace: source.object.metadata.name ?? "", pods: textAt(network?.object["data"], "pods") };
}

function failuresOf(source: EstateObject, estate: Estate): readonly string[] {
  const origin = originOf(source, estate);
  const sinks = sinksOf(estate);
  if (sinks.length === 0) return ["no log sink stands in the layer soc of any cluster; declare one"];
  const open = sinks.some(({ config }) => {
    const near = clusterOf(config) === clusterOf(source);
    const namespace = ofKind(estate, "Namespace").find(
      (entry) =>
        entry.object.metadata.name === config.object.metadata.namespace && clusterOf(entry) === clusterOf(config),
    );
    return (
      namespace !== undefined &&
      inNamespace(estate, namespace, "NetworkPolicy").some((policy) =>
        letsIn(policy, (peer) => (near ? isNamespaceOf(peer, origin) : isRangeOf(peer, origin))),
      )
    );
  });
  return open
    ? []
    : [
        `no NetworkPolicy of a log sink's namespace lets in what lies in '${origin.namespace}' of the cluster '${clusterOf(source)}', so that none of its events is kept; add one`,
      ];
}

/** Gateways and identity, wherever they stand, have a log sink, in their cluster or another, that lets their events in. */
export const rule: EstateRule = {
  id: "soc/coverage",
  title: "Every gateway and identity layer reaches a log sink",
  titleBangla: "প্রতিটি গেটওয়ে ও পরিচয় স্তর একটি লগ-ভান্ডারে পৌঁছায়",
  rationale:
    "A sink proves nothing about a source that cannot reach it. Namespaces are closed until something opens them, so that a layer whose sink, in its own cluster or another, does not let it in logs into nothing.",
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
