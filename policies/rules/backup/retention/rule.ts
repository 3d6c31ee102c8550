import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import { BARMAN, daysOf, ofGroup, POSTGRES, VELERO } from "../../../estate-backup.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { mapOf, textAt } from "../../../estate-view.ts";

/**
 * Days that a backup is kept: ours, since NIST SP 800-53 CP-9 leaves them to the organisation. Longer than a week, since damage is
 * found late; no longer than a year and a month, since what was to be deleted lives on in backups.
 */
const LEAST = 7;
const MOST = 396;

function failuresOf(field: string, text: string | undefined): readonly string[] {
  if (text === undefined) return [`it states no ${field}; keep backups for ${LEAST} to ${MOST} days`];
  const days = daysOf(text);
  if (days === undefined)
    return [`${field} '${text.slice(0, 40)}' is no time that can be read; keep backups for ${LEAST} to ${MOST} days`];
  return days < LEAST || days > MOST ? [`${field} is ${text}; keep backups for ${LEAST} to ${MOST} days`] : [];
}

/** What states how long backups are kept, and where in it. */
const statedBy = (
  estate: Estate,
): readonly (readonly [entry: EstateObject, field: string, text: string | undefined])[] => [
  ...ofGroup(estate, VELERO, "Schedule").map(
    (entry) => [entry, "spec.template.ttl", textAt(entry.object["spec"], "template", "ttl")] as const,
  ),
  ...ofGroup(estate, BARMAN, "ObjectStore").map(
    (entry) => [entry, "spec.retentionPolicy", textAt(entry.object["spec"], "retentionPolicy")] as const,
  ),
  ...ofGroup(estate, POSTGRES, "Cluster")
    .filter(({ object }) => mapOf(mapOf(object["spec"])["backup"])["barmanObjectStore"] !== undefined)
    .map(
      (entry) =>
        [entry, "spec.backup.retentionPolicy", textAt(entry.object["spec"], "backup", "retentionPolicy")] as const,
    ),
];

/** Backups are kept for a stated time, between two bounds. */
export const rule: EstateRule = {
  id: "backup/retention",
  title: "Backups are kept for a stated time, neither too short nor too long",
  titleBangla: "ব্যাকআপ নির্ধারিত সময় রাখা হয়, খুব কমও নয় খুব বেশিও নয়",
  rationale:
    "Damage is found days after it was done: a backup of yesterday holds it too. And whoever has a right to have data deleted has it in backups as well. The bounds, 7 and 396 days, are the platform's own, until a law names others.",
  rationaleBangla:
    "ক্ষতি ধরা পড়ে ঘটার কয়েক দিন পর: গতকালের ব্যাকআপে সেটিও থাকে। আর যাঁর উপাত্ত মুছে ফেলানোর অধিকার আছে, ব্যাকআপেও তাঁর সেই অধিকার আছে। ৭ ও ৩৯৬ দিনের সীমা প্ল্যাটফর্মের নিজের, আইনে অন্য সংখ্যা না আসা পর্যন্ত।",
  reference: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
  severity: "medium",
  level: "soft-mandatory",
  controls: ["backup"],
  kinds: ["Cluster", "ObjectStore", "Schedule"],
  reads: ["spec.backup", "spec.retentionPolicy", "spec.template.ttl"],
  judge: (estate) =>
    statedBy(estate).map(([entry, field, text]) => ({ subject: entry, failures: failuresOf(field, text) })),
};
