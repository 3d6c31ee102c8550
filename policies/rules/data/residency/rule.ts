import { LABELS } from "../../../../contracts.ts";
import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf, labelsOf, ofKind, textAt } from "../../../estate-view.ts";

/** ISO 3166-1 code of the country that the platform is for. */
const HOME = "BD";
/** Classes that stay in the country. */
const STAYING: readonly string[] = ["confidential", "restricted"];

function failuresOf(namespace: EstateObject, estate: Estate): readonly string[] {
  const dataClass = labelsOf(namespace.object)[LABELS.dataClass];
  const network = ofKind(estate, "ConfigMap").find(
    (config) => config.object.metadata.name === "cluster-network" && clusterOf(config) === clusterOf(namespace),
  );
  const country = textAt(network?.object["data"], "country");
  if (country === HOME) return [];
  const place = country ? `stands in ${country}` : "does not say in which country it stands";
  return [
    `the namespace holds ${dataClass} data, but its cluster '${clusterOf(namespace)}' ${place}; move it to a site in ${HOME}, or state the site's country`,
  ];
}

/** Namespaces for confidential and restricted data stand in clusters of sites in Bangladesh. */
export const rule: EstateRule = {
  id: "data/residency",
  title: "Confidential data stays in the country",
  titleBangla: "গোপনীয় উপাত্ত দেশের ভেতরেই থাকে",
  rationale:
    "What lies abroad is under the orders of another country's courts. The site of a cluster says where it stands; a namespace of a cluster that does not say it is taken to be abroad.",
  rationaleBangla:
    "বিদেশে রাখা উপাত্ত অন্য দেশের আদালতের আদেশের অধীন। ক্লাস্টারের সাইট বলে দেয় তা কোথায়; যে ক্লাস্টার তা বলে না তাকে বিদেশে বলেই ধরা হয়।",
  reference: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["data-residency"],
  kinds: ["ConfigMap", "Namespace"],
  reads: ["metadata.name", "metadata.labels", "data.country"],
  judge: (estate) =>
    ofKind(estate, "Namespace")
      .filter(({ object }) => STAYING.includes(labelsOf(object)[LABELS.dataClass] ?? ""))
      .map((namespace) => ({ subject: namespace, failures: failuresOf(namespace, estate) })),
};
