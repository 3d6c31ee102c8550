import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { local, localCopies, patch, toldOf } from "../testing.ts";

const { copy: copyOfLocal } = localCopies();

const INVENTORY = `nodeTypes:
  - { name: general, description: any, cpu: "32", memory: 256Gi, storage: 4Ti, pods: 110, basis: illustrative }
hosts:
  - { name: h1, site: workstation, faultZone: hall-a, rack: a01, nodeType: general, mac: "02:00:00:00:00:01", bmc: 10.210.0.11, basis: illustrative }
  - { name: h2, site: workstation, faultZone: hall-b, rack: b01, nodeType: general, mac: "02:00:00:00:00:02", bmc: 10.210.0.12, basis: illustrative }
`;

const pool = (count: number, more = "") =>
  `nodePools:\n      - { name: main, role: control-plane, nodeType: general, count: ${count}, reserve: { cpu: "1", memory: 2Gi }, basis: illustrative }${more}`;

/** A copy whose site has two fault zones, and two hosts in them. */
function withHosts(): string {
  const copy = copyOfLocal();
  const halls = ["hall-a", "hall-b"].map(
    (hall) => `\n      - { name: ${hall}, description: own power, basis: illustrative }`,
  );
  patch(copy, "sites.yaml", [[/$/, `    faultZones:${halls.join("")}\n`]]);
  writeFileSync(local(copy, "inventory.yaml"), INVENTORY);
  return copy;
}

test("node pools are made of the site's hosts, and no host is in two", () => {
  const copy = withHosts();
  patch(copy, "clusters.yaml", [["nodePools: []", pool(1)]]);
  expect(toldOf(copy)).toEqual([]);
  patch(copy, "clusters.yaml", [
    [
      /$/,
      '      - { name: more, role: worker, nodeType: general, count: 2, reserve: { cpu: "1", memory: 2Gi }, basis: illustrative }\n',
    ],
  ]);
  expect(toldOf(copy)).toEqual([
    "clusters.yaml(- { name: more, role: worker, nodeType: general, count: ▸2, reserve: { cpu: \") BH1087 site 'workstation' has 2 hosts of type 'general', and node pools need 3 up to here; take fewer nodes, or add hosts to inventory.yaml",
  ]);
});

test("a control plane of two survives no more than one of one", () => {
  const copy = withHosts();
  patch(copy, "clusters.yaml", [["nodePools: []", pool(2)]]);
  expect(toldOf(copy)).toEqual([
    expect.stringContaining('count: ▸2, reserve: { cpu: ") BH1084 a control plane has an odd'),
  ]);
});

test("a node type that there is not, and hosts where there are none", () => {
  const copy = copyOfLocal();
  patch(copy, "clusters.yaml", [["nodePools: []", pool(1)]]);
  expect(toldOf(copy)).toEqual([
    expect.stringContaining("nodeType: ▸general, count: 1, r) BH1031 there is no node type 'general'"),
  ]);
});

test.each([
  ["nobody", "provisioner: cluster-api", "clusters.yaml(provisioner: ▸cluster-api) BH1082 cluster 'local' is made by"],
  [
    "itself",
    "provisioner: cluster-api\n    managedBy: local",
    "clusters.yaml(managedBy: ▸local) BH1083 cluster 'local' cannot be made by 'local'",
  ],
  [
    "one that there is not",
    "provisioner: cluster-api\n    managedBy: locl",
    "clusters.yaml(managedBy: ▸locl) BH1031 there is no cluster 'locl'",
  ],
])("a cluster that is made by %s", (_, provisioner, told) => {
  const copy = copyOfLocal();
  patch(copy, "clusters.yaml", [["provisioner: existing", provisioner]]);
  expect(toldOf(copy)).toEqual([expect.stringContaining(told)]);
});

test("a rack stands in one fault zone, and hosts have what is theirs alone", () => {
  const copy = withHosts();
  patch(copy, "inventory.yaml", [
    ["rack: b01", "rack: a01"],
    ["02:00:00:00:00:02", "02:00:00:00:00:01"],
    ["faultZone: hall-a", "faultZone: hall-c"],
  ]);
  expect(toldOf(copy).map((line) => line.split(";")[0])).toEqual([
    expect.stringContaining(
      "faultZone: ▸hall-c, rack: a01, n) BH1031 there is no fault zone 'hall-c' at site 'workstation'",
    ),
    expect.stringContaining(
      "faultZone: ▸hall-b, rack: a01, n) BH1081 rack 'a01' stands in fault zone 'hall-b' here and in 'hall-c'",
    ),
    expect.stringContaining("BH1030"),
  ]);
});
