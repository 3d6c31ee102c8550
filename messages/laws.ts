import { entries } from "./entry.ts";

/** BH35nn: what is wrong with instruments and controls. */
export const lawMessages = entries({
  BH3501: {
    severity: "error",
    text: "'{value}' is no id of a clause",
    remedy: "{hint}",
    explain:
      "Clauses are called <instrument>.<clause> in lower case, so that one name finds a clause in laws, controls, evidence and OSCAL.",
  },
  BH3502: {
    severity: "error",
    text: "the id '{value}' does not begin with the instrument's: '{prefix}.'",
    remedy: "write '{prefix}.' and a short name",
    explain: "An id that names its instrument is found in one guess, and cannot meet another instrument's.",
  },
  BH3503: {
    severity: "error",
    text: "the status from {day} stands after that from {before}",
    remedy: "order the entries by their day, each day once",
    explain: "A status holds from its day until the next entry's day. Out of order, nobody could say which one holds.",
  },
  BH3504: {
    severity: "error",
    text: "clause '{id}' ends on {to}, before it begins on {from}",
    remedy: "exchange the days, or leave out the one that is not known",
    explain:
      "effectiveFrom is the first day and effectiveTo the last day on which a clause holds, where they differ from those of its instrument.",
  },
  BH3505: {
    severity: "error",
    text: "there is no instrument '{value}' to amend",
    remedy: "{hint}",
    explain: "An amendment names the instrument that it changes, by its file's name under policies/laws.",
  },
  BH3506: {
    severity: "error",
    text: "there is no control '{value}', which clause '{clause}' asks for",
    remedy: "{hint}",
    explain:
      "Controls stand in policies/controls/controls.yaml. They join what laws ask for to the rules that serve it, so a name that nobody defines would leave the clause without any rule.",
  },
  BH3507: {
    severity: "error",
    text: "clause '{id}' neither names a control nor says what an auditor has to ask for",
    remedy:
      "add 'controls', or 'manual' with what to ask for; of a standard, a control may name the clause under 'catalogues'",
    explain:
      "A clause that leads nowhere would look as if it were looked after. Either rules serve it, or a person asks.",
  },
  BH3508: {
    severity: "error",
    text: "no standard has the clause '{value}', which control '{control}' names",
    remedy: "{hint}",
    explain:
      "Under 'catalogues' a control names clauses of standards and guidelines under policies/laws. Clauses of laws name their controls themselves.",
  },
  BH3509: {
    severity: "error",
    text: "there is no control '{value}', which rule '{rule}' serves",
    remedy: "{hint}",
    explain:
      "The annotation bhitti.platform/controls of a rule names controls of policies/controls/controls.yaml, parted by commas. A rule whose control nobody defines would count for no clause.",
  },
  BH3510: {
    severity: "error",
    text: "control '{id}' is served by no rule and does not say what an auditor has to ask for",
    remedy: "add 'manual' to it, or write a rule that serves it",
    explain: "Whatever no rule can see a person has to ask about. A control with neither would never be looked at.",
  },
  BH3511: {
    severity: "error",
    text: "no instrument tells the list of data classes '{value}'",
    remedy: "{hint}",
    explain:
      "Sources classify data differently, so each list stands at its instrument under 'classifications', and an environment names the one it follows by dataClassification in environment.yaml. 'bhitti laws show pdpa-2026' shows them.",
  },
});
