import { expect, test } from "vitest";
import { loadEnvironment } from "../load.ts";
import { localCopies, type Patch, patch, root, toldOf } from "../testing.ts";
import { SEED_KINDS } from "./seed.ts";

const { copy: copyOfLocal } = localCopies();

const CHECKS = `checks:
      files:
        - path: package-lock.json
        - path: environments/local/seed.yaml
`;
const SECOND = `items:
  - name: keys
    kind: hardware-keys
    title: Keys
    titleBangla: চাবি
    owner: developer
    site: workstation
    place: A drawer
    needs: [repository]
    checks: { files: [{ path: package.json }] }
    basis: illustrative
`;

/** One fault each, and all that is told of it. */
const CASES: readonly [title: string, patches: readonly Patch[], told: readonly string[]][] = [
  [
    "a quorum that can never come together",
    [["quorum: 1", "quorum: 2"]],
    [
      "seed.yaml(quorum: ▸2) BH1174 2 of the role 'developer' have to be there, and 1 hold it; let more people hold it, or ask for fewer",
    ],
  ],
  [
    "an item that nothing checks",
    [[CHECKS, "checks: { files: [] }\n"]],
    [
      "seed.yaml(checks: ▸{ files: [] }) BH1175 nothing checks 'repository'; add a file, name, port, page, clock or attestation to its checks",
    ],
  ],
  [
    "checks that are none at all",
    [[CHECKS, "checks: {}\n"]],
    [expect.stringContaining("seed.yaml(checks: ▸{}) BH1175 nothing checks 'repository'")],
  ],
  [
    "an attestation that ends before it begins, by somebody who is not there",
    [
      [
        CHECKS,
        "checks:\n      attestations:\n        - { by: nobody, says: It is, issued: 2027-01-02, expires: 2027-01-01 }\n",
      ],
    ],
    [
      "seed.yaml(- { by: ▸nobody, says: It is,) BH1031 there is no role 'nobody', which 'items.repository.checks.attestations.0.by' names; there are: developer",
      "seed.yaml(- { by: nobody, says: It is, issued: 2027-01-02, expires: ▸2027-01-01 }) BH1176 the attestation ends on 2027-01-01, before it begins on 2027-01-02; mend one of the two days",
    ],
  ],
  [
    "a root key that one person can use",
    [["kind: administrator-machines", "kind: root-ca"]],
    [
      "seed.yaml(quorum: ▸1) BH1177 one of the role 'developer' alone can use the root certificate authority; ask for a quorum of at least 2",
    ],
  ],
  [
    "items that wait for each other",
    [
      ["items:\n", SECOND],
      ["place: Where this file lies", "place: Where this file lies\n    needs: [keys]"],
    ],
    [
      "seed.yaml(needs: ▸[repository]) BH1178 'keys' has to stand before itself: keys → repository → keys; remove one of the needs",
      "seed.yaml(needs: ▸[keys]) BH1178 'repository' has to stand before itself: repository → keys → repository; remove one of the needs",
    ],
  ],
  [
    "owners, sites and needs that there are not",
    [
      ["owner: developer", "owner: developers"],
      ["site: workstation", "site: workstations"],
      ["place: Where this file lies", "place: Where this file lies\n    needs: [keys]"],
    ],
    [
      "seed.yaml(owner: ▸developers) BH1031 there is no role 'developers', which 'items.repository.owner' names; did you mean 'developer'?",
      "seed.yaml(site: ▸workstations) BH1031 there is no site 'workstations', which 'items.repository.site' names; did you mean 'workstation'?",
      "seed.yaml(needs: [▸keys]) BH1031 there is no item 'keys', which 'items.repository.needs' names; there are: repository",
    ],
  ],
  [
    "a host, a digest and an address of the web that are none",
    [
      [
        CHECKS,
        `checks:
      files: [{ path: a, sha256: abc }]
      ports: [{ host: Registry, port: 443 }]
      pages: [{ url: "https://user:secret@registry.example.gov.bd/", status: 200 }]
`,
      ],
    ],
    [
      expect.stringContaining("sha256: ▸abc }]) BH1027 'abc' is not what"),
      expect.stringContaining("host: ▸Registry, port: 443 ) BH1021 'Registry' is no host name"),
      expect.stringContaining('url: ▸"https://user:secret) BH1027'),
    ],
  ],
];

test.each(CASES)("told of %s", (_, patches, told) => {
  const copy = copyOfLocal();
  patch(copy, "seed.yaml", patches);
  expect(toldOf(copy)).toEqual(told);
});

test("an environment that is not disposable has a seed of every kind", () => {
  const copy = copyOfLocal();
  patch(copy, "environment.yaml", [["disposable: true", "disposable: false"]]);
  const lacking = toldOf(copy).filter((line) => line.includes("BH1179"));
  expect(lacking).toHaveLength(SEED_KINDS.length - 1);
  expect(lacking[0]).toBe(
    "seed.yaml(▸items:) BH1179 the environment is not disposable, and its seed has no 'dns-delegation'; add an item of that kind, with its owner, its place and its checks",
  );
  expect(lacking.join()).not.toContain("'administrator-machines'");
});

test("pilot and production have three of five custodians, and a clock at each site", () => {
  for (const { seed, sites } of ["pilot", "production"].map((name) => loadEnvironment(root, name))) {
    const ca = seed.items.find(({ kind }) => kind === "root-ca");
    expect(seed.roles.find(({ name }) => name === ca?.owner)).toMatchObject({ people: 5, quorum: 3 });
    const clocks = seed.items.flatMap(({ checks }) => checks.clocks ?? []).map(({ host }) => host);
    for (const { name } of sites) expect(clocks.some((host) => host.includes(`.${name}.`))).toBe(true);
  }
});
