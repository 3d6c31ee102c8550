import { EXIT } from "../../contracts.ts";
import type { ReachableCluster } from "../../environments/model/files/clusters.ts";
import type { Estate, EstateStack } from "../../estate/estate.ts";
import { describeObject } from "../../kubernetes/object.ts";
import { BhittiError, type Message, message } from "../../messages/message.ts";
import type { Progress } from "../progress.ts";
import { messagesOf } from "../thrown.ts";
import { adoptCluster, type ClusterStanding, type DeployTarget, inspectCluster, releaseCluster } from "./cluster.ts";
import { type ClusterClient, connectCluster } from "./cluster-client.ts";
import { recorded } from "./deploy-record.ts";
import { type Action, type Change, chooseEngine, type Engine, type EngineName, type StackPlan } from "./engine.ts";
import { inParallel } from "./objects.ts";
import { builtInParamKinds, keepParamKinds } from "./param-keeper.ts";
import { runStacks, type StackContext, type StackOutcome } from "./run.ts";
import { type ServerSideApplyOptions, serverSideApplyEngine } from "./server-side-apply.ts";
import { terraformAvailable, terraformEngine } from "./terraform.ts";

/** What a plan, deploy, drift or destroy works on. */
export interface DeployContext {
  /** The repository: holds cdktf.out/ and .bhitti/. */
  readonly root: string;
  /** Where the environment's stacks were synthesized to: holds `stacks/<id>/cdk.tf.json`. */
  readonly outdir: string;
  readonly environment: DeployTarget;
  readonly estate: Estate;
  /** The engine that the person asked for, as typed. */
  readonly forcedEngine?: string;
  /** Stacks at once. @default 4 */
  readonly concurrency?: number;
  /** Ids of the stacks meant. @default all, those that left the estate included */
  readonly stacks?: readonly string[];
  readonly progress: Progress;
  /** @default connectCluster with the environment's kubeconfig */
  readonly connect?: (cluster: ReachableCluster) => ClusterClient;
  /** How long things may take, and a hook for tests. */
  readonly limits?: Pick<ServerSideApplyOptions, "deleteTimeoutMs" | "readyTimeoutMs" | "retryMs" | "onPhase">;
}

export type Total = Readonly<Record<Action | "unchanged", number>>;

interface Report {
  readonly environment: string;
  readonly engine: EngineName;
  /** Why this engine: to be printed. */
  readonly reason: Message;
  readonly clusters: readonly ClusterStanding[];
  readonly total: Total;
  /** What concerns no single stack: clusters adopted. */
  readonly messages: readonly Message[];
}

export interface EnvironmentPlan extends Report {
  /** In deploy order; stacks that left the estate, and would be removed, come last. */
  readonly stacks: readonly StackPlan[];
}

/** What became of one stack. */
export interface StackRun extends StackPlan {
  readonly result: StackOutcome<unknown>["result"];
  readonly durationMs: number;
}

export interface EnvironmentRun extends Report {
  readonly stacks: readonly StackRun[];
  /** True where every stack is done. */
  readonly done: boolean;
  /** True where a signal asked to stop. */
  readonly interrupted: boolean;
  readonly durationMs: number;
}

/** What deploying would do now. Changes nothing, in the cluster or on disk, but for what Terraform itself keeps. */
export async function planEnvironment(context: DeployContext): Promise<EnvironmentPlan> {
  return withEngine(context, async (session) => {
    const { engine, stacks } = session;
    await engine.prepare(stacks, false, context.progress);
    await requireDependencies(context, session);
    const rebuilt = rebuiltClusters(session);
    const removed = context.stacks ? [] : await engine.orphans();
    const wanted = [...stacks, ...removed.map((id) => ({ id, dependencies: [] }))];
    const { outcomes } = await runStacks({
      stacks: wanted.map((stack) => ({ ...stack, dependencies: [] })),
      concurrency: context.concurrency ?? 4,
      direction: "apply",
      progress: context.progress,
      act: (stack, running) => {
        // State of the earlier cluster would say that all of it is there.
        if (engine.name === "terraform" && rebuilt.has(clusterName(stack.id))) {
          return Promise.resolve(planFromNothing(context.estate, stack.id));
        }
        const plan = removed.includes(stack.id) ? engine.planDestroy(stack, running) : engine.plan(stack, running);
        return saying(running, plan);
      },
    });
    const runs = outcomes.map(runOf);
    const failures = runs.filter((r) => r.result !== "done").flatMap((r) => r.messages);
    if (failures.length > 0) throw new BhittiError(failures, EXIT.toolFailed);
    return {
      ...session.report,
      stacks: runs.map(({ stack, changes, unchanged, messages }) => ({ stack, changes, unchanged, messages })),
      total: totalOf(runs),
      messages: [],
    };
  });
}

