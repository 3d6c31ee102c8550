import type { KubernetesObject, ObjectMeta } from "../../kubernetes/object.ts";
import type { DeclaredAuthorization } from "./authorization.ts";
import type {
  AdmissionPolicy,
  BindingSpec,
  MatchResources,
  PolicyBinding,
  PolicySpec,
  ResourceRule,
  SelectorRequirement,
} from "./policy.ts";
import type { AdmissionRequest } from "./request.ts";

/**
 * One question to the API server for each feature of ValidatingAdmissionPolicy. `admission-cases.recorded.json` holds its
 * answers; `admission-cases.test.ts` holds the engine to them, `admission-cases.live.test.ts` holds them to a real server.
 */
export interface AdmissionCase {
  readonly feature: string;
  /** Name of the policy, of the object and of the answer. */
  readonly id: string;
  readonly policies: readonly AdmissionPolicy[];
  readonly bindings: readonly PolicyBinding[];
  readonly request: AdmissionRequest;
}

const GROUP = "cases.bhitti.platform";
const NAMESPACE = "admission-cases";
const SILVER = "admission-cases-silver";
const REGISTRATION = "admissionregistration.k8s.io/v1";

const definition = (kind: string, scope: "Namespaced" | "Cluster", versions: readonly string[]): KubernetesObject => {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope,
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: versions.map((name, i) => ({
        name,
        served: true,
        storage: i === 0,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      })),
    },
  };
};

const namespace = (name: string, labels: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

const configMap = (metadata: ObjectMeta, data: Readonly<Record<string, string>> = { a: "b" }): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: NAMESPACE, ...metadata },
  data,
});

const custom = (kind: string, metadata: ObjectMeta, spec: object, version = "v1"): KubernetesObject => ({
  apiVersion: `${GROUP}/${version}`,
  kind,
  metadata,
  spec,
});

const pod = (name: string, labels: Readonly<Record<string, string>> = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: NAMESPACE, labels },
  spec: { containers: [{ name: "main", image: "registry.example.gov/a/b:1" }] },
});

/** What stands in the cluster before any policy does: kinds, namespaces, params, and objects that requests go to. */
export const SURROUNDINGS: readonly KubernetesObject[] = [
  definition("Thing", "Namespaced", ["v1", "v2"]),
  definition("Limit", "Namespaced", ["v1", "v2"]),
  definition("ClusterLimit", "Cluster", ["v1"]),
  namespace(NAMESPACE, { tier: "gold", "admission-cases": "yes" }),
  namespace(SILVER, { tier: "silver", "admission-cases": "yes" }),
  custom("Limit", { name: "low", namespace: NAMESPACE, labels: { set: "both" } }, { max: 1 }),
  custom("Limit", { name: "high", namespace: NAMESPACE, labels: { set: "both" } }, { max: 9 }),
  custom("Limit", { name: "low", namespace: SILVER, labels: { set: "silver" } }, { max: 5 }),
  custom("ClusterLimit", { name: "national", labels: { set: "national" } }, { max: 7 }),
  configMap({ name: "limits" }, { max: "1" }),
  pod("target"),
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "target", namespace: NAMESPACE, labels: { case: "scale" } },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: "target" } },
      template: {
        metadata: { labels: { app: "target" } },
        spec: { containers: [{ name: "main", image: "registry.example.gov/a/b:1" }] },
      },
    },
  },
];

/** Who asks, in every case; the server is told so, and everything is allowed to this group. */
export const USER = {
  username: "cases@example.gov",
  uid: "u-1",
  groups: ["admission-cases", "system:authenticated"],
  extra: { "example.gov/office": ["a", "b"] },
} as const;

const configMaps: ResourceRule = { apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["configmaps"] };
const FAILS = [{ expression: "false", message: "no" }] as const;

interface Parts {
  readonly spec?: Partial<PolicySpec>;
  readonly binding?: Partial<BindingSpec>;
  /** More bindings, named after the case and their position. */
  readonly more?: readonly Partial<BindingSpec>[];
  readonly request?: Partial<AdmissionRequest>;
  /** Fields of the object, or another object. */
  readonly object?: Partial<KubernetesObject>;
  /** Without it, the binding looks only at objects with the case's label, so that cases do not meet. */
  readonly shared?: boolean;
}

function one(feature: string, id: string, parts: Parts = {}): AdmissionCase {
  const { spec, binding, more = [], request, object, shared = false } = parts;
  const labels = { case: id, ...object?.metadata?.labels };
  const created: KubernetesObject = {
    ...configMap({ name: id }),
    ...object,
    metadata: { name: id, namespace: NAMESPACE, ...object?.metadata, labels },
  };
  const isolated = shared ? {} : { matchResources: { objectSelector: { matchLabels: { case: id } } } };
  return {
    feature,
    id,
    policies: [
      {
        apiVersion: REGISTRATION,
        kind: "ValidatingAdmissionPolicy",
        metadata: { name: id },
        spec: apart(id, { matchConstraints: { resourceRules: [configMaps] }, validations: FAILS, ...spec }),
      },
    ],
    bindings: [binding ?? {}, ...more].map((changes, i) => ({
      apiVersion: REGISTRATION,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: i === 0 ? id : `${id}-${i + 1}` },
      spec: { policyName: id, validationActions: ["Deny"], ...isolated, ...changes },
    })),
    request: { operation: "CREATE", userInfo: USER, dryRun: true, object: created, ...request },
  };
}

/** While the server does not know the kind of a policy's params it refuses all that the policy matches, whatever its bindings say. */
function apart(id: string, spec: PolicySpec): PolicySpec {
  if (!spec.paramKind) return spec;
  const objectSelector = { matchLabels: { case: id } };
  return { ...spec, matchConstraints: { objectSelector, ...spec.matchConstraints } };
}

const constraints = (changes: Partial<ResourceRule>, more: Partial<MatchResources> = {}): Partial<PolicySpec> => ({
  matchConstraints: { resourceRules: [{ ...configMaps, ...changes }], ...more },
});

const labelled = (id: string, labels: Readonly<Record<string, string>> = {}): ObjectMeta => ({
  name: id,
  namespace: NAMESPACE,
  labels: { case: id, ...labels },
});

const updating = (id: string, before: KubernetesObject, after: KubernetesObject): Parts["request"] => ({
  operation: "UPDATE",
  oldObject: withCase(id, before),
  object: withCase(id, after),
});

const withCase = (id: string, o: KubernetesObject): KubernetesObject => ({
  ...o,
  metadata: { ...o.metadata, name: id, labels: { case: id, ...o.metadata.labels } },
});

/** A DELETE has no object. */
function deleting({ request: { object, ...request }, ...rest }: AdmissionCase): AdmissionCase {
  return { ...rest, request: { ...request, operation: "DELETE", ...(object ? { oldObject: object } : {}) } };
}

const cluster = (kind: string, id: string, rest: object = {}): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind,
  metadata: { name: id, labels: { case: id } },
  ...rest,
});

/** Objects without a namespace. */
function clusterWide(made: AdmissionCase, object: KubernetesObject): AdmissionCase {
  return { ...made, request: { ...made.request, object } };
}

const rules = (changes: readonly (readonly [id: string, changes: Partial<ResourceRule>])[]) =>
  changes.map(([id, change]) => one("resourceRules", id, { spec: constraints(change) }));

