import { LABELS, zoneNamespace } from "../../../../contracts.ts";
import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import { grantRecords, grantSays } from "../../../estate-grants.ts";
import { type Hub, hubsOf } from "../../../estate-hub.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf, labelsOf, ofKind } from "../../../estate-view.ts";

const api = ({ object }: EstateObject) => labelsOf(object)[LABELS.grant];

/** What every record has to state: also of what is only asked for, granted to nobody who asks, or suspended. */
const STATED = ["state", "consumer", "publisher", "purpose", "fields", "dataClass"] as const;
/** What the owner of an API agrees to, and a request does not know yet. */
const AGREED = ["legalBasis", "requestsPerMinute", "granted", "expires", "onwardSharing"] as const;
const IN_FORCE = "in-force";
const ASKED = "awaits-owner";
/** Closed by the platform, whatever its last day. */
const SUSPENDED = "suspended";

/** From the least to the most secret, as grants and namespaces name them; `open` and `public` are one class. */
const CLASSES: Readonly<Record<string, number>> = { open: 0, public: 0, internal: 1, confidential: 2, restricted: 3 };

/** The class that each namespace may hold, by its name. Where clusters differ, the lowest counts. */
function classesOf(estate: Estate): ReadonlyMap<string, string> {
  const classes = new Map<string, string>();
  for (const { object } of ofKind(estate, "Namespace")) {
    const { name = "" } = object.metadata;
    const [own, other] = [labelsOf(object)[LABELS.dataClass] ?? "", classes.get(name)];
    if (other === undefined || (CLASSES[own] ?? 0) < (CLASSES[other] ?? 0)) classes.set(name, own);
  }
  return classes;
}

function recordFailures(
  record: EstateObject,
  namespaces: ReadonlyMap<string, string>,
  asOf: string,
): readonly string[] {
  const missing = [...STATED, ...(grantSays(record, "state") === ASKED ? [] : AGREED)].filter(
    (key) => grantSays(record, key) === "",
  );
  const strangers = (["consumer", "publisher"] as const).filter(
    (key) => grantSays(record, key) !== "" && !namespaces.has(zoneNamespace(grantSays(record, key))),
  );
  const given = grantSays(record, "dataClass");
  const held = namespaces.get(zoneNamespace(grantSays(record, "consumer")));
  const rate = grantSays(record, "requestsPerMinute");
  const expires = grantSays(record, "expires");
  return [
    ...(expires !== "" && expires < asOf && grantSays(record, "state") !== SUSPENDED
      ? [`the grant of '${api(record)}' ended on ${expires}; renew or remove it`]
      : []),
    ...missing.map((key) => `the grant of '${api(record)}' states no ${key}; state it in the environment`),
    ...strangers.map(
      (key) => `the ${key} '${grantSays(record, key)}' of the grant is no zone of this estate; name one that is`,
    ),
    ...(given !== "" && CLASSES[given] === undefined
      ? [`the dataClass '${given}' of the grant is none; use ${Object.keys(CLASSES).join(", ")}`]
      : []),
    ...(held !== undefined && (CLASSES[given] ?? 0) > (CLASSES[held] ?? 0)
      ? [
          `the grant gives ${given} data to '${grantSays(record, "consumer")}', which may hold ${held || "none"}; grant fewer fields`,
        ]
      : []),
    ...(rate !== "" && !/^[1-9][0-9]*$/.test(rate)
      ? [`requestsPerMinute of the grant is '${rate}'; set a whole number above 0`]
      : []),
  ];
}

function hubFailures({ config, routes }: Hub, records: readonly EstateObject[]): readonly string[] {
  const own = records.filter((record) => clusterOf(record) === clusterOf(config));
  return routes.flatMap((route) => {
    const granted = own.filter((record) => api(record) === route.name);
    const unrecorded = (route.consumers ?? []).filter(
      (consumer) =>
        !granted.some(
          (record) => grantSays(record, "consumer") === consumer && grantSays(record, "state") === IN_FORCE,
        ),
    );
    const publishers = [...new Set(granted.map((record) => grantSays(record, "publisher")))].filter(Boolean);
    const namespaces = route.upstreams.map(({ address }) => address.split(".")[1]);
    const elsewhere = publishers.filter(
      (zone) => namespaces.length === 0 || namespaces.some((namespace) => namespace !== zoneNamespace(zone)),
    );
    return [
      ...unrecorded.map(
        (consumer) =>
          `the route '${route.name}' lets '${consumer}' through, for whom no grant is in force; add the grant, or close the route`,
      ),
      ...elsewhere.map(
        (zone) => `the route '${route.name}' does not lead to its publisher '${zone}'; mend one of them`,
      ),
    ];
  });
}

/**
 * Whoever the gateway lets through has a grant on record that is in force, and each grant states who, what for, on what basis,
 * which data, how often and until when.
 */
export const rule: EstateRule = {
  id: "api-hub/callers-granted",
  title: "Whoever calls an API has a grant that states its purpose and basis",
  titleBangla: "যে এপিআই ডাকে তার উদ্দেশ্য ও ভিত্তি লেখা অনুমোদন থাকে",
  rationale:
    "Data leaves an agency for a stated purpose and on a stated legal basis, or not at all. A caller without a record cannot be asked what for, and a record without a caller or rate cannot be held against what the gateway does.",
  rationaleBangla:
    "সংস্থার উপাত্ত নির্দিষ্ট উদ্দেশ্যে ও আইনি ভিত্তিতে বাইরে যায়, নয়তো যায়ই না। যার অনুমোদন নথিভুক্ত নয় তাকে জিজ্ঞাসা করা যায় না কী কাজে ডাকছে; আর যে নথিতে গ্রাহক বা হার নেই তার সঙ্গে গেটওয়ের কাজ মিলিয়ে দেখা যায় না।",
  reference: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["purpose-limitation", "data-sharing-authority", "usage-limits"],
  kinds: ["ConfigMap", "Namespace"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "data"],
  judge: (estate, { asOf }) => {
    const records = grantRecords(estate);
    const namespaces = classesOf(estate);
    return [
      ...records.map((record) => ({ subject: record, failures: recordFailures(record, namespaces, asOf) })),
      ...hubsOf(estate).map((hub) => ({ subject: hub.config, failures: hubFailures(hub, records) })),
    ];
  },
};
