import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { EXIT } from "../../contracts.ts";
import { BhittiError, formatMessage, type Message, message } from "../../messages/message.ts";
import { compareEvidence } from "../../policies/evidence/compare.ts";
import { declaredFiles, EVIDENCE_FILE, OBSERVED_FILE, observedFiles } from "../../policies/evidence/declared.ts";
import { EVIDENCE_FORM, type Evidence } from "../../policies/evidence/evidence.ts";
import {
  isObservation,
  OBSERVED_FORM,
  type Observation,
  type Observed,
  observedAt,
} from "../../policies/evidence/observed.ts";
import { isDay } from "../../yaml/formats.ts";
import { gatherEvidence } from "../audit/gather.ts";
import { COMMIT_ID, commitOf, resolveCommit } from "../audit/git.ts";
import { observe } from "../audit/observe.ts";
import { type EvidenceOrder, type Files, filesBelow, rebuildDeclared } from "../audit/rebuild.ts";
import type { Progress } from "../progress.ts";
import { deployContext } from "./deploy.ts";
import { type CommandContext, count, messageJson, type Outcome } from "./outcome.ts";
import { judgedOn, prepare } from "./prepare.ts";

/** What `audit` takes. */
export interface AuditWords {
  /** ISO day. @default the commit's */
  readonly asOf?: string;
  /** Folder that evidence is written to. @default cdktf.out/<environment>-evidence */
  readonly output?: string;
  /** A commit to tell the difference to. */
  readonly compare?: string;
  /** Look at the clusters too, and write `observed/`. */
  readonly observe?: boolean;
}

/** `bhitti audit <environment>`: writes `declared/`, the same bytes from the same commit anywhere, and `observed/` where asked to. */
export async function audit(context: CommandContext, name: string, words: AuditWords): Promise<Outcome> {
  const { root } = context;
  const output = resolve(words.output ?? join(root, "cdktf.out", `${name}-evidence`));
  requireOwn(output);
  const commit = commitOf(root, output);
  const asOf = words.asOf ?? commit.date.slice(0, 10);
  const prepared = prepare(context, name, asOf);
  const gathered = gatherEvidence(root, prepared, commit, asOf);
  const evidence = words.compare === undefined ? gathered : compared(context, gathered, words.compare);
  const declared = declaredFiles(evidence);
  writeFolder(join(output, "declared"), declared);
  // What was seen for another commit says nothing about this one.
  const order = { commit: commit.id, environment: name, asOf };
  if (readObserved(output, order).length === 0) rmSync(join(output, "observed"), { recursive: true, force: true });
  const observed = words.observe
    ? await observe(prepared, deployContext(context, prepared, {}), commit, judgedOn(root, asOf))
    : undefined;
  if (observed) writeFolder(join(output, "observed"), observedFiles(observed));
  return auditOutcome(evidence, observed, output, [...declared.keys()]);
}

/** With what differs from another commit, which is judged by its own code and rules. */
function compared({ root, progress }: CommandContext, evidence: Evidence, earlier: string): Evidence {
  const commit = resolveCommit(root, earlier);
  const { environment, asOf } = evidence;
  const order = { commit, environment: environment.name, asOf };
  const files = rebuild(progress, order, () => rebuildDeclared(root, order, { anyPackages: true }));
  const before = parse(files.get(EVIDENCE_FILE)?.toString("utf8")) as Evidence | undefined;
  if (before?.form !== EVIDENCE_FORM) {
    const detail = `its evidence has not the form ${EVIDENCE_FORM}`;
    throw new BhittiError(message("BH6005", { commit, environment: environment.name, detail }), EXIT.toolFailed);
  }
  return { ...evidence, comparison: { commit, changes: compareEvidence(before, evidence) } };
}

function rebuild(progress: Progress, { environment, commit }: EvidenceOrder, make: () => Files): Files {
  const step = progress.step(`make the evidence of ${environment} at ${commit.slice(0, 12)}`);
  try {
    const files = make();
    step.done(`${files.size} files`);
    return files;
  } catch (error) {
    step.fail();
    throw error;
  }
}

