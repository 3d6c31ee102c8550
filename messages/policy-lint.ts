import { entries } from "./entry.ts";

const EXPLAIN_TEXT =
  "Whoever is refused sees nothing but this text, often late at night and without knowing the rule. It should say which field is wrong, which value it has and what to write instead, in one line.";

/** BH31nn: what the linter has to say of admission policies and their bindings. */
export const policyLintMessages = entries({
  BH3101: {
    severity: "error",
    text: "'{file}' cannot be read: {reason}",
    remedy: "give a file of YAML or JSON documents",
    explain: "Nothing of a file that cannot be read whole is looked at, so that no fault hides behind another.",
  },
  BH3102: {
    severity: "error",
    text: "the API server would refuse this: {reason}",
    remedy: "write it as admissionregistration.k8s.io/v1 has it",
    explain:
      "The document has not the form of a ValidatingAdmissionPolicy or its binding. Nothing else of it is looked at until it has.",
  },
  BH3103: {
    severity: "error",
    text: "the expression cannot be compiled: {reason}",
    remedy: "mend it; names are object, oldObject, request, params, namespaceObject, variables and authorizer",
    explain:
      "An expression that cannot be compiled makes the API server refuse the policy, or, by failurePolicy, each object that it matches. A variable may use only those that stand before it, and params are there only where the policy has a paramKind.",
  },
  BH3104: {
    severity: "error",
    text: "'{path}' can never be there: {owner} has no field '{field}'",
    remedy: "{hint}",
    explain:
      "No kind that the policy matches has this field. Within has() such a mistake is silent in every engine: the condition is simply never true, and the rule never fails.",
  },
  BH3105: {
    severity: "warning",
    text: "{construct} is outside of the house subset",
    remedy: "use {instead}",
    explain:
      "Engines and clusters differ here: optionals and macros of two variables are missing from older clusters and other engines, split with a limit and the flag (?i) are read differently. A rule in the house subset says the same everywhere from Kubernetes 1.31.",
  },
  BH3106: {
    severity: "error",
    text: "{function} needs Kubernetes {since}, and the policy has to load on {minimum}",
    remedy: "do without it, or give --minimum-version {since}",
    explain: "On an older cluster the API server refuses the policy, or each object that it matches.",
  },
  BH3107: {
    severity: "error",
    text: "'{pattern}' is no regular expression of RE2: {reason}",
    remedy: "leave out look-around, back references and possessive repetition",
    explain:
      "Expressions use RE2, which takes time in proportion to its input and therefore lacks what other engines have. Source: https://github.com/google/re2/wiki/Syntax",
  },
  BH3110: {
    severity: "warning",
    text: "policy '{policy}' has no binding among these files, and does nothing without one",
    remedy: "add a ValidatingAdmissionPolicyBinding, or lint it together with the file that has it",
    explain: "A ValidatingAdmissionPolicy is only a text. It judges requests where a binding names it.",
  },
  BH3111: {
    severity: "warning",
    text: "binding '{binding}' names policy '{policy}', which is not among these files",
    remedy: "check the name, or lint it together with the file that has it",
    explain: "A binding whose policy does not exist does nothing, and the API server says so nowhere.",
  },
  BH3112: {
    severity: "warning",
    text: "binding '{binding}' only does {actions}: it refuses nothing",
    remedy: "add Deny to validationActions once what runs follows the policy",
    explain: "Audit writes to the audit log and Warn tells whoever asks; the request goes through nevertheless.",
  },
  BH3113: {
    severity: "warning",
    text: "failurePolicy is Ignore: whatever the policy cannot be evaluated on passes",
    remedy: "write Fail, and handle absent fields with has()",
    explain:
      "With Ignore, an object that makes an expression err is let through. Whoever wants to evade the rule only has to write such an object.",
  },
  BH3114: {
    severity: "warning",
    text: "the policy reads {field}, which can also be changed through {resource}/{subresource}, and does not match that",
    remedy: "add '{resource}/{subresource}' with UPDATE to resourceRules",
    explain:
      "A resource in a rule does not match its subresources. 'kubectl debug', for example, adds a container through pods/ephemeralcontainers, and a rule that matches only pods never sees it.",
  },
  BH3115: {
    severity: "warning",
    text: "there is no resource '{resource}' in {groups}: this matches nothing",
    remedy: "{hint}",
    explain: "Rules name resources in the plural, as URLs do, in the group that serves them: 'deployments' in 'apps'.",
  },
  BH3116: {
    severity: "warning",
    text: "binding '{binding}': {fault}",
    remedy: "let paramKind and paramRef go together, with parameterNotFoundAction: Deny",
    explain: "A policy with params refuses safely only where a missing param refuses as well.",
  },
  BH3120: {
    severity: "warning",
    text: "the validation has no usable message: {hint}",
    remedy: "write a message of one line",
    explain: EXPLAIN_TEXT,
  },
  BH3121: {
    severity: "warning",
    text: "the {field} is {length} characters long, more than {limit}",
    remedy: "shorten it",
    explain: EXPLAIN_TEXT,
  },
  BH3122: {
    severity: "notice",
    text: "the message does not seem to name {what}",
    remedy: "write '<field> is <value>; <what to do>'",
    explain: EXPLAIN_TEXT,
  },
  BH3130: {
    severity: "warning",
    text: "variable '{name}' is used by nothing that decides or speaks",
    remedy: "remove it, or use it",
    explain: "A variable that nothing reads is never computed. Mostly a rule that was to use it was forgotten.",
  },
  BH3131: {
    severity: "warning",
    text: "this says the same as the one of line {line}",
    remedy: "remove one of the two",
    explain: "Two equal expressions decide nothing more than one. Mostly one was copied and not changed.",
  },
  BH3132: {
    severity: "error",
    text: "there is neither a policy nor a binding in {files}",
    remedy: "name files that hold ValidatingAdmissionPolicies or bindings of admissionregistration.k8s.io",
    explain: "Zero objects looked at is not a pass.",
  },
});
