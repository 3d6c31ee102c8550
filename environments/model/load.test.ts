import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { environmentMessages } from "../../messages/environment.ts";
import { BhittiError } from "../../messages/message.ts";
import { environmentNames, loadEnvironment } from "./load.ts";
import { local, localCopies, type Patch, patch, root, spelled, toldOf } from "./testing.ts";

const { scratch, copy: copyOfLocal } = localCopies();

/** Every file of the local environment. */
const FILES = [
  ...[
    "environment",
    "sites",
    "clusters",
    "network",
    "gateway",
    "identity",
    "soc",
    "backup",
    "seed",
    "guardrails",
    "agencies",
  ].map((f) => `${f}.yaml`),
  "ledger/platform.yaml",
  "zones/bill-payment.yaml",
  "zones/citizen-services.yaml",
];

test("the local environment loads, and every path leads to its line", () => {
  const { positions, zones } = loadEnvironment(root, "local");
  expect(zones.map((z) => z.name)).toEqual(["bill-payment", "citizen-services"]);
  const at = (path: string): string => {
    const { file, line, column } = positions(path);
    const short = file.replace("environments/local/", "");
    return `${short}: ${spelled(root, short, line, column)}`;
  };
  expect(at("zones.bill-payment.quota")).toBe('zones/bill-payment.yaml: quota: ▸{ cpu: "2", memory: ');
  expect(at("zones.bill-payment.nothing.of.this")).toBe("zones/bill-payment.yaml: ▸name: bill-payment");
  expect(at("zones.citizen-services.services.certificates.port")).toBe("zones/citizen-services.yaml: port: ▸8080");
  expect(at("zones.nobody")).toBe("environment.yaml: ▸name: local");
  expect(at("zones.bill-payment.apis.payments.grants.citizen-services.purpose")).toBe(
    "zones/bill-payment.yaml: purpose: ▸collect the fee of a",
  );
  expect(at("zones.bill-payment.apis.payments.constructor")).toBe(at("zones.bill-payment.apis.payments"));
  expect(at("realms.partners.assurance")).toBe("identity.yaml: assurance: ▸substantial");
  expect(at("gateway")).toBe("gateway.yaml: ▸cluster: local");
  expect(at("network.clusters.local.pods")).toBe("network.yaml: - ▸cluster: local");
  expect(at("soc.sink.retention.zones.keep")).toBe("soc.yaml: keep: ▸30d");
  expect(at("registries.registry.local.bhitti.test/zones/{zone}/.purpose")).toBe(
    "environment.yaml: purpose: ▸services of the zone",
  );
  expect(at("")).toBe("environment.yaml: ▸name: local");
});

test("two environments that differ in nothing but lines differ in nothing but positions", () => {
  const copy = copyOfLocal();
  patch(copy, "soc.yaml", [["sink:", "# moved down\n\nsink:"]]);
  const [moved, plain] = [loadEnvironment(copy, "local"), loadEnvironment(root, "local")];
  expect({ ...moved, positions: plain.positions }).toEqual(plain);
  expect(moved.positions("soc.sink").line).toBe(plain.positions("soc.sink").line + 2);
});

test("names of rooms beside the environments are no environments", () => {
  expect(environmentNames(root)).toContain("local");
  for (const room of ["model", "schemas", "catalogue"]) expect(environmentNames(root)).not.toContain(room);
  expect(environmentNames(join(scratch, "nowhere"))).toEqual([]);
});

test.each([
  ["locla", /BH9001 there is no environment 'locla'; did you mean local\? there are: local/],
  ["model", /BH9001 there is no environment 'model'/],
  ["../environments/local", /BH9001 there is no environment/],
  ["__proto__", /BH9001 there is no environment/],
])("an environment called %s is met with those that there are", (name, told) => {
  expect(() => loadEnvironment(copyOfLocal(), name)).toThrow(told);
});

