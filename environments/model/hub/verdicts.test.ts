import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { apiHubMessages } from "../../../messages/api-hub.ts";
import { compareMessages, formatMessage, severityOf } from "../../../messages/message.ts";
import { loadEnvironment } from "../load.ts";
import { localCopies, type Patch, patch, spelled } from "../testing.ts";
import { grantMessages } from "./verdicts.ts";

const { copy: copyOfLocal } = localCopies();

const BILLS = "zones/bill-payment.yaml";
const CITIZENS = "zones/citizen-services.yaml";

/** What is said of a changed copy on a day: severity, place in words, code and text. */
function said(asOf: string, ...patches: readonly (readonly [file: string, ...Patch])[]): string[] {
  const copy = copyOfLocal();
  for (const [file, ...change] of patches) patch(copy, file, [change]);
  return grantMessages(loadEnvironment(copy, "local"), asOf)
    .sort(compareMessages)
    .map((m) => {
      const { file = "", line = 0, column = 0 } = m.position ?? {};
      const short = file.replace("environments/local/", "");
      const place = `${short}(${spelled(copy, short, line, column)})`;
      return `${severityOf(m)} ${formatMessage(m).replace(`${file}:${line}:${column}`, place)}`;
    });
}

const NEXT_YEAR = "2027-06-30";
const ends = (file: string): readonly [string, ...Patch] => [file, "expires: 2999-12-31", `expires: ${NEXT_YEAR}`];

test("grants that both sides agree to, in their time, are nothing to be told of", () => {
  expect(said("2026-11-23")).toEqual([]);
});

test.each([
  ["2027-05-30", []],
  [
    "2027-05-31",
    [
      `notice ${BILLS}(expires: ▸2027-06-30) BH1131 the grant of API 'payments-v1' to 'citizen-services' ends on 2027-06-30, in 30 days; have its owner renew it, or both sides prepare for its end`,
    ],
  ],
  [
    "2027-06-30",
    [
      expect.stringContaining(
        `BH1131 the grant of API 'payments-v1' to 'citizen-services' ends on 2027-06-30, in 0 days`,
      ),
    ],
  ],
  [
    "2027-07-01",
    [
      `error ${BILLS}(expires: ▸2027-06-30) BH1130 the grant of API 'payments-v1' to 'citizen-services' ended on 2027-06-30; this is judged as on 2027-07-01; remove it, or have its owner renew it with a later day`,
    ],
  ],
])("a grant's last day counts: on %s", (asOf, told) => {
  expect(said(asOf, ends(BILLS))).toEqual(told);
});

test("a grant that has ended is an error, also where nobody asks for it; not while its consumer is suspended", () => {
  expect(said("2027-07-01", ends(BILLS), [CITIZENS, /uses:[\s\S]*$/, ""])).toEqual([
    expect.stringContaining("BH1134"),
    expect.stringMatching(/^error .* BH1130 /),
  ]);
  const suspension = "suspensions:\n  - { zone: citizen-services, since: 2026-11-20, reason: passed data on }";
  expect(said("2027-07-01", ends(BILLS), ["gateway.yaml", "suspensions: []", suspension])).toEqual([
    expect.stringContaining("BH1137"),
  ]);
});

test("a grant does not begin before its first day", () => {
  expect(said("2019-12-31")).toEqual([
    `error ${BILLS}(granted: ▸2020-01-01) BH1138 API 'payments-v1' is granted to 'citizen-services' from 2020-01-01 on; this is judged as on 2019-12-31; add the grant on that day, or correct the day`,
    expect.stringContaining(`${CITIZENS}(granted: ▸2020-01-01) BH1138`),
  ]);
});

