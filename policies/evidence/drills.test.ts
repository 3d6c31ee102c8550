import { describe, expect, test } from "vitest";
import { DRILLS, judgeDrills } from "./drills.ts";

const TIME = new Date("2026-11-23T10:00:00Z");
const SAID = {
  performed: "2026-11-01T09:00:00Z",
  result: "passed",
  leader: "rahima@example.gov.bd",
  witness: "karim@example.gov.bd",
  protocol: `sha256:${"0".repeat(64)}`,
};

const drill = (kind: string, more: Partial<Record<keyof typeof SAID, string>> = {}, name = kind) => ({
  cluster: "core1",
  object: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "bhitti-soc", labels: { "bhitti.platform/drill": kind } },
    data: { ...SAID, ...more },
  },
});

const all = Object.keys(DRILLS).map((kind) => drill(kind));
const others = all.filter(({ object }) => object.metadata.name !== "restore");

describe("drills", () => {
  test("count for their days, and the first that ends is told", () => {
    const { counts, faults, until } = judgeDrills(all, TIME);
    expect(faults).toEqual([]);
    expect(counts).toEqual({ records: 3, kinds: 3, practised: 3 });
    expect(until?.toISOString()).toBe("2027-02-01T09:00:00.000Z");
  });

  test("that nobody recorded are faults, one a kind", () => {
    const { faults, until } = judgeDrills([], TIME);
    expect(faults).toEqual([
      "restore: no drill is recorded; it has to be practised every 92 days",
      "failover: no drill is recorded; it has to be practised every 183 days",
      "incident: no drill is recorded; it has to be practised every 366 days",
    ]);
    expect(until).toBeUndefined();
  });

  test.each<[string, Partial<Record<keyof typeof SAID, string>>, string]>([
    ["expired to the second", { performed: "2026-08-23T10:00:00Z" }, "was performed more than 92 days ago"],
    ["are in the future", { performed: "2026-11-23T10:00:01Z" }, "is to be performed yet"],
    ["failed", { result: "failed" }, "did not pass (failed)"],
    ["have no time that can be read", { performed: "in autumn" }, "was performed at no time that can be read"],
    ["say no time", { performed: "" }, "states no performed"],
    ["say no result", { result: " " }, "states no result"],
    ["have no witness", { witness: "" }, "states no witness"],
    ["are witnessed by who led them", { witness: "Rahima@example.gov.bd" }, "was witnessed by who led it"],
    ["name no digest", { protocol: "see the wiki" }, "names its protocol by no digest"],
  ])("that %s do not count", (_, more, fault) => {
    const { faults } = judgeDrills([...others, drill("restore", more)], TIME);
    expect(faults).toEqual([expect.stringContaining(`restore: core1 bhitti-soc/restore ${fault}`)]);
  });

  test("a second before they end count still", () => {
    expect(judgeDrills([...others, drill("restore", { performed: "2026-08-23T10:00:01Z" })], TIME).faults).toEqual([]);
  });

  test("are judged by the newest: one that failed is not covered by an older one that passed", () => {
    const newer = drill("restore", { performed: "2026-11-20T09:00:00Z", result: "lost the ledger" }, "again");
    expect(judgeDrills([...all, newer], TIME).faults).toEqual([
      "restore: core1 bhitti-soc/again did not pass (lost the ledger)",
    ]);
    const later = drill("restore", { performed: "2026-11-21T09:00:00Z" }, "mended");
    expect(judgeDrills([newer, ...all, later], TIME).faults).toEqual([]);
    const undated = drill("restore", { performed: "" }, "undated");
    expect(judgeDrills([...all, undated], TIME).faults).toHaveLength(1);
  });

  test("of another kind are told, and satisfy nothing", () => {
    const { faults, notes } = judgeDrills([drill("fire")], TIME);
    expect(faults).toHaveLength(3);
    expect(notes.join("\n")).toContain("core1 bhitti-soc/fire is a drill of the kind 'fire'");
  });
});
