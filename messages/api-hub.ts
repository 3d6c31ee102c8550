import { entries } from "./entry.ts";

/** BH11nn: what is wrong with, or to be said of, agencies, published APIs, their grants, and how sure realms are of people. */
export const apiHubMessages = entries({
  BH1100: {
    severity: "error",
    text: "zone '{zone}' is an agency's and names none",
    remedy: "add 'agency: …', one of agencies.yaml, or say 'tenant: partner'",
    explain:
      "Who owns what a public body publishes is asked by its name, so a zone of tenant 'agency' names its agency of agencies.yaml, whose title, ministry and source stand there once.",
  },
  BH1101: {
    severity: "error",
    text: "zone '{zone}' is a partner's and names agency '{agency}'",
    remedy: "remove the key, or say 'tenant: agency'",
    explain:
      "A partner's zone answers for itself, as 'owner' states it. Naming an agency would make the agency the owner of what the partner publishes.",
  },
  BH1102: {
    severity: "error",
    text: "field '{field}' of API '{api}' stands twice: first at {first}",
    remedy: "remove one of the two",
    explain: "A field is granted or asked for once; a list that names it twice was most likely meant to name another.",
  },
  BH1103: {
    severity: "error",
    text: "field '{field}' holds {got} data, above the {allowed} that API '{api}' states",
    remedy: "raise the API's dataClass, or lower the field's",
    explain:
      "An API states the highest class of all it carries: zones, routes and rules go by that. Fields may be lower, so that they can be granted to zones that may not hold the rest.",
  },
  BH1104: {
    severity: "error",
    text: "API '{api}' has no field '{field}'",
    remedy: "{hint}",
    explain:
      "A grant or a request is never wider than its API. Fields are those that the API's publisher lists under 'fields'; a field that is new is added there first.",
  },
  BH1105: {
    severity: "error",
    text: "the grant of API '{api}' to '{consumer}' lasts until {expires}, but the API is gone after {deprecated}",
    remedy: "let the grant end on that day or earlier, and grant the next version",
    explain:
      "A grant is never wider than its API, in time either. 'deprecated' is the last day on which the API is served.",
  },
  BH1106: {
    severity: "error",
    text: "field '{field}' of API '{api}' is {got}, but zone '{zone}' holds at most {allowed}",
    remedy: "leave the field out, or raise the zone's dataClass",
    explain:
      "A zone is built for the highest class of data that it states: what guards it, who may look into it and where its backups lie follow from that. So it is given only fields of that class or below, even where the API carries more.",
  },
  BH1107: {
    severity: "error",
    text: "the grant of API '{api}' to '{consumer}' ends on {expires}, before it begins on {granted}",
    remedy: "write the day of the agreement into 'granted' and the last day into 'expires'",
    explain: "A grant holds from the day on which its owner agreed to its last day, both included.",
  },
  BH1108: {
    severity: "error",
    text: "API '{api}' promises an answer within {latency} ms, but is cut off after {timeout}",
    remedy: "promise less than the timeout, or raise the timeout",
    explain:
      "The gateway gives up after 'timeout', so an answer that comes later never comes. A promise above it could be kept by failing.",
  },
  BH1109: {
    severity: "error",
    text: "API '{api}' is granted to '{consumer}' on {granted}, but the zone is suspended since {since}",
    remedy: "remove the grant, or have the suspension lifted in gateway.yaml",
    explain:
      "A suspension closes what a zone was granted before, and says so by a notice: the grants stay as they are, for the day on which it is lifted. A new grant to a suspended zone is a contradiction that somebody has to resolve.",
  },
  BH1110: {
    severity: "error",
    text: "zone '{zone}' asks for level '{wanted}', but its realm '{realm}' gives '{got}'",
    remedy: "choose a realm that gives it, or ask for less",
    explain:
      "Levels stand in identity.yaml, from the weakest to the strongest. People reach a zone through its realm, so they are known there no better than the realm knows them.",
  },
  BH1111: {
    severity: "error",
    text: "API '{api}' asks for level '{wanted}', but realm '{realm}' of consumer '{consumer}' gives '{got}'",
    remedy: "grant it to a zone of a stronger realm, or ask for less",
    explain:
      "A consumer calls on behalf of people who signed in to its realm. Where the realm knows them less well than the API's owner asks for, the owner's data would go out to people who were never properly identified.",
  },
  BH1112: {
    severity: "error",
    text: "realm '{realm}' claims level '{level}', which needs a second factor, and leaves it optional",
    remedy: "say 'secondFactor: required', or claim a lower level",
    explain: "A realm's level is what each of its sign-ins reaches, so whatever the level needs cannot be optional.",
  },
  BH1113: {
    severity: "error",
    text: "realm '{realm}' claims level '{level}', which needs an identity source, and has none",
    remedy: "add 'identitySource: …', one of identitySources, or claim a lower level",
    explain:
      "The level says that the authority for people's identity confirms who signs in. A realm that knows people only by what they state about themselves cannot give it.",
  },
  BH1115: {
    severity: "error",
    text: "API '{api}' is asked for twice: first at {first}",
    remedy: "ask once, with all fields",
    explain: "An API's owner grants one request of a zone; of two, nobody could say which one was granted.",
  },
  BH1116: {
    severity: "error",
    text: "zone '{zone}' asks for its own API '{api}'",
    remedy: "remove the request: a zone reaches its own services without one",
    explain: "A grant is a permission between two zones.",
  },
  BH1117: {
    severity: "error",
    text: "zone '{zone}' is suspended twice: first at {first}",
    remedy: "keep one line, with both reasons",
    explain:
      "One line closes all that a zone was granted, and removing it opens it again. Of two, whoever removes one would think that the zone is open.",
  },
  BH1130: {
    severity: "error",
    text: "the grant of API '{api}' to '{consumer}' ended on {expires}; this is judged as on {asOf}",
    remedy: "remove it, or have its owner renew it with a later day",
    explain:
      "A grant has a last day because its purpose and its legal basis are looked at again by then. What is synthesized follows from the commit alone and never from the day, so nothing closes by itself: a grant that has ended stops the next check and deploy until somebody decides. Thirty days before, a notice tells of it.",
  },
  BH1131: {
    severity: "notice",
    text: "the grant of API '{api}' to '{consumer}' ends on {expires}, in {days} days",
    remedy: "have its owner renew it, or both sides prepare for its end",
    explain:
      "Told in the last thirty days of a grant, counted from the day that is judged. After its last day it is an error.",
  },
  BH1132: {
    severity: "error",
    text: "API '{api}' was to be served until {deprecated}; this is judged as on {asOf}",
    remedy: "remove it with its grants, or set a later day",
    explain:
      "Consumers were told the day on which the API ends: it stands in the 'sunset' header of each of its answers. It closes when it is removed, not by itself.",
  },
  BH1133: {
    severity: "notice",
    text: "'{consumer}' asks for API '{api}', which its owner '{owner}' has not granted: nothing is open",
    remedy: "the owner adds a grant in zones/{zone}.yaml, for the same purpose",
    explain:
      "A grant is in force once both sides stand: the request in the consumer's file, the grant in the publisher's. One that waits for its owner opens no flow, no scope and no route.",
  },
  BH1134: {
    severity: "notice",
    text: "API '{api}' is granted to '{consumer}', which does not ask for it: nothing is open",
    remedy: "the consumer adds it to 'uses' in zones/{consumer}.yaml, or the owner removes the grant",
    explain:
      "A grant is in force once both sides stand. One that nobody asks for opens nothing, and should not lie about unneeded.",
  },
  BH1135: {
    severity: "notice",
    text: "'{consumer}' asks for {fields} of API '{api}', which its owner '{owner}' has not granted: the other fields are open",
    remedy: "the owner adds them to the grant in zones/{zone}.yaml, or the consumer leaves them out",
    explain: "Only fields that both sides name are open; each that waits for the API's owner stays closed.",
  },
  BH1136: {
    severity: "notice",
    text: "'{consumer}' asks for API '{api}' to '{purpose}', and its owner granted it to '{granted}': nothing is open",
    remedy: "both sides write the same purpose",
    explain:
      "Data is given for one purpose. Where a consumer changes what it wants it for, the owner's agreement does not cover that, and the grant waits until the owner agrees to the new purpose.",
  },
  BH1137: {
    severity: "notice",
    text: "zone '{zone}' is suspended since {since}, which closes {count} of its grants ({apis}): {reason}",
    remedy: "once the reason is gone, remove the line",
    explain:
      "One line in gateway.yaml closes everything that a zone was granted: routes, flows, rates, the audiences of its tokens, and its login client. The grants stay in their files. What the zone publishes stays open to its consumers.",
  },
  BH1138: {
    severity: "error",
    text: "API '{api}' is granted to '{consumer}' from {granted} on; this is judged as on {asOf}",
    remedy: "add the grant on that day, or correct the day",
    explain:
      "What is synthesized follows from the commit alone: a grant that stands in the files is open once it is deployed, so it cannot begin on a later day.",
  },
  BH1139: {
    severity: "notice",
    text: "API '{api}' is served until {deprecated}",
    remedy: "move its consumers to the next version",
    explain: "Told in the last thirty days of an API, counted from the day that is judged.",
  },
});
