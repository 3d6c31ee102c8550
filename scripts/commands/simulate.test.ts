import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localCopies, root } from "../../environments/model/testing.ts";
import { silent } from "../progress.ts";
import { simulate } from "./simulate.ts";

const { copy: copyOfLocal } = localCopies();
const context = { root, progress: silent };

test("with a site of production lost, each service is what its level says, and every cluster has room", () => {
  const { exitCode, text, json } = simulate(context, "production", { lose: "kaliakair" });
  expect(exitCode).toBe(0);
  const lines = text.split("\n").map((line) => line.trim().replace(/ {2,}/g, " | "));
  expect(lines).toEqual(
    expect.arrayContaining([
      "kaliakair lost (Four-tier National Data Centre, Kaliakair)",
      "survives | gateway | L4 | runs on at agrcore",
      "degrades | bill-payment/payments | L3 | started at jsrpartner, within 4h",
      "degrades | document-delivery/deliveries | L2 | restored at jsrpartner, within 24h, loses at most 24h",
      "degrades | passports/applications | L4 | runs on at agrcore; without deliveries-v1 for 24h",
      // Two zones of 16 cores: the L3 one's room is held, the L2 one's comes when it is restored.
      "jsrpartner | jashore | 16 → 32 of 240 | 32Gi → 64Gi of 1920Gi | 500Gi → 1000Gi of 28672Gi | 60 → 120 of 440 | fits",
    ]),
  );
  expect(json).toMatchObject({ losses: [{ site: "kaliakair", messages: [] }], messages: [] });
});

test("each site is lost in turn where none is named; what stands only loses its standby", () => {
  const { exitCode, json, text } = simulate(context, "pilot", {});
  expect(exitCode).toBe(0);
  expect(json).toMatchObject({ losses: [{ site: "agargaon" }, { site: "jashore" }] });
  const [, jashore = ""] = text.split("jashore lost");
  expect(jashore).not.toMatch(/degrades|breaks/);
  expect(jashore).toMatch(/tax\/returns +L3 +runs on at agrcore; its standby is lost/);
});

test("what is L1 is down with its site, as stated; a cluster without nodes is not judged, and that is said", () => {
  const { exitCode, text } = simulate(context, "local", { lose: "workstation" });
  expect(exitCode).toBe(0);
  expect(text).toMatch(/clusters.yaml:\d+:\d+ BH1203 cluster 'local' has no node pools/);
  expect(text).toMatch(/breaks +bill-payment\/payments +L1 +down until the site is back, as its level says/);
});

test("a site that there is not is met with those that there are", () => {
  expect(() => simulate(context, "production", { lose: "kaliakir" })).toThrow(
    "BH1196 environment 'production' has no site 'kaliakir'; did you mean 'kaliakair'?",
  );
});

test("what falls below its level is named with the reason, the error stands below, and the exit code is 1", () => {
  const copy = copyOfLocal();
  for (const folder of ["catalogue", "pilot"]) {
    cpSync(join(root, "environments", folder), join(copy, "environments", folder), { recursive: true });
  }
  const file = join(copy, "environments", "pilot", "zones", "documents.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("failure: L4", "failure: L1"));
  const { exitCode, text, json } = simulate({ ...context, root: copy }, "pilot", { lose: "agargaon" });
  expect(exitCode).toBe(1);
  expect(text).toMatch(/breaks +documents\/certificates +L1 +down until the site is back, as its level says/);
  expect(text).toMatch(
    /breaks +citizen-portal\/portal +L4 +BELOW ITS LEVEL: down; it calls birth-certificates-v1, which is down/,
  );
  expect(text).toMatch(/zones\/citizen-portal.yaml:\d+:\d+ BH1202 /);
  expect(json).toMatchObject({ losses: [{ messages: [{ code: "BH1202", severity: "error" }] }] });
});
