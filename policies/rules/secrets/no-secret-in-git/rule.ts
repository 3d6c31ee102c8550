import type { EstateRule } from "../../../estate-rule.ts";
import { mapOf, ofKind } from "../../../estate-view.ts";

/** A Secret of a stack has no content: whatever fills it, git and the state do not know it. */
export const rule: EstateRule = {
  id: "secrets/no-secret-in-git",
  title: "No stack writes down a secret",
  titleBangla: "কোনো স্ট্যাক গোপন তথ্য লিখে রাখে না",
  rationale:
    "A Secret with content in a stack lies in git, in the plan and in the state of Terraform, each read by more people than the secret, and stays in their history after it is changed.",
  rationaleBangla:
    "স্ট্যাকে লেখা Secret-এর বিষয়বস্তু গিটে, পরিকল্পনায় ও টেরাফর্মের স্টেটে থাকে; প্রতিটি জায়গাই গোপন তথ্যটির প্রাপকের চেয়ে বেশি মানুষ পড়ে, আর বদলানোর পরেও তা ইতিহাসে থেকে যায়।",
  reference: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["secrets-management"],
  kinds: ["Secret"],
  reads: ["metadata.name"],
  judge: (estate) =>
    ofKind(estate, "Secret").map((secret) => {
      const { data, stringData } = secret.object;
      const keys = [...Object.keys(mapOf(data)), ...Object.keys(mapOf(stringData))].sort();
      return {
        subject: secret,
        failures:
          keys.length > 0
            ? [
                `the Secret holds '${keys.slice(0, 3).join("', '").slice(0, 120)}' in the stack's own text; leave it empty, or have it made in the cluster`,
              ]
            : [],
      };
    }),
};
