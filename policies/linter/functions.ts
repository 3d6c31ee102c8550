/**
 * The Kubernetes version from which an API server's expressions know a function, by the function's name; what is not here was
 * there from the start. Source: apiserver, pkg/cel/environment/base.go.
 */
export const MINIMUM_VERSIONS: Readonly<Record<string, string>> = {
  authorizer: "1.27",
  quantity: "1.28",
  isQuantity: "1.28",
  "sets.contains": "1.29",
  "sets.equivalent": "1.29",
  "sets.intersects": "1.29",
  ip: "1.30",
  isIP: "1.30",
  "ip.isCanonical": "1.30",
  cidr: "1.30",
  isCIDR: "1.30",
  "format.named": "1.31",
  "format.dns1123Label": "1.31",
  transformList: "1.32",
  transformMap: "1.32",
  transformMapEntry: "1.32",
  semver: "1.33",
  isSemver: "1.33",
  distinct: "1.34",
  flatten: "1.34",
  range: "1.34",
  "lists.range": "1.34",
  slice: "1.34",
  sort: "1.34",
  sortBy: "1.34",
};
