import { entries } from "./entry.ts";

/** BH130n to BH133n: charts of others, what they render to, and what an air-gapped site carries in. */
export const chartMessages = entries({
  BH1300: {
    severity: "error",
    text: "there is no chart lock '{path}'",
    remedy: "take the file from Bhitti's repository, or write one with 'charts: []'",
    explain:
      "Charts of others are pinned in one file: repository, version, digest of the package, images by digest, and the digest of what each renders to with our values. A release of a chart that is not in it cannot be made.",
  },
  BH1301: {
    severity: "error",
    text: "'{name}' stands twice in {path}",
    remedy: "keep one of the two",
    explain:
      "The lock says of each chart, and of each image of a chart, once what it is. Two lines could say two things.",
  },
  BH1302: {
    severity: "error",
    text: "chart '{chart}' is not in {path}",
    remedy: "add it with its repository, version and licence, then run 'bhitti charts lock'",
    explain: "A stack releases a chart that the lock does not pin. What is not pinned could be another thing tomorrow.",
  },
  BH1303: {
    severity: "error",
    text: "no registry of environment '{environment}' can hold the platform's charts",
    remedy: "add a registry to environment.yaml that is not one of the zones'",
    explain:
      "Charts and images of the platform are pulled from the environment's own registry: the first of environment.yaml's registries that does not belong to a zone.",
  },
});
