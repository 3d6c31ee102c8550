import { type FieldFault, fieldFaults } from "../../kubernetes/field-faults.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { typeOfKind } from "../../kubernetes/schema.ts";
import { expressionProblems } from "./admission.ts";
import type { AdmissionPolicy, LabelSelector, MatchResources, PolicyBinding, ResourceRule } from "./policy.ts";

/**
 * Why the API server would not take a policy; empty where it would. Where its form is wrong, nothing further is looked at.
 *
 * Source: kubernetes 1.35, pkg/apis/admissionregistration/validation. What the server's type checker refuses beyond names,
 * functions and literals is not known here: such an expression errs when it is evaluated.
 */
export function policyProblems(policy: KubernetesObject): readonly FieldFault[] {
  const faults = formFaults(policy);
  if (faults.length > 0) return faults;
  const { spec } = policy as AdmissionPolicy;
  if (!spec) return [missing("spec")];
  const { matchConstraints, matchConditions = [], variables = [], validations = [], auditAnnotations = [] } = spec;
  const found = [
    ...oneOf("spec.failurePolicy", spec.failurePolicy, ["Fail", "Ignore"]),
    ...(matchConstraints ? matchFaults("spec.matchConstraints", matchConstraints) : [missing("spec.matchConstraints")]),
    ...(matchConstraints && !matchConstraints.resourceRules?.length
      ? [missing("spec.matchConstraints.resourceRules")]
      : []),
    ...(spec.paramKind ? required("spec.paramKind", spec.paramKind, ["apiVersion", "kind"]) : []),
    ...(validations.length + auditAnnotations.length === 0
      ? [{ path: "spec", reason: "has neither validations nor auditAnnotations" }]
      : []),
    ...(matchConditions.length > 64 ? [{ path: "spec.matchConditions", reason: "holds more than 64" }] : []),
    ...(auditAnnotations.length > 20 ? [{ path: "spec.auditAnnotations", reason: "holds more than 20" }] : []),
    ...items("spec.matchConditions", matchConditions, ["name", "expression"]),
    ...items("spec.variables", variables, ["name", "expression"]),
    ...items("spec.validations", validations, ["expression"]),
    ...items("spec.auditAnnotations", auditAnnotations, ["key", "valueExpression"]),
    ...twice(
      "spec.matchConditions",
      "name",
      matchConditions.map(({ name }) => name),
    ),
    ...twice(
      "spec.auditAnnotations",
      "key",
      auditAnnotations.map(({ key }) => key),
    ),
    ...variables.flatMap(({ name = "" }, i) =>
      /^[A-Za-z_]\w*$/.test(name) && !RESERVED.has(name)
        ? []
        : [{ path: `spec.variables[${i}].name`, reason: `is '${name}', no identifier of CEL` }],
    ),
    ...validations.flatMap(({ message, messageExpression, reason }, i) => [
      ...oneOf(`spec.validations[${i}].reason`, reason, REASONS),
      ...(message !== undefined && message !== "" && message.trim() === ""
        ? [{ path: `spec.validations[${i}].message`, reason: "is blank" }]
        : []),
      ...(/[\n\r]/.test(message?.trim() ?? "")
        ? [{ path: `spec.validations[${i}].message`, reason: "has more than one line" }]
        : []),
      ...(messageExpression !== undefined && messageExpression !== "" && messageExpression.trim() === ""
        ? [{ path: `spec.validations[${i}].messageExpression`, reason: "is blank" }]
        : []),
    ]),
  ];
  return found.length > 0 ? found : expressionProblems(policy as AdmissionPolicy);
}

/** Why the API server would not take a binding; empty where it would. */
export function bindingProblems(binding: KubernetesObject): readonly FieldFault[] {
  const faults = formFaults(binding);
  if (faults.length > 0) return faults;
  const { spec } = binding as PolicyBinding;
  if (!spec) return [missing("spec")];
  const { validationActions = [], matchResources, paramRef } = spec;
  const both = validationActions.includes("Deny") && validationActions.includes("Warn");
  return [
    ...required("spec", spec, ["policyName"]),
    ...(validationActions.length === 0 ? [missing("spec.validationActions")] : []),
    ...validationActions.flatMap((action, i) =>
      oneOf(`spec.validationActions[${i}]`, action, ["Deny", "Warn", "Audit"]),
    ),
    ...twice("spec.validationActions", "", validationActions),
    ...(both ? [{ path: "spec.validationActions", reason: "holds both Deny and Warn" }] : []),
    ...(matchResources ? matchFaults("spec.matchResources", matchResources) : []),
    ...(paramRef
      ? [
          ...(Boolean(paramRef.name) === Boolean(paramRef.selector)
            ? [{ path: "spec.paramRef", reason: "has to have either name or selector" }]
            : []),
          ...(paramRef.parameterNotFoundAction
            ? oneOf("spec.paramRef.parameterNotFoundAction", paramRef.parameterNotFoundAction, ["Allow", "Deny"])
            : [missing("spec.paramRef.parameterNotFoundAction")]),
          ...selectorFaults("spec.paramRef.selector", paramRef.selector),
        ]
      : []),
  ];
}

const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
const OPERATIONS = ["CREATE", "UPDATE", "DELETE", "CONNECT", "*"];

