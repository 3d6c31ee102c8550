import { entries } from "./entry.ts";

const EXPLAIN_VERIFY =
  "'bhitti audit verify' makes declared/ anew from the commit that it names and compares every byte. A file that differs was changed after it was made, or was not made from that commit with the packages of its lock file.";

export const evidenceMessages = entries({
  BH6002: {
    severity: "error",
    text: "git cannot tell about {folder}: {detail}",
    remedy: "audit a clone of the repository with at least one commit",
    explain:
      "Evidence names the commit that it is made from, so that anybody can make it again. Without git there is no commit to name.",
  },
  BH6003: {
    severity: "error",
    text: "this repository has no commit '{commit}'",
    remedy: "fetch it, then run the command again",
    explain:
      "The commit that evidence was made from, or is to be compared to, has to be in the clone that verifies it.",
  },
  BH6004: {
    severity: "error",
    text: "commit {commit} wants other packages than are installed here",
    remedy: "run 'git checkout {commit} && npm ci', then the command again",
    explain:
      "Evidence is made again with the packages of the commit's own package-lock.json. Others might give other verdicts, and the difference would look like a forgery.",
  },
  BH6005: {
    severity: "error",
    text: "the audit of environment '{environment}' at commit {commit} cannot be run: {detail}",
    remedy: "run 'git checkout {commit} && npm ci && npx bhitti audit {environment}' to see more",
    explain: "The commit's own code made no evidence. A commit from before there was an audit cannot be audited.",
  },
  BH6006: {
    severity: "error",
    text: "{folder} holds files that no audit wrote",
    remedy: "name an empty folder with --output",
    explain: "An audit replaces declared/ as a whole, so it only writes where nothing else is lost.",
  },
  BH6007: {
    severity: "error",
    text: "{folder} is no evidence: {detail}",
    remedy: "name the folder that 'bhitti audit --output' wrote",
    explain: "The folder of an audit holds declared/evidence.json, which names environment, commit and day.",
  },
  BH6010: { severity: "error", text: "{file} is not what commit {commit} gives", explain: EXPLAIN_VERIFY },
  BH6011: { severity: "error", text: "{file} is missing, which commit {commit} gives", explain: EXPLAIN_VERIFY },
  BH6012: { severity: "error", text: "{file} is there, which commit {commit} does not give", explain: EXPLAIN_VERIFY },
  BH6013: {
    severity: "error",
    text: "this evidence was made from a worktree that differed from commit {commit}: {files}",
    remedy: "commit, then audit again",
    explain: "What is not in a commit cannot be made again by anybody else, so it cannot be verified.",
  },
  BH6014: {
    severity: "warning",
    text: "the worktree differs from commit {commit}: {files}",
    remedy: "commit before an audit that is handed over; this one is marked as not reproducible",
    explain:
      "Evidence is worth something where somebody else can make the same from the commit. The report says on top that this one cannot be made again.",
  },
});
