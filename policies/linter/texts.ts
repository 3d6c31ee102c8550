import { type Message, message, type Position } from "../../messages/message.ts";
import { everyPart, type Syntax } from "../engine/syntax.ts";

/** A validation's words, and what it looks at. */
export interface SpokenValidation {
  readonly message: string | undefined;
  readonly expression: string;
  /** Everything that decides: its own expression and those of the variables it uses. */
  readonly decides: readonly Syntax[];
  /** Everything that makes up the computed message, with the variables it uses. */
  readonly speaks: readonly Syntax[];
  at(field: "message" | "messageExpression" | "expression"): Position;
}

/** As long as a line of a terminal's warning can be before nobody reads it. */
const MAX_LENGTH = 300;
const REMEDY =
  /;|\b(must|should|shall|may only|can only|required?|set|use|remove|add|drop|change|declare|choose|ask|replace|leave|write|needs?|please)\b/i;
const COMPARISONS = new Set([
  "_==_",
  "_!=_",
  "_<_",
  "_<=_",
  "_>_",
  "_>=_",
  "matches",
  "startsWith",
  "endsWith",
  "contains",
]);

/** What a refusal will tell: somebody reads it at two in the morning, and has to know which field, which value and what to do. */
export function lintTexts(validation: SpokenValidation): readonly Message[] {
  const { message: plain, expression, decides, speaks, at } = validation;
  const text = plain?.trim() ?? "";
  const multiline = expression.trim().includes("\n");
  if (text === "" && (speaks.length === 0 || multiline)) {
    return [
      message(
        "BH3120",
        {
          hint: multiline
            ? "the API server wants one where the expression has several lines"
            : "the caller is told the expression",
        },
        at("expression"),
      ),
    ];
  }
  const spoken = speaks
    .flatMap(everyPart)
    .flatMap((p) => (p.form === "constant" && typeof p.value === "string" ? [p.value] : []));
  const own = speaks[0]
    ? everyPart(speaks[0]).flatMap((p) => (p.form === "constant" && typeof p.value === "string" ? [p.value] : []))
    : [];
  const long = [["message", text.length] as const, ["messageExpression", own.join("").length] as const].filter(
    ([, length]) => length > MAX_LENGTH,
  );
  const lineBreak = text.includes("\n")
    ? [message("BH3120", { hint: "the API server takes no line break in it" }, at("message"))]
    : [];
  const words = [text, ...spoken].join(" ").toLowerCase();
  const computed = speaks.some((syntax) => everyPart(syntax).some((p) => p.form === "name"));
  const parts = decides.flatMap(everyPart);
  const lacking = [
    ...(namesOf(parts).some((name) => words.includes(name)) ? [] : ["the field"]),
    ...(computed || !parts.some(comparesValue) || namesValue(parts, words) ? [] : ["the value"]),
    ...(REMEDY.test(words) ? [] : ["the remedy"]),
  ];
  return [
    ...lineBreak,
    ...long.map(([field, length]) => message("BH3121", { field, length, limit: MAX_LENGTH }, at(field))),
    ...lacking.map((what) => message("BH3122", { what }, at(speaks.length > 0 ? "messageExpression" : "message"))),
  ];
}

/** Words by which a message can name what is looked at: fields, and keys that stand as text. */
const namesOf = (parts: readonly Syntax[]): readonly string[] =>
  parts
    .flatMap((p) =>
      p.form === "field" ? [p.field] : p.form === "constant" && typeof p.value === "string" ? [p.value] : [],
    )
    .filter((name) => name.length > 2)
    .map((name) => name.toLowerCase());

/** Something in quotes, a number, or a text that the expression compares with. */
const namesValue = (parts: readonly Syntax[], words: string): boolean =>
  /['"`\d]/.test(words) ||
  parts.some(
    (p) =>
      p.form === "constant" && typeof p.value === "string" && p.value !== "" && words.includes(p.value.toLowerCase()),
  );

/** Against a value that the object has; not against nothing, a number of items or its kind. */
const comparesValue = (part: Syntax): boolean =>
  part.form === "call" &&
  COMPARISONS.has(part.function) &&
  ![...part.args, ...(part.target ? [part.target] : [])].some(
    (arg) =>
      (arg.form === "constant" &&
        (arg.value === null || typeof arg.value === "bigint" || typeof arg.value === "boolean")) ||
      (arg.form === "call" && arg.function === "size") ||
      (arg.form === "field" && ["kind", "operation"].includes(arg.field)),
  );
