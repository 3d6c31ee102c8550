import { type BindingType, bindingType, configOf, propertyName } from "./bindings.ts";
import type { Binding } from "./kinds.ts";
import { fieldType, type TypeText, typeOfKind } from "./schema.ts";

/**
 * How the Terraform provider hashicorp/kubernetes 2.38 names and writes the fields of Kubernetes objects: one resolver, used
 * in both directions (estate/decode.ts reads, constructs/kubernetes/encode.ts writes).
 *
 * Names agree but for case, underscores and the singular of blocks (`cluster_ip` ↔ `clusterIP`, `port` ↔ `ports`); what does
 * not is in the tables below. Source of each entry: the provider's `expand…` functions and schemas.
 */

/** How a value is written in Terraform where JSON has it otherwise. */
export type Coding =
  | "same"
  /** File modes are octal text: `"0644"` ↔ 420. */
  | "octal"
  /** The provider takes plain text where the API has base64. */
  | "plain-text";

export type Target =
  | { readonly to: "field"; readonly field: string; readonly type: TypeText; readonly coding: Coding }
  /** A block that the API does not have: its attributes belong to the type around it. */
  | { readonly to: "inline" }
  /** An argument to the provider itself; `reason` says what it does. */
  | { readonly to: "provider"; readonly reason: string };

const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "apps.v1.DaemonSetSpec": { strategy: "updateStrategy" },
  "core.v1.AzureDiskVolumeSource": { data_disk_uri: "diskURI" },
  "core.v1.GlusterfsVolumeSource": { endpoints_name: "endpoints" },
  "core.v1.GlusterfsPersistentVolumeSource": { endpoints_name: "endpoints" },
  "core.v1.RBDVolumeSource": RBD(),
  "core.v1.RBDPersistentVolumeSource": RBD(),
  "core.v1.Secret": { data: "data", data_wo: "data", binary_data: "data", binary_data_wo: "data" },
  "storage.v1.StorageClass": { storage_provisioner: "provisioner" },
};

function RBD(): Readonly<Record<string, string>> {
  return { ceph_monitors: "monitors", rados_user: "user", rbd_image: "image", rbd_pool: "pool" };
}

const INLINE: Readonly<Record<string, readonly string[]>> = {
  "core.v1.PersistentVolumeSpec": ["persistent_volume_source"],
};

/** Blocks that the provider takes and sends nothing of: its `expandVolumes` has no case for them. */
const NEVER_SENT: Readonly<Record<string, readonly string[]>> = {
  "core.v1.Volume": ["ceph_fs"],
};

/**
 * Types of which one block stands for several: `sources` of a projected volume holds lists of each kind of source, and the
 * provider sends each as an item of its own, in this order of attributes.
 */
export const SPREAD: Readonly<Record<string, readonly string[]>> = {
  "core.v1.VolumeProjection": ["secret", "config_map", "downward_api", "service_account_token"],
};

/** Arguments of any resource that are Terraform's or the provider's own. */
const PROVIDER_ARGUMENTS: Readonly<Record<string, string>> = {
  id: "the provider's own name of the object",
  timeouts: "how long the provider waits",
  wait_for_rollout: "whether the provider waits until the pods run",
  wait_for_completion: "whether the provider waits until the job ends",
  wait_for_load_balancer: "whether the provider waits for an address",
  wait_until_bound: "whether the provider waits until the claim is bound",
  wait_for_default_service_account: "whether the provider waits for the namespace's service account",
  wait_for_service_account_token: "whether the provider waits for the token",
};

/** Arguments of one kind that are the provider's own. */
const PROVIDER_ARGUMENTS_OF: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "certificates.v1.CertificateSigningRequest": { auto_approve: "whether the provider approves the request by itself" },
  "core.v1.Pod": { target_state: "phases in which the provider takes the pod as created" },
  "core.v1.Secret": {
    data_wo_revision: "tells the provider that data_wo changed",
    binary_data_wo_revision: "tells the provider that binary_data_wo changed",
  },
};

/**
 * What the provider sends where the configuration is silent and the API would decide otherwise. Keys are a type, or
 * `type.field` where it holds for the object in that field only.
 */
