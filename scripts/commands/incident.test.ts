import { expect, test } from "vitest";
import { root } from "../../environments/model/testing.ts";
import { silent } from "../progress.ts";
import { incident } from "./incident.ts";

const context = { root, progress: silent };
const known = new Date("2027-01-31T23:50:59Z");

test("each has to be told by a time of the country's, counted from when it was known", () => {
  const { text, json } = incident(context, "production", "tax", "critical", { known });
  const zone = "National Board of Revenue, owner@tax.platform.example.gov.bd";
  expect(text.split("\n")).toEqual([
    "critical: A service for citizens is down, or restricted data has left",
    "known since 2027-02-01T05:50+06:00",
    "",
    `by 2027-02-01T06:05+06:00  zone       ${zone}`,
    "by 2027-02-01T06:20+06:00  sector     Security operations centre of the National Board of Revenue",
    "by 2027-02-01T06:50+06:00  national   BGD e-GOV CIRT, Bangladesh Computer Council  (cyber-security-2026.incident-notice)",
    "by 2027-02-02T05:50+06:00  authority  Authority of the Personal Data Protection Act, 2026  (pdpa-2026.breach-notice)",
  ]);
  expect(json).toMatchObject({
    known: "2027-02-01T05:50+06:00",
    notices: [{ who: "zone", by: "2027-02-01T06:05+06:00" }, {}, {}, {}],
  });
});

test("a zone or a severity that there is not is met with those that there are", () => {
  expect(() => incident(context, "production", "financ", "critical", { known })).toThrow(
    "BH1196 environment 'production' has no zone 'financ'; did you mean 'finance'?",
  );
  expect(() => incident(context, "local", "bill-payment", "worst", { known })).toThrow(
    "BH1196 environment 'local' has no severity 'worst'; there are: critical, high, moderate, low",
  );
});
