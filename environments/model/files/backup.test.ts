import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seconds } from "../duration.ts";
import { loadEnvironment } from "../load.ts";
import { local, localCopies, type Patch, patch, root, toldOf } from "../testing.ts";

const { copy: copyOfLocal } = localCopies();

const BACKUP = `targets:
  - { name: near, title: The shelf, titleBangla: তাক, site: workstation, kind: tape, encrypted: true, objectLockDays: 30, restoresWithin: 1h, basis: illustrative }
  - { name: far, title: Another house, titleBangla: অন্য বাড়ি, site: cellar, kind: object-store, encrypted: true, objectLockDays: 30, restoresWithin: 4h, basis: illustrative }
classes:
  - { dataClass: internal, countries: [BD], copies: 1, keep: 30d, encrypted: true, objectLockDays: 14, basis: illustrative }
policies:
  - { name: daily, title: Every day, titleBangla: প্রতিদিন, every: 24h, keep: 35d, copies: [near, far], basis: illustrative }
`;
const SITE =
  "  - { name: cellar, title: A cellar, titleBangla: ভূগর্ভ, description: Elsewhere, country: BD, basis: illustrative }\n";

/** A copy whose payments are backed up at two sites, with patches. */
function backedUp(patches: Readonly<Record<string, readonly Patch[]>> = {}): string {
  const copy = copyOfLocal();
  writeFileSync(local(copy, "backup.yaml"), BACKUP);
  patch(copy, "sites.yaml", [[/$/, SITE]]);
  patch(copy, "zones/bill-payment.yaml", [["backup: none", "backup: daily\n    rpo: 24h\n    rto: 8h"]]);
  for (const [file, list] of Object.entries(patches)) patch(copy, file, list);
  return copy;
}

const HERE = "zones/bill-payment.yaml(backup: ▸daily)";
const ZONE = "zones/bill-payment.yaml";