/** Words that CEL keeps for itself. Source: cel-spec, langdef.md. */
const RESERVED = new Set(
  "false in null true as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

const missing = (path: string): FieldFault => ({ path, reason: "is missing" });

function formFaults(object: KubernetesObject): readonly FieldFault[] {
  const type = typeOfKind(object.apiVersion, object.kind);
  if (!type) return [{ path: "apiVersion", reason: `is '${object.apiVersion}', not admissionregistration.k8s.io/v1` }];
  const faults = fieldFaults(object, type);
  const { name = "" } = object.metadata ?? {};
  return faults.length > 0 || DNS_SUBDOMAIN.test(name)
    ? faults
    : [{ path: "metadata.name", reason: `is '${name}', no name of lower-case letters, digits, '-' and '.'` }];
}

const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function required(path: string, value: object, fields: readonly string[]): readonly FieldFault[] {
  const member = value as Readonly<Record<string, unknown>>;
  return fields
    .filter((field) => String(member[field] ?? "").trim() === "")
    .map((field) => missing(`${path}.${field}`));
}

const items = (path: string, list: readonly object[], fields: readonly string[]): readonly FieldFault[] =>
  list.flatMap((item, i) => required(`${path}[${i}]`, item ?? {}, fields));

function oneOf(path: string, value: string | undefined, allowed: readonly string[]): readonly FieldFault[] {
  if (value === undefined || allowed.includes(value)) return [];
  return [{ path, reason: `is '${value}', none of ${allowed.join(", ")}` }];
}

function twice(path: string, field: string, values: readonly string[]): readonly FieldFault[] {
  return values.flatMap((value, i) =>
    values.indexOf(value) < i
      ? [{ path: `${path}[${i}]${field ? `.${field}` : ""}`, reason: `says '${value}' a second time` }]
      : [],
  );
}

function matchFaults(path: string, match: MatchResources): readonly FieldFault[] {
  const { resourceRules = [], excludeResourceRules = [], namespaceSelector, objectSelector, matchPolicy } = match;
  return [
    ...oneOf(`${path}.matchPolicy`, matchPolicy, ["Exact", "Equivalent"]),
    ...selectorFaults(`${path}.namespaceSelector`, namespaceSelector),
    ...selectorFaults(`${path}.objectSelector`, objectSelector),
    ...resourceRules.flatMap((rule, i) => ruleFaults(`${path}.resourceRules[${i}]`, rule)),
    ...excludeResourceRules.flatMap((rule, i) => ruleFaults(`${path}.excludeResourceRules[${i}]`, rule)),
  ];
}

function ruleFaults(path: string, rule: ResourceRule): readonly FieldFault[] {
  const { apiGroups = [], apiVersions = [], operations = [], resources = [], resourceNames = [], scope } = rule;
  const lists = { apiGroups, apiVersions, operations, resources };
  return [
    ...Object.entries(lists).flatMap(([field, list]) => (list.length === 0 ? [missing(`${path}.${field}`)] : [])),
    ...Object.entries({ apiGroups, apiVersions, operations }).flatMap(([field, list]) =>
      list.length > 1 && list.includes("*") ? [{ path: `${path}.${field}`, reason: "holds more beside '*'" }] : [],
    ),
    ...Object.entries({ apiVersions, resources }).flatMap(([field, list]) =>
      list.includes("") ? [{ path: `${path}.${field}`, reason: "holds an empty text" }] : [],
    ),
    ...operations.flatMap((operation, i) => oneOf(`${path}.operations[${i}]`, operation, OPERATIONS)),
    ...oneOf(`${path}.scope`, scope, ["Cluster", "Namespaced", "*"]),
    ...twice(`${path}.resourceNames`, "", resourceNames),
    ...overlaps(`${path}.resources`, resources),
  ];
}

/** What a wider pattern before it covers already; the API refuses it, but not in the other order. */
function overlaps(path: string, resources: readonly string[]): readonly FieldFault[] {
  const beside = (i: number, wider: string): FieldFault[] => [
    { path: `${path}[${i}]`, reason: `is '${resources[i]}' beside '${wider}'` },
  ];
  const plain = resources.filter((resource) => !resource.includes("/"));
  const anyPlain = resources.includes("*") && plain.at(-1) !== "*";
  return [
    ...(resources.length > 1 && resources.includes("*/*")
      ? beside(
          resources.findIndex((r) => r !== "*/*"),
          "*/*",
        )
      : []),
    ...(anyPlain ? beside(resources.lastIndexOf(plain.at(-1) ?? ""), "*") : []),
    ...resources.flatMap((resource, i) => {
      const [name, subresource] = resource.split("/");
      const before = resources.slice(0, i);
      const wider = [`${name}/*`, `*/${subresource}`].find((pattern) => before.includes(pattern));
      return subresource !== undefined && wider ? beside(i, wider) : [];
    }),
  ];
}

function selectorFaults(path: string, selector: LabelSelector | undefined): readonly FieldFault[] {
  return (selector?.matchExpressions ?? []).flatMap(({ key, operator, values = [] }, i) => {
    const here = `${path}.matchExpressions[${i}]`;
    const wantsValues = operator === "In" || operator === "NotIn";
    return [
      ...(key ? [] : [missing(`${here}.key`)]),
      ...(operator
        ? oneOf(`${here}.operator`, operator, ["In", "NotIn", "Exists", "DoesNotExist"])
        : [missing(`${here}.operator`)]),
      ...(wantsValues && values.length === 0 ? [missing(`${here}.values`)] : []),
      ...(!wantsValues && values.length > 0
        ? [{ path: `${here}.values`, reason: `has no place with ${operator}` }]
        : []),
    ];
  });
}
