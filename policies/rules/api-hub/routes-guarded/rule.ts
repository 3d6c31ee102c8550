import type { Estate } from "../../../../estate/estate.ts";
import { type Hub, type HubRoute, hubsOf } from "../../../estate-hub.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { mapOf, mapsOf, ofKind } from "../../../estate-view.ts";

/** A Service of a tenant's zone: `<service>.zone-<zone>.svc.cluster.local`. */
function leadsToService({ upstream }: HubRoute, estate: Estate): boolean {
  const [service, namespace, ...rest] = (upstream?.address ?? "").split(".");
  if (!namespace?.startsWith("zone-") || rest.join(".") !== "svc.cluster.local") return false;
  return ofKind(estate, "Service").some(
    ({ object }) =>
      object.metadata.name === service &&
      object.metadata.namespace === namespace &&
      mapsOf(mapOf(object["spec"])["ports"]).some(({ port }) => port === upstream?.port),
  );
}

function faultsOf(route: HubRoute, estate: Estate): readonly string[] {
  const unrated = (route.consumers ?? []).filter((consumer) => !route.rated.includes(consumer));
  return [
    ...(route.prefix ? [] : ["answers under no path of its own; give it a path_separated_prefix"]),
    ...(route.audiences.includes(route.name) ? [] : ["asks for no token with its own audience; require its provider"]),
    ...(route.consumers ? [] : ["lets anybody through; allow named consumers only"]),
    ...(route.rateLimited ? [] : ["has no rate limit; add a token bucket"]),
    ...(unrated.length > 0 ? [`has no rate for '${unrated.join("', '")}'; add a descriptor for each`] : []),
    ...(leadsToService(route, estate)
      ? []
      : ["leads to no service of a zone of this estate; publish one that is there"]),
  ];
}

const failuresOf = ({ routes }: Hub, estate: Estate): readonly string[] =>
  routes.flatMap((route) => faultsOf(route, estate).map((fault) => `the route '${route.name}' ${fault}`));

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