/** One fault each, and all that is told of it. */
const CASES: readonly [title: string, patches: Readonly<Record<string, readonly Patch[]>>, told: readonly string[]][] =
  [
    ["nothing", {}, []],
    [
      "a service that is restored from a backup that there is not",
      { "zones/citizen-services.yaml": [["failure: L1", "failure: L2"]] },
      [
        "zones/citizen-services.yaml(failure: ▸L2) BH1085 L2 survives the loss of its site, and no cluster at another site is named",
        "zones/citizen-services.yaml(backup: ▸none) BH1160 service 'certificates' is of failure level L2, which is restored from a backup, and has none; name a policy of backup.yaml as its 'backup', or choose another level",
      ],
    ],
    [
      "a component of that level",
      { "soc.yaml": [["failure: L1", "failure: L2"]] },
      [
        "soc.yaml(failure: ▸L2) BH1085 L2 survives the loss of its site, and no cluster at another site is named",
        "soc.yaml(backup: ▸none) BH1160 the log sink is of failure level L2, which is restored from a backup, and has none; name a policy of backup.yaml as its 'backup', or choose another level",
      ],
    ],
    [
      "a policy that there is not",
      { [ZONE]: [["backup: daily", "backup: dayly"]] },
      [
        "zones/bill-payment.yaml(backup: ▸dayly) BH1031 there is no backup policy 'dayly', which 'services.payments.backup' names; did you mean 'daily'?",
      ],
    ],
    [
      "no objectives",
      { [ZONE]: [["    rpo: 24h\n    rto: 8h\n", ""]] },
      [
        `${HERE} BH1161 service 'payments' is backed up by 'daily' and states no rpo; add 'rpo: …'`,
        `${HERE} BH1161 service 'payments' is backed up by 'daily' and states no rto; add 'rto: …'`,
      ],
    ],
    [
      "copies at the site of the data only",
      { "backup.yaml": [["copies: [near, far]", "copies: [near]"]] },
      [
        `${HERE} BH1162 every copy of service 'payments' that 'daily' makes lies at 'workstation', where the data is; add a target at another site to the policy, or name another policy`,
      ],
    ],
    [
      "less that may be lost than is lost between two backups",
      { [ZONE]: [["rpo: 24h", "rpo: 23h"]] },
      [
        "zones/bill-payment.yaml(rpo: ▸23h) BH1163 service 'payments' may lose 23h, and 'daily' makes a backup every 24h; name a policy that makes them at least as often",
      ],
    ],
    [
      "a component that does not say what it holds",
      { "identity.yaml": [["backup: none", "backup: daily\n  rpo: 24h\n  rto: 8h"]] },
      [
        "identity.yaml(backup: ▸daily) BH1164 the identity service is backed up by 'daily' and does not say which class of data it holds; add 'dataClass: …'",
      ],
    ],
    [
      "a restoration that takes too long, since the near copy is lost with the site",
      { [ZONE]: [["rto: 8h", "rto: 3h"]] },
      [
        "zones/bill-payment.yaml(rto: ▸3h) BH1165 service 'payments' has to run again within 3h, and the fastest copy elsewhere, 'far' of 'daily', takes 4h; name a policy with a faster target, or allow more time",
      ],
    ],
    [
      "a class of which nothing is said",
      { "backup.yaml": [["dataClass: internal", "dataClass: open"]] },
      [
        `${HERE} BH1166 service 'payments' holds internal data and is backed up by 'daily', and nothing says where copies of that class may lie; add the class to 'classes' of backup.yaml`,
      ],
    ],
    [
      "a copy abroad",
      { "sites.yaml": [["Elsewhere, country: BD", "Elsewhere, country: SG"]] },
      [
        `${HERE} BH1167 a copy of service 'payments' lies at 'cellar' (SG), target 'far' of 'daily'; internal data may lie in BD; name a policy whose targets lie there`,
      ],
    ],
    [
      "a copy at a site that its class may not lie at",
      { "backup.yaml": [["countries: [BD]", "countries: [BD], sites: [cellar]"]] },
      [
        `${HERE} BH1167 a copy of service 'payments' lies at 'workstation' (BD), target 'near' of 'daily'; internal data may lie at cellar, in BD; name a policy whose targets lie there`,
      ],
    ],
    [
      "a copy that whoever finds it can read, and remove",
      { "backup.yaml": [["object-store, encrypted: true, objectLockDays: 30", "object-store, encrypted: false"]] },
      [
        `${HERE} BH1168 a copy of service 'payments' at target 'far' of 'daily' is locked for 0 of 14 days, and internal data asks for more; name a policy with other targets, or change the target itself`,
        `${HERE} BH1168 a copy of service 'payments' at target 'far' of 'daily' is not encrypted, and internal data asks for more; name a policy with other targets, or change the target itself`,
      ],
    ],
    [
      "too few copies",
      { "backup.yaml": [["copies: 1", "copies: 3"]] },
      [
        `${HERE} BH1169 'daily' makes 2 copies of service 'payments', and internal data asks for 3; add a target to the policy, or name another policy`,
      ],
    ],
    [
      "copies that are removed too soon",
      { "backup.yaml": [["keep: 35d", "keep: 29d"]] },
      [
        `${HERE} BH1170 'daily' keeps copies of service 'payments' for 29d, and internal data asks for 30d; keep them longer, or name another policy`,
      ],
    ],
    [
      "two policies in one zone, of which one would be left out",
      {
        "backup.yaml": [
          [
            /$/,
            "  - { name: weekly, title: Every week, titleBangla: প্রতি সপ্তাহে, every: 7d, keep: 700d, copies: [near, far], basis: illustrative }\n",
          ],
        ],
        [ZONE]: [
          [
            "egress:",
            `  - name: archive
    image: registry.local.bhitti.test/zones/bill-payment/archive@sha256:${"0".repeat(64)}
    port: 8443
    replicas: 1
    cpu: 100m
    memory: 64Mi
    failure: L1
    backup: weekly
    rpo: 7d
    rto: 8h
    basis: illustrative
egress:`,
          ],
        ],
      },
      [
        expect.stringMatching(
          /^zones\/bill-payment.yaml\(backup: ▸weekly\) BH1197 zone 'bill-payment' is to be backed up by 'weekly' here, and by 'daily' at .*\(backup: ▸daily\); name one policy/,
        ),
      ],
    ],
    [
      "a target that there is not, which says nothing of the copies",
      { "backup.yaml": [["copies: [near, far]", "copies: [near, fa]"]] },
      [
        "backup.yaml(- { name: daily, title: Every day, titleBangla: প্রতিদিন, every: 24h, keep: 35d, copies: [near, ▸fa], basis: illustra) BH1031 there is no target 'fa', which 'policies.daily.copies' names; did you mean 'far'?",
      ],
    ],
    [
      "a site that there is not, and a policy that is called as if it were none, which may be the one that is named",
      {
        "backup.yaml": [
          ["site: cellar", "site: cella"],
          ["name: daily", "name: none"],
        ],
      },
      [
        "backup.yaml(- { name: far, title: Another house, titleBangla: অন্য বাড়ি, site: ▸cella, kind: object-) BH1031 there is no site 'cella', which 'targets.far.site' names; did you mean 'cellar'?",
        "backup.yaml(- { name: ▸none, title: Every d) BH1027 'none' is not what 'policies.none.name' takes; a name other than 'none', e.g. hourly",
      ],
    ],
  ];

test.each(CASES)("told of %s", (_, patches, told) => {
  expect(toldOf(backedUp(patches)).map((line) => line.replace(/(named); .*standby.*$/, "$1"))).toEqual(told);
});

test("pilot and production keep restricted data twice inside the country, and lose an hour of it at most", () => {
  for (const environment of ["pilot", "production"].map((name) => loadEnvironment(root, name))) {
    const documents = environment.zones.find((zone) => zone.name === "documents");
    expect(documents?.dataClass).toBe("restricted");
    for (const service of documents?.services ?? []) {
      const policy = environment.backup.policies.find((p) => p.name === service.backup);
      const sites = environment.backup.targets.filter((t) => policy?.copies.includes(t.name)).map((t) => t.site);
      expect(new Set(sites).size).toBe(2);
      expect(seconds(service.rpo ?? "9999d")).toBeLessThanOrEqual(3600);
    }
  }
});
