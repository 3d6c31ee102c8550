import { entries } from "./entry.ts";

export const commandLineMessages = entries({
  BH9001: {
    severity: "error",
    text: "there is no environment '{name}'",
    remedy: "did you mean {nearest}? there are: {known}",
    explain: "An environment is a folder under environments/ with an environment.yaml. Its name is the folder's name.",
  },
  BH9002: {
    severity: "error",
    text: "{detail}",
    remedy: "'bhitti {command}--help' lists what there is",
    explain: "The words after a command are not what the command takes.",
  },
  BH9003: {
    severity: "error",
    text: "there is no message, rule, control or clause '{code}'",
    remedy: "did you mean {nearest}?",
    explain:
      "Messages look like BH1001, rules like network/declared-flows, controls like least-privilege, clauses like pdpa-2026.consent. 'bhitti explain' alone lists messages and rules, 'bhitti laws list' the instruments that clauses belong to.",
  },
  BH9004: {
    severity: "error",
    text: "there is no instrument and no clause '{id}'",
    remedy: "did you mean {nearest}? 'bhitti laws list' lists the instruments",
    explain: "Instruments are called as their files under policies/laws, clauses <instrument>.<clause>.",
  },
  BH9005: {
    severity: "error",
    text: "'{value}' of {option} is no day",
    remedy: "write a day of the calendar as year, month and day, e.g. 2027-05-13",
    explain:
      "The law is that of one day. Days are written YYYY-MM-DD (ISO 8601), so that they sort and mean the same everywhere.",
  },
  BH9010: {
    severity: "error",
    text: "{address} cannot be exported: only Terraform knows {paths}",
    remedy: "put the value into the environment instead of referring to another resource",
    explain:
      "A plain manifest holds values, not Terraform expressions. Objects that refer to what Terraform learns while it applies can only be deployed by Terraform.",
  },
  BH9011: {
    severity: "error",
    text: "{address} cannot be exported: {reason}",
    remedy: "deploy this environment with the terraform engine, or leave the resource out",
    explain: "An export that left something out would not be the environment, so nothing is written.",
  },
  BH9012: {
    severity: "error",
    text: "{folder} holds files that no export wrote",
    remedy: "name another folder with --output, or empty it yourself",
    explain:
      "Export empties its folder first, so that objects which left the environment leave the folder too. It never empties a folder of somebody else's.",
  },
  BH9013: {
    severity: "error",
    text: "process {pid} works on environment '{environment}'",
    remedy: "wait until it is done, then run again",
    explain:
      "Commands of one environment write the same stacks and state in this checkout, so one at a time does. The lock goes away with the process that holds it.",
  },
  BH9014: {
    severity: "error",
    text: "'{path}' cannot be used ({action}): {reason}",
    remedy: "see to the rights of the folder, the space on its disk and what stands there, then run again",
    explain:
      "Bhitti writes stacks, locks and the local cluster below cdktf.out/ and .bhitti/ of the repository, programs into $XDG_CACHE_HOME/bhitti (~/.cache/bhitti), and what --output names. This machine did not let it.",
  },
  BH9020: {
    severity: "error",
    text: "environment '{environment}' has no pool '{pool}'",
    remedy: "{hint}",
    explain: "Pools of addresses and numbers are stated in the environment's network.yaml.",
  },
  BH9021: {
    severity: "error",
    text: "there is no {kind} '{holder}'",
    remedy: "{hint}; state it first",
    explain:
      "Ranges are held by clusters and other numbers by sites, which have to be stated before they hold anything.",
  },
  BH9999: {
    severity: "error",
    text: "a defect of Bhitti itself: {detail}",
    remedy: "run again with BHITTI_DEBUG=1 for the stack and report it",
    explain: "Nothing that you wrote should make Bhitti fail this way.",
  },
});
