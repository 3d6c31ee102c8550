import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExitCode } from "../../contracts.ts";
import { type Message, severityOf, textOf } from "../../messages/message.ts";
import type { Progress } from "../progress.ts";

/** What a command found out: for a machine, for a person, and for the shell. */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** Printed with `--json`. */
  readonly json: unknown;
  /** The same as text in parts, where it is too large to be held at once. */
  readonly jsonParts?: () => Iterable<string>;
  /** Printed without: what happened, and what to do next. */
  readonly text: string;
  /** What is to be known beside the result: printed to standard error, with `--json` too. */
  readonly notices?: readonly string[];
}

/** What every command is given. */
export interface CommandContext {
  /** The repository: holds environments/, cdktf.out/ and .bhitti/. */
  readonly root: string;
  readonly progress: Progress;
}

/** The repository that this file lies in. */
export const repositoryRoot = (): string => join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** `1 rule`, `2 rules`. */
export const count = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`;

export const duration = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** A message as `--json` prints it. */
export const messageJson = (m: Message): object => ({ ...m, severity: severityOf(m), text: textOf(m) });
