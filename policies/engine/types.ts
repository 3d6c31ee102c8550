/**
 * The types of CEL, as far as the checker needs them. Source for what fits what: cel-go, checker/types.go.
 *
 * A type is written as cel-go writes it: `int`, `list(string)`, `map(string, dyn)`, `optional_type(T)`, `net.IP`. A single capital
 * letter is a parameter that stands for any one type.
 */
export interface Type {
  readonly name: string;
  readonly params: readonly Type[];
}

const simple = (name: string): Type => ({ name, params: [] });

export const DYN = simple("dyn");
/** The type of what has already been complained about: fits everything, so that one fault is told once. */
export const ERROR = simple("error");
export const BOOL = simple("bool");
export const INT = simple("int");
export const STRING = simple("string");
export const listOf = (item: Type): Type => ({ name: "list", params: [item] });
export const mapOf = (key: Type, value: Type): Type => ({ name: "map", params: [key, value] });
export const optionalOf = (value: Type): Type => ({ name: "optional_type", params: [value] });
export const typeOf = (type: Type): Type => ({ name: "type", params: [type] });

export const TIMESTAMP = "google.protobuf.Timestamp";
export const DURATION = "google.protobuf.Duration";

const SCALARS = new Set(["bool", "bytes", "double", "int", "null_type", "string", "uint"]);

/** As cel-go prints it. */
export const formatType = ({ name, params }: Type): string =>
  params.length === 0 ? name : `${name}(${params.map(formatType).join(", ")})`;

/** `list(map(string, T))`. @throws Error where it is none */
export function parseType(text: string): Type {
  const open = text.indexOf("(");
  if (open < 0) return named(text.trim());
  if (!text.trim().endsWith(")")) throw new Error(`'${text}' is no type`);
  return {
    name: text.slice(0, open).trim(),
    params: splitParams(text.slice(open + 1, text.lastIndexOf(")"))).map(parseType),
  };
}

const named = (name: string): Type => {
  if (!/^[\w.]+$/.test(name)) throw new Error(`'${name}' is no type`);
  return simple(name === "timestamp" ? TIMESTAMP : name === "duration" ? DURATION : name);
};

/** At commas outside of parentheses. */
function splitParams(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const character of text) {
    if (character === "," && depth === 0) {
      parts.push(part);
      part = "";
      continue;
    }
    if (character === "(") depth++;
    if (character === ")") depth--;
    part += character;
  }
  return part.trim() === "" ? parts : [...parts, part];
}

/** What a function is called with and gives. */
export interface Signature {
  /** `split`, or `optional.of` for a function that is no method. */
  readonly name: string;
  /** True where the first parameter is what the function is called on. */
  readonly member: boolean;
  readonly params: readonly Type[];
  readonly result: Type;
}

const KNOWN_OWNERS =
  /^(?:bool|bytes|double|int|string|uint|timestamp|duration|list|map|optional_type|net\.\w+|kubernetes\.[\w.]+)$/;

/**
 * `string.split(string, int): list(string)`, `list(T).first(): optional_type(T)` or `optional.of(T): optional_type(T)`.
 *
 * @throws Error where it is none
 */
