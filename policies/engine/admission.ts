import { kindInfo } from "../../kubernetes/kinds.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import {
  compile,
  computedMap,
  type Evaluation,
  errorValue,
  evaluate as evaluateProgram,
  jsonValue,
  type Names,
  type Program,
  toPlain,
  type Value,
} from "./expression.ts";
import { isNeverJudged, type Match, matches, mayMatch, type NamespaceLookup } from "./match.ts";
import { paramsFor } from "./params.ts";
import type { AdmissionPolicy, NamedExpression, PolicyBinding } from "./policy.ts";
import { type AdmissionRequest, type KindLookup, labelsOf, type Subject, subjectOf } from "./request.ts";

/**
 * `deny`, `warn`, `audit`: a validation failed, and this is the strongest that the binding does about it. `error`: something
 * could not be evaluated, which the API server treats as a failure. `notMatched`: the policy has nothing to say.
 */
export type Outcome = "allow" | "deny" | "warn" | "audit" | "error" | "notMatched";

export interface Verdict {
  readonly policy: string;
  readonly binding: string;
  readonly request: AdmissionRequest;
  readonly outcome: Outcome;
  /** What the API server says of each validation that failed, in the policy's order; empty where none did. */
  readonly messages: readonly string[];
}

/** Everything that admission looks up besides the request. */
export interface Surroundings {
  /** Namespace objects. Those that every cluster has need not be among them. */
  readonly namespaces?: readonly KubernetesObject[];
  /** Objects among which bindings find their params. */
  readonly params?: readonly KubernetesObject[];
  /** Plural and scope of custom kinds. @default those of the API server itself */
  readonly kinds?: KindLookup;
}

export interface AdmissionInput extends Surroundings {
  readonly policies: readonly AdmissionPolicy[];
  readonly bindings: readonly PolicyBinding[];
  readonly objects: readonly AdmissionRequest[];
}

/**
 * ValidatingAdmissionPolicies (admissionregistration.k8s.io/v1) outside of a cluster, with the API server's semantics. One
 * verdict for each request and binding, in that order.
 *
 * What the engine cannot do (an unknown function, the `authorizer`, conversion between versions) is an `error` verdict.
 */
export function evaluate(input: AdmissionInput): readonly Verdict[] {
  const judge = judgeOf(input.policies, input.bindings, input);
  return input.objects.flatMap((request) => judge(request, { all: true }));
}

/** Judges a request; without `all`, bindings whose policy never concerns its kind are left out of the verdicts. */
export type Judge = (request: AdmissionRequest, options?: { readonly all?: boolean }) => readonly Verdict[];

/** Compiles each expression once and finds out once a kind which bindings concern it. */
export function judgeOf(
  policies: readonly AdmissionPolicy[],
  bindings: readonly PolicyBinding[],
  surroundings: Surroundings,
): Judge {
  const byName = new Map(
    policies.map((source) => [source.metadata.name, { source, compiled: once(() => compilePolicy(source)) }]),
  );
  const pairs = bindings.flatMap((binding): Pair[] => {
    const policy = byName.get(binding.spec.policyName);
    return policy ? [{ ...policy, binding }] : [];
  });
  const context = contextOf(surroundings);
  const concerned = new Map<string, readonly Pair[]>();
  return (request, { all = false } = {}) => {
    const subject = subjectOf(request, context.kindOf);
    const { group, version, resource, subresource, namespace, isNamespace, any } = subject;
    const key = [
      group,
      version,
      resource ?? any.kind,
      subresource,
      request.operation,
      isNamespace || !namespace,
    ].join();
    let those = concerned.get(key);
    if (!those) {
      those = isNeverJudged(subject)
        ? []
        : pairs.filter(({ source }) => mayMatch(source.spec.matchConstraints, subject));
      concerned.set(key, those);
    }
    const found = those;
    return (all ? pairs : found).map((pair) =>
      found.includes(pair) ? judge(pair, subject, context) : verdict(pair, request, "notMatched"),
    );
  };
}

