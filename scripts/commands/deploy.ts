import { EXIT, policyName } from "../../contracts.ts";
import { BhittiError, formatMessage, type Message, textOf } from "../../messages/message.ts";
import {
  type DeployContext,
  deployEnvironment,
  destroyEnvironment,
  type EnvironmentPlan,
  type EnvironmentRun,
  planEnvironment,
  type StackRun,
  type Total,
} from "../deploy/deploy.ts";
import { type Drift, driftEnvironment } from "../deploy/drift.ts";
import type { Action, Change, EngineName, StackPlan } from "../deploy/engine.ts";
import { requireNoDenials } from "./check.ts";
import { type CommandContext, count, duration, messageJson, type Outcome } from "./outcome.ts";
import { type Prepared, prepare } from "./prepare.ts";

/** What plan, deploy, drift and destroy take. */
export interface DeployWords {
  readonly engine?: EngineName;
  readonly concurrency?: number;
  readonly stacks?: readonly string[];
}

/** What the deploy room works on, from what git says and what the person typed. */
export function deployContext(context: CommandContext, prepared: Prepared, words: DeployWords): DeployContext {
  const { outdir, environment, estate } = prepared;
  return {
    ...context,
    outdir,
    environment,
    estate,
    ...(words.engine ? { forcedEngine: words.engine } : {}),
    ...(words.concurrency ? { concurrency: words.concurrency } : {}),
    ...(words.stacks && words.stacks.length > 0 ? { stacks: words.stacks } : {}),
  };
}

export async function plan(context: CommandContext, name: string, words: DeployWords): Promise<Outcome> {
  const prepared = prepare(context, name);
  requireNoDenials(prepared);
  const planned = await planEnvironment(deployContext(context, prepared, words));
  const nothing = changes(planned.total) === 0;
  return {
    exitCode: EXIT.fine,
    json: reportJson(planned),
    text: [
      engineLine(planned),
      ...planned.stacks.flatMap(stackLines),
      nothing
        ? `nothing to change: ${count(planned.total.unchanged, "object")} of ${name} stand as stated`
        : totalLine(planned.total),
      ...(nothing ? [] : [`next: bhitti deploy ${name}`]),
    ].join("\n"),
  };
}

export async function deploy(context: CommandContext, name: string, words: DeployWords): Promise<Outcome> {
  const prepared = prepare(context, name);
  requireNoDenials(prepared);
  return runOutcome(await deployEnvironment(deployContext(context, prepared, words)), `bhitti drift ${name}`);
}

export async function destroy(
  context: CommandContext,
  name: string,
  words: DeployWords & { readonly yes?: boolean },
): Promise<Outcome> {
  const prepared = prepare(context, name);
  if (!words.yes) {
    const { environment, estate } = prepared;
    return {
      exitCode: EXIT.findings,
      json: { environment: name, destroyed: false, stacks: estate.stacks.map((s) => s.id) },
      text: [
        `this would remove ${count(estate.stacks.length, "stack")} with ${count(estate.objects.length, "object")} of ${environment.name}:`,
        ...estate.stacks.map((s) => `  - ${s.id}`),
        `next: bhitti destroy ${name} --yes`,
      ].join("\n"),
    };
  }
  const run = await destroyEnvironment(deployContext(context, prepared, words));
  return runOutcome(run, `bhitti deploy ${name}`, `nothing to remove: no object of ${name} stands`);
}

export async function drift(context: CommandContext, name: string, words: DeployWords): Promise<Outcome> {
  const found = await driftEnvironment(deployContext(context, prepare(context, name), words));
  const none = found.changed.length + found.missing.length + found.extra.length === 0;
  return {
    exitCode: none ? EXIT.fine : EXIT.findings,
    json: { environment: name, ...found, reason: messageJson(found.reason), messages: found.messages.map(messageJson) },
    text: [
      ...found.messages.map(formatMessage),
      ...(none
        ? [`no drift: ${count(found.unchanged, "object")} of ${name} stand as stated${beside(found)}`]
        : [...driftLines(found), `next: bhitti deploy ${name} puts back what is stated`]),
    ].join("\n"),
  };
}

const beside = ({ messages }: Drift): string =>
  messages.length > 0 ? `; of ${count(messages.length, "thing")} above that is not known` : "";

