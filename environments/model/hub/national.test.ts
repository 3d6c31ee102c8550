import { describe, expect, test } from "vitest";
import { severityOf } from "../../../messages/message.ts";
import { loadEnvironment } from "../load.ts";
import { root } from "../testing.ts";
import { inForce } from "./grants.ts";
import { grantMessages } from "./verdicts.ts";

/** The day on which the files were written: grants in them end. */
const AS_OF = "2026-11-23";

/** Of the mission: "linking core economic agencies first so tax, planning, statistics, finance and audit work from the same data". */
const FIRST = ["tax", "planning", "statistics", "finance", "audit"];
const THEN = ["passports", "documents", "cities", "local-government"];

describe.each([
  ["pilot", FIRST],
  ["production", [...FIRST, ...THEN]],
] as const)("%s", (name, agencies) => {
  const environment = loadEnvironment(root, name);
  const { apis, realms, zones } = environment;

  test("its agencies publish, and the core economic ones call each other", () => {
    expect(environment.agencies.map((agency) => agency.name)).toEqual(expect.arrayContaining([...agencies]));
    expect(agencies.filter((agency) => !apis.some(({ owner }) => owner === agency))).toEqual([]);
    const pairs = apis
      .filter(({ owner }) => FIRST.includes(owner))
      .flatMap((api) => inForce(api).map(({ consumer }) => [consumer, api.owner]))
      .filter(([consumer = ""]) => FIRST.includes(consumer));
    for (const agency of FIRST) expect(pairs.flat(), agency).toContain(agency);
  });

  test("nothing of its grants is wrong on the day, and one waits for its owner", () => {
    const messages = grantMessages(environment, AS_OF);
    expect(messages.filter((m) => severityOf(m) === "error")).toEqual([]);
    expect(messages.map(({ code }) => code)).toEqual(["BH1133"]);
    expect(apis.flatMap(({ grants }) => grants).filter(({ state }) => state !== "in-force").length).toBe(1);
  });

  test("citizens, officials, partners and entrepreneurs each have their realm; people come through the national ID authority", () => {
    expect(realms.map(({ people }) => people)).toEqual(["citizens", "officials", "partners", "entrepreneurs"]);
    const [source] = environment.identitySources;
    expect(source?.owner).toBe("elections");
    const sent = realms.filter(({ identitySource }) => identitySource === source?.name);
    expect(sent.map(({ people, assurance }) => [people, assurance])).toEqual([
      ["citizens", "high"],
      ["entrepreneurs", "high"],
    ]);
  });

  test("agencies' zones are in the officials' realm, partners' in the partners', and the portal in the citizens'", () => {
    for (const { name: zone, tenant, realm } of zones) {
      const expected = zone === "citizen-portal" ? "citizens" : tenant === "agency" ? "officials" : "partners";
      expect(realm, zone).toBe(expected);
    }
  });
});