/** The local environment with one fault, and everything that is told of it: each place, code and text. */
const CASES: readonly {
  readonly title: string;
  readonly file: string;
  readonly patches: readonly Patch[];
  readonly told: readonly string[];
}[] = [
  {
    title: "a second colon in a line",
    file: "soc.yaml",
    patches: [["cluster: local", "cluster: : local"]],
    told: [
      "soc.yaml(cluster: ▸: local) BH1001 this is not YAML: a second ': ' stands in one line, or the line below is indented too far; put a text that holds ': ' in quotes, or give lines of one mapping the same indentation",
    ],
  },
  {
    title: "a tab that indents",
    file: "soc.yaml",
    patches: [["  cluster: local", "\tcluster: local"]],
    told: ["soc.yaml(▸\tcluster: local) BH1001 this is not YAML: a tab indents this line; indent with spaces"],
  },
  {
    title: "a quote that is never closed",
    file: "zones/bill-payment.yaml",
    patches: [["title: Pay a public fee", 'title: "Pay a public fee']],
    told: [
      'zones/bill-payment.yaml(title: ▸"Pay a public fee) BH1001 this is not YAML: a quote is opened here and never closed; close it',
    ],
  },
  {
    title: "a bracket that is never closed",
    file: "gateway.yaml",
    patches: [["[citizens]", "[citizens"]],
    told: [
      "gateway.yaml(▸basis: illustrative) BH1001 this is not YAML: a '[' that is opened before this is never closed; close it with ']'",
    ],
  },
  {
    title: "a key without a colon",
    file: "zones/bill-payment.yaml",
    patches: [["title: Pay a public fee", "title Pay a public fee"]],
    told: [
      "zones/bill-payment.yaml(▸title Pay a public f) BH1001 this is not YAML: this line has no ': ' after its key; write 'key: value', with a space after the colon",
    ],
  },
  {
    title: "a line that is indented otherwise",
    file: "zones/bill-payment.yaml",
    patches: [["    title: Pay", "   title: Pay"]],
    told: [
      "zones/bill-payment.yaml(▸   title: Pay a publ) BH1001 this is not YAML: this line's indentation fits no line above it; give lines of one mapping the same indentation",
    ],
  },
  {
    title: "a second document",
    file: "soc.yaml",
    patches: [[/$/, "---\nsink: {}\n"]],
    told: [
      "soc.yaml(▸---) BH1001 this is not YAML: '---' begins a second document here; one file holds one document: remove the line",
    ],
  },
  {
    title: "a file that is too large",
    file: "soc.yaml",
    patches: [[/$/, `# ${"x".repeat(1024 * 1024)}`]],
    told: [
      "soc.yaml(▸# yaml-language-serv) BH1002 this file is larger than 1048576 bytes; split it, or leave generated data out of the environment",
    ],
  },
  {
    title: "brackets in brackets",
    file: "soc.yaml",
    patches: [[/$/, `x: ${"[".repeat(70)}${"]".repeat(70)}\n`]],
    told: [
      "soc.yaml(x: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[▸[[[[[[]]]]]]]]]]]]]]) BH1003 this file nests deeper than 64 levels; no key of an environment lies that deep; look for brackets that are never closed",
    ],
  },
  {
    title: "a key twice, and what else is wrong in the file",
    file: "soc.yaml",
    patches: [
      ["  cluster: local", "  cluster: local\n  cluster: local"],
      ["replicas: 1", "replicas: 0"],
    ],
    told: [
      "soc.yaml(▸cluster: local #2) BH1004 key 'cluster' stands twice in one mapping: first at soc.yaml(▸cluster: local); remove one of the two",
      "soc.yaml(replicas: ▸0) BH1014 'sink.replicas' is 0, which is out of range: 1 to 50; choose a number in range",
    ],
  },
  {
    title: "a list where a mapping is wanted",
    file: "guardrails.yaml",
    patches: [[/stage[\s\S]*$/, "- a\n"]],
    told: [
      "guardrails.yaml(▸- a) BH1005 this file holds a list or a single value, where keys with values are wanted; begin with a key; docs/environments.md lists the keys of each file",
    ],
  },
  {
    title: "an anchor and its alias",
    file: "soc.yaml",
    patches: [
      ["cluster: local", "cluster: &x local"],
      ["basis: illustrative", "basis: *x"],
    ],
    told: [
      "soc.yaml(cluster: &x ▸local) BH1006 anchors and aliases (& and *) are not taken; write the value where it holds",
      "soc.yaml(basis: ▸*x) BH1006 anchors and aliases (& and *) are not taken; write the value where it holds",
    ],
  },
  {
    title: "a file of comments only",
    file: "soc.yaml",
    patches: [[/^[\s\S]*$/, "# later\n"]],
    told: [
      "soc.yaml(▸# later) BH1007 this file is empty; write its keys; docs/environments.md lists them for each file",
    ],
  },
  {
    title: "a tag",
    file: "soc.yaml",
    patches: [["cluster: local", "cluster: !!str local"]],
    told: [
      "soc.yaml(cluster: !!str ▸local) BH1008 the tag '!!str' is not taken; remove it; put a text in quotes, e.g. \"1.30\"",
    ],
  },
  {
    title: "a directive of YAML 1.1",
    file: "environment.yaml",
    patches: [[/^/, "%YAML 1.1\n---\n"]],
    told: [
      "environment.yaml(▸%YAML 1.1) BH1009 lines that begin with '%' are not taken; remove it; every file is YAML 1.2",
    ],
  },
  {
    title: "a control character",
    file: "soc.yaml",
    patches: [["# yaml", "# \u001b[31m yaml"]],
    told: [
      "soc.yaml(# ▸\u001b[31m yaml-language-) BH1015 this file holds the control character U+001B; remove it, or save the file as UTF-8 text",
    ],
  },
  {
    title: "an unknown key, told once though the key it was meant to be is missing",
    file: "gateway.yaml",
    patches: [["  replicas:", "  replcias:"]],
    told: ["gateway.yaml(▸replcias: 2) BH1010 unknown key 'replcias'; did you mean 'replicas'?"],
  },
  {
    title: "an unknown key like no other",
    file: "soc.yaml",
    patches: [["  storage:", "  colour: blue\n  storage:"]],
    told: [
      "soc.yaml(▸colour: blue) BH1010 unknown key 'colour'; known here: cluster, image, replicas, cpu, memory, failure, standby, dataClass, backup, rpo, rto, basis, source, storage, retention",
    ],
  },
  {
    title: "a number where text is wanted",
    file: "zones/bill-payment.yaml",
    patches: [['cpu: "2"', "cpu: 2"]],
    told: [
      "zones/bill-payment.yaml(quota: { cpu: ▸2, memory: 4Gi, pods) BH1011 'quota.cpu' must be text, this is a number; put it in quotes: \"2\"",
    ],
  },
  {
    title: "a version that YAML would shorten",
    file: "clusters.yaml",
    patches: [['"1.35"', "1.30"]],
    told: [
      "clusters.yaml(kubernetes: ▸1.30) BH1011 'clusters.local.kubernetes' must be text, this is a number that is not whole; put it in quotes: \"1.30\"",
    ],
  },
  {
    title: "text where a number is wanted",
    file: "soc.yaml",
    patches: [["replicas: 1", 'replicas: "1"']],
    told: [
      "soc.yaml(replicas: ▸\"1\") BH1011 'sink.replicas' must be a whole number, this is text; write it without quotes: 1",
    ],
  },
  {
    title: "half a replica",
    file: "soc.yaml",
    patches: [["replicas: 1", "replicas: 1.5"]],
    told: [
      "soc.yaml(replicas: ▸1.5) BH1011 'sink.replicas' must be a whole number, this is a number that is not whole; write a whole number, e.g. 2",
    ],
  },
  {
    title: "yes, which is text in YAML 1.2",
    file: "environment.yaml",
    patches: [["disposable: true", "disposable: yes"]],
    told: [
      "environment.yaml(disposable: ▸yes) BH1011 'disposable' must be true or false, this is text; write true or false, without quotes",
    ],
  },
  {
    title: "one text where a list is wanted",
    file: "gateway.yaml",
    patches: [["[citizens]", "citizens"]],
    told: [
      "gateway.yaml(clients: ▸citizens) BH1011 'gateway.clients' must be a list, this is text; write it as a list: [citizens]",
    ],
  },
  {
    title: "nothing where a mapping is wanted",
    file: "guardrails.yaml",
    patches: [["rules: {}", "rules:"]],
    told: [
      "guardrails.yaml(rules:▸) BH1011 'rules' must be a mapping of keys to values, this is nothing; write 'key: value' lines, or {} for none",
    ],
  },
  {
    title: "a missing key",
    file: "soc.yaml",
    patches: [[/ {2}storage: .*\n/, ""]],
    told: ["soc.yaml(▸cluster: local) BH1012 key 'storage' is missing; add it, e.g. 'storage: 5Gi'"],
  },
  {
    title: "missing keys of each kind",
    file: "zones/bill-payment.yaml",
    patches: [[/title[\s\S]*$/, "title: Bills\n"]],
    told: [
      "zones/bill-payment.yaml(▸name: bill-payment) BH1012 key 'cluster' is missing; add it, e.g. 'cluster: local'",
      "zones/bill-payment.yaml(▸name: bill-payment) BH1012 key 'dataClass' is missing; add 'dataClass: …', one of open, internal, confidential, restricted",
      "zones/bill-payment.yaml(▸name: bill-payment) BH1012 key 'egress' is missing; add 'egress:' and below it a list, or 'egress: []' where there is none",
      "zones/bill-payment.yaml(▸name: bill-payment) BH1012 key 'owner' is missing; add 'owner:' and below it organisation, contact, basis",
      "zones/bill-payment.yaml(▸name: bill-payment) BH1012 key 'quota' is missing; add 'quota:' and below it cpu, memory, pods, storage",
      "zones/bill-payment.yaml(▸name: bill-payment) BH1012 key 'realm' is missing; add it, e.g. 'realm: citizens'",
      "zones/bill-payment.yaml(▸name: bill-payment) BH1012 key 'services' is missing; add 'services:' and below it a list, or 'services: []' where there is none",
      "zones/bill-payment.yaml(▸name: bill-payment) BH1012 key 'tenant' is missing; add 'tenant: …', one of agency, partner",
      "zones/citizen-services.yaml(- api: ▸payments-v1) BH1031 there is no API 'payments-v1', which 'uses.0.api' names; there are: certificates-v1",
    ],
  },
  {
    title: "a word that is not among those allowed",
    file: "zones/bill-payment.yaml",
    patches: [["tenant: partner", "tenant: partnr"]],
    told: [
      "zones/bill-payment.yaml(tenant: ▸partnr) BH1013 'tenant' is 'partnr', which is none of: agency, partner; did you mean 'partner'?",
    ],
  },
  {
    title: "a port out of range",
    file: "zones/bill-payment.yaml",
    patches: [["port: 8443", "port: 84430"]],
    told: [
      "zones/bill-payment.yaml(port: ▸84430) BH1014 'services.payments.port' is 84430, which is out of range: 1 to 65535; choose a number in range",
    ],
  },
  {
    title: "an empty list",
    file: "gateway.yaml",
    patches: [["[citizens]", "[]"]],
    told: [
      "gateway.yaml(clients: ▸[]) BH1014 'gateway.clients' is an empty list, which is out of range: at least 1 entry; add one",
    ],
  },
  {
    title: "three octets for an address",
    file: "network.yaml",
    patches: [["dns: 10.212.0.10", "dns: 10.212.0"]],
    told: [
      "network.yaml(dns: ▸10.212.0) BH1016 '10.212.0' is no address; an IPv4 address has four numbers, this has 3",
    ],
  },
  {
    title: "a bad e-mail address",
    file: "zones/bill-payment.yaml",
    patches: [["owner@bill-payment.example", "nobody"]],
    told: [
      "zones/bill-payment.yaml(contact: ▸nobody) BH1017 'nobody' is no e-mail address; write it like owner@example.gov.bd",
    ],
  },
  {
    title: "a rule's title for its id",
    file: "guardrails.yaml",
    patches: [["rules: {}", "rules: { NoNodePort: warn }"]],
    told: [
      "guardrails.yaml(rules: { ▸NoNodePort: warn }) BH1018 'NoNodePort' is no rule's id; write <family>/<rule>, e.g. network/no-node-port",
    ],
  },
  {
    title: "an empty title",
    file: "zones/bill-payment.yaml",
    patches: [["title: Bill payment by a private partner", "title: ''"]],
    told: ["zones/bill-payment.yaml(title: ▸'') BH1019 'title' is no text to read: ''; write some words"],
  },
  {
    title: "a name with a space",
    file: "sites.yaml",
    patches: [["name: workstation", "name: Work Station"]],
    told: [
      "sites.yaml(- name: ▸Work Station) BH1020 'Work Station' is no valid name; use lower-case letters, digits and inner hyphens, at most 40, e.g. 'work-station'",
    ],
  },
  {
    title: "a cluster's name with a hyphen",
    file: "clusters.yaml",
    patches: [["name: local", "name: dhaka-1"]],
    told: [
      "clusters.yaml(- name: ▸dhaka-1) BH1020 'dhaka-1' is no valid name; use lower-case letters and digits, at most 20, e.g. 'dhaka1'",
    ],
  },
  {
    title: "a host name of one label",
    file: "gateway.yaml",
    patches: [["host: api.local.bhitti.test", "host: api"]],
    told: [
      "gateway.yaml(host: ▸api) BH1021 'api' is no host name; write the full host name, e.g. 'api.example.gov.bd'",
    ],
  },
  {
    title: "a URL for a host name",
    file: "environment.yaml",
    patches: [["domain: local.bhitti.test", "domain: https://local.bhitti.test"]],
    told: [
      "environment.yaml(domain: ▸https://local.bhitti) BH1021 'https://local.bhitti.test' is no host name; leave out the scheme: only the host is asked for",
    ],
  },
  {
    title: "host bits that are set",
    file: "network.yaml",
    patches: [["10.211.0.0/16", "10.211.0.7/16"]],
    told: [
      "network.yaml(range: ▸10.211.0.7/16) BH1022 '10.211.0.7/16' is no address range; the network is 10.211.0.0/16",
    ],
  },
  {
    title: "an octet that is too large",
    file: "network.yaml",
    patches: [["192.0.2.0/24", "192.0.2.256/24"]],
    told: [
      "network.yaml(cidr: ▸192.0.2.256/24) BH1022 '192.0.2.256/24' is no address range; its number 256 is above 255",
    ],
  },
  {
    title: "a prefix that is too long",
    file: "network.yaml",
    patches: [["192.0.2.0/24", "192.0.2.0/33"]],
    told: [
      "network.yaml(cidr: ▸192.0.2.0/33) BH1022 '192.0.2.0/33' is no address range; the prefix length is at most 32, without leading zeros",
    ],
  },
  {
    title: "a space in a quantity",
    file: "gateway.yaml",
    patches: [["128Mi", "128 Mi"]],
    told: ["gateway.yaml(memory: ▸128 Mi) BH1023 '128 Mi' is no quantity that 'gateway.memory' takes; write '128Mi'"],
  },
  {
    title: "memory in thousandths of a byte",
    file: "gateway.yaml",
    patches: [["128Mi", "128m"]],
    told: [
      "gateway.yaml(memory: ▸128m) BH1023 '128m' is no quantity that 'gateway.memory' takes; 'm' is a thousandth of a byte: write '128Mi'",
    ],
  },
  {
    title: "a limit of zero",
    file: "gateway.yaml",
    patches: [["cpu: 100m", 'cpu: "0"']],
    told: [
      "gateway.yaml(cpu: ▸\"0\") BH1023 '0' is no quantity that 'gateway.cpu' takes; write more than zero: a limit of zero would be no limit",
    ],
  },
  {
    title: "a duration in words",
    file: "zones/bill-payment.yaml",
    patches: [["15s", "15 secs"]],
    told: ["zones/bill-payment.yaml(timeout: ▸15 secs) BH1024 '15 secs' is no duration; write '15s'"],
  },
  {
    title: "an image by tag",
    file: "soc.yaml",
    patches: [[/vector@sha256:\w+/, "vector:latest"]],
    told: [
      "soc.yaml(image: ▸registry.local.bhitt) BH1025 'registry.local.bhitti.test/platform/vector:latest' is no image by digest; end it in '@sha256:' and the image's 64 hexadecimal digits",
    ],
  },
  {
    title: "an image without a registry",
    file: "soc.yaml",
    patches: [[/registry.*vector@sha256:\w+/, "vector"]],
    told: [
      "soc.yaml(image: ▸vector) BH1025 'vector' is no image by digest; begin it with the registry's host, e.g. 'registry.example.gov.bd/', and end it in '@sha256:' and the image's 64 hexadecimal digits",
    ],
  },
  {
    title: "a registry prefix that is open at its end",
    file: "environment.yaml",
    patches: [["/platform/", "/platform"]],
    told: [
      "environment.yaml(- prefix: ▸registry.local.bhitt) BH1026 'registry.local.bhitti.test/platform' is no registry prefix; end it in '/', so that no longer name can match",
    ],
  },
  {
    title: "a country in words",
    file: "sites.yaml",
    patches: [["country: BD", "country: Bangladesh"]],
    told: [
      "sites.yaml(country: ▸Bangladesh) BH1027 'Bangladesh' is not what 'sites.workstation.country' takes; two capital letters (ISO 3166-1), e.g. BD",
    ],
  },
  {
    title: "a mistyped rule",
    file: "guardrails.yaml",
    patches: [["rules: {}", "rules:\n  network/no-nod-port: warn"]],
    told: [
      "guardrails.yaml(▸network/no-nod-port:) BH1028 there is no rule 'network/no-nod-port'; did you mean 'network/no-node-port'?",
    ],
  },
  {
    title: "two clients of one name",
    file: "network.yaml",
    patches: [[/$/, "  - name: citizens\n    cidr: 198.51.100.0/24\n    description: More of them\n"]],
    told: [
      "network.yaml(- name: ▸citizens #2) BH1030 'citizens' stands twice: first at network.yaml(- name: ▸citizens); give one of the two another name",
    ],
  },
  {
    title: "a client network that does not exist",
    file: "gateway.yaml",
    patches: [["[citizens]", "[citizen]"]],
    told: [
      "gateway.yaml(clients: [▸citizen]) BH1031 there is no client network 'citizen', which 'gateway.clients' names; did you mean 'citizens'?",
    ],
  },
  {
    title: "a site that does not exist",
    file: "clusters.yaml",
    patches: [["site: workstation", "site: dhaka"]],
    told: [
      "clusters.yaml(site: ▸dhaka) BH1031 there is no site 'dhaka', which 'clusters.local.site' names; there are: workstation",
    ],
  },
  {
    title: "a realm that does not exist",
    file: "zones/bill-payment.yaml",
    patches: [["realm: partners", "realm: partner"]],
    told: [
      "zones/bill-payment.yaml(realm: ▸partner) BH1031 there is no realm 'partner', which 'realm' names; did you mean 'partners'?",
    ],
  },
  {
    title: "clusters that do not exist",
    file: "soc.yaml",
    patches: [["cluster: local", "cluster: locla"]],
    told: [
      "soc.yaml(cluster: ▸locla) BH1031 there is no cluster 'locla', which 'sink.cluster' names; did you mean 'local'?",
    ],
  },
  {
    title: "a service that the zone does not have",
    file: "zones/bill-payment.yaml",
    patches: [["service: payments", "service: payment"]],
    told: [
      "zones/bill-payment.yaml(service: ▸payment) BH1031 there is no service 'payment' in zone 'bill-payment', which 'apis.payments.service' names; did you mean 'payments'?",
    ],
  },
  {
    title: "a consumer that does not exist",
    file: "zones/citizen-services.yaml",
    patches: [["consumer: bill-payment", "consumer: billing"]],
    told: [
      "zones/citizen-services.yaml(- consumer: ▸billing) BH1031 there is no zone 'billing', which 'apis.certificates.grants.billing.consumer' names; there are: bill-payment, citizen-services",
    ],
  },
  {
    title: "ranges that overlap",
    file: "network.yaml",
    patches: [
      ["10.212.0.0/16", "10.211.128.0/17"],
      ["10.212.0.10", "10.211.128.10"],
    ],
    told: [
      "network.yaml(range: ▸10.211.128.0/17) BH1032 range 10.211.128.0/17 overlaps 10.211.0.0/16 of pool 'pods' at network.yaml(range: ▸10.211.0.0/16); choose ranges that share no address",
      "network.yaml(prefix: ▸16 #2) BH1073 blocks of /16 cannot be cut from 10.211.128.0/17; choose a prefix length from 17 to 32",
    ],
  },
  {
    title: "a client network within a cluster's range",
    file: "network.yaml",
    patches: [["192.0.2.0/24", "10.210.0.128/25"]],
    told: [
      "network.yaml(cidr: ▸10.210.0.128/25) BH1032 range 10.210.0.128/25 overlaps 10.210.0.0/16 of pool 'nodes' at network.yaml(range: ▸10.210.0.0/16); choose ranges that share no address",
    ],
  },
  {
    title: "public space inside a cluster",
    file: "network.yaml",
    patches: [["10.210.0.0/16", "172.32.0.0/16"]],
    told: [
      "ledger/platform.yaml(- { pool: nodes, for: local, value: ▸10.210.0.0/24 }) BH1070 line 1 of pool 'nodes' has 10.210.0.0/24, and has to have 172.32.0.0/24; restore the line as it was; add others with 'bhitti allocate'",
      "network.yaml(range: ▸172.32.0.0/16) BH1033 range 172.32.0.0/16 is public address space; use private space: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 or fc00::/7",
    ],
  },
  {
    title: "a DNS address outside of the services",
    file: "network.yaml",
    patches: [["10.212.0.10", "10.213.0.10"]],
    told: [
      "network.yaml(dns: ▸10.213.0.10) BH1034 the DNS address 10.213.0.10 does not lie in the service range 10.212.0.0/16; choose an address of the service range",
    ],
  },
  {
    title: "a host under another domain",
    file: "identity.yaml",
    patches: [["login.local.bhitti.test", "login.elsewhere.test"]],
    told: [
      "identity.yaml(host: ▸login.elsewhere.test) BH1035 host 'login.elsewhere.test' does not lie under the environment's domain 'local.bhitti.test'; use a name that ends in '.local.bhitti.test'",
    ],
  },
  {
    title: "an image from another registry",
    file: "soc.yaml",
    patches: [[/registry\.local\.bhitti\.test(?=\/platform\/vector)/, "registry.example.com"]],
    told: [
      "soc.yaml(image: ▸registry.example.com) BH1036 image 'registry.example.com/platform/vector@sha256:b0d51c58c8b9c1f458fadf16c7d375630ef51da4df81915893b05c0fa4ed8bc6' comes from no registry of the environment: registry.local.bhitti.test/platform/; mirror the image to one of them, or add its registry to environment.yaml",
    ],
  },
  {
    title: "an API above its zone's class",
    file: "zones/bill-payment.yaml",
    patches: [["dataClass: internal\n    timeout", "dataClass: restricted\n    timeout"]],
    told: [
      "zones/bill-payment.yaml(dataClass: ▸restricted) BH1037 API 'payments' carries restricted data, but zone 'bill-payment' holds at most internal; raise the zone's dataClass or lower the API's",
      "zones/bill-payment.yaml(fields: [▸amount, reference]) BH1106 field 'amount' of API 'payments-v1' is restricted, but zone 'citizen-services' holds at most confidential; leave the field out, or raise the zone's dataClass",
      "zones/bill-payment.yaml(fields: [amount, ▸reference]) BH1106 field 'reference' of API 'payments-v1' is restricted, but zone 'citizen-services' holds at most confidential; leave the field out, or raise the zone's dataClass",
    ],
  },
  {
    title: "a grant to the zone itself",
    file: "zones/citizen-services.yaml",
    patches: [["consumer: bill-payment", "consumer: citizen-services"]],
    told: [
      "zones/citizen-services.yaml(- consumer: ▸citizen-services) BH1038 zone 'citizen-services' grants itself API 'certificates'; remove the grant: a zone reaches its own services without one",
    ],
  },
  {
    title: "a quota that services outgrow",
    file: "zones/bill-payment.yaml",
    patches: [['cpu: "2", memory: 4Gi, pods: 20', "cpu: 400m, memory: 500Mi, pods: 1"]],
    told: [
      "zones/bill-payment.yaml(quota: { cpu: ▸400m, memory: 500Mi,) BH1039 the services of zone 'bill-payment' need 500m cpu, its quota is 400m; raise the quota, or lower replicas or sizes",
      "zones/bill-payment.yaml(quota: { cpu: 400m, memory: ▸500Mi, pods: 1, stor) BH1039 the services of zone 'bill-payment' need 512Mi memory, its quota is 500Mi; raise the quota, or lower replicas or sizes",
      "zones/bill-payment.yaml(quota: { cpu: 400m, memory: 500Mi, pods: ▸1, storage: 10Gi }) BH1039 the services of zone 'bill-payment' need 2 pods, its quota is 1; raise the quota, or lower replicas or sizes",
    ],
  },
  {
    title: "egress to everywhere",
    file: "zones/bill-payment.yaml",
    patches: [["203.0.113.16/28", "0.0.0.0/0"]],
    told: [
      "zones/bill-payment.yaml(cidr: ▸0.0.0.0/0) BH1040 egress to 0.0.0.0/0 is egress to everywhere, or nearly so; name the ranges that the zone really calls, at least a /8 each",
    ],
  },
  {
    title: "egress to everywhere by IPv6",
    file: "zones/bill-payment.yaml",
    patches: [["203.0.113.16/28", "::/0"]],
    told: [
      "zones/bill-payment.yaml(cidr: ▸::/0) BH1040 egress to ::/0 is egress to everywhere, or nearly so; name the ranges that the zone really calls, at least a /16 each",
    ],
  },
  {
    title: "egress to half of everywhere",
    file: "zones/bill-payment.yaml",
    patches: [["203.0.113.16/28", "128.0.0.0/1"]],
    told: [
      "zones/bill-payment.yaml(cidr: ▸128.0.0.0/1) BH1040 egress to 128.0.0.0/1 is egress to everywhere, or nearly so; name the ranges that the zone really calls, at least a /8 each",
    ],
  },
  {
    title: "egress around the gateway",
    file: "zones/bill-payment.yaml",
    patches: [["203.0.113.16/28", "10.211.3.0/24"]],
    told: [
      "zones/bill-payment.yaml(cidr: ▸10.211.3.0/24) BH1041 egress to 10.211.3.0/24 reaches into range 10.211.0.0/16 of cluster 'local'; call other zones through the gateway, by an API that they grant",
    ],
  },
  {
    title: "an image of another zone",
    file: "zones/bill-payment.yaml",
    patches: [["zones/bill-payment/payments@", "zones/citizen-services/certificates@"]],
    told: [
      "zones/bill-payment.yaml(image: ▸registry.local.bhitt) BH1036 image 'registry.local.bhitti.test/zones/citizen-services/certificates@sha256:df384ae97c77ad3001626aab01f2eb2aad176448109165df1d64c57b7091cd1c' comes from no registry of the environment: registry.local.bhitti.test/platform/, registry.local.bhitti.test/zones/bill-payment/; mirror the image to one of them, or add its registry to environment.yaml",
    ],
  },
  {
    title: "egress around the gateway, by IPv4 in IPv6",
    file: "zones/bill-payment.yaml",
    patches: [["203.0.113.16/28", "::ffff:0ad3:0/112"]],
    told: [
      "zones/bill-payment.yaml(cidr: ▸::ffff:0ad3:0/112) BH1022 '::ffff:0ad3:0/112' is no address range; write the IPv4 address itself",
    ],
  },
  {
    title: "a cluster without ranges",
    file: "clusters.yaml",
    patches: [
      [
        /$/,
        '  - name: second\n    site: workstation\n    purpose: partner\n    provisioner: existing\n    kubernetes: "1.35"\n    kubeconfig: { path: ~/.kube/config, context: second }\n    nodePools: []\n',
      ],
    ],
    told: [
      "clusters.yaml(- name: ▸second) BH1042 cluster 'second' has no entry under 'clusters' in network.yaml; add 'cluster: second' with its dns",
      "clusters.yaml(- name: ▸second) BH1042 cluster 'second' has no range for its nodes; run 'bhitti allocate local nodes second'",
      "clusters.yaml(- name: ▸second) BH1042 cluster 'second' has no range for its pods; run 'bhitti allocate local pods second'",
      "clusters.yaml(- name: ▸second) BH1042 cluster 'second' has no range for its services; run 'bhitti allocate local services second'",
    ],
  },
  {
    title: "a line of the ledger that was edited",
    file: "ledger/platform.yaml",
    patches: [["10.210.0.0/24", "10.210.7.0/24"]],
    told: [
      "ledger/platform.yaml(- { pool: nodes, for: local, value: ▸10.210.7.0/24 }) BH1070 line 1 of pool 'nodes' has 10.210.7.0/24, and has to have 10.210.0.0/24; restore the line as it was; add others with 'bhitti allocate'",
    ],
  },
  {
    title: "a line of the ledger that was removed",
    file: "ledger/platform.yaml",
    patches: [["  - { pool: pods, for: local, value: 10.211.0.0/16 }\n", ""]],
    told: [
      "clusters.yaml(- name: ▸local) BH1042 cluster 'local' has no range for its pods; run 'bhitti allocate local pods local'",
    ],
  },
  {
    title: "a pool that is used up, and two ranges for one use",
    file: "ledger/platform.yaml",
    patches: [["numbers: []", "  - { pool: pods, for: local, value: 10.212.0.0/16 }\nnumbers: []"]],
    told: [
      "ledger/platform.yaml(- { pool: pods, for: ▸local, value: 10.212) BH1071 'local' holds pods already, at ledger/platform.yaml(- { pool: pods, for: ▸local, value: 10.211); give one of the two back with 'released: <day>'",
      "ledger/platform.yaml(- { pool: pods, for: local, value: ▸10.212.0.0/16 }) BH1075 pool 'pods' has no more than 1; add another pool of the same use; widening this one is safe only at its end",
    ],
  },
  {
    title: "a ledger that takes from nobody's pool, for nobody",
    file: "ledger/platform.yaml",
    patches: [
      ["numbers: []", "  - { pool: nodse, for: local, value: 10.210.1.0/24 }\nnumbers: []"],
      ["{ pool: pods, for: local", "{ pool: pods, for: locl"],
    ],
    told: [
      "clusters.yaml(- name: ▸local) BH1042 cluster 'local' has no range for its pods; run 'bhitti allocate local pods local'",
      "ledger/platform.yaml(- { pool: pods, for: ▸locl, value: 10.211.) BH1031 there is no cluster 'locl', which 'ranges.1.for' names; did you mean 'local'?",
      "ledger/platform.yaml(- { pool: ▸nodse, for: local, v) BH1031 there is no pool 'nodse', which 'ranges.3.pool' names; did you mean 'nodes'?",
    ],
  },
  {
    title: "a pool of another owner",
    file: "network.yaml",
    patches: [["owner: platform\n    use: pods", "owner: edge\n    use: pods"]],
    told: [
      "ledger/platform.yaml(- { pool: ▸pods, for: local, va) BH1072 pool 'pods' is not this owner's; it is taken from in ledger/edge.yaml",
    ],
  },
  {
    title: "a grant that stands twice",
    file: "zones/bill-payment.yaml",
    patches: [
      [
        "uses:",
        "      - { consumer: citizen-services, fields: [amount], purpose: another, legalBasis: another, ratePlan: busy, granted: 2026-01-01, expires: 2026-12-31, onwardSharing: forbidden }\nuses:",
      ],
    ],
    told: [
      "zones/bill-payment.yaml(- { consumer: ▸citizen-services, fi) BH1043 API 'payments' is granted to zone 'citizen-services' twice: first at zones/bill-payment.yaml(- consumer: ▸citizen-services); keep one grant, with both purposes",
    ],
  },
  {
    title: "one host for two services",
    file: "identity.yaml",
    patches: [["login.local.bhitti.test", "api.local.bhitti.test"]],
    told: [
      "identity.yaml(host: ▸api.local.bhitti.tes) BH1044 host 'api.local.bhitti.test' is that of the gateway too, at gateway.yaml(host: ▸api.local.bhitti.tes); give each its own host",
    ],
  },
  {
    title: "an environment that is called otherwise than its folder",
    file: "environment.yaml",
    patches: [["name: local", "name: locale"]],
    told: [
      "environment.yaml(name: ▸locale) BH1052 the name is 'locale', but the folder is called 'local'; give both the same name",
    ],
  },
  {
    title: "a zone that is called otherwise than its file",
    file: "zones/bill-payment.yaml",
    patches: [["name: bill-payment", "name: bills"]],
    told: [
      "zones/bill-payment.yaml(name: ▸bills) BH1052 the name is 'bills', but the file is called 'bill-payment'; give both the same name",
    ],
  },
];

