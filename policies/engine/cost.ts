import { type CelValue, isCelList, isCelMap } from "@bufbuild/cel";
import { traversal } from "./budget.ts";
import { isOpaque } from "./opaque.ts";

/**
 * What a call costs, before it is made. Functions whose cost depends on more (patterns, joined texts) charge themselves. Sources:
 * cel-go, interpreter/runtimecost.go; apiserver, pkg/cel/library/cost.go.
 */
export function callCost(name: string, values: readonly CelValue[]): number {
  const [first = null, second = null] = values;
  switch (name) {
    case "_==_":
    case "_!=_":
    case "_<_":
    case "_<=_":
    case "_>_":
    case "_>=_":
      return traversal(Math.min(sizeOf(first), sizeOf(second)));
    case "_+_":
      return typeof first === "string" || first instanceof Uint8Array ? traversal(sizeOf(first) + sizeOf(second)) : 1;
    case "@in":
      return isCelList(second) ? second.size : 1;
    case "contains":
      return traversal(sizeOf(first)) * traversal(sizeOf(second));
    case "startsWith":
    case "endsWith":
    case "bytes":
    case "format":
    case "strings.quote":
    case "lowerAscii":
    case "upperAscii":
    case "substring":
    case "trim":
    case "charAt":
    case "url":
    case "isURL":
    case "quantity":
    case "isQuantity":
    case "semver":
    case "isSemver":
    case "ip":
    case "isIP":
    case "cidr":
    case "isCIDR":
      return traversal(sizeOf(first));
    case "replace":
    case "split":
      return 2 * traversal(sizeOf(first));
    case "isSorted":
    case "sum":
    case "min":
    case "max":
    case "indexOf":
    case "lastIndexOf":
      return isCelList(first) ? first.size : traversal(sizeOf(first));
    case "sets.contains":
    case "sets.intersects":
      return 1 + sizeOf(first) * sizeOf(second);
    case "sets.equivalent":
      return 1 + 2 * sizeOf(first) * sizeOf(second);
    case "sort":
    case "distinct":
      return 11 + 2 * sizeOf(first) ** 2;
    case "@sortByAssociatedKeys":
      return 11 + 2 * sizeOf(second) ** 2;
    case "slice":
    case "reverse":
    case "flatten":
    case "@pairs":
      return 11 + sizeOf(first);
    case "validate":
      return 10 * traversal(1 + sizeOf(second));
    case "@has":
      return 0;
    case "@set":
    case "@entry":
      return 1 + traversal(sizeOf(first));
    default:
      return 1;
  }
}

/** Of anything that has no size, 1. */
function sizeOf(value: CelValue): number {
  if (typeof value === "string") return value.length;
  if (value instanceof Uint8Array) return value.length;
  return !isOpaque(value) && (isCelList(value) || isCelMap(value)) ? value.size : 1;
}
