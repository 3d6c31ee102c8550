import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { local, localCopies, type Patch, patch, toldOf } from "../testing.ts";

const { copy: copyOfLocal } = localCopies();

const BILLS = "zones/bill-payment.yaml";
const CITIZENS = "zones/citizen-services.yaml";

/** The local environment with one fault, and everything that is told of it. */
const CASES: readonly {
  readonly title: string;
  readonly patches: readonly (readonly [file: string, ...Patch])[];
  readonly told: readonly string[];
}[] = [
  {
    title: "an agency's zone without its agency",
    patches: [[CITIZENS, "agency: registry\n", ""]],
    told: [
      `${CITIZENS}(tenant: ▸agency) BH1100 zone 'citizen-services' is an agency's and names none; add 'agency: …', one of agencies.yaml, or say 'tenant: partner'`,
    ],
  },
  {
    title: "a partner's zone with an agency",
    patches: [[BILLS, "tenant: partner\n", "tenant: partner\nagency: registry\n"]],
    told: [
      `${BILLS}(agency: ▸registry) BH1101 zone 'bill-payment' is a partner's and names agency 'registry'; remove the key, or say 'tenant: agency'`,
    ],
  },
  {
    title: "an agency that there is not",
    patches: [[CITIZENS, "agency: registry", "agency: registri"]],
    told: [
      `${CITIZENS}(agency: ▸registri) BH1031 there is no agency 'registri', which 'agency' names; did you mean 'registry'?`,
    ],
  },
  {
    title: "a field above its API",
    patches: [[CITIZENS, "{ name: fee, dataClass: open }", "{ name: fee, dataClass: restricted }"]],
    told: [
      `${CITIZENS}(- { name: fee, dataClass: ▸restricted }) BH1103 field 'fee' holds restricted data, above the confidential that API 'certificates-v1' states; raise the API's dataClass, or lower the field's`,
      `${CITIZENS}(fields: [applicationId, ▸fee]) BH1106 field 'fee' of API 'certificates-v1' is restricted, but zone 'bill-payment' holds at most internal; leave the field out, or raise the zone's dataClass`,
    ],
  },
  {
    title: "a grant of a field that the API does not have",
    patches: [
      [
        BILLS,
        "- consumer: citizen-services\n        fields: [amount, reference]",
        "- consumer: citizen-services\n        fields: [amount, payer]",
      ],
    ],
    told: [
      `${BILLS}(fields: [amount, ▸payer]) BH1104 API 'payments-v1' has no field 'payer'; there are: amount, reference, settledOn`,
    ],
  },
  {
    title: "a request for a field that the API does not have",
    patches: [[CITIZENS, "fields: [amount, reference]", "fields: [amount, references]"]],
    told: [
      `${CITIZENS}(fields: [amount, ▸references]) BH1104 API 'payments-v1' has no field 'references'; did you mean 'reference'?`,
    ],
  },
  {
    title: "a field that is granted twice",
    patches: [[CITIZENS, "        fields: [applicationId, fee]", "        fields: [fee, applicationId, fee]"]],
    told: [
      `${CITIZENS}(fields: [fee, applicationId, ▸fee]) BH1102 field 'fee' of API 'certificates-v1' stands twice: first at ${CITIZENS}(fields: [▸fee, applicationId, ); remove one of the two`,
    ],
  },
  {
    title: "a grant that outlives its API",
    patches: [[BILLS, "    assurance: substantial\n", "    assurance: substantial\n    deprecated: 2999-06-30\n"]],
    told: [
      `${BILLS}(expires: ▸2999-12-31) BH1105 the grant of API 'payments-v1' to 'citizen-services' lasts until 2999-12-31, but the API is gone after 2999-06-30; let the grant end on that day or earlier, and grant the next version`,
    ],
  },
  {
    title: "a grant of a field above the consumer's zone",
    patches: [[CITIZENS, "        fields: [applicationId, fee]", "        fields: [applicationId, applicant]"]],
    told: [
      `${CITIZENS}(fields: [applicationId, ▸applicant]) BH1106 field 'applicant' of API 'certificates-v1' is confidential, but zone 'bill-payment' holds at most internal; leave the field out, or raise the zone's dataClass`,
    ],
  },
  {
    title: "a request above the consumer's own zone, which nobody has granted",
    patches: [
      [BILLS, "fields: [applicationId, fee]", "fields: [applicationId, applicant]"],
      [CITIZENS, /grants:[\s\S]*uses:/, "grants: []\nuses:"],
    ],
    told: [
      `${BILLS}(fields: [applicationId, ▸applicant]) BH1106 field 'applicant' of API 'certificates-v1' is confidential, but zone 'bill-payment' holds at most internal; leave the field out, or raise the zone's dataClass`,
    ],
  },
  {
    title: "a grant that ends before it begins",
    patches: [[BILLS, "expires: 2999-12-31", "expires: 2019-12-31"]],
    told: [
      `${BILLS}(expires: ▸2019-12-31) BH1107 the grant of API 'payments-v1' to 'citizen-services' ends on 2019-12-31, before it begins on 2020-01-01; write the day of the agreement into 'granted' and the last day into 'expires'`,
    ],
  },
  {
    title: "a promise that the timeout breaks",
    patches: [[BILLS, "latencyMilliseconds: 2000", "latencyMilliseconds: 15001"]],
    told: [
      `${BILLS}(slo: { availabilityPercent: 99.5, latencyMilliseconds: ▸15001 }) BH1108 API 'payments-v1' promises an answer within 15001 ms, but is cut off after 15s; promise less than the timeout, or raise the timeout`,
    ],
  },
  {
    title: "a grant on the very day of the suspension",
    patches: [
      [
        "gateway.yaml",
        "suspensions: []",
        "suspensions:\n  - { zone: bill-payment, since: 2020-01-01, reason: passed data on }",
      ],
    ],
    told: [
      `${CITIZENS}(granted: ▸2020-01-01) BH1109 API 'certificates-v1' is granted to 'bill-payment' on 2020-01-01, but the zone is suspended since 2020-01-01; remove the grant, or have the suspension lifted in gateway.yaml`,
    ],
  },
  {
    title: "a zone that asks for more than its realm gives",
    patches: [[BILLS, "realm: partners", "realm: partners\nassurance: high"]],
    told: [
      `${BILLS}(assurance: ▸high) BH1110 zone 'bill-payment' asks for level 'high', but its realm 'partners' gives 'substantial'; choose a realm that gives it, or ask for less`,
    ],
  },
  {
    title: "an API that asks for more than its consumer's realm gives",
    patches: [[CITIZENS, "latencyMilliseconds: 1000 }", "latencyMilliseconds: 1000 }\n    assurance: high"]],
    told: [
      `${CITIZENS}(- consumer: ▸bill-payment) BH1111 API 'certificates-v1' asks for level 'high', but realm 'partners' of consumer 'bill-payment' gives 'substantial'; grant it to a zone of a stronger realm, or ask for less`,
    ],
  },
  {
    title: "a request that stands twice",
    patches: [[CITIZENS, /$/, "  - { api: payments-v1, fields: [settledOn], purpose: reconcile }\n"]],
    told: [
      `${CITIZENS}(- { api: ▸payments-v1, fields:) BH1115 API 'payments-v1' is asked for twice: first at ${CITIZENS}(- api: ▸payments-v1); ask once, with all fields`,
    ],
  },
  {
    title: "a request for one's own API",
    patches: [[CITIZENS, /$/, "  - { api: certificates-v1, fields: [fee], purpose: look }\n"]],
    told: [
      `${CITIZENS}(- { api: ▸certificates-v1, fie) BH1116 zone 'citizen-services' asks for its own API 'certificates-v1'; remove the request: a zone reaches its own services without one`,
    ],
  },
  {
    title: "names that refer to nothing: an API, a rate plan, levels",
    patches: [
      [CITIZENS, "api: payments-v1", "api: payment-v1"],
      [CITIZENS, "ratePlan: busy", "ratePlan: bussy"],
      [CITIZENS, "assurance: high", "assurance: hihg"],
      [BILLS, "    assurance: substantial", "    assurance: medium"],
    ],
    told: [
      `${BILLS}(assurance: ▸medium) BH1031 there is no assurance level 'medium', which 'apis.payments.assurance' names; there are: low, substantial, high`,
      `${CITIZENS}(assurance: ▸hihg) BH1031 there is no assurance level 'hihg', which 'assurance' names; did you mean 'high'?`,
      `${CITIZENS}(ratePlan: ▸bussy) BH1031 there is no rate plan 'bussy', which 'apis.certificates.grants.bill-payment.ratePlan' names; did you mean 'busy'?`,
      `${CITIZENS}(- api: ▸payment-v1) BH1031 there is no API 'payment-v1', which 'uses.0.api' names; did you mean 'payments-v1'?`,
    ],
  },
  {
    title: "one API in two zones",
    patches: [
      [BILLS, "name: payments\n    title", "name: certificates\n    title"],
      [CITIZENS, /uses:[\s\S]*$/, ""],
      [BILLS, /uses:[\s\S]*$/, ""],
      [CITIZENS, /grants:[\s\S]*$/, "grants: []\n"],
      [BILLS, /grants:[\s\S]*$/, "grants: []\n"],
    ],
    told: [
      `${CITIZENS}(- name: ▸certificates #2) BH1030 'certificates v1' stands twice: first at ${BILLS}(- name: ▸certificates); give one of the two another name`,
    ],
  },
  {
    title: "a grant without a legal basis, and one whose basis is blank",
    patches: [
      [BILLS, "        legalBasis: an illustrative agreement between the agency and its partner\n", ""],
      [CITIZENS, "legalBasis: an illustrative agreement between the agency and its partner", 'legalBasis: " "'],
    ],
    told: [
      `${BILLS}(- ▸consumer: citizen-se) BH1012 key 'legalBasis' is missing; add it, e.g. 'legalBasis: Agreement no. 12 of 2026 between both agencies'`,
      `${CITIZENS}(legalBasis: ▸" ") BH1019 'apis.certificates.grants.bill-payment.legalBasis' is no text to read: ' '; write some words`,
    ],
  },
  {
    title: "a suspension of nobody, and one that stands twice",
    patches: [
      [
        "gateway.yaml",
        "suspensions: []",
        "suspensions:\n  - { zone: bills, since: 2026-11-20, reason: none }\n  - { zone: bill-payment, since: 2026-11-20, reason: a }\n  - { zone: bill-payment, since: 2026-11-21, reason: b }",
      ],
    ],
    told: [
      "gateway.yaml(- { zone: ▸bills, since: 2026-1) BH1031 there is no zone 'bills', which 'suspensions.0.zone' names; there are: bill-payment, citizen-services",
      "gateway.yaml(- { zone: ▸bill-payment, since:) BH1117 zone 'bill-payment' is suspended twice: first at gateway.yaml(- { zone: ▸bill-payment, since:); keep one line, with both reasons",
    ],
  },
];

test.each(CASES)("$title", ({ patches, told }) => {
  const copy = copyOfLocal();
  for (const [file, ...change] of patches) patch(copy, file, [change]);
  expect(toldOf(copy)).toEqual(told);
});

test("where there are no agencies, a zone of one refers to nothing", () => {
  const copy = copyOfLocal();
  rmSync(local(copy, "agencies.yaml"));
  expect(toldOf(copy)).toEqual([
    "identity.yaml(owner: ▸identity-authority) BH1031 there is no agency 'identity-authority', which 'identitySources.national-id.owner' names; there is no agency yet",
    `${CITIZENS}(agency: ▸registry) BH1031 there is no agency 'registry', which 'agency' names; there is no agency yet`,
  ]);
});

test("a zone that cannot be read grants and asks for nothing that others could be told of", () => {
  const copy = copyOfLocal();
  patch(copy, CITIZENS, [["grants:", "grants: : x"]]);
  expect(toldOf(copy)).toEqual([expect.stringContaining(`${CITIZENS}(grants: ▸: x) BH1001`)]);
});
