import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import {
  ALIASES,
  BINDINGS,
  bindingOfKind,
  bindingOfType,
  DEFAULT_SERVICE_ACCOUNT,
  kindInfo,
  NO_OBJECT,
  REMOVED_APIS,
} from "./kinds.ts";

const lib = dirname(createRequire(import.meta.url).resolve("@cdktf/provider-kubernetes/lib/lazy-index.js"));

/** Resource type and class of each resource module of the bindings, read from their type declarations. */
const modules = readdirSync(lib, { withFileTypes: true })
  .filter((e) => e.isDirectory() && e.name !== "provider" && !e.name.startsWith("data-kubernetes"))
  .map((e) => {
    const text = readFileSync(join(lib, e.name, "index.d.ts"), "utf8");
    const className = /export declare class (\w+) extends cdktf\.TerraformResource/.exec(text)?.[1] ?? "";
    const resourceType = /static readonly tfResourceType = "(\w+)"/.exec(text)?.[1] ?? "";
    return { module: e.name, className, resourceType };
  });

test("every resource of the bindings is an object, an alias, gone, or known to be none", () => {
  const known = new Set([
    ...[...BINDINGS, DEFAULT_SERVICE_ACCOUNT].map((b) => b.resourceType),
    ...Object.keys(ALIASES),
    ...Object.keys(REMOVED_APIS),
    ...Object.keys(NO_OBJECT),
    "kubernetes_manifest",
  ]);
  expect(modules.map((m) => m.resourceType).sort()).toEqual([...known].sort());
});

test("module, class and resource type of each binding are those of the package", () => {
  for (const binding of [...BINDINGS, DEFAULT_SERVICE_ACCOUNT]) {
    const { module, className, resourceType } = binding;
    expect(modules).toContainEqual({ module, className, resourceType });
  }
});

test("every binding's kind is served by the API server", () => {
  for (const { apiVersion, kind } of BINDINGS) expect(kindInfo(apiVersion, kind), kind).toBeDefined();
});

test("a deprecated name has the binding of its versioned one", () => {
  expect(bindingOfType("kubernetes_namespace")).toBe(bindingOfKind("v1", "Namespace"));
  for (const target of Object.values(ALIASES)) expect(bindingOfType(target), target).toBeDefined();
});

test("kinds without a binding are known with their scope", () => {
  expect(kindInfo("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy")).toEqual({
    plural: "validatingadmissionpolicies",
    namespaced: false,
  });
  expect(kindInfo("v1", "Pod")).toEqual({ plural: "pods", namespaced: true });
  expect(kindInfo("policy/v1beta1", "PodDisruptionBudget")).toBeUndefined();
  expect(kindInfo("v1", "constructor")).toBeUndefined();
});
