import { LABEL_DOMAIN } from "../contracts.ts";
import { differingLeaves } from "../estate/compare.ts";
import { describeObject, type KubernetesObject } from "../kubernetes/object.ts";

/** How a guardrail in a cluster differs from the file. */
export type DeployedDifference =
  | { readonly what: "missing" | "extra"; readonly object: string }
  /** `paths` that are not as stated; more than stated counts, too. */
  | { readonly what: "differs"; readonly object: string; readonly paths: readonly string[] }
  /** A binding that is the file's but for what it does about a failure: a stage that is not deployed yet. */
  | { readonly what: "stage"; readonly object: string; readonly stands: string; readonly stated: string };

const ADMISSION = "ValidatingAdmissionPolicy";
const isGuardrail = ({ kind }: KubernetesObject): boolean => kind.startsWith(ADMISSION);

/**
 * Compares the policies, bindings and params that stand in a cluster with the files, exactly: what the API server fills in by
 * itself is filled in here too, and everything beyond that is a difference, since a condition that somebody added can switch a rule off.
 *
 * @param stated policies, bindings and the ConfigMaps that they read
 * @param live every policy and binding of the cluster, and the ConfigMaps of those names
 */
export function deployedDifferences(
  stated: readonly KubernetesObject[],
  live: readonly KubernetesObject[],
): readonly DeployedDifference[] {
  const found = new Map(live.map((object) => [describeObject(object), object]));
  const known = new Set(stated.map(describeObject));
  const ours = (object: KubernetesObject) =>
    isGuardrail(object) && (object.metadata.name ?? "").endsWith(`.${LABEL_DOMAIN}`);
  return [
    ...stated.flatMap((object) => differenceOf(object, found.get(describeObject(object)))),
    ...live
      .filter((object) => ours(object) && !known.has(describeObject(object)))
      .map((object) => ({ what: "extra" as const, object: describeObject(object) })),
  ];
}

function differenceOf(stated: KubernetesObject, live: KubernetesObject | undefined): readonly DeployedDifference[] {
  const object = describeObject(stated);
  if (!live) return [{ what: "missing", object }];
  const paths = differingLeaves(decisive(stated), decisive(live)).map(({ path }) => path);
  if (paths.length === 0) return [];
  const actions = ({ spec }: KubernetesObject) =>
    ((spec ?? {}) as { validationActions?: readonly string[] }).validationActions ?? [];
  return paths.every((path) => path.startsWith("spec.validationActions"))
    ? [{ what: "stage", object, stands: actions(live).join(" and "), stated: actions(stated).join(" and ") }]
    : [{ what: "differs", object, paths }];
}

/** The part of an object that decides anything, with the API server's defaults. */
function decisive({ apiVersion, kind, metadata, spec, data }: KubernetesObject): KubernetesObject {
  const { name = "", namespace } = metadata;
  const identity = { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } };
  if (kind === ADMISSION) return { ...identity, spec: policyDefaults(spec as Json) };
  if (kind === `${ADMISSION}Binding`) return { ...identity, spec: bindingDefaults(spec as Json) };
  return { ...identity, ...(data && Object.keys(data).length > 0 ? { data } : {}) };
}

type Json = Readonly<Record<string, unknown>>;

/** Source: pkg/apis/admissionregistration/v1/defaults.go. */
const matchDefaults = (match: Json): Json => ({
  ...match,
  matchPolicy: match["matchPolicy"] ?? "Equivalent",
  namespaceSelector: match["namespaceSelector"] ?? {},
  objectSelector: match["objectSelector"] ?? {},
  ...Object.fromEntries(
    ["resourceRules", "excludeResourceRules"].flatMap((key) =>
      Array.isArray(match[key]) ? [[key, (match[key] as Json[]).map((rule) => ({ scope: "*", ...rule }))]] : [],
    ),
  ),
});

const policyDefaults = (spec: Json): Json => ({
  failurePolicy: "Fail",
  ...spec,
  matchConstraints: matchDefaults((spec["matchConstraints"] ?? {}) as Json),
});

const bindingDefaults = (spec: Json): Json => ({
  ...spec,
  ...(spec["matchResources"] ? { matchResources: matchDefaults(spec["matchResources"] as Json) } : {}),
});