/** Makes a folder hold these files and nothing else. */
function writeFolder(folder: string, files: ReadonlyMap<string, string>): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function auditOutcome(
  evidence: Evidence,
  observed: Observed | undefined,
  output: string,
  files: readonly string[],
): Outcome {
  const { posture, environment, commit, asOf, reproducible, inputs } = evidence;
  const { clauses } = posture;
  const shown = relative(process.cwd(), output) || ".";
  const differs = reproducible ? [] : [message("BH6014", { commit: commit.id, files: listed(commit.changed) })];
  const unsatisfied = (observed?.observations ?? []).filter(({ satisfied }) => !satisfied);
  const open = clauses["not satisfied"] + posture.failed + posture.notEvaluated + unsatisfied.length;
  return {
    exitCode: open > 0 ? EXIT.findings : EXIT.fine,
    json: {
      environment: environment.name,
      commit: commit.id,
      asOf,
      reproducible,
      inputDigest: inputs.digest,
      posture,
      ...(evidence.comparison && { comparison: evidence.comparison }),
      ...(observed && { observed: observed.observations }),
      output,
      files,
      messages: differs.map(messageJson),
    },
    text: [
      ...differs.map(formatMessage),
      `${environment.name} at commit ${commit.id.slice(0, 12)}, law of ${asOf}`,
      `clauses: ${clauses.satisfied} satisfied, ${clauses["not satisfied"]} not, ${clauses.provisional} provisional, ${clauses.manual} manual, ${clauses["not applicable"]} not applicable`,
      `${count(posture.objects, "object")}, ${count(posture.rules, "rule")} (${posture.rulesWithoutObjects} found nothing to judge${posture.rulesNotRun > 0 ? `, ${posture.rulesNotRun} could not be run` : ""}), ${count(posture.failed, "open finding")}, ${posture.exempted} exempted, ${posture.notEvaluated} not evaluated`,
      ...(evidence.comparison
        ? [
            `${count(evidence.comparison.changes.length, "difference")} to commit ${evidence.comparison.commit.slice(0, 12)}`,
          ]
        : []),
      ...(observed?.observations ?? []).map(
        ({ kind, satisfied, validUntil, faults }) =>
          `observed ${kind}: ${satisfied ? "satisfied" : `not satisfied (${faults[0] ?? ""}${faults.length > 1 ? ` and ${faults.length - 1} more` : ""})`}, valid until ${validUntil}`,
      ),
      `next: open ${join(shown, "declared", "index.html")}; 'bhitti audit verify ${shown}' makes it again and compares`,
    ].join("\n"),
  };
}

/** `bhitti audit verify <folder>`: makes `declared/` again from the commit that it names, and tells every difference. */
export function verify(context: CommandContext, folder: string): Outcome {
  const files = readDeclared(folder);
  const { order, changed } = orderOf(files, folder);
  resolveCommit(context.root, order.commit);
  const rebuilt = rebuild(context.progress, order, () => rebuildDeclared(context.root, order));
  const { commit } = order;
  const messages = [
    ...(changed.length > 0 ? [message("BH6013", { commit, files: listed(changed) })] : []),
    ...differencesOf(files, rebuilt, commit),
  ];
  const same = messages.length === 0;
  const observed = observedAt(readObserved(folder, order), new Date());
  return {
    exitCode: same ? EXIT.fine : EXIT.findings,
    json: { ...order, verified: same, observed, files: [...rebuilt.keys()], messages: messages.map(messageJson) },
    text: [
      ...messages.map(formatMessage),
      ...observed.map(({ kind, verdict, because }) => `observed ${kind}: ${verdict} (${because})`),
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

/** Observations of the same environment and commit; others, and what has not their form, count as missing. */
function readObserved(folder: string, { environment, commit }: EvidenceOrder): readonly Observation[] {
  const file = join(folder, "observed", OBSERVED_FILE);
  const read = existsSync(file) ? (parse(readFileSync(file, "utf8")) as Loose<Observed> | undefined) : undefined;
  const fits = read?.form === OBSERVED_FORM && read.environment === environment && read.commit?.id === commit;
  const list: readonly unknown[] = fits && Array.isArray(read.observations) ? read.observations : [];
  return list.filter(isObservation);
}

/** What a folder says that it was made from. It is somebody else's word: each part has to have its form, and nothing else is read. */
function orderOf(files: Files, folder: string): { readonly order: EvidenceOrder; readonly changed: readonly string[] } {
  const unusable = (detail: string) => new BhittiError(message("BH6007", { folder, detail }));
  const evidence = parse(files.get(EVIDENCE_FILE)?.toString("utf8")) as Loose<Evidence> | undefined;
  if (evidence?.form !== EVIDENCE_FORM) throw unusable(`declared/${EVIDENCE_FILE} has not the form ${EVIDENCE_FORM}`);
  const { environment, commit, asOf } = evidence;
  const name = environment?.name;
  if (typeof name !== "string" || !/^[a-z0-9][a-z0-9-]*$/.test(name)) throw unusable("it names no environment");
  if (typeof commit?.id !== "string" || !COMMIT_ID.test(commit.id)) throw unusable("it names no commit");
  if (typeof asOf !== "string" || !isDay(asOf)) throw unusable("it names no day");
  const comparedTo = evidence.comparison?.commit;
  if (comparedTo !== undefined && (typeof comparedTo !== "string" || !COMMIT_ID.test(comparedTo))) {
    throw unusable("it names no commit that it was compared to");
  }
  const changed = Array.isArray(commit.changed) ? commit.changed.map(String) : [];
  return {
    order: { commit: commit.id, environment: name, asOf, ...(comparedTo === undefined ? {} : { comparedTo }) },
    changed,
  };
}

type Loose<T> = { readonly [K in keyof T]?: NonNullable<T[K]> extends object ? Loose<NonNullable<T[K]>> : unknown };

function parse(text: string | undefined): unknown {
  try {
    return (JSON.parse(text ?? "") as unknown) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @throws BhittiError BH6006 where a folder holds what is not ours */
function requireOwn(output: string): void {
  const taken = existsSync(output) && (!statSync(output).isDirectory() || readdirSync(output).length > 0);
  if (taken && !existsSync(join(output, "declared", EVIDENCE_FILE))) {
    throw new BhittiError(message("BH6006", { folder: output }));
  }
}

const listed = (paths: readonly string[]): string =>
  `${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ` and ${paths.length - 5} more` : ""}`;