export const SENT_BY_DEFAULT: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "apps.v1.StatefulSetSpec": { revisionHistoryLimit: 0 },
  "autoscaling.v2.HorizontalPodAutoscalerSpec": { behavior: {} },
  "core.v1.PodSpec": {
    automountServiceAccountToken: true,
    enableServiceLinks: true,
    shareProcessNamespace: false,
  },
  "core.v1.ServiceAccount": { automountServiceAccountToken: true },
  "core.v1.SecurityContext": {
    allowPrivilegeEscalation: true,
    privileged: false,
    readOnlyRootFilesystem: false,
    runAsNonRoot: false,
  },
  "core.v1.PodSecurityContext": { runAsNonRoot: false },
  "core.v1.SeccompProfile": { type: "Unconfined" },
  "core.v1.VolumeMount": { mountPropagation: "None" },
  "core.v1.PersistentVolumeClaim.metadata": { namespace: "default" },
  "core.v1.ResourceFieldSelector": { divisor: "1" },
  "core.v1.Toleration": { operator: "Equal" },
  "core.v1.TopologySpreadConstraint": { maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" },
  "core.v1.PersistentVolumeSpec.claimRef": { namespace: "default" },
  "discovery.v1.Endpoint.targetRef": { namespace: "default" },
  "batch.v1.JobSpec": { backoffLimit: 6, completions: 1, parallelism: 1 },
  "networking.v1.HTTPIngressPath": { pathType: "ImplementationSpecific" },
  "rbac.v1.Subject": { namespace: "default" },
  "storage.v1.StorageClass": { allowVolumeExpansion: true },
};

/**
 * Fields whose default a configuration can take back by saying `""`; encoding does so, so that a subject that is a group
 * gets no namespace.
 */
export const UNSET_BY_EMPTY_TEXT: ReadonlySet<string> = new Set([
  "rbac.v1.Subject.namespace",
  "core.v1.PersistentVolumeSpec.claimRef.namespace",
  "discovery.v1.Endpoint.targetRef.namespace",
]);

/** Fields in which an empty text says something else than silence, and which the provider does not send when empty. */
export const EMPTY_TEXT_HAS_MEANING: ReadonlySet<string> = new Set([
  "core.v1.PersistentVolumeClaimSpec.storageClassName",
]);

const targets = new Map<string, Target | undefined>();

/**
 * Where an attribute of a block goes in the Kubernetes type that the block stands for; undefined where the API has no such
 * field.
 */
export function targetOf(type: string, attribute: string): Target | undefined {
  const key = `${type} ${attribute}`;
  if (!targets.has(key)) targets.set(key, resolve(type, attribute));
  return targets.get(key);
}

function resolve(type: string, attribute: string): Target | undefined {
  if (INLINE[type]?.includes(attribute)) return { to: "inline" };
  if (NEVER_SENT[type]?.includes(attribute)) return undefined;
  const { fields } = objectType(type);
  const renamed = RENAMED[type];
  const field = renamed && Object.hasOwn(renamed, attribute) ? renamed[attribute] : nearName(attribute, fields);
  const text = field === undefined ? undefined : fields[field];
  if (field === undefined || text === undefined) return undefined;
  return { to: "field", field, type: text, coding: codingOf(attribute, field, text) };
}

/** Where an argument at the top of a resource goes. */
export function targetOfArgument(type: string, attribute: string): Target | undefined {
  const own = PROVIDER_ARGUMENTS_OF[type];
  const reason =
    (own && Object.hasOwn(own, attribute) ? own[attribute] : undefined) ??
    (Object.hasOwn(PROVIDER_ARGUMENTS, attribute) ? PROVIDER_ARGUMENTS[attribute] : undefined);
  return reason === undefined ? targetOf(type, attribute) : { to: "provider", reason };
}

const objectType = (type: string): { fields: Readonly<Record<string, TypeText>> } => {
  const described = fieldType(`@${type}`);
  return described.form === "object" ? described : { fields: {} };
};

const fold = (name: string): string => name.replaceAll("_", "").toLowerCase();

/** The field whose name is the attribute's, or its plural. */
function nearName(attribute: string, fields: Readonly<Record<string, TypeText>>): string | undefined {
  const name = fold(attribute);
  const wanted = [name, `${name}s`, `${name}es`, name.replace(/y$/, "ies")];
  const names = Object.keys(fields);
  for (const candidate of wanted) {
    const found = names.find((field) => field.toLowerCase() === candidate);
    if (found) return found;
  }
  return undefined;
}

function codingOf(attribute: string, field: string, type: TypeText): Coding {
  if (type === "integer" && (field === "mode" || field === "defaultMode")) return "octal";
  if (type.endsWith("bytes") && !attribute.startsWith("binary_data")) return "plain-text";
  return "same";
}

