import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import type { KubernetesObject } from "../../../../kubernetes/object.ts";
import { nanoUnits } from "../../../../kubernetes/quantity.ts";
import { selects } from "../../../engine/selector.ts";
import { decisionOf, ofGroup, VELERO } from "../../../estate-backup.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import {
  clusterOf,
  inNamespace,
  mapOf,
  mapsOf,
  ofKind,
  textAt,
  textsOf,
  zoneNamespaces,
} from "../../../estate-view.ts";

type Metadata = KubernetesObject["metadata"];

/** Whether what the zone may store is more than nothing: a zone without storage has nothing to back up. */
const stores = (namespace: EstateObject, estate: Estate): boolean =>
  inNamespace(estate, namespace, "ResourceQuota").every(({ object }) => {
    const storage = mapOf(mapOf(object["spec"])["hard"])["requests.storage"];
    return storage === undefined || nanoUnits(String(storage)) !== 0n;
  });

/** Why a schedule does not take what lies in a namespace and has these labels. */
function gapOf({ object }: EstateObject, namespace: string, labels: Metadata["labels"]): string | undefined {
  const { paused, template } = mapOf(object["spec"]);
  const { includedNamespaces, excludedNamespaces, labelSelector } = mapOf(template);
  const included = textsOf(includedNamespaces);
  if (paused === true) return "is paused";
  if (included.length > 0 && !included.includes("*") && !included.includes(namespace))
    return `does not include the namespace '${namespace}'`;
  if (textsOf(excludedNamespaces).includes(namespace)) return `excludes the namespace '${namespace}'`;
  if (labels && !selects(mapOf(labelSelector), labels)) return "does not select its labels";
  return undefined;
}

/**
 * @param what how a message calls it
 * @param labels those that a schedule selects by; absent for a namespace, which is only a place
 */
function failuresOf(
  entry: EstateObject,
  what: string,
  metadata: Metadata,
  estate: Estate,
  labels?: Metadata["labels"],
): readonly string[] {
  const decision = decisionOf(metadata);
  if (!decision || decision.plan === "none") return [];
  const { plan } = decision;
  const schedule = ofGroup(estate, VELERO, "Schedule").find(
    (candidate) => candidate.object.metadata.name === plan && clusterOf(candidate) === clusterOf(entry),
  );
  if (!schedule)
    return [`${what} is to be backed up by '${plan}', and no Schedule of its cluster is called so; add it`];
  const namespace = entry.object.kind === "Namespace" ? metadata.name : entry.object.metadata.namespace;
  const gap = gapOf(schedule, namespace ?? "default", labels);
  return gap ? [`${what} is to be backed up by '${plan}', which ${gap}; mend one of them`] : [];
}

function zoneFailures(namespace: EstateObject, estate: Estate): readonly string[] {
  const { metadata } = namespace.object;
  const decision = decisionOf(metadata);
  const what = `what the namespace '${metadata.name}' stores`;
  if (!decision)
    return [`${what} has no backup decision; set the label bhitti.platform/backup to a schedule's name, or to none`];
  if (decision.plan === "none" && decision.reason === "")
    return [`${what} is not backed up, and nobody says why; state the annotation bhitti.platform/backup-reason`];
  return failuresOf(namespace, what, metadata, estate);
}

const templatesOf = ({ object }: EstateObject) => mapsOf(mapOf(object["spec"])["volumeClaimTemplates"]);

function templateFailures(workload: EstateObject, estate: Estate): readonly string[] {
  return templatesOf(workload).flatMap((template) => {
    const metadata = mapOf(template["metadata"]) as Metadata;
    const what = `the claim '${textAt(metadata, "name")}'`;
    return failuresOf(workload, what, metadata, estate, metadata.labels ?? {});
  });
}

/** What a zone stores, a claim or a template of claims is backed up by the schedule that it names; a zone names one or says why not. */
export const rule: EstateRule = {
  id: "backup/decision-kept",
  title: "Each backup that is decided on is made",
  titleBangla: "যে ব্যাকআপের সিদ্ধান্ত হয়েছে তা নেওয়া হয়",
  rationale:
    "A label that names a schedule backs nothing up. The schedule has to stand in the same cluster, run, and take the namespace and the claim; a zone that may store data and says nothing of backups is found before the data is lost.",
  rationaleBangla:
    "সময়সূচির নাম লেখা একটি লেবেল নিজে কিছুই ব্যাকআপ করে না। সময়সূচিটি একই ক্লাস্টারে থাকতে, চলতে এবং নেমস্পেস ও দাবিটিকে ধরতে হয়; যে জোন উপাত্ত রাখতে পারে অথচ ব্যাকআপ নিয়ে কিছু বলে না, উপাত্ত হারানোর আগেই তা ধরা পড়ে।",
  reference: "https://velero.io/docs/main/api-types/schedule/",
  severity: "high",
  level: "soft-mandatory",
  controls: ["backup"],
  kinds: ["Namespace", "PersistentVolumeClaim", "ResourceQuota", "Schedule", "StatefulSet"],
  reads: [
    "metadata.name",
    "metadata.namespace",
    "metadata.labels",
    "metadata.annotations",
    "spec.hard",
    "spec.paused",
    "spec.template",
    "spec.volumeClaimTemplates",
  ],
  judge: (estate) => [
    ...zoneNamespaces(estate)
      .filter((namespace) => stores(namespace, estate))
      .map((namespace) => ({ subject: namespace, failures: zoneFailures(namespace, estate) })),
    ...ofKind(estate, "PersistentVolumeClaim").map((claim) => {
      const { metadata } = claim.object;
      return { subject: claim, failures: failuresOf(claim, "the claim", metadata, estate, metadata.labels ?? {}) };
    }),
    ...ofKind(estate, "StatefulSet")
      .filter((workload) => templatesOf(workload).length > 0)
      .map((workload) => ({ subject: workload, failures: templateFailures(workload, estate) })),
  ],
};
