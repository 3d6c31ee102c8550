/**
 * What the authorizer answers, as the one who asks declares it. Nobody outside of a cluster knows what its authorizer would
 * say, so that a question which no declaration covers is an error, never an answer.
 *
 * A field that is absent covers every value, except `user`: without it, a declaration speaks of whoever made the request. The first
 * declaration that covers a question answers it.
 */
export interface DeclaredAuthorization {
  /** `system:serviceaccount:<namespace>:<name>` for a service account. @default the user who made the request */
  readonly user?: string;
  /** `get`, `create`, `bind` … or `*`. */
  readonly verb: string;
  /** A path outside of the API's resources, such as `/healthz`. With it, the fields of a resource must be absent. */
  readonly path?: string;
  /** "" is the core group. */
  readonly group?: string;
  /** The plural, in lower case. */
  readonly resource?: string;
  /** "" is the resource itself. */
  readonly subresource?: string;
  /** "" is the cluster scope. */
  readonly namespace?: string;
  readonly name?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  readonly allowed: boolean;
  /** What `reason()` gives. @default "" */
  readonly reason?: string;
  /** The check fails with this: `errored()` is true and nothing is allowed. */
  readonly error?: string;
}

/** What an expression asks the authorizer; absent fields were not said. */
export interface AuthorizationQuestion {
  readonly user: string;
  readonly verb: string;
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

const RESOURCE_FIELDS = [
  "group",
  "resource",
  "subresource",
  "namespace",
  "name",
  "fieldSelector",
  "labelSelector",
] as const;

/**
 * The first declaration that covers a question; undefined where none does.
 *
 * @param requester name of the user who made the request
 */
export function declaredAnswer(
  declared: readonly DeclaredAuthorization[],
  question: AuthorizationQuestion,
  requester: string,
): DeclaredAuthorization | undefined {
  return declared.find((answer) => {
    if ((answer.user ?? requester) !== question.user) return false;
    if (answer.verb !== "*" && answer.verb !== question.verb) return false;
    if (answer.path !== undefined) return answer.path === question.path;
    const said = RESOURCE_FIELDS.filter((field) => answer[field] !== undefined);
    if (question.path !== undefined) return said.length === 0;
    return said.every((field) => answer[field] === (question[field] ?? ""));
  });
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The declaration that a SubjectAccessReview (authorization.k8s.io/v1) with a status makes, or why it makes none. `*` stands for every
 * value, as in the API; an absent name or namespace too.
 */
export function declarationOf(review: Json): { readonly declared?: DeclaredAuthorization; readonly fault?: string } {
  const [spec, status] = [review["spec"], review["status"]].map((part) => (isMapping(part) ? part : {}));
  const { allowed, reason, evaluationError } = status ?? {};
  if (typeof allowed !== "boolean") return { fault: "it has no status.allowed" };
  const { user, resourceAttributes, nonResourceAttributes } = spec ?? {};
  const answer = {
    allowed,
    ...(typeof user === "string" && user !== "" ? { user } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
    ...(typeof evaluationError === "string" && evaluationError !== "" ? { error: evaluationError } : {}),
  };
  if (isMapping(nonResourceAttributes)) {
    const { path, verb } = nonResourceAttributes;
    if (typeof path !== "string" || typeof verb !== "string")
      return { fault: "nonResourceAttributes lack path or verb" };
    return { declared: { ...answer, verb, path } };
  }
  if (!isMapping(resourceAttributes)) return { fault: "it has neither resourceAttributes nor nonResourceAttributes" };
  const { verb, resource, group = "", subresource = "", namespace = "*", name = "*" } = resourceAttributes;
  if (typeof verb !== "string" || typeof resource !== "string")
    return { fault: "resourceAttributes lack verb or resource" };
  const fields = Object.entries({ group, resource, subresource, namespace, name });
  const wrong = fields.find(([, value]) => typeof value !== "string");
  if (wrong) return { fault: `resourceAttributes.${wrong[0]} is no text` };
  return { declared: { ...answer, verb, ...Object.fromEntries(fields.filter(([, value]) => value !== "*")) } };
}

const isMapping = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