describe("each fault is told where it stands, with the remedy, and nothing else is", () => {
  test.each(CASES)("$title", ({ file, patches, told }) => {
    const copy = copyOfLocal();
    patch(copy, file, patches);
    expect(toldOf(copy)).toEqual(told);
  });

  test("a missing file, and one that nothing reads", () => {
    const copy = copyOfLocal();
    renameSync(local(copy, "soc.yaml"), local(copy, "socs.yaml"));
    writeFileSync(local(copy, "zones/fees.yml"), "");
    writeFileSync(local(copy, "zones/.fees.yaml.swp"), "an editor's");
    expect(toldOf(copy)).toEqual([
      "soc.yaml(▸) BH1050 file 'soc.yaml' is missing; add it; docs/environments.md says what it holds",
      "socs.yaml(▸# yaml-language-serv) BH1051 nothing reads the file 'socs.yaml'; did you mean 'soc.yaml'?",
      "zones/fees.yml(▸) BH1051 nothing reads the file 'zones/fees.yml'; call it 'zones/fees.yaml' if it is a zone",
    ]);
  });

  test("links, folders for files and a file for a folder", () => {
    const copy = copyOfLocal();
    renameSync(local(copy, "soc.yaml"), join(copy, "elsewhere.yaml"));
    symlinkSync(join(copy, "elsewhere.yaml"), local(copy, "soc.yaml"));
    rmSync(local(copy, "sites.yaml"));
    mkdirSync(local(copy, "sites.yaml"));
    rmSync(local(copy, "zones"), { recursive: true });
    writeFileSync(local(copy, "zones"), "");
    expect(toldOf(copy)).toEqual([
      "sites.yaml(▸) BH1053 'sites.yaml' cannot be read: it is a folder; put a regular file there; links are not followed",
      "soc.yaml(▸# yaml-language-serv) BH1053 'soc.yaml' cannot be read: it is a link; put a regular file there; links are not followed",
      "zones(▸) BH1053 'zones' cannot be read: it is no folder; put a folder there; links are not followed",
    ]);
  });

  test("bytes that are no UTF-8, and UTF-16", () => {
    const copy = copyOfLocal();
    const soc = readFileSync(local(copy, "soc.yaml"), "utf8");
    writeFileSync(local(copy, "soc.yaml"), Buffer.from(soc.replace("basis: ill", "basis: \u00e9ll"), "latin1"));
    writeFileSync(
      local(copy, "sites.yaml"),
      Buffer.from(`\uFEFF${readFileSync(local(copy, "sites.yaml"), "utf8")}`, "utf16le"),
    );
    expect(toldOf(copy)).toEqual([
      expect.stringMatching(
        /^sites\.yaml\(▸.*BH1015 this file holds UTF-16 text; remove it, or save the file as UTF-8 text$/,
      ),
      expect.stringMatching(/^soc\.yaml\(basis: ▸.*BH1015 this file holds the byte 0xe9, which is no UTF-8; remove it/),
    ]);
  });

  test("every code of the room has a case, here or beside the file that it is about", () => {
    const folder = fileURLToPath(new URL("..", import.meta.url));
    const tests = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".test.ts"),
    );
    const text = tests.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
    expect(Object.keys(environmentMessages).filter((code) => !text.includes(code))).toEqual([]);
  });
});

