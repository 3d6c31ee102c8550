import { entries } from "./entry.ts";

const EXPLAIN_VERDICT =
  "'bhitti policy eval' judges objects by admission policies as the API server would. Where a policy's validation gives false, its binding says what happens: Deny refuses the request, Warn tells whoever asks, Audit writes it to the audit log.";

/** BH38nn: what `policy eval` has to say of files, policies and objects. */
export const policyEvalMessages = entries({
  BH3801: {
    severity: "error",
    text: "'{file}' cannot be read: {reason}",
    remedy: "name a file or folder of YAML or JSON, or '-' for standard input",
    explain: "One file that cannot be read makes the whole evaluation worthless, so nothing is evaluated.",
  },
  BH3802: {
    severity: "error",
    text: "this is neither YAML nor JSON: {reason}",
    remedy: "mend the line, or the one above it",
    explain:
      "A file holds documents of YAML or JSON, separated by lines of '---'. Each key may stand once in a mapping, since parsers differ in which one they take.",
  },
  BH3803: {
    severity: "error",
    text: "{what} is {size} large, at most {limit} are taken",
    remedy: "split it",
    explain:
      "The API server takes no request above 3 MiB, so that a larger object could never be created. Files may be larger where they hold several objects.",
  },
  BH3804: {
    severity: "error",
    text: "{what} stands for too much: {reason}",
    remedy: "write the values instead of aliases to aliases",
    explain:
      "YAML's anchors and aliases let a short text stand for endless data. Such a document would exhaust every program that reads it, so it is refused before anything is evaluated.",
  },
  BH3805: {
    severity: "error",
    text: "{source} is no Kubernetes object: {reason}",
    remedy: "give it apiVersion, kind and metadata, or leave the file out",
    explain:
      "Everything that is given is evaluated. A document that is skipped because it is not understood would look like one that passed.",
  },
  BH3806: {
    severity: "error",
    text: "the API server would refuse {object} ({source}): {reason}",
    remedy: "write it as the API has it",
    explain:
      "The server decodes an object by the schema of its kind before any policy sees it. A field of a wrong type or an unknown name is refused there, and a policy could be misled by it here.",
  },
  BH3807: {
    severity: "error",
    text: "the API server would refuse the {kind} '{name}' ({source}): {reason}",
    remedy: "mend it; 'bhitti policy lint -f {file}' tells more",
    explain:
      "A policy that the server would not take protects nothing. It is never evaluated halfway, since what it does not say would look like a pass.",
  },
  BH3808: {
    severity: "error",
    text: "{source} is no AdmissionReview that can be evaluated: {reason}",
    remedy: "give admission.k8s.io/v1 with request.operation, request.userInfo and the object",
    explain:
      "An AdmissionReview is a request as webhooks get it. Its object, oldObject, operation, user, resource, subresource, name, namespace, dryRun and options are taken from it.",
  },
  BH3809: {
    severity: "error",
    text: "there is no {what} in {files}",
    remedy: "name them with -f; a folder is searched for .yaml, .yml and .json",
    explain: "Nothing evaluated is not a pass.",
  },
  BH3810: {
    severity: "notice",
    text: "policy '{policy}' has no binding among the files and is evaluated as if bound with Deny",
    remedy: "add a ValidatingAdmissionPolicyBinding to see what the cluster would do",
    explain:
      "A policy without a binding does nothing in a cluster. To be of use in a check of files, it is judged for every object that it matches, without params.",
  },
  BH3811: {
    severity: "warning",
    text: "binding '{binding}' names policy '{policy}', which is not among the files, and is left out",
    remedy: "name the policy's file too",
    explain: "A binding without its policy does nothing, in a cluster as here.",
  },
  BH3812: {
    severity: "warning",
    text: "Kubernetes 1.35 serves no {kind} of {apiVersion}, and no CustomResourceDefinition describes it",
    remedy: "add its CustomResourceDefinition to the files",
    explain:
      "Rules name resources in the plural, and nobody said what this kind is called there, nor whether its objects lie in a namespace. A policy that may concern it gives an error, not a pass. A kind that Kubernetes serves no more is best rewritten to the version that took its place.",
  },
  BH3813: {
    severity: "warning",
    text: "{kind} '{name}' ({source}) is not evaluated: objects are judged as they stand in the files",
    remedy: "give the objects as they are after mutation",
    explain:
      "Policies and webhooks that change objects run before those that validate them. Here nothing is changed, so that verdicts on what they would set can differ from the cluster's.",
  },
  BH3814: {
    severity: "error",
    text: "{kind} '{name}' is given twice: {first} and {second}",
    remedy: "leave one out",
    explain: "In a cluster the second would replace the first. Here nobody could tell which one was judged by.",
  },
  BH3815: {
    severity: "error",
    text: "{source} is no answer of an authorizer: {reason}",
    remedy: "give spec with resourceAttributes or nonResourceAttributes, and status.allowed",
    explain:
      "Nobody outside of a cluster knows what its authorizer would say. A SubjectAccessReview with a status declares one answer of it, for policies that ask 'authorizer'; a question that none covers is an error.",
  },
  BH3820: {
    severity: "error",
    text: "{object} is refused by {policy}: {text}",
    explain: EXPLAIN_VERDICT,
  },
  BH3821: {
    severity: "warning",
    text: "{object} is warned of by {policy}: {text}",
    explain: EXPLAIN_VERDICT,
  },
  BH3822: {
    severity: "notice",
    text: "{object} is written to the audit log by {policy}: {text}",
    explain: EXPLAIN_VERDICT,
  },
  BH3823: {
    severity: "error",
    text: "{policy} cannot be evaluated on {object}: {text}",
    explain:
      "The API server treats what it cannot evaluate by the policy's failurePolicy: with Fail the request is refused as if it had failed. Usual causes are a field that is absent and not asked for with has(), a namespace or params that are not among the files, and a kind that nobody described.",
  },
});