/** Has the stack's line of progress end with what came of it. */
async function saying(context: StackContext, acting: Promise<StackPlan>): Promise<StackPlan> {
  const plan = await acting;
  const { changes, unchanged } = plan;
  context.step.update(
    changes.length === 0 ? `${unchanged} unchanged` : `${changes.length} changed, ${unchanged} unchanged`,
  );
  return plan;
}

function planFromNothing(estate: Estate, stack: string): StackPlan {
  const changes = estate.objects
    .filter((o) => o.stack === stack)
    .map((o): Change => ({ action: "create", object: describeObject(o.object), address: o.address, paths: [] }));
  return { stack, changes, unchanged: 0, messages: [] };
}

/**
 * Brings the environment, or the selected stacks, into its clusters. What one stack's failure leaves untouched is in the
 * result; only what keeps the whole from starting is thrown.
 */
export async function deployEnvironment(context: DeployContext): Promise<EnvironmentRun> {
  const since = Date.now();
  return withEngine(context, async (session) => {
    const { engine, stacks } = session;
    await requireDependencies(context, session);
    const messages = await adopt(context, session, session.clusters);
    const paramKinds = builtInParamKinds(context.estate);
    for (const { client } of session.clusters) await keepParamKinds(client, paramKinds);
    await engine.prepare(stacks, true, context.progress);
    const removed = context.stacks ? [] : await engine.orphans();
    const { outcomes, interrupted } = await runStacks({
      // A stack that left the estate goes last: what it held may have moved to any other.
      stacks: [...stacks, ...removed.map((id) => ({ id, dependencies: stacks.map((s) => s.id) }))],
      concurrency: context.concurrency ?? 4,
      direction: "apply",
      progress: context.progress,
      act: (stack, running) => {
        const gone = removed.includes(stack.id);
        const act = () => saying(running, gone ? engine.destroy(stack, running) : engine.apply(stack, running));
        return recorded(session.clientOf(stack.id), stack.id, engine.name, act, !gone);
      },
    });
    const run = runReport(session, outcomes, messages, interrupted, since);
    return { ...run, messages: [...run.messages, ...blindClusters(run.stacks)] };
  });
}

/** Clusters whose refusals say that the API server lost sight of policy params, which no deploy can mend. */
function blindClusters(stacks: readonly StackRun[]): Message[] {
  const blind = stacks.filter((s) =>
    s.messages.some((m) => /no params found for policy binding/.test(String(m.params.reason))),
  );
  return [...new Set(blind.map((s) => clusterName(s.stack)))].map((cluster) => message("BH4028", { cluster }));
}

/**
 * Removes what the environment, or the selected stacks, put into the clusters, waits until it is gone, and forgets the
 * clusters where nothing is left.
 *
 * @param options.evenIfKept destroys an environment that is not marked disposable
 * @throws BhittiError BH4042 where it is not disposable, BH4046 where another stack relies on a selected one
 */
