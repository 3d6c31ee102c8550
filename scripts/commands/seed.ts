import { EXIT } from "../../contracts.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { formatMessage } from "../../messages/message.ts";
import { checkSeed, type SeedCheck } from "../seed/check-seed.ts";
import { type CommandContext, count, messageJson, type Outcome } from "./outcome.ts";
import { today } from "./prepare.ts";

export interface SeedWords {
  /** An ISO day. @default today */
  readonly asOf?: string;
  /** Seconds that each probe waits. */
  readonly timeout: number;
}

const MARKS: Readonly<Record<SeedCheck["outcome"], string>> = { holds: "✓", fails: "✗", attested: "?" };

/** `bhitti seed check <environment>`: tests of the seed what can be tested from this machine, and says what cannot. */
export async function seedCheck(
  { root, progress }: CommandContext,
  name: string,
  { asOf = today(), timeout }: SeedWords,
): Promise<Outcome> {
  const environment = loadEnvironment(root, name);
  const step = progress.step(`seed ${name}`);
  const checks = await checkSeed(environment, asOf, { root, timeoutMilliseconds: timeout * 1000 });
  const by = (outcome: SeedCheck["outcome"]) => checks.filter((check) => check.outcome === outcome);
  const failed = by("fails");
  step.done(count(checks.length, "check"));
  return {
    exitCode: failed.length > 0 ? EXIT.findings : EXIT.fine,
    json: { environment: name, asOf, checks: checks.map((c) => ({ ...c, messages: c.messages.map(messageJson) })) },
    text: [
      ...checks.map((check) => `${MARKS[check.outcome]} ${check.item}: ${check.what}`),
      "",
      ...checks.flatMap(({ messages }) => messages.map(formatMessage)),
      ...(checks.some(({ messages }) => messages.length > 0) ? [""] : []),
      `${name}: ${by("holds").length} tested and found, ${failed.length} failed, ${by("attested").length} only attested and not testable from here`,
      failed.length > 0
        ? "next: mend what failed; docs/day-zero.md tells what each item is for"
        : `next: bhitti plan ${name}`,
    ].join("\n"),
  };
}
