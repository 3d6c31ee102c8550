import type { Verdict } from "./admission.ts";

/** What the API server answers to a request, as far as policies decide it. */
export interface Answer {
  readonly allowed: boolean;
  /** Of a refusal: HTTP status, `reason` and the part of `message` that the policy says. */
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  /** Texts of the Warning headers. */
  readonly warnings: readonly string[];
  /** What the audit log holds, by key. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** Source: apiserver 1.35, admission/plugin/policy/validating/policy_decision.go, reasonToCode. */
const CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

const FAILURE_KEY = "validation.policy.admission.k8s.io/validation_failure";

/**
 * Joins the verdicts on one request to the answer of the API server. It tells the first denial only; which policy comes first is
 * chance there, and the given order here.
 *
 * Source: apiserver 1.35, admission/plugin/policy/validating/dispatcher.go.
 */
export function answerOf(verdicts: readonly Verdict[]): Answer {
  const failures = verdicts.flatMap((verdict) => verdict.failures.map((failure) => ({ ...failure, verdict })));
  const denied = failures.find(({ actions }) => actions.includes("Deny"));
  const named = ({ policy, binding }: Verdict) => `ValidatingAdmissionPolicy '${policy}' with binding '${binding}'`;
  const warnings = failures
    .filter(({ actions }) => actions.includes("Warn"))
    .map(({ verdict, message }) => `Validation failed for ${named(verdict)}: ${message}`);
  const auditAnnotations = annotationsOf(verdicts);
  if (!denied) return { allowed: true, warnings, auditAnnotations };
  const { verdict, ofPolicy, message, reason } = denied;
  const who = ofPolicy ? `ValidatingAdmissionPolicy '${verdict.policy}'` : named(verdict);
  return {
    allowed: false,
    code: CODES[reason] ?? 422,
    reason,
    message: `${who} denied request: ${message}`,
    warnings,
    auditAnnotations,
  };
}

function annotationsOf(verdicts: readonly Verdict[]): Readonly<Record<string, string>> {
  const values = new Map<string, Set<string>>();
  const found: Record<string, string> = {};
  for (const verdict of verdicts) {
    for (const [key, texts] of Object.entries(verdict.auditAnnotations)) {
      const name = `${verdict.policy}/${key}`;
      values.set(name, new Set([...(values.get(name) ?? []), ...texts]));
    }
    for (const { actions, message, validation } of verdict.failures) {
      // The first one stays: an annotation cannot be written twice.
      if (!actions.includes("Audit") || validation === undefined || FAILURE_KEY in found) continue;
      found[FAILURE_KEY] = JSON.stringify([
        {
          message,
          policy: verdict.policy,
          binding: verdict.binding,
          expressionIndex: validation,
          validationActions: actions,
        },
      ]);
    }
  }
  for (const [name, texts] of values) found[name] = [...texts].join(", ");
  return found;
}

/**
 * An answer without what may differ though nothing does: the wording of evaluation errors, which is the CEL engine's, and the
 * order of params, which is chance in the API server.
 */
export function comparable(answer: Answer | undefined): Answer | undefined {
  if (!answer) return undefined;
  const { message, warnings, auditAnnotations } = answer;
  return {
    ...answer,
    ...(message === undefined ? {} : { message: withoutWording(message) }),
    warnings: warnings.map(withoutWording).sort(),
    auditAnnotations: Object.fromEntries(
      Object.entries(auditAnnotations).map(([key, value]) => [
        key,
        key === FAILURE_KEY ? withoutWording(value) : value.split(", ").sort().join(", "),
      ]),
    ),
  };
}

const withoutWording = (text: string): string =>
  text.replace(/(resulted in error): .*?(?=, expression '|\]$|","policy"|$)/gs, "$1");
