import { groupOf, type KubernetesObject } from "../../kubernetes/object.ts";
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
import { type Kinds, kindsOf } from "./kinds.ts";
import { isNeverJudged, type Match, matches, mayMatch, type NamespaceLookup } from "./match.ts";
import { paramsFor, unknownParamKind } from "./params.ts";
import { literalPattern, patternProblem } from "./patterns.ts";
import type { AdmissionPolicy, NamedExpression, PolicyBinding, ValidationAction } from "./policy.ts";
import { type AdmissionRequest, labelsOf, type Subject, subjectOf, type VersionedValues } from "./request.ts";
import { everyPart, parseSyntax } from "./syntax.ts";

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
  /** What the API server says of each failure, in the policy's order; empty where there is none. */
  readonly messages: readonly string[];
  /** The same with what the server does about each. */
  readonly failures: readonly Failure[];
  /** What the policy's audit annotations say of this request, by key; several params may say several things. */
  readonly auditAnnotations: Readonly<Record<string, readonly string[]>>;
}

/** A reason for which a request fails a policy. */
export interface Failure {
  readonly kind: "failed" | "error";
  readonly message: string;
  /** `Unauthorized`, `Forbidden`, `Invalid`, `RequestEntityTooLarge`; of the server's answer where it denies. */
  readonly reason: string;
  /** Which validation it was, from 0. Absent where none could be reached. */
  readonly validation?: number;
  /**
   * What the binding says; but an audit annotation that errs, and a policy or binding that cannot be applied, deny at any
   * stage.
   */
  readonly actions: readonly ValidationAction[];
  /** Where the policy itself could not be applied: the server then names no binding. */
  readonly ofPolicy?: true;
}

