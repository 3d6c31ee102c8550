import { LABELS, layerNamespace } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Suspension } from "../../environments/model/files/gateway.ts";
import type { Api, Grant } from "../../environments/model/hub/grants.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { apiAudience } from "./api.ts";

/**
 * The record of each grant: whoever looks into the cluster finds who may call what, what for, on what basis, how often and until
 * when; and what is asked for, granted or suspended and therefore closed, by its `state`.
 */
export function grantRecords({ apis, suspensions }: Environment): readonly KubernetesObject[] {
  const suspended = new Map(suspensions.map((suspension) => [suspension.zone, suspension]));
  return apis.flatMap((api) => api.grants.map((grant) => grantRecord(api, grant, suspended.get(grant.consumer))));
}

const grantRecord = (api: Api, grant: Grant, suspension: Suspension | undefined): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name: `grant-${grant.consumer}-${apiAudience(api)}`,
    namespace: layerNamespace("gateway"),
    labels: { [LABELS.grant]: apiAudience(api) },
  },
  data: {
    state: grant.state,
    consumer: grant.consumer,
    publisher: api.zone,
    owner: api.owner,
    purpose: grant.purpose,
    fields: grant.fields.join("\n"),
    dataClass: grant.dataClass,
    ...(grant.waiting.length > 0 && { waiting: grant.waiting.join("\n") }),
    ...(grant.terms && {
      legalBasis: grant.terms.legalBasis,
      ratePlan: grant.terms.ratePlan.name,
      requestsPerMinute: String(grant.terms.ratePlan.requestsPerMinute),
      granted: grant.terms.granted,
      expires: grant.terms.expires,
      onwardSharing: grant.terms.onwardSharing,
    }),
    ...(grant.state === "suspended" &&
      suspension && { suspendedSince: suspension.since, suspensionReason: suspension.reason }),
  },
});
