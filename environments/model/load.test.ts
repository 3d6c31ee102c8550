import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { environmentMessages } from "../../messages/environment.ts";
import { BhittiError, textOf } from "../../messages/message.ts";
import { environmentNames, loadEnvironment } from "./load.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const scratch = mkdtempSync(join(tmpdir(), "bhitti-load-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let copies = 0;
/** A copy of the local environment in a repository of its own; returns that repository's root. */
function copyOfLocal(): string {
  const copy = join(scratch, String(copies++));
  cpSync(join(root, "environments", "local"), join(copy, "environments", "local"), { recursive: true });
  return copy;
}

const local = (copy: string, file: string): string => join(copy, "environments", "local", file);

/** What the loader says of an environment: `file:line:column code`, the file within the environment. */
function faultsOf(copy: string): { at: string; code: string; text: string }[] {
  try {
    loadEnvironment(copy, "local", { knownRules: ["network/no-node-port"] });
    return [];
  } catch (error) {
    if (!(error instanceof BhittiError)) throw error;
    return error.messages.map((m) => ({
      at: `${m.position?.file.replace("environments/local/", "")}:${m.position?.line}:${m.position?.column}`,
      code: m.code,
      text: textOf(m),
    }));
  }
}

type Patch = readonly [from: string | RegExp, to: string];

/** Replaces within a file; a text that is not there is a mistake of the test. */
function patch(copy: string, file: string, ...patches: Patch[]): void {
  const path = local(copy, file);
  const before = readFileSync(path, "utf8");
  const after = patches.reduce((text, [from, to]) => text.replace(from, to), before);
  expect(after, `patch of ${file}`).not.toBe(before);
  writeFileSync(path, after);
}

test("the local environment loads, and every path leads to its line", () => {
  const environment = loadEnvironment(root, "local");
  expect(environment.zones.map((z) => z.name)).toEqual(["bill-payment", "citizen-services"]);
  expect(environment.positions("zones.bill-payment.quota")).toMatchObject({
    file: "environments/local/zones/bill-payment.yaml",
    line: 12,
  });
  expect(environment.positions("apis.payments.grants.citizen-services.purpose")).toMatchObject({
    file: "environments/local/gateway.yaml",
    line: 32,
  });
  expect(environment.positions("network.clusters.local.pods").line).toBe(5);
  expect(environment.positions("zones.bill-payment.nothing.of.this")).toMatchObject({ line: 2, column: 1 });
});

test("names of rooms beside the environments are no environments", () => {
  expect(environmentNames(root)).toContain("local");
  expect(environmentNames(root)).not.toContain("model");
  expect(environmentNames(root)).not.toContain("schemas");
});

test("a mistyped environment is met with the one that was meant", () => {
  expect(() => loadEnvironment(root, "locla")).toThrow(/BH9001 there is no environment 'locla'; did you mean local\?/);
});

