import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bindingTable, bindingType, configOf, propertyName } from "./bindings.ts";
import { generatedBindings } from "./generate.ts";
import { BINDINGS } from "./kinds.ts";
import { fieldType, typeAt, typeOfKind } from "./schema.ts";
import { placesOf, targetOf, targetOfArgument } from "./terraform.ts";

test("the table is that of the installed bindings; else run 'node --import tsx kubernetes/generate.ts'", () => {
  for (const [name, text] of Object.entries(generatedBindings())) {
    expect(readFileSync(new URL(name, import.meta.url), "utf8")).toBe(text);
  }
});

test("a property's name follows from its Terraform name", () => {
  expect(propertyName("topology_spread_constraint")).toBe("topologySpreadConstraint");
  expect(propertyName("binary_data_wo")).toBe("binaryDataWo");
});

test("a block, a list of blocks and a map are told apart", () => {
  const config = configOf("config-map-v1");
  expect(bindingType(config.data ?? "")).toEqual({ form: "map", value: "string" });
  expect(bindingType(config.metadata ?? "")).toMatchObject({ form: "block" });
  expect(bindingType(configOf("role-v1").rule ?? "")).toMatchObject({ form: "list" });
  expect(bindingType(config.immutable ?? "")).toEqual({ form: "scalar", scalar: "boolean" });
});

/**
 * Attributes of the bindings that stand for nothing: the provider takes them and sends nothing of them (its `expand…`
 * functions), so the decoder tells them.
 */
const SENT_NOWHERE = [
  // A pod's volume of this kind takes the secret from its own namespace.
  "core.v1.AzureFileVolumeSource.secret_namespace",
  "core.v1.Volume.ceph_fs",
  "core.v1.LocalObjectReference.namespace",
  // Only persistent volumes can be local.
  "core.v1.Volume.local",
  // Kept from autoscaling/v1.
  "autoscaling.v2.HorizontalPodAutoscalerSpec.target_cpu_utilization_percentage",
];

test("every attribute of the bindings has a field, but for those that are sent nowhere", () => {
  const without = new Set<string>();
  const seen = new Set<string>();
  const visit = (bindingText: string, typeText: string): void => {
    const binding = bindingType(bindingText);
    const type = fieldType(typeText);
    if (binding.form === "list") visit(binding.item, type.form === "list" ? type.item : typeText);
    else if (type.form === "list") visit(bindingText, type.item);
    if (binding.form !== "block" || type.form !== "object" || seen.has(`${binding.type} ${type.type}`)) return;
    seen.add(`${binding.type} ${type.type}`);
    for (const [attribute, text] of Object.entries(binding.properties)) {
      const target = targetOf(type.type, attribute);
      if (!target) without.add(`${type.type}.${attribute}`);
      else visit(text, target.to === "field" ? target.type : typeText);
    }
  };
  for (const { module, apiVersion, kind } of BINDINGS) {
    const type = typeOfKind(apiVersion, kind)?.slice(1) ?? "";
    for (const [attribute, text] of Object.entries(configOf(module))) {
      const target = targetOfArgument(type, attribute);
      if (!target) without.add(`${type}.${attribute}`);
      else if (target.to === "field") visit(text, target.type);
    }
  }
  expect([...without].sort()).toEqual([...SENT_NOWHERE].sort());
  expect(seen.size).toBeGreaterThan(150);
});

describe("names are resolved", () => {
  test.each([
    ["core.v1.ServiceSpec", "cluster_ip", "clusterIP"],
    ["core.v1.ServiceSpec", "external_ips", "externalIPs"],
    ["core.v1.PodSpec", "host_ipc", "hostIPC"],
    ["core.v1.PodSpec", "container", "containers"],
    ["core.v1.Container", "env", "env"],
    ["core.v1.Container", "port", "ports"],
    ["batch.v1.CronJobSpec", "timezone", "timeZone"],
    ["autoscaling.v2.HPAScalingRules", "policy", "policies"],
    ["core.v1.EndpointSubset", "not_ready_address", "notReadyAddresses"],
    ["core.v1.AzureDiskVolumeSource", "data_disk_uri", "diskURI"],
    ["apps.v1.DaemonSetSpec", "strategy", "updateStrategy"],
    ["storage.v1.StorageClass", "storage_provisioner", "provisioner"],
  ])("%s %s → %s", (type, attribute, field) => {
    expect(targetOf(type, attribute)).toMatchObject({ to: "field", field });
  });

  test("and an unknown one is not guessed", () => {
    expect(targetOf("core.v1.PodSpec", "contain")).toBeUndefined();
    expect(targetOf("core.v1.PodSpec", "constructor")).toBeUndefined();
  });
});

test("the way back has the same fields", () => {
  const claim = BINDINGS.find((b) => b.kind === "PersistentVolume");
  const places = claim && placesOf(claim);
  expect([...(places?.keys() ?? [])].sort()).toEqual(["metadata", "spec"]);
  expect(bindingTable().modules["persistent-volume-v1"]).toBe("PersistentVolumeV1Config");
});

test("a path within a kind has its type", () => {
  expect(typeAt("apps/v1", "Deployment", ["spec", "template", "spec", "containers", 0, "image"])).toEqual({
    form: "scalar",
    scalar: "string",
  });
  expect(typeAt("apps/v1", "Deployment", ["spec", "templte"])).toBeUndefined();
  expect(typeAt("v1", "ConfigMap", ["data", "any.key"])).toEqual({ form: "scalar", scalar: "string" });
  expect(typeAt("v1", "Nothing", [])).toBeUndefined();
});