function driftLines(found: Drift): string[] {
  return [
    ...found.changed.flatMap((c) => [
      `  ~ ${c.object}`,
      ...c.leaves.map(
        (leaf) =>
          `      ${leaf.path}: stated ${JSON.stringify(leaf.stated)}, live ${JSON.stringify(leaf.live) ?? "absent"}`,
      ),
    ]),
    ...found.missing.map((m) => `  - ${m.object} is missing`),
    ...found.extra.map((e) => `  + ${e.object} is not stated`),
    `${found.changed.length} changed, ${found.missing.length} missing, ${found.extra.length} extra, ${found.unchanged} as stated`,
  ];
}

const MARKS: Record<Action, string> = { create: "+", update: "~", replace: "±", delete: "-" };

/** More objects of one kind than this, done the same to, are one line. */
const NAMED_AT_MOST = 3;

/** A stack's changes as a diff reads; nothing for a stack that stands. */
export function stackLines(stack: StackPlan): string[] {
  const alike = groupBy(stack.changes, likeness);
  return [
    ...(stack.changes.length > 0 ? [stack.stack] : []),
    ...[...alike].flatMap(([like, group]) =>
      group.length > NAMED_AT_MOST && group.every((c) => c.paths.length === 0)
        ? [`  ${like} (${group.length})`]
        : group.map(changeLine),
    ),
    ...stack.messages.map((m) => `  ! ${formatMessage(m)}`),
  ];
}

const likeness = (c: Change): string => `${MARKS[c.action]} ${c.object.split(" ")[0] ?? ""}`;

function changeLine({ action, object, paths }: Change): string {
  const shown = paths.slice(0, 5).join(", ");
  return `  ${MARKS[action]} ${object}${shown ? `: ${shown}${paths.length > 5 ? " …" : ""}` : ""}`;
}

function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

const changes = (total: Total): number => total.create + total.update + total.replace + total.delete;

export const totalLine = (total: Total): string =>
  `${total.create} created, ${total.update} changed, ${total.replace} replaced, ${total.delete} deleted, ${total.unchanged} unchanged`;

const engineLine = (report: { engine: EngineName; reason: Message }): string =>
  `engine ${report.engine}: ${textOf(report.reason)}`;

/** What a run did, as a person reads it and as a shell does. `nothingSaid` is for one that had nothing to do. */
export function runOutcome(
  run: EnvironmentRun,
  next: string,
  nothingSaid = `nothing to change: ${count(run.total.unchanged, "object")} of ${run.environment} stand as stated`,
): Outcome {
  const failed = run.stacks.filter((s) => s.result !== "done");
  const nothing = run.done && changes(run.total) === 0;
  return {
    exitCode: run.done ? EXIT.fine : EXIT.toolFailed,
    json: { ...(reportJson(run) as object), nothingToChange: nothing },
    text: [
      engineLine(run),
      ...run.messages.map((m) => `  ! ${formatMessage(m)}`),
      ...run.stacks.flatMap(stackLines),
      nothing ? `${nothingSaid}, ${duration(run.durationMs)}` : `${totalLine(run.total)}, ${duration(run.durationMs)}`,
      failed.length > 0
        ? `${count(failed.length, "stack")} not done: ${failed.map((s) => s.stack).join(", ")}; run the same command again once mended, it goes on where it stopped`
        : `next: ${next}`,
    ].join("\n"),
  };
}

function reportJson(report: EnvironmentPlan | EnvironmentRun): object {
  const stack = (s: StackPlan | StackRun) => ({ ...s, messages: s.messages.map(messageJson) });
  return {
    ...report,
    reason: messageJson(report.reason),
    messages: report.messages.map(messageJson),
    stacks: report.stacks.map(stack),
  };
}

/** Name of the policy of a rule's id, `<family>/<rule>`. */
export function policyNameOf(rule: string): string {
  const [family = "", name = ""] = rule.split("/");
  return policyName(family, name);
}

/** Throws what kept a run from being done, so that what follows it is not tried. */
export function requireDone(run: EnvironmentRun): void {
  if (run.done) return;
  throw new BhittiError(
    run.stacks.filter((s) => s.result !== "done").flatMap((s) => s.messages),
    EXIT.toolFailed,
  );
}
