import type { CelValue } from "@bufbuild/cel";
import { type AuthorizationQuestion, type DeclaredAuthorization, declaredAnswer } from "../authorization.ts";
import { charge } from "../budget.ts";
import { opaque, opaqueValue } from "../opaque.ts";
import { type Declaration, declare } from "./declaration.ts";

/** Who may do what: answers are those that were declared. Source: apiserver, pkg/cel/library/authz.go. */
const since = declare("1.27");
const selectors = declare("1.31");

const AUTHORIZER = "kubernetes.authorization.Authorizer";
const PATH_CHECK = "kubernetes.authorization.PathCheck";
const GROUP_CHECK = "kubernetes.authorization.GroupCheck";
const RESOURCE_CHECK = "kubernetes.authorization.ResourceCheck";
const DECISION = "kubernetes.authorization.Decision";

/** What a chain of calls has said so far. */
interface Asked {
  readonly declared: readonly DeclaredAuthorization[];
  readonly requester: string;
  readonly question: Omit<AuthorizationQuestion, "verb">;
}

/** Two checks in an expression are what the API server's limit allows. */
const CHECK_COST = 350_000;

/** The variable `authorizer`. */
export const authorizer = (declared: readonly DeclaredAuthorization[], requester: string): CelValue =>
  opaque(AUTHORIZER, { declared, requester, question: { user: requester } } satisfies Asked);

/** The variable `authorizer.requestResource`. */
export const resourceCheck = (
  declared: readonly DeclaredAuthorization[],
  requester: string,
  resource: Omit<AuthorizationQuestion, "verb" | "user" | "path">,
): CelValue =>
  opaque(RESOURCE_CHECK, { declared, requester, question: { ...resource, user: requester } } satisfies Asked);

const more = (from: string, to: string, add: (text: string) => Partial<AuthorizationQuestion>) => {
  return (value: CelValue, text: string): CelValue => {
    const asked = opaqueValue<Asked>(from, value);
    return opaque(to, { ...asked, question: { ...asked.question, ...add(text) } });
  };
};

function notEmpty(name: string, text: string): string {
  if (text.trim() === "") throw new Error(`${name} must not be empty`);
  return text;
}

function check(type: string): (value: CelValue, verb: string) => CelValue {
  return (value, verb) => {
    charge(CHECK_COST);
    const { declared, requester, question } = opaqueValue<Asked>(type, value);
    const answer = declaredAnswer(declared, { ...question, verb }, requester);
    if (!answer) throw new Error(`nobody declared what the authorizer answers to ${describe({ ...question, verb })}`);
    return opaque(DECISION, answer);
  };
}

const describe = ({ user, verb, path, ...resource }: AuthorizationQuestion): string =>
  [`user=${user}`, `verb=${verb}`, ...(path === undefined ? [] : [`path=${path}`])]
    .concat(Object.entries(resource).map(([field, value]) => `${field}=${value}`))
    .join(" ");

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function serviceAccount(value: CelValue, namespace: string, name: string): CelValue {
  if (!SUBDOMAIN.test(name) || name.length > 253) throw new Error("Invalid service account name");
  if (!LABEL.test(namespace) || namespace.length > 63) throw new Error("Invalid service account namespace");
  const asked = opaqueValue<Asked>(AUTHORIZER, value);
  return opaque(AUTHORIZER, { ...asked, question: { user: `system:serviceaccount:${namespace}:${name}` } });
}

const answerOf = (value: CelValue): DeclaredAuthorization => opaqueValue<DeclaredAuthorization>(DECISION, value);

const narrowed = (field: keyof AuthorizationQuestion) =>
  more(RESOURCE_CHECK, RESOURCE_CHECK, (text) => ({ [field]: text }));

export const AUTHORIZER_FUNCTIONS: readonly Declaration[] = [
  since(
    `${AUTHORIZER}.path(string): ${PATH_CHECK}`,
    more(AUTHORIZER, PATH_CHECK, (path) => ({ path: notEmpty("path", path) })),
  ),
  since(
    `${AUTHORIZER}.group(string): ${GROUP_CHECK}`,
    more(AUTHORIZER, GROUP_CHECK, (group) => ({ group })),
  ),
  since(`${AUTHORIZER}.serviceAccount(string, string): ${AUTHORIZER}`, serviceAccount),
  since(
    `${GROUP_CHECK}.resource(string): ${RESOURCE_CHECK}`,
    more(GROUP_CHECK, RESOURCE_CHECK, (resource) => ({ resource: notEmpty("resource", resource) })),
  ),
  since(`${RESOURCE_CHECK}.subresource(string): ${RESOURCE_CHECK}`, narrowed("subresource")),
  since(`${RESOURCE_CHECK}.namespace(string): ${RESOURCE_CHECK}`, narrowed("namespace")),
  since(`${RESOURCE_CHECK}.name(string): ${RESOURCE_CHECK}`, narrowed("name")),
  selectors(`${RESOURCE_CHECK}.fieldSelector(string): ${RESOURCE_CHECK}`, narrowed("fieldSelector")),
  selectors(`${RESOURCE_CHECK}.labelSelector(string): ${RESOURCE_CHECK}`, narrowed("labelSelector")),
  since(`${PATH_CHECK}.check(string): ${DECISION}`, check(PATH_CHECK)),
  since(`${RESOURCE_CHECK}.check(string): ${DECISION}`, check(RESOURCE_CHECK)),
  since(`${DECISION}.allowed(): bool`, (value: CelValue) => answerOf(value).allowed && !answerOf(value).error),
  since(`${DECISION}.reason(): string`, (value: CelValue) => answerOf(value).reason ?? ""),
  since(`${DECISION}.errored(): bool`, (value: CelValue) => answerOf(value).error !== undefined),
  since(`${DECISION}.error(): string`, (value: CelValue) => answerOf(value).error ?? ""),
];
