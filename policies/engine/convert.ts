import type { KubernetesObject } from "../../kubernetes/object.ts";
import { apiVersionOf, type ServedVersion } from "./kinds.ts";

/**
 * An object in another version of its API, as the API server converts it for a policy that names that version. Undefined where
 * only the server, or a webhook of the cluster, can tell: what cannot be told must not pass.
 *
 * Source: kubernetes 1.35, pkg/apis/autoscaling/v1/conversion.go, pkg/apis/events/v1/conversion.go; apiextensions, which changes
 * nothing but `apiVersion` where the strategy is None.
 */
export function convert(object: KubernetesObject, to: ServedVersion): KubernetesObject | undefined {
  const target = apiVersionOf(to);
  if (object.apiVersion === target) return object;
  switch (`${object.apiVersion} to ${target}`) {
    case "autoscaling/v1 to autoscaling/v2":
      return autoscalerToV2(object);
    case "autoscaling/v2 to autoscaling/v1":
      return autoscalerToV1(object);
    case "v1 to events.k8s.io/v1":
      return renamed(object, target, EVENT_FIELDS);
    case "events.k8s.io/v1 to v1":
      return renamed(object, target, inverse(EVENT_FIELDS));
    default:
      return to.convertible ? { ...object, apiVersion: target } : undefined;
  }
}

/** Fields of core/v1 Events, and what events.k8s.io/v1 calls them. */
const EVENT_FIELDS: Readonly<Record<string, string>> = {
  involvedObject: "regarding",
  message: "note",
  source: "deprecatedSource",
  firstTimestamp: "deprecatedFirstTimestamp",
  lastTimestamp: "deprecatedLastTimestamp",
  count: "deprecatedCount",
  reportingComponent: "reportingController",
};

const inverse = (names: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(names).map(([from, to]) => [to, from]));

const renamed = (
  object: KubernetesObject,
  apiVersion: string,
  names: Readonly<Record<string, string>>,
): KubernetesObject => ({
  ...(Object.fromEntries(
    Object.entries(object).map(([field, value]) => [names[field] ?? field, value]),
  ) as unknown as KubernetesObject),
  apiVersion,
});

interface AutoscalerSpec {
  readonly targetCPUUtilizationPercentage?: number;
  readonly metrics?: readonly Metric[];
  readonly behavior?: unknown;
  readonly [field: string]: unknown;
}

interface Metric {
  readonly type?: string;
  readonly resource?: {
    readonly name?: string;
    readonly target?: { readonly type?: string; readonly averageUtilization?: number };
  };
}

/** What the API server takes where neither a percentage nor another metric is stated. */
const DEFAULT_CPU_PERCENTAGE = 80;

/** Annotations by which v1 carries what it has no fields for. */
const CARRIED = "autoscaling.alpha.kubernetes.io/";

function autoscalerToV2(object: KubernetesObject): KubernetesObject | undefined {
  if (Object.keys(object.metadata.annotations ?? {}).some((key) => key.startsWith(CARRIED))) return undefined;
  if (hasStatus(object)) return undefined;
  const { targetCPUUtilizationPercentage, ...spec } = (object["spec"] ?? {}) as AutoscalerSpec;
  const averageUtilization = targetCPUUtilizationPercentage ?? DEFAULT_CPU_PERCENTAGE;
  const metric = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
  return { ...object, apiVersion: "autoscaling/v2", spec: { ...spec, metrics: [metric] } };
}

function autoscalerToV1(object: KubernetesObject): KubernetesObject | undefined {
  const { metrics = [], behavior, ...spec } = (object["spec"] ?? {}) as AutoscalerSpec;
  const [metric] = metrics;
  const { name, target } = metric?.resource ?? {};
  const simple = metric?.type === "Resource" && name === "cpu" && target?.averageUtilization !== undefined;
  // Everything else becomes JSON in an annotation, in a form that is the server's own.
  if (behavior !== undefined || metrics.length > 1 || (metric && !simple) || hasStatus(object)) return undefined;
  // The server states the default when it reads v2.
  const targetCPUUtilizationPercentage = target?.averageUtilization ?? DEFAULT_CPU_PERCENTAGE;
  return { ...object, apiVersion: "autoscaling/v1", spec: { ...spec, targetCPUUtilizationPercentage } };
}

const hasStatus = ({ status }: KubernetesObject): boolean =>
  typeof status === "object" && status !== null && Object.keys(status).length > 0;
