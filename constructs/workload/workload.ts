import type { KubernetesObject } from "../../kubernetes/object.ts";

export interface WorkloadProps {
  readonly namespace: string;
  readonly name: string;
  /** By digest. */
  readonly image: string;
  readonly replicas: number;
  /** Kubernetes quantity; request and limit alike, so that a neighbour never takes it. */
  readonly cpu: string;
  readonly memory: string;
  readonly port: number;
  /** Whether its name gives the addresses of its pods, for callers of other clusters. @default false: one of the service */
  readonly headless?: boolean;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files that the container reads, by name, and the folder they are mounted at. */
  readonly files?: { readonly mountPath: string; readonly content: Readonly<Record<string, string>> };
  /** Folders that the container may write to, by volume name; the root file system is read-only. */
  readonly scratch?: Readonly<Record<string, { readonly mountPath: string; readonly sizeLimit: string }>>;
  /** Path that answers 200 when the workload serves. @default a TCP probe of `port` */
  readonly readyPath?: string;
}

/** The labels by which a workload's pods are selected. Frozen: a Deployment's selector cannot be changed. */
export const podLabels = (name: string): Record<string, string> => ({ "app.kubernetes.io/name": name });

/**
 * A long-running workload as every guardrail wants it: no root, no token, no capability, no writable root file system,
 * limits, a disruption budget where there is more than one replica.
 */
export function workload(props: WorkloadProps): readonly KubernetesObject[] {
  const { namespace, name } = props;
  const labels = podLabels(name);
  const metadata = { name, namespace, labels };
  const files: KubernetesObject[] = props.files
    ? [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { ...props.files.content } }]
    : [];
  const budget: KubernetesObject[] =
    props.replicas > 1
      ? [
          {
            apiVersion: "policy/v1",
            kind: "PodDisruptionBudget",
            metadata: { name, namespace },
            spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
          },
        ]
      : [];
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name, namespace },
      automountServiceAccountToken: false,
    },
    ...files,
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: props.replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec(props) },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        type: "ClusterIP",
        ...(props.headless ? { clusterIP: "None" } : {}),
        selector: labels,
        ports: [{ name: "main", port: props.port, targetPort: props.port, protocol: "TCP" }],
      },
    },
    ...budget,
  ];
}

function podSpec(props: WorkloadProps): object {
  const scratch = Object.entries(props.scratch ?? {});
  const mounts = [
    ...(props.files ? [{ name: "files", mountPath: props.files.mountPath, readOnly: true }] : []),
    ...scratch.map(([name, { mountPath }]) => ({ name, mountPath })),
  ];
  const volumes = [
    ...(props.files ? [{ name: "files", configMap: { name: props.name } }] : []),
    ...scratch.map(([name, { sizeLimit }]) => ({ name, emptyDir: { sizeLimit } })),
  ];
  const env = Object.entries(props.env ?? {}).map(([name, value]) => ({ name, value }));
  const limits = { cpu: props.cpu, memory: props.memory };
  return {
    serviceAccountName: props.name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      // An image's own user is unknown until it is pulled; a number of our own is known to be no root.
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: props.name,
        image: props.image,
        ...(props.args ? { args: [...props.args] } : {}),
        ...(env.length > 0 ? { env } : {}),
        ports: [{ name: "main", containerPort: props.port, protocol: "TCP" }],
        readinessProbe: props.readyPath
          ? { httpGet: { path: props.readyPath, port: props.port } }
          : { tcpSocket: { port: props.port } },
        resources: { requests: limits, limits },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          // The provider sends what is not stated as false, which would overrule the pod's own setting.
          runAsNonRoot: true,
          privileged: false,
          capabilities: { drop: ["ALL"] },
        },
        ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
      },
    ],
    ...(volumes.length > 0 ? { volumes } : {}),
  };
}
