import { join } from "node:path";
import { EXIT } from "../../contracts.ts";
import { environmentNames } from "../../environments/model/load.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { withLock } from "../lock.ts";
import type { CommandContext } from "./outcome.ts";

/** A check is done by then; a deploy is not waited for. */
const WAIT_MS = 30_000;

/**
 * Runs a command while no other one works on the environment in this checkout: all of them write the same stacks.
 *
 * @throws BhittiError BH9013 where another one still does after half a minute
 */
export function aloneOn<T>({ root }: CommandContext, environment: string, act: () => Promise<T>): Promise<T> {
  // What is no environment is told by the command itself, and is no name for a file.
  if (!environmentNames(root).includes(environment)) return act();
  return withLock(
    join(root, ".bhitti", "locks", environment),
    (pid) => new BhittiError(message("BH9013", { environment, pid }), EXIT.toolFailed),
    act,
    { waitMs: WAIT_MS },
  );
}
