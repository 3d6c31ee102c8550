import type { AdmissionPolicy, MatchResources, NamedExpression, PolicySpec } from "../engine/policy.ts";
import { parseSyntax, printSyntax, type Syntax } from "../engine/syntax.ts";
import { EXEMPTION_CONDITIONS } from "../exemptions/conditions.ts";
import type { Rule } from "../rules.ts";
import { mutationsOf } from "./syntax.ts";

/** A rule with one thing changed. */
export interface Mutant {
  readonly rule: string;
  /** `validations[0]`, `variables.pod`, `matchConstraints.resourceRules[0].resources`: what was changed. */
  readonly place: string;
  readonly change: string;
  /** The changed expression, or what was taken out. */
  readonly text: string;
  readonly policy: AdmissionPolicy;
}

/**
 * Every mutant of a rule. What a refusal says is not mutated, since it decides nothing, and neither are the conditions for exemptions,
 * which are one text with tests of its own.
 */
export function mutantsOf({ id, policy }: Rule): readonly Mutant[] {
  const { spec } = policy;
  const { matchConditions = [], variables = [], validations } = spec;
  const mutant = (place: string, change: string, text: string, changes: Partial<PolicySpec>): Mutant => ({
    rule: id,
    place,
    change,
    text,
    policy: { ...policy, spec: { ...spec, ...changes } },
  });
  const ofVariable = substitutes(variables);
  const within = (place: string, expression: string, put: (changed: string) => Partial<PolicySpec>): Mutant[] =>
    expressionMutants(expression, ofVariable).map(([change, text]) => mutant(place, change, text, put(text)));

  return distinct([
    ...matchMutants(spec.matchConstraints).map(({ place, text, match }) =>
      mutant(`matchConstraints.${place}`, "dropped", text, { matchConstraints: match }),
    ),
    ...matchConditions.flatMap((condition, i) =>
      EXEMPTION_CONDITIONS.includes(condition.name)
        ? []
        : [
            mutant(`matchConditions.${condition.name}`, "dropped", condition.expression, {
              matchConditions: matchConditions.filter((c) => c !== condition),
            }),
            ...within(`matchConditions.${condition.name}`, condition.expression, (expression) => ({
              matchConditions: matchConditions.with(i, { ...condition, expression }),
            })),
          ],
    ),
    ...variables
      .filter(({ name }) => decides(name, spec))
      .flatMap((variable) =>
        within(`variables.${variable.name}`, variable.expression, (expression) => ({
          variables: variables.map((v) => (v === variable ? { ...v, expression } : v)),
        })),
      ),
    ...validations.flatMap((validation, i) => [
      mutant(`validations[${i}]`, "dropped", validation.expression, {
        validations: validations.filter((v) => v !== validation),
      }),
      ...within(`validations[${i}]`, validation.expression, (expression) => ({
        validations: validations.with(i, { ...validation, expression }),
      })),
    ]),
  ]);
}

/** Several changes may come to the same, such as taking any part of an only resource rule. */
const distinct = (mutants: readonly Mutant[]): readonly Mutant[] => [
  ...new Map(mutants.map((mutant) => [JSON.stringify(mutant.policy.spec), mutant])).values(),
];

function expressionMutants(
  expression: string,
  ofVariable: (name: string) => readonly Syntax[],
): readonly (readonly [change: string, text: string])[] {
  const parsed = parseSyntax(expression);
  if ("problem" in parsed) throw new Error(`${expression}: ${parsed.problem}`);
  const original = printSyntax(parsed.syntax);
  const changed = mutationsOf(parsed.syntax, ofVariable).map(
    ({ change, syntax }) => [change, printSyntax(syntax)] as const,
  );
  const distinct = new Map(changed.map(([change, text]) => [text, [change, text] as const]));
  distinct.delete(original);
  return [...distinct.values()];
}

/** Whether a variable has a part in the decision; others are only for what a refusal says. */
function decides(name: string, { validations, variables = [] }: PolicySpec): boolean {
  const mentions = (text: string, variable: string) => new RegExp(`\\bvariables\\.${variable}\\b`).test(text);
  if (validations.some(({ expression }) => mentions(expression, name))) return true;
  return variables.some(
    (v) => v.name !== name && mentions(v.expression, name) && decides(v.name, { validations, variables } as PolicySpec),
  );
}

/** What a variable can be replaced by where it is used: a list by an empty one, a truth by both others. */
function substitutes(variables: readonly NamedExpression[]): (name: string) => readonly Syntax[] {
  const constant = (value: string | boolean): Syntax => ({ form: "constant", value, offset: 0 });
  const known = new Map<string, "list" | "truth" | "text" | undefined>();
  for (const { name, expression } of variables) {
    const parsed = parseSyntax(expression);
    known.set(name, "syntax" in parsed ? sortOf(parsed.syntax, known) : undefined);
  }
  return (name) => {
    switch (known.get(name)) {
      case "list":
        return [{ form: "list", items: [], offset: 0 }];
      case "truth":
        return [constant(true), constant(false)];
      case "text":
        return [constant("")];
      default:
        return [];
    }
  };
}

const TRUTHS = [
  "_&&_",
  "_||_",
  "!_",
  "_==_",
  "_!=_",
  "_<_",
  "_<=_",
  "_>_",
  "_>=_",
  "@in",
  "has",
  "all",
  "exists",
  "matches",
];

/** What an expression gives, as far as its outermost part tells. */
function sortOf(
  syntax: Syntax,
  known: ReadonlyMap<string, "list" | "truth" | "text" | undefined>,
): "list" | "truth" | "text" | undefined {
  if (syntax.form === "list") return "list";
  if (syntax.form === "constant")
    return typeof syntax.value === "string" ? "text" : typeof syntax.value === "boolean" ? "truth" : undefined;
  if (syntax.form === "field" && syntax.of.form === "name" && syntax.of.name === "variables")
    return known.get(syntax.field);
  if (syntax.form !== "call") return undefined;
  if (TRUTHS.includes(syntax.function)) return "truth";
  if (syntax.function === "filter" || syntax.function === "map" || syntax.function === "split") return "list";
  if (syntax.function !== "_?_:_" && syntax.function !== "_+_") return undefined;
  const sorts = syntax.args.slice(syntax.function === "_?_:_" ? 1 : 0).map((arg) => sortOf(arg, known));
  return sorts.find((sort) => sort !== undefined);
}

const LISTS = ["apiGroups", "apiVersions", "operations", "resources"] as const;

/** Match constraints with one item, rule or selector taken out. */
function matchMutants(match: MatchResources): readonly { place: string; text: string; match: MatchResources }[] {
  const rules = match.resourceRules ?? [];
  return [
    ...rules.flatMap((rule, i) =>
      LISTS.flatMap((list) =>
        rule[list].map((item) => {
          const rest = rule[list].filter((other) => other !== item);
          const changed = rest.length > 0 ? rules.with(i, { ...rule, [list]: rest }) : rules.toSpliced(i, 1);
          // A policy without rules would match everything here, and be refused there.
          const left = changed.length > 0 ? changed : [{ ...rule, resources: ["nothing"] }];
          return { place: `resourceRules[${i}].${list}`, text: item, match: { ...match, resourceRules: left } };
        }),
      ),
    ),
    ...(["namespaceSelector", "objectSelector", "excludeResourceRules"] as const).flatMap((key) => {
      const { [key]: dropped, ...rest } = match;
      return dropped ? [{ place: key, text: JSON.stringify(dropped), match: rest }] : [];
    }),
  ];
}
