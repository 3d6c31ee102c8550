import { createRequire } from "node:module";
import type { ITerraformDependable, TerraformMetaArguments, TerraformProvider, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { encodeObject } from "./encode.ts";

export interface KubernetesResourceOptions {
  /** @default the stack's only Kubernetes provider */
  readonly provider?: TerraformProvider;
  /** What must be applied before. */
  readonly dependsOn?: ITerraformDependable[];
}

type ResourceClass = new (scope: Construct, id: string, config: TerraformMetaArguments) => TerraformResource;

// Each kind's module is loaded when an object of it is made: the package's index would cost 0.6 s and 190 MiB.
const require = createRequire(import.meta.url);
const classes = new Map<string, ResourceClass>();

/** The bindings' class of a module, loaded now. */
export function bindingClass(module: string, className: string): ResourceClass {
  const known = classes.get(module);
  if (known) return known;
  const exports = require(`@cdktf/provider-kubernetes/lib/${module}/index.js`) as Record<string, ResourceClass>;
  const found = exports[className];
  if (!found) throw new Error(`the bindings have no class ${className}`);
  classes.set(module, found);
  return found;
}

/**
 * Adds a plain Kubernetes object to a stack as its typed resource (`NamespaceV1`, `NetworkPolicyV1` …).
 *
 * @throws BhittiError BH2003 where the bindings have no resource for the kind or no property for a field: such objects go
 * into the stack's chart; BH2004 where a value is not what the API takes
 */
export function kubernetesResource(
  scope: Construct,
  id: string,
  object: KubernetesObject,
  options: KubernetesResourceOptions = {},
): TerraformResource {
  const { binding, config } = encodeObject(object);
  const Resource = bindingClass(binding.module, binding.className);
  return new Resource(scope, id, { ...config, ...options });
}
