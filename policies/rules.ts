import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT, LABEL_DOMAIN, layerNamespace, policyName } from "../contracts.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { BhittiError, message } from "../messages/message.ts";
import type { AdmissionPolicy, PolicyBinding, ValidationAction } from "./engine/policy.ts";
import type { StoredTree } from "./engine/stored-tree.ts";

/**
 * How far a rule is enforced. `audit`: the cluster writes it to its audit log; `warn`: whoever asks is told too; `deny`: the
 * request is refused.
 */
export type Stage = "audit" | "warn" | "deny";

/** What a breach would cost. */
export const SEVERITIES = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * How binding a rule is. `advisory`: it warns and is written down, never denies; `soft-mandatory`: it denies unless an
 * exemption stands; `hard-mandatory`: it denies, and no exemption is accepted.
 */
export const LEVELS = ["advisory", "soft-mandatory", "hard-mandatory"] as const;
export type Level = (typeof LEVELS)[number];

/** What every rule says of itself, whichever way it judges. */
export interface RuleText {
  /** `<family>/<rule>`, which is its folder under policies/rules. */
  readonly id: string;
  readonly title: string;
  readonly titleBangla: string;
  /** Why it exists, in a sentence or two. */
  readonly rationale: string;
  readonly rationaleBangla: string;
  /** URL of the public text that it follows. */
  readonly reference: string;
  readonly severity: Severity;
  readonly level: Level;
  /** Ids of the controls that it serves; at least one. */
  readonly controls: readonly string[];
}

/** A rule that is an admission policy: it judges one request, here and in the cluster. */
export interface Rule extends RuleText {
  /** The document of rule.yaml, which runs here and in the cluster. */
  readonly policy: AdmissionPolicy;
  /** The ConfigMap that its expressions read; absent where it needs none. */
  readonly params?: ParamSource;
}

export interface ParamSource {
  readonly name: string;
  /** Absent: the namespace of the object that is judged. */
  readonly namespace?: string;
}

/** The ConfigMap that `supply-chain/allowed-registries` reads. */
export const ALLOWED_REGISTRIES: Required<ParamSource> = {
  name: "bhitti-allowed-registries",
  namespace: layerNamespace("guardrails"),
};

/** Namespaces of Kubernetes itself, which no rule touches: a rule that stopped them would stop the cluster. */
export const SYSTEM_NAMESPACES: readonly string[] = ["kube-node-lease", "kube-public", "kube-system"];

const ACTIONS: Readonly<Record<Stage, readonly ValidationAction[]>> = {
  audit: ["Audit"],
  warn: ["Warn", "Audit"],
  deny: ["Deny", "Audit"],
};

const folder = fileURLToPath(new URL("rules", import.meta.url));
const generated = fileURLToPath(new URL("rules.generated.json", import.meta.url));
const trees = fileURLToPath(new URL("trees.generated.json", import.meta.url));

/** A rule's document as it was parsed, and the SHA-256 of the text that it was parsed from, by id. */
export type ParsedRules = Readonly<Record<string, { readonly digest: string; readonly policy: AdmissionPolicy }>>;

let loaded: readonly Rule[] | undefined;

/**
 * Every rule that is an admission policy, sorted by id. estate-rules.ts has the others.
 *
 * Parsing two dozen YAML files takes 0.1 s, so their parsed form is kept in `rules.generated.json`. A text that is not the one
 * it was made from is parsed anew: the file can be old, but never wrong.
 *
 * @throws BhittiError BH3001 where a rule.yaml is no policy of its name
 */
export function loadRules(): readonly Rule[] {
  loaded ??= Object.entries(parseRules(readJson(generated))).map(([id, { policy }]) => ruleOf(id, policy));
  return loaded;
}

/** What `rules.generated.json` holds: each rule.yaml parsed, taken from `known` where its text is still the same. */
export function parseRules(known: ParsedRules = {}, textOf: (id: string) => string = ruleText): ParsedRules {
  return Object.fromEntries(
    ruleIds().map((id) => {
      const text = textOf(id);
      const digest = createHash("sha256").update(text).digest("hex");
      const old = known[id];
      return [id, old?.digest === digest ? old : { digest, policy: parseYaml(text) as AdmissionPolicy }];
    }),
  );
}

/** The text of a rule's rule.yaml. */
export const ruleText = (id: string): string => readFileSync(join(folder, id, "rule.yaml"), "utf8");

/** Every expression of the rules as a tree, by its text, for the engine: `trees.generated.json`. */
export const ruleTrees = (): Readonly<Record<string, StoredTree>> => readJson(trees);

/** A generated file; empty where it is missing, since everything in it can be made anew. */
function readJson<T>(file: string): Readonly<Record<string, T>> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, T>>;
  } catch {
    return {};
  }
}

