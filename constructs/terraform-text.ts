/**
 * Writes a text of somebody else's (Helm values, a realm, a log pipeline) so that Terraform takes it as it is: `${` and `%{`
 * would start an expression. Every text that is not ours to compute with goes through here, once.
 */
export const literalText = (text: string): string => text.replace(/([$%])\{/g, "$1$1{");

/** The same for every text within plain JSON, keys included. */
export function literalJson(value: unknown): unknown {
  if (typeof value === "string") return literalText(value);
  if (Array.isArray(value)) return value.map(literalJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [literalText(key), literalJson(item)]));
}
