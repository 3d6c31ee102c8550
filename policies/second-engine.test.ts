import { expect, test, vi } from "vitest";
import { judgeOf } from "./engine/admission.ts";
import type * as engine from "./engine/expression.ts";
import { defaultSurroundings, fixturesOf } from "./fixtures.ts";
import { bindingFor, loadRules } from "./rules.ts";
import { plainEvaluation, secondOpinion } from "./second-engine.ts";

interface Opinion {
  readonly expression: string;
  readonly first: unknown;
  readonly second: unknown;
}

const opinions = vi.hoisted((): Opinion[] => []);

/** Admission evaluates as ever; each expression is put to the second engine besides. */
vi.mock(import("./engine/expression.ts"), async (original) => {
  const first: typeof engine = await original();
  return {
    ...first,
    evaluate: (program: engine.Program, variables: Readonly<Record<string, engine.Value>>) => {
      const outcome = first.evaluate(program, variables);
      opinions.push({
        expression: program.expression,
        first: plainEvaluation(outcome),
        second: secondOpinion(program.expression, variables),
      });
      return outcome;
    },
  };
});

const standing = defaultSurroundings();

test.each(loadRules().map((rule) => [rule.id, rule] as const))("%s: both engines agree on every example", (_, rule) => {
  const fixtures = fixturesOf(rule);
  opinions.length = 0;
  for (const { request, surroundings } of fixtures) {
    const objects = [...standing, ...surroundings];
    judgeOf([rule.policy], [bindingFor(rule, "deny")], {
      namespaces: objects.filter(({ kind }) => kind === "Namespace"),
      params: objects.filter(({ kind }) => kind === "ConfigMap"),
    })(request, { all: true });
  }
  expect(fixtures.length).toBeGreaterThan(0);
  expect(opinions.length).toBeGreaterThanOrEqual(rule.policy.spec.validations?.length ?? 1);
  const disagreements = opinions.filter(({ first, second }) => !agree(first, second));
  expect(disagreements.slice(0, 3)).toEqual([]);
});

/** Errors agree, whatever their words. */
function agree(first: unknown, second: unknown): boolean {
  if (isError(first) || isError(second)) return isError(first) && isError(second);
  return JSON.stringify(first, written) === JSON.stringify(second, written);
}

const isError = (outcome: unknown): boolean => typeof outcome === "object" && outcome !== null && "error" in outcome;

/** Integers, times and durations in words that both have. */
const written = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);