const RESOURCE_RULES = [
  ...rules([
    ["rule-plain", {}],
    ["rule-wildcards", { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }],
    ["rule-other-group", { apiGroups: ["apps"] }],
    ["rule-other-version", { apiVersions: ["v2"] }],
    ["rule-other-operation", { operations: ["UPDATE", "DELETE", "CONNECT"] }],
    ["rule-operation-listed", { operations: ["UPDATE", "CREATE"] }],
    ["rule-other-resource", { resources: ["secrets"] }],
    ["rule-resource-listed", { resources: ["secrets", "configmaps"] }],
    ["rule-resource-of-a-subresource", { resources: ["configmaps/status"] }],
    ["rule-resource-and-any-subresource", { resources: ["configmaps/*"] }],
    ["rule-everything-and-any-subresource", { resources: ["*/*"] }],
    ["rule-any-scope", { scope: "*" }],
    ["rule-scope-namespaced", { scope: "Namespaced" }],
    ["rule-scope-cluster", { scope: "Cluster" }],
    ["rule-name", { resourceNames: ["rule-name"] }],
    ["rule-names", { resourceNames: ["another", "rule-names"] }],
    ["rule-other-name", { resourceNames: ["another"] }],
  ]),
  one("resourceRules", "rule-second-matches", {
    spec: { matchConstraints: { resourceRules: [{ ...configMaps, resources: ["secrets"] }, configMaps] } },
  }),
  one("resourceRules", "rule-generated-name-is-not-listed", {
    spec: constraints({ resourceNames: ["rule-generated-"] }),
    object: { metadata: { generateName: "rule-generated-" } },
  }),
  deleting(
    one("resourceRules", "rule-delete-by-name", { spec: constraints({ resourceNames: ["rule-delete-by-name"] }) }),
  ),
  clusterWide(
    one("resourceRules", "rule-scope-cluster-role", {
      spec: constraints({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], scope: "Cluster" }),
    }),
    cluster("ClusterRole", "rule-scope-cluster-role"),
  ),
  clusterWide(
    one("resourceRules", "rule-scope-namespaced-cluster-role", {
      spec: constraints({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], scope: "Namespaced" }),
    }),
    cluster("ClusterRole", "rule-scope-namespaced-cluster-role"),
  ),
  clusterWide(
    one("resourceRules", "rule-scope-cluster-namespace", {
      spec: constraints({ resources: ["namespaces"], scope: "Cluster" }),
    }),
    namespace("rule-scope-cluster-namespace", { case: "rule-scope-cluster-namespace" }),
  ),
  clusterWide(
    one("resourceRules", "rule-scope-namespaced-namespace", {
      spec: constraints({ resources: ["namespaces"], scope: "Namespaced" }),
    }),
    namespace("rule-scope-namespaced-namespace", { case: "rule-scope-namespaced-namespace" }),
  ),
];

const exclude = (id: string, excluded: Partial<ResourceRule>, more: Partial<MatchResources> = {}) =>
  one("excludeResourceRules", id, {
    spec: constraints({}, { excludeResourceRules: [{ ...configMaps, ...excluded }], ...more }),
  });

const EXCLUSIONS = [
  exclude("exclude-all", {}),
  exclude("exclude-by-name", { resourceNames: ["exclude-by-name"] }),
  exclude("exclude-other-name", { resourceNames: ["another"] }),
  exclude("exclude-other-operation", { operations: ["DELETE"] }),
  exclude("exclude-other-scope", { scope: "Cluster" }),
  exclude("exclude-everything", { apiGroups: ["*"], resources: ["*/*"] }),
  one("excludeResourceRules", "exclude-in-binding", {
    spec: constraints({}, { objectSelector: { matchLabels: { case: "exclude-in-binding" } } }),
    binding: { matchResources: { excludeResourceRules: [configMaps] } },
  }),
  one("excludeResourceRules", "exclude-equivalent", {
    spec: constraints(
      { apiGroups: [GROUP], apiVersions: ["*"], resources: ["things"] },
      { excludeResourceRules: [{ ...configMaps, apiGroups: [GROUP], apiVersions: ["v2"], resources: ["things"] }] },
    ),
    object: custom("Thing", { namespace: NAMESPACE }, {}),
  }),
  one("excludeResourceRules", "exclude-exact-version", {
    spec: constraints(
      { apiGroups: [GROUP], apiVersions: ["*"], resources: ["things"] },
      {
        matchPolicy: "Exact",
        excludeResourceRules: [{ ...configMaps, apiGroups: [GROUP], apiVersions: ["v2"], resources: ["things"] }],
      },
    ),
    object: custom("Thing", { namespace: NAMESPACE }, {}),
  }),
];

const SAYS_KIND = [
  {
    expression: "false",
    messageExpression:
      "object.apiVersion + ' ' + request.kind.group + '/' + request.kind.version + '/' + request.kind.kind + ' ' + " +
      "request.resource.group + '/' + request.resource.version + '/' + request.resource.resource + ' asked as ' + " +
      "request.requestKind.group + '/' + request.requestKind.version + '/' + request.requestKind.kind + ' ' + " +
      "request.requestResource.group + '/' + request.requestResource.version + '/' + request.requestResource.resource",
  },
] as const;

const equivalent = (
  id: string,
  rule: Partial<ResourceRule>,
  object: Partial<KubernetesObject>,
  { spec = {}, match = {} }: { readonly spec?: Partial<PolicySpec>; readonly match?: Partial<MatchResources> } = {},
) =>
  one("matchPolicy", id, {
    spec: {
      ...constraints(rule, match),
      validations: SAYS_KIND,
      ...spec,
    },
    object,
  });

const HPA = { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"] };
const scaleTarget = { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "target" }, maxReplicas: 3 };
const autoscaler = (version: string, spec: object): Partial<KubernetesObject> => ({
  apiVersion: `autoscaling/${version}`,
  kind: "HorizontalPodAutoscaler",
  metadata: { namespace: NAMESPACE },
  spec: { ...scaleTarget, ...spec },
  data: undefined,
});
const cpu = (averageUtilization: number) => ({
  metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } }],
});
const SAYS_CPU_V2 = [
  { expression: "false", messageExpression: "string(object.spec.metrics[0].resource.target.averageUtilization)" },
] as const;
const SAYS_CPU_V1 = [
  { expression: "false", messageExpression: "string(object.spec.targetCPUUtilizationPercentage)" },
] as const;
const coreEvent: Partial<KubernetesObject> = {
  apiVersion: "v1",
  kind: "Event",
  involvedObject: { kind: "Pod", namespace: NAMESPACE, name: "target" },
  reason: "Seen",
  message: "it was seen",
  source: { component: "cases" },
  count: 2,
  type: "Normal",
  data: undefined,
};
const newEvent: Partial<KubernetesObject> = {
  apiVersion: "events.k8s.io/v1",
  kind: "Event",
  regarding: { kind: "Pod", namespace: NAMESPACE, name: "target" },
  reason: "Seen",
  action: "Seeing",
  note: "it was noted",
  eventTime: "2026-11-23T00:00:00.000000Z",
  reportingController: "example.gov/cases",
  reportingInstance: "cases-1",
  type: "Normal",
  data: undefined,
};
const events = { apiGroups: ["events.k8s.io"], resources: ["events"] };
const thing = (version: string) => custom("Thing", { namespace: NAMESPACE }, { size: 3 }, version);
const things = { apiGroups: [GROUP], resources: ["things"] };

