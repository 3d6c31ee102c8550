import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { EXIT } from "../../contracts.ts";
import { allocate } from "../../environments/model/allocate.ts";
import { writeAtomically } from "../local/files.ts";
import type { CommandContext, Outcome } from "./outcome.ts";

/** `bhitti allocate <environment> <pool> <holder>`: takes the pool's next number and adds it to its owner's ledger. */
export function allocateNext({ root }: CommandContext, environment: string, pool: string, holder: string): Outcome {
  const { text, ...allocation } = allocate(root, environment, pool, holder);
  if (text !== undefined) {
    const path = join(root, allocation.file);
    mkdirSync(dirname(path), { recursive: true });
    writeAtomically(path, text, 0o644);
  }
  const { value, file } = allocation;
  return {
    exitCode: EXIT.fine,
    json: { ...allocation, written: text !== undefined },
    text:
      text === undefined
        ? `${holder} holds ${value} of ${allocation.pool} already; nothing was written`
        : `${holder} holds ${value} of ${allocation.pool}\nnext: commit ${file}`,
  };
}
