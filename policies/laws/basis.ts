import { fileURLToPath } from "node:url";
import { LABEL_DOMAIN } from "../../contracts.ts";
import { BhittiError, compareMessages, message } from "../../messages/message.ts";
import { readSource } from "../../yaml/read.ts";
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

const annotation = ({ id }: ServingRule, root: string) =>
  readSource(root, `policies/rules/${id}/rule.yaml`).valueAt(["metadata", "annotations", `${LABEL_DOMAIN}/controls`]);