const EQUIVALENTS = [
  equivalent("equivalent-own-version", { ...HPA, apiVersions: ["v1"] }, autoscaler("v1", {})),
  equivalent("equivalent-other-version", { ...HPA, apiVersions: ["v2"] }, autoscaler("v1", {})),
  equivalent("equivalent-prefers-own-version", { ...HPA, apiVersions: ["v2", "v1"] }, autoscaler("v1", {})),
  equivalent("equivalent-any-version", { ...HPA, apiVersions: ["*"] }, autoscaler("v1", {})),
  equivalent("equivalent-no-served-version", { ...HPA, apiVersions: ["v2beta2"] }, autoscaler("v1", {})),
  equivalent("equivalent-exact", { ...HPA, apiVersions: ["v2"] }, autoscaler("v1", {}), {
    match: { matchPolicy: "Exact" },
  }),
  equivalent("equivalent-exact-own", { ...HPA, apiVersions: ["v2"] }, autoscaler("v2", cpu(50)), {
    match: { matchPolicy: "Exact" },
  }),
  equivalent(
    "equivalent-v1-percentage-in-v2",
    { ...HPA, apiVersions: ["v2"] },
    autoscaler("v1", { targetCPUUtilizationPercentage: 60 }),
    {
      spec: { validations: SAYS_CPU_V2 },
    },
  ),
  equivalent("equivalent-v1-default-in-v2", { ...HPA, apiVersions: ["v2"] }, autoscaler("v1", {}), {
    spec: { validations: SAYS_CPU_V2 },
  }),
  equivalent("equivalent-v2-percentage-in-v1", { ...HPA, apiVersions: ["v1"] }, autoscaler("v2", cpu(70)), {
    spec: { validations: SAYS_CPU_V1 },
  }),
  equivalent("equivalent-v2-default-in-v1", { ...HPA, apiVersions: ["v1"] }, autoscaler("v2", {}), {
    spec: { validations: SAYS_CPU_V1 },
  }),
  equivalent("equivalent-condition-sees-own-resource", { ...HPA, apiVersions: ["v2"] }, autoscaler("v1", {}), {
    spec: {
      matchConditions: [
        { name: "own", expression: "request.resource.version == 'v1' && request.kind.version == 'v2'" },
        { name: "object", expression: "object.apiVersion == 'autoscaling/v2' && has(object.spec.metrics)" },
      ],
    },
  }),
  equivalent(
    "equivalent-name",
    { ...HPA, apiVersions: ["v2"], resourceNames: ["equivalent-name"] },
    autoscaler("v1", {}),
  ),
  equivalent(
    "equivalent-other-name",
    { ...HPA, apiVersions: ["v2"], resourceNames: ["another"] },
    autoscaler("v1", {}),
  ),
  equivalent(
    "equivalent-removed-group",
    { apiGroups: ["extensions"], apiVersions: ["v1beta1"], resources: ["deployments"] },
    {
      ...(SURROUNDINGS.find(({ kind }) => kind === "Deployment") ?? {}),
      metadata: { name: "equivalent-removed-group", namespace: NAMESPACE },
      data: undefined,
    },
  ),
  equivalent("equivalent-event-of-the-other-group", { ...events, apiVersions: ["v1"] }, coreEvent, {
    spec: {
      validations: [
        {
          expression: "false",
          messageExpression:
            "object.apiVersion + ' ' + object.note + ' ' + object.regarding.name + ' ' + object.deprecatedSource.component + ' ' + " +
            "string(object.deprecatedCount) + ' ' + string(has(object.message))",
        },
      ],
    },
  }),
  equivalent("equivalent-core-event", { apiVersions: ["v1"], resources: ["events"] }, newEvent, {
    spec: {
      validations: [
        {
          expression: "false",
          messageExpression:
            "object.apiVersion + ' ' + object.message + ' ' + object.involvedObject.name + ' ' + object.reportingComponent + ' ' + string(has(object.note))",
        },
      ],
    },
  }),
  equivalent("equivalent-custom", { ...things, apiVersions: ["v2"] }, thing("v1")),
  equivalent("equivalent-custom-exact", { ...things, apiVersions: ["v2"] }, thing("v1"), {
    match: { matchPolicy: "Exact" },
  }),
  equivalent("equivalent-custom-unserved", { ...things, apiVersions: ["v3"] }, thing("v1")),
  one("matchPolicy", "equivalent-binding-is-exact", {
    spec: {
      ...constraints(
        { ...HPA, apiVersions: ["v2"] },
        { objectSelector: { matchLabels: { case: "equivalent-binding-is-exact" } } },
      ),
      validations: SAYS_KIND,
    },
    binding: {
      matchResources: { matchPolicy: "Exact", resourceRules: [{ ...configMaps, ...HPA, apiVersions: ["v2"] }] },
    },
    object: autoscaler("v1", {}),
  }),
  one("matchPolicy", "equivalent-binding-names-another-version", {
    spec: {
      ...constraints(
        { ...HPA, apiVersions: ["v1"] },
        { objectSelector: { matchLabels: { case: "equivalent-binding-names-another-version" } } },
      ),
      validations: SAYS_KIND,
    },
    binding: { matchResources: { resourceRules: [{ ...configMaps, ...HPA, apiVersions: ["v2"] }] } },
    object: autoscaler("v1", {}),
  }),
];

const byNamespace = (id: string, requirement: SelectorRequirement) =>
  one("namespaceSelector", id, { spec: constraints({}, { namespaceSelector: { matchExpressions: [requirement] } }) });

const ofNamespace = (id: string, labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>) =>
  clusterWide(
    one("namespaceSelector", id, {
      spec: constraints({ resources: ["namespaces"] }, { namespaceSelector: { matchLabels: wanted } }),
    }),
    namespace(id, { case: id, ...labels }),
  );

