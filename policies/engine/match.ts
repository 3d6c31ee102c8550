import type { KubernetesObject } from "../../kubernetes/object.ts";
import { apiVersionOf, type Resource, type ServedVersion } from "./kinds.ts";
import type { LabelSelector, MatchResources, ResourceRule } from "./policy.ts";
import { labelsOf, type Subject } from "./request.ts";
import { fits, requirements, selects } from "./selector.ts";

/**
 * Whether a policy or a binding concerns a request, as the API server decides it. `as` is the equivalent version in which the
 * policy sees the request, absent where it is the request's own. Source: apiserver 1.35, admission/plugin/policy/matching and
 * admission/plugin/webhook/predicates.
 */
export type Match = false | Matched | { readonly error: string };
export interface Matched {
  readonly as?: ServedVersion;
}

/** A namespace by its name; undefined where nobody knows it. */
export type NamespaceLookup = (name: string) => KubernetesObject | undefined;

const MATCHED: Matched = {};
const isError = (match: Match): match is { readonly error: string } => match !== false && "error" in match;

/**
 * Resources to which no policy applies: policies themselves, lest one lock out its own mending, and reviews, which are never
 * kept. Webhook configurations are not among them. Source: apiserver, admission/plugin/policy/generic/plugin.go;
 * kubernetes, pkg/kubeapiserver/admission/exclusion.
 */
const NEVER_JUDGED: Readonly<Record<string, readonly string[]>> = {
  "admissionregistration.k8s.io": [
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
  ],
  "authentication.k8s.io": ["selfsubjectreviews", "tokenreviews"],
  "authorization.k8s.io": [
    "localsubjectaccessreviews",
    "selfsubjectaccessreviews",
    "selfsubjectrulesreviews",
    "subjectaccessreviews",
  ],
};

/** Kinds of policies that a server serves only where a gate is open, so that their resource need not be known. */
const NEVER_JUDGED_KINDS = ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"];

export const isNeverJudged = ({ resource: { group, resource }, any }: Subject): boolean =>
  (NEVER_JUDGED[group] ?? []).includes(resource ?? "") ||
  (group === "admissionregistration.k8s.io" && NEVER_JUDGED_KINDS.includes(any.kind));

export function matches(constraints: MatchResources, subject: Subject, namespaceOf: NamespaceLookup): Match {
  const inNamespace = matchNamespace(constraints.namespaceSelector, subject, namespaceOf);
  if (inNamespace === false) return false;
  const byLabels = matchLabels(constraints.objectSelector, subject);
  if (byLabels === false) return false;
  const excluded = matchRules(constraints.excludeResourceRules ?? [], constraints, subject);
  if (excluded !== false) return isError(excluded) ? excluded : false;
  const rules = constraints.resourceRules ?? [];
  const byRule = rules.length === 0 ? MATCHED : matchRules(rules, constraints, subject);
  if (byRule === false || isError(byRule)) return byRule;
  return isError(inNamespace) ? inNamespace : isError(byLabels) ? byLabels : byRule;
}

/** The part of `matches` that depends on nothing but group, version, resource and operation: can it ever be true? */
export const mayMatch = (constraints: MatchResources, subject: Subject): boolean => {
  const { resourceRules = [] } = constraints;
  return resourceRules.length === 0 || matchRules(resourceRules.map(unnamed), constraints, subject) !== false;
};

const unnamed = ({ resourceNames: _, ...rule }: ResourceRule): ResourceRule => rule;

/** Rules are asked about the request's own resource first, then each about the equivalent ones. */
function matchRules(
  rules: readonly ResourceRule[],
  { matchPolicy = "Equivalent" }: Pick<MatchResources, "matchPolicy">,
  subject: Subject,
): Match {
  const asked = rules.filter((rule) => named(rule, subject) && fitsRequest(rule, subject));
  const direct = asked.map((rule) => fitsResource(rule, subject, subject.resource));
  if (direct.some((m) => m !== false && !isError(m))) return MATCHED;
  if (matchPolicy === "Equivalent") {
    for (const rule of asked) {
      const as = subject.equivalents.find((other) => {
        const fitting = fitsResource(rule, subject, other);
        return fitting !== false && !isError(fitting);
      });
      if (as) return { as };
    }
    const unsure = direct.find((m) => m !== false) ?? asked.map((rule) => unknownVersion(rule, subject)).find(Boolean);
    return unsure ?? false;
  }
  return direct.find((m) => m !== false) ?? false;
}

const named = ({ resourceNames = [] }: ResourceRule, { name }: Subject): boolean =>
  resourceNames.length === 0 || resourceNames.includes(name);

