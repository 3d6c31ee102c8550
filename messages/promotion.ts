import { entries } from "./entry.ts";

/** BH1250 to BH1289: what an environment lacks of the one that it is promoted from. */
export const promotionMessages = entries({
  BH1250: {
    severity: "error",
    text: "'{path}' stands in environment '{environment}' ({where}), and not here",
    remedy: "add it here too, or remove it there",
    explain:
      "An environment that is promoted from another was tried there. What was tried and is missing here was not what was tried; 'bhitti environments diff' shows everything that differs.",
  },
  BH1251: {
    severity: "error",
    text: "'{path}' stands here, and not in environment '{environment}' ({where})",
    remedy: "try it there first, or remove it here",
    explain:
      "Whatever lessens the guard (an opening, an exemption), and whatever has to be equal, is tried in the earlier environment before it stands in the later one.",
  },
  BH1252: {
    severity: "error",
    text: "'{path}' is {value}, and has to be {order} of environment '{environment}': {other} ({where})",
    remedy: "change one of the two",
    explain:
      "Each key has an order: the same, at least, at most, all of. Without one it has to be the same. environments/model/promotion.ts lists them.",
  },
  BH1253: {
    severity: "error",
    text: "this environment is promoted from '{name}', which is {what}",
    remedy: "name another environment of the repository: {known}",
    explain: "Parity is judged against an environment that stands in the same commit.",
  },
});
