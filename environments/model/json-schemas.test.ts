import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { CATALOGUE_SCHEMAS } from "./catalogue.ts";
import { FILE_KINDS } from "./file-kinds.ts";
import { jsonSchemas } from "./json-schemas.ts";
import { environmentNames } from "./load.ts";

const environments = join(dirname(fileURLToPath(import.meta.url)), "..");
const ajv = new Ajv({ strict: true, allErrors: true });
const validators = new Map(
  jsonSchemas().map(([name, content]) => [name.replace(".schema.json", ""), ajv.compile(JSON.parse(content))]),
);

/** What an editor would mark in a value, by a validator that is not the loader's. */
function marked(kind: string, value: unknown): string[] {
  const valid = validators.get(kind);
  if (!valid) throw new Error(`no schema of ${kind}`);
  return valid(value) ? [] : (valid.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}`);
}

const files = [...environmentNames(join(environments, "..")), "catalogue"].flatMap((name) =>
  readdirSync(join(environments, name), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => join(name, file)),
);

test("there is a schema of every file, in the folder that YAML files name", () => {
  const names = Object.keys({ ...FILE_KINDS, ...CATALOGUE_SCHEMAS }).map((kind) => `${kind}.schema.json`);
  expect(jsonSchemas().map(([name]) => name)).toEqual(names);
  expect(readdirSync(join(environments, "schemas")).sort()).toEqual(names.sort());
});

test.each(files)("%s is valid by its schema, and names it in its first line", (file) => {
  const text = readFileSync(join(environments, file), "utf8");
  const folder = /[\\/](zones|ledger)[\\/]/.exec(file)?.[1];
  const kind = folder === "zones" ? "zone" : (folder ?? file.replace(/^.*[\\/]|\.yaml$/g, ""));
  expect(marked(kind, parse(text))).toEqual([]);
  const schema = `${folder ? "../.." : ".."}/schemas/${kind}.schema.json`;
  expect(text.split("\n")[0]).toBe(`# yaml-language-server: $schema=${schema}`);
});

test("an editor marks what the loader refuses of a single file's shape", () => {
  const zone = parse(readFileSync(join(environments, "local", "zones", "bill-payment.yaml"), "utf8"));
  expect(
    marked("zone", {
      ...zone,
      colour: "blue",
      title: " ",
      owner: { ...zone.owner, contact: "nobody" },
      quota: { cpu: "0", memory: "128m", pods: 0, storage: "1Gi" },
      egress: [{ ...zone.egress[0], cidr: "everywhere", protocol: "ICMP" }],
    }).sort(),
  ).toEqual(
    [
      " additionalProperties",
      "/egress/0/cidr pattern",
      "/egress/0/protocol enum",
      "/owner/contact pattern",
      "/quota/cpu pattern",
      "/quota/memory pattern",
      "/quota/pods minimum",
      "/title pattern",
    ].sort(),
  );
  expect(marked("guardrails", { stage: "deny", rules: { NoNodePort: "warn" } })).toContain("/rules propertyNames");
});
