import { lstatSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Message, message, type Position } from "../messages/message.ts";
import { MAX_BYTES, parseSource, type SourceFile } from "./source.ts";

/**
 * Reads one YAML file. A file that cannot be read gives a source without a value and with a message (BH1053); links are not
 * followed, so that nothing outside of the repository is taken for a part of it.
 *
 * @param root the repository's folder, which positions are relative to
 * @param path relative to the root, with forward slashes
 * @param called what messages call the file
 */
export function readSource(root: string, path: string, called: string = basename(path)): SourceFile {
  const read = readRegular(join(root, path));
  if (read instanceof Uint8Array) return parseSource(path, read);
  const at = (): Position => startOf(path);
  const messages = [unreadable(path, called, read)];
  return { file: path, value: undefined, messages, valueAt: at, keyAt: at, textAt: () => undefined };
}

export const startOf = (file: string): Position => ({ file, line: 1, column: 1 });

export const unreadable = (path: string, file: string, reason: string, wanted = "a regular file"): Message =>
  message("BH1053", { file, reason, wanted }, startOf(path));

/** The bytes of a file, or why it has none. Of a file that is too large, one byte more than is taken. */
function readRegular(path: string): Uint8Array | string {
  try {
    const entry = lstatSync(path);
    if (entry.isSymbolicLink()) return "it is a link";
    if (!entry.isFile()) return entry.isDirectory() ? "it is a folder" : "it is no regular file";
    return entry.size > MAX_BYTES ? new Uint8Array(MAX_BYTES + 1) : readFileSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "the system refuses it";
  }
}