const SELECTORS = [
  byNamespace("namespace-in", { key: "tier", operator: "In", values: ["gold", "bronze"] }),
  byNamespace("namespace-not-in-list", { key: "tier", operator: "In", values: ["silver"] }),
  byNamespace("namespace-not-in", { key: "tier", operator: "NotIn", values: ["gold"] }),
  byNamespace("namespace-not-in-absent-key", { key: "none", operator: "NotIn", values: ["gold"] }),
  byNamespace("namespace-exists", { key: "tier", operator: "Exists" }),
  byNamespace("namespace-exists-not", { key: "none", operator: "Exists" }),
  byNamespace("namespace-does-not-exist", { key: "none", operator: "DoesNotExist" }),
  byNamespace("namespace-by-its-name", { key: "kubernetes.io/metadata.name", operator: "In", values: [NAMESPACE] }),
  one("namespaceSelector", "namespace-labels-and-expressions", {
    spec: constraints(
      {},
      { namespaceSelector: { matchLabels: { tier: "gold" }, matchExpressions: [{ key: "none", operator: "Exists" }] } },
    ),
  }),
  one("namespaceSelector", "namespace-in-binding", {
    spec: constraints({}, { objectSelector: { matchLabels: { case: "namespace-in-binding" } } }),
    binding: { matchResources: { namespaceSelector: { matchLabels: { tier: "silver" } } } },
  }),
  one("namespaceSelector", "namespace-another", {
    spec: constraints({}, { namespaceSelector: { matchLabels: { tier: "silver" } } }),
    object: { metadata: { namespace: SILVER } },
  }),
  clusterWide(
    one("namespaceSelector", "namespace-of-a-cluster-role", {
      spec: constraints(
        { apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] },
        { namespaceSelector: { matchLabels: { tier: "nowhere" } } },
      ),
    }),
    cluster("ClusterRole", "namespace-of-a-cluster-role"),
  ),
  ofNamespace("namespace-itself", { tier: "new" }, { tier: "new" }),
  ofNamespace("namespace-itself-otherwise", { tier: "new" }, { tier: "old" }),
  ofNamespace("namespace-itself-by-name", {}, { "kubernetes.io/metadata.name": "namespace-itself-by-name" }),
  {
    ...ofNamespace("namespace-updated-to", {}, { tier: "after" }),
    request: {
      operation: "UPDATE",
      userInfo: USER,
      dryRun: true,
      oldObject: namespace("namespace-updated-to", { case: "namespace-updated-to", tier: "before" }),
      object: namespace("namespace-updated-to", { case: "namespace-updated-to", tier: "after" }),
    },
  },
  {
    ...ofNamespace("namespace-updated-from", {}, { tier: "before" }),
    request: {
      operation: "UPDATE",
      userInfo: USER,
      dryRun: true,
      oldObject: namespace("namespace-updated-from", { case: "namespace-updated-from", tier: "before" }),
      object: namespace("namespace-updated-from", { case: "namespace-updated-from", tier: "after" }),
    },
  },
  deleting(ofNamespace("namespace-deleted", { tier: "old" }, { tier: "old" })),
] as const satisfies readonly AdmissionCase[];

const byObject = (id: string, before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) =>
  one("objectSelector", id, {
    spec: constraints({}, { objectSelector: { matchLabels: { mine: "yes" } } }),
    request: updating(id, configMap(labelled(id, before)), configMap(labelled(id, after), { a: "c" })) ?? {},
  });

const OBJECT_SELECTORS = [
  one("objectSelector", "object-labelled", {
    spec: constraints({}, { objectSelector: { matchLabels: { mine: "yes" } } }),
    object: { metadata: { labels: { mine: "yes" } } },
  }),
  one("objectSelector", "object-unlabelled", {
    spec: constraints({}, { objectSelector: { matchLabels: { mine: "yes" } } }),
  }),
  one("objectSelector", "object-without-the-label", {
    spec: constraints({}, { objectSelector: { matchExpressions: [{ key: "mine", operator: "DoesNotExist" }] } }),
  }),
  byObject("object-gets-the-label", {}, { mine: "yes" }),
  byObject("object-loses-the-label", { mine: "yes" }, {}),
  byObject("object-never-had-the-label", {}, {}),
  deleting(
    one("objectSelector", "object-deleted", {
      spec: constraints({}, { objectSelector: { matchLabels: { mine: "yes" } } }),
      object: { metadata: { labels: { mine: "yes" } } },
    }),
  ),
  clusterWide(
    one("objectSelector", "object-cluster-wide", {
      spec: constraints(
        { apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] },
        { objectSelector: { matchLabels: { mine: "yes" } } },
      ),
    }),
    cluster("ClusterRole", "object-cluster-wide"),
  ),
];

const conditional = (id: string, expressions: readonly string[], spec: Partial<PolicySpec> = {}, more: Parts = {}) =>
  one("matchConditions", id, {
    spec: { matchConditions: expressions.map((expression, i) => ({ name: `c${i}`, expression })), ...spec },
    ...more,
  });

const LIMIT = { apiVersion: `${GROUP}/v1`, kind: "Limit" };

const CONDITIONS = [
  conditional("condition-holds", ["object.data.a == 'b'"]),
  conditional("condition-does-not-hold", ["object.data.a == 'c'"]),
  conditional("condition-all-must-hold", ["true", "object.data.a == 'c'"]),
  conditional("condition-errs", ["object.data.none == 'c'"]),
  conditional("condition-two-err", ["object.data.none == 'c'", "object.data.neither == 'c'"]),
  conditional("condition-false-outweighs-error", ["object.data.none == 'c'", "false"]),
  conditional("condition-errs-ignored", ["object.data.none == 'c'"], { failurePolicy: "Ignore" }),
  conditional(
    "condition-errs-warned",
    ["object.data.none == 'c'"],
    {},
    {
      binding: { validationActions: ["Warn"] },
    },
  ),
  conditional(
    "condition-errs-audited",
    ["object.data.none == 'c'"],
    {},
    {
      binding: { validationActions: ["Audit"] },
    },
  ),
  conditional("condition-sees-no-namespace", ["namespaceObject == null"]),
  conditional("condition-request", [
    "request.operation == 'CREATE' && request.userInfo.username == 'cases@example.gov'",
  ]),
  conditional(
    "condition-params",
    ["params.spec.max > 5"],
    {
      paramKind: LIMIT,
      validations: [{ expression: "false", messageExpression: "'max ' + string(params.spec.max)" }],
    },
    {
      binding: { paramRef: { selector: { matchLabels: { set: "both" } }, parameterNotFoundAction: "Deny" } },
    },
  ),
];

const variable = (id: string, variables: readonly (readonly [string, string])[], spec: Partial<PolicySpec>) =>
  one("variables", id, {
    spec: { variables: variables.map(([name, expression]) => ({ name, expression })), ...spec },
  });

const VARIABLES = [
  variable("variable-is-read", [["a", "object.data.a"]], {
    validations: [{ expression: "variables.a == 'c'", messageExpression: "'a is ' + variables.a" }],
  }),
  variable(
    "variable-of-a-variable",
    [
      ["a", "object.data.a"],
      ["b", "variables.a + '!'"],
    ],
    {
      validations: [{ expression: "variables.b == 'b!'" }],
    },
  ),
  variable("variable-not-needed", [["broken", "object.data.none"]], {
    validations: [{ expression: "true || variables.broken == ''" }],
  }),
  variable("variable-never-read", [["broken", "object.data.none"]], { validations: [{ expression: "true" }] }),
  variable("variable-errs", [["broken", "object.data.none"]], {
    validations: [{ expression: "variables.broken == ''" }],
  }),
  variable("variable-error-in-or", [["broken", "object.data.none == 'x'"]], {
    validations: [{ expression: "variables.broken || true" }],
  }),
  variable("variable-list", [["names", "['x', 'y'].map(n, n + object.data.a)"]], {
    validations: [{ expression: "false", messageExpression: "variables.names.join(',')" }],
  }),
  variable("variable-in-annotation", [["a", "object.data.a"]], {
    validations: [{ expression: "true" }],
    auditAnnotations: [{ key: "a", valueExpression: "'' + variables.a" }],
  }),
  variable("variable-sees-the-namespace", [["tier", "namespaceObject.metadata.labels['tier']"]], {
    validations: [{ expression: "variables.tier != 'gold'", messageExpression: "variables.tier" }],
  }),
];

const SAYS_MAX = [{ expression: "false", messageExpression: "'max ' + string(params.spec.max)" }] as const;
const Deny = { parameterNotFoundAction: "Deny" } as const;
const Allow = { parameterNotFoundAction: "Allow" } as const;

