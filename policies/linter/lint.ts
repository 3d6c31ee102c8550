import { compareMessages, type Message, message } from "../../messages/message.ts";
import type { Names } from "../engine/expression.ts";
import type { AdmissionPolicy, PolicyBinding } from "../engine/policy.ts";
import { everyPart, printSyntax, type Syntax } from "../engine/syntax.ts";
import { type ExpressionLint, lintExpression } from "./expressions.ts";
import { lintResources, lintSubresources } from "./matching.ts";
import type { Scope } from "./paths.ts";
import { ANY, NAMESPACE, objectUnion, paramsUnion, REQUEST, record, type Union } from "./shapes.ts";
import type { SourceDocument } from "./source.ts";
import { structureFaults } from "./structure.ts";
import { lintTexts } from "./texts.ts";

export interface LintOptions {
  /** The oldest Kubernetes that the policies have to load on. @default "1.31" */
  readonly minimumVersion?: string;
}

export interface Lint {
  /** BH3102 … BH3131, sorted by file and line. */
  readonly messages: readonly Message[];
  /** How many policies and bindings were looked at. */
  readonly policies: number;
  readonly bindings: number;
}

/**
 * What is wrong, or likely not meant, in ValidatingAdmissionPolicies and their bindings (admissionregistration.k8s.io), by themselves:
 * no object is judged. Objects of other kinds are passed over.
 */
export function lintPolicies(all: readonly SourceDocument[], { minimumVersion = "1.31" }: LintOptions = {}): Lint {
  const documents = all.map(({ value, at }) => ({ value: withoutNulls(value), at }));
  const policies = documents.filter((d) => kindOf(d) === "ValidatingAdmissionPolicy");
  const bindings = documents.filter((d) => kindOf(d) === "ValidatingAdmissionPolicyBinding");
  const sound = (list: readonly SourceDocument[]) => list.filter(({ value }) => structureFaults(value).length === 0);
  const messages = [
    ...[...policies, ...bindings].flatMap((document) =>
      structureFaults(document.value).map(({ path, reason }) => message("BH3102", { reason }, document.at(path))),
    ),
    ...sound(policies).flatMap((document) => lintPolicy(document, minimumVersion)),
    ...lintPairs(policies, sound(policies), bindings, sound(bindings)),
  ];
  return { messages: messages.sort(compareMessages), policies: policies.length, bindings: bindings.length };
}

/** The API server takes a field that is null for one that is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([k, v]) => (v === null ? [] : [[k, withoutNulls(v)]])));
}

function kindOf({ value }: SourceDocument): string {
  const { kind, apiVersion } = (value ?? {}) as { kind?: unknown; apiVersion?: unknown };
  return String(apiVersion).startsWith("admissionregistration.k8s.io/") ? String(kind) : "";
}

interface Linted extends ExpressionLint {
  readonly path: readonly (string | number)[];
}

function lintPolicy(document: SourceDocument, minimumVersion: string): readonly Message[] {
  const { spec } = document.value as AdmissionPolicy;
  const { matchConditions = [], variables = [], validations = [], auditAnnotations = [] } = spec;
  const object = objectUnion(spec);
  const early: Scope = {
    object,
    oldObject: object,
    request: REQUEST,
    authorizer: ANY,
    ...(spec.paramKind ? { params: paramsUnion(spec) } : {}),
  };
  const late: Scope = { ...early, namespaceObject: NAMESPACE() };
  const lint = (text: string, path: readonly (string | number)[], scope: Scope, known?: readonly string[]): Linted => {
    const at = (offset?: number) => document.at(path, offset);
    return { ...lintExpression({ text, names: namesIn(scope, known), scope, at }, minimumVersion), path };
  };

  const conditions = matchConditions.map((c, i) =>
    lint(c.expression, ["spec", "matchConditions", i, "expression"], early),
  );
  const values: Record<string, Union> = {};
  const defined: Linted[] = [];
  for (const [i, { name, expression }] of variables.entries()) {
    const linted = lint(
      expression,
      ["spec", "variables", i, "expression"],
      { ...late, variables: record("variables", { ...values }) },
      Object.keys(values),
    );
    defined.push(linted);
    values[name] = linted.value ?? ANY;
  }
  const full: Scope = { ...late, variables: record("variables", { ...values }) };
  const known = variables.map((v) => v.name);
  const checks = validations.map((v, i) => lint(v.expression, ["spec", "validations", i, "expression"], full, known));
  const spoken = validations.map((v, i) =>
    v.messageExpression
      ? lint(v.messageExpression, ["spec", "validations", i, "messageExpression"], full, known)
      : undefined,
  );
  const annotations = auditAnnotations.map((a, i) =>
    lint(a.valueExpression, ["spec", "auditAnnotations", i, "valueExpression"], full, known),
  );
  const said = spoken.flatMap((s) => s ?? []);
  const all = [...conditions, ...defined, ...checks, ...said, ...annotations];
  const byName = new Map(variables.map((v, i) => [v.name, defined[i]?.syntax]));
  const reads = new Set(all.flatMap((linted) => [...linted.reads]));
  return [
    ...all.flatMap((linted) => linted.messages),
    ...(spec.failurePolicy === "Ignore" ? [message("BH3113", {}, document.at(["spec", "failurePolicy"]))] : []),
    ...lintResources(spec, document.at),
    ...lintSubresources(spec, reads, document.at),
    ...validations.flatMap((validation, i) =>
      checks[i]?.syntax
        ? lintTexts({
            message: validation.message,
            expression: validation.expression,
            decides: [...withVariables(checks[i].syntax, byName), ...conditions.flatMap((c) => c.syntax ?? [])],
            speaks: spoken[i]?.syntax ? withVariables(spoken[i].syntax, byName) : [],
            at: (field) => document.at(["spec", "validations", i, field]),
          })
        : [],
    ),
    ...unusedVariables(variables, [...checks, ...said, ...annotations], byName).map((i) =>
      message("BH3130", { name: variables[i]?.name ?? "" }, document.at(["spec", "variables", i, "name"])),
    ),
    ...[checks, conditions].flatMap((list) => duplicates(list, document)),
  ];
}

const namesIn = (scope: Scope, variables: readonly string[] = []): Names =>
  Object.fromEntries(Object.keys(scope).map((name) => [name, name === "variables" ? variables : ("any" as const)]));

const usedVariables = (syntax: Syntax): readonly string[] =>
  everyPart(syntax).flatMap((p) =>
    p.form === "field" && p.of.form === "name" && p.of.name === "variables" ? [p.field] : [],
  );

/** An expression and those of all variables that it uses. */
function withVariables(syntax: Syntax, byName: ReadonlyMap<string, Syntax | undefined>): readonly Syntax[] {
  const found = new Map<string, Syntax>();
  const visit = (one: Syntax): void => {
    for (const name of usedVariables(one)) {
      const definition = byName.get(name);
      if (!definition || found.has(name)) continue;
      found.set(name, definition);
      visit(definition);
    }
  };
  visit(syntax);
  return [syntax, ...found.values()];
}

