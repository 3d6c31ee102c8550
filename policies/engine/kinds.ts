import { kindInfo, servedKinds } from "../../kubernetes/kinds.ts";
import { groupOf, type KubernetesObject, versionOf } from "../../kubernetes/object.ts";

/** A resource as rules and requests name it. */
export interface Resource {
  /** "" for core */
  readonly group: string;
  readonly version: string;
  /** Plural: `deployments`. */
  readonly resource: string;
}

/** A resource in one of its versions, with the kind of its objects. */
export interface ServedVersion extends Resource {
  readonly kind: string;
  /** Without a webhook, whose answer nobody knows here. */
  readonly convertible: boolean;
}

/** What an API server serves: its own kinds and those that CustomResourceDefinitions add. */
export interface Kinds {
  /** Undefined where nobody said what the kind is called. */
  of(apiVersion: string, kind: string): { readonly plural: string; readonly namespaced: boolean } | undefined;
  /**
   * Every served version of the same objects, the given one included; so for a policy on one of them that says `Equivalent`.
   * Empty where the resource is not known.
   */
  versionsOf(group: string, plural: string): readonly ServedVersion[];
}

/** Resources of two groups that are the same objects. Source: kube-apiserver 1.35, default_storage_factory_builder.go. */
const SAME_OBJECTS: Readonly<Record<string, string>> = { "events.k8s.io/events": "/events" };

const identity = (group: string, plural: string): string => SAME_OBJECTS[`${group}/${plural}`] ?? `${group}/${plural}`;

/** The kinds that kube-apiserver 1.35 serves by itself, and those of the CustomResourceDefinitions among the objects. */
export function kindsOf(objects: readonly KubernetesObject[] = []): Kinds {
  const custom = objects.flatMap((object) =>
    object.kind === "CustomResourceDefinition" ? customVersions(object) : [],
  );
  const byKind = new Map(custom.map((c) => [`${apiVersionOf(c)}/${c.kind}`, c]));
  const byIdentity = new Map(builtInVersions());
  for (const version of custom) {
    const key = identity(version.group, version.resource);
    byIdentity.set(key, [...(byIdentity.get(key) ?? []), version]);
  }
  return {
    of(apiVersion, kind) {
      const found = byKind.get(`${apiVersion}/${kind}`);
      return found ? { plural: found.resource, namespaced: found.namespaced } : kindInfo(apiVersion, kind);
    },
    versionsOf: (group, plural) => byIdentity.get(identity(group, plural)) ?? [],
  };
}

/** `v1`, `apps/v1` */
export const apiVersionOf = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  group === "" ? version : `${group}/${version}`;

let builtIn: ReadonlyMap<string, readonly ServedVersion[]> | undefined;

function builtInVersions(): ReadonlyMap<string, readonly ServedVersion[]> {
  if (builtIn) return builtIn;
  const found = new Map<string, ServedVersion[]>();
  for (const [key, { plural }] of Object.entries(servedKinds())) {
    const at = key.lastIndexOf("/");
    const [apiVersion, kind] = [key.slice(0, at), key.slice(at + 1)];
    const group = groupOf(apiVersion);
    const version = { group, version: versionOf(apiVersion), resource: plural, kind, convertible: true };
    const same = found.get(identity(group, plural));
    if (same) same.push(version);
    else found.set(identity(group, plural), [version]);
  }
  builtIn = found;
  return found;
}

interface CustomVersion extends ServedVersion {
  readonly namespaced: boolean;
}

interface DefinitionSpec {
  readonly group?: string;
  readonly names?: { readonly plural?: string; readonly kind?: string };
  readonly scope?: string;
  readonly versions?: readonly { readonly name: string; readonly served?: boolean }[];
  readonly conversion?: { readonly strategy?: string };
}

/** Those that are served; a definition that lacks what names a resource teaches nothing. */
function customVersions(definition: KubernetesObject): readonly CustomVersion[] {
  const { group, names, scope, versions = [], conversion } = (definition["spec"] ?? {}) as DefinitionSpec;
  const { plural, kind } = names ?? {};
  if (!group || !plural || !kind || !Array.isArray(versions)) return [];
  return versions
    .filter(({ served }) => served !== false)
    .map(({ name }) => ({
      group,
      version: name,
      resource: plural,
      kind,
      namespaced: scope === "Namespaced",
      convertible: conversion?.strategy !== "Webhook",
    }));
}