test("ten faults in seven files are told in one run, sorted, and nothing is loaded", () => {
  const copy = copyOfLocal();
  patch(copy, "gateway.yaml", [
    ["  replicas: 2", "  replcias: 2"],
    ["128Mi", "128 Mi"],
    ["[citizens]", "[citizen]"],
  ]);
  patch(copy, "soc.yaml", [["sink:", "sink: ["]]);
  patch(copy, "network.yaml", [["10.211.0.0/16", "10.210.0.0/16"]]);
  patch(copy, "environment.yaml", [["disposable: true", "disposable: yes"]]);
  patch(copy, "identity.yaml", [["cluster: local", "cluster: locl"]]);
  patch(copy, "guardrails.yaml", [["stage: deny", "stage: denied"]]);
  patch(copy, "zones/bill-payment.yaml", [
    ['cpu: "2"', "cpu: 2"],
    ["port: 8443", "port: 84430"],
    ["tenant: partner", "tenant: partnr"],
    ["15s", "15 secs"],
  ]);
  expect(toldOf(copy).map((line) => /^.*? BH\d+/.exec(line)?.[0])).toEqual([
    "environment.yaml(disposable: ▸yes) BH1011",
    "gateway.yaml(▸replcias: 2) BH1010",
    "gateway.yaml(memory: ▸128 Mi) BH1023",
    "gateway.yaml(clients: [▸citizen]) BH1031",
    "guardrails.yaml(stage: ▸denied) BH1013",
    "identity.yaml(cluster: ▸locl) BH1031",
    "ledger/platform.yaml(- { pool: pods, for: local, value: ▸10.211.0.0/16 }) BH1070",
    "network.yaml(range: ▸10.210.0.0/16 #2) BH1032",
    "soc.yaml(cluster: ▸local) BH1001",
    "zones/bill-payment.yaml(tenant: ▸partnr) BH1013",
    "zones/bill-payment.yaml(quota: { cpu: ▸2, memory: 4Gi, pods) BH1011",
    "zones/bill-payment.yaml(port: ▸84430) BH1014",
    "zones/bill-payment.yaml(timeout: ▸15 secs) BH1024",
  ]);
});

