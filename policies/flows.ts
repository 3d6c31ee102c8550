/**
 * What a zone may reach or be reached by, as the rule `network/declared-flows` reads it from the ConfigMap `ZONE_FLOWS` of the
 * zone's namespace.
 */
export interface Flow {
  readonly direction: "ingress" | "egress";
  /** `own`: the pods of the zone's own namespace. A `cidr` covers each CIDR inside it. */
  readonly peer: "own" | { readonly namespace: string } | { readonly cidr: string };
  /** Every port of every protocol where absent. */
  readonly port?: { readonly protocol: "TCP" | "UDP" | "SCTP"; readonly port: number };
}

/** Data of the ConfigMap: in each key one line a flow, sorted. */
export interface FlowLines {
  readonly ingress: string;
  readonly egress: string;
}

/**
 * The data of a zone's `ZONE_FLOWS` ConfigMap: lines `<peer> <port>`, with a peer `namespace:<name>`, `own` or
 * `cidr:<CIDR>`, and a port `TCP/8080`, `UDP/53` or `*`. A direction without flows is an empty text, which opens nothing.
 */
export function flowLines(flows: readonly Flow[]): FlowLines {
  const linesOf = (direction: Flow["direction"]): string =>
    [...new Set(flows.filter((flow) => flow.direction === direction).map(flowLine))].sort().join("\n");
  return { ingress: linesOf("ingress"), egress: linesOf("egress") };
}

function flowLine({ peer, port }: Flow): string {
  const who = peer === "own" ? "own" : "namespace" in peer ? `namespace:${peer.namespace}` : `cidr:${peer.cidr}`;
  return `${who} ${port ? `${port.protocol}/${port.port}` : "*"}`;
}
