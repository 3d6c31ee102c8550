/**
 * Names that other people's systems hold on to: states, label selectors, pipelines, bookmarks. They are frozen: a change
 * here orphans Terraform state, opens a policy selector or breaks a partner's script, so contracts.test.ts pins each one.
 */

/** Prefix of every label and annotation, and suffix of every admission policy's name. */
export const LABEL_DOMAIN = "bhitti.platform";

export const LABELS = {
  /** The zone that a namespace, or an object in it, belongs to. */
  zone: `${LABEL_DOMAIN}/zone`,
  /** The highest class of data that a namespace may hold. */
  dataClass: `${LABEL_DOMAIN}/data-class`,
  /** The platform layer of a namespace that belongs to no tenant. */
  layer: `${LABEL_DOMAIN}/layer`,
  /** The stack that an object was deployed by. */
  stack: `${LABEL_DOMAIN}/stack`,
  /**
   * `bhitti` on everything that the platform owns: rules keep tenants from changing it. Not the common
   * `app.kubernetes.io/managed-by`, which Helm overwrites with its own name in every chart.
   */
  managedBy: `${LABEL_DOMAIN}/managed-by`,
  /** The API that a grant's record opens: `<name>-<version>`, on a ConfigMap of the gateway's namespace. */
  grant: `${LABEL_DOMAIN}/grant`,
  /** `true` on each binding of emergency access. */
  emergency: `${LABEL_DOMAIN}/emergency`,
  /** What a Secret, or the ExternalSecret that makes it, is for, where rules ask: `backup-key`. */
  secretUse: `${LABEL_DOMAIN}/secret-use`,
  /** Whose a service account is, where rules ask: `ci` of what builds and delivers. */
  identity: `${LABEL_DOMAIN}/identity`,
  /** How what it stores is backed up: the name of a schedule, or `none`, which an annotation backup-reason explains. */
  backup: `${LABEL_DOMAIN}/backup`,
  /** What was practised: the kind of drill, on the ConfigMap that records one. */
  drill: `${LABEL_DOMAIN}/drill`,
  /** The site at which something outside of the cluster stands, such as a place for backups. */
  site: `${LABEL_DOMAIN}/site`,
  /** The country of that site: ISO 3166-1, two letters. */
  country: `${LABEL_DOMAIN}/country`,
} as const;

/** Value of `LABELS.managedBy`, and the field manager of server-side apply. */
export const MANAGER = "bhitti";

/** The group of the people and pipelines that run the platform itself. */
export const PLATFORM_GROUP = "bhitti:platform";

/** The group of those who look at what the platform does, and change nothing. */
export const AUDITORS_GROUP = "bhitti:auditors";

/** The group of the security operations centre. */
export const SOC_GROUP = "bhitti:soc";

/** The group that emergency access is given to, one dated binding an incident. */
export const BREAK_GLASS_GROUP = "bhitti:break-glass";

/** The key of the audit annotation that each request for emergency access writes: an alert of the SOC looks for it. */
export const EMERGENCY_AUDIT_ANNOTATION = `dated-binding.break-glass.${LABEL_DOMAIN}/emergency-access`;

/** The group of a zone's owners, as the identity realm and RBAC know it. */
export const zoneOwnersGroup = (zone: string): string => `bhitti:zone:${zone}:owners`;

/** A zone's namespace. One zone has one namespace in a cluster. */
export const zoneNamespace = (zone: string): string => `zone-${zone}`;

/** A platform layer's namespace. */
export const layerNamespace = (layer: string): string => `bhitti-${layer}`;

/** The ConfigMap in each zone's namespace that tells admission what the zone may reach and be reached by. */
export const ZONE_FLOWS = "bhitti-zone-flows";

/** The ConfigMap in a publisher's namespace that tells its services which fields each caller was granted. */
export const ZONE_GRANTS = "bhitti-api-grants";

/** Layers of a cluster, in the order in which they are deployed. Zones come last. */
export const LAYERS = ["network", "guardrails", "backup", "identity", "gateway", "soc"] as const;
export type Layer = (typeof LAYERS)[number];

/** Id of the stack of one layer of one cluster: folder in `cdktf.out/<environment>/stacks`, argument of `cdktf deploy`. */
export const layerStackId = (cluster: string, layer: Layer): string => `${cluster}-${layer}`;

/** Id of the stack of a zone's part in one cluster. */
export const zoneStackId = (cluster: string, zone: string): string => `${cluster}-zone-${zone}`;

/** Key of a stack's Terraform state. */
export const stateKey = (environment: string, stack: string): string => `${environment}/${stack}`;

/** What a cluster remembers of its deploys: ConfigMaps in `kube-system`, which exists before anything is deployed. */
export const RECORD_NAMESPACE = "kube-system";
/** Which engine and environment own the cluster. */
export const ENGINE_RECORD = "bhitti-engine";
/** What the server-side-apply engine applied for a stack, so that it can prune. */
export const inventoryName = (stack: string): string => `bhitti-inventory-${stack}`;

/** What became of the last deploy of each stack, by either engine. */
export const DEPLOY_RECORD = "bhitti-deploys";

/** A rule's id is `<family>/<rule>`, which is also its folder under policies/rules. Its policy in the cluster: */
export const policyName = (family: string, rule: string): string => `${rule}.${family}.${LABEL_DOMAIN}`;

export const EXIT = { fine: 0, findings: 1, badInput: 2, toolFailed: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
