import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { contains, formatRange, overlaps, parseRange, type Range } from "./addresses.ts";
import { allocate } from "./allocate.ts";
import { blockAt, numberAt } from "./files/ledger.ts";
import { loadEnvironment } from "./load.ts";

const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const scratch = mkdtempSync(join(tmpdir(), "bhitti-ledger-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const LEDGER = "environments/local/ledger/platform.yaml";

/** A repository with the local environment, in which files may be patched. */
function repositoryWith(...patches: readonly (readonly [file: string, from: string | RegExp, to: string])[]): string {
  const root = mkdtempSync(join(scratch, "r"));
  cpSync(join(repository, "environments/local"), join(root, "environments/local"), { recursive: true });
  for (const [file, from, to] of patches) {
    const path = join(root, "environments/local", file);
    const text = readFileSync(path, "utf8");
    const patched = text.replace(from, to);
    if (patched === text) throw new Error(`nothing to replace in ${file}`);
    writeFileSync(path, patched);
  }
  return root;
}

const SECOND = [
  "clusters.yaml",
  /$/,
  '  - name: second\n    site: workstation\n    purpose: partner\n    provisioner: existing\n    kubernetes: "1.35"\n    kubeconfig: { path: ~/.kube/config, context: second }\n    nodePools: []\n',
] as const;

const write = (root: string, { file, text }: { file: string; text?: string }): void => {
  if (text !== undefined) writeFileSync(join(root, file), text);
};

const pool = fc
  .record({
    bits: fc.constantFrom<32 | 128>(32, 128),
    prefix: fc.integer({ min: 8, max: 30 }),
    at: fc.bigInt({ min: 0n, max: 255n }),
  })
  .map(({ bits, prefix, at }): Range => {
    const size = 1n << BigInt(bits - prefix);
    const first = (at * size) % (1n << BigInt(bits));
    return { bits, first, last: first + size - 1n, prefix };
  });

test("blocks of a pool lie within it, are apart, and follow one another without a gap", () => {
  fc.assert(
    fc.property(pool, fc.integer({ min: 0, max: 10 }), fc.nat(40), (range, longer, index) => {
      const prefix = range.prefix + longer;
      fc.pre(prefix <= range.bits);
      const [here, next] = [blockAt(range, prefix, index), blockAt(range, prefix, index + 1)];
      const count = 2 ** longer;
      expect(here === undefined).toBe(index >= count);
      expect(next === undefined).toBe(index + 1 >= count);
      const [a, b] = [parseRange(here ?? ""), parseRange(next ?? "")];
      if (a) expect([contains(range, a), a.prefix, formatRange(a)]).toEqual([true, prefix, here]);
      if (a && b) expect([overlaps(a, b), b.first]).toEqual([false, a.last + 1n]);
    }),
  );
});

test("what a block is does not depend on how many follow: widening a pool at its end renumbers nothing", () => {
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 20 }), fc.nat(15), (prefix, index) => {
      const narrow = parseRange(`10.64.0.0/${prefix}`);
      const wide = parseRange(`10.64.0.0/${prefix - 2}`);
      if (!narrow || !wide) throw new Error("no range");
      expect(blockAt(wide, 24, index)).toBe(blockAt(narrow, 24, index));
    }),
  );
});

test("numbers end where their pool does", () => {
  expect([0, 1, 2, 3].map((i) => numberAt({ first: 100, last: 102 }, i))).toEqual([100, 101, 102, undefined]);
});

test("a new cluster gets the next block of a pool, and every byte that stood there stays", () => {
  const root = repositoryWith(SECOND);
  const before = readFileSync(join(root, LEDGER), "utf8");
  const first = allocate(root, "local", "nodes", "second");
  expect(first).toMatchObject({ value: "10.210.1.0/24", file: LEDGER });
  write(root, first);
  const after = readFileSync(join(root, LEDGER), "utf8").split("\n");
  expect(after.filter((line) => line !== "  - { pool: nodes, for: second, value: 10.210.1.0/24 }").join("\n")).toBe(
    before,
  );
  const again = allocate(root, "local", "nodes", "second");
  expect(again).toEqual({ pool: "nodes", holder: "second", value: "10.210.1.0/24", file: LEDGER });
});

