import { type Flow, flowLines } from "../../policies/flows.ts";
import type { Opening, Peer } from "../network/policies.ts";

/** Data of the ConfigMap by which admission knows what a zone's openings are. */
export function flowsOf(openings: readonly Opening[]): Record<string, string> {
  return {
    ...flowLines(
      openings.flatMap(({ direction, peers, ports }) =>
        peers.flatMap((peer): Flow[] =>
          ports
            ? ports.map((port) => ({ direction, peer: flowPeer(peer), port }))
            : [{ direction, peer: flowPeer(peer) }],
        ),
      ),
    ),
  };
}

/** Which pods of a namespace are meant is left out: an owner may narrow a flow as he likes. */
const flowPeer = (peer: Peer): Flow["peer"] =>
  peer === "own" || "cidr" in peer ? peer : { namespace: peer.namespace };