const limited = (id: string, paramRef: BindingSpec["paramRef"], spec: Partial<PolicySpec> = {}, more: Parts = {}) =>
  one("params", id, {
    spec: { paramKind: LIMIT, validations: SAYS_MAX, ...spec },
    binding: { ...(paramRef ? { paramRef } : {}), validationActions: ["Warn"] },
    ...more,
  });

const PARAMS = [
  limited("param-by-name", { name: "low", ...Deny }),
  limited("param-of-another-namespace", { name: "low", namespace: SILVER, ...Deny }),
  limited(
    "param-of-the-objects-namespace",
    { name: "low", ...Deny },
    {},
    { object: { metadata: { namespace: SILVER } } },
  ),
  limited(
    "param-not-in-the-objects-namespace",
    { name: "high", ...Deny },
    {},
    {
      object: { metadata: { namespace: SILVER } },
    },
  ),
  limited("param-several-by-selector", { selector: { matchLabels: { set: "both" } }, ...Deny }),
  limited("param-empty-selector", { selector: {}, ...Deny }),
  limited("param-selector-elsewhere", { selector: { matchLabels: { set: "silver" } }, namespace: SILVER, ...Deny }),
  limited("param-selector-of-nothing", { selector: { matchLabels: { set: "none" } }, ...Deny }),
  limited("param-selector-of-nothing-allowed", { selector: { matchLabels: { set: "none" } }, ...Allow }),
  limited("param-missing-denies-at-any-stage", { name: "none", ...Deny }),
  limited("param-missing-allowed", { name: "none", ...Allow }),
  limited("param-missing-ignored", { name: "none", ...Deny }, { failurePolicy: "Ignore" }),
  limited(
    "param-one-of-several-fails",
    { selector: { matchLabels: { set: "both" } }, ...Deny },
    {
      validations: [{ expression: "params.spec.max > 5", messageExpression: "'max ' + string(params.spec.max)" }],
    },
  ),
  limited("param-no-reference", undefined, { validations: [{ expression: "params != null", message: "it is null" }] }),
  limited("param-kind-without-need", { name: "low", ...Deny }, { validations: [{ expression: "true" }] }),
  limited(
    "param-names-its-kind",
    { name: "low", ...Deny },
    {
      validations: [{ expression: "false", messageExpression: "params.apiVersion + ' ' + params.kind" }],
    },
  ),
  limited(
    "param-in-another-version",
    { name: "low", ...Deny },
    {
      paramKind: { apiVersion: `${GROUP}/v2`, kind: "Limit" },
      validations: [{ expression: "false", messageExpression: "params.apiVersion + ' ' + string(params.spec.max)" }],
    },
  ),
  one("params", "param-reference-without-kind", {
    binding: { paramRef: { name: "low", ...Deny }, validationActions: ["Warn"] },
  }),
  limited(
    "param-config-map",
    { name: "limits", ...Deny },
    {
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      validations: [
        { expression: "false", messageExpression: "params.apiVersion + ' ' + params.kind + ' ' + params.data.max" },
      ],
    },
  ),
  limited(
    "param-cluster-wide",
    { name: "national", ...Deny },
    {
      paramKind: { apiVersion: `${GROUP}/v1`, kind: "ClusterLimit" },
    },
  ),
  limited(
    "param-cluster-wide-by-selector",
    { selector: { matchLabels: { set: "national" } }, ...Deny },
    {
      paramKind: { apiVersion: `${GROUP}/v1`, kind: "ClusterLimit" },
    },
  ),
  limited(
    "param-cluster-wide-with-namespace",
    { name: "national", namespace: NAMESPACE, ...Deny },
    {
      paramKind: { apiVersion: `${GROUP}/v1`, kind: "ClusterLimit" },
    },
  ),
  // The server refuses all that such a policy matches, whatever its bindings select.
  limited(
    "param-kind-of-nobody",
    { name: "low", ...Deny },
    {
      ...constraints({}, { objectSelector: { matchLabels: { case: "param-kind-of-nobody" } } }),
      paramKind: { apiVersion: `${GROUP}/v1`, kind: "Nobody" },
    },
  ),
  clusterWide(
    limited(
      "param-of-a-cluster-wide-object",
      { name: "low", ...Deny },
      {
        ...constraints({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] }),
      },
    ),
    cluster("ClusterRole", "param-of-a-cluster-wide-object"),
  ),
  clusterWide(
    limited(
      "param-placed-for-a-cluster-wide-object",
      { name: "low", namespace: SILVER, ...Deny },
      {
        ...constraints({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] }),
      },
    ),
    cluster("ClusterRole", "param-placed-for-a-cluster-wide-object"),
  ),
  clusterWide(
    limited("param-of-a-new-namespace", { name: "low", ...Deny }, { ...constraints({ resources: ["namespaces"] }) }),
    namespace("param-of-a-new-namespace", { case: "param-of-a-new-namespace" }),
  ),
];

const acted = (id: string, ...actions: readonly (BindingSpec["validationActions"] & object)[]) => {
  const [first = ["Deny"], ...more] = actions;
  const matchResources = { objectSelector: { matchLabels: { case: id } } };
  return one("bindings", id, {
    spec: {
      validations: [{ expression: "object.data.a == 'b'", message: "fine" }, ...FAILS, { expression: "1 == 2" }],
    },
    binding: { validationActions: first, matchResources },
    more: more.map((validationActions) => ({ validationActions, matchResources })),
  });
};

const BINDINGS = [
  acted("binding-denies", ["Deny"]),
  acted("binding-warns", ["Warn"]),
  acted("binding-audits", ["Audit"]),
  acted("binding-denies-and-audits", ["Deny", "Audit"]),
  acted("binding-warns-and-audits", ["Warn", "Audit"]),
  acted("binding-two-warn", ["Warn"], ["Warn"]),
  acted("binding-one-warns-one-denies", ["Warn"], ["Deny"]),
  { ...acted("binding-none"), bindings: [] },
  one("bindings", "binding-narrows-to-nothing", {
    binding: { matchResources: { objectSelector: { matchLabels: { case: "something-else" } } } },
  }),
  one("bindings", "binding-without-rules-takes-all", {
    spec: constraints({}, { objectSelector: { matchLabels: { case: "binding-without-rules-takes-all" } } }),
    binding: { matchResources: {} },
  }),
  one("bindings", "binding-rule-narrows", {
    spec: constraints({}, { objectSelector: { matchLabels: { case: "binding-rule-narrows" } } }),
    binding: { matchResources: { resourceRules: [{ ...configMaps, resourceNames: ["another"] }] } },
  }),
  one("bindings", "binding-cannot-widen", {
    spec: constraints(
      { resources: ["secrets"] },
      { objectSelector: { matchLabels: { case: "binding-cannot-widen" } } },
    ),
    binding: { matchResources: { resourceRules: [configMaps] } },
  }),
  one("bindings", "binding-errors-warn-too", {
    spec: { validations: [{ expression: "object.data.none == 'x'" }, ...FAILS] },
    binding: {
      validationActions: ["Warn"],
      matchResources: { objectSelector: { matchLabels: { case: "binding-errors-warn-too" } } },
    },
  }),
];

const annotated = (id: string, annotations: readonly (readonly [string, string])[], parts: Parts = {}) =>
  one("auditAnnotations", id, {
    ...parts,
    spec: {
      validations: [{ expression: "true" }],
      auditAnnotations: annotations.map(([key, valueExpression]) => ({ key, valueExpression })),
      ...parts.spec,
    },
  });

