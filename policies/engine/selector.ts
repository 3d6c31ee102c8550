import type { LabelSelector, SelectorRequirement } from "./policy.ts";

export type Labels = Readonly<Record<string, string>>;

/** True where the labels fit. An absent selector, and one without requirements, fits everything, as in the API server. */
export const selects = (selector: LabelSelector | undefined, labels: Labels): boolean =>
  requirements(selector).every((requirement) => fits(requirement, labels));

/** A selector as a list of requirements, all of which have to fit. */
export function requirements(selector: LabelSelector | undefined): readonly SelectorRequirement[] {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: "In" as const, values: [value] })),
    ...matchExpressions,
  ];
}

/** @throws Error for an operator that the API does not have */
export function fits({ key, operator, values = [] }: SelectorRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const listed = value !== undefined && values.includes(value);
  switch (operator) {
    case "In":
      return listed;
    case "NotIn":
      return !listed;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      throw new Error(`a label selector has the unknown operator '${String(operator)}'`);
  }
}
