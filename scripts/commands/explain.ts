import { EXIT } from "../../contracts.ts";
import { CATALOGUE, type Code } from "../../messages/catalogue.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import { loadRules } from "../../policies/rules.ts";
import type { Outcome } from "./outcome.ts";

/** `bhitti explain [code]`: what a message or a rule means, why Bhitti insists, and what to do. Without a code, lists them. */
export function explain(code: string | undefined): Outcome {
  if (code === undefined) return list();
  const wanted = code.toUpperCase();
  if (isCode(wanted)) {
    const entry = CATALOGUE[wanted];
    const remedy = entry.remedy ? `\nremedy:  ${entry.remedy}` : "";
    return {
      exitCode: EXIT.fine,
      json: { code: wanted, ...entry },
      text: `${wanted} (${entry.severity})\nsays:    ${entry.text}${remedy}\n\n${entry.explain}`,
    };
  }
  const rule = loadRules().find((r) => r.id === code);
  if (rule) {
    return {
      exitCode: EXIT.fine,
      json: { rule: rule.id, title: rule.title, rationale: rule.rationale, reference: rule.reference },
      text: `${rule.id}\n${rule.title}\n\n${rule.rationale}\n\nsee ${rule.reference}`,
    };
  }
  const known = [...Object.keys(CATALOGUE), ...loadRules().map((r) => r.id)];
  throw new BhittiError(
    message("BH9003", { code, nearest: nearest(code.includes("/") ? code : wanted, known) ?? "BH1001" }),
  );
}

const isCode = (text: string): text is Code => Object.hasOwn(CATALOGUE, text);

function list(): Outcome {
  const codes = Object.entries(CATALOGUE).map(([code, { severity, text }]) => ({ code, severity, text }));
  const rules = loadRules().map(({ id, title }) => ({ rule: id, title }));
  const lines = [
    ...codes.map((c) => `${c.code}  ${c.severity.padEnd(7)}  ${c.text}`),
    "",
    ...rules.map((r) => `${r.rule.padEnd(40)}  ${r.title}`),
  ];
  return { exitCode: EXIT.fine, json: { codes, rules }, text: lines.join("\n") };
}
