import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { liveCluster } from "../tests/live.ts";
import { fetchFrom, generatedSchema } from "./generate.ts";

const cluster = liveCluster();

describe.skipIf(!cluster)("the generated schema", () => {
  test("is what the API server says; else run 'node --import tsx kubernetes/generate.ts <kubeconfig>'", async () => {
    const files = await generatedSchema(fetchFrom(cluster?.kubeconfig ?? ""));
    expect(Object.keys(files).sort()).toEqual(["kinds.generated.json", "schema.generated.json"]);
    for (const [name, text] of Object.entries(files)) {
      expect(readFileSync(new URL(name, import.meta.url), "utf8") === text, name).toBe(true);
    }
  });
});