/** For every code: the file, what is wrong in it, and the exact place and words that come of it. */
const cases: readonly [code: string, at: string, says: string, file: string, ...patches: Patch[]][] = [
  ["BH1001", "soc.yaml:3:12", "YAML", "soc.yaml", ["cluster: local", "cluster: : local"]],
  ["BH1002", "soc.yaml:1:1", "1048576", "soc.yaml", [/$/, `# ${"x".repeat(1024 * 1024)}`]],
  ["BH1003", "soc.yaml:1:1", "30 levels", "soc.yaml", [/$/, `x: ${"[".repeat(40)}${"]".repeat(40)}\n`]],
  ["BH1004", "soc.yaml:4:3", "twice", "soc.yaml", ["  cluster: local", "  cluster: local\n  cluster: local"]],
  ["BH1005", "guardrails.yaml:2:1", "no mapping", "guardrails.yaml", [/stage[\s\S]*$/, "- a\n"]],
  ["BH1006", "soc.yaml:3:15", "anchors", "soc.yaml", ["cluster: local", "cluster: &x local"]],
  ["BH1010", "gateway.yaml:6:3", "did you mean 'replicas'?", "gateway.yaml", ["  replicas:", "  replcias:"]],
  ["BH1011", "zones/bill-payment.yaml:12:15", 'in quotes: "2"', "zones/bill-payment.yaml", ['cpu: "2"', "cpu: 2"]],
  ["BH1012", "soc.yaml:3:3", "'storage' is missing", "soc.yaml", [/ {2}storage: .*\n/, ""]],
  [
    "BH1013",
    "zones/bill-payment.yaml:4:9",
    "did you mean 'partner'?",
    "zones/bill-payment.yaml",
    ["tenant: partner", "tenant: partnr"],
  ],
  [
    "BH1014",
    "zones/bill-payment.yaml:16:11",
    "at most 65535",
    "zones/bill-payment.yaml",
    ["port: 8443", "port: 84430"],
  ],
  ["BH1020", "sites.yaml:3:11", "'Work Station'", "sites.yaml", ["name: workstation", "name: Work Station"]],
  ["BH1021", "gateway.yaml:4:9", "full host name", "gateway.yaml", ["host: api.local.bhitti.test", "host: API"]],
  ["BH1022", "network.yaml:5:11", "the network is 10.211.0.0/16", "network.yaml", ["10.211.0.0/16", "10.211.0.7/16"]],
  ["BH1023", "gateway.yaml:8:11", "'128 Mi'", "gateway.yaml", ["128Mi", "128 Mi"]],
  ["BH1024", "gateway.yaml:29:14", "15 secs", "gateway.yaml", ["15s", "15 secs"]],
  ["BH1025", "soc.yaml:4:10", "@sha256:", "soc.yaml", [/vector@sha256:\w+/, "vector:latest"]],
  ["BH1026", "environment.yaml:8:13", "final '/'", "environment.yaml", ["/platform/", "/platform"]],
  [
    "BH1027",
    "zones/bill-payment.yaml:7:12",
    "owner.contact",
    "zones/bill-payment.yaml",
    ["owner@bill-payment.example", "nobody"],
  ],
  [
    "BH1028",
    "guardrails.yaml:4:3",
    "did you mean 'network/no-node-port'?",
    "guardrails.yaml",
    ["rules: {}", "rules:\n  network/no-nod-port: warn"],
  ],
  [
    "BH1030",
    "gateway.yaml:34:19",
    "first at environments/local/gateway.yaml:31:19",
    "gateway.yaml",
    [/$/, "      - consumer: citizen-services\n        purpose: x\n        requestsPerMinute: 1\n"],
  ],
  ["BH1031", "gateway.yaml:9:13", "did you mean 'citizens'?", "gateway.yaml", ["[citizens]", "[citizen]"]],
  [
    "BH1032",
    "network.yaml:6:15",
    "overlaps 10.211.0.0/16 of cluster 'local' pods",
    "network.yaml",
    ["10.212.0.0/16", "10.211.128.0/17"],
    ["10.212.0.10", "10.211.128.10"],
  ],
  ["BH1033", "network.yaml:4:12", "public address space", "network.yaml", ["10.210.0.0/24", "172.32.0.0/24"]],
  ["BH1034", "network.yaml:7:10", "10.212.0.0/16", "network.yaml", ["10.212.0.10", "10.213.0.10"]],
  [
    "BH1035",
    "identity.yaml:4:9",
    "under the environment's domain",
    "identity.yaml",
    ["login.local.bhitti.test", "login.elsewhere.test"],
  ],
  [
    "BH1036",
    "soc.yaml:4:10",
    "no registry of the environment",
    "soc.yaml",
    ["registry.local.bhitti.test/", "registry.example.com/"],
  ],
  [
    "BH1037",
    "gateway.yaml:28:16",
    "at most internal",
    "gateway.yaml",
    [/dataClass: internal/, "dataClass: restricted"],
  ],
  [
    "BH1038",
    "gateway.yaml:20:19",
    "grants itself",
    "gateway.yaml",
    ["consumer: bill-payment", "consumer: citizen-services"],
  ],
  ["BH1039", "zones/bill-payment.yaml:12:15", "need 500m of cpu", "zones/bill-payment.yaml", ['cpu: "2"', "cpu: 400m"]],
  [
    "BH1040",
    "zones/bill-payment.yaml:24:11",
    "everywhere",
    "zones/bill-payment.yaml",
    ["203.0.113.16/28", "0.0.0.0/0"],
  ],
  [
    "BH1041",
    "zones/bill-payment.yaml:24:11",
    "of cluster 'local'",
    "zones/bill-payment.yaml",
    ["203.0.113.16/28", "10.211.3.0/24"],
  ],
  [
    "BH1052",
    "zones/bill-payment.yaml:2:7",
    "is called 'bill-payment'",
    "zones/bill-payment.yaml",
    ["name: bill-payment", "name: bills"],
  ],
];

describe("each fault is told where it stands, with the remedy", () => {
  test.each(cases)("%s at %s: %s", (code, at, says, file, ...patches) => {
    const copy = copyOfLocal();
    patch(copy, file, ...patches);
    const found = faultsOf(copy).find((f) => f.code === code);
    expect(found, JSON.stringify(faultsOf(copy), null, 1)).toMatchObject({ at, code });
    expect(found?.text).toContain(says);
  });

  test("BH1050 and BH1051: a missing file, and one that nothing reads", () => {
    const copy = copyOfLocal();
    renameSync(local(copy, "soc.yaml"), local(copy, "socs.yaml"));
    expect(faultsOf(copy)).toEqual([
      expect.objectContaining({ at: "soc.yaml:1:1", code: "BH1050" }),
      expect.objectContaining({
        at: "socs.yaml:1:1",
        code: "BH1051",
        text: expect.stringContaining("did you mean 'soc.yaml'?"),
      }),
    ]);
  });

  test("every code of the room has a case", () => {
    const tried = [...cases.map(([code]) => code), "BH1050", "BH1051"];
    expect(Object.keys(environmentMessages).filter((code) => !tried.includes(code))).toEqual([]);
  });
});

