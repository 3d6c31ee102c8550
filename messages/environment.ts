import { entries } from "./entry.ts";

/** BH1nnn: what is wrong with an environment's files. */
export const environmentMessages = entries({
  BH1001: {
    severity: "error",
    text: "this is not YAML: {detail}",
    remedy: "mend the line; often it is an indentation, a missing ':' or an unclosed quote",
    explain: "The file could not be parsed as YAML 1.2, so nothing in it was checked. Tabs may not indent.",
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
    text: "the same key stands twice in one mapping",
    remedy: "remove one of the two",
    explain: "YAML parsers differ in which of two equal keys wins, so neither is taken.",
  },
  BH1005: {
    severity: "error",
    text: "this file holds no mapping of keys to values",
    remedy: "begin with a key, e.g. 'name: …'; docs/environments.md lists the keys of each file",
    explain: "Every file of an environment is one mapping. This one is empty, a list or a single value.",
  },
  BH1006: {
    severity: "error",
    text: "anchors and aliases (& and *) are not taken",
    remedy: "write the value where it holds",
    explain: "A reader should see what holds where it stands, and aliases can make a small file enormous.",
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
    remedy: "add it: {hint}",
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
    remedy: "choose a value in range",
    explain: "The number or length is outside of what makes sense or of what Kubernetes takes.",
  },
  BH1020: {
    severity: "error",
    text: "'{value}' is no valid name",
    remedy:
      "use lower-case letters, digits and inner hyphens, beginning with a letter, e.g. 'citizen-services'; clusters take no hyphen",
    explain: "Names become Kubernetes names, host names and Terraform addresses, so they take what all of these take.",
  },
  BH1021: {
    severity: "error",
    text: "'{value}' is no host name",
    remedy: "write a full host name in lower case, e.g. 'api.example.gov.bd'",
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
    text: "'{value}' is no quantity",
    remedy: "write it as Kubernetes does, in quotes if it is a bare number: '500m', '2', '512Mi'",
    explain: "Quantities are numbers with an optional suffix: m, k, M, G, T or Ki, Mi, Gi, Ti.",
  },
  BH1024: {
    severity: "error",
    text: "'{value}' is no duration",
    remedy: "write a whole number with a unit: 30s, 5m, 8h or 180d",
    explain: "Durations are a whole number of seconds, minutes, hours or days.",
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
    remedy: "write the registry's host, a path and a final '/', e.g. 'registry.example.gov.bd/platform/'",
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
  BH1030: {
    severity: "error",
    text: "'{name}' stands twice: first at {first}",
    remedy: "give one of the two another name",
    explain: "Names identify things within their list; two of the same name would overwrite each other.",
  },
  BH1031: {
    severity: "error",
    text: "'{path}' names {kind} '{value}', which does not exist",
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
    text: "the services of zone '{zone}' need {needed} of {resource}, its quota is {quota}",
    remedy: "raise the quota, or lower replicas or sizes",
    explain:
      "Replicas beyond the quota would never start. The quota has to cover every service at its full number of replicas.",
  },
  BH1040: {
    severity: "error",
    text: "egress to {value} is egress to everywhere",
    remedy: "name the ranges that the zone really calls",
    explain:
      "An opening to everywhere makes the zone's boundary meaningless, for its data and for whoever gets into it.",
  },
  BH1041: {
    severity: "error",
    text: "egress to {value} reaches into range {other} of cluster '{cluster}'",
    remedy: "call other zones through the gateway, by an API that they grant",
    explain: "Declared egress is for what lies outside. Inside, it would go around the gateway and its grants.",
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
});
