import { servedKinds } from "../../kubernetes/kinds.ts";
import { type Message, message, type Position } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import type { PolicySpec, ResourceRule } from "../engine/policy.ts";
import { kindsOf, parts } from "./shapes.ts";

type At = (path: readonly (string | number)[]) => Position;

/**
 * Ways round a policy: subresources that carry what it reads and that it does not match. `pods` matches neither
 * `pods/ephemeralcontainers` nor `pods/resize`.
 *
 * @param reads fields that its expressions read: `core.v1.PodSpec.containers`
 */
export function lintSubresources(spec: PolicySpec, reads: ReadonlySet<string>, at: At): readonly Message[] {
  const rules = spec.matchConstraints.resourceRules ?? [];
  const path = ["spec", "matchConstraints", "resourceRules"];
  return rules.flatMap((rule, i) =>
    rule.resources.flatMap((resource, j) => {
      if (resource.includes("/")) return [];
      return waysRound(rule, resource, reads)
        .filter(({ subresource }) => !rules.some((other) => covers(other, rule, resource, subresource)))
        .map(({ subresource, field }) =>
          message("BH3114", { resource, subresource, field }, at([...path, i, "resources", j])),
        );
    }),
  );
}

interface WayRound {
  readonly subresource: string;
  readonly field: string;
}

function waysRound(rule: ResourceRule, resource: string, reads: ReadonlySet<string>): readonly WayRound[] {
  const read = (...fields: readonly string[]) => fields.find((field) => reads.has(field));
  const pods = resource === "pods" || (resource === "*" && kindsOf(rule, "pods").length > 0);
  const ways = (subresource: string, field: string | undefined): readonly WayRound[] =>
    field ? [{ subresource, field: shortName(field) }] : [];
  const roots = resource === "*" ? [] : kindsOf(rule, resource).map(([, kind]) => kind);
  return [
    ...(pods
      ? [
          ...ways("ephemeralcontainers", read(...CONTAINER_LISTS)),
          ...ways("resize", read("core.v1.Container.resources")),
        ]
      : []),
    ...roots.flatMap((kind) => [
      ...ways(
        "scale",
        SCALED.includes(kind) ? read(...[...reads].filter((f) => f.endsWith(`.${kind}Spec.replicas`))) : undefined,
      ),
      ...ways("status", read(...[...reads].filter((f) => f.endsWith(`.${kind}.status`)))),
    ]),
  ];
}

const CONTAINER_LISTS = ["containers", "initContainers", "ephemeralContainers"].map(
  (list) => `core.v1.PodSpec.${list}`,
);
const SCALED = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];
const shortName = (field: string): string => field.split(".").slice(-2).join(".");

/** Requests to subresources are updates. */
function covers(other: ResourceRule, rule: ResourceRule, resource: string, subresource: string): boolean {
  const shared =
    other.apiGroups.includes("*") ||
    other.apiGroups.some((g) => rule.apiGroups.includes(g) || rule.apiGroups.includes("*"));
  const updates = other.operations.includes("*") || other.operations.includes("UPDATE");
  const base = resource === "*" && subresource !== "status" && subresource !== "scale" ? "pods" : resource;
  const wanted = [`${base}/${subresource}`, `${base}/*`, `*/${subresource}`, "*/*"];
  return shared && updates && wanted.some((pattern) => other.resources.includes(pattern));
}

/** Resources that a built-in group does not have: such a rule matches nothing, and nobody notices. */
export function lintResources(spec: PolicySpec, at: At): readonly Message[] {
  const rules = spec.matchConstraints.resourceRules ?? [];
  return rules.flatMap((rule, i) =>
    rule.resources.flatMap((pattern, j) => {
      const [resource = ""] = pattern.split("/");
      const groups = rule.apiGroups.filter((group) => BUILT_IN().has(group));
      if (resource === "*" || groups.length < rule.apiGroups.length) return [];
      if (kindsOf({ ...rule, apiVersions: ["*"] }, resource).length > 0) return [];
      const known = groups.flatMap((group) => [...(BUILT_IN().get(group) ?? [])]);
      const meant = nearest(resource, known);
      const params = {
        resource,
        groups: groups.map((group) => `'${group}'`).join(", "),
        hint: meant ? `did you mean '${meant}'?` : "name the resource in the plural, as in URLs, with its own group",
      };
      return [message("BH3115", params, at(["spec", "matchConstraints", "resourceRules", i, "resources", j]))];
    }),
  );
}

let groups: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** Resources of each group that the API server has by itself. */
function BUILT_IN(): ReadonlyMap<string, ReadonlySet<string>> {
  if (groups) return groups;
  const found = new Map<string, Set<string>>();
  for (const [key, { plural }] of Object.entries(servedKinds())) {
    const { group } = parts(key);
    found.set(group, (found.get(group) ?? new Set()).add(plural));
  }
  groups = found;
  return groups;
}
