import { EXIT, LABELS, layerNamespace, MANAGER, zoneOwnersGroup } from "../../contracts.ts";
import type { Estate } from "../../estate/estate.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { formatMessage, type Message, message, severityOf } from "../../messages/message.ts";
import { type DeployedDifference, deployedDifferences } from "../../policies/deployed.ts";
import { isEstateRule } from "../../policies/estate-rule.ts";
import { type Asker, DEPLOYER, evaluateEstate, type Finding, type Findings } from "../../policies/evaluate.ts";
import { applyExemptions } from "../../policies/exemptions/apply.ts";
import type { Rule } from "../../policies/rules.ts";
import type { ClusterClient } from "../deploy/cluster-client.ts";
import { connectClusters } from "../deploy/deploy.ts";
import { madeByController } from "../deploy/drift.ts";
import { readLiveEstate } from "../deploy/live-estate.ts";
import { checkPrepared, exempt } from "./check.ts";
import { type CommandContext, count, messageJson, type Outcome } from "./outcome.ts";
import { exemptionsOf, type Prepared, prepare, today } from "./prepare.ts";

/**
 * `bhitti check <environment> --live`: what `check` tells, then every rule against what runs in each cluster, whatever stage it
 * stands at, and whether the cluster's policies, bindings and params are the files. Only reads.
 */
export async function checkLive(context: CommandContext, name: string, { asOf = today() } = {}): Promise<Outcome> {
  const since = Date.now();
  const prepared = prepare(context, name, asOf);
  const offline = checkPrepared(prepared, asOf, since);
  const clients = connectClusters({ root: context.root, environment: prepared.environment });
  const step = context.progress.step("judge what runs");
  try {
    const judged: LiveJudgement[] = [];
    for (const client of clients.values()) judged.push(await judgeCluster(client, prepared, asOf));
    const messages = judged.flatMap((j) => j.messages);
    const errors = messages.filter((m) => severityOf(m) === "error").length;
    step.done(
      `${judged.reduce((sum, j) => sum + j.findings.objects, 0)} objects in ${count(judged.length, "cluster")}`,
    );
    return {
      exitCode: errors > 0 ? EXIT.findings : offline.exitCode,
      json: { ...(offline.json as object), live: judged.map(judgementJson) },
      text: [offline.text, ...messages.map(formatMessage), ...judged.map(summary)].join("\n"),
    };
  } catch (error) {
    step.fail();
    throw error;
  } finally {
    for (const client of clients.values()) client.close();
  }
}

/** What rules say of one cluster. */
export interface LiveJudgement {
  readonly cluster: string;
  readonly findings: Findings;
  readonly differences: readonly DeployedDifference[];
  /** BH3200 and BH3301 … BH3308. */
  readonly messages: readonly Message[];
}

export async function judgeCluster(client: ClusterClient, prepared: Prepared, asOf: string): Promise<LiveJudgement> {
  const { environment, rules: all } = prepared;
  const rules = all.filter((rule) => !isEstateRule(rule) || rule.live === true);
  const { cluster } = client;
  const policies = all.filter((rule): rule is Rule => !isEstateRule(rule));
  const ofEstate = new Set(all.filter(isEstateRule).map(({ id }) => id));
  const live = await readLiveEstate(client, environment.name, policies);
  const { stage, rules: stages } = environment.guardrails;
  const found = evaluateEstate(live.estate, rules, (rule) => stages[rule] ?? stage, {
    asOf,
    userInfo: ownerIn(live.estate),
  });
  const findings = applyExemptions(found, exemptionsOf(environment), rules, asOf);
  const differences = deployedDifferences(statedGuardrails(prepared.estate, cluster), live.guardrails);
  return {
    cluster,
    findings,
    differences,
    messages: [
      ...live.messages,
      ...differences.map((difference) => differenceMessage(difference, cluster)),
      ...findings.findings.map((finding) => liveMessage(finding, cluster, ofEstate.has(finding.rule))),
    ],
  };
}

