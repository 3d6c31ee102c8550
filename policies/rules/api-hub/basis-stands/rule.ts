import { LABELS } from "../../../../contracts.ts";
import type { EstateObject } from "../../../../estate/estate.ts";
import { grantRecords, grantSays } from "../../../estate-grants.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { labelsOf } from "../../../estate-view.ts";
import { type ClauseOnDay, lawsAsOf } from "../../../laws/as-of.ts";

/** Clauses that a basis names: `pdpa-2026.consent`, anywhere among its words. */
const namedIn = (basis: string): readonly string[] => [
  ...new Set(basis.match(/\b[a-z][a-z0-9]*(-[a-z0-9]+)+\.[a-z0-9]+([.-][a-z0-9]+)*/g) ?? []),
];

function failuresOf(record: EstateObject, clauses: readonly ClauseOnDay[], asOf: string): readonly string[] {
  const api = labelsOf(record.object)[LABELS.grant];
  return namedIn(grantSays(record, "legalBasis")).flatMap((id) => {
    const found = clauses.find(({ clause }) => clause.id === id);
    if (!found)
      return [
        `the grant of '${api}' rests on '${id.slice(0, 80)}', which is no clause under policies/laws; name one that is`,
      ];
    return found.force === "none"
      ? [
          `the grant of '${api}' rests on '${id}', which does not bind on ${asOf} (${found.standing}); name what does, or end the grant`,
        ]
      : [];
  });
}

/** A grant whose basis names a clause of a law rests on one that binds on the day that is judged. */
export const rule: EstateRule = {
  id: "api-hub/basis-stands",
  title: "A grant rests on law that holds on the day",
  titleBangla: "অনুমোদন এমন আইনের ওপর দাঁড়ায় যা সেদিন কার্যকর",
  rationale:
    "Laws lapse, are repealed and begin. A grant whose basis names a clause, such as pdpa-2026.consent, is held against the law of the day, so that data stops to flow on a basis that is gone. A basis in other words is for a person to judge.",
  rationaleBangla:
    "আইনের মেয়াদ শেষ হয়, আইন রহিত হয়, নতুন আইন শুরু হয়। যে অনুমোদনের ভিত্তি কোনো ধারার নাম লেখে, যেমন pdpa-2026.consent, তা সেদিনের আইনের সঙ্গে মেলানো হয়, যাতে ভিত্তি না থাকলে উপাত্ত যাওয়াও থামে। অন্য কথায় লেখা ভিত্তি মানুষের বিচার্য।",
  reference: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
  severity: "high",
  level: "hard-mandatory",
  controls: ["data-sharing-authority", "purpose-limitation"],
  kinds: ["ConfigMap"],
  reads: ["metadata.labels", "data.legalBasis"],
  notRun: ({ laws }) => (laws ? undefined : "no catalogue of laws was given"),
  judge: (estate, { asOf, laws = [] }) => {
    const clauses = lawsAsOf(laws, asOf);
    return grantRecords(estate)
      .filter((record) => namedIn(grantSays(record, "legalBasis")).length > 0)
      .map((record) => ({ subject: record, failures: failuresOf(record, clauses, asOf) }));
  },
};
