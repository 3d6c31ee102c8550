import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import { ofGroup, POSTGRES } from "../../../estate-backup.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf, mapOf, mapsOf, textAt } from "../../../estate-view.ts";

/** Keeps every change as it happens: by the Barman Cloud plugin, or by what CloudNativePG had built in before it. */
function archives({ object }: EstateObject): boolean {
  const { plugins, backup } = mapOf(object["spec"]);
  return (
    mapsOf(plugins).some((plugin) => plugin["isWALArchiver"] === true && plugin["enabled"] !== false) ||
    Object.keys(mapOf(mapOf(backup)["barmanObjectStore"])).length > 0
  );
}

function failuresOf(database: EstateObject, estate: Estate): readonly string[] {
  const { name, namespace } = database.object.metadata;
  const own = ofGroup(estate, POSTGRES, "ScheduledBackup").filter(
    (backup) =>
      clusterOf(backup) === clusterOf(database) &&
      backup.object.metadata.namespace === namespace &&
      textAt(backup.object["spec"], "cluster", "name") === name,
  );
  const running = own.some(({ object }) => mapOf(object["spec"])["suspend"] !== true);
  return [
    ...(archives(database) ? [] : ["it archives no changes (WAL); name a plugin with isWALArchiver"]),
    ...(running
      ? []
      : [
          own.length > 0
            ? "each ScheduledBackup of it is suspended; let one run"
            : "no ScheduledBackup of its namespace names it; add one",
        ]),
  ];
}

/** Every PostgreSQL cluster is backed up on a schedule and archives its changes in between. */
export const rule: EstateRule = {
  id: "backup/database-archived",
  title: "Every database is backed up on a schedule, and its changes in between",
  titleBangla: "প্রতিটি ডেটাবেস সময়সূচি ধরে ব্যাকআপ হয়, মাঝের পরিবর্তনও",
  rationale:
    "A copy of a database's volumes while it writes may not start again. Only its own backups with the archive of changes since restore it to the moment before the damage.",
  rationaleBangla:
    "লেখা চলার সময় ডেটাবেসের ভলিউমের নেওয়া অনুলিপি আবার চালু না-ও হতে পারে। কেবল তার নিজস্ব ব্যাকআপ ও তার পরের পরিবর্তনের সংরক্ষণাগারই তাকে ক্ষতির আগের মুহূর্তে ফেরায়।",
  reference: "https://cloudnative-pg.io/documentation/current/backup/",
  severity: "high",
  level: "soft-mandatory",
  controls: ["backup", "recovery"],
  kinds: ["Cluster", "ScheduledBackup"],
  reads: ["metadata.name", "metadata.namespace", "spec.backup", "spec.cluster", "spec.plugins", "spec.suspend"],
  judge: (estate) =>
    ofGroup(estate, POSTGRES, "Cluster").map((database) => ({
      subject: database,
      failures: failuresOf(database, estate),
    })),
};