const ANNOTATIONS = [
  annotated("annotation-text", [
    ["a", "'a is ' + object.data.a"],
    ["b", "'b'"],
  ]),
  annotated("annotation-is-trimmed", [["a", "'  spaced  '"]]),
  annotated("annotation-null", [["a", "null"]]),
  annotated("annotation-blank", [["a", "'   '"]]),
  annotated("annotation-errs", [["a", "'' + object.data.none"]]),
  annotated(
    "annotation-errs-ignored",
    [
      ["a", "'' + object.data.none"],
      ["b", "'b'"],
    ],
    { spec: { failurePolicy: "Ignore" } },
  ),
  annotated("annotation-errs-denies-at-any-stage", [["a", "'' + object.data.none"]], {
    binding: {
      validationActions: ["Audit"],
      matchResources: { objectSelector: { matchLabels: { case: "annotation-errs-denies-at-any-stage" } } },
    },
  }),
  annotated("annotation-of-a-denied-request", [["a", "'told all the same'"]], { spec: { validations: FAILS } }),
  annotated("annotation-without-validations", [["a", "'alone'"]], { spec: { validations: [] } }),
  annotated("annotation-of-each-param", [["max", "string(params.spec.max)"]], {
    spec: { paramKind: LIMIT },
    binding: {
      paramRef: { selector: { matchLabels: { set: "both" } }, ...Deny },
      matchResources: { objectSelector: { matchLabels: { case: "annotation-of-each-param" } } },
    },
  }),
  annotated("annotation-the-same-twice", [["same", "'same'"]], {
    spec: { paramKind: LIMIT },
    binding: {
      paramRef: { selector: { matchLabels: { set: "both" } }, ...Deny },
      matchResources: { objectSelector: { matchLabels: { case: "annotation-the-same-twice" } } },
    },
  }),
];

const told = (id: string, validation: Partial<PolicySpec["validations"][number]>, more: Parts = {}) =>
  one("messages", id, { spec: { validations: [{ expression: "false", ...validation }] }, ...more });

const long = (n: number) => ({ data: { long: "x".repeat(n) } });

const MESSAGES = [
  told("message-plain", { message: "plain" }),
  told("message-is-trimmed", { message: "  plain  " }),
  told("message-of-the-expression", { expression: "  object.data.a == 'c'  " }),
  told("message-computed", { message: "plain", messageExpression: "'a is ' + object.data.a" }),
  told("message-computed-is-trimmed", { messageExpression: "'  computed '" }),
  told("message-computed-errs", { message: "plain", messageExpression: "'' + object.data.none" }),
  told("message-computed-blank", { message: "plain", messageExpression: "'  '" }),
  told("message-computed-lines", { message: "plain", messageExpression: "'two\\nlines'" }),
  told("message-computed-ends-in-a-line", { message: "plain", messageExpression: "'one line\\n'" }),
  told("message-computed-falls-to-the-expression", { messageExpression: "'' + object.data.none" }),
  told(
    "message-of-5-kib",
    { message: "plain", messageExpression: "'' + object.data.long" },
    { object: long(5 * 1024) },
  ),
  told(
    "message-over-5-kib",
    { message: "plain", messageExpression: "'' + object.data.long" },
    { object: long(5 * 1024 + 1) },
  ),
  told(
    "message-bytes-count",
    { message: "plain", messageExpression: "'' + object.data.long" },
    {
      object: { data: { long: "ভ".repeat(1707) } },
    },
  ),
  told("reason-forbidden", { message: "m", reason: "Forbidden" }),
  told("reason-invalid", { message: "m", reason: "Invalid" }),
  told("reason-too-large", { message: "m", reason: "RequestEntityTooLarge" }),
  one("messages", "message-of-the-first-failure", {
    spec: {
      validations: [{ expression: "true" }, { expression: "false", message: "first", reason: "Forbidden" }, ...FAILS],
    },
  }),
];

const failing = (id: string, failurePolicy: "Fail" | "Ignore" | undefined, expressions: readonly string[]) =>
  one("failurePolicy", id, {
    spec: {
      ...(failurePolicy ? { failurePolicy } : {}),
      validations: expressions.map((expression) => ({ expression, message: "failed" })),
    },
  });

const FAILURES = [
  failing("failure-error-fails", "Fail", ["object.data.none == 'x'"]),
  failing("failure-fails-by-default", undefined, ["object.data.none == 'x'"]),
  failing("failure-error-ignored", "Ignore", ["object.data.none == 'x'"]),
  failing("failure-is-no-error", "Ignore", ["false"]),
  failing("failure-error-ignored-then-failed", "Ignore", ["object.data.none == 'x'", "false"]),
  failing("failure-later-validations-run", "Fail", ["object.data.none == 'x'", "false"]),
];

/** Costs 810,000 of the server's units and hardly any time. */
const COSTLY = "object.data.a.contains(object.data.a)";
const times = <T>(n: number, make: (i: number) => T): readonly T[] => Array.from({ length: n }, (_, i) => make(i));
const costlyValidations = (n: number) => times(n, () => ({ expression: COSTLY, message: "no" }));
const costlyConditions = (n: number) => times(n, (i) => ({ name: `costly-${i}`, expression: COSTLY }));
const costlyVariables = (n: number) => times(n, (i) => ({ name: `v${i}`, expression: COSTLY }));
const costlyAnnotations = (n: number) =>
  times(n, (i) => ({ key: `costly-${i}`, valueExpression: `string(${COSTLY})` }));
const allVariables = (n: number) => times(n, (i) => `variables.v${i}`).join(" && ");
const costlyMessages = (n: number) =>
  times(n, () => ({ expression: COSTLY, messageExpression: `'found: ' + string(${COSTLY})` }));
const budgeted = (id: string, spec: Partial<PolicySpec>): AdmissionCase =>
  one("budget of a policy", id, { spec, object: configMap({ name: id }, { a: "x".repeat(9000) }) });

const BUDGETS = [
  budgeted("budget-validations-kept", { validations: [...costlyValidations(12), ...FAILS] }),
  budgeted("budget-validations-spent", { validations: costlyValidations(13) }),
  budgeted("budget-validations-spent-after-a-failure", { validations: [...FAILS, ...costlyValidations(13)] }),
  budgeted("budget-validations-spent-ignored", { validations: costlyValidations(13), failurePolicy: "Ignore" }),
  budgeted("budget-conditions-kept", { matchConditions: costlyConditions(3) }),
  budgeted("budget-conditions-spent", { matchConditions: costlyConditions(4) }),
  budgeted("budget-conditions-spent-ignored", { matchConditions: costlyConditions(4), failurePolicy: "Ignore" }),
  budgeted("budget-conditions-spent-outweighs-false", {
    matchConditions: [{ name: "none", expression: "false" }, ...costlyConditions(4)],
  }),
  budgeted("budget-variables-kept", {
    variables: costlyVariables(12),
    validations: [{ expression: `!(${allVariables(12)})`, message: "no" }],
  }),
  budgeted("budget-variables-spent", {
    variables: costlyVariables(13),
    validations: [{ expression: allVariables(13), message: "no" }],
  }),
  budgeted("budget-variables-unread", { variables: costlyVariables(13) }),
  budgeted("budget-messages-kept", { validations: [...costlyMessages(6), ...FAILS] }),
  budgeted("budget-messages-spent", { validations: costlyMessages(8) }),
  budgeted("budget-messages-compute-variables-anew", {
    variables: costlyVariables(7),
    validations: [{ expression: allVariables(7), messageExpression: `string(${allVariables(7)})` }],
  }),
  budgeted("budget-annotations-have-their-own", {
    validations: costlyValidations(12),
    auditAnnotations: costlyAnnotations(12),
  }),
  budgeted("budget-annotations-spent", { validations: FAILS, auditAnnotations: costlyAnnotations(13) }),
  budgeted("budget-annotations-spent-ignored", {
    validations: FAILS,
    auditAnnotations: costlyAnnotations(13),
    failurePolicy: "Ignore",
  }),
];