test("an environment that lacks only ranges is whole once they are allocated", () => {
  const root = repositoryWith(
    SECOND,
    ["network.yaml", "range: 10.211.0.0/16\n    prefix: 16", "range: 10.224.0.0/12\n    prefix: 16"],
    ["ledger/platform.yaml", "10.211.0.0/16", "10.224.0.0/16"],
    ["network.yaml", "range: 10.212.0.0/16\n    prefix: 16", "range: 10.212.0.0/15\n    prefix: 16"],
    [
      "network.yaml",
      "    dnsDomain: cluster.local\n",
      "    dnsDomain: cluster.local\n  - cluster: second\n    dns: 10.213.0.10\n    dnsDomain: second.local\n",
    ],
  );
  expect(() => loadEnvironment(root, "local")).toThrow(/BH1042 cluster 'second' has no range for its pods/);
  for (const name of ["nodes", "pods", "services"]) write(root, allocate(root, "local", name, "second"));
  expect(loadEnvironment(root, "local").network.clusters[1]).toEqual({
    cluster: "second",
    dns: "10.213.0.10",
    dnsDomain: "second.local",
    nodes: "10.210.1.0/24",
    pods: "10.225.0.0/16",
    services: "10.213.0.0/16",
  });
});

test("what was given back is never given to anybody else", () => {
  const root = repositoryWith(SECOND, [
    "ledger/platform.yaml",
    "value: 10.210.0.0/24 }",
    "value: 10.210.0.0/24, released: 2027-01-31 }",
  ]);
  expect(allocate(root, "local", "nodes", "second").value).toBe("10.210.1.0/24");
  write(root, allocate(root, "local", "nodes", "second"));
  expect(allocate(root, "local", "nodes", "local").value).toBe("10.210.2.0/24");
});

test("the first number of an owner makes its file; numbers are held by sites", () => {
  const root = repositoryWith([
    "network.yaml",
    "numbers: []",
    "numbers:\n  - { name: vlans, owner: fabric, use: vlan, first: 100, last: 101 }",
  ]);
  const made = allocate(root, "local", "vlans", "workstation");
  expect(made).toMatchObject({ value: "100", file: "environments/local/ledger/fabric.yaml" });
  write(root, made);
  expect(loadEnvironment(root, "local").ledger.map((l) => [l.owner, l.numbers])).toEqual([
    ["fabric", [{ pool: "vlans", for: "workstation", value: 100 }]],
    ["platform", []],
  ]);
});

test.each([
  ["nowhere", "nodes", "local", /BH9001 there is no environment 'nowhere'/],
  ["local", "node", "local", /BH9020 environment 'local' has no pool 'node'; did you mean 'nodes'\?/],
  ["local", "nodes", "secnd", /BH9021 there is no cluster 'secnd'; did you mean 'second'\?; state it first/],
  ["local", "pods", "second", /network\.yaml:8:5 BH1075 pool 'pods' has no more than 1/],
])("allocate %s %s %s is refused", (environment, name, holder, told) => {
  expect(() => allocate(repositoryWith(SECOND), environment, name, holder)).toThrow(told);
});

test.each([
  ["has a fault", ["ledger/platform.yaml", "10.210.0.0/24", "10.210.4.0/24"], /BH1070/],
  [
    "is a list in one line",
    [
      "ledger/platform.yaml",
      /ranges:\n(.|\n)*numbers/,
      "ranges: [{ pool: nodes, for: local, value: 10.210.0.0/24 }]\nnumbers",
    ],
    /BH1076/,
  ],
] as const)("nothing is added to a ledger that %s", (_, change, told) => {
  expect(() => allocate(repositoryWith(SECOND, change), "local", "nodes", "second")).toThrow(told);
});

test("pools of two environments that overlap are told in each", () => {
  const root = repositoryWith();
  cpSync(join(root, "environments/local"), join(root, "environments/twin"), { recursive: true });
  expect(() => loadEnvironment(root, "local")).toThrow(
    /local\/network\.yaml:6:12 BH1032 range 10\.210\.0\.0\/16 overlaps 10\.210\.0\.0\/16 of pool 'nodes' of environment 'twin' at environments\/twin\/network\.yaml:6:12/,
  );
});

test("a pool of numbers that ends before it begins is told", () => {
  const root = repositoryWith([
    "network.yaml",
    "numbers: []",
    "numbers:\n  - { name: vlans, owner: platform, use: vlan, first: 9, last: 8 }",
  ]);
  expect(() => loadEnvironment(root, "local")).toThrow(/BH1074 the pool's last number 8 is below its first, 9/);
});
