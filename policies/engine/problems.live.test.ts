import { describe, expect, test } from "vitest";
import { liveCluster } from "../../tests/live.ts";
import { PROBLEMS } from "./problem-cases.ts";

/** Holds the table of `problem-cases.ts` to a real API server, by creations that it only tries. */
const live = liveCluster();

describe.skipIf(!live)("the API server takes and refuses what the table says", () => {
  test.each(PROBLEMS)("%s: taken is %s", async (_, taken, object) => {
    const plural = object.kind === "ValidatingAdmissionPolicy" ? "policies" : "policybindings";
    const path = `/apis/admissionregistration.k8s.io/v1/validatingadmission${plural}?dryRun=All&fieldValidation=Strict`;
    const answer = await live?.request("POST", path, object);
    const reason = String(answer?.body["message"] ?? "");
    expect(answer?.status === 201, reason).toBe(taken);
    expect([201, 400, 422]).toContain(answer?.status);
  });
});
