import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { EXIT } from "../../contracts.ts";
import { BhittiError, formatMessage, type Message, message } from "../../messages/message.ts";
import { declaredFiles, EVIDENCE_FILE } from "../../policies/evidence/declared.ts";
import { EVIDENCE_FORM, type Evidence } from "../../policies/evidence/evidence.ts";
import { isDay } from "../../yaml/formats.ts";
import { gatherEvidence } from "../audit/gather.ts";
import { COMMIT_ID, commitOf, resolveCommit } from "../audit/git.ts";
import { type EvidenceOrder, type Files, filesBelow, rebuildDeclared } from "../audit/rebuild.ts";
import { type CommandContext, count, messageJson, type Outcome } from "./outcome.ts";

/** What `audit` takes. */
export interface AuditWords {
  /** ISO day. @default the commit's */
  readonly asOf?: string;
  /** Folder that evidence is written to. @default cdktf.out/<environment>-evidence */
  readonly output?: string;
}

/** `bhitti audit <environment>`: writes `declared/`, the same bytes from the same commit anywhere. */
export function audit(context: CommandContext, name: string, words: AuditWords): Outcome {
  const output = resolve(words.output ?? join(context.root, "cdktf.out", `${name}-evidence`));
  const declared = join(output, "declared");
  requireOwn(output);
  const commit = commitOf(context.root, output);
  const evidence = gatherEvidence(context, name, commit, words.asOf ?? commit.date.slice(0, 10));
  const files = declaredFiles(evidence);
  rmSync(declared, { recursive: true, force: true });
  for (const [path, content] of files) {
    mkdirSync(dirname(join(declared, path)), { recursive: true });
    writeFileSync(join(declared, path), content);
  }
  return auditOutcome(evidence, output, [...files.keys()]);
}

function auditOutcome(evidence: Evidence, output: string, files: readonly string[]): Outcome {
  const { posture, environment, commit, asOf, reproducible, inputs } = evidence;
  const { clauses } = posture;
  const shown = relative(process.cwd(), output) || ".";
  const differs = reproducible ? [] : [message("BH6014", { commit: commit.id, files: listed(commit.changed) })];
  return {
    exitCode: clauses["not satisfied"] + posture.failed + posture.notEvaluated > 0 ? EXIT.findings : EXIT.fine,
    json: {
      environment: environment.name,
      commit: commit.id,
      asOf,
      reproducible,
      inputDigest: inputs.digest,
      posture,
      output,
      files,
      messages: differs.map(messageJson),
    },
    text: [
      ...differs.map(formatMessage),
      `${environment.name} at commit ${commit.id.slice(0, 12)}, law of ${asOf}`,
      `clauses: ${clauses.satisfied} satisfied, ${clauses["not satisfied"]} not, ${clauses.provisional} provisional, ${clauses.manual} manual, ${clauses["not applicable"]} not applicable`,
      `${count(posture.objects, "object")}, ${count(posture.rules, "rule")} (${posture.rulesWithoutObjects} found nothing to judge), ${count(posture.failed, "open finding")}, ${posture.exempted} exempted, ${posture.notEvaluated} not evaluated`,
      `next: open ${join(shown, "declared", "index.html")}; 'bhitti audit verify ${shown}' makes it again and compares`,
    ].join("\n"),
  };
}

/** `bhitti audit verify <folder>`: makes `declared/` again from the commit that it names, and tells every difference. */
export function verify(context: CommandContext, folder: string): Outcome {
  const files = readDeclared(folder);
  const { order, changed } = orderOf(files, folder);
  resolveCommit(context.root, order.commit);
  const step = context.progress.step(`make the evidence of ${order.environment} at ${order.commit.slice(0, 12)} again`);
  let rebuilt: Files;
  try {
    rebuilt = rebuildDeclared(context.root, order);
    step.done(`${rebuilt.size} files`);
  } catch (error) {
    step.fail();
    throw error;
  }
  const { commit } = order;
  const messages = [
    ...(changed.length > 0 ? [message("BH6013", { commit, files: listed(changed) })] : []),
    ...differencesOf(files, rebuilt, commit),
  ];
  const same = messages.length === 0;
  return {
    exitCode: same ? EXIT.fine : EXIT.findings,
    json: { ...order, verified: same, files: [...rebuilt.keys()], messages: messages.map(messageJson) },
    text: [
      ...messages.map(formatMessage),
      same
        ? `verified: ${count(rebuilt.size, "file")} of ${order.environment}, byte for byte what commit ${commit} gives for the law of ${order.asOf}`
        : `not verified: ${count(messages.length, "difference")}\nnext: 'bhitti explain BH6010' tells what that means`,
    ].join("\n"),
  };
}

/** What differs between the files at hand and those made again. */
export function differencesOf(found: Files, rebuilt: Files, commit: string): readonly Message[] {
  const paths = [...new Set([...found.keys(), ...rebuilt.keys()])].sort();
  return paths.flatMap((path) => {
    const [file, before, after] = [`declared/${path}`, found.get(path), rebuilt.get(path)];
    if (!before) return [message("BH6011", { file, commit })];
    if (!after) return [message("BH6012", { file, commit })];
    return before.equals(after) ? [] : [message("BH6010", { file, commit })];
  });
}

function readDeclared(folder: string): Files {
  const declared = join(folder, "declared");
  if (!existsSync(declared)) throw new BhittiError(message("BH6007", { folder, detail: "it has no folder declared" }));
  return filesBelow(declared);
}

/** What a folder says that it was made from. It is somebody else's word: each part has to have its form, and nothing else is read. */
function orderOf(files: Files, folder: string): { readonly order: EvidenceOrder; readonly changed: readonly string[] } {
  const unusable = (detail: string) => new BhittiError(message("BH6007", { folder, detail }));
  const evidence = parse(files.get(EVIDENCE_FILE)?.toString("utf8"));
  if (evidence?.form !== EVIDENCE_FORM) throw unusable(`declared/${EVIDENCE_FILE} has not the form ${EVIDENCE_FORM}`);
  const { environment, commit, asOf } = evidence;
  const name = environment?.name;
  if (typeof name !== "string" || !/^[a-z0-9][a-z0-9-]*$/.test(name)) throw unusable("it names no environment");
  if (typeof commit?.id !== "string" || !COMMIT_ID.test(commit.id)) throw unusable("it names no commit");
  if (typeof asOf !== "string" || !isDay(asOf)) throw unusable("it names no day");
  const changed = Array.isArray(commit.changed) ? commit.changed.map(String) : [];
  return { order: { commit: commit.id, environment: name, asOf }, changed };
}

type Loose<T> = { readonly [K in keyof T]?: T[K] extends object ? Loose<T[K]> : unknown };

function parse(text: string | undefined): Loose<Evidence> | undefined {
  try {
    return (JSON.parse(text ?? "") as Loose<Evidence> | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @throws BhittiError BH6006 where a folder holds what is not ours */
function requireOwn(output: string): void {
  const taken = existsSync(output) && readdirSync(output).length > 0;
  if (taken && !existsSync(join(output, "declared", EVIDENCE_FILE))) {
    throw new BhittiError(message("BH6006", { folder: output }));
  }
}

const listed = (paths: readonly string[]): string =>
  `${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ` and ${paths.length - 5} more` : ""}`;
