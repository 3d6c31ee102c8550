/** A text of Terraform's JSON, read as far as that can be done without Terraform. */
export type Evaluated = { readonly known: true; readonly value: unknown } | { readonly known: false };

/** The value of an expression such as `kubernetes_namespace_v1.x.metadata[0].name`, where it is a literal of the same stack. */
export type Lookup = (expression: string) => Evaluated;

const UNKNOWN: Evaluated = { known: false };

/**
 * Reads a text as Terraform does: `$${` and `%%{` stand for `${` and `%{`, `${…}` is looked up. A text that is one expression
 * keeps its value's type. Unknown where any expression is, or where the text has a directive (`%{ if … }`).
 */
export function evaluate(text: string, lookup: Lookup): Evaluated {
  if (!text.includes("${") && !text.includes("%{")) return { known: true, value: text };
  let literal = "";
  for (let i = 0; i < text.length; ) {
    const c = text[i] ?? "";
    if ((c === "$" || c === "%") && text[i + 1] === c && text[i + 2] === "{") {
      literal += `${c}{`;
      i += 3;
    } else if (c === "%" && text[i + 1] === "{") {
      return UNKNOWN;
    } else if (c === "$" && text[i + 1] === "{") {
      const end = closingBrace(text, i + 2);
      if (end < 0) return UNKNOWN;
      const found = lookup(text.slice(i + 2, end).trim());
      if (!found.known) return UNKNOWN;
      if (i === 0 && end === text.length - 1) return found;
      if (typeof found.value === "object") return UNKNOWN;
      literal += String(found.value);
      i = end + 1;
    } else {
      literal += c;
      i += 1;
    }
  }
  return { known: true, value: literal };
}

/** Index of the brace that closes an expression, over nested braces and quoted text. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  let quoted = false;
  for (let i = from; i < text.length; i += 1) {
    const c = text[i];
    if (quoted && c === "\\") i += 1;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === "{") depth += 1;
    else if (!quoted && c === "}") {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return -1;
}
