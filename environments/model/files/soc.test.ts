import { expect, test } from "vitest";
import { BhittiError } from "../../../messages/message.ts";
import { loadEnvironment } from "../load.ts";
import { localCopies, type Patch, patch, root, spelled, toldOf } from "../testing.ts";

const { copy: copyOfLocal } = localCopies();

const BOUND = "clause: cyber-security-2026.incident-notice, reading: without delay, basis: assumed";

/** One fault each, in soc.yaml of the local environment, and all that is told of it. */
const CASES: readonly [title: string, patches: readonly Patch[], told: readonly string[]][] = [
  [
    "logs that are kept for less than a clause asks for",
    [["keep: 365d", `keep: 365d\n      bound: { atLeast: 1826d, ${BOUND} }`]],
    [
      "soc.yaml(keep: ▸365d) BH1150 audit logs are kept 365d, and cyber-security-2026.incident-notice asks for at least 1826d; keep them longer; 'bhitti laws show cyber-security-2026.incident-notice' tells the clause",
    ],
  ],
  [
    "somebody who is told later than a clause asks for",
    [["within: 24h", `within: 24h\n        bound: { atMost: 23h, ${BOUND} }`]],
    [
      "soc.yaml(within: ▸24h) BH1151 'national' is told of moderate incidents within 24h, and cyber-security-2026.incident-notice asks for 23h; tell sooner; 'bhitti laws show cyber-security-2026.incident-notice' tells the clause",
    ],
  ],
  [
    "somebody who is told of what is worse later",
    [["within: 15m", "within: 5h"]],
    [
      "soc.yaml(within: ▸5h) BH1152 'zone' is told of critical incidents within 5h, and of the less severe high ones within 30m; tell of the more severe ones at least as soon",
    ],
  ],
  [
    "somebody who is not there",
    [["- who: national", "- who: authority"]],
    [
      "soc.yaml(▸- who: zone) BH1198 'national' is not told of critical incidents, the most severe; add '- who: national' with its time",
      "soc.yaml(- who: ▸authority) BH1154 'authority' is told of critical incidents, and soc.yaml has no authority centre; add one to 'centres', or leave the entry out",
    ],
  ],
  [
    "a sector's centre that reports to nobody",
    [["sectors:", sectorCentre()]],
    [
      "soc.yaml(tier: ▸sector) BH1155 the sector centre 'revenue' reports to nobody; add 'reportsTo: …', a national centre",
      "soc.yaml(▸- who: zone) BH1198 'sector' is not told of critical incidents, the most severe; add '- who: sector' with its time",
    ],
  ],
  [
    "a sector's centre that reports to another sector's",
    [["sectors:", sectorCentre("\n    reportsTo: revenue")]],
    [
      "soc.yaml(reportsTo: ▸revenue) BH1031 there is no national centre 'revenue', which 'centres.revenue.reportsTo' names; there are: national",
      "soc.yaml(▸- who: zone) BH1198 'sector' is not told of critical incidents, the most severe; add '- who: sector' with its time",
    ],
  ],
  [
    "a sector that nobody watches over",
    [["centre: national", "centre: nobody"]],
    [
      "soc.yaml(centre: ▸nobody) BH1031 there is no centre 'nobody', which 'sectors.citizen-services.centre' names; there are: national",
    ],
  ],
];

function sectorCentre(more = ""): string {
  return `  - name: revenue
    tier: sector
    title: A centre of the revenue board
    titleBangla: রাজস্ব বোর্ডের কেন্দ্র${more}
    basis: illustrative
sectors:`;
}

test.each(CASES)("%s", (_, patches, told) => {
  const copy = copyOfLocal();
  patch(copy, "soc.yaml", patches);
  expect(toldOf(copy)).toEqual(told);
});

test("the bounds themselves may be met exactly", () => {
  const copy = copyOfLocal();
  patch(copy, "soc.yaml", [
    ["keep: 365d", `keep: 365d\n      bound: { atLeast: 365d, ${BOUND} }`],
    ["within: 24h", `within: 24h\n        bound: { atMost: 1d, ${BOUND} }`],
  ]);
  expect(toldOf(copy)).toEqual([]);
});

test("an agency's zone is of a sector that there is; a partner's needs none", () => {
  const copy = copyOfLocal();
  patch(copy, "zones/citizen-services.yaml", [["sector: citizen-services\n", ""]]);
  expect(toldOf(copy)).toEqual([
    "zones/citizen-services.yaml(tenant: ▸agency) BH1153 zone 'citizen-services' is an agency's and names no sector, so no centre above it is told; add 'sector: …', one of: citizen-services",
  ]);
  patch(copy, "zones/citizen-services.yaml", [["cluster: local", "sector: citizen-service\ncluster: local"]]);
  expect(toldOf(copy)).toEqual([
    "zones/citizen-services.yaml(sector: ▸citizen-service) BH1031 there is no sector 'citizen-service', which 'sector' names; did you mean 'citizen-services'?",
  ]);
});

test("a bound names a clause that there is", () => {
  const copy = copyOfLocal();
  patch(copy, "soc.yaml", [["keep: 365d", `keep: 365d\n      bound: { atLeast: 1d, ${BOUND} }`]]);
  const told = (knownClauses: readonly string[]) => {
    try {
      loadEnvironment(copy, "local", { knownClauses });
      return [];
    } catch (error) {
      if (!(error instanceof BhittiError)) throw error;
      return error.messages.map(({ code, params, position }) => [
        code,
        params["hint"],
        spelled(copy, "soc.yaml", position?.line ?? 0, position?.column ?? 0),
      ]);
    }
  };
  expect(told(["cyber-security-2026.incident-notice"])).toEqual([]);
  expect(told(["cyber-security-2026.incident-notices"])).toEqual([
    [
      "BH1156",
      "did you mean 'cyber-security-2026.incident-notices'?",
      "bound: { atLeast: 1d, clause: ▸cyber-security-2026.",
    ],
  ]);
});

test("every environment tells the national centre of critical incidents, and the revenue board's centre of tax ones", () => {
  for (const name of ["pilot", "production"]) {
    const { soc, zones } = loadEnvironment(root, name);
    const [critical] = soc.severities;
    expect(critical?.notify.map((n) => n.who)).toEqual(["zone", "sector", "national", "authority"]);
    const sector = soc.sectors.find((s) => s.name === zones.find((z) => z.name === "tax")?.sector);
    expect(soc.centres.find((c) => c.name === sector?.centre)).toMatchObject({ tier: "sector", basis: "public" });
  }
});