export function parseSignature(text: string): Signature {
  const colon = text.lastIndexOf(":");
  const head = text.slice(0, colon).trim();
  const open = openingOf(head);
  const path = head.slice(0, open);
  const dot = lastDot(path);
  const owner = path.slice(0, Math.max(dot, 0));
  const member = dot > 0 && KNOWN_OWNERS.test(owner.replace(/\(.*$/, ""));
  const params = splitParams(head.slice(open + 1, -1)).map(parseType);
  return {
    name: member ? path.slice(dot + 1) : path,
    member,
    params: member ? [parseType(owner), ...params] : params,
    result: parseType(text.slice(colon + 1)),
  };
}

/** Where the parenthesis opens that closes at the end. */
function openingOf(head: string): number {
  let depth = 0;
  for (let i = head.length - 1; i >= 0; i--) {
    if (head[i] === ")") depth++;
    if (head[i] === "(" && --depth === 0) return i;
  }
  throw new Error(`'${head}' is no signature`);
}

function lastDot(path: string): number {
  let depth = 0;
  for (let i = path.length - 1; i >= 0; i--) {
    if (path[i] === ")") depth++;
    if (path[i] === "(") depth--;
    if (path[i] === "." && depth === 0) return i;
  }
  return -1;
}

/** A parameter of a signature, or one that the checker has made for it (`_1`). */
const isParam = ({ name }: Type): boolean => /^(?:[A-Z]|_\d+)$/.test(name);
const isAny = ({ name }: Type): boolean => name === "dyn" || name === "error";
const isNullable = (type: Type): boolean => type.name.includes(".") || type.name === "optional_type";

export const isOptional = ({ name }: Type): boolean => name === "optional_type";

/** Types of what was once a parameter. */
export type Substitutions = ReadonlyMap<string, Type>;

export const sameType = (a: Type, b: Type): boolean => formatType(a) === formatType(b);

/** The type with every parameter replaced that has one; those that have none become dyn where `toDyn` is true. */
export function substitute(substitutions: Substitutions, type: Type, toDyn = false): Type {
  const known = substitutions.get(type.name);
  if (known) return substitute(substitutions, known, toDyn);
  if (isParam(type)) return toDyn ? DYN : type;
  return type.params.length === 0
    ? type
    : { name: type.name, params: type.params.map((p) => substitute(substitutions, p, toDyn)) };
}

/** What must be substituted so that each value of `types` fits its place in `wanted`; undefined where nothing does. */
export function assignable(
  substitutions: Substitutions,
  types: readonly Type[],
  wanted: readonly Type[],
): Substitutions | undefined {
  const made = new Map(substitutions);
  return fitsAll(made, types, wanted) ? made : undefined;
}

type Mapping = Map<string, Type>;

const fitsAll = (mapping: Mapping, types: readonly Type[], wanted: readonly Type[]): boolean =>
  types.length === wanted.length && types.every((type, i) => fits(mapping, type, wanted[i] ?? DYN));

function fits(mapping: Mapping, a: Type, b: Type): boolean {
  if (isParam(b)) {
    const { valid, had } = substitutes(mapping, a, b);
    if (valid) return true;
    if (had) return false;
  }
  if (isParam(a)) return substitutes(mapping, b, a).valid;
  if (isAny(a) || isAny(b)) return true;
  if (a.name === "null_type") return b.name === "null_type" || isNullable(b);
  if (b.name === "null_type") return isNullable(a);
  if (a.name === "type") return b.name === "type";
  return a.name === b.name && (SCALARS.has(a.name) || fitsAll(mapping, a.params, b.params));
}

/** Whether `type` may stand for the parameter `param`. */
function substitutes(mapping: Mapping, type: Type, param: Type): { readonly valid: boolean; readonly had: boolean } {
  if (sameType(type, param)) return { valid: true, had: true };
  const known = mapping.get(param.name);
  if (known) {
    if (sameType(type, known)) return { valid: true, had: true };
    if (!fits(mapping, type, known)) return { valid: false, had: true };
    const general = mostGeneral(type, known);
    if (!occursIn(mapping, param, general)) mapping.set(param.name, general);
    return { valid: true, had: true };
  }
  if (occursIn(mapping, param, type)) return { valid: false, had: false };
  mapping.set(param.name, type);
  return { valid: true, had: false };
}

function occursIn(mapping: Mapping, param: Type, type: Type): boolean {
  if (param.name === type.name) return true;
  const known = mapping.get(type.name);
  if (known) return occursIn(mapping, param, known);
  return type.params.some((inner) => occursIn(mapping, param, inner));
}

/** The less specific of two types that fit each other. */
export const mostGeneral = (a: Type, b: Type): Type => (isLessSpecific(a, b) ? a : b);

function isLessSpecific(a: Type, b: Type): boolean {
  if (a.name === "dyn" || isParam(a)) return true;
  if (b.name === "dyn" || isParam(b) || a.name !== b.name) return false;
  return a.name === "type" || a.params.every((param, i) => isLessSpecific(param, b.params[i] ?? DYN));
}

/** Types with fields, as the API server declares them. Source: apiserver, pkg/admission/plugin/cel/compile.go. */
const STRUCTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "kubernetes.GroupVersionKind": { group: "string", version: "string", kind: "string" },
  "kubernetes.GroupVersionResource": { group: "string", version: "string", resource: "string" },
  "kubernetes.UserInfo": {
    username: "string",
    uid: "string",
    groups: "list(string)",
    extra: "map(string, list(string))",
  },
  "kubernetes.AdmissionRequest": {
    kind: "kubernetes.GroupVersionKind",
    resource: "kubernetes.GroupVersionResource",
    subResource: "string",
    requestKind: "kubernetes.GroupVersionKind",
    requestResource: "kubernetes.GroupVersionResource",
    requestSubResource: "string",
    name: "string",
    namespace: "string",
    operation: "string",
    userInfo: "kubernetes.UserInfo",
    dryRun: "bool",
    options: "dyn",
  },
  "kubernetes.NamespaceSpec": { finalizers: "list(string)" },
  "kubernetes.NamespaceCondition": {
    status: "string",
    type: "string",
    lastTransitionTime: "timestamp",
    message: "string",
    reason: "string",
  },
  "kubernetes.NamespaceStatus": { conditions: "list(kubernetes.NamespaceCondition)", phase: "string" },
  "kubernetes.NamespaceMetadata": {
    name: "string",
    generateName: "string",
    namespace: "string",
    labels: "map(string, string)",
    annotations: "map(string, string)",
    UID: "string",
    creationTimestamp: "timestamp",
    deletionGracePeriodSeconds: "int",
    deletionTimestamp: "timestamp",
    generation: "int",
    resourceVersion: "string",
    finalizers: "list(string)",
  },
  "kubernetes.Namespace": {
    metadata: "kubernetes.NamespaceMetadata",
    spec: "kubernetes.NamespaceSpec",
    status: "kubernetes.NamespaceStatus",
  },
};

/** Type of a field of a type; undefined where that type has no such field. */
export function fieldType(owner: Type, field: string): Type | undefined {
  const fields = STRUCTS[owner.name];
  const text = fields && Object.hasOwn(fields, field) ? fields[field] : undefined;
  return text === undefined ? undefined : parseType(text);
}

/** True for a type whose values have fields or methods of their own and are no map. */
export const isStruct = ({ name }: Type): boolean => name.includes(".");
