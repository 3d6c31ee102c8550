import { bindingOfType, kindInfo } from "../kubernetes/kinds.ts";
import { type Evaluated, evaluate, type Lookup } from "./template.ts";

/** The parts of a `cdk.tf.json` that an expression can point into. */
export interface TerraformDocument {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, ResourceBody>>>>;
  readonly locals?: Readonly<Record<string, unknown>>;
  readonly terraform?: {
    readonly backend?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly cloud?: Readonly<Record<string, unknown>>;
    readonly required_providers?: Readonly<Record<string, { readonly source?: string }>>;
  };
  readonly provider?: Readonly<Record<string, unknown>>;
}

export type ResourceBody = Readonly<Record<string, unknown>>;

const UNKNOWN: Evaluated = { known: false };

/** Expressions within expressions: deeper than people write, shallow enough to end when resources point at each other. */
const DEPTH = 8;

/**
 * Looks up expressions in one stack: attributes that the stack itself states, locals, and the `id` of Kubernetes resources.
 * Everything else only Terraform knows.
 */
export function lookupIn(document: TerraformDocument, more: Readonly<Record<string, unknown>> = {}): Lookup {
  const at =
    (depth: number): Lookup =>
    (expression) => {
      if (depth > DEPTH) return UNKNOWN;
      if (Object.hasOwn(more, expression)) return { known: true, value: more[expression] };
      const steps = parseExpression(expression);
      return steps ? follow(document, steps, at(depth + 1)) : UNKNOWN;
    };
  return at(0);
}

/** `a.b[0].c["d"]` as its steps; undefined for anything that is more than a path. */
function parseExpression(expression: string): readonly string[] | undefined {
  const path = /^[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\]|\["[^"\\]*"\])+$/;
  if (!path.test(expression)) return undefined;
  return [...expression.matchAll(/\["([^"]*)"\]|\[(\d+)\]|([\w-]+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? "");
}

function follow(document: TerraformDocument, steps: readonly string[], lookup: Lookup): Evaluated {
  const [type = "", name = "", ...path] = steps;
  if (type === "local") return descend(document.locals?.[name], path, lookup);
  const body = document.resource?.[type]?.[name];
  if (!body) return UNKNOWN;
  const attributes = body.count === 1 && path[0] === "0" ? path.slice(1) : path;
  return attributes.length === 1 && attributes[0] === "id"
    ? idOf(type, body, lookup)
    : descend(body, attributes, lookup);
}

function descend(start: unknown, path: readonly string[], lookup: Lookup): Evaluated {
  let value = start;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    // A single block is written as an object, and Terraform reads it as a list of one.
    else if (isRecord(value) && step === "0" && !("0" in value)) continue;
    else if (isRecord(value) && Object.hasOwn(value, step)) value = value[step];
    else return UNKNOWN;
  }
  if (value === undefined || value === null) return UNKNOWN;
  return typeof value === "string" ? evaluate(value, lookup) : { known: true, value };
}

/** The provider's ids: `namespace/name`, or the name of what has no namespace. */
function idOf(type: string, body: ResourceBody, lookup: Lookup): Evaluated {
  const binding = bindingOfType(type);
  const scope = binding && kindInfo(binding.apiVersion, binding.kind);
  const name = descend(body, ["metadata", "0", "name"], lookup);
  if (!scope || !name.known) return UNKNOWN;
  if (!scope.namespaced) return name;
  const metadata = Array.isArray(body.metadata) ? body.metadata[0] : body.metadata;
  const stated = isRecord(metadata) && metadata.namespace !== undefined;
  const namespace = stated ? descend(body, ["metadata", "0", "namespace"], lookup) : { known: true, value: "default" };
  return namespace.known ? { known: true, value: `${String(namespace.value)}/${String(name.value)}` } : UNKNOWN;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
