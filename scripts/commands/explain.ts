import { EXIT } from "../../contracts.ts";
import { CATALOGUE, type Code } from "../../messages/catalogue.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import { loadControls } from "../../policies/controls/controls.ts";
import type { AnyRule } from "../../policies/estate-rule.ts";
import { allRules } from "../../policies/estate-rules.ts";
import { loadLaws } from "../../policies/laws/laws.ts";
import { explainControl, show } from "./laws.ts";
import type { CommandContext, Outcome } from "./outcome.ts";

/** Language that a rule is told in: ISO 639-1. */
export type Language = "en" | "bn";

/** Words around a rule's own text. */
const WORDS: Readonly<Record<Language, { severity: string; level: string; controls: string; see: string }>> = {
  en: { severity: "severity", level: "level", controls: "controls", see: "see" },
  bn: { severity: "গুরুত্ব", level: "বাধ্যতা", controls: "নিয়ন্ত্রণ", see: "দেখুন" },
};

/**
 * `bhitti explain [code]`: what a message, a rule, a control or a clause means, why Bhitti insists, and what to do. Without a
 * code, lists messages and rules.
 *
 * @param language of a rule's, control's or clause's texts; messages are English
 */
export function explain(context: CommandContext, code: string | undefined, language: Language = "en"): Outcome {
  if (code === undefined) return list(language);
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
  const rule = allRules().find((r) => r.id === code);
  if (rule) return { exitCode: EXIT.fine, json: ruleJson(rule), text: ruleText(rule, language) };
  const controls = loadControls(context.root);
  const control = controls.find(({ id }) => id === code);
  if (control) return explainControl(control, context.root, language);
  const clauses = loadLaws(context.root).flatMap((law) => law.clauses.map(({ id }) => id));
  if (clauses.includes(code)) return show(context, code, { language });
  const known = [
    ...Object.keys(CATALOGUE),
    ...allRules().map(({ id }) => id),
    ...controls.map(({ id }) => id),
    ...clauses,
  ];
  throw new BhittiError(
    message("BH9003", { code, nearest: nearest(code, known) ?? nearest(wanted, known) ?? "BH1001" }),
  );
}

const isCode = (text: string): text is Code => Object.hasOwn(CATALOGUE, text);

const titleOf = (rule: AnyRule, language: Language) => (language === "bn" ? rule.titleBangla : rule.title);

function ruleJson(rule: AnyRule): object {
  const { id, title, titleBangla, rationale, rationaleBangla, reference, severity, level, controls } = rule;
  return { rule: id, title, titleBangla, rationale, rationaleBangla, severity, level, controls, reference };
}

function ruleText(rule: AnyRule, language: Language): string {
  const words = WORDS[language];
  const rationale = language === "bn" ? rule.rationaleBangla : rule.rationale;
  return [
    rule.id,
    titleOf(rule, language),
    "",
    rationale,
    "",
    `${words.severity}: ${rule.severity}`,
    `${words.level}: ${rule.level}`,
    `${words.controls}: ${rule.controls.join(", ")}`,
    `${words.see}: ${rule.reference}`,
  ].join("\n");
}

function list(language: Language): Outcome {
  const codes = Object.entries(CATALOGUE).map(([code, { severity, text }]) => ({ code, severity, text }));
  const rules = allRules().map((rule) => ({ rule: rule.id, title: titleOf(rule, language) }));
  const lines = [
    ...codes.map((c) => `${c.code}  ${c.severity.padEnd(7)}  ${c.text}`),
    "",
    ...rules.map((r) => `${r.rule.padEnd(40)}  ${r.title}`),
  ];
  return { exitCode: EXIT.fine, json: { codes, rules }, text: lines.join("\n") };
}
