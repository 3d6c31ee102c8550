import type { EstateRule } from "../../../estate-rule.ts";
import { sinksOf } from "../../../estate-soc.ts";

/** Days that logs are kept at least, by class: ours, since NIST 800-53 AU-11 leaves the number to the organisation. */
const LEAST: Readonly<Record<string, number>> = { audit: 365, gateway: 90, identity: 90 };

/** Days that any class of logs is kept at most: ours. A log is a store of what people did; ten years are longer than any law asks for. */
const MOST = 3653;

/** The log sink states how long each class of logs is kept, and keeps what an investigation needs. */
export const rule: EstateRule = {
  id: "soc/audit-retention",
  title: "Logs are kept as long as an investigation needs them",
  titleBangla: "তদন্তে যতদিন লাগে লগ ততদিন রাখা হয়",
  rationale:
    "Intrusions are often found months after they happened. The audit log is kept for a year, those of the gateway and of sign-ins for 90 days at least; the numbers are the platform's own, until a law names others. Ten years are the most.",
  rationaleBangla:
    "অনুপ্রবেশ প্রায়ই ধরা পড়ে ঘটার বহু মাস পরে। তাই নিরীক্ষা-লগ এক বছর এবং গেটওয়ে ও প্রবেশের লগ কমপক্ষে ৯০ দিন রাখা হয়; আইনে অন্য সংখ্যা না আসা পর্যন্ত সংখ্যাগুলো প্ল্যাটফর্মের নিজের। সর্বোচ্চ দশ বছর।",
  reference: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
  severity: "high",
  level: "soft-mandatory",
  controls: ["audit-retention"],
  kinds: ["ConfigMap", "Namespace"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "data"],
  judge: (estate) =>
    sinksOf(estate).map(({ config, retention }) => ({
      subject: config,
      failures: [
        ...retention
          .filter(({ days }) => days === undefined)
          .map(({ logs }) => `retention of the logs '${logs}' is no number of days; write it like 365d`),
        ...retention
          .filter(({ days }) => days !== undefined && days > MOST)
          .map(({ logs, days }) => `the logs '${logs}' are kept for ${days}d; keep them for ${MOST}d or shorter`),
        ...Object.entries(LEAST).flatMap(([logs, least]) => {
          const found = retention.find((entry) => entry.logs === logs);
          if (!found) return [`no retention is stated for the logs '${logs}'; keep them for ${least}d or longer`];
          return found.days !== undefined && found.days < least
            ? [`the logs '${logs}' are kept for ${found.days}d; keep them for ${least}d or longer`]
            : [];
        }),
      ],
    })),
};
