import { fieldFaults } from "../../kubernetes/field-faults.ts";
import { typeOfKind } from "../../kubernetes/schema.ts";

/** Something that the API server would refuse of an object's form. */
export interface StructureFault {
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

/** Where an object's fields have other names or types than the API's, and what a policy or binding cannot do without. */
export function structureFaults(value: unknown): readonly StructureFault[] {
  const { apiVersion, kind } = value as { apiVersion?: string; kind?: string };
  const text = typeOfKind(String(apiVersion), String(kind));
  if (!text)
    return [{ path: ["apiVersion"], reason: `'${apiVersion}' has no ${kind}; write admissionregistration.k8s.io/v1` }];
  const typed = fieldFaults(value, text).map(({ keys, path, reason }) => ({
    path: keys,
    reason: `${path || "it"} ${reason}`,
  }));
  return typed.length > 0 ? typed : missing(value as Json, kind === "ValidatingAdmissionPolicy" ? POLICY : BINDING);
}

type Json = { readonly [key: string]: unknown };

/** Source: the API's validation, pkg/apis/admissionregistration/validation. */
const POLICY = ["metadata.name", "spec.matchConstraints.resourceRules"];
const BINDING = ["metadata.name", "spec.policyName", "spec.validationActions"];

function missing(value: Json, required: readonly string[]): readonly StructureFault[] {
  const at = (path: readonly string[]): unknown =>
    path.reduce<unknown>((v, key) => (v as Json | undefined)?.[key], value);
  const absent = required.filter((path) => {
    const found = at(path.split("."));
    return found === undefined || found === null || found === "" || (Array.isArray(found) && found.length === 0);
  });
  const { validations = [], auditAnnotations = [] } = (value["spec"] ?? {}) as Record<string, unknown[] | undefined>;
  const idle = required === POLICY && validations.length === 0 && auditAnnotations.length === 0;
  return [
    ...absent.map((path) => ({ path: path.split("."), reason: `it lacks ${path}` })),
    ...(idle ? [{ path: ["spec"], reason: "it has neither validations nor auditAnnotations" }] : []),
    ...nameless(value),
  ];
}

/** Expressions and names that the API demands of each entry of a list. */
function nameless(value: Json): readonly StructureFault[] {
  const wanted = {
    validations: ["expression"],
    variables: ["name", "expression"],
    matchConditions: ["name", "expression"],
    auditAnnotations: ["key", "valueExpression"],
  };
  const spec = (value["spec"] ?? {}) as Record<string, unknown>;
  return Object.entries(wanted).flatMap(([list, keys]) =>
    ((spec[list] ?? []) as Json[]).flatMap((item, i) =>
      keys
        .filter((key) => typeof item?.[key] !== "string" || item[key] === "")
        .map((key) => ({ path: ["spec", list, i], reason: `spec.${list}[${i}] lacks ${key}` })),
    ),
  );
}