test("a file that cannot be read is told once: what refers to it is not taken to dangle", () => {
  for (const file of FILES) {
    const copy = copyOfLocal();
    writeFileSync(local(copy, file), "a: : b\n");
    expect(toldOf(copy), file).toEqual([expect.stringContaining(`${file}(a: ▸: b) BH1001`)]);
  }
});

const EXEMPTION = `exemptions:
  - id: EX-2026-001
    rule: pod-security/no-host-path
    subject: { kind: DaemonSet, namespace: bhitti-soc, name: node-logs, maximumObjects: 1 }
    reason: The collector reads the logs of its node
    legalBasis: An order of the ministry
    owner: soc@example.gov.bd
    approver: ciso@example.gov.bd
    issued: 2026-11-01
    expires: 2027-10-31
    compensatingControl: One folder, mounted to be read only
`;

test("exemptions may be left out; where there are some, each leads to its line", () => {
  const copy = copyOfLocal();
  expect(loadEnvironment(copy, "local").exemptions).toEqual([]);
  writeFileSync(local(copy, "exemptions.yaml"), EXEMPTION);
  const { exemptions, positions } = loadEnvironment(copy, "local");
  expect(exemptions).toMatchObject([{ id: "EX-2026-001", issued: "2026-11-01", subject: { maximumObjects: 1 } }]);
  expect(positions("exemptions.0")).toMatchObject({ file: "environments/local/exemptions.yaml", line: 2 });
  expect(positions("exemptions.EX-2026-001.expires")).toMatchObject({ line: 10, column: 14 });
});

