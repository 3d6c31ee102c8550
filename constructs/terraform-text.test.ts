import * as fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../estate/template.ts";
import { literalJson, literalText } from "./terraform-text.ts";

test("a text with Terraform's own signs is written as a literal", () => {
  expect(literalText("${HOME} %{if} $x 100%")).toBe("$${HOME} %%{if} $x 100%");
});

test("any text comes back as it was", () => {
  const part = fc.constantFrom("$", "%", "{", "}", "a", '"', "$${", "%%{");
  fc.assert(
    fc.property(
      fc.array(part).map((parts) => parts.join("")),
      (text) => {
        expect(evaluate(literalText(text), () => ({ known: false }))).toEqual({ known: true, value: text });
      },
    ),
  );
});

test("keys and values within JSON are literals too", () => {
  expect(literalJson({ "${k}": ["%{v}", 1, null, true] })).toEqual({ "$${k}": ["%%{v}", 1, null, true] });
});
