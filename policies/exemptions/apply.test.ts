import { describe, expect, test } from "vitest";
import type { Estate } from "../../estate/estate.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { severityOf } from "../../messages/message.ts";
import { evaluateEstate } from "../evaluate.ts";
import { loadRules } from "../rules.ts";
import { applyExemptions } from "./apply.ts";
import { EXEMPTIONS, type Exemption, exemptionKey, makersOf, withExemptions, withoutExemptions } from "./exemption.ts";

/** The day that these tests judge. */
const asOf = "2026-11-23";

const RULE = "pod-security/no-host-path";
const rules = loadRules();

const daemonSet = (name: string, kind = "DaemonSet", metadata: object = {}): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace: "zone-a", ...metadata },
  spec: {
    selector: { matchLabels: { a: "b" } },
    template: {
      metadata: { labels: { a: "b" } },
      spec: { containers: [{ name: "c", image: "i" }], volumes: [{ name: "v", hostPath: { path: "/var/log" } }] },
    },
  },
});

function findingsOf(objects: readonly KubernetesObject[], stacks = ["local-zone-a"]) {
  const estate = {
    objects: stacks.flatMap((stack) =>
      objects.map((object, i) => ({ object, stack, address: `kubernetes_daemon_set_v1.${i}`, unknown: [] })),
    ),
    undecoded: [],
    stacks: [],
  } as unknown as Estate;
  const only = rules.filter(({ id }) => id === RULE);
  return evaluateEstate(estate, only, () => "deny", { asOf });
}

const exemption: Exemption = {
  id: "EX-1",
  rule: RULE,
  subject: { kind: "DaemonSet", namespace: "zone-a", name: "logs", maximumObjects: 1 },
  reason: "reads the logs of its node",
  legalBasis: "an order",
  owner: "owner@example.gov",
  approver: "approver@example.gov",
  issued: "2026-06-01",
  expires: "2026-12-31",
  compensatingControl: "read only",
  position: { file: "environments/local/exemptions.yaml", line: 3, column: 5 },
};

const apply = (
  changes: Partial<Exemption> = {},
  asOf = "2026-10-01",
  objects = [daemonSet("logs"), daemonSet("other")],
  stacks?: string[],
) => applyExemptions(findingsOf(objects, stacks), [{ ...exemption, ...changes }], rules, asOf);
const codes = (found: ReturnType<typeof apply>) => found.messages.map((m) => m.code);
const exempted = (found: ReturnType<typeof apply>) => found.findings.filter((f) => f.exemption).map((f) => f.object);

test("an exemption in order marks its object's finding, and no other", () => {
  const found = apply();
  expect(found.findings.map((f) => [f.object, f.exemption])).toEqual([
    ["DaemonSet zone-a/logs", { id: "EX-1", owner: "owner@example.gov", expires: "2026-12-31" }],
    ["DaemonSet zone-a/other", undefined],
  ]);
  expect(found.population).toMatchObject([{ matched: 2, failed: 1, exempted: 1 }]);
  expect(found.exemptions).toMatchObject([{ state: "in-force", subjects: [0] }]);
  expect(codes(found)).toEqual([]);
});

test("without exemptions nothing changes", () => {
  const found = findingsOf([daemonSet("logs")]);
  expect(applyExemptions(found, [], rules, "2026-10-01")).toEqual(found);
});

const wide = { ...exemption.subject, maximumObjects: 1 };

describe.each<[what: string, code: string, changes: Partial<Exemption>, asOf?: string]>([
  ["the day after its end", "BH3201", {}, "2027-01-01"],
  ["the day before it begins", "BH3202", {}, "2026-05-31"],
  ["a rule that does not exist", "BH3204", { rule: "pod-security/no-host-paht" }],
  ["a hard-mandatory rule", "BH3205", { rule: "tenancy/namespace-labels" }],
  ["a wildcard for names", "BH3206", { subject: { ...wide, name: "*" } }],
  ["a wildcard within a name", "BH3206", { subject: { ...wide, name: "lo*" } }],
  ["a wildcard for kinds", "BH3206", { subject: { ...wide, kind: "*" } }],
  ["a wildcard for namespaces", "BH3206", { subject: { ...wide, namespace: "zone-*" } }],
  ["no namespace for what lies in one", "BH3206", { subject: { kind: "DaemonSet", name: "logs", maximumObjects: 1 } }],
  ["its owner as approver", "BH3208", { approver: "Owner+ciso@example.gov" }],
  ["an end before its beginning", "BH3209", { issued: "2026-12-31", expires: "2026-12-30" }],
])("%s", (_, code, changes, asOf) => {
  test("is an error at its line, and nothing is exempted", () => {
    const found = apply(changes, asOf);
    const told = found.messages.filter((m) => m.code === code);
    expect(told).toHaveLength(1);
    expect(told[0]?.position).toEqual(exemption.position);
    expect(found.messages.every((m) => severityOf(m) === "error")).toBe(true);
    expect(exempted(found)).toEqual([]);
    expect(found.population).toMatchObject([{ failed: 2, exempted: 0 }]);
  });
});

