import { groupOf, type KubernetesObject, versionOf } from "../../kubernetes/object.ts";
import { convert } from "./convert.ts";
import { jsonValue, type Value } from "./expression.ts";
import { apiVersionOf, type Kinds, type Resource, type ServedVersion } from "./kinds.ts";

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** What somebody asks of the API server. */
export interface AdmissionRequest {
  readonly operation: Operation;
  /** What is asked for; absent for a DELETE. For a CONNECT the options, such as `PodExecOptions`, with empty metadata. */
  readonly object?: KubernetesObject;
  /** What stands; absent for a CREATE. */
  readonly oldObject?: KubernetesObject;
  readonly userInfo: UserInfo;
  /** `ephemeralcontainers`, where the request goes to `pods/ephemeralcontainers`. */
  readonly subresource?: string;
  /** Where the object's kind does not tell it: `pods` of a request to `pods/exec`. @default the resource of the object's kind */
  readonly resource?: Resource;
  /** @default the object's */
  readonly name?: string;
  /** @default the object's */
  readonly namespace?: string;
  /** @default false */
  readonly dryRun?: boolean;
  /** `CreateOptions` and the like, as `request.options` shows them. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Paths of `object` whose value nobody knows yet: an expression that depends on one errs. */
  readonly unknown?: readonly string[];
}

/** Who asks, as the API server authenticated them. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a request is about, worked out once for all policies. */
export interface Subject {
  readonly request: AdmissionRequest;
  /** The object, for a DELETE the old one. */
  readonly any: KubernetesObject;
  /** `resource` is undefined where nobody said what the kind is called. */
  readonly resource: Omit<Resource, "resource"> & { readonly resource: string | undefined };
  /** Other versions of the same objects, to which the server would convert for a policy that names them. */
  readonly equivalents: readonly ServedVersion[];
  /** False where nobody said in which versions the resource is served. */
  readonly isDescribed: boolean;
  readonly subresource: string;
  readonly name: string;
  /** As the API server has it: a Namespace lies in itself, other cluster-wide objects in "". */
  readonly namespace: string;
  /** A Namespace itself, or a subresource of one. */
  readonly isNamespace: boolean;
  /** `metadata.labels`, `metadata.namespace` … of which some value is unknown. */
  readonly isUnknown: (path: string) => boolean;
  /** The request in its own version, or in an equivalent one. */
  inVersion(version: ServedVersion | undefined): VersionedValues | { readonly error: string };
}

/** The variables that depend on the version in which a policy sees a request. */
export interface VersionedValues {
  readonly object: Value;
  readonly oldObject: Value;
  readonly request: Value;
  /** What match conditions see: there the resource is always the one that was asked for. */
  readonly requestOfConditions: Value;
}

