import { entries } from "./entry.ts";

const EXPLAIN_FAILED =
  "Most rules are ValidatingAdmissionPolicies, which run here over the objects of every stack and, deployed by the guardrails stack, in the cluster. Those about what is absent, or about several objects at once, run here only. The stage of each rule stands in the environment's guardrails.yaml: at 'audit' the cluster only records, at 'warn' it also tells whoever asks, at 'deny' it refuses; a rule of level advisory never does more than warn. 'bhitti explain <rule>' tells why the rule exists.";
const EXPLAIN_ERROR =
  "A rule that cannot be evaluated counts as failed, here as in the cluster. Usual causes: the rule depends on a value that only Terraform knows, its ConfigMap of parameters is in no stack, or the object has a form that the API server would refuse.";

export const policyMessages = entries({
  BH3001: {
    severity: "error",
    text: "the rule '{rule}' cannot be used: {reason}",
    remedy: "mend policies/rules/{rule}/rule.yaml",
    explain:
      "A rule is one folder with a rule.yaml: a ValidatingAdmissionPolicy named '<rule>.<family>.bhitti.platform' with the annotations bhitti.platform/title, title-bn, rationale, rationale-bn (the same in Bangla), severity, level, controls and reference.",
  },
  BH3002: {
    severity: "error",
    text: "the image prefix '{prefix}' is not a registry and path that end in '/'",
    remedy: "write it like 'registry.example.gov/platform/'",
    explain:
      "An image is allowed where its name begins with a prefix. Without the slash at the end, 'registry.example.gov' would also allow 'registry.example.gov.example.net'.",
  },
  BH3003: {
    severity: "error",
    text: "the example '{file}' cannot be used: {reason}",
    remedy: "write note, as, operation, subresource, surroundings, object and oldObject as policies/README.md tells",
    explain:
      "Each file under a rule's pass/ and fail/ is one request to the API server. A key that is misspelt would silently test something else, so none but the known ones is taken.",
  },
  BH3010: {
    severity: "error",
    text: "{object} of stack '{stack}' is refused by {rule}: {text}",
    explain: EXPLAIN_FAILED,
  },
  BH3011: {
    severity: "warning",
    text: "{object} of stack '{stack}' does not follow {rule}: {text}",
    explain: EXPLAIN_FAILED,
  },
  BH3012: {
    severity: "notice",
    text: "{object} of stack '{stack}' would not follow {rule}: {text}",
    explain: EXPLAIN_FAILED,
  },
  BH3013: {
    severity: "error",
    text: "{object} of stack '{stack}' is refused, since {rule} cannot be evaluated on it: {text}",
    explain: EXPLAIN_ERROR,
  },
  BH3014: {
    severity: "warning",
    text: "{rule} cannot be evaluated on {object} of stack '{stack}': {text}",
    explain: EXPLAIN_ERROR,
  },
  BH3015: {
    severity: "warning",
    text: "no rule was asked about {address} of stack '{stack}': {reason}",
    remedy: "render its objects into the stack, or answer for it otherwise",
    explain:
      "Whatever cannot be read as Kubernetes objects is listed: it is neither passed nor failed. A chart of somebody else's, for example, is known only once it is rendered.",
  },
  BH3016: {
    severity: "warning",
    text: "{rule} was not run: {reason}",
    remedy: "supply what it needs, or answer for it otherwise",
    explain:
      "Some rules hold the estate against a file that a repository need not have, such as the lock of images. Where it is missing nothing fails and nothing passes: evidence calls every control that the rule serves not satisfied.",
  },
});
