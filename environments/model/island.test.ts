import { cpSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { parseRange } from "./addresses.ts";
import { CATALOGUE_SCHEMAS } from "./catalogue.ts";
import { DESCRIPTIONS } from "./file-kinds.ts";
import { isNameInside, isRangeInside } from "./inside.ts";
import { REFERENCES, referencesOf } from "./island.ts";
import { localCopies, type Patch, patch, root, toldOf } from "./testing.ts";

const { copy: copyOfLocal } = localCopies();

/** An island, with its list of what is inside. */
function island(patches: Readonly<Record<string, readonly Patch[]>> = {}): string {
  const copy = copyOfLocal();
  cpSync(join(root, "environments/catalogue/inside.yaml"), join(copy, "environments/catalogue/inside.yaml"));
  patch(copy, "environment.yaml", [["island: false", "island: true"]]);
  for (const [file, list] of Object.entries(patches)) patch(copy, file, list);
  return copy;
}

/** Every schema of a text, with its place. */
function textsOf(schema: z.ZodType, path: string): { path: string; schema: z.ZodType }[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional)
    return textsOf(schema.unwrap() as z.ZodType, path);
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, inner]) =>
      textsOf(inner, `${path}.${key}`),
    );
  if (schema instanceof z.ZodArray) return textsOf(schema.element as z.ZodType, `${path}[]`);
  if (schema instanceof z.ZodRecord)
    return [
      ...textsOf(schema.keyType as z.ZodType, `${path}{}`),
      ...textsOf(schema.valueType as z.ZodType, `${path}{}`),
    ];
  if (schema instanceof z.ZodNumber || schema instanceof z.ZodBoolean || schema instanceof z.ZodEnum) return [];
  return [{ path, schema }];
}

const TEXTS = [
  ...Object.entries(DESCRIPTIONS).map(([kind, { schema }]) => [kind, schema] as const),
  ...Object.entries(CATALOGUE_SCHEMAS),
].flatMap(([kind, schema]) => textsOf(schema, kind));

const DIGEST = `sha256:${"0".repeat(64)}`;
/** Ways to write something abroad, and what each refers to. */
const ABROAD: readonly (readonly [text: string, target: string])[] = [
  ["host.example.com", "host.example.com"],
  ["https://host.example.com/v2/", "host.example.com"],
  ["http://host.example.com:8080/", "host.example.com"],
  ["oci://host.example.com/charts", "host.example.com"],
  ["host.example.com:5000", "host.example.com"],
  ["host.example.com/charts", "host.example.com"],
  ["host.example.com/platform/", "host.example.com"],
  [`host.example.com/envoy@${DIGEST}`, "host.example.com"],
  [`host.example.com:5000/platform/envoy@${DIGEST}`, "host.example.com"],
  ["8.8.8.8", "8.8.8.8"],
  ["8.8.8.0/24", "8.8.8.0/24"],
  ["2001:4860:4860::8888", "2001:4860:4860::8888"],
  ["2001:4860::/32", "2001:4860::/32"],
];

test("every text of every file has a format that says what it refers to", () => {
  expect(TEXTS.length).toBeGreaterThan(150);
  const unknown = TEXTS.filter(({ schema }) => !Object.hasOwn(REFERENCES, String(schema.meta()?.["format"])));
  expect(unknown.map(({ path }) => path)).toEqual([]);
});

test("wherever something abroad can be written, it is found: no key can be forgotten", () => {
  // These name files of this machine, people, and ends of names.
  const exempt = new Set(["path", "e-mail", "suffix"]);
  const missed = TEXTS.filter(({ schema }) => !exempt.has(String(schema.meta()?.["format"]))).flatMap(
    ({ path, schema }) =>
      ABROAD.filter(([text]) => schema.safeParse(text).success)
        .filter(([text, target]) => referencesOf(schema, text)[0]?.target !== target)
        .map(([text]) => `${path}: ${text}`),
  );
  expect(missed).toEqual([]);
  // The test can fail: a format that says that it refers to nothing, and takes a host.
  const forgotten = z.string().meta({ format: "name" });
  expect(forgotten.safeParse("host.example.com").success).toBe(true);
  expect(referencesOf(forgotten, "host.example.com")).toEqual([]);
});

