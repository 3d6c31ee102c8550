import type { EstateObject } from "../../../../estate/estate.ts";
import { groupOf } from "../../../../kubernetes/object.ts";
import { hostOf, isAtHome } from "../../../estate-hosting.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { mapOf, mapsOf, textAt, textsOf } from "../../../estate-view.ts";

type Spec = Readonly<Record<string, unknown>>;

const listed = (...texts: readonly (string | undefined)[]): readonly string[] =>
  texts.filter((text) => text !== undefined);
const routeHosts = (spec: Spec): readonly string[] => textsOf(spec["hostnames"]);

/** Where objects name hosts that they are reached by or that they send data to, by `<kind>.<group>`. */
const HOSTS: Readonly<Record<string, (spec: Spec) => readonly string[]>> = {
  "BackupStorageLocation.velero.io": (spec) =>
    listed(textAt(spec, "config", "s3Url"), textAt(spec, "config", "publicUrl")),
  "Certificate.cert-manager.io": (spec) => textsOf(spec["dnsNames"]),
  "CiliumClusterwideNetworkPolicy.cilium.io": fqdnsOf,
  "CiliumNetworkPolicy.cilium.io": fqdnsOf,
  "ClusterIssuer.cert-manager.io": (spec) => listed(textAt(spec, "acme", "server")),
  "GRPCRoute.gateway.networking.k8s.io": routeHosts,
  "Gateway.gateway.networking.k8s.io": (spec) =>
    mapsOf(spec["listeners"]).flatMap((l) => listed(textAt(l, "hostname"))),
  "HTTPRoute.gateway.networking.k8s.io": routeHosts,
  "Ingress.networking.k8s.io": (spec) => mapsOf(spec["rules"]).flatMap((rule) => listed(textAt(rule, "host"))),
  "Issuer.cert-manager.io": (spec) => listed(textAt(spec, "acme", "server")),
  "ObjectStore.barmancloud.cnpg.io": (spec) => listed(textAt(spec, "configuration", "endpointURL")),
  "Service.": (spec) => (spec["type"] === "ExternalName" ? listed(textAt(spec, "externalName")) : []),
  "TLSRoute.gateway.networking.k8s.io": routeHosts,
};

function fqdnsOf(spec: Spec): readonly string[] {
  return mapsOf(spec["egress"])
    .flatMap((egress) => mapsOf(egress["toFQDNs"]))
    .flatMap((name) => listed(textAt(name, "matchName"), textAt(name, "matchPattern")));
}

const hostsOf = ({ object }: EstateObject): readonly string[] =>
  HOSTS[`${object.kind}.${groupOf(object.apiVersion)}`]?.(mapOf(object["spec"])) ?? [];

function failureOf(text: string): readonly string[] {
  // A pattern is judged by its end: *.example.gov.bd lies where example.gov.bd does, and * may lie anywhere.
  const pattern = /^\*+$/.test(text) ? undefined : text.replace(/^\*+\.?/, "x.");
  const host = pattern === undefined ? undefined : hostOf(pattern);
  return host !== undefined && isAtHome(host)
    ? []
    : [
        `it names the host '${text.slice(0, 120)}', which is no name of the country; use one that is, or have it exempted`,
      ];
}

/** Hosts that objects publish, or send data to, have names of the country. */
export const rule: EstateRule = {
  id: "hosting/names-at-home",
  title: "Published and reached hosts have names of the country",
  titleBangla: "প্রকাশিত ও ডাকা হোস্টের নাম দেশের",
  rationale:
    "Whoever answers for a name can send its visitors anywhere. Names of .bd are answered for in the country; names that no public server knows lead nowhere else. A name abroad that has to be reached is exempted, with an owner and an end.",
  rationaleBangla:
    "একটি নামের হয়ে যে উত্তর দেয় সে দর্শনার্থীকে যেখানে খুশি পাঠাতে পারে। .bd নামের উত্তর দেওয়া হয় দেশ থেকে; যে নাম কোনো উন্মুক্ত সার্ভার চেনে না তা অন্য কোথাও নেয় না। বিদেশি যে নাম ডাকতেই হয় তা মালিক ও মেয়াদসহ অব্যাহতি পায়।",
  reference: "https://csrc.nist.gov/pubs/sp/800/81/2/final",
  severity: "medium",
  level: "soft-mandatory",
  controls: ["data-residency", "boundary-protection"],
  kinds: [...new Set(Object.keys(HOSTS).map((key) => key.split(".")[0] ?? ""))],
  reads: ["spec"],
  judge: (estate) =>
    estate.objects
      .map((entry) => ({ subject: entry, hosts: [...new Set(hostsOf(entry))] }))
      .filter(({ hosts }) => hosts.length > 0)
      .map(({ subject, hosts }) => ({ subject, failures: hosts.flatMap(failureOf) })),
};