/** Policies, bindings, and the params of the guardrails' own namespace. */
const statedGuardrails = (estate: Estate, cluster: string): readonly KubernetesObject[] =>
  estate.objects
    .filter(({ stack }) => stack.startsWith(`${cluster}-`))
    .map(({ object }) => object)
    .filter(
      ({ kind, metadata }) =>
        kind.startsWith("ValidatingAdmissionPolicy") ||
        (kind === "ConfigMap" && metadata.namespace === layerNamespace("guardrails")),
    );

/**
 * Nobody remembers who made an object: what bears the platform's label was the platform's to make, the roles and bindings that Kubernetes
 * brings are the API server's, what controllers made is theirs, and what else lies in a zone its owners'. Such labels prove nothing of themselves: a rule that
 * stands at deny keeps others from writing them.
 */
function ownerIn(estate: Estate): (object: KubernetesObject) => Asker {
  const zones = new Map(
    estate.objects
      .filter(({ object }) => object.kind === "Namespace")
      .map(({ object: { metadata } }) => [metadata.name, metadata.labels?.[LABELS.zone]]),
  );
  return ({ metadata }) => {
    if (isBuiltIn(metadata)) return API_SERVER;
    if (madeByController(metadata)) return CONTROLLERS;
    const zone = zones.get(metadata.namespace);
    if (!zone || metadata.labels?.[LABELS.managedBy] === MANAGER) return DEPLOYER;
    return { username: `owner of zone ${zone}`, groups: [zoneOwnersGroup(zone), "system:authenticated"] };
  };
}

const API_SERVER: Asker = { username: "system:apiserver", groups: ["system:masters", "system:authenticated"] };

const CONTROLLERS: Asker = {
  username: "system:kube-controller-manager",
  groups: ["system:authenticated"],
};

/** Source: Kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy. */
const isBuiltIn = ({ name = "", labels, annotations }: KubernetesObject["metadata"]): boolean =>
  labels?.["kubernetes.io/bootstrapping"] === "rbac-defaults" &&
  annotations?.["rbac.authorization.kubernetes.io/autoupdate"] === "true" &&
  (name.startsWith("system:") || ["cluster-admin", "admin", "edit", "view"].includes(name));

function liveMessage(finding: Finding, cluster: string, ofEstate: boolean): Message {
  if (finding.exemption) return exempt(finding);
  const { rule, object, stage, outcome, message: told } = finding;
  const why = outcome === "error" ? "it cannot be evaluated: " : "";
  const params = { rule, object, cluster, text: `${why}${told.params["text"] ?? ""}` };
  if (ofEstate) return message("BH3308", params);
  return message(stage === "deny" ? "BH3301" : "BH3302", params);
}

function differenceMessage(difference: DeployedDifference, cluster: string): Message {
  const { object } = difference;
  switch (difference.what) {
    case "missing":
      return message("BH3303", { object, cluster });
    case "extra":
      return message("BH3306", { object, cluster });
    case "stage":
      return message("BH3305", { object, cluster, stands: difference.stands, stated: difference.stated });
    case "differs":
      return message("BH3304", { object, cluster, paths: difference.paths.slice(0, 5).join(", ") });
  }
}

const judgementJson = ({ cluster, findings, differences, messages }: LiveJudgement): object => ({
  cluster,
  objects: findings.objects,
  rules: findings.population,
  differences,
  messages: messages.map(messageJson),
});

function summary({ cluster, findings, differences }: LiveJudgement): string {
  const open = findings.findings.filter((f) => !f.exemption);
  const refused = open.filter((f) => f.stage === "deny").length;
  const guardrails =
    differences.length === 0 ? "guardrails are the files" : `${count(differences.length, "guardrail")} not as the file`;
  return `${cluster}: ${count(findings.objects, "object")} running, ${count(open.length, "finding")} (${refused} at deny), ${guardrails}`;
}
