import { entries } from "./entry.ts";

/** BH1200 to BH1249: what an environment promises and has no room for, now or with a site lost. */
export const capacityMessages = entries({
  BH1200: {
    severity: "error",
    text: "cluster '{cluster}' has no room for {what}: {lack}",
    remedy: "{hint}",
    explain:
      "A quota is a promise, so a cluster has to have room for all of it, for the platform's components, and for what its standby services hold. Sums are not enough: everything has to find a node, and replicas two fault zones. 'bhitti simulate <environment>' shows the figures; docs/capacity.md tells how they are counted.",
  },
  BH1201: {
    severity: "error",
    text: "with site '{site}' lost, cluster '{cluster}' has no room for {what}: {lack}",
    remedy: "{hint}",
    explain:
      "What is L2 or more comes back elsewhere when its site is lost. Where its standby cluster has no room for it, it stays down, whatever level it states. 'bhitti simulate <environment> --lose <site>' shows what then breaks.",
  },
  BH1202: {
    severity: "error",
    text: "with site '{site}' lost, '{what}' is less than {level} states, since {on} {then}",
    remedy: "raise the level of what it depends on, or state a lower one here",
    explain:
      "A service is no better than what it cannot do without: the identity service for whoever logs in, the gateway for what is called through it, an API that it may call and that is down. An API that is only late takes nothing from the level of its consumers, which run on without it.",
  },
  BH1203: {
    severity: "notice",
    text: "cluster '{cluster}' has no node pools: nothing is scheduled there, and its capacity is not judged",
    explain:
      "A control plane without nodes, such as the local one, takes every object and runs none. Whatever stands there counts as having room.",
  },
});
