import { entries } from "./entry.ts";

/** BH1nnn: what is wrong with an environment's files. */
export const environmentMessages = entries({
  BH1001: {
    severity: "error",
    text: "this is not YAML: {detail}",
    remedy: "{hint}",
    explain:
      "The file could not be parsed as YAML 1.2, so nothing else in it was checked, nor what refers to it. What mostly follows from the first fault is not told.",
  },
  BH1002: {
    severity: "error",
    text: "this file is larger than {limit} bytes",
    remedy: "split it, or leave generated data out of the environment",
    explain: "Files of an environment are written and reviewed by people. A file this large is a mistake or an attack.",
  },
  BH1003: {
    severity: "error",
    text: "this file nests deeper than {limit} levels",
    remedy: "no key of an environment lies that deep; look for brackets that are never closed",
    explain: "No schema of an environment needs this depth, and a parser can be exhausted by it.",
  },
  BH1004: {
    severity: "error",
    text: "key '{key}' stands twice in one mapping: first at {first}",
    remedy: "remove one of the two",
    explain: "YAML parsers differ in which of two equal keys wins, so neither is taken.",
  },
  BH1005: {
    severity: "error",
    text: "this file holds a list or a single value, where keys with values are wanted",
    remedy: "begin with a key; docs/environments.md lists the keys of each file",
    explain: "Every file of an environment is one mapping.",
  },
  BH1006: {
    severity: "error",
    text: "anchors and aliases (& and *) are not taken",
    remedy: "write the value where it holds",
    explain: "A reader should see what holds where it stands, and aliases can make a small file enormous.",
  },
  BH1007: {
    severity: "error",
    text: "this file is empty",
    remedy: "write its keys; docs/environments.md lists them for each file",
    explain: "A file of nothing but comments is empty as well. An environment without zones has no files under zones/.",
  },
  BH1008: {
    severity: "error",
    text: "the tag '{tag}' is not taken",
    remedy: 'remove it; put a text in quotes, e.g. "1.30"',
    explain: "Tags make YAML parsers build values that differ from what stands there, and each parser knows others.",
  },
  BH1009: {
    severity: "error",
    text: "lines that begin with '%' are not taken",
    remedy: "remove it; every file is YAML 1.2",
    explain: "'%YAML 1.1' would turn words such as yes, no and on into true and false, and '%TAG' bends tags.",
  },
  BH1010: {
    severity: "error",
    text: "unknown key '{key}'",
    remedy: "{hint}",
    explain: "An unknown key is most often a mistyped one. Taking it silently would leave its setting at the default.",
  },
  BH1011: {
    severity: "error",
    text: "'{path}' must be {wanted}, this is {got}",
    remedy: "{hint}",
    explain: "The value has another type than the key takes. A number or 'true' that is meant as text needs quotes.",
  },
  BH1012: {
    severity: "error",
    text: "key '{key}' is missing",
    remedy: "add {hint}",
    explain: "The key has no sensible default, so it has to be written.",
  },
  BH1013: {
    severity: "error",
    text: "'{path}' is '{value}', which is none of: {allowed}",
    remedy: "{hint}",
    explain: "The key takes one of a few words.",
  },
  BH1014: {
    severity: "error",
    text: "'{path}' is {value}, which is out of range: {allowed}",
    remedy: "{hint}",
    explain: "The number or length is outside of what makes sense or of what Kubernetes takes.",
  },
  BH1015: {
    severity: "error",
    text: "this file holds {what}",
    remedy: "remove it, or save the file as UTF-8 text",
    explain:
      "Files are UTF-8 text, in any script, Bangla included. Other encodings and control characters would be read as something else than what the editor shows.",
  },
  BH1016: {
    severity: "error",
    text: "'{value}' is no address",
    remedy: "{hint}",
    explain: "An address is IPv4 in four numbers (10.20.0.10) or IPv6 in hexadecimal groups (fd00:20::10).",
  },
  BH1017: {
    severity: "error",
    text: "'{value}' is no e-mail address",
    remedy: "{hint}",
    explain: "The owner of a zone is told of incidents and changes there, so the address has to be one.",
  },
  BH1018: {
    severity: "error",
    text: "'{value}' is no rule's id",
    remedy: "{hint}",
    explain: "A rule is called by its folder under policies/rules: <family>/<rule>. 'bhitti explain' lists them.",
  },
  BH1019: {
    severity: "error",
    text: "'{path}' is no text to read: '{value}'",
    remedy: "{hint}",
    explain: "Titles, descriptions and purposes are for people. They stand in reviews, catalogues and reports.",
  },
  BH1020: {
    severity: "error",
    text: "'{value}' is no valid name",
    remedy: "{hint}",
    explain:
      "Names become Kubernetes names, host names and Terraform addresses, so they take what all of these take: lower-case letters, digits and inner hyphens, beginning with a letter. Clusters take no hyphen, since their names open the names of stacks.",
  },
  BH1021: {
    severity: "error",
    text: "'{value}' is no host name",
    remedy: "{hint}",
    explain: "A fully qualified host name has at least two labels of letters, digits and hyphens (RFC 1123).",
  },
  BH1022: {
    severity: "error",
    text: "'{value}' is no address range",
    remedy: "{hint}",
    explain: "A range is a network address with its prefix length, e.g. 10.20.0.0/16, with no host bit set.",
  },
  BH1023: {
    severity: "error",
    text: "'{value}' is no quantity that '{path}' takes",
    remedy: "{hint}",
    explain:
      "CPU is cores (2, 0.5) or thousandths of one (500m). Memory and storage are bytes with a suffix: Ki, Mi, Gi, Ti, or k, M, G, T for powers of 1000. A number without a suffix needs quotes.",
  },
  BH1024: {
    severity: "error",
    text: "'{value}' is no duration",
    remedy: "{hint}",
    explain:
      "Durations are a whole number, of at most six digits, of seconds, minutes, hours or days: 30s, 5m, 8h, 180d.",
  },
  BH1025: {
    severity: "error",
    text: "'{value}' is no image by digest",
    remedy: "{hint}",
    explain:
      "An image names its registry, so that it cannot come from a default one, and its SHA-256 digest, so that it cannot change: registry.example.gov.bd/team/app@sha256:<64 hex digits>.",
  },
  BH1026: {
    severity: "error",
    text: "'{value}' is no registry prefix",
    remedy: "{hint}",
    explain: "The final '/' keeps 'registry.example.gov.bd.evil.example/' from matching.",
  },
  BH1027: {
    severity: "error",
    text: "'{value}' is not what '{path}' takes",
    remedy: "{hint}",
    explain: "The text has not the form that the key takes.",
  },
  BH1028: {
    severity: "error",
    text: "there is no rule '{value}'",
    remedy: "{hint}",
    explain: "Rules are named <family>/<rule>, as their folders under policies/rules. 'bhitti explain' lists them.",
  },
  BH1029: {
    severity: "error",
    text: "'{value}' is no day",
    remedy: "{hint}",
    explain: "Days are written as year, month and day (ISO 8601): 2027-01-31. They have to exist.",
  },
  BH1030: {
    severity: "error",
    text: "'{name}' stands twice: first at {first}",
    remedy: "give one of the two another name",
    explain: "Names identify things within their list; two of the same name would overwrite each other.",
  },
  BH1031: {
    severity: "error",
    text: "there is no {what}, which '{path}' names",
    remedy: "{hint}",
    explain: "A reference has to name something that the environment describes.",
  },
  BH1032: {
    severity: "error",
    text: "range {value} overlaps {other} of {path} at {where}",
    remedy: "choose ranges that share no address",
    explain: "Two networks with a common address cannot be routed apart, and no deploy can repair that afterwards.",
  },
  BH1033: {
    severity: "error",
    text: "range {value} is public address space",
    remedy: "use private space: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 or fc00::/7",
    explain:
      "Inside a cluster, public addresses that belong to others would make those others unreachable (RFC 1918, 6598, 4193).",
  },
  BH1034: {
    severity: "error",
    text: "the DNS address {value} does not lie in the service range {range}",
    remedy: "choose an address of the service range",
    explain: "The cluster's DNS is a service and has one of the service range's addresses.",
  },
  BH1035: {
    severity: "error",
    text: "host '{value}' does not lie under the environment's domain '{domain}'",
    remedy: "use a name that ends in '.{domain}'",
    explain: "Certificates and DNS of an environment cover its own domain only.",
  },
  BH1036: {
    severity: "error",
    text: "image '{value}' comes from no registry of the environment: {known}",
    remedy: "mirror the image to one of them, or add its registry to environment.yaml",
    explain: "Admission refuses images from any other registry, so the deploy would fail.",
  },
  BH1037: {
    severity: "error",
    text: "API '{api}' carries {got} data, but zone '{zone}' holds at most {allowed}",
    remedy: "raise the zone's dataClass or lower the API's",
    explain:
      "A zone is built for the class of data it states; an API of a higher class would carry data that the zone may not hold.",
  },
  BH1038: {
    severity: "error",
    text: "zone '{zone}' grants itself API '{api}'",
    remedy: "remove the grant: a zone reaches its own services without one",
    explain: "A grant is a permission between two zones.",
  },
  BH1039: {
    severity: "error",
    text: "the services of zone '{zone}' need {needed} {resource}, its quota is {quota}",
    remedy: "raise the quota, or lower replicas or sizes",
    explain:
      "Replicas beyond the quota would never start. The quota has to cover every service at its full number of replicas.",
  },
  BH1040: {
    severity: "error",
    text: "egress to {value} is egress to everywhere, or nearly so",
    remedy: "name the ranges that the zone really calls, at least a /{least} each",
    explain:
      "An opening to everywhere makes the zone's boundary meaningless, for its data and for whoever gets into it. Wider than /8 (IPv4) or /16 (IPv6) is more than any one holder has, so two halves of everywhere do not pass either.",
  },
  BH1041: {
    severity: "error",
    text: "egress to {value} reaches into range {other} of cluster '{cluster}'",
    remedy: "call other zones through the gateway, by an API that they grant",
    explain: "Declared egress is for what lies outside. Inside, it would go around the gateway and its grants.",
  },
  BH1042: {
    severity: "error",
    text: "cluster '{cluster}' has no {what}",
    remedy: "{hint}",
    explain:
      "Each cluster needs its ranges from the ledger and an entry in network.yaml before anything can run in it.",
  },
  BH1043: {
    severity: "error",
    text: "API '{api}' is granted to zone '{consumer}' twice: first at {first}",
    remedy: "keep one grant, with both purposes",
    explain: "Two grants for one consumer would differ in what they allow, and nobody could say which one holds.",
  },
  BH1044: {
    severity: "error",
    text: "host '{host}' is that of {other} too, at {where}",
    remedy: "give each its own host",
    explain: "Whoever calls a host reaches one service. The gateway and the identity service have a certificate each.",
  },
  BH1050: {
    severity: "error",
    text: "file '{file}' is missing",
    remedy: "add it; docs/environments.md says what it holds",
    explain: "An environment has one file for each subject, so that a missing one is seen.",
  },
  BH1051: {
    severity: "error",
    text: "nothing reads the file '{file}'",
    remedy: "{hint}",
    explain: "An unread file is most often a mistyped name, and what it says would be missing without a word.",
  },
  BH1052: {
    severity: "error",
    text: "the name is '{value}', but the {what} is called '{expected}'",
    remedy: "give both the same name",
    explain: "Names of environments and zones are their folder's or file's, so that each is found in one guess.",
  },
  BH1053: {
    severity: "error",
    text: "'{file}' cannot be read: {reason}",
    remedy: "put {wanted} there; links are not followed",
    explain:
      "What was reviewed in git is what is read: files and folders themselves, not links to somewhere else on the machine.",
  },
  BH1060: {
    severity: "error",
    text: "ministry '{ministry}' has {count} of the two services that every ministry brings at least",
    remedy: "add what is missing, or leave the ministry out until it has two",
    explain: "All ministries were told to bring at least two of their services to the platform.",
  },
  BH1061: {
    severity: "error",
    text: "{stated} services are said to be hosted, and {listed} are listed",
    remedy: "list them all, or correct the number and its source",
    explain: "The number is published; a list that differs from it is not the one that was published.",
  },
  BH1062: {
    severity: "error",
    text: "'{unit}' of district '{district}' has no count from source '{source}'",
    remedy: "add '{source}: …'",
    explain: "Where sources differ, each has its say for every district: sums from part of a list would be wrong.",
  },
  BH1063: {
    severity: "error",
    text: "wave '{wave}' opens on {from}, not after wave '{before}' on {earlier}",
    remedy: "put waves in the order in which they open, each on a later day",
    explain: "A wave opens when the gates of the one before it hold, so it cannot open first.",
  },
  BH1070: {
    severity: "error",
    text: "line {nth} of pool '{pool}' has {value}, and has to have {expected}",
    remedy: "restore the line as it was; add others with 'bhitti allocate'",
    explain:
      "The ledger only grows: the nth line of a pool has its nth number. A line that was removed, moved or edited would give a number to a second holder, or leave a gap that nobody could explain.",
  },
  BH1071: {
    severity: "error",
    text: "'{holder}' holds {use} already, at {first}",
    remedy: "give one of the two back with 'released: <day>'",
    explain: "Each cluster has one range for each use, and each site one number; which of two would hold is not known.",
  },
  BH1072: {
    severity: "error",
    text: "pool '{pool}' is not this owner's",
    remedy: "it is taken from in ledger/{owner}.yaml",
    explain:
      "Each pool has one owner and each owner one file, so that two requests at the same time never take the same number.",
  },
  BH1073: {
    severity: "error",
    text: "blocks of /{prefix} cannot be cut from {range}",
    remedy: "choose a prefix length from {least} to {most}",
    explain: "A block is a part of its pool, so its prefix is at least as long.",
  },
  BH1074: {
    severity: "error",
    text: "the pool's last number {last} is below its first, {first}",
    remedy: "put the lower number into 'first'",
    explain: "A pool of numbers goes from its first number to its last, both included.",
  },
  BH1075: {
    severity: "error",
    text: "pool '{pool}' has no more than {count}",
    remedy: "add another pool of the same use; widening this one is safe only at its end",
    explain: "A pool that is used up gives nothing. Its lines stay as they are.",
  },
  BH1076: {
    severity: "error",
    text: "{file} cannot be added to: {reason}",
    remedy: "write the list as one entry a line, the last key of its file's list, as 'bhitti allocate' does",
    explain: "Adding keeps every byte that stands in the file, comments included, so the list has to be in block form.",
  },
  BH1080: {
    severity: "error",
    text: "this is said to be public, and no source says so",
    remedy: "add 'source: …' with the public text, or say 'basis: assumed'",
    explain:
      "Evidence rests on facts. Whoever reads it has to be able to look a public fact up; what cannot be looked up is an assumption.",
  },
  BH1081: {
    severity: "error",
    text: "rack '{rack}' stands in fault zone '{zone}' here and in '{other}' at {first}",
    remedy: "name one fault zone for all hosts of the rack, or another rack",
    explain:
      "A rack stands in one place: its hosts fail together, and what is spread over fault zones must not share it.",
  },
  BH1082: {
    severity: "error",
    text: "cluster '{cluster}' is made by Cluster API, and no cluster is named that makes it",
    remedy: "add 'managedBy: <management cluster>'",
    explain: "Cluster API runs in a management cluster, which makes machines and control planes of the others.",
  },
  BH1083: {
    severity: "error",
    text: "cluster '{cluster}' cannot be made by '{managedBy}'",
    remedy: "name another cluster whose purpose is management",
    explain: "Only a management cluster runs Cluster API, and no cluster makes itself.",
  },
  BH1084: {
    severity: "error",
    text: "a control plane has an odd number of nodes, not {count}",
    remedy: "take 1, 3 or 5 nodes",
    explain:
      "etcd needs more than half of its members. An even number adds a machine that can fail, and none whose failure is survived.",
  },
  BH1085: {
    severity: "error",
    text: "{level} survives the loss of its site, and no cluster at another site is named",
    remedy: "add 'standby: <cluster at another site>', or state L1",
    explain:
      "L2 is restored, L3 waits and L4 runs at another site. L1 may lose its data and stay down while its site is lost.",
  },
  BH1086: {
    severity: "error",
    text: "standby cluster '{standby}' is at site '{site}' as well",
    remedy: "name a cluster at another site",
    explain: "What is lost with the site would be lost with its standby.",
  },
  BH1087: {
    severity: "error",
    text: "site '{site}' has {there} hosts of type '{nodeType}', and node pools need {needed} up to here",
    remedy: "take fewer nodes, or add hosts to inventory.yaml",
    explain: "Each node is a host of its cluster's site, and no host is in two clusters.",
  },
});
