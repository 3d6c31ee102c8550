import type { KubernetesObject } from "../../kubernetes/object.ts";
import { apiVersionOf, type Resource } from "./kinds.ts";
import type { AdmissionRequest, Operation, UserInfo } from "./request.ts";

const OPERATIONS: readonly Operation[] = ["CREATE", "UPDATE", "DELETE", "CONNECT"];

type Json = Readonly<Record<string, unknown>>;

/**
 * The request of an AdmissionReview (admission.k8s.io/v1), as the API server sends it to webhooks; or why it is none.
 *
 * Where the server converted the object for a webhook, `kind` and `resource` say what it was converted to, and that is judged.
 */
export function requestOfReview(review: Json): AdmissionRequest | { readonly reason: string } {
  if (review["apiVersion"] !== "admission.k8s.io/v1") return { reason: `apiVersion is '${review["apiVersion"]}'` };
  const request = review["request"];
  if (!isMapping(request)) return { reason: "it has no request" };
  const operation = OPERATIONS.find((known) => known === request["operation"]);
  if (!operation) return { reason: `request.operation is none of ${OPERATIONS.join(", ")}` };
  const read = [objectIn(request, "object"), objectIn(request, "oldObject")];
  const refused = read.find((one) => one.fault !== undefined);
  if (refused?.fault) return { reason: refused.fault };
  const [object, oldObject] = read.map((one) => one.value);
  if (!object && operation !== "DELETE") return { reason: `a ${operation} has request.object` };
  if (!oldObject && (operation === "UPDATE" || operation === "DELETE")) {
    return { reason: `a ${operation} has request.oldObject` };
  }
  const user = userOf(request["userInfo"]);
  if ("reason" in user) return user;
  const resource = resourceOf(request["resource"]);
  const { subResource, name, namespace, dryRun, options } = request;
  for (const [field, text] of Object.entries({ subResource, name, namespace })) {
    if (text !== undefined && text !== null && typeof text !== "string")
      return { reason: `request.${field} is no text` };
  }
  return {
    operation,
    userInfo: user,
    ...(object && operation !== "DELETE" ? { object } : {}),
    ...(oldObject && operation !== "CREATE" && operation !== "CONNECT" ? { oldObject } : {}),
    ...(typeof subResource === "string" && subResource ? { subresource: subResource } : {}),
    ...(resource ? { resource } : {}),
    ...(typeof name === "string" && name ? { name } : {}),
    ...(typeof namespace === "string" ? { namespace } : {}),
    ...(typeof dryRun === "boolean" ? { dryRun } : {}),
    ...(isMapping(options) ? { options } : {}),
  };
}

const isMapping = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function objectIn(request: Json, field: string): { readonly value?: KubernetesObject; readonly fault?: string } {
  const value = request[field];
  if (value === undefined || value === null) return {};
  if (!isMapping(value)) return { fault: `request.${field} is no mapping` };
  const { kind } = (isMapping(request["kind"]) ? request["kind"] : {}) as { readonly kind?: string };
  const { apiVersion = kindVersion(request), kind: own = kind, metadata = {} } = value;
  if (typeof apiVersion !== "string" || typeof own !== "string") {
    return { fault: `request.${field} has no apiVersion and kind, and request.kind does not tell them` };
  }
  if (!isMapping(metadata)) return { fault: `request.${field}.metadata is no mapping` };
  return { value: { ...value, apiVersion, kind: own, metadata } };
}

function kindVersion(request: Json): string | undefined {
  const { group = "", version } = (isMapping(request["kind"]) ? request["kind"] : {}) as {
    readonly group?: string;
    readonly version?: string;
  };
  return version === undefined ? undefined : apiVersionOf({ group, version });
}

function resourceOf(value: unknown): Resource | undefined {
  if (!isMapping(value)) return undefined;
  const { group = "", version, resource } = value;
  return typeof group === "string" && typeof version === "string" && typeof resource === "string"
    ? { group, version, resource }
    : undefined;
}

function userOf(value: unknown): UserInfo | { readonly reason: string } {
  if (!isMapping(value)) return { reason: "it has no request.userInfo" };
  const { username = "", uid, groups = [], extra = {} } = value;
  const isTexts = (list: unknown): list is readonly string[] =>
    Array.isArray(list) && list.every((item) => typeof item === "string");
  if (typeof username !== "string") return { reason: "request.userInfo.username is no text" };
  if (!isTexts(groups)) return { reason: "request.userInfo.groups is no list of texts" };
  if (!isMapping(extra) || !Object.values(extra).every(isTexts)) {
    return { reason: "request.userInfo.extra is no mapping of lists of texts" };
  }
  return {
    username,
    groups,
    ...(typeof uid === "string" ? { uid } : {}),
    extra: extra as Readonly<Record<string, readonly string[]>>,
  };
}
