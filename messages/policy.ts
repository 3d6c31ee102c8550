import { entries } from "./entry.ts";

export const policyMessages = entries({
  BH3001: {
    severity: "error",
    text: "the rule '{rule}' cannot be used: {reason}",
    remedy: "mend policies/rules/{rule}/rule.yaml",
    explain:
      "A rule is one folder with a rule.yaml: a ValidatingAdmissionPolicy named '<rule>.<family>.bhitti.platform' with the annotations bhitti.platform/title, rationale and reference.",
  },
  BH3002: {
    severity: "error",
    text: "the image prefix '{prefix}' is not a registry and path that end in '/'",
    remedy: "write it like 'registry.example.gov/platform/'",
    explain:
      "An image is allowed where its name begins with a prefix. Without the slash at the end, 'registry.example.gov' would also allow 'registry.example.gov.example.net'.",
  },
});
