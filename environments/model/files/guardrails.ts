import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { formatted } from "../../../yaml/formats.ts";
import type { Known, SourceFiles } from "../known.ts";
import { at, nearestHint, type Placed } from "../placed.ts";
import { RULE_ID } from "../values.ts";

const stage = z.enum(["audit", "warn", "deny"]).meta({
  description: "audit: recorded; warn: the caller is told; deny: refused.",
});

export const guardrailsFile = z
  .strictObject({
    stage: stage.meta({ description: "The stage of every rule not named below." }),
    rules: z
      .record(formatted("rule-id", RULE_ID, "<family>/<rule>", ["network/no-node-port"]), stage)
      .meta({ description: "Rules that stand at another stage, by their ids. '{}' where there are none." }),
  })
  .meta({ title: "Guardrails: at which stage each rule stands" });

export type Guardrails = z.infer<typeof guardrailsFile>;
export type Stage = z.infer<typeof stage>;

export function guardrailFaults({ byKind }: SourceFiles, { rules }: Known): Message[] {
  return rules ? at(byKind.guardrails, ["rules"]).flatMap((stages) => ruleReferences(stages, rules)) : [];
}

function ruleReferences(rules: Placed, known: readonly string[]): Message[] {
  return Object.keys(rules.value)
    .filter((rule) => RULE_ID.test(rule) && !known.includes(rule))
    .map((value) => {
      const hint = nearestHint(value, known) ?? "there is no rule yet";
      return message("BH1028", { value, hint }, rules.source.keyAt(rules.path, value));
    });
}
