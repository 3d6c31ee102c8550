import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, zoneNamespace, zoneOwnersGroup } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import { kindInfo } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { BhittiError, message } from "../../messages/message.ts";
import type { ClusterClient } from "../deploy/cluster-client.ts";
import type { Progress } from "../progress.ts";

/** What a running cluster answered when a guardrail was tried. */
export interface Proof {
  /** What was tried, in a few words. */
  readonly attempt: string;
  readonly expected: "refused" | "admitted";
  /** The rule whose policy refused it. */
  readonly rule?: string;
  readonly held: boolean;
  /** HTTP status and message of the API server. */
  readonly status: number;
  readonly answer: string;
}

interface Attempt {
  readonly attempt: string;
  readonly object: KubernetesObject;
  /** Ids of the rules that it breaks, of which the API server names the first that it meets; absent where it must be admitted. */
  readonly breaks?: readonly string[];
  /** Who tries. @default the deployer */
  readonly as?: { readonly user: string; readonly groups: readonly string[] };
}

/** A new admission policy holds about a second after it was created; a loaded machine takes longer. */
const ENFORCED_WITHIN_MS = 30_000;

/**
 * Tries the guardrails on the real API server: what must be refused is refused by the policy that should, what complies
 * is admitted. Everything is a dry run and leaves nothing behind.
 *
 * @param policyNameOf name of the policy of a rule id
 */
export async function proveGuardrails(
  environment: Environment,
  client: ClusterClient,
  policyNameOf: (rule: string) => string,
  progress: Progress,
): Promise<Proof[]> {
  const step = progress.step("prove the guardrails live");
  const proofs: Proof[] = [];
  const until = Date.now() + ENFORCED_WITHIN_MS;
  for (const attempt of attempts(environment)) {
    let proof = await tryOut(client, attempt, policyNameOf);
    // Only what is wrongly admitted may still change: policies begin to hold a moment after they exist.
    while (!proof.held && proof.status < 300 && Date.now() < until) {
      await sleep(250);
      proof = await tryOut(client, attempt, policyNameOf);
    }
    proofs.push(proof);
    step.update(`${proofs.length} tried`);
  }
  const broken = proofs.filter((p) => !p.held);
  if (broken.length > 0) {
    step.fail();
    throw new BhittiError(
      broken.map((p) =>
        message("BH5100", {
          attempt: p.attempt,
          expected: p.expected,
          rule: p.rule ?? "none",
          status: p.status,
          answer: p.answer,
        }),
      ),
      EXIT.findings,
    );
  }
  step.done(`${proofs.length} of ${proofs.length} held`);
  return proofs;
}

async function tryOut(
  client: ClusterClient,
  { attempt, object, breaks, as }: Attempt,
  policyNameOf: (rule: string) => string,
): Promise<Proof> {
  const { namespace } = object.metadata;
  const plural = kindInfo(object.apiVersion, object.kind)?.plural ?? "";
  const base = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  const reply = await client.request({
    method: "POST",
    path: `${base}/namespaces/${namespace}/${plural}`,
    query: { dryRun: "All", fieldValidation: "Strict" },
    body: object,
    ...(as ? { as } : {}),
  });
  const answer = String((reply.body as { message?: unknown } | undefined)?.message ?? "");
  const refusing = breaks?.find((rule) => answer.includes(`ValidatingAdmissionPolicy '${policyNameOf(rule)}'`));
  return {
    attempt,
    expected: breaks ? "refused" : "admitted",
    ...(refusing ? { rule: refusing } : {}),
    held: breaks ? reply.status >= 400 && refusing !== undefined : reply.status < 300,
    status: reply.status,
    answer,
  };
}

/** In namespace `default`, where Pod Security enforces nothing, so that the answer is our rule's; zones have both. */
function attempts(environment: Environment): Attempt[] {
  const zone = environment.zones.find((z) => z.services.length > 0);
  const service = zone?.services[0];
  if (!zone || !service) return [];
  const { image } = service;
  const owner = { user: "an-owner", groups: [zoneOwnersGroup(zone.name), "system:authenticated"] };
  return [
    {
      attempt: "a privileged pod",
      // Kubernetes itself lets no privileged container forbid escalation, so it always breaks both.
      breaks: ["pod-security/no-privileged", "pod-security/no-privilege-escalation"],
      // Zones' images are refused outside of their zone, and only one refusal is told.
      object: pod("default", environment.gateway.image, { privileged: true, allowPrivilegeEscalation: true }),
    },
    {
      attempt: "a service on a node's port",
      breaks: ["network/no-node-port"],
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "bhitti-proof", namespace: "default" },
        spec: { type: "NodePort", selector: { app: "x" }, ports: [{ port: 80 }] },
      },
    },
    {
      attempt: "an image from a foreign registry",
      breaks: ["supply-chain/allowed-registries"],
      object: pod(zoneNamespace(zone.name), image.replace(/^[^/]+/, "registry.example.com")),
    },
    {
      attempt: `an owner of ${zone.name} opening it to everywhere`,
      breaks: ["network/declared-flows"],
      as: owner,
      object: {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "bhitti-proof", namespace: zoneNamespace(zone.name) },
        spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] },
      },
    },
    {
      attempt: `a compliant pod of an owner of ${zone.name}`,
      as: owner,
      object: pod(zoneNamespace(zone.name), image),
    },
  ];
}

function pod(
  namespace: string,
  image: string,
  security: object = { allowPrivilegeEscalation: false },
): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "bhitti-proof", namespace },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "main",
          image,
          resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "10m", memory: "16Mi" } },
          securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] }, ...security },
        },
      ],
    },
  };
}
