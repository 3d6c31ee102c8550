import type { Estate, EstateObject } from "../estate/estate.ts";
import { BUILT_IN } from "./built-in-roles.ts";
import { clusterOf, mapOf, mapsOf, ofKind, textAt, textsOf } from "./estate-view.ts";

/** Who may do what in an estate: its RBAC bindings with the rights of their roles. */

/** One rule of a role. */
export interface Right {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Names of the only objects that it is about; absent where it is about all. */
  readonly names?: readonly string[];
}

export interface AccessBinding {
  readonly entry: EstateObject;
  /** The namespace that it holds in; absent where it holds in the whole cluster. */
  readonly namespace?: string;
  readonly subjects: readonly Subject[];
  /** Name of the role. */
  readonly role: string;
  /** Its rights; undefined where the role is neither in the estate nor built in. */
  readonly rights: readonly Right[] | undefined;
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
}

/** Every binding of an estate, each role looked up in the binding's own cluster. */
export function bindingsOf(estate: Estate): readonly AccessBinding[] {
  const roles = ofKind(estate, "Role", "ClusterRole");
  return ofKind(estate, "RoleBinding", "ClusterRoleBinding").map((entry) => {
    const { object } = entry;
    const kind = textAt(object["roleRef"], "kind");
    const role = textAt(object["roleRef"], "name") ?? "";
    const { namespace } = object.metadata;
    const found = roles.find(
      (candidate) =>
        candidate.object.kind === kind &&
        candidate.object.metadata.name === role &&
        clusterOf(candidate) === clusterOf(entry) &&
        (kind === "ClusterRole" || candidate.object.metadata.namespace === namespace),
    );
    return {
      entry,
      ...(object.kind === "RoleBinding" && namespace ? { namespace } : {}),
      subjects: mapsOf(object["subjects"]).map(subjectOf),
      role,
      rights: found ? rightsOf(found) : kind === "ClusterRole" ? BUILT_IN[role] : undefined,
    };
  });
}

const subjectOf = (subject: Readonly<Record<string, unknown>>): Subject => ({
  kind: textAt(subject, "kind") ?? "",
  name:
    textAt(subject, "kind") === "ServiceAccount"
      ? `${textAt(subject, "namespace") ?? ""}/${textAt(subject, "name") ?? ""}`
      : (textAt(subject, "name") ?? ""),
});

const rightsOf = ({ object }: EstateObject): readonly Right[] =>
  mapsOf(mapOf(object)["rules"]).map(({ verbs, apiGroups, resources, resourceNames }) => ({
    verbs: textsOf(verbs),
    apiGroups: textsOf(apiGroups),
    resources: textsOf(resources),
    ...(textsOf(resourceNames).length > 0 ? { names: textsOf(resourceNames) } : {}),
  }));

/** `<verb> <resource>` of each wish that the rights give. */
export const given = (rights: readonly Right[], wishes: readonly Wish[]): readonly string[] =>
  wishes.flatMap(({ verbs, resources, apiGroup = "", name }) =>
    resources.flatMap((resource) =>
      verbs
        .filter((verb) => rights.some((r) => gives(r, verb, resource, apiGroup) && isAbout(r, name)))
        .map((verb) => `${verb} ${resource}`),
    ),
  );

/** Where no object is named, a right over some of them counts: some are enough for harm. */
const isAbout = ({ names }: Right, name: string | undefined): boolean =>
  name === undefined || names === undefined || names.includes(name);

/** Something that may or may not be allowed. */
export interface Wish {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  /** @default "" */
  readonly apiGroup?: string;
  /** The one object that is meant. @default any */
  readonly name?: string;
}

const gives = ({ verbs, apiGroups, resources }: Right, verb: string, resource: string, apiGroup: string): boolean =>
  has(verbs, verb) &&
  has(apiGroups, apiGroup) &&
  (has(resources, resource) || (resource.includes("/") && resources.includes(`*/${resource.split("/")[1]}`)));

const has = (list: readonly string[], item: string): boolean => list.includes(item) || list.includes("*");