test("an exemption says everything that makes it one", () => {
  const copy = copyOfLocal();
  writeFileSync(local(copy, "exemptions.yaml"), EXEMPTION + EXEMPTION.replace("exemptions:\n", ""));
  patch(copy, "exemptions.yaml", [
    ["expires: 2027-10-31", "expires: 2027-02-29"],
    ["    approver: ciso@example.gov.bd\n", ""],
    ["maximumObjects: 1", "maximumObjects: 0"],
  ]);
  expect(toldOf(copy).map((line) => line.split(";")[0])).toEqual([
    expect.stringContaining("exemptions.yaml(- ▸id: EX-2026-001) BH1012"),
    expect.stringContaining("▸0 }) BH1014"),
    expect.stringContaining("exemptions.yaml(expires: ▸2027-02-29) BH1029"),
    expect.stringContaining("exemptions.yaml(- id: ▸EX-2026-001 #2) BH1030 'EX-2026-001'"),
  ]);
});

test("a byte order mark, Windows line ends and Bangla text are fine, and positions hold", () => {
  const copy = copyOfLocal();
  patch(copy, "zones/bill-payment.yaml", [
    ["Bill payment by a private partner", "বিল পরিশোধ"],
    [/\n/g, "\r\n"],
    [/^/, "\uFEFF"],
  ]);
  expect(toldOf(copy)).toEqual([]);
  patch(copy, "zones/bill-payment.yaml", [
    ["title: বিল পরিশোধ", "title: বিল পরিশোধ # বিল\r\n শিরোনাম: x"],
    ["port: 8443", "port: 0"],
  ]);
  expect(toldOf(copy)).toEqual([expect.stringContaining("zones/bill-payment.yaml(▸ শিরোনাম: x) BH1001")]);
  patch(copy, "zones/bill-payment.yaml", [["\r\n শিরোনাম", "\r\nশিরোনাম"]]);
  expect(toldOf(copy)).toEqual([
    expect.stringContaining("zones/bill-payment.yaml(▸শিরোনাম: x) BH1010 unknown key 'শিরোনাম'"),
    expect.stringContaining("zones/bill-payment.yaml(port: ▸0) BH1014"),
  ]);
});

