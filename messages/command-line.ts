import { entries } from "./entry.ts";

export const commandLineMessages = entries({
  BH9001: {
    severity: "error",
    text: "there is no environment '{name}'",
    remedy: "use one of: {known}",
    explain: "An environment is a folder under environments/ with an environment.yaml. Its name is the folder's name.",
  },
  BH9002: {
    severity: "error",
    text: "{detail}",
    remedy: "see 'bhitti {command} --help'",
    explain: "The words after a command are not what the command takes.",
  },
  BH9003: {
    severity: "error",
    text: "there is no message '{code}'",
    remedy: "did you mean {nearest}?",
    explain: "Codes look like BH1001. 'bhitti explain' without a code lists them all.",
  },
  BH9999: {
    severity: "error",
    text: "a defect of Bhitti itself: {detail}",
    remedy: "run again with BHITTI_DEBUG=1 for the stack and report it",
    explain: "Nothing that you wrote should make Bhitti fail this way.",
  },
});