/** Where a field of a Kubernetes type is written: the way back of `targetOf`. */
export interface Place {
  readonly attribute: string;
  /** Name in the bindings' TypeScript. */
  readonly property: string;
  readonly binding: TypeText;
  readonly type: TypeText;
  readonly coding: Coding;
  /** The inline block that the attribute stands in. */
  readonly within?: string;
}

const places = new Map<string, ReadonlyMap<string, Place>>();

/** Every field of a Kubernetes type that a block can express, by field. */
export function placesIn(block: BindingType & { form: "block" }, type: string): ReadonlyMap<string, Place> {
  const key = `${block.type} ${type}`;
  const known = places.get(key);
  if (known) return known;
  const found = new Map(collectPlaces(block.properties, (attribute) => targetOf(type, attribute), type));
  places.set(key, found);
  return found;
}

/** Every field of a kind that its resource's arguments can express, by field. */
export function placesOf(binding: Binding): ReadonlyMap<string, Place> {
  const known = places.get(binding.module);
  if (known) return known;
  const type = typeOfKind(binding.apiVersion, binding.kind)?.slice(1) ?? "";
  const found = new Map(
    collectPlaces(configOf(binding.module), (attribute) => targetOfArgument(type, attribute), type),
  );
  places.set(binding.module, found);
  return found;
}

function* collectPlaces(
  properties: Readonly<Record<string, TypeText>>,
  target: (attribute: string) => Target | undefined,
  type: string,
): Generator<readonly [string, Place]> {
  // The shortest name comes last and so wins: a Secret's `data`, not `binary_data_wo`.
  const entries = Object.entries(properties).sort(([a], [b]) => b.length - a.length || (a < b ? 1 : -1));
  for (const [attribute, binding] of entries) {
    const goal = target(attribute);
    if (goal?.to === "field") {
      const { field, type: fieldText, coding } = goal;
      yield [field, { attribute, property: propertyName(attribute), binding, type: fieldText, coding }];
    } else if (goal?.to === "inline") {
      const inner = bindingType(binding);
      if (inner.form !== "block") continue;
      for (const [field, place] of collectPlaces(inner.properties, (name) => targetOf(type, name), type)) {
        yield [field, { ...place, within: propertyName(attribute) }];
      }
    }
  }
}

/** Lists that the provider keeps as sets, so that the order in which it sends them is its own. None has an order that counts. */
export const SENT_AS_SET: ReadonlySet<string> = new Set([
  "batch.v1.PodFailurePolicyOnExitCodesRequirement.values",
  "certificates.v1.CertificateSigningRequestSpec.usages",
  "core.v1.CephFSPersistentVolumeSource.monitors",
  "core.v1.CephFSVolumeSource.monitors",
  "core.v1.EndpointSubset.addresses",
  "core.v1.EndpointSubset.notReadyAddresses",
  "core.v1.EndpointSubset.ports",
  "core.v1.Endpoints.subsets",
  "core.v1.FCVolumeSource.targetWWNs",
  "core.v1.NodeSelectorRequirement.values",
  "core.v1.PersistentVolumeClaimSpec.accessModes",
  "core.v1.PersistentVolumeSpec.accessModes",
  "core.v1.PersistentVolumeSpec.mountOptions",
  "core.v1.PodAffinityTerm.namespaces",
  "core.v1.PodSecurityContext.supplementalGroups",
  "core.v1.RBDPersistentVolumeSource.monitors",
  "core.v1.RBDVolumeSource.monitors",
  "core.v1.ResourceQuotaSpec.scopes",
  "core.v1.ScopedResourceSelectorRequirement.values",
  "core.v1.ServiceAccount.imagePullSecrets",
  "core.v1.ServiceAccount.secrets",
  "core.v1.ServiceSpec.externalIPs",
  "core.v1.ServiceSpec.loadBalancerSourceRanges",
  "core.v1.TopologySelectorLabelRequirement.values",
  "core.v1.TopologySpreadConstraint.matchLabelKeys",
  "meta.v1.LabelSelectorRequirement.values",
  "rbac.v1.PolicyRule.apiGroups",
  "rbac.v1.PolicyRule.resourceNames",
  "rbac.v1.PolicyRule.resources",
  "rbac.v1.PolicyRule.verbs",
  "storage.v1.StorageClass.mountOptions",
]);