test("it holds on its first and on its last day", () => {
  expect(exempted(apply({}, "2026-06-01"))).toEqual(["DaemonSet zone-a/logs"]);
  expect(exempted(apply({}, "2026-12-31"))).toEqual(["DaemonSet zone-a/logs"]);
});

test("within thirty days of its end it warns, and holds", () => {
  expect(codes(apply({}, "2026-11-30"))).toEqual([]);
  const found = apply({}, "2026-12-01");
  expect(found.messages).toMatchObject([{ code: "BH3210", params: { days: 30, expires: "2026-12-31" } }]);
  expect(found.messages.map(severityOf)).toEqual(["warning"]);
  expect(exempted(found)).toEqual(["DaemonSet zone-a/logs"]);
});

test("one that covers nothing is an error", () => {
  expect(codes(apply({ subject: { ...exemption.subject, name: "gone" } }))).toEqual(["BH3203"]);
  const repaired = { ...daemonSet("logs"), spec: { template: { spec: { containers: [] } } } };
  expect(codes(apply({}, undefined, [repaired]))).toEqual(["BH3203"]);
});

test("more objects than its maximum are an error, and none of them is exempted", () => {
  const stacks = ["local-zone-a", "other-zone-a"];
  const found = apply({}, undefined, undefined, stacks);
  expect(found.messages).toMatchObject([{ code: "BH3207", params: { objects: 2, maximum: 1 } }]);
  expect(exempted(found)).toEqual([]);
  const enough = apply({ subject: { ...exemption.subject, maximumObjects: 2 } }, undefined, undefined, stacks);
  expect(codes(enough)).toEqual([]);
  expect(exempted(enough)).toHaveLength(2);
});

test("what controllers made of the workload is covered with it, and not counted", () => {
  const pod = (name: string): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "zone-a", ownerReferences: [{ kind: "DaemonSet", name: "logs", controller: true }] },
    spec: { containers: [{ name: "c", image: "i" }], volumes: [{ name: "v", hostPath: { path: "/var/log" } }] },
  });
  const found = apply({}, undefined, [daemonSet("logs"), pod("logs-1"), pod("logs-2")]);
  expect(codes(found)).toEqual([]);
  expect(exempted(found)).toEqual(["DaemonSet zone-a/logs", "Pod zone-a/logs-1", "Pod zone-a/logs-2"]);
});

test("makers are told by the controller's reference only", () => {
  const owned = (kind: string, name: string, controller?: boolean): KubernetesObject =>
    daemonSet("x", "Pod", { ownerReferences: [{ kind, name, ...(controller === undefined ? {} : { controller }) }] });
  expect(makersOf(owned("ReplicaSet", "web-5d9c", true))).toEqual([
    "ReplicaSet zone-a/web-5d9c",
    "Deployment zone-a/web",
  ]);
  expect(makersOf(owned("Job", "nightly-29400000", true))).toEqual([
    "Job zone-a/nightly-29400000",
    "CronJob zone-a/nightly",
  ]);
  expect(makersOf(owned("Job", "once", true))).toEqual(["Job zone-a/once"]);
  expect(makersOf(owned("DaemonSet", "logs", false))).toEqual([]);
  expect(makersOf(owned("DaemonSet", "logs"))).toEqual([]);
  expect(makersOf(daemonSet("x"))).toEqual([]);
});

test("params get a line for each subject and no wildcard, and lose them for a judge", () => {
  const readers = [
    { rule: RULE, configMap: EXEMPTIONS.name },
    { rule: "network/no-node-port", configMap: "bhitti-own" },
  ];
  const own: KubernetesObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "bhitti-own", namespace: EXEMPTIONS.namespace },
    data: { prefixes: "a" },
  };
  const service = { kind: "Service", namespace: "zone-a", name: "s", maximumObjects: 1 };
  const all = [
    exemption,
    { ...exemption, id: "EX-2", subject: { ...exemption.subject, name: "*" } },
    { ...exemption, id: "EX-3", subject: { ...exemption.subject, name: "again" } },
    { ...exemption, id: "EX-4", rule: "network/no-node-port", subject: service },
  ];
  const given = withExemptions([own], all, readers);
  expect(given.map((o) => [o.metadata.name, o["data"]])).toEqual([
    ["bhitti-own", { prefixes: "a", [exemptionKey("network/no-node-port")]: "Service zone-a/s" }],
    ["bhitti-exemptions", { [exemptionKey(RULE)]: "DaemonSet zone-a/again\nDaemonSet zone-a/logs" }],
  ]);
  expect(
    withoutExemptions(
      given,
      readers.map((r) => r.rule),
    ).map((o) => o["data"]),
  ).toEqual([{ prefixes: "a" }, {}]);
});