test("keys that JavaScript knows are unknown keys, wherever they stand, and change nothing", () => {
  const copy = copyOfLocal();
  patch(copy, "guardrails.yaml", [
    ["rules: {}", "rules: { __proto__: nonsense, constructor: warn }\n__proto__: { stage: warn }\nconstructor: x"],
  ]);
  expect(toldOf(copy).map((line) => line.split(";")[0])).toEqual([
    "guardrails.yaml(rules: { ▸__proto__: nonsense,) BH1010 unknown key '__proto__'",
    "guardrails.yaml(rules: { __proto__: nonsense, ▸constructor: warn }) BH1018 'constructor' is no rule's id",
    "guardrails.yaml(▸__proto__: { stage: ) BH1010 unknown key '__proto__'",
    "guardrails.yaml(▸constructor: x) BH1010 unknown key 'constructor'",
  ]);
  expect(({} as Record<string, unknown>)["stage"]).toBeUndefined();
});

test("what a file holds cannot write to the terminal, and long values are cut", () => {
  const copy = copyOfLocal();
  patch(copy, "soc.yaml", [
    ["cluster: local", '"\\e[2J\\u202e": x\n  cluster: local'],
    ["basis: illustrative", `basis: ${"x".repeat(5000)}`],
  ]);
  const told = toldOf(copy);
  expect(told[0]).toContain(") BH1010 unknown key '\\u001b[2J\\u202e'");
  expect(told[1]).toMatch(/^soc\.yaml\(basis: ▸x+\) BH1013 'sink\.basis' is 'x{199}…', which/);
});

