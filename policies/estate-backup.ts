import { LABEL_DOMAIN, LABELS } from "../contracts.ts";
import type { Estate, EstateObject } from "../estate/estate.ts";
import { groupOf, type KubernetesObject } from "../kubernetes/object.ts";
import { clusterOf, labelsOf, mapOf, textAt } from "./estate-view.ts";

/** Backups of an estate: Velero's schedules and storage locations, CloudNativePG's clusters, scheduled backups and object stores. */

export const VELERO = "velero.io";
export const POSTGRES = "postgresql.cnpg.io";
export const BARMAN = "barmancloud.cnpg.io";

/** Objects of one kind of one API group, of whatever version. */
export const ofGroup = (estate: Estate, group: string, kind: string): readonly EstateObject[] =>
  estate.objects.filter(({ object }) => object.kind === kind && groupOf(object.apiVersion) === group);

/** What somebody decided about the backup of something: the name of a schedule, or `none`. */
export interface BackupDecision {
  readonly plan: string;
  /** Why there is none. */
  readonly reason: string;
}

/** The decision that an object's metadata states; undefined where they state none. */
export function decisionOf({ labels, annotations }: KubernetesObject["metadata"]): BackupDecision | undefined {
  const plan = labels?.[LABELS.backup]?.trim();
  return plan ? { plan, reason: (annotations?.[`${LABEL_DOMAIN}/backup-reason`] ?? "").trim() } : undefined;
}

/** Where backups are written to. */
export interface BackupPlace {
  readonly entry: EstateObject;
  /** What it says of where it stands: labels bhitti.platform/site and bhitti.platform/country. */
  readonly site: string | undefined;
  readonly country: string | undefined;
  /** Its URL; undefined where none is stated, so that it is the cloud's own. */
  readonly endpoint: string | undefined;
}

/** Every place that backups are written to. */
export const backupPlaces = (estate: Estate): readonly BackupPlace[] => [
  ...ofGroup(estate, VELERO, "BackupStorageLocation").map((entry) =>
    placeOf(entry, textAt(entry.object["spec"], "config", "s3Url")),
  ),
  ...ofGroup(estate, BARMAN, "ObjectStore").map((entry) =>
    placeOf(entry, textAt(entry.object["spec"], "configuration", "endpointURL")),
  ),
  ...ofGroup(estate, POSTGRES, "Cluster").flatMap((entry) => {
    const store = mapOf(mapOf(mapOf(entry.object["spec"])["backup"])["barmanObjectStore"]);
    return Object.keys(store).length > 0 ? [placeOf(entry, textAt(store, "endpointURL"))] : [];
  }),
];

const placeOf = (entry: EstateObject, endpoint: string | undefined): BackupPlace => ({
  entry,
  site: labelsOf(entry.object)[LABELS.site],
  country: labelsOf(entry.object)[LABELS.country],
  endpoint,
});

/** The site that an object's own cluster stands at; undefined where the estate does not say. */
export function siteOfCluster(estate: Estate, entry: EstateObject): string | undefined {
  const network = estate.objects.find(
    (other) =>
      other.object.kind === "ConfigMap" &&
      other.object.metadata.name === "cluster-network" &&
      clusterOf(other) === clusterOf(entry),
  );
  return textAt(network?.object["data"], "site");
}

const UNITS: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30 };

/** Days of CloudNativePG's retention policy (`30d`, `4w`, `6m`) or of a Go duration (`720h0m0s`); undefined for any other text. */
export function daysOf(text: string): number | undefined {
  const [, count, unit = ""] = /^([1-9][0-9]*)([dwm])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 0);
  const [, hours, minutes = "0", seconds = "0"] = /^(\d+)h(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  return hours === undefined ? undefined : (Number(hours) + Number(minutes) / 60 + Number(seconds) / 3600) / 24;
}
