import { LABELS } from "../../contracts.ts";
import type { Estate, EstateObject } from "../../estate/estate.ts";
import { kindInfo, servedKinds } from "../../kubernetes/kinds.ts";
import { groupOf, type KubernetesObject, versionOf } from "../../kubernetes/object.ts";
import { type Message, message } from "../../messages/message.ts";
import type { ResourceRule } from "../../policies/engine/policy.ts";
import type { Rule } from "../../policies/rules.ts";
import { type ClusterClient, statusText } from "./cluster-client.ts";
import { collectionPath, inParallel } from "./objects.ts";
import { isParamKeeper } from "./param-keeper.ts";

/** What runs in a cluster, as far as rules speak of it. */
export interface LiveEstate {
  /** Each object with the stack that deployed it, `<cluster>-live` where none did. */
  readonly estate: Estate;
  /** Policies, bindings and ConfigMaps, for a comparison with the files. */
  readonly guardrails: readonly KubernetesObject[];
  /** BH3307 for each kind that could not be listed. */
  readonly messages: readonly Message[];
}

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

const NAMESPACE: Kind = { apiVersion: "v1", kind: "Namespace" };
const CONFIG_MAP: Kind = { apiVersion: "v1", kind: "ConfigMap" };
const GUARDRAILS: readonly Kind[] = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind,
}));

/** Lists every object of the kinds that rules name. Only reads; Secrets are read where a rule names them. */
export async function readLiveEstate(
  client: ClusterClient,
  environment: string,
  rules: readonly Rule[],
): Promise<LiveEstate> {
  const wanted = distinct([NAMESPACE, CONFIG_MAP, ...rules.flatMap(kindsOfRule)]);
  const [objects, guardrails] = [await listAll(client, wanted), await listAll(client, GUARDRAILS)];
  const running = objects.found.filter(isRunning);
  return {
    estate: {
      environment,
      stacks: [],
      objects: running.map(
        (object): EstateObject => ({
          object,
          stack: stackOf(object, client.cluster),
          address: `live ${object.kind}`,
          unknown: [],
        }),
      ),
      undecoded: [],
    },
    guardrails: [
      ...guardrails.found.filter(({ kind, metadata }) => !isParamKeeper(kind, metadata.name ?? "")),
      ...objects.found.filter(({ kind }) => kind === "ConfigMap"),
    ],
    messages: [...objects.messages, ...guardrails.messages],
  };
}

/** A stack's id opens with its cluster's name, by which two clusters are told apart. */
function stackOf({ metadata }: KubernetesObject, cluster: string): string {
  const stack = metadata.labels?.[LABELS.stack];
  return stack?.startsWith(`${cluster}-`) ? stack : `${cluster}-live`;
}

/** Leaves out what is on its way out, and the ReplicaSets of earlier revisions. */
function isRunning({ kind, metadata, spec }: KubernetesObject): boolean {
  if (metadata["deletionTimestamp"] !== undefined) return false;
  return (
    kind !== "ReplicaSet" || (spec as { replicas?: number } | undefined)?.replicas !== 0 || !metadata["ownerReferences"]
  );
}

/** Built-in kinds that a rule names; what stands behind `*` is left to the rules that name it. */
function kindsOfRule({ policy }: Rule): readonly Kind[] {
  const listed = (list: readonly string[], item: string) => list.includes("*") || list.includes(item);
  const fits = (rule: ResourceRule, { apiVersion }: Kind, plural: string) =>
    rule.resources.includes(plural) &&
    listed(rule.apiGroups, groupOf(apiVersion)) &&
    listed(rule.apiVersions, versionOf(apiVersion));
  const rules = policy.spec.matchConstraints.resourceRules ?? [];
  return Object.entries(servedKinds()).flatMap(([key, { plural }]) => {
    const slash = key.lastIndexOf("/");
    const kind = { apiVersion: key.slice(0, slash), kind: key.slice(slash + 1) };
    return rules.some((rule) => fits(rule, kind, plural)) ? [kind] : [];
  });
}

const distinct = (kinds: readonly Kind[]): readonly Kind[] => [
  ...new Map(kinds.map((kind) => [`${kind.apiVersion}/${kind.kind}`, kind])).values(),
];

async function listAll(
  client: ClusterClient,
  kinds: readonly Kind[],
): Promise<{ found: readonly KubernetesObject[]; messages: readonly Message[] }> {
  const lists = await inParallel(kinds, (kind) => list(client, kind));
  return { found: lists.flatMap(({ found }) => found), messages: lists.flatMap(({ messages }) => messages) };
}

interface ListPage {
  readonly items?: readonly Omit<KubernetesObject, "apiVersion" | "kind">[];
  readonly metadata?: { readonly continue?: string };
}

async function list(client: ClusterClient, { apiVersion, kind }: Kind) {
  const info = kindInfo(apiVersion, kind);
  const found: KubernetesObject[] = [];
  let next = "";
  if (!info) return { found, messages: [] };
  do {
    const query = { limit: "500", ...(next ? { continue: next } : {}) };
    const reply = await client.request({ method: "GET", path: collectionPath(apiVersion, info), query });
    // A cluster of another version need not serve every kind, and some are only ever created, such as reviews.
    if (reply.status === 404 || reply.status === 405) return { found, messages: [] };
    if (reply.status !== 200) {
      const params = { kind, cluster: client.cluster, reason: statusText(reply) };
      return { found, messages: [message("BH3307", params)] };
    }
    const { items = [], metadata } = reply.body as ListPage;
    // Items of a list do not say what they are.
    found.push(...items.map((item) => ({ ...item, apiVersion, kind }) as KubernetesObject));
    next = metadata?.continue ?? "";
  } while (next);
  return { found, messages: [] };
}
