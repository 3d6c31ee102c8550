import { expect, test } from "vitest";
import { inParallel, inWaves, objectPath, referenceOf } from "./objects.ts";
import { configMap, object } from "./testing.ts";

test("what others need is applied first, and what forbids last", () => {
  const kinds = [
    "ValidatingAdmissionPolicyBinding",
    "Deployment",
    "Widget",
    "ValidatingAdmissionPolicy",
    "RoleBinding",
    "ConfigMap",
    "NetworkPolicy",
    "ServiceAccount",
    "ResourceQuota",
    "CustomResourceDefinition",
    "Role",
    "Service",
    "Namespace",
    "ValidatingWebhookConfiguration",
  ];
  expect(inWaves(kinds, (kind) => kind)).toEqual([
    ["Namespace"],
    ["CustomResourceDefinition"],
    ["ServiceAccount"],
    ["ConfigMap"],
    ["Role"],
    ["RoleBinding"],
    ["ResourceQuota"],
    ["NetworkPolicy"],
    ["Service"],
    ["Deployment", "Widget"],
    ["ValidatingAdmissionPolicy"],
    ["ValidatingAdmissionPolicyBinding"],
    ["ValidatingWebhookConfiguration"],
  ]);
});

test("an object's URL has its group, version, namespace and plural", () => {
  expect(objectPath(referenceOf(configMap("zone-a", "flows")), { plural: "configmaps", namespaced: true })).toBe(
    "/api/v1/namespaces/zone-a/configmaps/flows",
  );
  const role = object("rbac.authorization.k8s.io/v1", "ClusterRole", "bhitti:zone:a");
  expect(objectPath(referenceOf(role), { plural: "clusterroles", namespaced: false })).toBe(
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/bhitti%3Azone%3Aa",
  );
});

test("at most so many run at once, results keep their order, and a failure starts no other", async () => {
  let running = 0;
  let most = 0;
  const act = async (n: number) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, (5 - n) * 4));
    running--;
    return n * 2;
  };
  expect(await inParallel([1, 2, 3, 4], act, 2)).toEqual([2, 4, 6, 8]);
  expect(most).toBe(2);
  const started: number[] = [];
  const failing = inParallel(
    [1, 2, 3, 4],
    async (n) => {
      started.push(n);
      throw new Error(`no ${n}`);
    },
    1,
  );
  await expect(failing).rejects.toThrow("no 1");
  expect(started).toEqual([1]);
});
