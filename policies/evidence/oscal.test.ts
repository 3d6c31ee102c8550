import { describe, expect, test } from "vitest";
import { makeEvidence } from "./evidence.ts";
import { OSCAL_VERSION, renderOscal } from "./oscal.ts";
import { everything, inputsOf } from "./testing.ts";
import { uuidOf } from "./uuid.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const documents = new Map([...renderOscal(everything())].map(([file, text]) => [file, JSON.parse(text) as Json]));
const document = (file: string): Json => documents.get(file) ?? null;
const RESULTS = "oscal-assessment-results.json";

/** Every value that stands under a key, wherever. */
function under(value: Json, key: string): Json[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => under(item, key));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([k, v]) => [...(k === key ? [v] : []), ...under(v, key)]);
}

function everyValue(value: Json): Json[] {
  if (typeof value !== "object" || value === null) return [value];
  return [value, ...(Array.isArray(value) ? value : Object.values(value)).flatMap(everyValue)];
}

test("a name has the UUID that RFC 9562 gives for it", () => {
  expect(uuidOf("www.example.com", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")).toBe(
    "2ed6657d-e927-568b-95e1-2665a8aea6a2",
  );
});

describe.each([...documents])("%s", (_, content) => {
  test("holds no empty list and no empty text", () => {
    const empty = everyValue(content).filter((v) => v === "" || (Array.isArray(v) && v.length === 0));
    expect(empty).toEqual([]);
  });

  test("has ids that are tokens, and UUIDs that are of version 5 and unique", () => {
    const tokens = ["control-id", "target-id", "id"].flatMap((key) => under(content, key)).map(String);
    expect(tokens.filter((id) => !/^[\p{L}_][\p{L}\p{N}._-]*$/u.test(id))).toEqual([]);
    const uuids = under(content, "uuid").map(String);
    expect(
      uuids.filter((uuid) => !/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)),
    ).toEqual([]);
    expect(new Set(uuids).size).toBe(uuids.length);
    expect(under(content, "oscal-version")).toEqual([OSCAL_VERSION]);
  });

  test("refers to nothing that is not there", () => {
    const uuids = new Set(under(content, "uuid"));
    const references = ["subject-uuid", "observation-uuid", "risk-uuid", "component-uuid", "actor-uuid"];
    expect(references.flatMap((key) => under(content, key)).filter((uuid) => !uuids.has(uuid))).toEqual([]);
    const ids = new Set(under(document("oscal-catalog.json"), "id"));
    const targets = ["control-id", "target-id"].flatMap((key) => under(content, key));
    expect(targets.filter((id) => !ids.has(id))).toEqual([]);
  });

  test("has properties whose values are one line", () => {
    const values = under(content, "props")
      .flatMap((props) => under(props, "value"))
      .map(String);
    expect(values.filter((value) => !/^\S(.*\S)?$/.test(value))).toEqual([]);
  });
});

test("only what is satisfied is satisfied; what is manual or not applicable is not assessed", () => {
  const findings = under(document(RESULTS), "findings").flat() as { title: string; target: { status: object } }[];
  expect(findings.map(({ title, target }) => [title, ...Object.values(target.status)])).toEqual([
    ["law.1", "not-satisfied", "fail"],
    ["law.2", "satisfied", "pass"],
    ["law.3", "not-satisfied", "other"],
    ["law.7", "not-satisfied", "other"],
    ["boundary", "not-satisfied", "fail"],
    ["tenancy", "satisfied", "pass"],
  ]);
});

test("each object that a rule judged is a subject, with what the rule said", () => {
  const [first] = under(document(RESULTS), "observations").flat() as {
    subjects: { title: string; props: { name: string; value: string }[] }[];
  }[];
  const told = first?.subjects.map(({ title, props }) => [title, props.find(({ name }) => name === "result")?.value]);
  expect(told).toEqual([
    ["Service bhitti-soc/good", "pass"],
    ["Service bhitti-soc/bad", "fail"],
    ["Service bhitti-soc/unknown", "error"],
    ["Service bhitti-soc/exempted", "fail"],
  ]);
});

test("exemptions and open findings become milestones; without any there is no such file", () => {
  const poam = document("oscal-poam.json");
  const titles = under(poam, "poam-items")
    .flat()
    .map((item) => (item as { title: string }).title);
  expect(titles).toEqual(["End exemption soc-node-port by 2026-12-31", "Mend what network/no-node-port finds"]);
  expect(under(poam, "deadline")).toEqual(["2026-12-31T23:59:59Z"]);
  expect(under(poam, "status")).toEqual(["deviation-approved", "open"]);
  expect([...renderOscal(makeEvidence(inputsOf())).keys()]).not.toContain("oscal-poam.json");
});

test("identifiers are the same from the same commit, and others from another", () => {
  const evidence = everything();
  expect(renderOscal(everything())).toEqual(renderOscal(evidence));
  const other = { ...evidence, commit: { ...evidence.commit, id: "f".repeat(40) } };
  const uuids = (of: typeof evidence) => under(JSON.parse(renderOscal(of).get(RESULTS) ?? "") as Json, "uuid");
  expect(uuids(other).filter((uuid) => uuids(evidence).includes(uuid))).toEqual([]);
});
