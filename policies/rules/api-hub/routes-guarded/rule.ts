import type { Estate, EstateObject } from "../../../../estate/estate.ts";
import { type Hub, type HubRoute, hubsOf, type Upstream } from "../../../estate-hub.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf, mapOf, mapsOf, ofKind, textAt } from "../../../estate-view.ts";

/** A cluster's DNS domain, where its network says none: the one that every cluster has by default. */
const DEFAULT_DOMAIN = "cluster.local";

/** The clusters whose services have their names under a DNS domain. */
function clustersUnder(domain: string, hub: EstateObject, estate: Estate): readonly string[] {
  const stated = ofKind(estate, "ConfigMap")
    .filter(({ object }) => object.metadata.name === "cluster-network")
    .map((entry) => ({ cluster: clusterOf(entry), domain: textAt(entry.object["data"], "dnsDomain") }));
  if (stated.every((network) => network.domain === undefined)) {
    return domain === DEFAULT_DOMAIN ? [clusterOf(hub)] : [];
  }
  return stated.filter((network) => network.domain === domain).map(({ cluster }) => cluster);
}

/** A Service of a tenant's zone: `<service>.zone-<zone>.svc.<domain of a cluster>`. */
function isService({ address, port }: Upstream, hub: EstateObject, estate: Estate): boolean {
  const [service, namespace, svc, ...domain] = address.split(".");
  if (!namespace?.startsWith("zone-") || svc !== "svc") return false;
  const clusters = clustersUnder(domain.join("."), hub, estate);
  return ofKind(estate, "Service").some(
    (entry) =>
      clusters.includes(clusterOf(entry)) &&
      entry.object.metadata.name === service &&
      entry.object.metadata.namespace === namespace &&
      mapsOf(mapOf(entry.object["spec"])["ports"]).some((open) => open["port"] === port),
  );
}

const leadsToServices = ({ upstreams }: HubRoute, hub: EstateObject, estate: Estate): boolean =>
  upstreams.length > 0 && upstreams.every((upstream) => isService(upstream, hub, estate));

function faultsOf(route: HubRoute, hub: EstateObject, estate: Estate): readonly string[] {
  const unrated = (route.consumers ?? []).filter((consumer) => !route.rated.includes(consumer));
  return [
    ...(route.prefix ? [] : ["answers under no path of its own; give it a path_separated_prefix"]),
    ...(route.audiences.includes(route.name) ? [] : ["asks for no token with its own audience; require its provider"]),
    ...(route.consumers ? [] : ["lets anybody through; allow named consumers only"]),
    ...(route.rateLimited ? [] : ["has no rate limit; add a token bucket"]),
    ...(unrated.length > 0 ? [`has no rate for '${unrated.join("', '")}'; add a descriptor for each`] : []),
    ...(leadsToServices(route, hub, estate)
      ? []
      : ["leads to no service of a zone of this estate; publish one that is there"]),
  ];
}

const failuresOf = ({ config, routes }: Hub, estate: Estate): readonly string[] =>
  routes.flatMap((route) => faultsOf(route, config, estate).map((fault) => `the route '${route.name}' ${fault}`));

/** Every route of the gateway asks for a token of its own audience, lets named consumers through, bounds each, and leads to a zone. */
export const rule: EstateRule = {
  id: "api-hub/routes-guarded",
  title: "Every route of the API hub asks who calls, and bounds how often",
  titleBangla: "এপিআই হাবের প্রতিটি পথ জিজ্ঞাসা করে কে ডাকছে এবং কতবার ডাকা যাবে তা বেঁধে দেয়",
  rationale:
    "A route without a token, an allow-list or a rate opens an agency's data to whoever reaches the gateway; one that leads elsewhere publishes in a zone's name what is not the zone's.",
  rationaleBangla:
    "টোকেন, অনুমোদিতের তালিকা বা হারের সীমা ছাড়া কোনো পথ মানে গেটওয়েতে যে পৌঁছায় তার কাছেই সংস্থার উপাত্ত খোলা; আর যে পথ অন্য কোথাও নিয়ে যায় তা জোনের নামে এমন কিছু প্রকাশ করে যা জোনের নয়।",
  reference: "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["data-sharing-authority", "identification", "usage-limits", "boundary-protection"],
  kinds: ["ConfigMap", "Namespace", "Service"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "data", "spec.ports"],
  judge: (estate) => hubsOf(estate).map((hub) => ({ subject: hub.config, failures: failuresOf(hub, estate) })),
};
