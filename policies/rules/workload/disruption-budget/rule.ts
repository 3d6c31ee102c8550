import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import { type Labels, selects } from "../../../engine/selector.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf, mapOf, ofKind } from "../../../estate-view.ts";

const specOf = ({ object }: EstateObject) => mapOf(object["spec"]);

function failuresOf(workload: EstateObject, estate: Estate): readonly string[] {
  const labels = mapOf(mapOf(mapOf(specOf(workload)["template"])["metadata"])["labels"]) as Labels;
  const budgets = ofKind(estate, "PodDisruptionBudget").filter(
    (budget) =>
      budget.object.metadata.namespace === workload.object.metadata.namespace &&
      clusterOf(budget) === clusterOf(workload) &&
      selects(mapOf(specOf(budget)["selector"]), labels),
  );
  const replicas = String(specOf(workload)["replicas"]);
  if (budgets.length === 0)
    return [`${replicas} replicas, but no PodDisruptionBudget selects them; add one with maxUnavailable 1`];
  // The eviction API answers with an error where two budgets select a pod: nothing of it can be drained.
  if (budgets.length > 1)
    return [`${budgets.length} PodDisruptionBudgets select its pods, which then cannot be evicted at all; leave one`];
  return [];
}

/** A workload of several replicas has exactly one disruption budget. */
export const rule: EstateRule = {
  id: "workload/disruption-budget",
  title: "Several replicas have one disruption budget",
  titleBangla: "একাধিক প্রতিরূপের একটিই বিঘ্ন-বাজেট থাকে",
  rationale:
    "Replicas that no budget covers may all be evicted at once when nodes are drained, and the service that was made to survive it is down. Two budgets for one pod make evictions fail.",
  rationaleBangla:
    "যেসব প্রতিরূপের বাজেট নেই, নোড খালি করার সময় সেগুলো একসঙ্গে সরিয়ে দেওয়া হতে পারে; তখন যে সেবা টিকে থাকার জন্য তৈরি সেটিই বন্ধ হয়। এক পডের দুটি বাজেট থাকলে তাকে সরানোই যায় না।",
  reference: "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/",
  severity: "medium",
  level: "soft-mandatory",
  controls: ["resource-availability"],
  kinds: ["Deployment", "PodDisruptionBudget", "StatefulSet"],
  reads: ["metadata.name", "metadata.namespace", "spec.replicas", "spec.selector", "spec.template.metadata.labels"],
  judge: (estate) =>
    ofKind(estate, "Deployment", "StatefulSet")
      .filter((workload) => Number(specOf(workload)["replicas"] ?? 1) > 1)
      .map((workload) => ({ subject: workload, failures: failuresOf(workload, estate) })),
};