interface Pair {
  readonly source: AdmissionPolicy;
  /** Compiled when an object first matches it. */
  readonly compiled: () => CompiledPolicy;
  readonly binding: PolicyBinding;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

interface Context {
  readonly namespaceOf: NamespaceLookup;
  readonly paramsOf: (apiVersion: string, kind: string) => readonly KubernetesObject[];
  readonly kindOf: KindLookup;
}

/** Namespaces that every cluster has. */
const BUILT_IN = ["default", "kube-node-lease", "kube-public", "kube-system"];

function contextOf({ namespaces = [], params = [], kinds = kindInfo }: Surroundings): Context {
  const builtIn = BUILT_IN.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
  const byName = new Map([...builtIn, ...namespaces].map((n) => [n.metadata.name ?? "", n as KubernetesObject]));
  const byKind = groupBy(params, (p) => `${p.apiVersion}/${p.kind}`);
  return {
    namespaceOf: (name) => byName.get(name),
    paramsOf: (apiVersion, kind) => byKind.get(`${apiVersion}/${kind}`) ?? [],
    kindOf: kinds,
  };
}

interface CompiledPolicy {
  readonly conditions: readonly NamedProgram[];
  readonly variables: readonly NamedProgram[];
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly NamedProgram[];
}

interface NamedProgram {
  readonly name: string;
  readonly program: Program;
}

interface CompiledValidation {
  readonly program: Program;
  readonly message: string;
  readonly messageProgram?: Program;
}

const ROOTS: Names = { object: "any", oldObject: "any", request: "any" };

function compilePolicy(source: AdmissionPolicy): CompiledPolicy {
  const { matchConditions = [], variables = [], validations = [], auditAnnotations = [] } = source.spec;
  const early: Names = source.spec.paramKind ? { ...ROOTS, params: "any" } : ROOTS;
  const roots: Names = { ...early, namespaceObject: "any" };
  const names = variables.map(({ name }) => name);
  const all: Names = { ...roots, variables: names };
  const named = (list: readonly NamedExpression[], known: (index: number) => Names): readonly NamedProgram[] =>
    list.map(({ name, expression }, index) => ({ name, program: compile(expression, known(index)) }));
  return {
    conditions: named(matchConditions, () => early),
    // A variable may use those that stand before it.
    variables: named(variables, (index) => ({ ...roots, variables: names.slice(0, index) })),
    validations: validations.map(({ expression, message, messageExpression }) => ({
      program: compile(expression, all),
      message: message?.trim() || `failed expression: ${expression.trim()}`,
      ...(messageExpression ? { messageProgram: compile(messageExpression, all) } : {}),
    })),
    annotations: auditAnnotations.map(({ key, valueExpression }) => ({
      name: key,
      program: compile(valueExpression, all),
    })),
  };
}

/** The reasons for which a request fails a policy. */
interface Failure {
  readonly kind: "failed" | "error";
  readonly message: string;
}

function judge(pair: Pair, subject: Subject, context: Context): Verdict {
  const { request } = subject;
  const { source, binding } = pair;
  const { spec } = source;
  const match = both(
    () => matches(spec.matchConstraints, subject, context.namespaceOf),
    () => matches(binding.spec.matchResources ?? {}, subject, context.namespaceOf),
  );
  if (match === false) return verdict(pair, request, "notMatched");
  const ignored = spec.failurePolicy === "Ignore";
  const failing = (errors: readonly string[]): Verdict =>
    ignored ? verdict(pair, request, "allow") : verdict(pair, request, "error", errors);
  if (match !== true) return failing([match.error]);
  const params = paramsFor(source, binding, subject, context.paramsOf, context.kindOf);
  if ("error" in params) return failing([`failed to configure binding: ${params.error}`]);

  const results = params.map((param) => validate(pair.compiled(), rootsOf(subject, param, context)));
  if (results.length > 0 && results.every((result) => result === "notMatched")) {
    return verdict(pair, request, "notMatched");
  }
  const failures = results.flatMap((result) => (result === "notMatched" ? [] : result));
  const counted = ignored ? failures.filter(({ kind }) => kind === "failed") : failures;
  if (counted.length === 0) return verdict(pair, request, "allow");
  const messages = counted.map(({ message }) => message);
  return verdict(pair, request, counted.some((f) => f.kind === "error") ? "error" : strongest(binding), messages);
}

/** Judged by one param. */
function validate(policy: CompiledPolicy, roots: Readonly<Record<string, Value>>): readonly Failure[] | "notMatched" {
  const conditions = policy.conditions.map(({ program }) => evaluateProgram(program, roots));
  if (conditions.some((c) => "value" in c && c.value === false)) return "notMatched";
  const broken = conditions.flatMap((c) => ("error" in c ? [c.error] : []));
  if (broken.length > 0) return [{ kind: "error", message: broken.join("; ") }];

  const scope = { ...roots, variables: variablesOf(policy, roots) };
  const failures = policy.validations.flatMap(({ program, message, messageProgram }): Failure[] => {
    const outcome = evaluateProgram(program, scope);
    if ("error" in outcome) return [{ kind: "error", message: outcome.error }];
    return outcome.value === true ? [] : [{ kind: "failed", message: messageOf(messageProgram, scope) ?? message }];
  });
  const annotations = policy.annotations.flatMap(({ name, program }): Failure[] => {
    const outcome = evaluateProgram(program, scope);
    if ("value" in outcome && (outcome.value === null || typeof outcome.value === "string")) return [];
    const reason = "error" in outcome ? outcome.error : "it is neither text nor null";
    return [{ kind: "error", message: `audit annotation '${name}': ${reason}` }];
  });
  return [...failures, ...annotations];
}

/** Computed when first read, once for each request and param. */
function variablesOf({ variables }: CompiledPolicy, roots: Readonly<Record<string, Value>>): Value {
  const scope: Record<string, Value> = { ...roots };
  const members = variables.map(({ name, program }): [string, () => Evaluation] => [
    name,
    () => evaluateProgram(program, scope),
  ]);
  scope["variables"] = computedMap(Object.fromEntries(members));
  return scope["variables"];
}

function rootsOf(subject: Subject, param: KubernetesObject | null, context: Context): Record<string, Value> {
  const { namespace, isNamespace, object, oldObject, requestValue } = subject;
  return { object, oldObject, request: requestValue, params: jsonValue(param), namespaceObject: namespaceObject() };

  function namespaceObject(): Value {
    if (isNamespace || namespace === "") return null;
    if (subject.isUnknown("metadata.namespace")) return errorValue("metadata.namespace is unknown");
    const found = context.namespaceOf(namespace);
    return found ? jsonValue(withLabels(found)) : errorValue(`namespace '${namespace}' is not known`);
  }
}

const withLabels = (namespace: KubernetesObject): KubernetesObject => ({
  ...namespace,
  metadata: { ...namespace.metadata, labels: labelsOf(namespace) },
});

/** Bytes that the API server allows a computed message. */
const MAX_MESSAGE_BYTES = 5 * 1024;

/** A computed message that errs, is empty, too long or of several lines leaves the plain one. */
function messageOf(program: Program | undefined, scope: Readonly<Record<string, Value>>): string | undefined {
  if (!program) return undefined;
  const outcome = evaluateProgram(program, scope);
  const text = "value" in outcome ? toPlain(outcome.value) : undefined;
  if (typeof text !== "string") return undefined;
  const trimmed = text.trim();
  return trimmed === "" || trimmed.includes("\n") || Buffer.byteLength(trimmed) > MAX_MESSAGE_BYTES
    ? undefined
    : trimmed;
}

function strongest({ spec: { validationActions = ["Deny"] } }: PolicyBinding): "deny" | "warn" | "audit" {
  if (validationActions.includes("Deny")) return "deny";
  return validationActions.includes("Warn") ? "warn" : "audit";
}

/** The second is asked only where the first does not say no. */
function both(first: () => Match, second: () => Match): Match {
  try {
    const one = first();
    if (one === false) return false;
    const other = second();
    return other === true ? one : other;
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const verdict = (
  { source, binding }: Pair,
  request: AdmissionRequest,
  outcome: Outcome,
  messages: readonly string[] = [],
): Verdict => ({
  policy: source.metadata.name,
  binding: binding.metadata.name,
  request,
  outcome,
  messages,
});

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