test("the time that a file takes grows with its size, whatever it holds", () => {
  const hostile = {
    keys: Array.from({ length: 25_000 }, (_, i) => `k${i}: 1`).join("\n"),
    "the same key": "kk: 1\n".repeat(25_000),
    brackets: `x: ${"[".repeat(1_000_000)}`,
    hyphens: "- ".repeat(500_000),
    "question marks": "? ".repeat(500_000),
    indentation: Array.from({ length: 1400 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
    backslashes: `a: "${"\\".repeat(1_000_000)}`,
    sites: `sites:\n${"  - { name: a }\n".repeat(15_000)}`,
  };
  for (const [what, text] of Object.entries(hostile)) {
    const copy = copyOfLocal();
    writeFileSync(local(copy, "soc.yaml"), text);
    const started = performance.now();
    expect(() => loadEnvironment(copy, "local"), what).toThrow(BhittiError);
    expect(performance.now() - started, what).toBeLessThan(10_000);
  }
});

/** A small seeded generator, so that a failing mutation can be run again (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const SCALARS = [
  "",
  "null",
  "-1",
  "1e999",
  "true",
  "[]",
  "{}",
  "'",
  '"',
  "*x",
  "&x y",
  "!!binary x",
  "${x}",
  "0.0.0.0/0",
  "::/0",
  "১২৩",
  "\u0000",
  "a: b: c",
  "2026-11-23",
  "~",
  "x".repeat(5000),
];

function mutate(lines: string[], random: () => number): string[] {
  const i = Math.floor(random() * lines.length);
  const j = Math.floor(random() * lines.length);
  const line = lines[i] ?? "";
  const other = lines[j] ?? "";
  switch (Math.floor(random() * 7)) {
    case 0:
      return lines.toSpliced(i, 1);
    case 1:
      return lines.toSpliced(j, 0, line);
    case 2:
      return lines.with(i, other).with(j, line);
    case 3:
      return lines.with(i, line.replace(/:.*$/, `: ${SCALARS[Math.floor(random() * SCALARS.length)] ?? ""}`));
    case 4:
      return lines.with(i, `${" ".repeat(Math.floor(random() * 5))}${line}`);
    case 5: {
      const k = Math.floor(random() * (line.length + 1));
      return lines.with(i, line.slice(0, k) + String.fromCharCode(Math.floor(random() * 256)) + line.slice(k + 1));
    }
    default:
      return lines.with(
        i,
        line.replace(
          /^(\s*)(- )?(\w+):/,
          (_, s: string, dash: string | undefined) =>
            `${s}${dash ?? ""}${SCALARS[Math.floor(random() * SCALARS.length)] ?? ""}:`,
        ),
      );
  }
}

test("200 mutated environments give a result or positioned errors, and never anything else", () => {
  const random = seeded(20_261_123);
  let faulty = 0;
  for (let round = 0; round < 200; round++) {
    const copy = copyOfLocal();
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
      const file = FILES[Math.floor(random() * FILES.length)] ?? "";
      const bytes = readFileSync(local(copy, file));
      if (random() < 0.1) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        writeFileSync(local(copy, file), bytes);
      } else {
        writeFileSync(local(copy, file), mutate(bytes.toString("utf8").split("\n"), random).join("\n"));
      }
    }
    try {
      expect(loadEnvironment(copy, "local", { knownRules: [] }).name).toBe("local");
    } catch (error) {
      if (!(error instanceof BhittiError)) throw new Error(`round ${round}: ${String(error)}`, { cause: error });
      faulty++;
      for (const m of error.messages) {
        expect(m.position?.file, `round ${round}`).toMatch(/^environments\/local\//);
        expect(m.position?.line).toBeGreaterThan(0);
        expect(m.position?.column).toBeGreaterThan(0);
      }
    }
    rmSync(copy, { recursive: true, force: true });
  }
  expect(faulty).toBeGreaterThan(100);
});
