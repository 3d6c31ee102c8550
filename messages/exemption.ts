import { entries } from "./entry.ts";

const EXPLAIN =
  "An exemption is a dated, owned and approved permission to differ from one soft-mandatory rule, in the environment's exemptions.yaml. One that is not in order covers nothing and stops a deploy: a permission that nobody looks after is a hole in the wall.";

/** BH32nn: exemptions from rules. */
export const exemptionMessages = entries({
  BH3200: {
    severity: "notice",
    text: "{object} of stack '{stack}' is exempted from {rule} by '{id}' until {expires}, for which {owner} answers: {text}",
    explain: EXPLAIN,
  },
  BH3201: {
    severity: "error",
    text: "exemption '{id}' from {rule} ended on {expires}; it is {asOf}",
    remedy: "make {subject} follow the rule and remove the exemption, or have it approved anew",
    explain: `${EXPLAIN} The cluster knows no dates, so that an exemption stays in force there until a deploy removes it: do not wait.`,
  },
  BH3202: {
    severity: "error",
    text: "exemption '{id}' from {rule} holds from {issued}; it is {asOf}",
    remedy: "add it on the day on which it begins to hold",
    explain: `${EXPLAIN} The cluster knows no dates, so that it would hold there from the next deploy.`,
  },
  BH3203: {
    severity: "error",
    text: "exemption '{id}' covers nothing: {subject} does not fail {rule}",
    remedy: "remove it, or name the object that it is for",
    explain: `${EXPLAIN} Whoever creates an object of that name later would be exempted without anybody having thought of it.`,
  },
  BH3204: {
    severity: "error",
    text: "exemption '{id}' is from the rule '{rule}', which does not exist",
    remedy: "{hint}",
    explain: EXPLAIN,
  },
  BH3205: {
    severity: "error",
    text: "exemption '{id}' is from {rule}, which is {level} and takes none",
    remedy: "make {subject} follow the rule, and remove the exemption",
    explain:
      "A hard-mandatory rule guards what everything else rests on, such as the separation of tenants, and knows no exception. An advisory one refuses nothing, so that there is nothing to be exempted from.",
  },
  BH3206: {
    severity: "error",
    text: "exemption '{id}' is too broad: {breadth}",
    remedy: "name one object by kind, namespace and name",
    explain: `${EXPLAIN} Whoever approves it has to have seen what it is for.`,
  },
  BH3207: {
    severity: "error",
    text: "exemption '{id}' covers {objects} objects called {subject}, and was approved for {maximum}",
    remedy: "have the larger number approved, or let the others follow {rule}",
    explain: `${EXPLAIN} Objects of one name in several clusters count each; those that controllers make of a workload do not.`,
  },
  BH3208: {
    severity: "error",
    text: "exemption '{id}' was approved by its own owner, {owner}",
    remedy: "have somebody else approve it",
    explain: `${EXPLAIN} Nobody grants himself a permission.`,
  },
  BH3209: {
    severity: "error",
    text: "exemption '{id}' ends on {expires}, before it begins on {issued}",
    remedy: "correct the days",
    explain: EXPLAIN,
  },
  BH3210: {
    severity: "warning",
    text: "exemption '{id}' from {rule} ends on {expires}, in {days} days",
    remedy: "make {subject} follow the rule, or have the exemption approved anew before",
    explain: `${EXPLAIN} After that day a check fails and nothing is deployed.`,
  },
});
