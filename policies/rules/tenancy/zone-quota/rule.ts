import type { EstateRule } from "../../../estate-rule.ts";
import { inNamespace, mapOf, zoneNamespaces } from "../../../estate-view.ts";

/** What a tenant could take from the others. */
const BOUNDED = ["limits.cpu", "limits.memory", "pods", "requests.storage"] as const;
/** What a tenant does not get at all: it is reached through the gateway. */
const NONE = ["services.loadbalancers", "services.nodeports"] as const;

/** Every namespace of a zone has a ResourceQuota, without scopes, for what tenants share. */
export const rule: EstateRule = {
  id: "tenancy/zone-quota",
  title: "Every zone has a quota",
  titleBangla: "প্রতিটি জোনের কোটা থাকে",
  rationale:
    "A namespace without a quota can take all CPU, memory and pods of its cluster, so that one tenant's error or attack stops the services of all others.",
  rationaleBangla:
    "কোটাবিহীন নেমস্পেস তার ক্লাস্টারের সব সিপিইউ, মেমরি ও পড নিয়ে নিতে পারে; তখন একজন ভাড়াটের ভুল বা তার ওপর আক্রমণ অন্য সবার সেবা থামিয়ে দেয়।",
  reference: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
  severity: "high",
  level: "hard-mandatory",
  controls: ["resource-availability", "tenant-separation", "usage-limits"],
  kinds: ["Namespace", "ResourceQuota"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "spec"],
  judge: (estate) =>
    zoneNamespaces(estate).map((namespace) => {
      const { name } = namespace.object.metadata;
      // A quota with scopes counts some pods only.
      const whole = inNamespace(estate, namespace, "ResourceQuota").filter(
        ({ object }) => !mapOf(object["spec"])["scopes"] && !mapOf(object["spec"])["scopeSelector"],
      );
      const hard = Object.assign({}, ...whole.map(({ object }) => mapOf(mapOf(object["spec"])["hard"]))) as Record<
        string,
        unknown
      >;
      const unbounded = BOUNDED.filter((resource) => hard[resource] === undefined);
      const given = NONE.filter((resource) => String(hard[resource] ?? "unbounded") !== "0");
      return {
        subject: namespace,
        failures: [
          ...unbounded.map(
            (resource) => `no ResourceQuota of the namespace '${name}' bounds ${resource}; add it to spec.hard`,
          ),
          ...given.map(
            (resource) =>
              `${resource} of the namespace '${name}' is ${String(hard[resource] ?? "not bounded")}; set it to 0 in spec.hard`,
          ),
        ],
      };
    }),
};
