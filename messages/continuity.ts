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
  BH1160: {
    severity: "error",
    text: "{what} is of failure level L2, which is restored from a backup, and has none",
    remedy: "name a policy of backup.yaml as its 'backup', or choose another level",
    explain:
      "L2 says that the loss of a site costs what is younger than the last backup, and that the rest comes back. Without a backup nothing does.",
  },
  BH1161: {
    severity: "error",
    text: "{what} is backed up by '{policy}' and states no {key}",
    remedy: "add '{key}: …'",
    explain:
      "How much may be lost (rpo) and how long it may take (rto) is what a backup is judged by, here and in every drill.",
  },
  BH1162: {
    severity: "error",
    text: "every copy of {what} that '{policy}' makes lies at '{site}', where the data is",
    remedy: "add a target at another site to the policy, or name another policy",
    explain: "One fire or flood would take the data and every copy of it.",
  },
  BH1163: {
    severity: "error",
    text: "{what} may lose {rpo}, and '{policy}' makes a backup every {every}",
    remedy: "name a policy that makes them at least as often",
    explain: "What was written since the last backup is lost with the site.",
  },
  BH1164: {
    severity: "error",
    text: "{what} is backed up by '{policy}' and does not say which class of data it holds",
    remedy: "add 'dataClass: …'",
    explain: "The class says where copies may lie, how many there are and how long they are kept.",
  },
  BH1165: {
    severity: "error",
    text: "{what} has to run again within {rto}, and the fastest copy elsewhere, '{target}' of '{policy}', takes {restores}",
    remedy: "name a policy with a faster target, or allow more time",
    explain: "A copy at the site of the data is lost with it, so only those elsewhere count.",
  },
  BH1166: {
    severity: "error",
    text: "{what} holds {dataClass} data and is backed up by '{policy}', and nothing says where copies of that class may lie",
    remedy: "add the class to 'classes' of backup.yaml",
    explain: "Where copies of each class may lie is decided before there are any.",
  },
  BH1167: {
    severity: "error",
    text: "a copy of {what} lies at '{site}' ({country}), target '{target}' of '{policy}'; {dataClass} data may lie {allowed}",
    remedy: "name a policy whose targets lie there",
    explain: "A copy is the data: what holds for the place of one holds for the place of the other.",
  },
  BH1168: {
    severity: "error",
    text: "a copy of {what} at target '{target}' of '{policy}' {lack}, and {dataClass} data asks for more",
    remedy: "name a policy with other targets, or change the target itself",
    explain:
      "Copies that are not encrypted can be read by whoever keeps them, and those that are not locked can be removed by whoever breaks in.",
  },
  BH1169: {
    severity: "error",
    text: "'{policy}' makes {copies} copies of {what}, and {dataClass} data asks for {asked}",
    remedy: "add a target to the policy, or name another policy",
    explain: "The number counts copies beside the data itself.",
  },
  BH1170: {
    severity: "error",
    text: "'{policy}' keeps copies of {what} for {keep}, and {dataClass} data asks for {asked}",
    remedy: "keep them longer, or name another policy",
    explain: "Damage that is found late can only be undone from a copy that is older.",
  },
  BH1171: {
    severity: "error",
    text: "'{name}' has no entry in prices.yaml",
    remedy: "add '- name: {name}' with its prices",
    explain: "A zone's cost counts every item. One without a price would be given away.",
  },
  BH1172: {
    severity: "error",
    text: "the price of '{name}' from {from} stands after that from {before}",
    remedy: "order prices by their first days, each day once",
    explain: "A price holds until the next one begins, so of two that begin on one day neither can be told.",
  },
  BH1173: {
    severity: "error",
    text: "'{name}' has no price on {date}: the first holds from {first}",
    remedy: "ask for a later day, or add the price of that time to prices.yaml",
    explain: "A cost on a day is made of the prices of that day; none is carried back in time.",
  },
  BH1174: {
    severity: "error",
    text: "{quorum} of the role '{role}' have to be there, and {people} hold it",
    remedy: "let more people hold it, or ask for fewer",
    explain: "A quorum that can never come together locks the platform out of its own seed.",
  },
  BH1175: {
    severity: "error",
    text: "nothing checks '{item}'",
    remedy: "add a file, name, port, page, clock or attestation to its checks",
    explain:
      "What nobody looks at is gone on the day that it is needed. Where no machine can look, a person attests it.",
  },
  BH1176: {
    severity: "error",
    text: "the attestation ends on {expires}, before it begins on {issued}",
    remedy: "mend one of the two days",
    explain: "Both days count: an attestation of one day has the same for both.",
  },
  BH1177: {
    severity: "error",
    text: "one of the role '{role}' alone can use the root certificate authority",
    remedy: "ask for a quorum of at least 2",
    explain:
      "Whoever holds the root key can pass for any service of the platform, so no one person may be able to use it.",
  },
  BH1178: {
    severity: "error",
    text: "'{item}' has to stand before itself: {way}",
    remedy: "remove one of the needs",
    explain: "The seed is made in order, each item after what it needs; a circle has no first one.",
  },
  BH1179: {
    severity: "error",
    text: "the environment is not disposable, and its seed has no '{kind}'",
    remedy: "add an item of that kind, with its owner, its place and its checks",
    explain:
      "Without it the first deploy stops half way, or stands on something that nobody answers for; docs/day-zero.md tells what each kind is for.",
  },
  BH1180: {
    severity: "error",
    text: "'{path}' refers to {target}, which does not lie inside the country",
    remedy: "refer to one inside, or add its name or range, with a source, to environments/catalogue/inside.yaml",
    explain:
      "The environment says 'island: true': it has to go on when the country is cut off from the rest of the world. Names count by their end, addresses by their range; private ranges and the environment's own domain count by rule. Everything that lies outside is told in one run.",
  },
  BH1181: {
    severity: "error",
    text: "the environment is an island, and nothing says what lies inside the country",
    remedy: "add environments/catalogue/inside.yaml, or say 'island: false'",
    explain: "Without the list every name would count as inside, or none.",
  },
  BH1185: {
    severity: "error",
    text: "wave '{wave}' needs {needed} {need} for {centres} centres, and {pool} has {there}",
    remedy: "grow {pool}, or carry an earlier wave",
    explain:
      "A wave opens with all that its centres need of the platform, or not at all. Where sources differ in how many centres there are, the most are counted; 'bhitti catalogue' shows what each wave needs.",
  },
  BH1186: {
    severity: "error",
    text: "rate plan '{plan}' allows {allowed} requests a minute, and each centre needs {each}",
    remedy: "widen the plan, or name another one",
    explain: "A centre that is held to less than it needs turns citizens away at its busiest hour.",
  },
  BH1187: {
    severity: "error",
    text: "what the rollout's waves need cannot be known, since the catalogue cannot be read",
    remedy: "mend what 'bhitti catalogue' tells",
    explain:
      "centres.yaml is held against environments/catalogue, which has the waves, the districts and what a centre needs.",
  },
  BH1190: {
    severity: "error",
    text: "'{item}': {what} cannot be had: {reason}",
    remedy: "see that it runs and can be reached from this machine",
    explain:
      "The probe waited as long as --timeout says. A firewall that drops packets looks like a server that is down.",
  },
  BH1191: {
    severity: "error",
    text: "'{item}': {what} is {got}, and {wanted} is wanted",
    remedy: "mend the item, or what seed.yaml says of it",
    explain: "The item answers, but not as seed.yaml says that it does.",
  },
  BH1192: {
    severity: "error",
    text: "'{item}': what {by} attests ended on {expires}",
    remedy: "look again, and renew the attestation: {says}",
    explain: "What no machine can see holds only as long as somebody has looked lately.",
  },
  BH1193: {
    severity: "error",
    text: "'{item}': what {by} attests begins on {issued} only",
    remedy: "wait until then, or attest it now: {says}",
    explain: "An attestation holds from its first day to its last.",
  },
  BH1194: {
    severity: "warning",
    text: "'{item}': what {by} attests ends on {expires}, in {days} days",
    remedy: "look again, and renew it: {says}",
    explain: "It is told thirty days ahead, since whoever attests has to go and look.",
  },
  BH1195: {
    severity: "notice",
    text: "'{item}' cannot be tested from here; {by} attests until {expires}: {says}",
    explain:
      "A safe, a sealed bag or a person's key cannot be seen by a machine. 'bhitti seed check' says so, and checks only that the attestation holds.",
  },
  BH1196: {
    severity: "error",
    text: "environment '{environment}' has no {kind} '{value}'",
    remedy: "{hint}",
    explain: "Zones have files under zones/, severities stand in soc.yaml, sites in sites.yaml.",
  },
  BH1197: {
    severity: "error",
    text: "zone '{zone}' is to be backed up by '{policy}' here, and by '{other}' at {first}",
    remedy: "name one policy for all that the zone keeps, or give one of the services a zone of its own",
    explain:
      "A zone's namespace is backed up as a whole, by one schedule. Of two policies one would be left out, with its interval or its retention.",
  },
  BH1198: {
    severity: "error",
    text: "'{who}' is not told of {severity} incidents, the most severe",
    remedy: "add '- who: {who}' with its time",
    explain:
      "Severities stand from the most to the least severe. Whoever watches, or is named by law, learns at least of the worst; leaving one out would also leave out the bound of its time.",
  },
});
