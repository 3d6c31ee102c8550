import type { KubernetesObject } from "../../kubernetes/object.ts";

/** Where traffic goes to or comes from. */
export type Peer =
  | { readonly namespace: string; readonly pods?: Readonly<Record<string, string>> }
  | { readonly cidr: string }
  /** The pods of the policy's own namespace. */
  | "own";

export interface TrafficPort {
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

/** One opening in a closed namespace. */
export interface Opening {
  /** Name of the NetworkPolicy; says what it is for. */
  readonly name: string;
  readonly direction: "ingress" | "egress";
  readonly peers: readonly Peer[];
  /** Every port where absent. */
  readonly ports?: readonly TrafficPort[];
  /** Labels of the pods that it opens; all pods of the namespace where absent. */
  readonly pods?: Readonly<Record<string, string>>;
}

/** Closes a namespace in both directions. NetworkPolicies only ever add, so every opening is a policy beside this one. */
export function defaultDeny(namespace: string): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "default-deny", namespace },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };
}

export function openingPolicy(namespace: string, opening: Opening): KubernetesObject {
  const rule = {
    [opening.direction === "ingress" ? "from" : "to"]: opening.peers.map(peerOf),
    ...(opening.ports ? { ports: opening.ports.map(({ protocol, port }) => ({ protocol, port })) } : {}),
  };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: opening.name, namespace },
    spec: {
      podSelector: opening.pods ? { matchLabels: { ...opening.pods } } : {},
      policyTypes: [opening.direction === "ingress" ? "Ingress" : "Egress"],
      [opening.direction]: [rule],
    },
  };
}

function peerOf(peer: Peer): object {
  if (peer === "own") return { podSelector: {} };
  if ("cidr" in peer) return { ipBlock: { cidr: peer.cidr } };
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": peer.namespace } },
    ...(peer.pods ? { podSelector: { matchLabels: { ...peer.pods } } } : {}),
  };
}

/** Name lookups at the cluster's own DNS, which runs in kube-system in every conformant cluster. */
export const DNS_OPENING: Opening = {
  name: "allow-dns",
  direction: "egress",
  peers: [{ namespace: "kube-system" }],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};
