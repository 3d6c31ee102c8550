import { groupOf, type KubernetesObject } from "../../kubernetes/object.ts";
import type { DeclaredAuthorization } from "./authorization.ts";
import { CONDITIONS_COST_LIMIT, COST_LIMIT, POLICY_COST_LIMIT, spentBy } from "./budget.ts";
import {
  AUTHORIZER_NAMES,
  authorizerVariables,
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
import type { AdmissionPolicy, PolicyBinding, ValidationAction } from "./policy.ts";
import { type AdmissionRequest, labelsOf, type Subject, subjectOf, type VersionedValues } from "./request.ts";

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
  /** What `authorizer` answers; a question that none of these covers is an error. @default nothing */
  readonly authorizer?: readonly DeclaredAuthorization[];
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
  readonly authorizer: readonly DeclaredAuthorization[];
  /** What expressions see of namespaces, by name; filled as they are asked for. */
  readonly namespaceValues: Map<string, Value>;
}

/** Namespaces that every cluster has. */
const BUILT_IN = ["default", "kube-node-lease", "kube-public", "kube-system"];

function contextOf({ namespaces = [], params = [], kinds = kindsOf(), authorizer = [] }: Surroundings): Context {
  const builtIn = BUILT_IN.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
  const byName = new Map([...builtIn, ...namespaces].map((n) => [n.metadata.name ?? "", n as KubernetesObject]));
  const byKind = groupBy(params, (p) => `${groupOf(p.apiVersion)}/${p.kind}`);
  return {
    namespaceOf: (name) => byName.get(name),
    paramsOf: (group, kind) => byKind.get(`${group}/${kind}`) ?? [],
    kinds,
    authorizer,
    namespaceValues: new Map(),
  };
}

