import { ZONE_GRANTS, zoneNamespace } from "../../contracts.ts";
import { apiId } from "../../environments/model/hub/api.ts";
import { type Api, inForce } from "../../environments/model/hub/grants.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";

/**
 * What a publisher's services need to know to answer a caller with what it was granted and no more: for each API a file
 * `<api>-<version>.json` of its consumers, as the gateway names them in `x-consumer`, with their fields. A consumer that is not in it
 * is let through by no gateway either.
 *
 * @param apis those that the zone publishes
 * @returns nothing for a zone that publishes nothing
 */
export function grantedFields(zone: string, apis: readonly Api[]): readonly KubernetesObject[] {
  if (apis.length === 0) return [];
  const consumersOf = (api: Api): object =>
    Object.fromEntries(
      inForce(api).map(({ consumer, fields, purpose, terms: { onwardSharing } }) => [
        consumer,
        { fields, purpose, onwardSharing },
      ]),
    );
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: ZONE_GRANTS, namespace: zoneNamespace(zone) },
      data: Object.fromEntries(apis.map((api) => [`${apiId(api)}.json`, JSON.stringify(consumersOf(api), null, 2)])),
    },
  ];
}
