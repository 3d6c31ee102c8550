import { z } from "zod";
import type { Code } from "../messages/catalogue.ts";

/** How to tell a text that does not have a format: the code, and what to write instead. */
export type FormatRule = readonly [code: Code, hint: (value: string, schema?: z.ZodType) => string];
export type Formats = Readonly<Record<string, FormatRule>>;

/** RFC 1123 label that is also safe as part of a longer name: at most 40 characters. */
export const NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;
/** Something to read: not only spaces, and nothing but line ends and tabs that does not print. */
const TEXT = /^(?!\s*$)[\P{Cc}\n\t]+$/u;

/** Formats that YAML files of every room have in common. */
export const COMMON_FORMATS: Formats = {
  name: ["BH1020", (value) => `use lower-case letters, digits and inner hyphens, at most 40, ${nameLike(value, "-")}`],
  text: ["BH1019", (value) => (/^\s*$/.test(value) ? "write some words" : "leave out characters that do not print")],
  "e-mail": ["BH1017", () => "write it like owner@example.gov.bd"],
  date: ["BH1029", (value) => dateHint(value)],
};

/** A text with a format; its schema's examples are shown where one is missing or malformed. */
export const formatted = (format: string, pattern: RegExp, description: string, examples: string[]) =>
  z.string().regex(pattern).meta({ format, description, examples });

export const name = formatted("name", NAME, "Lower-case letters, digits and hyphens, at most 40.", [
  "citizen-services",
]);

/** Something for people to read. */
export const text = (description: string, ...examples: string[]) =>
  z
    .string()
    .regex(TEXT)
    .meta({ format: "text", description, ...(examples.length > 0 && { examples }) });

/** A day that exists, as `YYYY-MM-DD`; it stands in quotes or not. */
export const date = (description: string) =>
  z
    .string()
    .refine(isDay)
    .meta({ format: "date", pattern: "^\\d{4}-\\d{2}-\\d{2}$", description, examples: ["2027-01-31"] });

/** Whether a text is a day of the calendar, as `YYYY-MM-DD`. */
export function isDay(day: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return false;
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

function dateHint(value: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return "the calendar has no such day";
  return "write year, month and day, e.g. 2027-01-31";
}

/** What to write instead of a text that is no name, with hyphens or nothing between its words. */
export function nameLike(value: string, joint: string): string {
  const like = value
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, joint)
    .replace(/^[^a-z]+|-+$/g, "");
  return NAME.test(like) && like !== value ? `e.g. '${like}'` : "beginning with a letter";
}
