import { LABELS } from "../../../../contracts.ts";
import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { sinksOf } from "../../../estate-soc.ts";
import { clusterOf, inNamespace, labelsOf, mapOf, mapsOf, ofKind, textsOf } from "../../../estate-view.ts";

/** Layers that log what people do, and what is done in their name. */
const SOURCES: readonly string[] = ["gateway", "identity"];

const sourcesOf = (estate: Estate): readonly EstateObject[] =>
  ofKind(estate, "Namespace").filter(({ object }) => SOURCES.includes(labelsOf(object)[LABELS.layer] ?? ""));

/** Whether a NetworkPolicy lets what lies in a namespace in, by the name that the API server gives it. */
function letsIn({ object }: EstateObject, name: string): boolean {
  const { policyTypes, ingress } = mapOf(object["spec"]);
  if (policyTypes !== undefined && !textsOf(policyTypes).includes("Ingress")) return false;
  return mapsOf(ingress).some(({ from }) => {
    if (from === undefined) return true;
    return mapsOf(from).some(({ namespaceSelector }) => {
      if (namespaceSelector === undefined) return false;
      const { matchLabels, matchExpressions } = mapOf(namespaceSelector);
      const others = Object.entries(mapOf(matchLabels)).filter(([key]) => key !== "kubernetes.io/metadata.name");
      const named = mapOf(matchLabels)["kubernetes.io/metadata.name"];
      return matchExpressions === undefined && others.length === 0 && (named === undefined || named === name);
    });
  });
}

function failuresOf(source: EstateObject, estate: Estate): readonly string[] {
  const { name = "" } = source.object.metadata;
  const layer = labelsOf(source.object)[LABELS.layer];
  const sinks = sinksOf(estate).filter(({ config }) => clusterOf(config) === clusterOf(source));
  if (sinks.length === 0)
    return [
      `no log sink stands in the cluster '${clusterOf(source)}' of the layer ${layer}; place the layer soc there too`,
    ];
  const open = sinks.some(({ config }) => {
    const namespace = ofKind(estate, "Namespace").find(
      (entry) =>
        entry.object.metadata.name === config.object.metadata.namespace && clusterOf(entry) === clusterOf(config),
    );
    return (
      namespace !== undefined && inNamespace(estate, namespace, "NetworkPolicy").some((policy) => letsIn(policy, name))
    );
  });
  return open
    ? []
    : [
        `no NetworkPolicy of the log sink's namespace lets in what lies in '${name}', so that none of its events is kept; add one`,
      ];
}

/** Gateways and identity, wherever they stand, have a log sink in their cluster that lets their events in. */
export const rule: EstateRule = {
  id: "soc/coverage",
  title: "Every gateway and identity layer reaches a log sink",
  titleBangla: "প্রতিটি গেটওয়ে ও পরিচয় স্তর একটি লগ-ভান্ডারে পৌঁছায়",
  rationale:
    "A sink proves nothing about a source that cannot reach it. Namespaces are closed until something opens them, so that a layer whose sink stands in another cluster, or whose sink lets it not in, logs into nothing.",
  rationaleBangla:
    "যে উৎস ভান্ডারে পৌঁছাতে পারে না তার সম্পর্কে ভান্ডার কিছুই প্রমাণ করে না। কিছু না খোলা পর্যন্ত নেমস্পেস বন্ধ থাকে; তাই যে স্তরের ভান্ডার অন্য ক্লাস্টারে, বা ভান্ডার যাকে ঢুকতে দেয় না, তার লগ কোথাও জমে না।",
  reference: "https://csrc.nist.gov/pubs/sp/800/92/final",
  severity: "high",
  level: "soft-mandatory",
  controls: ["audit-logging", "incident-reporting"],
  kinds: ["ConfigMap", "Namespace", "NetworkPolicy"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "data", "spec.ingress", "spec.policyTypes"],
  judge: (estate) => sourcesOf(estate).map((source) => ({ subject: source, failures: failuresOf(source, estate) })),
};
