import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ZONE_FLOWS, ZONE_GRANTS, zoneOwnersGroup } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Zone } from "../../environments/model/files/zone.ts";
import { publishedApis } from "../../environments/model/hub/grants.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { zoneOpenings } from "./openings.ts";
import { zoneObjects } from "./zone.ts";

const environment = loadEnvironment(join(dirname(fileURLToPath(import.meta.url)), "..", ".."), "local");

function zoneOf(name: string, from: Environment = environment): Zone {
  const zone = from.zones.find((z) => z.name === name);
  if (!zone) throw new Error(`the local environment has no zone ${name}`);
  return zone;
}

function objectsOf(name: string, from: Environment = environment): readonly KubernetesObject[] {
  const [cluster] = from.clusters;
  if (!cluster) throw new Error("the local environment has no cluster");
  return zoneObjects(from, zoneOf(name, from), cluster);
}

const find = (objects: readonly KubernetesObject[], kind: string, name: string) =>
  objects.find((o) => o.kind === kind && o.metadata.name === name);

test("a zone's namespace is closed, labelled with its class, and under Pod Security restricted", () => {
  const objects = objectsOf("bill-payment");
  expect(find(objects, "Namespace", "zone-bill-payment")?.metadata.labels).toMatchObject({
    "bhitti.platform/zone": "bill-payment",
    "bhitti.platform/data-class": "internal",
    "pod-security.kubernetes.io/enforce": "restricted",
  });
  expect(find(objects, "NetworkPolicy", "default-deny")).toMatchObject({
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  });
  expect(find(objects, "ServiceAccount", "default")).toMatchObject({ automountServiceAccountToken: false });
});

test("everything that a zone is made of lies in its namespace", () => {
  const elsewhere = objectsOf("bill-payment").filter(
    (o) => o.kind !== "Namespace" && o.metadata.namespace !== "zone-bill-payment",
  );
  expect(elsewhere).toEqual([]);
});

test("admission knows exactly the flows that the zone's own policies open", () => {
  expect(find(objectsOf("bill-payment"), "ConfigMap", ZONE_FLOWS)?.["data"]).toEqual({
    egress: [
      "cidr:203.0.113.16/28 TCP/443",
      "namespace:bhitti-gateway TCP/8080",
      "namespace:kube-system TCP/53",
      "namespace:kube-system UDP/53",
      "own *",
    ].join("\n"),
    ingress: ["namespace:bhitti-gateway TCP/8443", "own *"].join("\n"),
  });
  const names = zoneOpenings(environment, zoneOf("bill-payment"), "local").map((o) => o.name);
  for (const name of names) expect(find(objectsOf("bill-payment"), "NetworkPolicy", name)).toBeDefined();
});

test("a publisher is told which fields each caller was granted, and a suspended caller none", () => {
  const granted = (from: Environment) => {
    const data = find(objectsOf("citizen-services", from), "ConfigMap", ZONE_GRANTS)?.["data"] as Record<
      string,
      string
    >;
    return Object.entries(data).map(([file, text]) => [file, JSON.parse(text)]);
  };
  const fields = ["applicationId", "fee"];
  const purpose = "show an applicant the fee of the certificate applied for";
  expect(granted(environment)).toEqual([
    ["certificates-v1.json", { "bill-payment": { fields, purpose, onwardSharing: "forbidden" } }],
  ]);
  const suspensions = [{ zone: "bill-payment", since: "2026-11-20", reason: "passed data on" }];
  const apis = publishedApis(environment.zones, environment.ratePlans, suspensions);
  expect(granted({ ...environment, suspensions, apis })).toEqual([["certificates-v1.json", {}]]);
  expect(find(objectsOf("citizen-services", { ...environment, apis: [] }), "ConfigMap", ZONE_GRANTS)).toBeUndefined();
});

test("a suspended zone reaches no gateway, and stays reachable for what it publishes", () => {
  const suspensions = [{ zone: "bill-payment", since: "2026-11-20", reason: "passed data on" }];
  const apis = publishedApis(environment.zones, environment.ratePlans, suspensions);
  const from = { ...environment, suspensions, apis };
  const names = zoneOpenings(from, zoneOf("bill-payment"), "local").map((o) => o.name);
  expect(names).not.toContain("allow-api-hub");
  expect(names).toContain("allow-gateway-payments");
});

test("without a grant a zone reaches no gateway, and without an API the gateway reaches no service of it", () => {
  const alone = { ...environment, apis: [] };
  const names = zoneOpenings(alone, zoneOf("bill-payment"), "local").map((o) => o.name);
  expect(names).toEqual(["allow-dns", "allow-own-ingress", "allow-own-egress", "allow-egress-clearing-house"]);
});

test("owners may not touch what bounds them: quota, limits, rights, the namespace", () => {
  const rules = find(objectsOf("bill-payment"), "Role", "zone-owners")?.["rules"] as {
    resources: string[];
    verbs: string[];
  }[];
  const writable = rules.filter((r) => r.verbs.includes("create")).flatMap((r) => r.resources);
  for (const bound of ["resourcequotas", "limitranges", "roles", "rolebindings", "namespaces"]) {
    expect(writable).not.toContain(bound);
  }
  expect(writable).toContain("networkpolicies");
  expect(find(objectsOf("bill-payment"), "RoleBinding", "zone-owners")?.["subjects"]).toEqual([
    { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: zoneOwnersGroup("bill-payment") },
  ]);
});

test("a zone's namespace says how it is backed up, or why it is not", () => {
  expect(find(objectsOf("bill-payment"), "Namespace", "zone-bill-payment")?.metadata).toMatchObject({
    labels: { "bhitti.platform/backup": "none" },
    annotations: { "bhitti.platform/backup-reason": "each of its services says that it keeps nothing" },
  });
});
