import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "../../contracts.ts";
import type { EstateObject } from "../../estate/estate.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import { BhittiError, type Message, message } from "../../messages/message.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { isRecord } from "./json-difference.ts";
import { type KindLookup, objectPath, referenceOf } from "./objects.ts";

/** Kinds that what follows relies on. Workloads are not among them: there may be no node to run them. */
const AWAITED = new Set(["Namespace", "CustomResourceDefinition", "ValidatingAdmissionPolicy"]);

/**
 * Waits until what follows may rely on an object: a namespace is Active, a CRD Established, a policy type-checked.
 *
 * @param seen the object as it was just read, where it was
 * @param timeoutMs milliseconds
 * @returns what the server's type checker says of a policy
 * @throws BhittiError BH4017 where it is not ready in time
 */
export async function waitUntilReady(
  client: ClusterClient,
  kinds: KindLookup,
  stated: EstateObject,
  timeoutMs: number,
  seen?: KubernetesObject,
): Promise<Message[]> {
  const { object, stack, position } = stated;
  if (!AWAITED.has(object.kind)) return [];
  const info = await kinds(object.apiVersion, object.kind);
  const path = info && objectPath(referenceOf(object), info);
  const until = Date.now() + timeoutMs;
  let live = seen;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
    if (!live && path) {
      const reply = await client.request({ method: "GET", path });
      if (reply.status === 200) live = reply.body as KubernetesObject;
    }
    const missing = live ? lacking(live) : "everything: it does not exist";
    if (live && !missing) return typeWarnings(live, stated);
    if (Date.now() + pause > until) {
      const params = { object: describeObject(object), stack, seconds: timeoutMs / 1000, missing: missing ?? "" };
      throw new BhittiError(message("BH4017", params, position), EXIT.toolFailed);
    }
    await sleep(pause);
    live = undefined;
  }
}

/** What an object still lacks to be ready; undefined where it is. */
function lacking(live: KubernetesObject): string | undefined {
  const status = isRecord(live.status) ? live.status : {};
  if (live.kind === "Namespace") return status.phase === "Active" ? undefined : "phase Active";
  if (live.kind === "CustomResourceDefinition") {
    const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isRecord) : [];
    const established = conditions.some((c) => c.type === "Established" && c.status === "True");
    return established ? undefined : "condition Established";
  }
  return status.observedGeneration === live.metadata.generation ? undefined : "its type checking";
}

/** What the server's type checker found in a policy's expressions. */
function typeWarnings(live: KubernetesObject, stated: EstateObject): Message[] {
  const status = isRecord(live.status) ? live.status : {};
  const checking = isRecord(status.typeChecking) ? status.typeChecking : {};
  const warnings = Array.isArray(checking.expressionWarnings) ? checking.expressionWarnings.filter(isRecord) : [];
  return warnings.map((w) => {
    const warning = String(w.warning).replace(/\s+/g, " ").trim();
    const params = { object: describeObject(live), stack: stated.stack, field: String(w.fieldRef), warning };
    return message("BH4022", params, stated.position);
  });
}
