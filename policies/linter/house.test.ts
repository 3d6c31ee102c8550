import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatMessage } from "../../messages/message.ts";
import { bindingFor, loadRules } from "../rules.ts";
import { lintPolicies } from "./lint.ts";
import { documentOf, readDocuments } from "./source.ts";

test.each(loadRules().map((rule) => [rule.id, rule] as const))("the linter has nothing against %s", (id, rule) => {
  const file = `policies/rules/${id}/rule.yaml`;
  const { documents } = readDocuments(file, readFileSync(new URL(`../rules/${id}/rule.yaml`, import.meta.url), "utf8"));
  const lint = lintPolicies([...documents, documentOf(bindingFor(rule, "deny"), file)]);
  // An advisory rule refuses nothing, which the linter has to tell of anybody else's.
  const meant = rule.level === "advisory" ? ["BH3112"] : [];
  expect(lint.messages.filter(({ code }) => !meant.includes(code)).map(formatMessage)).toEqual([]);
  expect(lint).toMatchObject({ policies: 1, bindings: 1 });
});
