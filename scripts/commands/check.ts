import { EXIT } from "../../contracts.ts";
import { BhittiError, formatMessage, type Message, message, severityOf } from "../../messages/message.ts";
import type { Finding } from "../../policies/evaluate.ts";
import { type CommandContext, count, duration, messageJson, type Outcome } from "./outcome.ts";
import { type Prepared, prepare, today } from "./prepare.ts";

/**
 * `bhitti check <environment>`: everything that can be known from git alone.
 *
 * @param asOf the ISO day on which exemptions and grants have to hold; today where it is absent
 */
export function check(context: CommandContext, name: string, { asOf = today() }: { asOf?: string } = {}): Outcome {
  const since = Date.now();
  return checkPrepared(prepare(context, name, asOf), asOf, since);
}

/** @param since when the command began, in milliseconds of the clock */
export function checkPrepared(prepared: Prepared, asOf: string, since: number): Outcome {
  const { environment, estate, findings, rules } = prepared;
  const { name } = environment;
  const denials = denialsOf(prepared);
  const exempted = findings.findings.filter((f) => f.exemption);
  const open = findings.findings.length - exempted.length;
  const population = `${count(estate.objects.length, "object")} in ${count(estate.stacks.length, "stack")}, ${count(rules.length, "rule")}`;
  return {
    exitCode: denials.length > 0 ? EXIT.findings : EXIT.fine,
    json: {
      environment: name,
      stacks: estate.stacks.map((s) => s.id),
      objects: estate.objects.length,
      rules: findings.population.map(({ judged: _, ...population }) => population),
      asOf,
      findings: findings.findings.map((f) => ({ ...f, message: messageJson(f.message) })),
      exemptions: findings.exemptions.map(({ exemption, state, subjects }) => ({ ...exemption, state, subjects })),
      messages: findings.messages.map(messageJson),
      notEvaluated: estate.undecoded,
    },
    text: [
      ...findings.findings.map((f) =>
        f.exemption ? formatMessage(exempt(f)) : `${formatMessage(f.message)} [${f.stage}]`,
      ),
      ...findings.messages.map(formatMessage),
      `${name}: ${population}, ${count(open, "finding")}${exempted.length > 0 ? ` and ${exempted.length} exempted` : ""}${denials.length > 0 ? `, ${denials.length} to mend before a deploy` : ""}, ${duration(Date.now() - since)}`,
      denials.length > 0
        ? `next: mend what is refused; 'bhitti explain <rule>' tells why a rule insists`
        : `next: bhitti plan ${name}`,
    ].join("\n"),
  };
}

/** The notice that an exemption covers a finding. */
export function exempt({ rule, object, stack, exemption, message: { params, position } }: Finding): Message {
  const text = params["text"] ?? "";
  return message("BH3200", { rule, object, stack, text, ...exemption }, position);
}

/**
 * What stops a deploy: findings of rules that stand at `deny`, since the cluster would refuse these objects; exemptions and
 * grants that are not in order; and promises that there is no room for.
 */
export const denialsOf = ({ findings }: Prepared): readonly Message[] => [
  ...findings.findings.filter((f) => f.stage === "deny" && !f.exemption).map((f) => f.message),
  ...findings.messages.filter((m) => severityOf(m) === "error"),
];

/** @throws BhittiError with every denial: nothing is planned or deployed that the cluster would refuse. */
export function requireNoDenials(prepared: Prepared): void {
  const denials = denialsOf(prepared);
  if (denials.length > 0) throw new BhittiError(denials, EXIT.findings);
}
