import { entries } from "./entry.ts";

/**
 * BH115n to BH119n: who is told of incidents, what is backed up where, what it costs, what stands before the first deploy, what
 * lies inside the country, and what the rollout needs.
 */
export const continuityMessages = entries({
  BH1150: {
    severity: "error",
    text: "{logs} logs are kept {keep}, and {clause} asks for at least {atLeast}",
    remedy: "keep them longer; 'bhitti laws show {clause}' tells the clause",
    explain:
      "The entry names the clause that bounds the retention of its log class and says how it is read. A class that the law says nothing of has no bound.",
  },
  BH1151: {
    severity: "error",
    text: "'{who}' is told of {severity} incidents within {within}, and {clause} asks for {bound}",
    remedy: "tell sooner; 'bhitti laws show {clause}' tells the clause",
    explain:
      "The entry names the clause that bounds the time and says how it is read. A longer time would plan to break it.",
  },
  BH1152: {
    severity: "error",
    text: "'{who}' is told of {severity} incidents within {within}, and of the less severe {lesser} ones within {sooner}",
    remedy: "tell of the more severe ones at least as soon",
    explain: "Severities stand from the most to the least severe, so times can only grow from one to the next.",
  },
  BH1153: {
    severity: "error",
    text: "zone '{zone}' is an agency's and names no sector, so no centre above it is told",
    remedy: "add 'sector: …', one of: {known}",
    explain:
      "Incidents go from a zone to its sector's centre and from there to the national one; soc.yaml lists sectors.",
  },
  BH1154: {
    severity: "error",
    text: "'{who}' is told of {severity} incidents, and soc.yaml has no {who} centre",
    remedy: "add one to 'centres', or leave the entry out",
    explain: "Whoever has to be told has to be named, so that the one who is on duty knows whom to call.",
  },
  BH1155: {
    severity: "error",
    text: "the sector centre '{centre}' reports to nobody",
    remedy: "add 'reportsTo: …', a national centre",
    explain: "What a sector's centre learns has to reach the national one.",
  },
  BH1156: {
    severity: "error",
    text: "there is no clause '{value}'",
    remedy: "{hint}",
    explain: "A clause is called <instrument>.<clause>, as in policies/laws; 'bhitti laws list' lists the instruments.",
  },
});
