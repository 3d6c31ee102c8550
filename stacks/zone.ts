import { zoneObjects } from "../constructs/zone/zone.ts";
import { LABELS, zoneStackId } from "../contracts.ts";
import type { Zone } from "../environments/model/files/zone.ts";
import { addStack, type StackScope } from "./scope.ts";

/** One zone's part in one cluster: what can fail, be locked or be rolled back without any other zone. */
export function zoneStack(scope: StackScope, zone: Zone): void {
  addStack(scope, zoneStackId(scope.cluster.name, zone.name), { [LABELS.zone]: zone.name }).addObjects(
    zoneObjects(scope.environment, zone, scope.cluster),
    `zones.${zone.name}`,
  );
}
