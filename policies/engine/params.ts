import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { AdmissionPolicy, PolicyBinding } from "./policy.ts";
import type { KindLookup, Subject } from "./request.ts";
import { selects } from "./selector.ts";

/** All objects of a kind, from which parameters are chosen. */
export type ParamLookup = (apiVersion: string, kind: string) => readonly KubernetesObject[];

/**
 * The parameters by which a binding judges a request: one evaluation each; a single `null` where the policy takes none. Source:
 * apiserver, admission/plugin/policy/generic, CollectParams.
 */
export function paramsFor(
  { spec: { paramKind } }: AdmissionPolicy,
  { spec: { paramRef } }: PolicyBinding,
  subject: Subject,
  paramsOf: ParamLookup,
  kindOf: KindLookup,
): readonly (KubernetesObject | null)[] | { readonly error: string } {
  if (!paramKind || !paramRef) return [null];
  const namespaced = kindOf(paramKind.apiVersion, paramKind.kind)?.namespaced;
  if (namespaced === undefined) return { error: `paramKind kind '${paramKind.kind}' is not known` };
  if (!namespaced && paramRef.namespace) {
    return { error: "paramRef.namespace must not be provided for a cluster-scoped `paramKind`" };
  }
  const namespace = paramRef.namespace ?? subject.namespace;
  if (namespaced && namespace === "") {
    return { error: "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources" };
  }
  if (namespaced && !paramRef.namespace && subject.isUnknown("metadata.namespace")) {
    return { error: "metadata.namespace is unknown" };
  }
  const here = paramsOf(paramKind.apiVersion, paramKind.kind).filter(
    ({ metadata }) => !namespaced || (metadata.namespace ?? "default") === namespace,
  );
  const found = paramRef.name
    ? here.filter(({ metadata }) => metadata.name === paramRef.name)
    : here.filter(({ metadata }) => selects(paramRef.selector, metadata.labels ?? {}));
  if (found.length > 0 || paramRef.parameterNotFoundAction === "Allow") return found;
  return { error: "no params found for policy binding with `Deny` parameterNotFoundAction" };
}
