import { EXIT } from "../../contracts.ts";
import { BhittiError, formatMessage } from "../../messages/message.ts";
import type { Finding } from "../../policies/evaluate.ts";
import { type CommandContext, count, duration, messageJson, type Outcome } from "./outcome.ts";
import { type Prepared, prepare } from "./prepare.ts";

/** `bhitti check <environment>`: everything that can be known from git alone. */
export function check(context: CommandContext, name: string): Outcome {
  const since = Date.now();
  const prepared = prepare(context, name);
  const { estate, findings, rules } = prepared;
  const denials = denialsOf(prepared);
  const population = `${count(estate.objects.length, "object")} in ${count(estate.stacks.length, "stack")}, ${count(rules.length, "rule")}`;
  return {
    exitCode: denials.length > 0 ? EXIT.findings : EXIT.fine,
    json: {
      environment: name,
      stacks: estate.stacks.map((s) => s.id),
      objects: estate.objects.length,
      rules: findings.population.map(({ judged: _, ...population }) => population),
      findings: findings.findings.map((f) => ({ ...f, message: messageJson(f.message) })),
      notEvaluated: estate.undecoded,
    },
    text: [
      ...findings.findings.map((f) => `${formatMessage(f.message)} [${f.stage}]`),
      ...findings.messages.map(formatMessage),
      `${name}: ${population}, ${count(findings.findings.length, "finding")}${denials.length > 0 ? ` (${denials.length} refuse a deploy)` : ""}, ${duration(Date.now() - since)}`,
      denials.length > 0
        ? `next: mend what is refused; 'bhitti explain <rule>' tells why a rule insists`
        : `next: bhitti plan ${name}`,
    ].join("\n"),
  };
}

/** Findings of rules that stand at `deny`: the cluster would refuse these objects. */
export const denialsOf = ({ findings }: Prepared): readonly Finding[] =>
  findings.findings.filter((f) => f.stage === "deny");

/** @throws BhittiError with every denial: nothing is planned or deployed that the cluster would refuse. */
export function requireNoDenials(prepared: Prepared): void {
  const denials = denialsOf(prepared);
  if (denials.length > 0)
    throw new BhittiError(
      denials.map((f) => f.message),
      EXIT.findings,
    );
}