const SAYS_OBJECTS = [
  {
    expression: "false",
    messageExpression:
      "request.operation + ' ' + (object == null ? 'none' : object.data.a) + ' was ' + (oldObject == null ? 'none' : oldObject.data.a)",
  },
] as const;

const SAYS_SUBRESOURCE = [
  {
    expression: "false",
    messageExpression:
      "request.operation + ' ' + request.resource.resource + '/' + request.subResource + ' ' + request.requestSubResource + ' of ' + " +
      "request.kind.group + '/' + request.kind.version + '/' + request.kind.kind + ' ' + request.namespace + '/' + request.name",
  },
] as const;

/** Cases about one shared pod or deployment, told apart by what their rule names. */
const subresource = (
  id: string,
  rule: Partial<ResourceRule>,
  request: Partial<AdmissionRequest>,
  spec: Partial<PolicySpec> = {},
): AdmissionCase =>
  one("subresources", id, {
    spec: { ...constraints(rule), validations: SAYS_SUBRESOURCE, ...spec },
    binding: { validationActions: ["Warn"] },
    shared: true,
    request: {
      resource: { group: "", version: "v1", resource: "pods" },
      name: "target",
      namespace: NAMESPACE,
      ...request,
    },
  });

const exec: Partial<AdmissionRequest> = {
  operation: "CONNECT",
  dryRun: false,
  subresource: "exec",
  object: {
    apiVersion: "v1",
    kind: "PodExecOptions",
    metadata: {},
    stdout: true,
    stderr: true,
    container: "main",
    command: ["ls", "/"],
  },
};
const eviction: Partial<AdmissionRequest> = {
  subresource: "eviction",
  object: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "target", namespace: NAMESPACE } },
};
const scaling: Partial<AdmissionRequest> = {
  operation: "UPDATE",
  subresource: "scale",
  resource: { group: "apps", version: "v1", resource: "deployments" },
  object: {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: "target", namespace: NAMESPACE },
    spec: { replicas: 2 },
  },
  oldObject: {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: "target", namespace: NAMESPACE },
    spec: {},
  },
};
const ephemeral: Partial<AdmissionRequest> = {
  operation: "UPDATE",
  subresource: "ephemeralcontainers",
  object: {
    ...pod("target"),
    spec: {
      containers: [{ name: "main", image: "registry.example.gov/a/b:1" }],
      ephemeralContainers: [{ name: "debug", image: "registry.example.gov/a/debug:1" }],
    },
  },
  oldObject: pod("target"),
};

const OPERATIONS = [
  one("operations", "operation-create", {
    spec: { ...constraints({ operations: ["CREATE"] }), validations: SAYS_OBJECTS },
  }),
  one("operations", "operation-update", {
    spec: { ...constraints({ operations: ["UPDATE"] }), validations: SAYS_OBJECTS },
    request: updating("operation-update", configMap({}, { a: "before" }), configMap({}, { a: "after" })) ?? {},
  }),
  deleting(
    one("operations", "operation-delete", {
      spec: { ...constraints({ operations: ["DELETE"] }), validations: SAYS_OBJECTS },
    }),
  ),
  one("operations", "operation-immutable", {
    spec: {
      ...constraints({ operations: ["UPDATE"] }),
      validations: [{ expression: "object.data == oldObject.data", message: "data is immutable" }],
    },
    request: updating("operation-immutable", configMap({}, { a: "before" }), configMap({}, { a: "after" })) ?? {},
  }),
  subresource("connect-exec", { operations: ["CONNECT"], resources: ["pods/exec"], resourceNames: ["target"] }, exec),
  subresource("connect-command", { operations: ["CONNECT"], resources: ["pods/exec"] }, exec, {
    validations: [
      {
        expression: "false",
        messageExpression:
          "object.kind + ' ' + object.container + ' ' + object.command.join(' ') + ' ' + string(has(object.metadata)) + ' ' + string(oldObject == null)",
      },
    ],
  }),
  subresource("connect-as-create", { operations: ["CREATE"], resources: ["pods/exec"] }, exec),
  subresource("connect-without-labels", { operations: ["CONNECT"], resources: ["pods/exec"] }, exec, {
    matchConstraints: {
      resourceRules: [{ ...configMaps, resources: ["pods/exec"] }],
      objectSelector: { matchExpressions: [{ key: "none", operator: "DoesNotExist" }] },
    },
  }),
  subresource("connect-by-namespace", { operations: ["CONNECT"], resources: ["pods/exec"] }, exec, {
    matchConstraints: {
      resourceRules: [{ ...configMaps, operations: ["CONNECT"], resources: ["pods/*"] }],
      namespaceSelector: { matchLabels: { tier: "gold" } },
    },
    validations: [{ expression: "namespaceObject.metadata.labels['tier'] == 'silver'", message: "not silver" }],
  }),
  subresource("connect-pods-alone", { operations: ["*"], resources: ["pods"] }, exec),
  subresource("subresource-eviction", { operations: ["CREATE"], resources: ["pods/eviction"] }, eviction),
  subresource(
    "subresource-eviction-by-group",
    { apiGroups: ["policy"], operations: ["CREATE"], resources: ["pods/eviction", "evictions"] },
    eviction,
  ),
  subresource("subresource-any", { operations: ["CREATE"], resources: ["pods/*"] }, eviction),
  subresource("subresource-of-anything", { operations: ["CREATE"], resources: ["*/eviction"] }, eviction),
  subresource("subresource-star-is-no-subresource", { operations: ["CREATE"], resources: ["*"] }, eviction),
  subresource("subresource-ephemeral-containers", { resources: ["pods/ephemeralcontainers"] }, ephemeral),
  subresource("subresource-pods-misses-ephemeral-containers", { resources: ["pods"] }, ephemeral),
  subresource("subresource-scale", { apiGroups: ["apps"], resources: ["deployments/scale"] }, scaling),
  subresource("subresource-scale-replicas", { apiGroups: ["apps"], resources: ["deployments/scale"] }, scaling, {
    validations: [
      {
        expression: "false",
        messageExpression: "object.apiVersion + ' ' + object.kind + ' ' + string(object.spec.replicas)",
      },
    ],
  }),
  subresource("subresource-deployments-misses-scale", { apiGroups: ["apps"], resources: ["deployments"] }, scaling),
];

const saying = (id: string, messageExpression: string, more: Parts = {}) =>
  one("request", id, {
    spec: { validations: [{ expression: "false", message: "failed", messageExpression }] },
    ...more,
  });