/** Loaded only where a text has changed: importing it costs 50 ms. */
function parseYaml(text: string): unknown {
  const { parse } = createRequire(import.meta.url)("yaml") as typeof import("yaml");
  return parse(text);
}

/** Every folder of a rule that is an admission policy, sorted. */
export const ruleIds = (): readonly string[] =>
  foldersOf(folder)
    .flatMap((family) => foldersOf(join(folder, family)).map((rule) => `${family}/${rule}`))
    .filter((id) => existsSync(join(folder, id, "rule.yaml")));

const foldersOf = (path: string): readonly string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/**
 * A rule from the document of its rule.yaml.
 *
 * @throws BhittiError BH3001 where it is no policy of the rule's name, or does not say why it exists
 */
export function ruleOf(id: string, policy: AdmissionPolicy): Rule {
  const [family = "", name = ""] = id.split("/");
  const annotation = (key: string): string | undefined => policy?.metadata?.annotations?.[`${LABEL_DOMAIN}/${key}`];
  const [title, rationale, reference] = [annotation("title"), annotation("rationale"), annotation("reference")];
  const [titleBangla, rationaleBangla] = [annotation("title-bn"), annotation("rationale-bn")];
  const expected = policyName(family, name);
  if (policy?.kind !== "ValidatingAdmissionPolicy" || policy.metadata?.name !== expected) {
    throw unusable(id, `it is not a ValidatingAdmissionPolicy called '${expected}'`);
  }
  if (!title || !rationale || !reference) throw unusable(id, "it lacks the annotation title, rationale or reference");
  if (!isBangla(titleBangla) || !isBangla(rationaleBangla)) {
    throw unusable(id, "it lacks the annotation title-bn or rationale-bn, in Bangla");
  }
  const severity = SEVERITIES.find((s) => s === annotation("severity"));
  const level = LEVELS.find((l) => l === annotation("level"));
  const controls = annotation("controls")?.split(/,\s*/).filter(Boolean) ?? [];
  if (!severity) throw unusable(id, `the annotation severity is none of ${SEVERITIES.join(", ")}`);
  if (!level) throw unusable(id, `the annotation level is none of ${LEVELS.join(", ")}`);
  if (controls.length === 0) throw unusable(id, "the annotation controls names none");
  const paramsName = annotation("params-name");
  const paramsNamespace = annotation("params-namespace");
  if (Boolean(policy.spec.paramKind) !== Boolean(paramsName)) {
    throw unusable(id, "paramKind and the annotation params-name go together");
  }
  const params = paramsName
    ? { params: { name: paramsName, ...(paramsNamespace ? { namespace: paramsNamespace } : {}) } }
    : {};
  return {
    ...{ id, title, titleBangla, rationale, rationaleBangla, reference, severity, level, controls },
    policy,
    ...params,
  };
}

/** Has a letter of the Bengali script, so that no English text is passed off as Bangla. */
const isBangla = (text: string | undefined): text is string => /\p{Script=Bengali}/u.test(text ?? "");

const unusable = (id: string, reason: string) =>
  new BhittiError(message("BH3001", { rule: id, reason }), EXIT.badInput);

/** The stage that a rule stands at where `wanted` is asked of it: an advisory rule never denies. */
export const stageFor = ({ level }: RuleText, wanted: Stage): Stage =>
  level === "advisory" && wanted === "deny" ? "warn" : wanted;

/**
 * The ValidatingAdmissionPolicyBinding that puts a rule at a stage (`stageFor`), for every namespace but those of Kubernetes itself.
 *
 * A rule with params refuses what it cannot judge: where its ConfigMap is missing, the API server refuses every object that
 * the rule matches, at any stage. So params have to be deployed before bindings.
 */
export function bindingFor(rule: Rule, stage: Stage): PolicyBinding {
  const name = rule.policy.metadata.name;
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ACTIONS[stageFor(rule, stage)],
      ...(rule.params ? { paramRef: { ...rule.params, parameterNotFoundAction: "Deny" } } : {}),
      matchResources: {
        namespaceSelector: {
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: SYSTEM_NAMESPACES }],
        },
      },
    },
  };
}

/**
 * The params of `supply-chain/allowed-registries`.
 *
 * @param prefixes each a registry's host, a path, and a slash at the end: `registry.example.gov/platform/`
 * @throws BhittiError BH3002 where a prefix does not end in a slash: it would let in every longer name too
 */
export function allowedRegistries(prefixes: readonly string[]): KubernetesObject {
  const wrong = prefixes.filter((prefix) => !/^[^\s/]+(\/[^\s/]+)*\/$/.test(prefix));
  if (wrong.length > 0) throw new BhittiError(wrong.map((prefix) => message("BH3002", { prefix })));
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { ...ALLOWED_REGISTRIES },
    data: { prefixes: prefixes.join("\n") },
  };
}
