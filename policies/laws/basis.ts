import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LABEL_DOMAIN } from "../../contracts.ts";
import { BhittiError, compareMessages, message, type Position } from "../../messages/message.ts";
import { readSource, startOf } from "../../yaml/read.ts";
import type { Control } from "../controls/controls.ts";
import type { ServingRule } from "./as-of.ts";
import { meant } from "./laws.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Holds rules and controls against each other: rules serve controls that exist, and every control is served by a rule or says
 * what an auditor has to ask for.
 *
 * @param root the repository's folder, in which rules lie
 * @throws BhittiError with each fault: BH3509 at the rule's annotation, BH3510 at the control
 */
export function checkBasis(
  rules: readonly ServingRule[],
  controls: readonly Control[],
  root: string = repository,
): void {
  const known = controls.map(({ id }) => id);
  const served = new Set(rules.flatMap((rule) => rule.controls));
  const faults = [
    ...rules.flatMap((rule) =>
      rule.controls
        .filter((id) => !known.includes(id))
        .map((value) => message("BH3509", { value, rule: rule.id, ...meant(value, known) }, annotation(rule, root))),
    ),
    ...controls
      .filter(({ id, manual }) => !served.has(id) && manual.length === 0)
      .map(({ id, position }) => message("BH3510", { id }, position)),
  ];
  if (faults.length > 0) throw new BhittiError(faults.sort(compareMessages));
}

/** The place of a rule's controls: a line of its rule.yaml, or its rule.ts where it is a function. */
function annotation({ id }: ServingRule, root: string): Position {
  const folder = `policies/rules/${id}`;
  if (!existsSync(join(root, folder, "rule.yaml"))) return startOf(`${folder}/rule.ts`);
  return readSource(root, `${folder}/rule.yaml`).valueAt(["metadata", "annotations", `${LABEL_DOMAIN}/controls`]);
}
