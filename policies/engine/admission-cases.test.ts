import { expect, test } from "vitest";
import { evaluate } from "./admission.ts";
import recorded from "./admission-cases.recorded.json" with { type: "json" };
import { AUTHORIZER, CASES, SURROUNDINGS } from "./admission-cases.ts";
import { type Answer, answerOf, comparable } from "./answer.ts";
import { kindsOf } from "./kinds.ts";

const answers: Readonly<Record<string, Answer>> = recorded.answers;
const kinds = kindsOf(SURROUNDINGS);
const namespaces = SURROUNDINGS.filter(({ kind }) => kind === "Namespace");

test("every case has a recorded answer of kube-apiserver 1.35.4, and no answer is left over", () => {
  expect(recorded.server).toBe("kube-apiserver v1.35.4");
  expect(Object.keys(answers).sort()).toEqual(CASES.map(({ id }) => id).sort());
});

test.each(CASES.map((made) => [made.feature, made.id, made] as const))("%s: %s", (_, id, made) => {
  const { policies, bindings, request } = made;
  const surroundings = { namespaces, params: SURROUNDINGS, kinds, authorizer: AUTHORIZER };
  const verdicts = evaluate({ policies, bindings, objects: [request], ...surroundings });
  expect(comparable(answerOf(verdicts))).toEqual(comparable(answers[id]));
});
