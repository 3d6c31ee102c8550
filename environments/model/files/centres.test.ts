import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { local, localCopies, type Patch, patch, root, toldOf } from "../testing.ts";

const { copy: copyOfLocal } = localCopies();

const CENTRES = `wave: districts
addresses: { clients: citizens }
loginClients: { realm: citizens, maximum: 67, basis: illustrative }
deviceCertificates: { maximum: 268, basis: illustrative }
requests: { ratePlan: standard, perReplica: 4020, basis: illustrative }
`;

/** A copy that carries 67 centres, each with a /29, and has just what they need. */
function carrying(patches: Readonly<Record<string, readonly Patch[]>> = {}): string {
  const copy = copyOfLocal();
  cpSync(join(root, "environments/catalogue"), join(copy, "environments/catalogue"), { recursive: true });
  writeFileSync(local(copy, "centres.yaml"), CENTRES);
  patch(copy, "network.yaml", [["cidr: 192.0.2.0/24", "cidr: 10.230.0.0/22"]]);
  for (const [file, list] of Object.entries(patches)) patch(copy, file, list);
  return copy;
}

const REMEDY = ", or carry an earlier wave";

/** One pool that is too small, and all that is told of it. */
const CASES: readonly [title: string, patches: Readonly<Record<string, readonly Patch[]>>, told: readonly string[]][] =
  [
    ["nothing", {}, []],
    [
      "a range that holds too few of a centre's",
      { "network.yaml": [["10.230.0.0/22", "10.230.0.0/23"]] },
      [
        `network.yaml(cidr: ▸10.230.0.0/23) BH1185 wave 'districts' needs 67 ranges of /29 for 67 centres, and client network 'citizens' has 64; grow client network 'citizens'${REMEDY}`,
      ],
    ],
    [
      "a range that holds none",
      { "network.yaml": [["10.230.0.0/22", "10.230.0.0/30"]] },
      [expect.stringContaining("needs 67 ranges of /29 for 67 centres, and client network 'citizens' has 0")],
    ],
    [
      "too few login clients and certificates",
      {
        "centres.yaml": [
          ["maximum: 67", "maximum: 66"],
          ["maximum: 268", "maximum: 267"],
        ],
      },
      [
        `centres.yaml(loginClients: { realm: citizens, maximum: ▸66, basis: illustrat) BH1185 wave 'districts' needs 67 login clients for 67 centres, and loginClients.maximum has 66; grow loginClients.maximum${REMEDY}`,
        `centres.yaml(deviceCertificates: { maximum: ▸267, basis: illustra) BH1185 wave 'districts' needs 268 device certificates for 67 centres, and deviceCertificates.maximum has 267; grow deviceCertificates.maximum${REMEDY}`,
      ],
    ],
    [
      "a gateway with too few replicas",
      { "gateway.yaml": [["replicas: 2", "replicas: 1"]] },
      [
        `gateway.yaml(replicas: ▸1) BH1185 wave 'districts' needs 8040 requests a minute for 67 centres, and gateway.replicas has 4020; grow gateway.replicas${REMEDY}`,
      ],
    ],
    [
      "a rate plan that is too narrow",
      { "gateway.yaml": [["requestsPerMinute: 300", "requestsPerMinute: 119"]] },
      [
        "gateway.yaml(- { name: standard, title: An everyday service, requestsPerMinute: ▸119 }) BH1186 rate plan 'standard' allows 119 requests a minute, and each centre needs 120; widen the plan, or name another one",
      ],
    ],
    [
      "names that there are not",
      {
        "centres.yaml": [
          ["wave: districts", "wave: district"],
          ["clients: citizens", "clients: citizen"],
          ["realm: citizens", "realm: entrepreneurs"],
          ["ratePlan: standard", "ratePlan: centre"],
        ],
      },
      [
        "centres.yaml(wave: ▸district) BH1031 there is no wave 'district', which 'wave' names; did you mean 'districts'?",
        "centres.yaml(addresses: { clients: ▸citizen }) BH1031 there is no client network 'citizen', which 'addresses.clients' names; did you mean 'citizens'?",
        expect.stringContaining("realm: ▸entrepreneurs, maxim) BH1031 there is no realm 'entrepreneurs'"),
        expect.stringContaining("ratePlan: ▸centre, perReplica: ) BH1031 there is no rate plan 'centre'"),
      ],
    ],
  ];

test.each(CASES)("told of %s", (_, patches, told) => {
  expect(toldOf(carrying(patches))).toEqual(told);
});

test("where sources differ, the most centres count", () => {
  const upazilas = toldOf(carrying({ "centres.yaml": [["wave: districts", "wave: upazilas"]] }));
  expect(upazilas).toContainEqual(expect.stringContaining("needs 571 login clients for 571 centres"));
});

test("a catalogue that cannot be read is told, and hides nothing else", () => {
  const copy = carrying();
  writeFileSync(join(copy, "environments/catalogue/rollout.yaml"), "waves: []\n");
  expect(toldOf(copy)).toEqual([
    "centres.yaml(wave: ▸districts) BH1187 what the rollout's waves need cannot be known, since the catalogue cannot be read; mend what 'bhitti catalogue' tells",
  ]);
});
