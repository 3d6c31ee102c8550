import { createReadStream, type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../../contracts.ts";
import { fieldFaults } from "../../kubernetes/field-faults.ts";
import { MAX_FILE_BYTES, type Manifest, readManifests } from "../../kubernetes/manifests.ts";
import { describeObject, groupOf, type KubernetesObject } from "../../kubernetes/object.ts";
import { typeOfKind } from "../../kubernetes/schema.ts";
import { BhittiError, formatMessage, type Message, message } from "../../messages/message.ts";
import { judgeOf, type Outcome as Verdict } from "../../policies/engine/admission.ts";
import { type DeclaredAuthorization, declarationOf } from "../../policies/engine/authorization.ts";
import { type Kinds, kindsOf } from "../../policies/engine/kinds.ts";
import type { AdmissionPolicy, PolicyBinding } from "../../policies/engine/policy.ts";
import { bindingProblems, policyProblems } from "../../policies/engine/problems.ts";
import type { AdmissionRequest, Operation, UserInfo } from "../../policies/engine/request.ts";
import { requestOfReview } from "../../policies/engine/review.ts";
import { count, type Outcome } from "./outcome.ts";

export interface PolicyEvalWords {
  /** Files, folders, `-` for standard input. */
  readonly file: readonly string[];
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly operation?: Exclude<Operation, "CONNECT">;
}

/** One verdict as `--json` prints it. */
export interface EvalResult {
  readonly policy: string;
  /** Null where the policy has none and was judged as if bound with Deny. */
  readonly binding: string | null;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
  /** `<file>#<n>`, from 1. */
  readonly source: string;
  readonly verdict: Verdict;
  /** Empty where there is nothing to say. */
  readonly message: string;
}

const REGISTRATION = "admissionregistration.k8s.io";
/** All files together. */
const MAX_INPUT_BYTES = 2 * MAX_FILE_BYTES;

/**
 * `bhitti policy eval -f <policies…> -f <objects…>`: the verdict of each policy, by each of its bindings, on each object, as the
 * API server would give it. Exit 1 where a request would be refused or a policy cannot be evaluated.
 *
 * @throws BhittiError BH3801 to BH3809 and BH3814, exit 2, where anything that is given cannot be used: then nothing is evaluated
 */
export async function policyEval(words: PolicyEvalWords): Promise<Outcome> {
  const given = sorted(await readAll(words.file));
  const { policies, bindings, notices } = policiesOf(given);
  const files = words.file.join(", ");
  if (policies.length === 0) throw new BhittiError(message("BH3809", { what: "policy", files }));
  const asked = requestsOf(given, words);
  if (asked.length === 0) throw new BhittiError(message("BH3809", { what: "object", files }));

  const objects = given.objects.map(({ value }) => value as KubernetesObject);
  const kinds = withParamKinds(kindsOf(objects), policies, objects);
  const judge = judgeOf(policies, bindings, {
    namespaces: objects.filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Namespace"),
    params: objects,
    kinds,
    authorizer: declarationsOf(given),
  });
  const madeUpNames = new Set(bindings.filter(isMadeUp).map(({ metadata }) => metadata.name));
  const results: EvalResult[] = [];
  const lines: Message[] = [];
  const judged = { matched: new Set<string>(), idle: 0 };
  for (const { request, manifest } of asked) {
    const object = identityOf(request);
    let concerned = false;
    for (const verdict of judge(request, { all: true })) {
      const text = verdict.messages.join("; and ");
      const binding = madeUpNames.has(verdict.binding) ? null : verdict.binding;
      results.push({
        policy: verdict.policy,
        binding,
        object,
        source: manifest.source,
        verdict: verdict.outcome,
        message: text,
      });
      if (verdict.outcome === "notMatched") continue;
      concerned = true;
      judged.matched.add(verdict.policy);
      const code = LINES[verdict.outcome];
      const policy = binding === null || binding === verdict.policy ? verdict.policy : `${verdict.policy} (${binding})`;
      const named = `${describe(request)} (${manifest.source})`;
      if (code) lines.push(message(code, { object: named, policy, text }, manifest.position));
    }
    if (!concerned) judged.idle++;
  }
  const failed = results.some(({ verdict }) => verdict === "deny" || verdict === "error");
  return {
    exitCode: failed ? EXIT.findings : EXIT.fine,
    json: { results },
    jsonParts: () => partsOf(results),
    notices: [...notices, ...unknownKinds(asked, kinds)].map(formatMessage),
    text: [...lines.map(formatMessage), ...totals(results, policies, asked.length, judged)].join("\n"),
  };
}

/** One result a line: a cluster's worth of verdicts is tens of megabytes. */
function* partsOf(results: readonly EvalResult[]): Generator<string> {
  yield '{"results": [';
  for (let i = 0; i < results.length; i += 1000) {
    const lines = results.slice(i, i + 1000).map((result) => `\n  ${JSON.stringify(result)}`);
    yield (i === 0 ? "" : ",") + lines.join(",");
  }
  yield "\n]}\n";
}

const LINES: Readonly<Partial<Record<Verdict, "BH3820" | "BH3821" | "BH3822" | "BH3823">>> = {
  deny: "BH3820",
  warn: "BH3821",
  audit: "BH3822",
  error: "BH3823",
};

function totals(
  results: readonly EvalResult[],
  policies: readonly AdmissionPolicy[],
  objects: number,
  { matched, idle }: { readonly matched: ReadonlySet<string>; readonly idle: number },
): readonly string[] {
  const of = (verdict: Verdict) => results.filter((result) => result.verdict === verdict).length;
  const idlePolicies = policies.map(({ metadata }) => metadata.name).filter((name) => !matched.has(name));
  return [
    `${count(policies.length, "policy", "policies")} on ${count(objects, "object")}: ${of("allow")} allowed, ${of("deny")} denied, ` +
      `${of("warn")} warned of, ${of("audit")} audited, ${count(of("error"), "error")}`,
    `${count(idle, "object")} matched no policy; ` +
      (idlePolicies.length === 0
        ? "every policy matched something"
        : `${count(idlePolicies.length, "policy", "policies")} matched nothing: ${idlePolicies.join(", ")}`),
  ];
}

/** Everything that was given, by what it is for. */
interface Given {
  readonly answers: readonly Manifest[];
  readonly policies: readonly Manifest[];
  readonly bindings: readonly Manifest[];
  readonly reviews: readonly Manifest[];
  readonly objects: readonly Manifest[];
}

function sorted(manifests: readonly Manifest[]): Given {
  const is =
    (group: string, ...kinds: readonly string[]) =>
    (m: Manifest) =>
      groupOf(m.value.apiVersion) === group && kinds.includes(m.value.kind);
  const [policy, binding] = [
    is(REGISTRATION, "ValidatingAdmissionPolicy"),
    is(REGISTRATION, "ValidatingAdmissionPolicyBinding"),
  ];
  const review = is("admission.k8s.io", "AdmissionReview");
  const answer = is("authorization.k8s.io", "SubjectAccessReview");
  return {
    answers: manifests.filter(answer),
    policies: manifests.filter(policy),
    bindings: manifests.filter(binding),
    reviews: manifests.filter(review),
    objects: manifests.filter((m) => !policy(m) && !binding(m) && !review(m) && !answer(m)),
  };
}

interface Bound {
  readonly policies: readonly AdmissionPolicy[];
  readonly bindings: readonly PolicyBinding[];
  readonly notices: readonly Message[];
}

/** What policies without a binding are judged by. */
const MADE_UP = Symbol("as if bound with Deny");
const isMadeUp = (binding: PolicyBinding): boolean => MADE_UP in binding;

function policiesOf({ policies, bindings }: Given): Bound {
  const faults = [...policies, ...bindings].flatMap(({ value, source, position }) => {
    const object = value as unknown as KubernetesObject;
    const problems = value.kind === "ValidatingAdmissionPolicy" ? policyProblems(object) : bindingProblems(object);
    const name = object.metadata?.name ?? "";
    return problems.map(({ path, reason }) =>
      message("BH3807", { kind: value.kind, name, source, file: position.file, reason: `${path} ${reason}` }, position),
    );
  });
  const repeated = [...duplicates(policies), ...duplicates(bindings)];
  if (faults.length + repeated.length > 0) throw new BhittiError([...faults, ...repeated]);

  const all = policies.map(({ value }) => withLists(value as unknown as AdmissionPolicy));
  const names = new Set(all.map(({ metadata }) => metadata.name));
  const stated = bindings.map(({ value }) => value as unknown as PolicyBinding);
  const [used, idle] = [
    stated.filter(({ spec }) => names.has(spec.policyName)),
    stated.filter(({ spec }) => !names.has(spec.policyName)),
  ];
  const bound = new Set(used.map(({ spec }) => spec.policyName));
  const unbound = all.filter(({ metadata }) => !bound.has(metadata.name));
  return {
    policies: all,
    bindings: [...used, ...unbound.map(({ metadata }) => madeUp(metadata.name))],
    notices: [
      ...unbound.map(({ metadata }) => message("BH3810", { policy: metadata.name })),
      ...idle.map(({ metadata, spec }) => message("BH3811", { binding: metadata.name, policy: spec.policyName })),
    ],
  };
}

/** A policy may have audit annotations alone. */
const withLists = (policy: AdmissionPolicy): AdmissionPolicy => ({
  ...policy,
  spec: { ...policy.spec, validations: policy.spec.validations ?? [] },
});

const madeUp = (policyName: string): PolicyBinding & { readonly [MADE_UP]: true } => ({
  apiVersion: `${REGISTRATION}/v1`,
  kind: "ValidatingAdmissionPolicyBinding",
  // No binding of a cluster can be called so.
  metadata: { name: `(none: ${policyName})` },
  spec: { policyName, validationActions: ["Deny"] },
  [MADE_UP]: true,
});

function duplicates(manifests: readonly Manifest[]): readonly Message[] {
  const first = new Map<string, Manifest>();
  return manifests.flatMap((manifest) => {
    const name = String((manifest.value["metadata"] as { readonly name?: unknown } | undefined)?.name);
    const known = first.get(name);
    first.set(name, known ?? manifest);
    const { kind } = manifest.value;
    return known
      ? [message("BH3814", { kind, name, first: known.source, second: manifest.source }, manifest.position)]
      : [];
  });
}

/**
 * What the authorizer answers, by the SubjectAccessReviews that carry an answer.
 *
 * @throws BhittiError BH3815 for one without
 */
function declarationsOf({ answers }: Given): readonly DeclaredAuthorization[] {
  const read = answers.map(({ value, source, position }) => {
    const { declared, fault } = declarationOf(value);
    return fault === undefined ? { declared } : { fault: message("BH3815", { source, reason: fault }, position) };
  });
  const faults = read.flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) throw new BhittiError(faults);
  return read.flatMap(({ declared }) => declared ?? []);
}