const listed = (list: readonly string[] | undefined, item: string): boolean =>
  list?.some((x) => x === "*" || x === item) ?? false;

const fitsRequest = (rule: ResourceRule, subject: Subject): boolean =>
  listed(rule.operations, subject.request.operation) && inScope(rule, subject);

function fitsResource(rule: ResourceRule, subject: Subject, resource: Subject["resource"] | Resource): Match {
  if (!listed(rule.apiGroups, resource.group) || !listed(rule.apiVersions, resource.version)) return false;
  return fitsName(rule, subject, resource.resource);
}

function fitsName(
  { resources = [] }: ResourceRule,
  { subresource, any }: Subject,
  resource: string | undefined,
): Match {
  const fitting = resources.filter((pattern) => {
    const [wanted = "", wantedSub = ""] = pattern.split(/\/(.*)/s);
    return (
      (wanted === "*" || resource === undefined || wanted === resource) &&
      (wantedSub === "*" || wantedSub === subresource)
    );
  });
  if (fitting.length === 0) return false;
  return resource !== undefined || fitting.some((pattern) => pattern.startsWith("*"))
    ? MATCHED
    : { error: `the resource name of kind ${any.kind} in ${any.apiVersion} is not known` };
}

/** Of a resource that nobody described nobody knows the other versions. */
function unknownVersion(rule: ResourceRule, subject: Subject): { readonly error: string } | undefined {
  const { resource, isDescribed, any } = subject;
  if (isDescribed || !listed(rule.apiGroups, resource.group) || fitsName(rule, subject, undefined) === false)
    return undefined;
  const wanted = rule.apiVersions.map((version) => apiVersionOf({ group: resource.group, version })).join(", ");
  return { error: `${any.apiVersion} of ${any.kind} may be converted to ${wanted}, which nobody described` };
}

function inScope({ scope = "*" }: ResourceRule, { isNamespace, namespace }: Subject): boolean {
  if (scope === "*") return true;
  const namespaced = !isNamespace && namespace !== "";
  return scope === "Namespaced" ? namespaced : !namespaced;
}

function matchNamespace(selector: LabelSelector | undefined, subject: Subject, namespaceOf: NamespaceLookup): Match {
  const wanted = requirements(selector);
  const { namespace, isNamespace, request, subresource } = subject;
  if (wanted.length === 0 || namespace === "") return MATCHED;
  if (isNamespace && subresource === "" && request.operation !== "DELETE") return matchKnownLabels(wanted, subject);
  if (subject.isUnknown("metadata.namespace")) return { error: "metadata.namespace is unknown" };
  const found = isNamespace ? (request.oldObject ?? namespaceOf(namespace)) : namespaceOf(namespace);
  if (found) return wanted.every((requirement) => fits(requirement, labelsOf(found))) && MATCHED;
  // Of a namespace that nobody described one label is certain.
  const name = { "kubernetes.io/metadata.name": namespace };
  const certain = wanted.filter(({ key }) => key in name);
  if (!certain.every((requirement) => fits(requirement, name))) return false;
  return certain.length === wanted.length
    ? MATCHED
    : { error: `namespace '${namespace}' is not known, so its labels are not` };
}

function matchKnownLabels(wanted: ReturnType<typeof requirements>, subject: Subject): Match {
  const labels = labelsOf(subject.any);
  const isUnknown = (key: string) => subject.isUnknown(`metadata.labels`) && !isCertain(key, subject);
  if (wanted.some((r) => !isUnknown(r.key) && !fits(r, labels))) return false;
  return wanted.some((r) => isUnknown(r.key)) ? { error: "metadata.labels holds a value that is unknown" } : MATCHED;
}

/** A label whose own value and key are known, though another of the object's is not. */
const isCertain = (key: string, subject: Subject): boolean =>
  Object.hasOwn(subject.any.metadata.labels ?? {}, key) &&
  !subject.isUnknown(`metadata.labels[${JSON.stringify(key)}]`) &&
  !subject.isUnknown(`metadata.labels.${key}`);

/** The request is matched where the object or the old one is; what connects to a pod has no labels, so never. */
function matchLabels(selector: LabelSelector | undefined, subject: Subject): Match {
  if (requirements(selector).length === 0) return MATCHED;
  const { object, oldObject, operation } = subject.request;
  if (operation === "CONNECT") return false;
  if (oldObject && selects(selector, labelsOf(oldObject))) return MATCHED;
  return object ? matchKnownLabels(requirements(selector), subject) : false;
}
