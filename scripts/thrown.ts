import { BhittiError, type Message, message } from "../messages/message.ts";

/** What the machine refuses, and no change of Bhitti's would help against: rights, space, what stands in the way. */
const MACHINE = new Set(
  "EACCES EDQUOT EEXIST EIO EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE ENOSPC ENOTDIR EPERM EROFS".split(" "),
);

/** Whatever was thrown, as messages: those of a BhittiError, BH9014 for a file that cannot be used, BH9999 for all else. */
export function messagesOf(error: unknown): readonly Message[] {
  if (error instanceof BhittiError) return error.messages;
  if (!(error instanceof Error)) return [message("BH9999", { detail: String(error) })];
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  // Node says ENOENT of a folder with its parents that it may not make.
  if (path !== undefined && (MACHINE.has(code ?? "") || (code === "ENOENT" && syscall === "mkdir"))) {
    const reason = /^\w+: (.*?), \w+ '/.exec(error.message)?.[1] ?? code ?? "";
    return [message("BH9014", { path, action: syscall ?? "use", reason })];
  }
  return [message("BH9999", { detail: (process.env.BHITTI_DEBUG && error.stack) || error.message })];
}
