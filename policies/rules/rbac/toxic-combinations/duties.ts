import type { Wish } from "../../../estate-access.ts";

/** Something that one subject may do, by what RBAC calls it; any of the wishes is enough. */
export interface Duty {
  readonly wishes: readonly Wish[];
  /**
   * Where the objects lie, if not anywhere: in namespaces of a layer, or where Secrets of a use lie, of which the wishes are then about
   * each by its name.
   *
   * @default anywhere
   */
  readonly where?: { readonly layer: string } | { readonly secretUse: string };
}

const CHANGE = ["create", "delete", "deletecollection", "patch", "update"];
const WRITE = ["create", "patch", "update"];
const REMOVE = ["delete", "deletecollection"];

/**
 * Duties, by what whoever has one does. Kinds are named as Kubernetes, the Gateway API, Envoy Gateway, Velero, CloudNativePG and its
 * Barman Cloud plugin name them.
 */
export const DUTIES = {
  "gives rights": {
    wishes: [
      {
        verbs: WRITE,
        resources: ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
        apiGroup: "rbac.authorization.k8s.io",
      },
    ],
  },
  "sets guardrails": {
    wishes: [
      {
        verbs: [...WRITE, "delete"],
        resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
        apiGroup: "admissionregistration.k8s.io",
      },
    ],
  },
  "runs programs": {
    wishes: [
      { verbs: WRITE, resources: ["pods"] },
      { verbs: WRITE, resources: ["daemonsets", "deployments", "statefulsets"], apiGroup: "apps" },
      { verbs: WRITE, resources: ["cronjobs", "jobs"], apiGroup: "batch" },
    ],
  },
  "removes the traces": { wishes: [{ verbs: REMOVE, resources: ["events"] }] },
  "administers the gateway": {
    wishes: [
      {
        verbs: CHANGE,
        resources: [
          "backendtlspolicies",
          "gatewayclasses",
          "gateways",
          "grpcroutes",
          "httproutes",
          "referencegrants",
          "tcproutes",
          "tlsroutes",
          "udproutes",
        ],
        apiGroup: "gateway.networking.k8s.io",
      },
      {
        verbs: CHANGE,
        resources: [
          "backends",
          "backendtrafficpolicies",
          "clienttrafficpolicies",
          "envoyextensionpolicies",
          "envoypatchpolicies",
          "envoyproxies",
          "httproutefilters",
          "securitypolicies",
        ],
        apiGroup: "gateway.envoyproxy.io",
      },
    ],
  },
  "grants access to APIs": { wishes: [{ verbs: CHANGE, resources: ["configmaps"] }], where: { layer: "gateway" } },
  "reads backup keys": {
    wishes: [{ verbs: ["get", "list", "watch"], resources: ["secrets"] }],
    where: { secretUse: "backup-key" },
  },
  "removes backups": {
    wishes: [
      { verbs: REMOVE, resources: ["backuprepositories", "backups", "backupstoragelocations"], apiGroup: "velero.io" },
      { verbs: ["create"], resources: ["deletebackuprequests"], apiGroup: "velero.io" },
      { verbs: ["patch", "update"], resources: ["backups", "backupstoragelocations"], apiGroup: "velero.io" },
      { verbs: REMOVE, resources: ["backups"], apiGroup: "postgresql.cnpg.io" },
      { verbs: [...REMOVE, "patch", "update"], resources: ["objectstores"], apiGroup: "barmancloud.cnpg.io" },
    ],
  },
} as const satisfies Readonly<Record<string, Duty>>;

export type DutyName = keyof typeof DUTIES;

/** Duties that check each other, and so lie with different subjects. */
export const COMBINATIONS: readonly (readonly [one: DutyName, other: DutyName])[] = [
  ["gives rights", "runs programs"],
  ["sets guardrails", "runs programs"],
  ["gives rights", "sets guardrails"],
  ["runs programs", "removes the traces"],
  // Whoever opens a route and says who may call it has nobody to ask.
  ["administers the gateway", "grants access to APIs"],
  ["grants access to APIs", "runs programs"],
  // Extortion needs both: the only copy left, and the key to it.
  ["reads backup keys", "removes backups"],
  ["runs programs", "removes backups"],
];