interface Asked {
  readonly request: AdmissionRequest;
  readonly manifest: Manifest;
}

/** Nobody in particular: rules that let some through by name or group do not apply. */
const SOMEBODY: UserInfo = { username: "somebody", groups: ["system:authenticated"] };

/** @throws BhittiError BH3805, BH3806, BH3808 for what the API server would not take for an object or a request */
function requestsOf({ objects, reviews }: Given, words: PolicyEvalWords): readonly Asked[] {
  const { operation = "CREATE" } = words;
  const userInfo =
    words.as === undefined && words.asGroup === undefined
      ? SOMEBODY
      : { username: words.as ?? SOMEBODY.username, groups: [...(words.asGroup ?? []), "system:authenticated"] };
  const faults: Message[] = [];
  const asked = objects.flatMap((manifest): Asked[] => {
    const found = objectFaults(manifest);
    faults.push(...found);
    if (found.length > 0) return [];
    const object = manifest.value as unknown as KubernetesObject;
    const request: AdmissionRequest = {
      operation,
      userInfo,
      ...(operation === "DELETE" ? {} : { object }),
      ...(operation === "CREATE" ? {} : { oldObject: object }),
    };
    return [{ request, manifest }];
  });
  const reviewed = reviews.flatMap((manifest): Asked[] => {
    const read = requestOfReview(manifest.value);
    if ("reason" in read) {
      faults.push(message("BH3808", { source: manifest.source, reason: read.reason }, manifest.position));
      return [];
    }
    const { object, oldObject } = read;
    const found = [object, oldObject].flatMap((o) =>
      o ? objectFaults({ ...manifest, value: o }, read.operation === "CONNECT") : [],
    );
    faults.push(...found);
    return found.length > 0 ? [] : [{ request: read, manifest }];
  });
  if (faults.length > 0) throw new BhittiError(faults);
  return [...asked, ...reviewed];
}

