import { LABELS, layerNamespace } from "../../contracts.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { Api } from "../../environments/model/files/gateway.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { apiAudience } from "./api.ts";

type Grant = Api["grants"][number];

/** The record of each grant: whoever looks into the cluster finds who may call what, what for, on what basis, and how often. */
export const grantRecords = (environment: Environment): readonly KubernetesObject[] =>
  environment.apis.flatMap((api) => api.grants.map((grant) => grantRecord(api, grant)));

const grantRecord = (api: Api, { consumer, purpose, legalBasis, requestsPerMinute }: Grant): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name: `grant-${consumer}-${apiAudience(api)}`,
    namespace: layerNamespace("gateway"),
    labels: { [LABELS.grant]: apiAudience(api) },
  },
  data: {
    consumer,
    publisher: api.zone,
    purpose,
    legalBasis,
    dataClass: api.dataClass,
    requestsPerMinute: String(requestsPerMinute),
  },
});
