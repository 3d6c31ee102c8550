import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ZONE_FLOWS } from "../contracts.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { judgeOf } from "./engine/admission.ts";
import { type Flow, flowLines } from "./flows.ts";
import { bindingFor, loadRules } from "./rules.ts";

test("each flow is a line, sorted, and said once", () => {
  expect(
    flowLines([
      { direction: "egress", peer: { namespace: "kube-system" }, port: { protocol: "UDP", port: 53 } },
      { direction: "egress", peer: { cidr: "10.20.0.0/16" }, port: { protocol: "TCP", port: 443 } },
      { direction: "egress", peer: "own" },
      { direction: "egress", peer: "own" },
      { direction: "ingress", peer: { namespace: "bhitti-gateway" }, port: { protocol: "TCP", port: 8080 } },
    ]),
  ).toEqual({
    egress: "cidr:10.20.0.0/16 TCP/443\nnamespace:kube-system UDP/53\nown *",
    ingress: "namespace:bhitti-gateway TCP/8080",
  });
  expect(flowLines([])).toEqual({ ingress: "", egress: "" });
});

const rule = loadRules().find(({ id }) => id === "network/declared-flows");
if (!rule) throw new Error("no rule network/declared-flows");

const zone = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "zone-a", labels: { "bhitti.platform/zone": "a" } },
};

/** Whether a zone's owner may open what `wanted` says where `declared` is declared. */
function allows(declared: readonly Flow[], wanted: readonly Flow[]): boolean {
  const params = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: ZONE_FLOWS, namespace: "zone-a" },
    data: flowLines(declared),
  };
  const judge = judgeOf([rule?.policy ?? none()], [bindingFor(rule ?? none(), "deny")], {
    namespaces: [zone],
    params: [params],
  });
  const [verdict] = judge({
    operation: "CREATE",
    object: policyFor(wanted),
    userInfo: { username: "owner", groups: ["x"] },
  });
  if (verdict?.outcome !== "allow" && verdict?.outcome !== "deny") throw new Error(String(verdict?.messages));
  return verdict.outcome === "allow";
}

function none(): never {
  throw new Error("nothing");
}

/** A NetworkPolicy that opens each flow by a rule of its own. */
const policyFor = (flows: readonly Flow[]): KubernetesObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "mine", namespace: "zone-a" },
  spec: {
    podSelector: {},
    ingress: flows.filter((f) => f.direction === "ingress").map((flow) => ({ from: [peerOf(flow)], ...portsOf(flow) })),
    egress: flows.filter((f) => f.direction === "egress").map((flow) => ({ to: [peerOf(flow)], ...portsOf(flow) })),
  },
});

const peerOf = ({ peer }: Flow): object =>
  peer === "own"
    ? { podSelector: {} }
    : "cidr" in peer
      ? { ipBlock: { cidr: peer.cidr } }
      : { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": peer.namespace } } };

const portsOf = ({ port }: Flow): object => (port ? { ports: [port] } : {});

/** Few values, so that flows meet often. */
const flow: fc.Arbitrary<Flow> = fc
  .record({
    direction: fc.constantFrom("ingress" as const, "egress" as const),
    peer: fc.oneof(
      fc.constant("own" as const),
      fc.constantFrom("kube-system", "kube", "zone-b").map((namespace) => ({ namespace })),
      fc
        .constantFrom("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "11.0.0.0/8", "2001:db8::/32", "2001:db8:1::/48")
        .map((cidr) => ({ cidr })),
    ),
    port: fc.option(
      fc.record({ protocol: fc.constantFrom("TCP" as const, "UDP" as const), port: fc.constantFrom(53, 5, 443) }),
      { nil: undefined },
    ),
  })
  .map(({ port, ...rest }) => (port ? { ...rest, port } : rest));

const INSIDE: Readonly<Record<string, readonly string[]>> = {
  "10.0.0.0/8": ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32"],
  "10.1.0.0/16": ["10.1.0.0/16", "10.1.2.3/32"],
  "2001:db8::/32": ["2001:db8::/32", "2001:db8:1::/48"],
};

/** What the rule means, said without CEL. */
function covers(declared: Flow, wanted: Flow): boolean {
  const { direction, peer, port } = declared;
  const samePort = !port || (wanted.port?.port === port.port && wanted.port.protocol === port.protocol);
  if (direction !== wanted.direction || !samePort) return false;
  if (peer === "own" || wanted.peer === "own") return peer === wanted.peer;
  if ("namespace" in peer) return "namespace" in wanted.peer && wanted.peer.namespace === peer.namespace;
  return "cidr" in wanted.peer && (INSIDE[peer.cidr] ?? [peer.cidr]).includes(wanted.peer.cidr);
}

describe("the rule network/declared-flows reads what is written", () => {
  test("each flow allows itself", () => {
    fc.assert(fc.property(fc.array(flow, { maxLength: 6 }), (flows) => allows(flows, flows)));
  });

  test("a policy is allowed where each of its flows is covered by one that is declared", () => {
    fc.assert(
      fc.property(
        fc.array(flow, { maxLength: 5 }),
        fc.array(flow, { minLength: 1, maxLength: 3 }),
        (declared, wanted) => {
          expect(allows(declared, wanted)).toBe(wanted.every((w) => declared.some((d) => covers(d, w))));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("what is not declared is not allowed, whatever else is", () => {
    fc.assert(
      fc.property(fc.array(flow, { maxLength: 6 }), (declared) => {
        expect(allows(declared, [{ direction: "egress", peer: { cidr: "0.0.0.0/0" } }])).toBe(false);
        expect(allows(declared, [{ direction: "ingress", peer: { cidr: "::/0" } }])).toBe(false);
        expect(allows(declared, [{ direction: "egress", peer: { namespace: "zone-secret" } }])).toBe(false);
      }),
    );
  });
});