/** Indexes of the variables that nothing needs which decides or speaks. */
function unusedVariables(
  variables: readonly { readonly name: string }[],
  users: readonly Linted[],
  byName: ReadonlyMap<string, Syntax | undefined>,
): readonly number[] {
  const used = new Set(
    users.flatMap(({ syntax }) => (syntax ? withVariables(syntax, byName).flatMap(usedVariables) : [])),
  );
  // What cannot be read may use anything.
  if (users.some(({ syntax }) => !syntax)) return [];
  return variables.flatMap(({ name }, i) => (used.has(name) ? [] : [i]));
}

function duplicates(list: readonly Linted[], document: SourceDocument): readonly Message[] {
  const first = new Map<string, Linted>();
  return list.flatMap((linted) => {
    if (!linted.syntax) return [];
    const text = printSyntax(linted.syntax);
    const earlier = first.get(text);
    if (!earlier) first.set(text, linted);
    const { line } = document.at(earlier?.path ?? []);
    return earlier ? [message("BH3131", { line }, document.at(linted.path))] : [];
  });
}

/** What only shows where policies and bindings are seen together. */
function lintPairs(
  allPolicies: readonly SourceDocument[],
  policies: readonly SourceDocument[],
  allBindings: readonly SourceDocument[],
  bindings: readonly SourceDocument[],
): readonly Message[] {
  const nameOf = ({ value }: SourceDocument) => String((value as { metadata?: { name?: unknown } }).metadata?.name);
  const specOf = ({ value }: SourceDocument) => (value as PolicyBinding).spec;
  const bound = new Set(allBindings.map(({ value }) => (value as Partial<PolicyBinding>).spec?.policyName));
  const named = new Map(allPolicies.map((policy) => [nameOf(policy), policy]));
  return [
    ...policies
      .filter((policy) => !bound.has(nameOf(policy)))
      .map((policy) => message("BH3110", { policy: nameOf(policy) }, policy.at(["metadata", "name"]))),
    ...bindings.flatMap((binding) => {
      const { policyName, validationActions = [], paramRef } = specOf(binding);
      const policy = named.get(policyName);
      const paramKind = policy && (policy.value as AdmissionPolicy).spec?.paramKind;
      const params = { binding: nameOf(binding), policy: policyName };
      const fault =
        policy && paramKind && !paramRef
          ? "it has no paramRef, so that 'params' is null"
          : policy && !paramKind && paramRef
            ? "its policy has no paramKind, so that paramRef is nothing"
            : paramRef && paramRef.parameterNotFoundAction !== "Deny"
              ? "parameterNotFoundAction is not Deny, so that everything passes where its params are missing"
              : undefined;
      return [
        ...(policy ? [] : [message("BH3111", params, binding.at(["spec", "policyName"]))]),
        ...(validationActions.includes("Deny")
          ? []
          : [
              message(
                "BH3112",
                { ...params, actions: validationActions.join(", ") },
                binding.at(["spec", "validationActions"]),
              ),
            ]),
        ...(fault
          ? [message("BH3116", { ...params, fault }, binding.at(["spec", paramRef ? "paramRef" : "policyName"]))]
          : []),
      ];
    }),
  ];
}