const REQUESTS = [
  saying("request-names", "request.name + ' ' + request.namespace + ' ' + request.operation"),
  saying("request-kind", "request.kind.group + '/' + request.kind.version + '/' + request.kind.kind"),
  saying(
    "request-resource",
    "request.resource.group + '/' + request.resource.version + '/' + request.resource.resource",
  ),
  saying(
    "request-user",
    "request.userInfo.username + ' ' + request.userInfo.uid + ' ' + request.userInfo.groups.join(',')",
  ),
  saying("request-extra", "request.userInfo.extra['example.gov/office'].join(',')"),
  saying("request-dry-run", "string(request.dryRun)"),
  saying("request-no-subresource", "string(has(request.subResource)) + string(has(request.requestSubResource))"),
  saying(
    "request-options",
    "request.options.kind + ' ' + request.options.apiVersion + ' ' + request.options.dryRun.join(',')",
    {
      request: { options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1", dryRun: ["All"] } },
    },
  ),
  clusterWide(
    saying(
      "request-cluster-wide",
      "request.name + ' ' + string(has(request.namespace)) + ' ' + string(namespaceObject == null)",
      {
        spec: {
          ...constraints({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] }),
          validations: [
            {
              expression: "false",
              messageExpression:
                "request.name + ' ' + string(has(request.namespace)) + ' ' + string(namespaceObject == null)",
            },
          ],
        },
      },
    ),
    cluster("ClusterRole", "request-cluster-wide"),
  ),
  clusterWide(
    one("request", "request-namespace-itself", {
      spec: {
        ...constraints({ resources: ["namespaces"] }),
        validations: [
          {
            expression: "false",
            messageExpression:
              "request.name + ' ' + request.namespace + ' ' + string(namespaceObject == null) + ' ' + object.metadata.labels['kubernetes.io/metadata.name'] + ' ' + string(has(object.metadata.namespace))",
          },
        ],
      },
    }),
    namespace("request-namespace-itself", { case: "request-namespace-itself" }),
  ),
  saying(
    "namespace-object",
    "namespaceObject.metadata.name + ' ' + namespaceObject.metadata.labels['tier'] + ' ' + namespaceObject.status.phase",
  ),
  saying(
    "object-namespace",
    "object.metadata.namespace + ' ' + object.metadata.name + ' ' + object.kind + ' ' + object.apiVersion",
  ),
];

/** What `USER` and a service account without rights may do in the cluster of the cases. */
export const AUTHORIZER: readonly DeclaredAuthorization[] = [
  { user: `system:serviceaccount:${NAMESPACE}:default`, verb: "*", allowed: false },
  { user: `system:serviceaccount:${NAMESPACE}:default`, verb: "*", path: "/nothing", allowed: false },
  { verb: "*", allowed: true },
  { verb: "get", path: "/metrics", allowed: true },
];
const MAY = `authorizer.group('').resource('pods').namespace('${NAMESPACE}').check('create').allowed()`;
const NOBODY = `authorizer.serviceAccount('${NAMESPACE}', 'default').group('').resource('pods').namespace('${NAMESPACE}').check('create').allowed()`;

const AUTHORIZED = [
  one("authorizer", "authorizer-allows", { spec: { validations: [{ expression: MAY }] } }),
  one("authorizer", "authorizer-of-a-service-account", {
    spec: { validations: [{ expression: NOBODY, message: "it may not" }] },
  }),
  one("authorizer", "authorizer-in-a-condition", {
    spec: { matchConditions: [{ name: "may", expression: MAY }] },
  }),
  one("authorizer", "authorizer-in-a-condition-that-does-not-hold", {
    spec: { matchConditions: [{ name: "may", expression: NOBODY }] },
  }),
  one("authorizer", "authorizer-in-a-variable", {
    spec: {
      variables: [{ name: "may", expression: NOBODY }],
      validations: [{ expression: "variables.may", message: "no" }],
    },
  }),
  one("authorizer", "authorizer-is-not-there-for-a-message", {
    spec: {
      variables: [{ name: "may", expression: MAY }],
      validations: [
        {
          expression: "!variables.may",
          message: "plain",
          messageExpression: "variables.may ? 'it may' : 'it may not'",
        },
      ],
    },
  }),
  one("authorizer", "authorizer-is-not-there-for-an-annotation", {
    spec: {
      validations: [{ expression: "true" }],
      auditAnnotations: [{ key: "may", valueExpression: `${MAY} ? 'it may' : 'it may not'` }],
    },
  }),
  one("authorizer", "authorizer-of-the-request", {
    spec: { validations: [{ expression: "!authorizer.requestResource.check('delete').allowed()", message: "it may" }] },
  }),
  one("authorizer", "authorizer-of-a-path", {
    spec: { validations: [{ expression: "!authorizer.path('/metrics').check('get').allowed()", message: "it may" }] },
  }),
];

const policyNamed = (id: string, name: string): KubernetesObject => ({
  apiVersion: REGISTRATION,
  kind: "ValidatingAdmissionPolicy",
  metadata: { name, labels: { case: id } },
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      matchPolicy: "Equivalent",
      namespaceSelector: {},
      objectSelector: {},
      resourceRules: [{ ...configMaps, scope: "*" }],
    },
    validations: [{ expression: "true" }],
  },
});

const everything = { apiGroups: ["*"], apiVersions: ["*"], operations: ["CREATE"], resources: ["*"] };

const EXEMPT = [
  clusterWide(
    one("never judged", "exempt-policy", { spec: constraints(everything) }),
    policyNamed("exempt-policy", "exempt-policy-object"),
  ),
  clusterWide(one("never judged", "exempt-binding", { spec: constraints(everything) }), {
    apiVersion: REGISTRATION,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "exempt-binding-object", labels: { case: "exempt-binding" } },
    spec: { policyName: "nobody", validationActions: ["Deny"] },
  }),
  clusterWide(one("never judged", "judged-webhook", { spec: constraints(everything) }), {
    apiVersion: REGISTRATION,
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "judged-webhook", labels: { case: "judged-webhook" } },
    webhooks: [],
  }),
  // A review has no labels by which to keep it apart.
  clusterWide(
    one("never judged", "exempt-review", {
      spec: constraints({
        ...everything,
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews"],
      }),
      binding: { validationActions: ["Warn"] },
      shared: true,
    }),
    {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      metadata: {},
      spec: { nonResourceAttributes: { path: "/healthz", verb: "get" } },
    },
  ),
  clusterWide(one("never judged", "judged-custom-resource-definition", { spec: constraints(everything) }), {
    ...definition("Other", "Cluster", ["v1"]),
    metadata: { name: `others.${GROUP}`, labels: { case: "judged-custom-resource-definition" } },
  }),
];

export const CASES: readonly AdmissionCase[] = [
  ...RESOURCE_RULES,
  ...EXCLUSIONS,
  ...EQUIVALENTS,
  ...SELECTORS,
  ...OBJECT_SELECTORS,
  ...CONDITIONS,
  ...VARIABLES,
  ...PARAMS,
  ...BINDINGS,
  ...ANNOTATIONS,
  ...MESSAGES,
  ...FAILURES,
  ...BUDGETS,
  ...OPERATIONS,
  ...REQUESTS,
  ...AUTHORIZED,
  ...EXEMPT,
].map(withoutUndefined);

/** Fields that a case takes away are there with no value. */
function withoutUndefined(made: AdmissionCase): AdmissionCase {
  return JSON.parse(JSON.stringify(made)) as AdmissionCase;
}
