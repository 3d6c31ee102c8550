import fc from "fast-check";
import { expect, test } from "vitest";
import { loadEnvironment } from "../load.ts";
import { root } from "../testing.ts";
import type { ApiUse, Approval } from "./api.ts";
import { inForce, publishedApis } from "./grants.ts";

const { zones, ratePlans } = loadEnvironment(root, "local");

/** The payments API, with the owner's and the consumer's side of its only grant changed or taken away. */
function payments(approval: Partial<Approval> | undefined, use: Partial<ApiUse> | undefined, suspended: string[] = []) {
  const changed = zones.map((zone) => ({
    ...zone,
    apis: (zone.apis ?? []).map((api) => ({
      ...api,
      grants: approval ? api.grants.map((grant) => ({ ...grant, ...approval })) : [],
    })),
    uses: use ? (zone.uses ?? []).map((own) => ({ ...own, ...use })) : [],
  }));
  const suspensions = suspended.map((zone) => ({ zone, since: "2026-11-20", reason: "passed data on" }));
  const api = publishedApis(changed, ratePlans, suspensions).find(({ name }) => name === "payments");
  if (!api) throw new Error("the local environment publishes no payments");
  return { states: api.grants.map(({ state, fields, waiting }) => ({ state, fields, waiting })), open: inForce(api) };
}

test("a grant is in force once both sides name a field for one purpose", () => {
  const { states, open } = payments({}, {});
  expect(states).toEqual([{ state: "in-force", fields: ["amount", "reference"], waiting: [] }]);
  expect(open).toMatchObject([
    { consumer: "citizen-services", dataClass: "internal", terms: { ratePlan: { requestsPerMinute: 300 } } },
  ]);
});

const UNMATCHED: readonly [string, Partial<Approval> | undefined, Partial<ApiUse> | undefined, string][] = [
  ["nobody granted", undefined, {}, "awaits-owner"],
  ["nobody asked for", {}, undefined, "awaits-consumer"],
  ["was granted for something else", { purpose: "sell addresses" }, {}, "awaits-owner"],
  ["was granted in other fields", { fields: ["settledOn"] }, {}, "awaits-owner"],
];

test.each(UNMATCHED)("what %s opens nothing", (_, approval, use, state) => {
  const { states, open } = payments(approval, use);
  expect(states.map((grant) => grant.state)).toEqual([state]);
  expect(open).toEqual([]);
});

test("only fields that both sides name are open; the others wait", () => {
  const asked = { fields: ["settledOn", "reference", "amount"] };
  expect(payments({ fields: ["reference", "amount"] }, asked).states).toEqual([
    { state: "in-force", fields: ["amount", "reference"], waiting: ["settledOn"] },
  ]);
  expect(payments({ fields: ["reference", "amount"] }, { fields: ["amount"] }).states).toEqual([
    { state: "in-force", fields: ["amount"], waiting: [] },
  ]);
});

test("a line's end within a purpose makes no other purpose", () => {
  expect(payments({ purpose: "collect the fee\nof an  application " }, {}).open.length).toBe(1);
});

test("a suspension closes the zone's grants, and those of no other", () => {
  expect(payments({}, {}, ["citizen-services"]).states).toMatchObject([{ state: "suspended" }]);
  expect(payments({}, {}, ["citizen-services"]).open).toEqual([]);
  expect(payments({}, {}, ["bill-payment"]).open.length).toBe(1);
});

test("a field without a class has its API's, and a grant the highest of its fields", () => {
  const [certificates] = publishedApis(zones, ratePlans, []);
  expect(certificates?.grants.map(({ dataClass }) => dataClass)).toEqual(["internal"]);
  const wider = zones.map((zone) => ({
    ...zone,
    uses: (zone.uses ?? []).map((use) => ({ ...use, fields: ["fee", "applicant"] })),
    apis: (zone.apis ?? []).map((api) => ({
      ...api,
      grants: api.grants.map((grant) => ({ ...grant, fields: ["fee", "applicant"] })),
    })),
  }));
  expect(publishedApis(wider, ratePlans, [])[0]?.grants.map(({ dataClass }) => dataClass)).toEqual(["confidential"]);
});

const FIELDS = ["amount", "reference", "settledOn"];
const some = fc.subarray(FIELDS, { minLength: 1 });
const purpose = fc.constantFrom("collect the fee of an application", "predict fees");
const side = fc.option(fc.record({ fields: some, purpose }), { nil: undefined });

test("whatever the two sides say: open is what both name, for one purpose, while the consumer is not suspended", () => {
  fc.assert(
    fc.property(side, side, fc.boolean(), (approval, use, suspended) => {
      const { open, states } = payments(approval, use, suspended ? ["citizen-services"] : []);
      const agreed =
        approval && use && approval.purpose === use.purpose
          ? FIELDS.filter((field) => approval.fields.includes(field) && use.fields.includes(field))
          : [];
      expect(open.flatMap(({ fields }) => fields)).toEqual(suspended ? [] : agreed);
      // Whatever either side says is on record, open or not.
      expect(states.length).toBe(approval || use ? 1 : 0);
      const waiting = agreed.length > 0 ? (use?.fields ?? []).filter((field) => !agreed.includes(field)) : [];
      expect(states.flatMap((grant) => grant.waiting)).toEqual(waiting);
    }),
    { numRuns: 200 },
  );
});
