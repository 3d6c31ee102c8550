import type { KubernetesObject, ObjectMeta } from "../../kubernetes/object.ts";

/**
 * `ValidatingAdmissionPolicy` and its binding, as admissionregistration.k8s.io/v1 has them; lists that may be absent there
 * may be absent here.
 */
export interface AdmissionPolicy extends KubernetesObject {
  readonly metadata: ObjectMeta & { readonly name: string };
  readonly spec: PolicySpec;
}

export interface PolicySpec {
  readonly failurePolicy?: "Fail" | "Ignore";
  readonly paramKind?: { readonly apiVersion: string; readonly kind: string };
  readonly matchConstraints: MatchResources;
  readonly matchConditions?: readonly NamedExpression[];
  readonly variables?: readonly NamedExpression[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations?: readonly { readonly key: string; readonly valueExpression: string }[];
}

export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

export interface Validation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
}

export interface MatchResources {
  readonly resourceRules?: readonly ResourceRule[];
  readonly excludeResourceRules?: readonly ResourceRule[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  /** @default "Equivalent" */
  readonly matchPolicy?: "Exact" | "Equivalent";
}

export interface ResourceRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly string[];
  /** `pods`, `pods/status`, `*`, `pods/*`, `*` with a subresource */
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  /** @default "*" */
  readonly scope?: "Cluster" | "Namespaced" | "*";
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly SelectorRequirement[];
}

export interface SelectorRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

export type ValidationAction = "Deny" | "Warn" | "Audit";

export interface PolicyBinding extends KubernetesObject {
  readonly metadata: ObjectMeta & { readonly name: string };
  readonly spec: BindingSpec;
}

export interface BindingSpec {
  readonly policyName: string;
  readonly validationActions?: readonly ValidationAction[];
  readonly paramRef?: ParamRef;
  readonly matchResources?: MatchResources;
}

export interface ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: LabelSelector;
  readonly parameterNotFoundAction?: "Allow" | "Deny";
}
