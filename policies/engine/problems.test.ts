import { expect, test } from "vitest";
import { PROBLEMS } from "./problem-cases.ts";
import { bindingProblems, policyProblems } from "./problems.ts";

test.each(PROBLEMS)("%s: taken is %s", (_, taken, object) => {
  const problems = object.kind === "ValidatingAdmissionPolicy" ? policyProblems(object) : bindingProblems(object);
  expect(problems.length === 0, JSON.stringify(problems)).toBe(taken);
  for (const { path, reason } of problems) expect(`${path} ${reason}`).toMatch(/^(spec|metadata)\S* [^A-Z\n]/);
});
