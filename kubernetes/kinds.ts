import { readFileSync } from "node:fs";

/** How the API server addresses the objects of a kind. */
export interface KindInfo {
  /** The resource's name in URLs and rules: `poddisruptionbudgets`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A Terraform resource type of hashicorp/kubernetes that is one Kubernetes object. */
export interface Binding {
  /** `kubernetes_namespace_v1` */
  readonly resourceType: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Folder in `@cdktf/provider-kubernetes/lib`. */
  readonly module: string;
  /** Class that the folder exports. */
  readonly className: string;
}

let kinds: Readonly<Record<string, KindInfo>> | undefined;

/** Every kind that the API server serves, by `apiVersion/Kind`, from `kinds.generated.json`. */
export function servedKinds(): Readonly<Record<string, KindInfo>> {
  kinds ??= JSON.parse(readFileSync(new URL("kinds.generated.json", import.meta.url), "utf8")) as Record<
    string,
    KindInfo
  >;
  return kinds;
}

/** Plural and scope of a kind that the API server 1.35 serves by itself; undefined for custom resources and removed versions. */
export function kindInfo(apiVersion: string, kind: string): KindInfo | undefined {
  const key = `${apiVersion}/${kind}`;
  return Object.hasOwn(servedKinds(), key) ? servedKinds()[key] : undefined;
}

const row = (module: string, className: string, apiVersion: string, kind: string): Binding => ({
  resourceType: `kubernetes_${module.replaceAll("-", "_")}`,
  apiVersion,
  kind,
  module,
  className,
});

/**
 * The versioned resource of each kind that the bindings can express. `kinds.test.ts` holds it against the bindings
 * themselves, so that a new version of them cannot add one unseen.
 */
export const BINDINGS: readonly Binding[] = [
  row("api-service-v1", "ApiServiceV1", "apiregistration.k8s.io/v1", "APIService"),
  row(
    "certificate-signing-request-v1",
    "CertificateSigningRequestV1",
    "certificates.k8s.io/v1",
    "CertificateSigningRequest",
  ),
  row("cluster-role-binding-v1", "ClusterRoleBindingV1", "rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
  row("cluster-role-v1", "ClusterRoleV1", "rbac.authorization.k8s.io/v1", "ClusterRole"),
  row("config-map-v1", "ConfigMapV1", "v1", "ConfigMap"),
  row("cron-job-v1", "CronJobV1", "batch/v1", "CronJob"),
  row("csi-driver-v1", "CsiDriverV1", "storage.k8s.io/v1", "CSIDriver"),
  row("daemon-set-v1", "DaemonSetV1", "apps/v1", "DaemonSet"),
  row("deployment-v1", "DeploymentV1", "apps/v1", "Deployment"),
  row("endpoint-slice-v1", "EndpointSliceV1", "discovery.k8s.io/v1", "EndpointSlice"),
  row("endpoints-v1", "EndpointsV1", "v1", "Endpoints"),
  row("horizontal-pod-autoscaler-v1", "HorizontalPodAutoscalerV1", "autoscaling/v1", "HorizontalPodAutoscaler"),
  row("horizontal-pod-autoscaler-v2", "HorizontalPodAutoscalerV2", "autoscaling/v2", "HorizontalPodAutoscaler"),
  row("ingress-class-v1", "IngressClassV1", "networking.k8s.io/v1", "IngressClass"),
  row("ingress-v1", "IngressV1", "networking.k8s.io/v1", "Ingress"),
  row("job-v1", "JobV1", "batch/v1", "Job"),
  row("limit-range-v1", "LimitRangeV1", "v1", "LimitRange"),
  row(
    "mutating-webhook-configuration-v1",
    "MutatingWebhookConfigurationV1",
    "admissionregistration.k8s.io/v1",
    "MutatingWebhookConfiguration",
  ),
  row("namespace-v1", "NamespaceV1", "v1", "Namespace"),
  row("network-policy-v1", "NetworkPolicyV1", "networking.k8s.io/v1", "NetworkPolicy"),
  row("persistent-volume-claim-v1", "PersistentVolumeClaimV1", "v1", "PersistentVolumeClaim"),
  row("persistent-volume-v1", "PersistentVolumeV1", "v1", "PersistentVolume"),
  row("pod-disruption-budget-v1", "PodDisruptionBudgetV1", "policy/v1", "PodDisruptionBudget"),
  row("pod-v1", "PodV1", "v1", "Pod"),
  row("priority-class-v1", "PriorityClassV1", "scheduling.k8s.io/v1", "PriorityClass"),
  row("replication-controller-v1", "ReplicationControllerV1", "v1", "ReplicationController"),
  row("resource-quota-v1", "ResourceQuotaV1", "v1", "ResourceQuota"),
  row("role-binding-v1", "RoleBindingV1", "rbac.authorization.k8s.io/v1", "RoleBinding"),
  row("role-v1", "RoleV1", "rbac.authorization.k8s.io/v1", "Role"),
  row("runtime-class-v1", "RuntimeClassV1", "node.k8s.io/v1", "RuntimeClass"),
  row("secret-v1", "SecretV1", "v1", "Secret"),
  row("service-account-v1", "ServiceAccountV1", "v1", "ServiceAccount"),
  row("service-v1", "ServiceV1", "v1", "Service"),
  row("stateful-set-v1", "StatefulSetV1", "apps/v1", "StatefulSet"),
  row("storage-class-v1", "StorageClassV1", "storage.k8s.io/v1", "StorageClass"),
  row(
    "validating-webhook-configuration-v1",
    "ValidatingWebhookConfigurationV1",
    "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration",
  ),
];

/** The service account that Kubernetes makes in each namespace; the resource changes it, and its object is called `default`. */
export const DEFAULT_SERVICE_ACCOUNT: Binding = row(
  "default-service-account-v1",
  "DefaultServiceAccountV1",
  "v1",
  "ServiceAccount",
);

/** Deprecated resource types that send the same API as a versioned one: the provider registers one function under both names. */
export const ALIASES: Readonly<Record<string, string>> = {
  kubernetes_api_service: "kubernetes_api_service_v1",
  kubernetes_cluster_role: "kubernetes_cluster_role_v1",
  kubernetes_cluster_role_binding: "kubernetes_cluster_role_binding_v1",
  kubernetes_config_map: "kubernetes_config_map_v1",
  kubernetes_daemonset: "kubernetes_daemon_set_v1",
  kubernetes_default_service_account: "kubernetes_default_service_account_v1",
  kubernetes_deployment: "kubernetes_deployment_v1",
  kubernetes_endpoints: "kubernetes_endpoints_v1",
  kubernetes_horizontal_pod_autoscaler: "kubernetes_horizontal_pod_autoscaler_v1",
  kubernetes_ingress_class: "kubernetes_ingress_class_v1",
  kubernetes_job: "kubernetes_job_v1",
  kubernetes_limit_range: "kubernetes_limit_range_v1",
  kubernetes_mutating_webhook_configuration: "kubernetes_mutating_webhook_configuration_v1",
  kubernetes_namespace: "kubernetes_namespace_v1",
  kubernetes_network_policy: "kubernetes_network_policy_v1",
  kubernetes_persistent_volume: "kubernetes_persistent_volume_v1",
  kubernetes_persistent_volume_claim: "kubernetes_persistent_volume_claim_v1",
  kubernetes_pod: "kubernetes_pod_v1",
  kubernetes_priority_class: "kubernetes_priority_class_v1",
  kubernetes_replication_controller: "kubernetes_replication_controller_v1",
  kubernetes_resource_quota: "kubernetes_resource_quota_v1",
  kubernetes_role: "kubernetes_role_v1",
  kubernetes_role_binding: "kubernetes_role_binding_v1",
  kubernetes_secret: "kubernetes_secret_v1",
  kubernetes_service: "kubernetes_service_v1",
  kubernetes_service_account: "kubernetes_service_account_v1",
  kubernetes_stateful_set: "kubernetes_stateful_set_v1",
  kubernetes_storage_class: "kubernetes_storage_class_v1",
  kubernetes_validating_webhook_configuration: "kubernetes_validating_webhook_configuration_v1",
};

/**
 * Resource types whose API version no supported cluster serves any more. They cannot be applied, so no object stands for
 * them; the value is what they send and since when it is gone.
 */
export const REMOVED_APIS: Readonly<Record<string, string>> = {
  kubernetes_certificate_signing_request: "certificates.k8s.io/v1beta1, removed in Kubernetes 1.22",
  kubernetes_cron_job: "batch/v1beta1, removed in Kubernetes 1.25",
  kubernetes_csi_driver: "storage.k8s.io/v1beta1, removed in Kubernetes 1.22",
  kubernetes_horizontal_pod_autoscaler_v2beta2: "autoscaling/v2beta2, removed in Kubernetes 1.26",
  kubernetes_ingress: "extensions/v1beta1, removed in Kubernetes 1.22",
  kubernetes_pod_disruption_budget: "policy/v1beta1, removed in Kubernetes 1.25",
  kubernetes_pod_security_policy: "policy/v1beta1, removed in Kubernetes 1.25",
  kubernetes_pod_security_policy_v1beta1: "policy/v1beta1, removed in Kubernetes 1.25",
};

/** Resource types that change a part of an object that something else owns, or that leave no object behind. */
export const NO_OBJECT: Readonly<Record<string, string>> = {
  kubernetes_annotations: "it changes annotations of an object that another owns",
  kubernetes_labels: "it changes labels of an object that another owns",
  kubernetes_env: "it changes environment variables of a workload that another owns",
  kubernetes_config_map_v1_data: "it changes data of a ConfigMap that another owns",
  kubernetes_secret_v1_data: "it changes data of a Secret that another owns",
  kubernetes_node_taint: "it changes taints of a node that another owns",
  kubernetes_token_request_v1: "it asks for a token and leaves no object",
};

const byType = new Map([...BINDINGS, DEFAULT_SERVICE_ACCOUNT].map((b) => [b.resourceType, b]));
const byKind = new Map(BINDINGS.map((b) => [`${b.apiVersion}/${b.kind}`, b]));

/** The binding of a Terraform resource type, deprecated names included. */
export function bindingOfType(resourceType: string): Binding | undefined {
  return byType.get(Object.hasOwn(ALIASES, resourceType) ? (ALIASES[resourceType] ?? resourceType) : resourceType);
}

/** The typed resource that can hold an object of a kind. */
export const bindingOfKind = (apiVersion: string, kind: string): Binding | undefined =>
  byKind.get(`${apiVersion}/${kind}`);

/**
 * The typed resource for one object. A service account called `default` is there already, so it has a resource that changes
 * it instead of one that makes it.
 */
export function bindingOfObject(object: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string };
}): Binding | undefined {
  const isDefaultAccount =
    object.apiVersion === "v1" && object.kind === "ServiceAccount" && object.metadata?.name === "default";
  return isDefaultAccount ? DEFAULT_SERVICE_ACCOUNT : bindingOfKind(object.apiVersion, object.kind);
}

/** `kubernetes_namespace_v1` for a Namespace; undefined where only a chart can carry the object. */
export const terraformTypeOf = (object: Parameters<typeof bindingOfObject>[0]): string | undefined =>
  bindingOfObject(object)?.resourceType;
