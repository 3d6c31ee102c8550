import { describe, expect, test } from "vitest";
import { readManifests } from "./manifests.ts";
import { SCALARS } from "./scalar-cases.ts";

const read = (text: string | Uint8Array) =>
  readManifests("m.yaml", typeof text === "string" ? new TextEncoder().encode(text) : text);
const header = "apiVersion: v1\nkind: ConfigMap\n";
const codes = (text: string | Uint8Array) =>
  read(text).messages.map(({ code, position }) => `${code} ${position?.line}:${position?.column}`);

test.each(SCALARS)("%j is read as the API server reads it", (yaml, expected) => {
  const { objects, messages } = read(`${header}value: ${yaml}\n`);
  expect(messages).toEqual([]);
  expect(objects[0]?.value["value"]).toEqual(expected);
});

test("whole numbers keep every digit", () => {
  expect(read(`${header}value: 9007199254740993\n`).objects[0]?.value["value"]).toBe(9007199254740993n);
});

describe("documents", () => {
  test("are told apart by lines of ---, and numbered over Lists", () => {
    const text = `# a comment\n%YAML 1.1\n---\n${header}---\n---\n# nothing\n--- # here\napiVersion: v1\nkind: List\nitems:\n  - { apiVersion: v1, kind: Pod }\n  - { apiVersion: v1, kind: Secret }\n...\n---\n${header}`;
    const { objects, messages } = read(text);
    expect(messages).toEqual([]);
    expect(objects.map(({ value, source, position }) => `${value.kind} ${source} ${position.line}`)).toEqual([
      "ConfigMap m.yaml#1 4",
      "Pod m.yaml#2 10",
      "Secret m.yaml#3 10",
      "ConfigMap m.yaml#4 17",
    ]);
  });

  test("may hold --- within texts", () => {
    const { objects } = read(`${header}data:\n  a: |\n    ---\n    b: c\n  d: "x --- y"\n`);
    expect(objects.map(({ value }) => value["data"])).toEqual([{ a: "---\nb: c\n", d: "x --- y" }]);
  });

  test("may begin with a byte order mark and end lines as Windows does", () => {
    const { objects } = read(`\ufeff${header.replaceAll("\n", "\r\n")}---\r\n${header}`);
    expect(objects).toHaveLength(2);
  });

  test("of JSON are YAML too", () => {
    const json = JSON.stringify(
      { apiVersion: "v1", kind: "Pod", "a/b": '\u2028 "\\/" \ud83d\ude00', c: 1.5e-7 },
      null,
      "\t",
    );
    expect(read(json).objects[0]?.value).toEqual(JSON.parse(json));
  });

  test("are none in an empty file", () => {
    for (const text of ["", "\n", "# nothing\n", "---\n", "---\n---\n"])
      expect(read(text)).toEqual({ objects: [], messages: [] });
  });
});

describe("faults are told with their place, and leave no object of the file", () => {
  test.each([
    ["a: [b", "BH3802 2:1"],
    [`${header}---\n${header}a: b: c\n`, "BH3802 6:5"],
    [`${header}kind: Pod\n`, "BH3802 3:1"],
    [`${header}a: *nobody\n`, "BH3802 3:11"],
    [`${header}a: !custom x\n`, "BH3802 3:13"],
    ["- a\n", "BH3805 1:1"],
    [`${header}---\n\nkind: Pod\n`, "BH3805 5:1"],
    ["apiVersion: 1\nkind: Pod\n", "BH3805 1:1"],
  ])("%j", (text, expected) => {
    expect(codes(text)).toEqual([expected]);
    expect(read(text).objects).toEqual([]);
  });

  test("bytes that are no UTF-8", () => {
    expect(codes(Uint8Array.of(0x61, 0xff))).toEqual(["BH3801 1:1"]);
    expect(codes(new Uint8Array(Buffer.from(`\ufeff${header}`, "utf16le")))).toEqual(["BH3801 1:1"]);
  });
});

test("keys of prototypes are keys", () => {
  const { objects } = read(`${header}__proto__: { polluted: yes }\n`);
  expect(Object.keys(objects[0]?.value ?? {})).toContain("__proto__");
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