export async function destroyEnvironment(
  context: DeployContext,
  options: { readonly evenIfKept?: boolean } = {},
): Promise<EnvironmentRun> {
  const since = Date.now();
  const { environment } = context;
  if (!environment.disposable && !options.evenIfKept) {
    throw new BhittiError(message("BH4042", { environment: environment.name }), EXIT.findings);
  }
  return withEngine(context, async (session) => {
    const { engine, stacks } = session;
    // What is remembered of an earlier cluster is put away: it must not be looked for, or destroyed, in this one.
    const rebuilt = session.clusters.filter((c) => c.standing.identity === "rebuilt");
    const messages = await adopt(context, session, rebuilt);
    await engine.prepare(stacks, false, context.progress);
    const removed = context.stacks ? [] : await engine.orphans();
    await requireDependents(context, engine, stacks);
    const { outcomes, interrupted } = await runStacks({
      stacks: [...stacks, ...removed.map((id) => ({ id, dependencies: stacks.map((s) => s.id) }))],
      concurrency: context.concurrency ?? 4,
      direction: "destroy",
      progress: context.progress,
      act: (stack, running) => {
        const act = () => saying(running, engine.destroy(stack, running));
        return recorded(session.clientOf(stack.id), stack.id, engine.name, act, false);
      },
    });
    const run = runReport(session, outcomes, messages, interrupted, since);
    if (run.done && !context.stacks) {
      for (const { cluster, client } of session.clusters) {
        await releaseCluster(context.root, environment, cluster, client);
      }
    }
    return run;
  });
}

/** An engine with the clusters that it works on. */
interface Session {
  readonly engine: Engine;
  /** The selected stacks, in deploy order. */
  readonly stacks: readonly EstateStack[];
  readonly clusters: readonly { cluster: ReachableCluster; client: ClusterClient; standing: ClusterStanding }[];
  readonly standings: readonly ClusterStanding[];
  /** The client of the cluster that a stack belongs to. */
  readonly clientOf: (stack: string) => ClusterClient;
  readonly report: Pick<Report, "environment" | "engine" | "reason" | "clusters">;
}

async function withEngine<T>(context: DeployContext, act: (session: Session) => Promise<T>): Promise<T> {
  const { root, outdir, environment, estate, progress } = context;
  const stacks = selectedStacks(context);
  const clients = connectClusters(context);
  let engine: Engine | undefined;
  try {
    const clusters = await inParallel(environment.clusters, async (cluster) => {
      const client = clientOf(clients, cluster.name, environment);
      return { cluster, client, standing: await inspectCluster(root, environment, cluster, client) };
    });
    const standings = clusters.map((c) => c.standing);
    const choice = await chooseEngine({
      environment,
      ...(context.forcedEngine === undefined ? {} : { forced: context.forcedEngine }),
      recorded: standings,
      available: () => terraformAvailable({ root, outdir, stacks: estate.stacks, progress }),
    });
    const onCluster = (stack: string) => clientOf(clients, stack, environment);
    engine =
      choice.engine === "terraform"
        ? terraformEngine({ root, outdir, estate, clientOf: onCluster, ...context.limits })
        : serverSideApplyEngine({
            estate,
            clientOf: onCluster,
            clients: [...clients.values()],
            ...context.limits,
          });
    const report = { environment: environment.name, ...choice, clusters: standings };
    return await act({ engine, stacks, clusters, standings, report, clientOf: onCluster });
  } finally {
    await engine?.close();
    for (const client of clients.values()) client.close();
  }
}

/** Opens every cluster of an environment, by name. */
export function connectClusters(
  context: Pick<DeployContext, "root" | "environment" | "connect">,
): Map<string, ClusterClient> {
  const open =
    context.connect ?? ((cluster: ReachableCluster) => connectCluster(context.root, cluster, remedyFor(cluster)));
  return new Map(context.environment.clusters.map((cluster) => [cluster.name, open(cluster)]));
}

/** A control plane that Bhitti itself starts keeps its kubeconfig in Bhitti's own folder. */
const remedyFor = ({ kubeconfig }: ReachableCluster) =>
  kubeconfig.path.startsWith(".bhitti/local/") ? { remedy: "start it with 'bhitti local up'" } : {};

/** A stack's id opens with its cluster's name, which holds no hyphen. */
export const clusterName = (stack: string): string => stack.split("-")[0] ?? stack;

/** The client of the cluster that a stack belongs to. @throws BhittiError BH4043 where it belongs to none */
export function clientOf(
  clients: ReadonlyMap<string, ClusterClient>,
  stack: string,
  environment: DeployTarget,
): ClusterClient {
  const client = clients.get(clusterName(stack));
  if (client) return client;
  const known = environment.clusters.map((c) => `${c.name}-`).join(", ");
  throw new BhittiError(message("BH4043", { stack, environment: environment.name, known }));
}

