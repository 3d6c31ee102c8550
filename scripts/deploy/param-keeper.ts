import { ENGINE_RECORD, LABEL_DOMAIN, LABELS, MANAGER, RECORD_NAMESPACE } from "../../contracts.ts";
import type { Estate } from "../../estate/estate.ts";
import { kindInfo } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { type ClusterClient, statusText } from "./cluster-client.ts";
import { refused } from "./inventory.ts";
import { isRecord } from "./json-difference.ts";
import { objectPath, referenceOf } from "./objects.ts";

/**
 * kube-apiserver stops watching a built-in param kind for good, until it is restarted, once no binding names that kind for a
 * second (kubernetes/kubernetes#130887): afterwards each policy with such params refuses everything, or goes on with params
 * that are long gone, and `/readyz` stays red. So a binding that matches nothing is left in each cluster to name the kind for
 * ever: through a destroy, a prune, and the moment in which Helm or Terraform replaces a release.
 */
const SUFFIX = `.params.${LABEL_DOMAIN}`;

/** True for the policies and bindings that are left in the cluster on purpose. */
export const isParamKeeper = (kind: string, name: string): boolean =>
  kind.startsWith("ValidatingAdmissionPolicy") && name.endsWith(SUFFIX);

/** Built-in kinds that policies of an estate take as params, as `apiVersion/Kind`. Custom kinds do not have the fault. */
export function builtInParamKinds(estate: Estate): { readonly apiVersion: string; readonly kind: string }[] {
  const kinds = estate.objects.flatMap(({ object }) => {
    const spec = object.kind === "ValidatingAdmissionPolicy" && isRecord(object.spec) ? object.spec : {};
    const { apiVersion, kind } = isRecord(spec.paramKind) ? spec.paramKind : {};
    return typeof apiVersion === "string" && typeof kind === "string" ? [{ apiVersion, kind }] : [];
  });
  const distinct = new Map(kinds.map((k) => [`${k.apiVersion}/${k.kind}`, k]));
  return [...distinct.values()].filter((k) => kindInfo(k.apiVersion, k.kind));
}

/** Sees to it that a binding names each kind, from before the first policy to after the last. Does nothing where it does. */
export async function keepParamKinds(
  client: ClusterClient,
  kinds: readonly { readonly apiVersion: string; readonly kind: string }[],
): Promise<void> {
  for (const { apiVersion, kind } of kinds) {
    for (const object of keeperOf(apiVersion, kind)) {
      const info = kindInfo(object.apiVersion, object.kind);
      if (!info) throw new Error(`no kind ${object.kind}`);
      const path = objectPath(referenceOf(object), info);
      if ((await client.request({ method: "GET", path })).status === 200) continue;
      const reply = await client.request({
        method: "PATCH",
        path,
        query: { fieldManager: MANAGER, force: "true", fieldValidation: "Strict" },
        contentType: "application/apply-patch+yaml",
        body: object,
      });
      if (reply.status >= 300)
        throw refused(client, `writing ${object.kind} ${object.metadata.name}`, statusText(reply));
    }
  }
}

function keeperOf(apiVersion: string, kind: string): KubernetesObject[] {
  const name = `keep-${kind.toLowerCase()}${SUFFIX}`;
  const metadata = {
    name,
    labels: { [LABELS.managedBy]: MANAGER },
    annotations: {
      [`${LABEL_DOMAIN}/why`]: `matches nothing; keeps kube-apiserver watching ${kind} params (kubernetes/kubernetes#130887)`,
    },
  };
  const nothing = {
    apiGroups: [`nothing${SUFFIX}`],
    apiVersions: ["v1"],
    operations: ["CREATE"],
    resources: ["nothing"],
  };
  return [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Ignore",
        paramKind: { apiVersion, kind },
        matchConstraints: { resourceRules: [nothing] },
        validations: [{ expression: "true" }],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: {
        policyName: name,
        paramRef: { name: ENGINE_RECORD, namespace: RECORD_NAMESPACE, parameterNotFoundAction: "Allow" },
        validationActions: ["Audit"],
      },
    },
  ];
}
