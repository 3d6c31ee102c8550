import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonDifferences } from "./json-difference.ts";

test("each place that differs is named once", () => {
  const before = { spec: { replicas: 1, ports: [{ port: 80 }], gone: { a: 1, b: 2 } } };
  const after = { spec: { replicas: 2, ports: [{ port: 80 }, { port: 81 }] }, metadata: { labels: { "a.b/c": "d" } } };
  expect(jsonDifferences(before, after)).toEqual([
    { path: "metadata", before: undefined, after: { labels: { "a.b/c": "d" } } },
    { path: "spec.gone", before: { a: 1, b: 2 }, after: undefined },
    { path: "spec.ports[1]", before: undefined, after: { port: 81 } },
    { path: "spec.replicas", before: 1, after: 2 },
  ]);
});

test("keys that are no names are quoted", () => {
  const paths = jsonDifferences({ data: { "a.b": "1" } }, { data: { "a.b": "2" } }).map((d) => d.path);
  expect(paths).toEqual(['data["a.b"]']);
});

test("nothing differs from itself, and what differs is found from both sides", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(jsonDifferences(a, structuredClone(a))).toEqual([]);
      const there = jsonDifferences(a, b).map((d) => d.path);
      expect(jsonDifferences(b, a).map((d) => d.path)).toEqual(there);
      expect(there.length > 0).toBe(JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b)));
    }),
  );
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}