function objectFaults({ value, source, position }: Manifest, isConnect = false): readonly Message[] {
  const refuse = (reason: string) => [message("BH3805", { source, reason }, position)];
  const { metadata } = value;
  if (!isConnect) {
    if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
      return refuse("it has no metadata");
    const { name, generateName, namespace, labels } = metadata as Readonly<Record<string, unknown>>;
    for (const [field, text] of Object.entries({ name, generateName, namespace })) {
      if (text !== undefined && text !== null && typeof text !== "string") {
        return refuse(`metadata.${field} is no text; put it in quotes`);
      }
    }
    if (!name && !generateName) return refuse("metadata has no name");
    if (!isTextMap(labels)) return refuse("metadata.labels holds what is no text; put it in quotes");
  }
  const type = typeOfKind(value.apiVersion, value.kind);
  if (!type) return [];
  const object = describeObject(value as unknown as KubernetesObject);
  return fieldFaults(value, type).map(({ path, reason }) =>
    message("BH3806", { object, source, reason: `${path || "it"} ${reason}` }, position),
  );
}

const isTextMap = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === "object" && !Array.isArray(value) && Object.values(value).every((v) => typeof v === "string"));

/** Params may be of a kind that no definition describes: their own namespace tells whether they lie in one. */
function withParamKinds(
  kinds: Kinds,
  policies: readonly AdmissionPolicy[],
  objects: readonly KubernetesObject[],
): Kinds {
  const learned = new Map(
    policies.flatMap(({ spec: { paramKind } }) => {
      if (!paramKind || kinds.of(paramKind.apiVersion, paramKind.kind)) return [];
      const { apiVersion, kind } = paramKind;
      const param = objects.find((o) => o.apiVersion === apiVersion && o.kind === kind);
      if (!param) return [];
      const namespaced = param.metadata.namespace !== undefined;
      return [[`${apiVersion}/${kind}`, { plural: `${kind.toLowerCase()}s`, namespaced }] as const];
    }),
  );
  return {
    of: (apiVersion, kind) => kinds.of(apiVersion, kind) ?? learned.get(`${apiVersion}/${kind}`),
    versionsOf: kinds.versionsOf,
  };
}

