import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadEnvironment } from "../../environments/model/load.ts";
import { grantRecords } from "./grants.ts";

const environment = loadEnvironment(join(dirname(fileURLToPath(import.meta.url)), "..", ".."), "local");

test("each grant has a record that says who may call what, what for and how often", () => {
  const records = grantRecords(environment);
  expect(records.length).toBe(environment.apis.flatMap(({ grants }) => grants).length);
  expect(records.find(({ metadata }) => metadata.name === "grant-citizen-services-payments-v1")).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "grant-citizen-services-payments-v1",
      namespace: "bhitti-gateway",
      labels: { "bhitti.platform/grant": "payments-v1" },
    },
    data: {
      consumer: "citizen-services",
      publisher: "bill-payment",
      purpose: "collect the fee of an application",
      legalBasis: "an illustrative agreement between the agency and its partner",
      dataClass: "internal",
      requestsPerMinute: "300",
    },
  });
});