/** Everything that admission looks up besides the request. */
export interface Surroundings {
  /** Namespace objects. Those that every cluster has need not be among them. */
  readonly namespaces?: readonly KubernetesObject[];
  /** Objects among which bindings find their params. */
  readonly params?: readonly KubernetesObject[];
  /** What the server serves. @default its own kinds */
  readonly kinds?: Kinds;
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
    const subject = subjectOf(request, context.kinds);
    const { subresource, namespace, isNamespace, any } = subject;
    const { group, version, resource = any.kind } = subject.resource;
    const key = [
      group,
      version,
      resource,
      any.apiVersion,
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
      found.includes(pair) ? judge(pair, subject, context) : verdict(pair, request),
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
  readonly paramsOf: (group: string, kind: string) => readonly KubernetesObject[];
  readonly kinds: Kinds;
}

/** Namespaces that every cluster has. */
const BUILT_IN = ["default", "kube-node-lease", "kube-public", "kube-system"];

function contextOf({ namespaces = [], params = [], kinds = kindsOf() }: Surroundings): Context {
  const builtIn = BUILT_IN.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
  const byName = new Map([...builtIn, ...namespaces].map((n) => [n.metadata.name ?? "", n as KubernetesObject]));
  const byKind = groupBy(params, (p) => `${groupOf(p.apiVersion)}/${p.kind}`);
  return {
    namespaceOf: (name) => byName.get(name),
    paramsOf: (group, kind) => byKind.get(`${group}/${kind}`) ?? [],
    kinds,
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
  readonly reason: string;
  readonly messageProgram?: Program;
}

/** Source: apiserver 1.35, admission/plugin/cel/compile.go, BuildRequestType and BuildNamespaceType. */
const ROOTS: Names = {
  object: "any",
  oldObject: "any",
  request: [
    "kind",
    "resource",
    "subResource",
    "requestKind",
    "requestResource",
    "requestSubResource",
    "name",
    "namespace",
    "operation",
    "userInfo",
    "dryRun",
    "options",
  ],
  namespaceObject: ["metadata", "spec", "status"],
};

function compilePolicy(source: AdmissionPolicy): CompiledPolicy {
  const { matchConditions = [], variables = [], validations = [], auditAnnotations = [] } = source.spec;
  const roots: Names = source.spec.paramKind ? { ...ROOTS, params: "any" } : ROOTS;
  const names = variables.map(({ name }) => name);
  const all: Names = { ...roots, variables: names };
  const named = (list: readonly NamedExpression[], known: (index: number) => Names): readonly NamedProgram[] =>
    list.map(({ name, expression }, index) => ({ name, program: compile(expression, known(index)) }));
  return {
    conditions: named(matchConditions, () => roots),
    // A variable may use those that stand before it.
    variables: named(variables, (index) => ({ ...roots, variables: names.slice(0, index) })),
    validations: validations.map(({ expression, message, messageExpression, reason }) => ({
      program: compile(expression, all),
      message: message?.trim() || `failed expression: ${expression.trim()}`,
      reason: reason ?? "Invalid",
      ...(messageExpression ? { messageProgram: compile(messageExpression, all) } : {}),
    })),
    annotations: auditAnnotations.map(({ key, valueExpression }) => ({
      name: key,
      program: compile(valueExpression, all),
    })),
  };
}

/** The expressions of a policy that cannot be compiled, by their path in it. */
export function expressionProblems(
  policy: AdmissionPolicy,
): readonly { readonly path: string; readonly reason: string }[] {
  const { conditions, variables, validations, annotations } = compilePolicy(policy);
  const programs: readonly (readonly [string, Program | undefined])[] = [
    ...conditions.map(({ program }, i) => [`matchConditions[${i}].expression`, program] as const),
    ...variables.map(({ program }, i) => [`variables[${i}].expression`, program] as const),
    ...validations.flatMap(({ program, messageProgram }, i) => [
      [`validations[${i}].expression`, program] as const,
      [`validations[${i}].messageExpression`, messageProgram] as const,
    ]),
    ...annotations.map(({ program }, i) => [`auditAnnotations[${i}].valueExpression`, program] as const),
  ];
  return programs.flatMap(([path, program]) => {
    const reason = program && (program.problem ?? wrongPattern(program.expression));
    return reason ? [{ path: `spec.${path}`, reason: `cannot be compiled: ${reason}` }] : [];
  });
}

/** The server compiles literal patterns with the expression; the engine does when it first needs one. */
function wrongPattern(expression: string): string | undefined {
  const read = parseSyntax(expression);
  const patterns = "syntax" in read ? everyPart(read.syntax).flatMap((part) => literalPattern(part)?.text ?? []) : [];
  const wrong = patterns.map((text) => [text, patternProblem(text)] as const).find(([, problem]) => problem);
  return wrong ? `'${wrong[0]}' is no regular expression of RE2: ${wrong[1]}` : undefined;
}

function judge(pair: Pair, subject: Subject, context: Context): Verdict {
  const { request } = subject;
  const { source, binding } = pair;
  const { spec } = source;
  const ignored = spec.failurePolicy === "Ignore";
  const unusable = (error: string, ofPolicy = false): Verdict =>
    verdict(pair, request, {
      failures: ignored
        ? []
        : [
            {
              kind: "error",
              message: `failed to configure ${ofPolicy ? "policy" : "binding"}: ${error}`,
              reason: "Invalid",
              actions: ["Deny"],
              ...(ofPolicy ? { ofPolicy } : {}),
            },
          ],
    });
  const ofPolicy = attempt(() => matches(spec.matchConstraints, subject, context.namespaceOf));
  if (ofPolicy === false) return verdict(pair, request);
  if (!("error" in ofPolicy) && spec.paramKind && !context.kinds.of(spec.paramKind.apiVersion, spec.paramKind.kind)) {
    return unusable(unknownParamKind(spec.paramKind), true);
  }
  const ofBinding = attempt(() => matches(binding.spec.matchResources ?? {}, subject, context.namespaceOf));
  if (ofBinding === false) return verdict(pair, request);
  if ("error" in ofPolicy) return unusable(ofPolicy.error, true);
  if ("error" in ofBinding) return unusable(ofBinding.error);
  const params = paramsFor(source, binding, subject, context.paramsOf, context.kinds);
  if ("error" in params) return unusable(params.error);
  const values = subject.inVersion(ofPolicy.as);
  if ("error" in values) return unusable(`failed to convert object version: ${values.error}`);

  const results = params
    .map((param) => validate(pair, variablesFor(values, subject, param, context)))
    .filter((result) => result !== "notMatched");
  if (results.length === 0) return verdict(pair, request);
  return verdict(pair, request, {
    failures: results.flatMap(({ failures }) => failures).filter(({ kind }) => !ignored || kind === "failed"),
    auditAnnotations: merged(results.map(({ auditAnnotations }) => auditAnnotations)),
  });
}

interface Judged {
  readonly failures: readonly Failure[];
  readonly auditAnnotations: Readonly<Record<string, readonly string[]>>;
}

/** The variables of match conditions, and of everything else. */
interface Roots {
  readonly early: Readonly<Record<string, Value>>;
  readonly late: Readonly<Record<string, Value>>;
}

/** Judged by one param. */
function validate({ source, binding, compiled }: Pair, { early, late }: Roots): Judged | "notMatched" {
  const policy = compiled();
  const { validationActions: actions = ["Deny"] } = binding.spec;
  const erred = (message: string, more: Partial<Failure> = {}): Failure => ({
    kind: "error",
    message,
    reason: "Invalid",
    actions,
    ...more,
  });
  const conditions = policy.conditions.map(({ program }) => evaluateProgram(program, early));
  if (conditions.some((c) => "value" in c && c.value === false)) return "notMatched";
  const broken = conditions.flatMap((c) => ("error" in c ? [c.error] : []));
  if (broken.length > 0) {
    if (source.spec.failurePolicy === "Ignore") return "notMatched";
    const [only = ""] = broken;
    return {
      failures: [erred(broken.length === 1 ? only : `[${broken.join(", ")}]`, { validation: 0 })],
      auditAnnotations: {},
    };
  }

  const scope = { ...late, variables: variablesOf(policy, late) };
  const failures = policy.validations.flatMap(({ program, message, messageProgram, reason }, validation): Failure[] => {
    const outcome = evaluateProgram(program, scope);
    if ("error" in outcome) return [erred(outcome.error, { validation })];
    if (outcome.value === true) return [];
    return [{ kind: "failed", message: messageOf(messageProgram, scope) ?? message, reason, validation, actions }];
  });
  const annotations = policy.annotations.map(({ name, program }) => annotationOf(name, program, scope));
  return {
    failures: [
      ...failures,
      ...annotations.flatMap(({ error }) => (error ? [erred(error, { actions: ["Deny"] })] : [])),
    ],
    auditAnnotations: merged(annotations.map(({ key, value }) => (value ? { [key]: [value] } : {}))),
  };
}

/** Bytes that the API server writes of an annotation's value. */
const MAX_ANNOTATION_BYTES = 10 * 1024;

interface Annotation {
  readonly key: string;
  readonly value?: string;
  readonly error?: string;
}

/** Null and nothing but space say nothing. */
function annotationOf(key: string, program: Program, scope: Readonly<Record<string, Value>>): Annotation {
  const outcome = evaluateProgram(program, scope);
  if ("error" in outcome) return { key, error: outcome.error };
  if (outcome.value === null) return { key };
  if (typeof outcome.value !== "string") {
    return { key, error: `valueExpression '${program.expression}' resulted in a value that is neither text nor null` };
  }
  const value = Buffer.from(outcome.value.trim()).subarray(0, MAX_ANNOTATION_BYTES).toString();
  return value === "" ? { key } : { key, value };
}

function merged(
  parts: readonly Readonly<Record<string, readonly string[]>>[],
): Readonly<Record<string, readonly string[]>> {
  const all: Record<string, string[]> = {};
  for (const [key, values] of parts.flatMap((part) => Object.entries(part))) {
    all[key] = [...new Set([...(all[key] ?? []), ...values])];
  }
  return all;
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

function variablesFor(
  values: VersionedValues,
  subject: Subject,
  param: KubernetesObject | null,
  context: Context,
): Roots {
  const { namespace, any } = subject;
  const { object, oldObject, request, requestOfConditions } = values;
  const params = jsonValue(param);
  return {
    // The server hands no namespace to match conditions.
    early: { object, oldObject, request: requestOfConditions, params, namespaceObject: null },
    late: { object, oldObject, request, params, namespaceObject: namespaceObject() },
  };

  function namespaceObject(): Value {
    if ((any.apiVersion === "v1" && any.kind === "Namespace") || namespace === "") return null;
    if (subject.isUnknown("metadata.namespace")) return errorValue("metadata.namespace is unknown");
    const found = context.namespaceOf(namespace);
    return found ? jsonValue(namespaceFields(found)) : errorValue(`namespace '${namespace}' is not known`);
  }
}

/** What the server shows of a namespace. Source: apiserver, admission/plugin/cel/condition.go, CreateNamespaceObject. */
const namespaceFields = (namespace: KubernetesObject): object => ({
  metadata: { ...namespace.metadata, labels: labelsOf(namespace) },
  spec: namespace["spec"] ?? { finalizers: ["kubernetes"] },
  status: namespace["status"] ?? { phase: "Active" },
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

function attempt(match: () => Match): Match {
  try {
    return match();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Without a judgement the policy had nothing to say. */
function verdict({ source, binding }: Pair, request: AdmissionRequest, judged?: Partial<Judged>): Verdict {
  const { failures = [], auditAnnotations = {} } = judged ?? {};
  const outcome = !judged
    ? "notMatched"
    : failures.length === 0
      ? "allow"
      : failures.some(({ kind }) => kind === "error")
        ? "error"
        : strongest(binding);
  return {
    policy: source.metadata.name,
    binding: binding.metadata.name,
    request,
    outcome,
    messages: failures.map(({ message }) => message),
    failures,
    auditAnnotations,
  };
}

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
