import type { Estate } from "../../../../estate/estate.ts";
import {
  BARMAN,
  type BackupPlace,
  backupPlaces,
  ofGroup,
  POSTGRES,
  siteOfCluster,
  VELERO,
} from "../../../estate-backup.ts";
import type { EstateRule, EstateVerdict } from "../../../estate-rule.ts";
import { clusterOf, mapOf, mapsOf, textAt } from "../../../estate-view.ts";

/** ISO 3166-1 code of the country that the platform is for. */
const HOME = "BD";

function placeFailures({ entry, site, country, endpoint }: BackupPlace, estate: Estate): readonly string[] {
  const own = siteOfCluster(estate, entry);
  const { accessMode } = mapOf(entry.object["spec"]);
  return [
    ...(site === undefined
      ? ["it does not say at which site it stands; set the label bhitti.platform/site"]
      : own === undefined
        ? [`its cluster '${clusterOf(entry)}' does not say at which site it stands; state the cluster's site`]
        : site === own
          ? [`it stands at '${site}', as its cluster does, so that one fire takes both; write to another site`]
          : []),
    ...(country === HOME
      ? []
      : [`its label bhitti.platform/country is '${country ?? ""}'; keep backups in ${HOME}, and say so there`]),
    ...(endpoint ? [] : ["it states no URL, so that backups go to a cloud abroad; state that of the object store"]),
    ...(accessMode === "ReadOnly" ? ["its accessMode is ReadOnly, so that no backup is written; leave it out"] : []),
  ];
}

/** Backups that are written to a place which the estate does not hold. */
function homeless(estate: Estate): readonly EstateVerdict[] {
  const locations = ofGroup(estate, VELERO, "BackupStorageLocation");
  const stores = ofGroup(estate, BARMAN, "ObjectStore");
  return [
    ...ofGroup(estate, VELERO, "Schedule").map((schedule) => {
      // Velero's own name for the location of backups that name none.
      const name = textAt(schedule.object["spec"], "template", "storageLocation") ?? "default";
      const known = locations.some(
        ({ object, ...entry }) => object.metadata.name === name && clusterOf(entry) === clusterOf(schedule),
      );
      const missing = `its storageLocation '${name}' is in no stack of its cluster; add the BackupStorageLocation`;
      return { subject: schedule, failures: known ? [] : [missing] };
    }),
    ...ofGroup(estate, POSTGRES, "Cluster").flatMap((database) =>
      mapsOf(mapOf(database.object["spec"])["plugins"]).flatMap((plugin) => {
        const name = textAt(plugin, "parameters", "barmanObjectName");
        const known = stores.some(
          (store) =>
            store.object.metadata.name === name &&
            store.object.metadata.namespace === database.object.metadata.namespace &&
            clusterOf(store) === clusterOf(database),
        );
        const missing = `its archive '${name}' is no ObjectStore of its namespace; add it`;
        return name === undefined ? [] : [{ subject: database, failures: known ? [] : [missing] }];
      }),
    ),
  ];
}

/** Every place that backups are written to stands at another site than what is backed up, in the country. */
export const rule: EstateRule = {
  id: "backup/another-site",
  title: "Backups are written to another site, in the country",
  titleBangla: "ব্যাকআপ লেখা হয় দেশের ভেতরের অন্য সাইটে",
  rationale:
    "A backup beside its original burns with it, and one without a stated place goes wherever its program's default is, which is a cloud abroad. What a place says of itself is a claim: an auditor still asks to see it.",
  rationaleBangla:
    "মূলের পাশে রাখা ব্যাকআপ মূলের সঙ্গেই পোড়ে; আর স্থান না লিখলে ব্যাকআপ যায় প্রোগ্রামের পূর্বনির্ধারিত জায়গায়, অর্থাৎ বিদেশের ক্লাউডে। স্থান সম্পর্কে যা লেখা থাকে তা কেবল দাবি: নিরীক্ষক তবু তা দেখতে চাইবেন।",
  reference: "https://csrc.nist.gov/pubs/sp/800/34/r1/upd1/final",
  severity: "critical",
  level: "soft-mandatory",
  controls: ["backup", "data-residency"],
  kinds: ["BackupStorageLocation", "Cluster", "ConfigMap", "ObjectStore", "Schedule"],
  reads: [
    "metadata.name",
    "metadata.namespace",
    "metadata.labels",
    "data.site",
    "spec.accessMode",
    "spec.backup",
    "spec.config",
    "spec.configuration",
    "spec.plugins",
    "spec.template.storageLocation",
  ],
  judge: (estate) => [
    ...backupPlaces(estate).map((place) => ({ subject: place.entry, failures: placeFailures(place, estate) })),
    ...homeless(estate),
  ],
};
