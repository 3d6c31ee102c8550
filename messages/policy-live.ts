import { entries } from "./entry.ts";

const EXPLAIN_LIVE =
  "A rule meets what already runs only at its next change. 'bhitti check <environment> --live' judges it now, by the files of this commit, so that a rule is promoted to 'deny' only once what runs follows it: a pod that is refused when its node fails is an outage.";
const EXPLAIN_DEPLOYED =
  "What the cluster enforces has to be the files, word for word. A policy or binding that was changed or removed in the cluster enforces something else than what was read and agreed to.";

/** BH33nn: rules against what runs in a cluster. */
export const policyLiveMessages = entries({
  BH3301: {
    severity: "error",
    text: "{object} runs in cluster '{cluster}' and {rule} refuses it at its next change: {text}",
    explain: EXPLAIN_LIVE,
  },
  BH3302: {
    severity: "warning",
    text: "{object} runs in cluster '{cluster}' and {rule} would refuse it at 'deny': {text}",
    explain: EXPLAIN_LIVE,
  },
  BH3303: {
    severity: "error",
    text: "{object} is not in cluster '{cluster}'",
    remedy: "deploy the guardrails stack",
    explain: EXPLAIN_DEPLOYED,
  },
  BH3304: {
    severity: "error",
    text: "{object} in cluster '{cluster}' is not what the file says: {paths}",
    remedy: "find out who changed it, then deploy the guardrails stack",
    explain: EXPLAIN_DEPLOYED,
  },
  BH3305: {
    severity: "warning",
    text: "{object} in cluster '{cluster}' does {stands}, and is to do {stated}",
    remedy: "deploy the guardrails stack once nothing that runs is refused",
    explain: EXPLAIN_DEPLOYED,
  },
  BH3306: {
    severity: "error",
    text: "{object} in cluster '{cluster}' bears our name and is in no file",
    remedy: "find out who made it, and remove it",
    explain: EXPLAIN_DEPLOYED,
  },
  BH3307: {
    severity: "error",
    text: "{kind} of cluster '{cluster}' cannot be listed: {reason}",
    remedy: "use a kubeconfig whose user may read them",
    explain: `${EXPLAIN_LIVE} What cannot be read is not judged, and does not pass.`,
  },
  BH3308: {
    severity: "error",
    text: "{object} stands in cluster '{cluster}' and {rule} has something against it: {text}",
    remedy: "mend or remove it: no admission policy can, since none knows the day",
    explain:
      "Some rules judge what stands on a day, such as emergency access that has ended. The cluster's admission has no clock, so that only 'bhitti check <environment> --live' and 'bhitti audit <environment> --observe' find it: run one of them every day.",
  },
});
