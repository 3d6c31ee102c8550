import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { LabelSelector, MatchResources, ResourceRule } from "./policy.ts";
import { labelsOf, type Subject } from "./request.ts";
import { fits, requirements, selects } from "./selector.ts";

/**
 * Whether a policy or a binding concerns a request, as the API server decides it. Source: apiserver, admission/plugin/policy/
 * matching and admission/plugin/webhook/predicates.
 */
export type Match = boolean | { readonly error: string };

/** A namespace by its name; undefined where nobody knows it. */
export type NamespaceLookup = (name: string) => KubernetesObject | undefined;

/** Kinds to which no policy applies, lest one lock out its own mending. */
const NEVER_JUDGED = [
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
];

export const isNeverJudged = ({ group, any }: Subject): boolean =>
  group === "admissionregistration.k8s.io" && NEVER_JUDGED.includes(any.kind);

export function matches(constraints: MatchResources, subject: Subject, namespaceOf: NamespaceLookup): Match {
  const inNamespace = matchNamespace(constraints.namespaceSelector, subject, namespaceOf);
  if (inNamespace === false) return false;
  const byLabels = matchLabels(constraints.objectSelector, subject);
  if (byLabels === false) return false;
  const excluded = matchRules(constraints.excludeResourceRules ?? [], constraints, subject);
  if (excluded !== false) return excluded === true ? false : excluded;
  const rules = constraints.resourceRules ?? [];
  const byRule = rules.length === 0 ? true : matchRules(rules, constraints, subject);
  if (byRule !== true) return byRule;
  return inNamespace === true ? byLabels : inNamespace;
}

/** The part of `matches` that depends on nothing but group, version, resource and operation: can it ever be true? */
export const mayMatch = ({ resourceRules = [], matchPolicy }: MatchResources, subject: Subject): boolean =>
  resourceRules.length === 0 ||
  resourceRules.some((rule) => ruleFits(rule, subject, matchPolicy !== "Exact") !== false);

function matchRules(rules: readonly ResourceRule[], { matchPolicy }: MatchResources, subject: Subject): Match {
  const verdicts = rules.map((rule) =>
    named(rule, subject) ? ruleFits(rule, subject, matchPolicy !== "Exact") : false,
  );
  return verdicts.includes(true) || (verdicts.find((verdict) => verdict !== false) ?? false);
}

const named = ({ resourceNames = [] }: ResourceRule, { any }: Subject): boolean =>
  resourceNames.length === 0 || resourceNames.includes(any.metadata.name ?? "");

function ruleFits(rule: ResourceRule, subject: Subject, equivalent: boolean): Match {
  const { group, version, resource, subresource, request } = subject;
  const listed = (list: readonly string[] | undefined, item: string) => list?.some((x) => x === "*" || x === item);
  if (!listed(rule.apiGroups, group) || !listed(rule.operations, request.operation) || !inScope(rule, subject)) {
    return false;
  }
  const fitting = (rule.resources ?? []).some((pattern) => {
    const [wanted = "", wantedSub = ""] = pattern.split(/\/(.*)/s);
    return (
      (wanted === "*" || resource === undefined || wanted === resource) &&
      (wantedSub === "*" || wantedSub === subresource)
    );
  });
  if (!fitting) return false;
  if (resource === undefined && !rule.resources.some((pattern) => pattern.startsWith("*"))) {
    return { error: `the resource name of kind ${subject.any.kind} in ${subject.any.apiVersion} is not known` };
  }
  if (listed(rule.apiVersions, version)) return true;
  // The server would convert the object to a version that the rule names.
  return equivalent
    ? { error: `${subject.any.apiVersion} cannot be converted to ${rule.apiVersions.join(", ")} here` }
    : false;
}

function inScope({ scope = "*" }: ResourceRule, { isNamespace, namespace }: Subject): boolean {
  if (scope === "*") return true;
  const namespaced = !isNamespace && namespace !== "";
  return scope === "Namespaced" ? namespaced : !namespaced;
}

function matchNamespace(selector: LabelSelector | undefined, subject: Subject, namespaceOf: NamespaceLookup): Match {
  const wanted = requirements(selector);
  const { namespace, isNamespace, request } = subject;
  if (wanted.length === 0 || namespace === "") return true;
  if (isNamespace && request.operation !== "DELETE") return matchKnownLabels(wanted, subject);
  if (subject.isUnknown("metadata.namespace")) return { error: "metadata.namespace is unknown" };
  const found = isNamespace ? request.oldObject : namespaceOf(namespace);
  if (found) return wanted.every((requirement) => fits(requirement, labelsOf(found)));
  // Of a namespace that nobody described one label is certain.
  const name = { "kubernetes.io/metadata.name": namespace };
  const certain = wanted.filter(({ key }) => key in name);
  if (!certain.every((requirement) => fits(requirement, name))) return false;
  return certain.length === wanted.length || { error: `namespace '${namespace}' is not known, so its labels are not` };
}

function matchKnownLabels(wanted: ReturnType<typeof requirements>, subject: Subject): Match {
  const labels = labelsOf(subject.any);
  const isUnknown = (key: string) => subject.isUnknown(`metadata.labels`) && !isCertain(key, subject);
  if (wanted.some((r) => !isUnknown(r.key) && !fits(r, labels))) return false;
  return !wanted.some((r) => isUnknown(r.key)) || { error: "metadata.labels holds a value that is unknown" };
}

/** A label whose own value and key are known, though another of the object's is not. */
const isCertain = (key: string, subject: Subject): boolean =>
  Object.hasOwn(subject.any.metadata.labels ?? {}, key) &&
  !subject.isUnknown(`metadata.labels[${JSON.stringify(key)}]`) &&
  !subject.isUnknown(`metadata.labels.${key}`);

/** The request is matched where the object or the old one is. */
function matchLabels(selector: LabelSelector | undefined, subject: Subject): Match {
  if (requirements(selector).length === 0) return true;
  const { object, oldObject } = subject.request;
  if (oldObject && selects(selector, labelsOf(oldObject))) return true;
  return object ? matchKnownLabels(requirements(selector), subject) : false;
}
