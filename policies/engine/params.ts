import { groupOf, type KubernetesObject, versionOf } from "../../kubernetes/object.ts";
import { convert } from "./convert.ts";
import type { Kinds } from "./kinds.ts";
import type { AdmissionPolicy, PolicyBinding } from "./policy.ts";
import type { Subject } from "./request.ts";
import { selects } from "./selector.ts";

/** All objects of a kind, in whatever version, from which parameters are chosen. */
export type ParamLookup = (group: string, kind: string) => readonly KubernetesObject[];

/** What the API server says of params of a kind that it does not serve; it then refuses all that the policy matches. */
export const unknownParamKind = ({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string;
  readonly kind: string;
}): string => `failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind}'`;

/**
 * The parameters by which a binding judges a request: one evaluation each; a single `null` where the policy takes none. Source:
 * apiserver, admission/plugin/policy/generic, CollectParams.
 */
export function paramsFor(
  { spec: { paramKind } }: AdmissionPolicy,
  { spec: { paramRef } }: PolicyBinding,
  subject: Subject,
  paramsOf: ParamLookup,
  kinds: Kinds,
): readonly (KubernetesObject | null)[] | { readonly error: string } {
  if (!paramKind || !paramRef) return [null];
  const info = kinds.of(paramKind.apiVersion, paramKind.kind);
  if (!info) return { error: unknownParamKind(paramKind) };
  const { namespaced, plural } = info;
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
  const group = groupOf(paramKind.apiVersion);
  const here = paramsOf(group, paramKind.kind).filter(
    ({ metadata }) => !namespaced || (metadata.namespace ?? "default") === namespace,
  );
  const found = paramRef.name
    ? here.filter(({ metadata }) => metadata.name === paramRef.name)
    : here.filter(({ metadata }) => selects(paramRef.selector, metadata.labels ?? {}));
  if (found.length === 0) {
    return paramRef.parameterNotFoundAction === "Allow"
      ? []
      : { error: "no params found for policy binding with `Deny` parameterNotFoundAction" };
  }
  const version = versionOf(paramKind.apiVersion);
  const served = kinds.versionsOf(group, plural).find((v) => v.group === group && v.version === version);
  const params = found.map((param) => (served ? convert(param, served) : param));
  const whole = params.filter((param) => param !== undefined);
  return whole.length === params.length
    ? whole
    : { error: `params of ${paramKind.kind} cannot be converted to ${paramKind.apiVersion} here` };
}
