import { layerNamespace, zoneNamespace } from "../../contracts.ts";
import { seconds } from "../../environments/model/duration.ts";
import type { Environment } from "../../environments/model/environment.ts";
import type { BackupPolicy } from "../../environments/model/files/backup.ts";
import { NOT_BACKED_UP } from "../../environments/model/values.ts";
import { clustersOf } from "../network/peers.ts";

/** How what lies in a namespace is backed up: a policy's name, or `none` with the reason. */
export interface BackupPlan {
  readonly plan: string;
  readonly reason?: string;
}

/** A namespace is backed up as a whole, so by the policy that backs up most often of those that its services ask for. */
export function backupPlan(
  { backup }: Pick<Environment, "backup">,
  services: readonly { readonly backup: string }[],
): BackupPlan {
  const asked = new Set(services.map((service) => service.backup));
  const [most] = [...backup.policies]
    .filter(({ name }) => asked.has(name))
    .sort((a, b) => seconds(a.every) - seconds(b.every));
  if (most) return { plan: most.name };
  return { plan: NOT_BACKED_UP, reason: "each of its services says that it keeps nothing" };
}

/** The namespaces of a cluster that a policy backs up, sorted. */
export function namespacesOf(environment: Environment, cluster: string, { name }: BackupPolicy): readonly string[] {
  const { identity, soc, zones } = environment;
  const places = [
    { home: identity, namespace: layerNamespace("identity"), services: [identity] },
    { home: soc.sink, namespace: layerNamespace("soc"), services: [soc.sink] },
    ...zones.map((zone) => ({ home: zone, namespace: zoneNamespace(zone.name), services: zone.services })),
  ];
  return places
    .filter(
      ({ home, services }) => clustersOf(home).includes(cluster) && backupPlan(environment, services).plan === name,
    )
    .map(({ namespace }) => namespace)
    .sort();
}
