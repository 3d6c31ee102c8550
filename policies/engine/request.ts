import type { KindInfo } from "../../kubernetes/kinds.ts";
import { groupOf, type KubernetesObject } from "../../kubernetes/object.ts";
import { jsonValue, type Value } from "./expression.ts";

/** What somebody asks of the API server. */
export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  /** What is asked for; absent for a DELETE. */
  readonly object?: KubernetesObject;
  /** What stands; absent for a CREATE. */
  readonly oldObject?: KubernetesObject;
  readonly userInfo: { readonly username: string; readonly groups?: readonly string[] };
  /** `ephemeralcontainers`, where the request goes to `pods/ephemeralcontainers`. */
  readonly subresource?: string;
  /** Paths of `object` whose value nobody knows yet: an expression that depends on one errs. */
  readonly unknown?: readonly string[];
}

/** What a request is about, worked out once for all policies. */
export interface Subject {
  readonly request: AdmissionRequest;
  /** The object, for a DELETE the old one. */
  readonly any: KubernetesObject;
  readonly group: string;
  readonly version: string;
  /** Undefined where nobody said what the kind is called. */
  readonly resource: string | undefined;
  readonly subresource: string;
  /** As the API server has it: a Namespace lies in itself, other cluster-wide objects in "". */
  readonly namespace: string;
  readonly isNamespace: boolean;
  /** `metadata.labels`, `metadata.namespace` … of which some value is unknown. */
  readonly isUnknown: (path: string) => boolean;
  readonly object: Value;
  readonly oldObject: Value;
  readonly requestValue: Value;
}

/** Plural and scope of a kind; undefined where it is not known. */
export type KindLookup = (apiVersion: string, kind: string) => KindInfo | undefined;

/** @throws Error where a request has neither an object nor an old one */
export function subjectOf(request: AdmissionRequest, kindOf: KindLookup): Subject {
  const any = request.object ?? request.oldObject;
  if (!any) throw new Error("a request needs an object or an old one");
  const info = kindOf(any.apiVersion, any.kind);
  const group = groupOf(any.apiVersion);
  const version = any.apiVersion.split("/").at(-1) ?? "";
  const isNamespace = any.apiVersion === "v1" && any.kind === "Namespace";
  const namespaced = info ? info.namespaced : any.metadata.namespace !== undefined;
  const namespace = isNamespace ? (any.metadata.name ?? "") : namespaced ? (any.metadata.namespace ?? "default") : "";
  const subresource = request.subresource ?? "";
  const unknown = request.unknown ?? [];
  return {
    request,
    any,
    group,
    version,
    resource: info?.plural,
    subresource,
    namespace,
    isNamespace,
    isUnknown: (path) => unknown.some((u) => u === path || path.startsWith(`${u}.`) || isWithin(u, path)),
    object: request.object ? jsonValue(asServed(request.object, info, namespace), unknown) : null,
    oldObject: request.oldObject ? jsonValue(asServed(request.oldObject, info, namespace)) : null,
    requestValue: jsonValue(admissionRequest(request, any, info, namespace)),
  };
}

const isWithin = (path: string, folder: string): boolean =>
  path.startsWith(`${folder}.`) || path.startsWith(`${folder}[`);

/** Labels of an object as the API server has them: it names each Namespace by a label of its own. */
export function labelsOf(object: KubernetesObject): Readonly<Record<string, string>> {
  const labels = object.metadata.labels ?? {};
  const isNamespace = object.apiVersion === "v1" && object.kind === "Namespace";
  return isNamespace && object.metadata.name
    ? { ...labels, "kubernetes.io/metadata.name": object.metadata.name }
    : labels;
}

/**
 * An object as policies see it in the API server: in its namespace, and, where the kind is one of the server's own, without
 * fields that are null, which decoding drops.
 */
function asServed(object: KubernetesObject, info: KindInfo | undefined, namespace: string): unknown {
  const labels = labelsOf(object);
  const metadata = {
    ...object.metadata,
    ...(info?.namespaced ? { namespace } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  };
  return info ? withoutNulls({ ...object, metadata }) : { ...object, metadata };
}

function withoutNulls(json: unknown): unknown {
  if (Array.isArray(json)) return json.some(hasNulls) ? json.map(withoutNulls) : json;
  if (typeof json !== "object" || json === null || !hasNulls(json)) return json;
  return Object.fromEntries(
    Object.entries(json).flatMap(([key, value]) => (value === null ? [] : [[key, withoutNulls(value)]])),
  );
}

/** Most objects have none, and are not copied. */
const hasNulls = (json: unknown): boolean =>
  json === null || (typeof json === "object" && Object.values(json).some(hasNulls));

/** The variable `request`: an AdmissionRequest, whose empty fields are absent. Source: admission/v1, types.go. */
function admissionRequest(
  { operation, userInfo, subresource = "" }: AdmissionRequest,
  any: KubernetesObject,
  info: KindInfo | undefined,
  namespace: string,
): object {
  const group = groupOf(any.apiVersion);
  const version = any.apiVersion.split("/").at(-1) ?? "";
  const kind = { group, version, kind: any.kind };
  const resource = { group, version, resource: info?.plural ?? "" };
  const { groups = [] } = userInfo;
  return {
    uid: "",
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    ...(subresource ? { subResource: subresource, requestSubResource: subresource } : {}),
    ...(any.metadata.name ? { name: any.metadata.name } : {}),
    ...(namespace ? { namespace } : {}),
    operation,
    userInfo: { username: userInfo.username, ...(groups.length > 0 ? { groups } : {}) },
    dryRun: false,
  };
}