function unknownKinds(asked: readonly Asked[], kinds: Kinds): readonly Message[] {
  const told = new Map<string, Message>();
  for (const { request, manifest } of asked) {
    const { apiVersion, kind, metadata } = request.object ?? request.oldObject ?? manifest.value;
    if (NEVER_JUDGED.test(kind) && groupOf(apiVersion) === REGISTRATION) {
      const { name = "" } = (metadata ?? {}) as { readonly name?: string };
      told.set(manifest.source, message("BH3813", { kind, name, source: manifest.source }, manifest.position));
    } else if (!request.resource && !kinds.of(apiVersion, kind)) {
      const key = `${apiVersion}/${kind}`;
      if (!told.has(key)) told.set(key, message("BH3812", { kind, apiVersion }, manifest.position));
    }
  }
  return [...told.values()];
}

const NEVER_JUDGED = /^Mutating/;

function identityOf(request: AdmissionRequest): EvalResult["object"] {
  const { apiVersion = "", kind = "", metadata } = request.object ?? request.oldObject ?? {};
  const { name = "", namespace = "", generateName } = metadata ?? {};
  return {
    apiVersion,
    kind,
    namespace: request.namespace ?? namespace,
    name: request.name ?? (name || (generateName ? `${generateName}*` : "")),
  };
}

function describe(request: AdmissionRequest): string {
  const { kind, namespace, name } = identityOf(request);
  return namespace ? `${kind} ${namespace}/${name}` : `${kind} ${name}`;
}

/** @throws BhittiError with what is wrong with each file */
async function readAll(files: readonly string[]): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  const faults: Message[] = [];
  let left = MAX_INPUT_BYTES;
  for (const file of files.flatMap((path) => filesOf(path, faults))) {
    const bytes = await bytesOf(file, faults);
    left -= bytes.length;
    if (left < 0) {
      const [size, limit] = ["more", `${MAX_INPUT_BYTES / 1024 / 1024} MiB`];
      throw new BhittiError(message("BH3803", { what: "all that is given", size, limit }));
    }
    const read = readManifests(file, bytes);
    for (const manifest of read.objects) manifests.push(manifest);
    faults.push(...read.messages);
  }
  if (faults.length > 0) throw new BhittiError(faults);
  return manifests;
}

/** The files of a folder and the folders below it, by name; links are not followed. */
function filesOf(path: string, faults: Message[]): readonly string[] {
  const refuse = (reason: string) => {
    faults.push(message("BH3801", { file: path, reason }));
    return [];
  };
  if (path === "-") return [path];
  try {
    if (!lstatSync(path).isDirectory()) return [path];
    const found = below(path);
    return found.length > 0 ? found : refuse("the folder holds no file that ends in .yaml, .yml or .json");
  } catch (error) {
    return refuse(systemReason(error));
  }
}

function below(folder: string): readonly string[] {
  const byName = (a: Dirent, b: Dirent) => (a.name < b.name ? -1 : 1);
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .sort(byName)
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return below(path);
      return entry.isFile() && /\.(ya?ml|json)$/.test(entry.name) ? [path] : [];
    });
}

/** Of a file that is too large, a little more than is taken; none of one that cannot be read. */
async function bytesOf(file: string, faults: Message[]): Promise<Uint8Array> {
  const stream = file === "-" ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 });
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (size > MAX_FILE_BYTES) break;
    }
    return Buffer.concat(parts);
  } catch (error) {
    faults.push(message("BH3801", { file, reason: systemReason(error) }));
    return new Uint8Array();
  }
}

function systemReason(error: unknown): string {
  const { code = "", message: text = String(error) } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "the system does not allow it",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of the path is no folder",
  };
  return known[code] ?? text;
}
