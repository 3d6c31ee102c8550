import type { KubernetesObject } from "../../kubernetes/object.ts";

const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] };

const policy = (changes: object): KubernetesObject => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: { name: "problem.example.gov" },
  spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "true" }], ...changes },
});

const binding = (changes: object): KubernetesObject => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicyBinding",
  metadata: { name: "problem.example.gov" },
  spec: { policyName: "problem.example.gov", validationActions: ["Deny"], ...changes },
});

const matching = (changes: object, more: object = {}) =>
  policy({ matchConstraints: { resourceRules: [{ ...rule, ...changes }], ...more } });
const selecting = (requirement: object) => matching({}, { objectSelector: { matchExpressions: [requirement] } });
const checking = (...validations: readonly object[]) => policy({ validations });
const named = (name: string) => ({ ...policy({}), metadata: { name } });
const param = (paramRef: object) => binding({ paramRef: { parameterNotFoundAction: "Deny", ...paramRef } });

/**
 * Policies and bindings that kube-apiserver 1.35 takes or refuses: `problems.test.ts` holds the engine to the table,
 * `problems.live.test.ts` the table to a real server.
 */
export const PROBLEMS: readonly (readonly [what: string, taken: boolean, object: KubernetesObject])[] = [
  ["a policy", true, policy({})],
  ["no spec", false, { ...policy({}), spec: {} }],
  ["an unknown field", false, policy({ validation: [] })],
  ["a field of another type", false, policy({ validations: "true" })],
  ["a name in capitals", false, named("Problem")],
  ["a failure policy", true, policy({ failurePolicy: "Ignore" })],
  ["an unknown failure policy", false, policy({ failurePolicy: "Warn" })],
  ["no match constraints", false, policy({ matchConstraints: null })],
  ["no rules", false, policy({ matchConstraints: { resourceRules: [] } })],
  ["only exclusions", false, policy({ matchConstraints: { excludeResourceRules: [rule] } })],
  ["an unknown match policy", false, matching({}, { matchPolicy: "Similar" })],
  ["no groups", false, matching({ apiGroups: [] })],
  ["groups beside all", false, matching({ apiGroups: ["*", "apps"] })],
  ["no versions", false, matching({ apiVersions: [] })],
  ["an empty version", false, matching({ apiVersions: [""] })],
  ["versions beside all", false, matching({ apiVersions: ["*", "v1"] })],
  ["no operations", false, matching({ operations: [] })],
  ["an unknown operation", false, matching({ operations: ["PATCH"] })],
  ["operations beside all", false, matching({ operations: ["*", "CREATE"] })],
  ["no resources", false, matching({ resources: [] })],
  ["an empty resource", false, matching({ resources: [""] })],
  ["all resources beside one", false, matching({ resources: ["*", "pods"] })],
  ["all resources beside a subresource", true, matching({ resources: ["*", "pods/exec"] })],
  ["everything beside one", false, matching({ resources: ["*/*", "pods"] })],
  ["all subresources before one of them", false, matching({ resources: ["pods/*", "pods/exec"] })],
  ["all subresources behind one of them", true, matching({ resources: ["pods/exec", "pods/*"] })],
  ["a subresource of all before one", false, matching({ resources: ["*/exec", "pods/exec"] })],
  ["an unknown scope", false, matching({ scope: "Everywhere" })],
  ["a resource name twice", false, matching({ resourceNames: ["a", "a"] })],
  ["a selector", true, selecting({ key: "a", operator: "In", values: ["b"] })],
  ["an unknown operator", false, selecting({ key: "a", operator: "Is", values: ["b"] })],
  ["In without values", false, selecting({ key: "a", operator: "In" })],
  ["Exists with values", false, selecting({ key: "a", operator: "Exists", values: ["b"] })],
  ["no validations", false, checking()],
  [
    "audit annotations alone",
    true,
    policy({ validations: [], auditAnnotations: [{ key: "a", valueExpression: "'b'" }] }),
  ],
  [
    "an audit annotation twice",
    false,
    policy({
      auditAnnotations: [
        { key: "a", valueExpression: "'b'" },
        { key: "a", valueExpression: "'c'" },
      ],
    }),
  ],
  [
    "twenty-one audit annotations",
    false,
    policy({ auditAnnotations: Array.from({ length: 21 }, (_, i) => ({ key: `k${i}`, valueExpression: "'b'" })) }),
  ],
  ["an audit annotation without a value", false, policy({ auditAnnotations: [{ key: "a", valueExpression: " " }] })],
  ["no expression", false, checking({ message: "m" })],
  ["a blank expression", false, checking({ expression: " " })],
  ["a broken expression", false, checking({ expression: "object. &&" })],
  ["an unknown name", false, checking({ expression: "true || nobody" })],
  ["an unknown function", false, checking({ expression: "true || nobody(1)" })],
  ["an unknown field of the request", false, checking({ expression: "true || request.nobody == ''" })],
  ["an unknown field of the namespace", false, checking({ expression: "true || namespaceObject.kind == ''" })],
  ["params without a kind of them", false, checking({ expression: "true || params == null" })],
  ["a pattern with look-ahead", false, checking({ expression: "true || 'x'.matches('(?=x)')" })],
  ["a pattern that grows", false, checking({ expression: "true || 'x'.matches('((a{1000}){1000}){1000}')" })],
  ["an unknown variable", false, checking({ expression: "true || variables.nobody" })],
  ["a validation that gives a number", false, checking({ expression: "1" })],
  ["a validation that gives whatever a field holds", false, checking({ expression: "object.data.a" })],
  ["a comparison of a number and a text", false, checking({ expression: "1 == 'a'" })],
  [
    "a message that gives whatever a field holds",
    false,
    checking({ expression: "true", messageExpression: "object.kind" }),
  ],
  ["a message that gives a text", true, checking({ expression: "true", messageExpression: "'' + object.kind" })],
  [
    "a message that asks the authorizer",
    false,
    checking({ expression: "true", messageExpression: "authorizer.path('/x').check('get').allowed() ? 'a' : 'b'" }),
  ],
  [
    "a validation that asks the authorizer",
    true,
    checking({ expression: "authorizer.path('/x').check('get').allowed()" }),
  ],
  ["an audit annotation of a number", false, policy({ auditAnnotations: [{ key: "a", valueExpression: "1" }] })],
  ["an audit annotation of nothing", true, policy({ auditAnnotations: [{ key: "a", valueExpression: "null" }] })],
  ["a condition that gives a text", false, policy({ matchConditions: [{ name: "a", expression: "'a'" }] })],
  ["a blank message", false, checking({ expression: "true", message: "  " })],
  ["a message of two lines", false, checking({ expression: "true", message: "a\nb" })],
  ["a message that ends in a line", true, checking({ expression: "true", message: "a\n" })],
  ["a blank message expression", false, checking({ expression: "true", messageExpression: "  " })],
  ["a broken message expression", false, checking({ expression: "true", messageExpression: "'a" })],
  ["a reason", true, checking({ expression: "true", reason: "Forbidden" })],
  ["an unknown reason", false, checking({ expression: "true", reason: "Because" })],
  ["a variable", true, policy({ variables: [{ name: "a", expression: "1" }] })],
  ["a variable that is no identifier", false, policy({ variables: [{ name: "a-b", expression: "1" }] })],
  ["a variable with a reserved name", false, policy({ variables: [{ name: "if", expression: "1" }] })],
  ["a variable without a name", false, policy({ variables: [{ expression: "1" }] })],
  [
    "a variable that uses a later one",
    false,
    policy({
      variables: [
        { name: "a", expression: "variables.b" },
        { name: "b", expression: "1" },
      ],
    }),
  ],
  ["a condition", true, policy({ matchConditions: [{ name: "a", expression: "true" }] })],
  [
    "a condition on the namespace",
    true,
    policy({ matchConditions: [{ name: "a", expression: "namespaceObject == null" }] }),
  ],
  ["a condition without a name", false, policy({ matchConditions: [{ expression: "true" }] })],
  [
    "a condition twice",
    false,
    policy({
      matchConditions: [
        { name: "a", expression: "true" },
        { name: "a", expression: "true" },
      ],
    }),
  ],
  [
    "a condition that reads a variable",
    false,
    policy({
      variables: [{ name: "a", expression: "true" }],
      matchConditions: [{ name: "a", expression: "variables.a" }],
    }),
  ],
  [
    "sixty-five conditions",
    false,
    policy({ matchConditions: Array.from({ length: 65 }, (_, i) => ({ name: `c${i}`, expression: "true" })) }),
  ],
  ["a kind of params without a kind", false, policy({ paramKind: { apiVersion: "v1" } })],
  ["a binding", true, binding({})],
  ["a binding of nothing", false, binding({ policyName: "" })],
  ["no actions", false, binding({ validationActions: [] })],
  ["an unknown action", false, binding({ validationActions: ["Refuse"] })],
  ["an action twice", false, binding({ validationActions: ["Deny", "Deny"] })],
  ["Deny and Warn", false, binding({ validationActions: ["Deny", "Warn"] })],
  ["Warn and Audit", true, binding({ validationActions: ["Warn", "Audit"] })],
  ["params by name", true, param({ name: "a" })],
  ["params by selector", true, param({ selector: {} })],
  ["params by neither", false, param({})],
  ["params by both", false, param({ name: "a", selector: {} })],
  ["params that may be missing or not", false, binding({ paramRef: { name: "a" } })],
  ["an unknown action for missing params", false, param({ name: "a", parameterNotFoundAction: "Warn" })],
  ["a narrower binding", true, binding({ matchResources: { resourceRules: [rule] } })],
  [
    "a binding with a broken rule",
    false,
    binding({ matchResources: { resourceRules: [{ ...rule, operations: ["X"] }] } }),
  ],
];
