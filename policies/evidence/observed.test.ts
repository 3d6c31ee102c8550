import { describe, expect, test } from "vitest";
import { isObservation, type Observation, observation, observedAt, renderObservedHtml } from "./observed.ts";
import { inputsOf } from "./testing.ts";

const TAKEN = new Date("2026-11-23T10:00:00Z");
const good = { counts: { unchanged: 3 }, notes: [], faults: [] };
const bad = { ...good, faults: ["changed: Service <x>"] };
const drift = observation("drift", TAKEN, good);

const standing = (list: readonly Observation[], time: string) =>
  observedAt(list, new Date(time)).map(({ kind, verdict, because }) => [kind, verdict, because]);

describe("an observation", () => {
  test("holds from when it was taken until it ends, and what nobody took is not satisfied", () => {
    expect(standing([drift], "2026-11-23T10:00:00Z")).toEqual([
      ["drift", "satisfied", "holds"],
      ["live-evaluation", "not satisfied", "missing"],
      ["last-deploy", "not satisfied", "missing"],
      ["drills", "not satisfied", "missing"],
    ]);
    expect(standing([drift], "2026-11-24T09:59:59Z")[0]).toEqual(["drift", "satisfied", "holds"]);
    expect(standing([drift], "2026-11-24T10:00:00Z")[0]).toEqual(["drift", "not satisfied", "expired"]);
  });

  test("from the future holds nothing", () => {
    expect(standing([drift], "2026-11-23T09:59:59Z")[0]).toEqual(["drift", "not satisfied", "expired"]);
  });

  test("cannot grant itself a longer life", () => {
    const forged = { ...drift, validUntil: "2099-01-01T00:00:00.000Z" };
    expect(standing([forged], "2026-11-25T00:00:00Z")[0]).toEqual(["drift", "not satisfied", "expired"]);
  });

  test("ends when what it found ends, if that is sooner", () => {
    const until = (time: string) => observation("drills", TAKEN, { ...good, until: new Date(time) }).validUntil;
    expect(until("2026-11-23T12:00:00Z")).toBe("2026-11-23T12:00:00.000Z");
    expect(until("2026-12-23T12:00:00Z")).toBe("2026-11-24T10:00:00.000Z");
  });

  test("with a fault is not satisfied, and the latest of a kind counts", () => {
    expect(standing([observation("drift", TAKEN, bad)], "2026-11-23T11:00:00Z")[0]).toEqual([
      ...["drift", "not satisfied", "faults"],
    ]);
    const later = observation("drift", new Date("2026-11-23T10:30:00Z"), bad);
    expect(standing([later, drift], "2026-11-23T11:00:00Z")[0]?.[2]).toBe("faults");
  });

  test.each<[unknown, boolean]>([
    [drift, true],
    [{ ...drift, kind: "hearsay" }, false],
    [{ ...drift, takenAt: "yesterday" }, false],
    [{ ...drift, satisfied: "yes" }, false],
    [null, false],
  ])("has its form: %#", (value, is) => {
    expect(isObservation(value)).toBe(is);
  });
});

test("the page tells each observation in both languages, and which are missing", () => {
  const observations = [observation("drift", TAKEN, bad)];
  const page = renderObservedHtml({
    form: "bhitti.platform/observed/v1",
    environment: "x",
    commit: inputsOf().commit,
    observations,
  });
  expect(page).toContain("changed: Service &lt;x&gt;");
  expect(page).toContain("2026-11-24T10:00:00.000Z");
  expect(page.match(/missing <span lang="bn">নেই<\/span>/g)).toHaveLength(3);
});
