import { expect, test } from "vitest";
import { readManifests } from "../../kubernetes/manifests.ts";
import { SCALARS } from "../../kubernetes/scalar-cases.ts";
import { manifestYaml } from "./export.ts";

const TEXTS = [...SCALARS.map(([yaml]) => yaml), "N", "0x1F", "<<", "#x", "- a", "a: b", " a ", "a\nb\n", "", "ভিত্তি"];

test.each(TEXTS)("the text %j is a text to kubectl, as a value and as a key", (text) => {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { [text || "key"]: text } };
  const { objects } = readManifests("a.yaml", new TextEncoder().encode(manifestYaml(object)));
  expect(objects.map(({ value }) => value)).toEqual([object]);
});
