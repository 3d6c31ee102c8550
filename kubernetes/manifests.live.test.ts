import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { liveCluster } from "../tests/live.ts";
import { SCALARS } from "./scalar-cases.ts";

/** Holds the table of scalars to a real API server, which takes YAML too and answers with JSON. */
const live = liveCluster();
const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const COLLECTION = "/apis/yaml.bhitti.platform/v1/scalars";

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "scalars.yaml.bhitti.platform" },
  spec: {
    group: "yaml.bhitti.platform",
    scope: "Cluster",
    names: { plural: "scalars", kind: "Scalar" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

describe.skipIf(!live)("the API server reads YAML as the table says", () => {
  beforeAll(async () => {
    await live?.request("POST", DEFINITIONS, definition);
    for (let i = 0; (await live?.request("GET", COLLECTION))?.status !== 200; i++) {
      if (i > 200) throw new Error("the kind is not served");
      await sleep(50);
    }
  });

  afterAll(async () => {
    await live?.request("DELETE", `${DEFINITIONS}/${definition.metadata.name}`);
  });

  test.each(SCALARS)("%j", async (yaml, expected) => {
    const text = `apiVersion: yaml.bhitti.platform/v1\nkind: Scalar\nmetadata: { name: scalar }\nvalue: ${yaml}\n`;
    const path = `${COLLECTION}?dryRun=All&fieldValidation=Strict`;
    const answer = await live?.request("POST", path, text, { contentType: "application/yaml" });
    expect(answer?.status, JSON.stringify(answer?.body)).toBe(201);
    expect(answer?.body["value"] ?? null).toEqual(expected);
  });
});