test("an island of documentation addresses and its own names refers to nothing outside, as it stands", () => {
  expect(toldOf(island())).toEqual([]);
});

test("everything outside is told in one run, each where it stands", () => {
  const copy = island({
    "environment.yaml": [["registry.local.bhitti.test/platform/\n", "ghcr.io/platform/\n"]],
    "network.yaml": [["cidr: 192.0.2.0/24", "cidr: 8.8.0.0/16"]],
    "identity.yaml": [["https://id.local.bhitti.test/keys", "https://login.example.com/keys"]],
    "zones/bill-payment.yaml": [
      ["203.0.113.16/28", "1.1.1.0/24"],
      ["title: Bill payment by a private partner", "title: https://partner.example.com/about"],
    ],
    "seed.yaml": [["files:\n", "clocks: [{ host: pool.ntp.org, within: 1s }]\n      files:\n"]],
  });
  const told = toldOf(copy).filter((line) => !line.includes("BH1036"));
  const remedy =
    "; refer to one inside, or add its name or range, with a source, to environments/catalogue/inside.yaml";
  expect(told.map((line) => line.replace(remedy, ""))).toEqual([
    "environment.yaml(- prefix: ▸ghcr.io/platform/) BH1180 'registries.ghcr.io/platform/.prefix' refers to ghcr.io, which does not lie inside the country",
    "identity.yaml(keys: ▸https://login.exampl) BH1180 'identitySources.national-id.keys' refers to login.example.com, which does not lie inside the country",
    "network.yaml(cidr: ▸8.8.0.0/16) BH1180 'clients.citizens.cidr' refers to 8.8.0.0/16, which does not lie inside the country",
    "seed.yaml(clocks: [{ host: ▸pool.ntp.org, within) BH1180 'items.repository.checks.clocks.0.host' refers to pool.ntp.org, which does not lie inside the country",
    "zones/bill-payment.yaml(title: ▸https://partner.exam) BH1180 'title' refers to partner.example.com, which does not lie inside the country",
    "zones/bill-payment.yaml(cidr: ▸1.1.1.0/24) BH1180 'egress.clearing-house.cidr' refers to 1.1.1.0/24, which does not lie inside the country",
  ]);
});

test("whoever is no island may refer to anything, and an island without a list is told so", () => {
  const copy = copyOfLocal();
  patch(copy, "network.yaml", [["cidr: 192.0.2.0/24", "cidr: 8.8.0.0/16"]]);
  expect(toldOf(copy)).toEqual([]);
  const alone = copyOfLocal();
  patch(alone, "environment.yaml", [["island: false", "island: true"]]);
  expect(toldOf(alone)).toEqual([
    "environment.yaml(island: ▸true) BH1181 the environment is an island, and nothing says what lies inside the country; add environments/catalogue/inside.yaml, or say 'island: false'",
  ]);
});

const inside = { suffixes: ["bd", "xn--54b7fta0cc"], ranges: [parseRange("14.1.100.0/22")].flatMap((r) => r ?? []) };

test("names count by whole labels", () => {
  expect(["bcc.gov.bd", "bd", "xn--x.xn--54b7fta0cc"].filter((name) => !isNameInside(name, inside))).toEqual([]);
  expect(
    ["example.com", "notbd", "bd.example.com", "gov.bd.com", "xbd"].filter((n) => isNameInside(n, inside)),
  ).toEqual([]);
});

test("addresses count by range: private and loopback by rule, and no range that reaches out", () => {
  const is = (text: string) => isRangeInside(parseRange(text) ?? { bits: 32, first: 0n, last: 0n, prefix: 0 }, inside);
  expect(
    ["10.0.0.0/8", "fd00::/8", "127.0.0.1/32", "::1/128", "14.1.100.0/22", "14.1.103.255/32"].filter((r) => !is(r)),
  ).toEqual([]);
  expect(["0.0.0.0/0", "14.1.100.0/21", "14.1.104.0/24", "8.8.8.8/32", "::/0", "2000::/3"].filter(is)).toEqual([]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 32 }), (address, prefix) => {
      const text = `${[24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".")}/${prefix}`;
      const range = parseRange(text);
      // Of what lies inside, every part does.
      if (range && is(text)) expect(isRangeInside({ ...range, last: range.first, prefix: 32 }, inside)).toBe(true);
    }),
  );
});
