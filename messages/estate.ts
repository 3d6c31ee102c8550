import { entries } from "./entry.ts";

export const estateMessages = entries({
  BH2001: {
    severity: "error",
    text: "there is nothing synthesized in '{path}'",
    remedy: "run 'bhitti check {environment}' first",
    explain:
      "The estate is read from what synthesis wrote: manifest.json and stacks/*/cdk.tf.json. 'bhitti check' writes them to cdktf.out/<environment>, as does 'cdktf synth -o'.",
  },
  BH2002: {
    severity: "error",
    text: "cannot read '{path}': {detail}",
    remedy: "remove the folder and synthesize again",
    explain: "A file that synthesis wrote is incomplete or was changed by hand. Synthesis writes all of them again.",
  },
  BH2003: {
    severity: "error",
    text: "the Terraform resource for {kind} cannot express '{path}'",
    remedy: "put the object into a chart, which takes any field",
    explain:
      "Typed resources know the fields that the provider's release knew. A newer field, or a kind without a resource, is deployed as it is by the stack's generated chart.",
  },
  BH2004: {
    severity: "error",
    text: "'{path}' of {kind} is {got}, where the API has {expected}",
    remedy: "write the value as the Kubernetes API has it",
    explain:
      "The object does not have the form that the API server states in its schema, so the server would refuse it. The schema is that of Kubernetes 1.35.",
  },
});