test("an API that ends is told before, and is an error after", () => {
  const gone = [
    ends(BILLS),
    [BILLS, "    assurance: substantial\n", `    assurance: substantial\n    deprecated: ${NEXT_YEAR}\n`],
  ] as const;
  expect(said("2027-06-30", ...gone)).toEqual([
    `notice ${BILLS}(deprecated: ▸2027-06-30) BH1139 API 'payments-v1' is served until 2027-06-30; move its consumers to the next version`,
    expect.stringContaining("BH1131"),
  ]);
  expect(said("2027-07-01", ...gone)).toEqual([
    `error ${BILLS}(deprecated: ▸2027-06-30) BH1132 API 'payments-v1' was to be served until 2027-06-30; this is judged as on 2027-07-01; remove it with its grants, or set a later day`,
    expect.stringContaining("BH1130"),
  ]);
});

test("what waits for one side is a notice to the other, at the side that stands", () => {
  expect(said("2026-11-23", [BILLS, /grants:[\s\S]*?uses:/, "grants: []\nuses:"])).toEqual([
    `notice ${CITIZENS}(- api: ▸payments-v1) BH1133 'citizen-services' asks for API 'payments-v1', which its owner 'A private partner' has not granted: nothing is open; the owner adds a grant in zones/bill-payment.yaml, for the same purpose`,
  ]);
  expect(said("2026-11-23", [BILLS, /uses:[\s\S]*$/, ""])).toEqual([
    `notice ${CITIZENS}(- consumer: ▸bill-payment) BH1134 API 'certificates-v1' is granted to 'bill-payment', which does not ask for it: nothing is open; the consumer adds it to 'uses' in zones/bill-payment.yaml, or the owner removes the grant`,
  ]);
  expect(said("2026-11-23", [CITIZENS, "fields: [amount, reference]", "fields: [amount, settledOn]"])).toEqual([
    `notice ${CITIZENS}(fields: ▸[amount, settledOn]) BH1135 'citizen-services' asks for settledOn of API 'payments-v1', which its owner 'A private partner' has not granted: the other fields are open; the owner adds them to the grant in zones/bill-payment.yaml, or the consumer leaves them out`,
  ]);
  expect(said("2026-11-23", [CITIZENS, "purpose: collect the fee", "purpose: predict the fee"])).toEqual([
    `notice ${CITIZENS}(purpose: ▸predict the fee of a) BH1136 'citizen-services' asks for API 'payments-v1' to 'predict the fee of an application', and its owner granted it to 'collect the fee of an application': nothing is open; both sides write the same purpose`,
  ]);
});

test("one line suspends a consumer, which is a notice", () => {
  const line = "suspensions: [{ zone: bill-payment, since: 2026-11-20, reason: passed data on }]";
  expect(said("2026-11-23", ["gateway.yaml", "suspensions: []", line])).toEqual([
    "notice gateway.yaml(suspensions: [{ zone: ▸bill-payment, since:) BH1137 zone 'bill-payment' is suspended since 2026-11-20, which closes 1 of its grants (certificates-v1): passed data on; once the reason is gone, remove the line",
  ]);
});

test("two versions of an API have one name, and each its own places", () => {
  const api = `  - { name: payments, title: Pay, titleBangla: পরিশোধ, version: v2, service: payments, dataClass: internal, timeout: 15s, fields: [{ name: amount }], slo: { availabilityPercent: 99.5, latencyMilliseconds: 2000 }, basis: illustrative, grants: [{ consumer: citizen-services, fields: [amount], purpose: x, legalBasis: y, ratePlan: busy, granted: 2020-01-01, expires: 2026-01-01, onwardSharing: permitted }] }\nuses:`;
  expect(said("2026-11-23", [BILLS, "uses:", api])).toEqual([
    expect.stringContaining("consumer: ▸citizen-services, fi) BH1134 API 'payments-v2'"),
    expect.stringContaining("expires: ▸2026-01-01, onwardSh) BH1130 the grant of API 'payments-v2'"),
  ]);
});

test("every code of the hub has a case beside what it is about", () => {
  const model = fileURLToPath(new URL("..", import.meta.url));
  const tests = readdirSync(model, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts"));
  const text = tests.map((file) => readFileSync(join(model, file), "utf8")).join("\n");
  expect(Object.keys(apiHubMessages).filter((code) => !text.includes(code))).toEqual([]);
});
