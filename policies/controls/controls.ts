import { fileURLToPath } from "node:url";
import { z } from "zod";
import { BhittiError, compareMessages, type Message, message, type Position } from "../../messages/message.ts";
import { COMMON_FORMATS, formatted, name } from "../../yaml/formats.ts";
import { readSource } from "../../yaml/read.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { validate } from "../../yaml/validate.ts";
import { type Bilingual, bilingual } from "../bilingual.ts";

/** What laws and standards ask of a platform: the joint between clauses, which ask for controls, and rules, which serve them. */
export interface Control {
  /** What rules and clauses call it. */
  readonly id: string;
  readonly title: Bilingual;
  /** What holds where the control is met. */
  readonly statement: Bilingual;
  /** Ids of the clauses of standards that ask for the same, e.g. `nist-800-53.ac-6`. */
  readonly catalogues: readonly string[];
  /** What an auditor has to ask for, beyond what rules can see. */
  readonly manual: readonly Bilingual[];
  readonly position: Position;
}

/** A clause's id opens with its instrument's, and is a token as OSCAL wants it: `pdpo-2025.local-copy`. */
export const CLAUSE_ID = /^[a-z][a-z0-9-]*\.[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

export const clauseId = formatted("clause-id", CLAUSE_ID, "The instrument's id, a dot, and the clause within it.", [
  "pdpo-2025.consent",
]);

/** The schema of controls.yaml. */
export const CONTROLS_FILE = z
  .strictObject({
    controls: z
      .array(
        z.strictObject({
          id: name.meta({ description: "What rules and clauses call it.", examples: ["least-privilege"] }),
          title: bilingual("What holds, in a few words."),
          statement: bilingual("What holds where the control is met."),
          catalogues: z.array(clauseId).exactOptional().meta({
            description: "Clauses of standards that ask for the same.",
          }),
          manual: z.array(bilingual("What an auditor has to ask for.")).min(1).exactOptional().meta({
            description: "What an auditor has to ask for, since no rule can see it.",
          }),
        }),
      )
      .min(1),
  })
  .meta({ title: "Controls: what laws and standards ask of a platform" });

/** Path of the file of controls in a repository. */
export const CONTROLS = "policies/controls/controls.yaml";
const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The controls of a repository, and what is wrong with them. */
export interface ControlsRead {
  /** Without those that have a fault. */
  readonly controls: readonly Control[];
  readonly messages: readonly Message[];
  readonly source: SourceFile;
}

/**
 * Every control, in the order of the file.
 *
 * @param root the repository's folder, which positions are relative to
 * @throws BhittiError with every fault of the file
 */
export function loadControls(root: string = repository): readonly Control[] {
  const { controls, messages } = readControls(root);
  if (messages.length > 0) throw new BhittiError([...messages].sort(compareMessages));
  return controls;
}

/** Reads and checks controls.yaml without throwing: whoever reads more files tells all faults at once. */
export function readControls(root: string = repository): ControlsRead {
  const source = readSource(root, CONTROLS);
  if (source.value === undefined) return { controls: [], messages: source.messages, source };
  const checked = validate(source, CONTROLS_FILE, COMMON_FORMATS);
  const controls = (checked.data?.controls ?? []).map(
    (control, i): Control => ({
      ...control,
      catalogues: control.catalogues ?? [],
      manual: control.manual ?? [],
      position: source.valueAt(["controls", i, "id"]),
    }),
  );
  return { controls, messages: [...source.messages, ...checked.messages, ...sameIds(controls)], source };
}

/** BH1030 for each thing whose id another one before it has. */
export function sameIds(items: readonly { readonly id: string; readonly position: Position }[]): Message[] {
  const first = new Map<string, Position>();
  return items.flatMap(({ id, position }) => {
    const earlier = first.get(id);
    if (!earlier) {
      first.set(id, position);
      return [];
    }
    return [message("BH1030", { name: id, first: `${earlier.file}:${earlier.line}:${earlier.column}` }, position)];
  });
}
