import { EXIT, type ExitCode } from "../contracts.ts";
import { CATALOGUE, type Code } from "./catalogue.ts";

/** A place in a file that a person wrote. Lines and columns start at 1. */
export interface Position {
  /** Relative to the repository, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Severity = "error" | "warning" | "notice";

/** Everything that Bhitti tells a person: a code, what fills its text, and where it is about. The text is the catalogue's. */
export interface Message {
  readonly code: Code;
  readonly params: Readonly<Record<string, string | number>>;
  readonly position?: Position;
}

export function message(code: Code, params: Message["params"] = {}, position?: Position): Message {
  return position ? { code, params, position } : { code, params };
}

export const severityOf = (m: Message): Severity => CATALOGUE[m.code].severity;

/** The message's sentence and its remedy, with the params filled in. */
export function textOf(m: Message): string {
  const entry = CATALOGUE[m.code];
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, key: string) => String(m.params[key] ?? `{${key}}`));
  return entry.remedy ? `${fill(entry.text)}; ${fill(entry.remedy)}` : fill(entry.text);
}

/** `file:line:column code message`, the form that editors and terminals make clickable. */
export function formatMessage(m: Message): string {
  const at = m.position ? `${m.position.file}:${m.position.line}:${m.position.column} ` : "";
  return `${at}${m.code} ${textOf(m)}`;
}

/** Orders by file, line, column, code, so that two runs print the same. */
export function compareMessages(a: Message, b: Message): number {
  const text = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0);
  return (
    text(a.position?.file ?? "", b.position?.file ?? "") ||
    (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
    (a.position?.column ?? 0) - (b.position?.column ?? 0) ||
    text(a.code, b.code) ||
    text(textOf(a), textOf(b))
  );
}

/**
 * What stops a command, told in messages. A user sees the messages, never a stack trace; anything else that is thrown is
 * a defect of Bhitti.
 */
export class BhittiError extends Error {
  readonly messages: readonly Message[];
  readonly exitCode: ExitCode;

  constructor(messages: Message | readonly Message[], exitCode: ExitCode = EXIT.badInput) {
    const list = "code" in messages ? [messages] : messages;
    super(list.map(formatMessage).join("\n"));
    this.name = "BhittiError";
    this.messages = list;
    this.exitCode = exitCode;
  }
}
