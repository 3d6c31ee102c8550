import { LABELS, zoneNamespace } from "../../../../contracts.ts";
import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import { grantRecords, grantSays } from "../../../estate-grants.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf, labelsOf, ofKind } from "../../../estate-view.ts";

/** Words for consent in what a record says of its basis, in English and Bangla. */
const CONSENT = /\bconsent(s|ed)?\b|সম্মতি/i;

/** A Service of the publisher's own zone, as `<service>`. */
const isService = (record: EstateObject, name: string, estate: Estate): boolean =>
  ofKind(estate, "Service").some(
    (service) =>
      service.object.metadata.name === name &&
      service.object.metadata.namespace === zoneNamespace(grantSays(record, "publisher")) &&
      clusterOf(service) === clusterOf(record),
  );

function failuresOf(record: EstateObject, estate: Estate): readonly string[] {
  const api = labelsOf(record.object)[LABELS.grant];
  const register = grantSays(record, "consentRegister");
  if (register === "")
    return [
      `the grant of '${api}' rests on consent, but names no consentRegister; name the publisher's service that records consents`,
    ];
  return [
    ...(isService(record, register, estate)
      ? []
      : [
          `consentRegister '${register.slice(0, 80)}' of the grant of '${api}' is no service of the publisher's zone; publish it there`,
        ]),
    ...(grantSays(record, "withdrawal") === ""
      ? [`the grant of '${api}' does not say how consent is withdrawn; state withdrawal`]
      : []),
  ];
}

/** A grant that rests on consent names the service that records consents and how one is withdrawn. */
export const rule: EstateRule = {
  id: "api-hub/consent-recorded",
  title: "Data that flows by consent has a register of consents",
  titleBangla: "সম্মতির ভিত্তিতে যাওয়া উপাত্তের সম্মতি-নিবন্ধন থাকে",
  rationale:
    "Consent that nobody recorded cannot be shown, and consent that cannot be withdrawn is none. Where a grant's basis is consent, its record names the publisher's service that keeps consents, and the way to withdraw one. Whether that service is asked before data flows, an auditor has to see.",
  rationaleBangla:
    "যে সম্মতি কেউ লিপিবদ্ধ করেনি তা দেখানো যায় না, আর যা প্রত্যাহার করা যায় না তা সম্মতিই নয়। অনুমোদনের ভিত্তি সম্মতি হলে নথিতে প্রকাশকের সেই সেবার নাম থাকে যা সম্মতি রাখে, আর থাকে প্রত্যাহারের উপায়। উপাত্ত যাওয়ার আগে সেবাটিকে জিজ্ঞাসা করা হয় কি না তা নিরীক্ষককে দেখতে হয়।",
  reference: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
  severity: "high",
  level: "hard-mandatory",
  controls: ["consent", "purpose-limitation"],
  kinds: ["ConfigMap", "Service"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "data"],
  judge: (estate) =>
    grantRecords(estate)
      .filter((record) => CONSENT.test(grantSays(record, "legalBasis")))
      .map((record) => ({ subject: record, failures: failuresOf(record, estate) })),
};