test("ten faults in five files are reported in one run, sorted, and nothing is loaded", () => {
  const copy = copyOfLocal();
  patch(
    copy,
    "gateway.yaml",
    ["  replicas: 2", "  replcias: 2"],
    ["128Mi", "128 Mi"],
    ["[citizens]", "[citizen]"],
    ["15s", "15 secs"],
  );
  patch(copy, "network.yaml", ["10.211.0.0/16", "10.210.0.0/16"]);
  patch(copy, "environment.yaml", ["disposable: true", "disposable: yes"]);
  patch(copy, "identity.yaml", ["cluster: local", "cluster: locl"]);
  patch(
    copy,
    "zones/bill-payment.yaml",
    ['cpu: "2"', "cpu: 2"],
    ["port: 8443", "port: 84430"],
    ["tenant: partner", "tenant: partnr"],
  );
  const faults = faultsOf(copy).map((f) => `${f.at} ${f.code}`);
  expect(faults).toEqual([
    "environment.yaml:4:13 BH1011",
    "gateway.yaml:3:3 BH1012",
    "gateway.yaml:6:3 BH1010",
    "gateway.yaml:8:11 BH1023",
    "gateway.yaml:9:13 BH1031",
    "gateway.yaml:29:14 BH1024",
    "identity.yaml:3:12 BH1031",
    "network.yaml:5:11 BH1032",
    "zones/bill-payment.yaml:4:9 BH1013",
    "zones/bill-payment.yaml:12:15 BH1011",
    "zones/bill-payment.yaml:16:11 BH1014",
  ]);
});

test("a byte order mark, Windows line ends and Bangla text are fine; keys of JavaScript's own are unknown keys", () => {
  const copy = copyOfLocal();
  patch(
    copy,
    "zones/bill-payment.yaml",
    ["Bill payment by a private partner", "বিল পরিশোধ"],
    [/\n/g, "\r\n"],
    [/^/, "\uFEFF"],
  );
  expect(faultsOf(copy)).toEqual([]);
  patch(copy, "zones/bill-payment.yaml", [/$/, "__proto__: { name: x }\r\nconstructor: x\r\n"]);
  expect(faultsOf(copy).map((f) => f.code)).toEqual(["BH1010", "BH1010"]);
});

/** A small seeded generator, so that a failing mutation can be run again (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FILES = [
  ...["environment", "sites", "clusters", "network", "gateway", "identity", "soc", "guardrails"].map(
    (f) => `${f}.yaml`,
  ),
  "zones/bill-payment.yaml",
  "zones/citizen-services.yaml",
];
const SCALARS = [
  "",
  "null",
  "-1",
  "1e999",
  "true",
  "[]",
  "{}",
  "'",
  '"',
  "*x",
  "&x y",
  "!!binary x",
  "${x}",
  "0.0.0.0/0",
  "::/0",
  "১২৩",
  "\u0000",
  "a: b: c",
  "2026-11-23",
  "~",
  "x".repeat(5000),
];

function mutate(lines: string[], random: () => number): string[] {
  const i = Math.floor(random() * lines.length);
  const j = Math.floor(random() * lines.length);
  const line = lines[i] ?? "";
  const other = lines[j] ?? "";
  switch (Math.floor(random() * 7)) {
    case 0:
      return lines.toSpliced(i, 1);
    case 1:
      return lines.toSpliced(j, 0, line);
    case 2:
      return lines.with(i, other).with(j, line);
    case 3:
      return lines.with(i, line.replace(/:.*$/, `: ${SCALARS[Math.floor(random() * SCALARS.length)] ?? ""}`));
    case 4:
      return lines.with(i, `${" ".repeat(Math.floor(random() * 5))}${line}`);
    case 5: {
      const k = Math.floor(random() * (line.length + 1));
      return lines.with(i, line.slice(0, k) + String.fromCharCode(Math.floor(random() * 256)) + line.slice(k + 1));
    }
    default:
      return lines.with(
        i,
        line.replace(
          /^(\s*)(- )?(\w+):/,
          (_, s: string, dash: string | undefined) =>
            `${s}${dash ?? ""}${SCALARS[Math.floor(random() * SCALARS.length)] ?? ""}:`,
        ),
      );
  }
}

test("200 mutated environments give a result or positioned errors, and never anything else", () => {
  const random = seeded(20_261_123);
  let faulty = 0;
  for (let round = 0; round < 200; round++) {
    const copy = copyOfLocal();
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
      const file = FILES[Math.floor(random() * FILES.length)] ?? "";
      const lines = readFileSync(local(copy, file), "utf8").split("\n");
      writeFileSync(local(copy, file), mutate(lines, random).join("\n"));
    }
    try {
      expect(loadEnvironment(copy, "local", { knownRules: [] }).name).toBe("local");
    } catch (error) {
      if (!(error instanceof BhittiError)) throw new Error(`round ${round}: ${String(error)}`, { cause: error });
      faulty++;
      for (const m of error.messages) {
        expect(m.position?.file, `round ${round}`).toMatch(/^environments\/local\//);
        expect(m.position?.line).toBeGreaterThan(0);
        expect(m.position?.column).toBeGreaterThan(0);
      }
    }
    rmSync(copy, { recursive: true, force: true });
  }
  expect(faulty).toBeGreaterThan(100);
});
