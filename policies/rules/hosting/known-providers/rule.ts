import type { StackProvider } from "../../../../estate/estate.ts";
import { stacksWithObject } from "../../../estate-hosting.ts";
import type { EstateRule } from "../../../estate-rule.ts";

/** Providers that reach no place of their own: they go to a cluster that the stack names, or nowhere. */
const KNOWN: readonly string[] = [
  "hashicorp/helm",
  "hashicorp/kubernetes",
  "hashicorp/local",
  "hashicorp/null",
  "hashicorp/random",
  "hashicorp/time",
  "hashicorp/tls",
  "terraform.io/builtin/terraform",
];

/** With the public registry and its first namespace filled in, as Terraform does. */
function fullSource(source: string): string {
  const parts = source.replace(/^registry\.terraform\.io\//, "").split("/");
  return parts.length === 1 ? `hashicorp/${source}` : parts.join("/");
}

const failuresOf = (stack: string, providers: readonly StackProvider[]): readonly string[] =>
  providers
    .filter(({ source }) => !KNOWN.includes(fullSource(source)))
    .map(
      ({ name, source }) =>
        `stack '${stack}' deploys by the provider '${name}' (${source}), and nobody knows where that reaches; use one of those that reach the clusters only`,
    );

/** Stacks deploy by providers that reach nothing but the clusters they name. */
export const rule: EstateRule = {
  id: "hosting/known-providers",
  title: "Stacks reach the platform's own clusters and no cloud",
  titleBangla: "স্ট্যাক কেবল প্ল্যাটফর্মের নিজের ক্লাস্টারে পৌঁছায়, কোনো ক্লাউডে নয়",
  rationale:
    "A provider of a cloud makes machines and stores wherever its region is, and no rule over Kubernetes objects sees them. What Terraform runs is also a program with the deployer's rights.",
  rationaleBangla:
    "ক্লাউডের প্রোভাইডার তার অঞ্চল যেখানে সেখানেই যন্ত্র ও ভান্ডার বানায়, আর Kubernetes-এর জিনিসের কোনো নিয়ম তা দেখে না। টেরাফর্ম যা চালায় তা স্থাপনকারীর অধিকার নিয়ে চলা একটি প্রোগ্রামও বটে।",
  reference: "https://developer.hashicorp.com/terraform/language/providers/requirements",
  severity: "high",
  level: "hard-mandatory",
  controls: ["data-residency", "software-provenance"],
  kinds: ["*"],
  reads: [],
  judge: (estate) =>
    stacksWithObject(estate).flatMap(({ stack: { id, terraform }, subject }) =>
      terraform ? [{ subject, failures: failuresOf(id, terraform.providers) }] : [],
    ),
};