/** @throws Error where a request has neither an object nor an old one */
export function subjectOf(request: AdmissionRequest, kinds: Kinds): Subject {
  const any = request.object ?? request.oldObject;
  if (!any) throw new Error("a request needs an object or an old one");
  const info = kinds.of(any.apiVersion, any.kind);
  const resource = request.resource ?? {
    group: groupOf(any.apiVersion),
    version: versionOf(any.apiVersion),
    resource: info?.plural,
  };
  const { plural, namespaced } = addressed(request, any, kinds) ?? {};
  const isNamespace = resource.group === "" && (plural ?? resource.resource) === "namespaces";
  const name = request.name ?? any.metadata.name ?? "";
  const inOne = namespaced ?? any.metadata.namespace !== undefined;
  const namespace = request.namespace ?? (isNamespace ? name : inOne ? (any.metadata.namespace ?? "default") : "");
  const unknown = request.unknown ?? [];
  const served = asServed(any.apiVersion === "v1" && any.kind === "Namespace", info, namespace);
  const own: Version = {
    kind: { group: groupOf(any.apiVersion), version: versionOf(any.apiVersion), kind: any.kind },
    resource: { ...resource, resource: resource.resource ?? "" },
  };
  const versions = new Map<string, VersionedValues | { readonly error: string }>();
  const subresource = request.subresource ?? "";
  const versionsServed = kinds.versionsOf(resource.group, resource.resource ?? "");
  const equivalents = versionsServed.filter(
    ({ group, version }) => group !== resource.group || version !== resource.version,
  );
  return {
    request,
    any,
    resource,
    // Kinds of subresources are their own, and the same in each version.
    equivalents: subresource === "" || info?.plural === resource.resource ? equivalents : [],
    isDescribed: versionsServed.length > 0,
    subresource,
    name,
    namespace,
    isNamespace,
    isUnknown: (path) => unknown.some((u) => u === path || path.startsWith(`${u}.`) || isWithin(u, path)),
    inVersion(version) {
      const key = version ? apiVersionOf(version) : "";
      const known = versions.get(key);
      if (known) return known;
      const made = version ? converted(version) : valuesOf(own, request.object, request.oldObject);
      versions.set(key, made);
      return made;
    },
  };

  function converted(version: ServedVersion): VersionedValues | { readonly error: string } {
    const [object, oldObject] = [request.object, request.oldObject].map((o) => o && convert(o, version));
    const failed = (request.object && !object) || (request.oldObject && !oldObject);
    if (failed || unknown.length > 0) {
      return { error: `${any?.apiVersion} cannot be converted to ${apiVersionOf(version)} here` };
    }
    const { group, version: name, kind, resource } = version;
    const seen = { kind: { group, version: name, kind }, resource: { group, version: name, resource } };
    return valuesOf(seen, object, oldObject);
  }

  function valuesOf(
    seen: Version,
    object: KubernetesObject | undefined,
    oldObject: KubernetesObject | undefined,
  ): VersionedValues {
    const fields = { ...request, subresource, name, namespace };
    const requestValue = jsonValue(admissionRequest(fields, seen, own));
    return {
      object: object ? jsonValue(served(object), unknown) : null,
      oldObject: oldObject ? jsonValue(served(oldObject)) : null,
      request: requestValue,
      requestOfConditions:
        seen === own ? requestValue : jsonValue(admissionRequest(fields, { ...seen, resource: own.resource }, own)),
    };
  }
}

interface Version {
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: Resource;
}

/** Plural and scope of what a request goes to: for `pods/exec` those of pods. */
function addressed({ resource }: AdmissionRequest, any: KubernetesObject, kinds: Kinds) {
  if (!resource) return kinds.of(any.apiVersion, any.kind);
  const parent = kinds
    .versionsOf(resource.group, resource.resource)
    .find(({ group, version }) => group === resource.group && version === resource.version);
  return parent && kinds.of(apiVersionOf(parent), parent.kind);
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
 * fields that are null, which decoding drops. What connects to a pod has no metadata at all.
 */
function asServed(
  isNamespace: boolean,
  info: { readonly namespaced: boolean } | undefined,
  namespace: string,
): (object: KubernetesObject) => unknown {
  return (object) => {
    const { metadata: given, ...rest } = object;
    const labels = labelsOf(object);
    const metadata = {
      ...given,
      ...(info?.namespaced && !isNamespace ? { namespace } : {}),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
    };
    const whole = Object.keys(metadata).length > 0 ? { ...object, metadata } : rest;
    return info ? withoutNulls(whole) : whole;
  };
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
  request: AdmissionRequest & { readonly name: string; readonly namespace: string; readonly subresource: string },
  seen: Version,
  own: Version,
): object {
  const { operation, userInfo, subresource, name, namespace, dryRun = false, options } = request;
  const { username, uid, groups = [], extra = {} } = userInfo;
  return {
    uid: "",
    kind: seen.kind,
    resource: seen.resource,
    requestKind: own.kind,
    requestResource: own.resource,
    ...(subresource ? { subResource: subresource, requestSubResource: subresource } : {}),
    ...(name ? { name } : {}),
    ...(namespace ? { namespace } : {}),
    operation,
    userInfo: {
      ...(username ? { username } : {}),
      ...(uid ? { uid } : {}),
      ...(groups.length > 0 ? { groups } : {}),
      ...(Object.keys(extra).length > 0 ? { extra } : {}),
    },
    dryRun,
    ...(options ? { options } : {}),
  };
}