/** The stacks that a person meant, in deploy order. @throws BhittiError BH4040 where there is no such stack */
export function selectedStacks({ stacks: wanted, estate, environment }: DeployContext): readonly EstateStack[] {
  if (!wanted) return estate.stacks;
  const known = estate.stacks.map((s) => s.id);
  const unknown = wanted.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    const params = { environment: environment.name, known: known.join(", ") };
    throw new BhittiError(unknown.map((stack) => message("BH4040", { ...params, stack })));
  }
  return estate.stacks.filter((s) => wanted.includes(s.id));
}

async function adopt(
  { root, environment }: DeployContext,
  { engine }: Session,
  clusters: Session["clusters"],
): Promise<Message[]> {
  const messages: Message[] = [];
  for (const { cluster, client, standing } of clusters) {
    messages.push(...(await adoptCluster(root, environment, cluster, client, standing, engine.name)));
  }
  return messages;
}

/** Clusters of which all that is known here is about an earlier one. */
const rebuiltClusters = ({ standings }: Session): ReadonlySet<string> =>
  new Set(standings.filter((s) => s.identity === "rebuilt").map((s) => s.cluster));

async function requireDependencies(context: DeployContext, session: Session): Promise<void> {
  if (!context.stacks) return;
  const { engine, stacks } = session;
  const rebuilt = rebuiltClusters(session);
  const selected = new Set(stacks.map((s) => s.id));
  const messages: Message[] = [];
  for (const stack of stacks) {
    for (const dependency of stack.dependencies) {
      if (selected.has(dependency)) continue;
      if (!rebuilt.has(clusterName(dependency)) && (await engine.deployed(dependency))) continue;
      messages.push(message("BH4041", { stack: stack.id, dependency }));
    }
  }
  if (messages.length > 0) throw new BhittiError(messages, EXIT.findings);
}

async function requireDependents(
  context: DeployContext,
  engine: Engine,
  stacks: readonly EstateStack[],
): Promise<void> {
  const selected = new Set(stacks.map((s) => s.id));
  const messages: Message[] = [];
  for (const stack of context.estate.stacks) {
    const needed = stack.dependencies.filter((d) => selected.has(d));
    if (selected.has(stack.id) || needed.length === 0 || !(await engine.deployed(stack.id))) continue;
    messages.push(...needed.map((dependency) => message("BH4046", { stack: stack.id, dependency })));
  }
  if (messages.length > 0) throw new BhittiError(messages, EXIT.findings);
}

function runReport(
  session: Session,
  outcomes: readonly StackOutcome<StackPlan>[],
  messages: readonly Message[],
  interrupted: boolean,
  since: number,
): EnvironmentRun {
  const stacks = outcomes.map(runOf);
  return {
    ...session.report,
    stacks,
    total: totalOf(stacks),
    messages,
    done: stacks.every((s) => s.result === "done"),
    interrupted,
    durationMs: Date.now() - since,
  };
}

function runOf(outcome: StackOutcome<StackPlan>): StackRun {
  if (outcome.result === "done") return { ...outcome.value, result: "done", durationMs: outcome.durationMs };
  const nothing = { stack: outcome.stack, changes: [], unchanged: 0 };
  if (outcome.result === "failed") {
    return { ...nothing, result: "failed", durationMs: outcome.durationMs, messages: messagesOf(outcome.error) };
  }
  const { because } = outcome;
  const said =
    because.reason === "dependency"
      ? message("BH4044", { stack: outcome.stack, failed: because.stack })
      : message("BH4045", { stack: outcome.stack });
  return { ...nothing, result: "skipped", durationMs: 0, messages: [said] };
}

function totalOf(stacks: readonly StackPlan[]): Total {
  const total = { create: 0, update: 0, replace: 0, delete: 0, unchanged: 0 };
  for (const stack of stacks) {
    total.unchanged += stack.unchanged;
    for (const change of stack.changes) total[change.action]++;
  }
  return total;
}
