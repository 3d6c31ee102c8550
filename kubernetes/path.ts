/** `spec.replicas`, `metadata.labels["app.kubernetes.io/name"]`: a field or key within a path, as every room writes it. */
export function childPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path ? `${path}.${key}` : key;
}

/** `spec.containers[0]` */
export const itemPath = (path: string, index: number): string => `${path}[${index}]`;
