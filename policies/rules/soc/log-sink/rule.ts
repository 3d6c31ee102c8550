import type { Estate } from "../../../../estate/estate.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { type LogSink, sinksOf } from "../../../estate-soc.ts";
import { clusterOf, mapOf, ofKind, textsOf } from "../../../estate-view.ts";

/** Outputs of a pipeline that take events as they come, without a transform in between. */
function unmasked({ pipeline }: LogSink): readonly string[] {
  const transforms = Object.keys(mapOf(pipeline["transforms"]));
  return Object.entries(mapOf(pipeline["sinks"]))
    .filter(([, sink]) => {
      const inputs = textsOf(mapOf(sink)["inputs"]);
      return inputs.length === 0 || inputs.some((input) => !transforms.includes(input));
    })
    .map(([name]) => name);
}

/** Whether something runs by the pipeline. */
const runs = ({ config }: LogSink, estate: Estate): boolean =>
  ofKind(estate, "DaemonSet", "Deployment", "StatefulSet").some(
    (workload) =>
      clusterOf(workload) === clusterOf(config) &&
      workload.object.metadata.namespace === config.object.metadata.namespace &&
      JSON.stringify(workload.object["spec"]).includes(`"name":"${config.object.metadata.name}"`),
  );

function failuresOf(sink: LogSink, estate: Estate): readonly string[] {
  const sinks = Object.keys(mapOf(sink.pipeline["sinks"]));
  return [
    ...(sinks.length === 0 ? ["the pipeline has no output; add a sink, or no event is kept"] : []),
    ...unmasked(sink).map(
      (name) => `the output '${name}' takes events unmasked; let it read from the transform that masks personal data`,
    ),
    ...(runs(sink, estate) ? [] : ["no workload of its namespace mounts the pipeline; deploy one"]),
  ];
}

/** An estate with tenants has a log sink that runs, keeps something, and masks before it writes. */
export const rule: EstateRule = {
  id: "soc/log-sink",
  title: "Events of every cluster reach a log sink that masks personal data",
  titleBangla: "প্রতিটি ক্লাস্টারের ঘটনা এমন লগ-ভান্ডারে যায় যা ব্যক্তিগত উপাত্ত ঢেকে রাখে",
  rationale:
    "What nobody wrote down cannot be reported, investigated or proven. Logs with names and numbers in clear are themselves a store of personal data that nobody consented to.",
  rationaleBangla:
    "যা কেউ লিখে রাখেনি তা জানানো, তদন্ত করা বা প্রমাণ করা যায় না। আর নাম ও নম্বর খোলা রেখে লেখা লগ নিজেই এমন এক ব্যক্তিগত উপাত্তের ভান্ডার, যাতে কেউ সম্মতি দেয়নি।",
  reference: "https://csrc.nist.gov/pubs/sp/800/92/final",
  severity: "high",
  level: "hard-mandatory",
  controls: ["audit-logging", "incident-reporting"],
  kinds: ["ConfigMap", "DaemonSet", "Deployment", "Namespace", "StatefulSet"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "data", "spec.template.spec.volumes"],
  judge: (estate) => {
    const sinks = sinksOf(estate);
    const clusters = ofKind(estate, "ConfigMap").filter(({ object }) => object.metadata.name === "cluster-network");
    const missing = "no log sink stands in the layer soc of any cluster; declare one";
    return [
      ...clusters.map((cluster) => ({ subject: cluster, failures: sinks.length === 0 ? [missing] : [] })),
      ...sinks.map((sink) => ({ subject: sink.config, failures: failuresOf(sink, estate) })),
    ];
  },
};