interface CompiledPolicy {
  readonly conditions: readonly NamedProgram[];
  readonly variables: readonly NamedProgram[];
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly NamedProgram[];
  /** Some variable may ask the authorizer, so that messages and annotations compute it anew, without one. */
  readonly asks: boolean;
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

/** Source: apiserver 1.35, admission/plugin/cel/compile.go. */
const ROOTS = {
  object: "any",
  oldObject: "any",
  request: "kubernetes.AdmissionRequest",
  namespaceObject: "kubernetes.Namespace",
} as const satisfies Names;

function compilePolicy(source: AdmissionPolicy): CompiledPolicy {
  const { matchConditions = [], variables = [], validations = [], auditAnnotations = [] } = source.spec;
  const spoken: Names = source.spec.paramKind ? { ...ROOTS, params: "any" } : ROOTS;
  const roots: Names = { ...spoken, ...AUTHORIZER_NAMES };
  const types: Record<string, string> = {};
  const computed = variables.map(({ name, expression }): NamedProgram => {
    // A variable may use those that stand before it.
    const program = compile(expression, { ...roots, variables: { ...types } });
    types[name] = program.type;
    return { name, program };
  });
  const all: Names = { ...roots, variables: types };
  return {
    conditions: matchConditions.map(({ name, expression }) => ({
      name,
      program: compile(expression, roots, { result: ["bool"] }),
    })),
    variables: computed,
    validations: validations.map(({ expression, message, messageExpression, reason }) => ({
      program: compile(expression, all, { result: ["bool"] }),
      message: message?.trim() || `failed expression: ${expression.trim()}`,
      reason: reason ?? "Invalid",
      // A message may not ask the authorizer.
      ...(messageExpression
        ? { messageProgram: compile(messageExpression, { ...spoken, variables: types }, { result: ["string"] }) }
        : {}),
    })),
    annotations: auditAnnotations.map(({ key, valueExpression }) => ({
      name: key,
      program: compile(valueExpression, all, { result: ["string", "null_type"] }),
    })),
    asks: variables.some(({ expression }) => expression.includes("authorizer")),
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
  return programs.flatMap(([path, program]) =>
    program?.problem ? [{ path: `spec.${path}`, reason: `cannot be compiled: ${program.problem}` }] : [],
  );
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
  /** Of messages and audit annotations, for which the server has no authorizer. */
  readonly spoken: Readonly<Record<string, Value>>;
}

/** Judged by one param. */
function validate({ source, binding, compiled }: Pair, { early, late, spoken }: Roots): Judged | "notMatched" {
  const policy = compiled();
  const { validationActions: actions = ["Deny"] } = binding.spec;
  const erred = (message: string, more: Partial<Failure> = {}): Failure => ({
    kind: "error",
    message,
    reason: "Invalid",
    actions,
    ...more,
  });
  const alone = (message: string): Judged => ({ failures: [erred(message, { validation: 0 })], auditAnnotations: {} });
  const { outcomes: conditions, left: ofConditions } = evaluateAll(policy.conditions, early, CONDITIONS_COST_LIMIT);
  if (ofConditions < 0) return source.spec.failurePolicy === "Ignore" ? "notMatched" : alone(OUT_OF_BUDGET);
  if (conditions.some((c) => "value" in c && c.value === false)) return "notMatched";
  const broken = conditions.flatMap((c) => ("error" in c ? [c.error] : []));
  if (broken.length > 0) {
    if (source.spec.failurePolicy === "Ignore") return "notMatched";
    const [only = ""] = broken;
    return alone(broken.length === 1 ? only : `[${broken.join(", ")}]`);
  }

  const scope = { ...late, variables: variablesOf(policy, late) };
  const saying = { ...spoken, variables: policy.asks ? variablesOf(policy, spoken) : scope.variables };
  const { outcomes, left } = evaluateAll(policy.validations, scope, POLICY_COST_LIMIT);
  if (left < 0) return alone(OUT_OF_BUDGET);
  const speechless = !canSpeak(policy, spoken, left);
  const failures = policy.validations.flatMap(({ message, messageProgram, reason }, validation): Failure[] => {
    const outcome = outcomes[validation] ?? { error: OUT_OF_BUDGET };
    if ("error" in outcome) return [erred(outcome.error, { validation })];
    if (speechless) return [erred(`failed messageExpression: ${OUT_OF_BUDGET}`, { validation })];
    if (outcome.value === true) return [];
    return [{ kind: "failed", message: messageOf(messageProgram, saying) ?? message, reason, validation, actions }];
  });
  const said = evaluateAll(policy.annotations, saying, POLICY_COST_LIMIT);
  if (said.left < 0) return alone(OUT_OF_BUDGET);
  const annotations = policy.annotations.map(({ name, program }, i) =>
    annotationOf(name, program, said.outcomes[i] ?? { error: OUT_OF_BUDGET }),
  );
  return {
    failures: [
      ...failures,
      ...annotations.flatMap(({ error }) => (error ? [erred(error, { actions: ["Deny"] })] : [])),
    ],
    auditAnnotations: merged(annotations.map(({ key, value }) => (value ? { [key]: [value] } : {}))),
  };
}

/** Source: apiserver 1.35, admission/plugin/cel/activation.go. */
const OUT_OF_BUDGET = "validation failed due to running out of cost budget, no further validation rules will be run";

/**
 * Evaluates one program after the other until they have cost more than the budget. What is left of it is then negative, and the
 * outcomes stop there.
 */
function evaluateAll(
  programs: readonly { readonly program: Program }[],
  scope: Readonly<Record<string, Value>>,
  budget: number,
): { readonly outcomes: readonly Evaluation[]; readonly left: number } {
  const outcomes: Evaluation[] = [];
  let left = budget;
  for (const { program } of programs) {
    const { value, cost } = spentBy(() => evaluateProgram(program, scope));
    left -= cost;
    if (left < 0) break;
    outcomes.push(value);
  }
  return { outcomes, left };
}

/**
 * Whether what validations left of the budget is enough for the messages. The server computes all of them, with variables of
 * their own, even where nothing failed; here that is done only where so little is left that it may not be enough.
 */
function canSpeak(policy: CompiledPolicy, spoken: Readonly<Record<string, Value>>, left: number): boolean {
  const messages = policy.validations.flatMap(({ messageProgram }) =>
    messageProgram ? [{ program: messageProgram }] : [],
  );
  if (left >= (messages.length + policy.variables.length) * COST_LIMIT) return true;
  return evaluateAll(messages, { ...spoken, variables: variablesOf(policy, spoken) }, left).left >= 0;
}

/** Bytes that the API server writes of an annotation's value. */
const MAX_ANNOTATION_BYTES = 10 * 1024;

interface Annotation {
  readonly key: string;
  readonly value?: string;
  readonly error?: string;
}

/** Null and nothing but space say nothing. */
function annotationOf(key: string, program: Program, outcome: Evaluation): Annotation {
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
  const { object, oldObject, request, requestOfConditions } = values;
  const objects = { object, oldObject, params: jsonValue(param) };
  const late = { ...objects, request, namespaceObject: namespaceObject(subject, context) };
  const authorizer = authorizerFor(subject, context);
  return {
    // The server hands no namespace to match conditions.
    early: { ...objects, request: requestOfConditions, namespaceObject: null, ...authorizer },
    late: { ...late, ...authorizer },
    spoken: { ...late, ...NO_AUTHORIZER },
  };
}

function namespaceObject(subject: Subject, { namespaceOf, namespaceValues }: Context): Value {
  const { namespace, any } = subject;
  if ((any.apiVersion === "v1" && any.kind === "Namespace") || namespace === "") return null;
  if (subject.isUnknown("metadata.namespace")) return errorValue("metadata.namespace is unknown");
  const known = namespaceValues.get(namespace);
  if (known !== undefined) return known;
  const found = namespaceOf(namespace);
  const value = found ? jsonValue(namespaceFields(found)) : errorValue(`namespace '${namespace}' is not known`);
  namespaceValues.set(namespace, value);
  return value;
}

type AuthorizerVariables = ReturnType<typeof authorizerVariables>;

/** By request: every policy asks the same authorizer about it. */
const authorizers = new WeakMap<Subject, AuthorizerVariables>();

function authorizerFor(subject: Subject, context: Context): AuthorizerVariables {
  const known = authorizers.get(subject);
  if (known) return known;
  const { namespace, name, subresource, resource, request } = subject;
  const { group, resource: plural = "" } = resource;
  const asked = { group, resource: plural, subresource, namespace, name };
  const made = authorizerVariables(context.authorizer, request.userInfo.username, asked);
  authorizers.set(subject, made);
  return made;
}

const NO_AUTHORIZER = Object.fromEntries(
  Object.keys(AUTHORIZER_NAMES).map((name) => [name, errorValue(`no such attribute(s): ${name}`)]),
);

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
