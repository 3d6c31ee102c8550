import { Buffer } from "node:buffer";
import { App, TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { bindingClass } from "../constructs/kubernetes/resource.ts";
import { bindingType, configOf, propertyName } from "../kubernetes/bindings.ts";
import { BINDINGS, type Binding, bindingOfType, DEFAULT_SERVICE_ACCOUNT } from "../kubernetes/kinds.ts";
import { typeOfKind } from "../kubernetes/schema.ts";
import { targetOfArgument } from "../kubernetes/terraform.ts";
import { decodeResource } from "./decode.ts";
import { clusterFixtures } from "./fixtures/cluster.ts";
import type { Fixture } from "./fixtures/fixture.ts";
import { workloadFixtures } from "./fixtures/workloads.ts";
import { lookupIn, type TerraformDocument } from "./references.ts";

const FIXTURES: readonly Fixture[] = [...clusterFixtures, ...workloadFixtures];

const bindingOf = (module: string): Binding => {
  const binding = bindingOfType(`kubernetes_${module.replaceAll("-", "_")}`);
  if (!binding) throw new Error(`no binding ${module}`);
  return binding;
};

function decodeFixture({ module, config }: Fixture) {
  const { className, resourceType } = bindingOf(module);
  const stack = new TerraformStack(new App({ skipValidation: true }), "stack");
  new (bindingClass(module, className))(stack, "fixture", config);
  const document = JSON.parse(JSON.stringify(stack.toTerraform())) as TerraformDocument;
  return decodeResource(resourceType, document.resource?.[resourceType]?.fixture ?? {}, lookupIn(document));
}

/** `spec.container[].image` of every property that a config sets. */
function* propertiesSet(value: unknown, path: string): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* propertiesSet(item, path);
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const at = path ? `${path}.${key}` : key;
      yield at;
      yield* propertiesSet(inner, at);
    }
  }
}

/** The same of every property that the bindings have, with its type. Keys of maps are no properties. */
function* typesOf(text: string, path: string): Generator<readonly [string, string]> {
  const type = bindingType(text);
  if (type.form === "list") yield* typesOf(type.item, path);
  if (type.form !== "block") return;
  for (const [name, inner] of Object.entries(type.properties)) {
    const at = `${path}.${propertyName(name)}`;
    yield [at, inner];
    yield* typesOf(inner, at);
  }
}

/** `id` is computed by the provider: the bindings have it for all resources. */
const NOT_SETTABLE = new Set(["id"]);

test("fixtures are there for every kind, and names are used once", () => {
  expect([...new Set(FIXTURES.map((f) => f.module))].sort()).toEqual(
    [...BINDINGS, DEFAULT_SERVICE_ACCOUNT].map((b) => b.module).sort(),
  );
  const names = FIXTURES.map((f) => `${f.module} ${f.name}`);
  expect(names).toEqual([...new Set(names)]);
});

describe("the fixtures of a module set every property of its binding", () => {
  test.each([...BINDINGS, DEFAULT_SERVICE_ACCOUNT])("$module", ({ module }) => {
    const set = new Set(FIXTURES.filter((f) => f.module === module).flatMap((f) => [...propertiesSet(f.config, "")]));
    const missing = Object.entries(configOf(module))
      .filter(([name]) => !NOT_SETTABLE.has(name))
      .flatMap(([name, text]) => [propertyName(name), ...[...typesOf(text, propertyName(name))].map(([path]) => path)])
      .filter((path) => !set.has(path));
    expect(missing).toEqual([]);
  });
});

test("a fixture sets nothing that its binding does not have", () => {
  const isMap = (path: string, known: ReadonlyMap<string, string>) =>
    [...known].some(([property, text]) => bindingType(text).form === "map" && path.startsWith(`${property}.`));
  for (const { module, name, config } of FIXTURES) {
    const known = new Map(
      Object.entries(configOf(module)).flatMap(([property, text]) => [
        [propertyName(property), text] as const,
        ...typesOf(text, propertyName(property)),
      ]),
    );
    const strange = [...propertiesSet(config, "")].filter((path) => !known.has(path) && !isMap(path, known));
    expect(strange, `${module} ${name}`).toEqual([]);
  }
});

