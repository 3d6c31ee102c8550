import type { ChartLock, ChartName } from "./lock.ts";

/**
 * Values that make a chart render its custom resource definitions. They are a stack of their own, so releases switch them off,
 * and they are rendered apart with these. A chart that keeps them in its folder `crds` needs none.
 */
export const DEFINITION_VALUES: Partial<Record<ChartName, object>> = {
  "cert-manager": { crds: { enabled: true } },
  "cloudnative-pg": { crds: { create: true } },
  "external-secrets": { installCRDs: true },
  "gateway-crds-helm": { crds: { gatewayAPI: { enabled: true }, envoyGateway: { enabled: true } } },
  "kube-prometheus-stack": { crds: { enabled: true } },
  "plugin-barman-cloud": { crds: { create: true } },
};

/** What a cluster knows once these charts are in it: `group/version/Kind`, sorted. Charts ask for some of it. */
export const kindsOfCharts = (lock: ChartLock, names: readonly ChartName[]): readonly string[] =>
  [...new Set(lock.charts.filter((c) => names.includes(c.name)).flatMap((c) => c.provides ?? []))].sort();
