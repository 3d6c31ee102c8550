import { BACKUP_NAMESPACE, backupNamespace, backupObjects } from "../constructs/backup/backup.ts";
import { layerStack, type StackScope } from "./scope.ts";

/** Where and how often a cluster's namespaces are backed up; no stack where none is. */
export function backupStack(scope: StackScope): void {
  const namespace = backupNamespace(scope.environment, scope.cluster);
  if (namespace.length === 0) return;
  const stack = layerStack(scope, "backup");
  stack.addObjects(namespace, "backup");
  stack.addChart("backup", BACKUP_NAMESPACE, backupObjects(scope.environment, scope.cluster), "backup");
}
