import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { publishedApis } from "../../environments/model/hub/grants.ts";
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
      state: "in-force",
      consumer: "citizen-services",
      publisher: "bill-payment",
      owner: "A private partner",
      purpose: "collect the fee of an application",
      fields: "amount\nreference",
      dataClass: "internal",
      legalBasis: "an illustrative agreement between the agency and its partner",
      ratePlan: "standard",
      requestsPerMinute: "300",
      granted: "2020-01-01",
      expires: "2999-12-31",
      onwardSharing: "forbidden",
    },
  });
});

test("what is asked for has a record too, which says that nothing is open and claims no basis", () => {
  const zones = environment.zones.map((zone) => ({
    ...zone,
    apis: (zone.apis ?? []).map((api) => ({ ...api, grants: [] })),
  }));
  const asked = { ...environment, apis: publishedApis(zones, environment.ratePlans, []) };
  expect(grantRecords(asked).map(({ data }) => data)).toEqual([
    {
      state: "awaits-owner",
      consumer: "bill-payment",
      publisher: "citizen-services",
      owner: "registry",
      purpose: "show an applicant the fee of the certificate applied for",
      fields: "applicationId\nfee",
      dataClass: "internal",
    },
    {
      state: "awaits-owner",
      consumer: "citizen-services",
      publisher: "bill-payment",
      owner: "A private partner",
      purpose: "collect the fee of an application",
      fields: "amount\nreference",
      dataClass: "internal",
    },
  ]);
});

test("a suspended grant's record says since when and why", () => {
  const suspensions = [{ zone: "bill-payment", since: "2026-11-20", reason: "passed data on" }];
  const apis = publishedApis(environment.zones, environment.ratePlans, suspensions);
  const [record] = grantRecords({ ...environment, apis, suspensions });
  expect(record?.["data"]).toMatchObject({
    state: "suspended",
    consumer: "bill-payment",
    suspendedSince: "2026-11-20",
    suspensionReason: "passed data on",
    requestsPerMinute: "600",
  });
});
