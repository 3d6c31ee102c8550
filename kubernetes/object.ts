/** Any Kubernetes object as the API takes it: plain JSON with an identity. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** `kind namespace/name`, as people say it. */
export function describeObject(o: KubernetesObject): string {
  const name = o.metadata.name ?? `${o.metadata.generateName ?? ""}*`;
  return o.metadata.namespace ? `${o.kind} ${o.metadata.namespace}/${name}` : `${o.kind} ${name}`;
}

/** The API group, "" for core. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";

/** `v1` of `apps/v1`. */
export const versionOf = (apiVersion: string): string => apiVersion.split("/").at(-1) ?? "";

/** Identity that survives a change of version: group, kind, namespace, name. */
export const objectKey = (o: KubernetesObject): string =>
  [groupOf(o.apiVersion), o.kind, o.metadata.namespace ?? "", o.metadata.name ?? ""].join("|");