/** Names that are not the field's, in lower case. The decoder has its own table; this one holds it to account. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  binarydatawo: "data",
  cephmonitors: "monitors",
  datadiskuri: "diskuri",
  datawo: "data",
  endpointsname: "endpoints",
  radosuser: "user",
  rbdimage: "image",
  rbdpool: "pool",
  storageprovisioner: "provisioner",
};

interface Leaf {
  /** Last field's name, in lower case; a map's keys count as names. */
  readonly name: string;
  readonly value: unknown;
}

function* leaves(value: unknown, name: string): Generator<Leaf> {
  if (Array.isArray(value)) for (const item of value) yield* leaves(item, name);
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* leaves(inner, key.toLowerCase());
  } else yield { name, value };
}

/** What a value of a config may be in the API: a text of digits an integer, a mode octal, a text base64. */
function forms(value: unknown): readonly unknown[] {
  if (typeof value !== "string") return [value];
  const text = value.replaceAll("$${", "${");
  return [
    text,
    ...(/^\d+$/.test(text) ? [Number(text)] : []),
    ...(/^0[0-7]+$/.test(text) ? [Number.parseInt(text, 8)] : []),
    Buffer.from(text, "utf8").toString("base64"),
  ];
}

const sameName = (stated: string, decoded: string): boolean =>
  decoded === (OTHER_NAMES[stated] ?? stated) ||
  [`${stated}s`, `${stated}es`, stated.replace(/y$/, "ies")].includes(decoded);

/** The names of all leaves at a path in Terraform's words, `spec.volume[1].ceph_fs`. */
function leafNames(config: unknown, path: string): readonly string[] {
  const steps = [...path.matchAll(/\[(\d+)\]|(\w+)/g)].map((m) => m[1] ?? propertyName(m[2] ?? ""));
  const at = steps.reduce<unknown>(
    (value, step) => (typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined),
    config,
  );
  return [...leaves(at, (steps.at(-1) ?? "").toLowerCase())].map((leaf) => leaf.name);
}

describe("every value that a fixture states is in the object", () => {
  test.each(FIXTURES)("$module $name", (fixture) => {
    const { object, unknown, undecoded } = decodeFixture(fixture);
    expect(unknown).toEqual([]);
    if (!object) throw new Error(undecoded.join("; "));
    const silent = undecoded.map((reason) => /^([\w.[\]]+): the API has no such field/.exec(reason)?.[1] ?? reason);
    if (fixture.name !== "silent") expect(silent).toEqual([]);

    const { apiVersion, kind } = bindingOf(fixture.module);
    const type = typeOfKind(apiVersion, kind)?.slice(1) ?? "";
    const stated = Object.entries(fixture.config).filter(
      ([property]) =>
        targetOfArgument(
          type,
          property.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
        )?.to !== "provider",
    );
    const pool = [...leaves(object, "")];
    const lost = [...leaves(Object.fromEntries(stated), "")].filter((leaf) => {
      // The provider, too, sends no empty text.
      if (leaf.value === "" && leaf.name !== "apigroups") return false;
      const found = pool.findIndex((l) => sameName(leaf.name, l.name) && forms(leaf.value).includes(l.value));
      if (found >= 0) pool.splice(found, 1);
      return found < 0;
    });
    expect(lost.map((leaf) => leaf.name).sort()).toEqual(
      silent.flatMap((path) => leafNames(fixture.config, path)).sort(),
    );
  });
});

test("what the provider does not send is told, each by its attribute", () => {
  const silent = FIXTURES.find((f) => f.module === "pod-v1" && f.name === "silent");
  if (!silent) throw new Error("no such fixture");
  expect(decodeFixture(silent).undecoded).toEqual([
    "spec.volume[0].azure_file.secret_namespace: the API has no such field, or the provider does not send it",
    "spec.volume[1].ceph_fs: the API has no such field, or the provider does not send it",
    "spec.volume[2].flex_volume.secret_ref.namespace: the API has no such field, or the provider does not send it",
    "spec.volume[3].rbd.secret_ref.namespace: the API has no such field, or the provider does not send it",
    "spec.volume[4].local: the API has no such field, or the provider does not send it",
  ]);
});
