import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { EXIT, type ExitCode } from "../contracts.ts";
import { BhittiError, formatMessage, message, severityOf } from "../messages/message.ts";
import { isDay } from "../yaml/formats.ts";
import type { AuditWords } from "./commands/audit.ts";
import type { DeployWords } from "./commands/deploy.ts";
import type { ShowWords } from "./commands/environments.ts";
import type { Language } from "./commands/explain.ts";
import type { IncidentWords } from "./commands/incident.ts";
import type { LawWords } from "./commands/laws.ts";
import { type CommandContext, messageJson, type Outcome, repositoryRoot } from "./commands/outcome.ts";
import type { PolicyEvalWords } from "./commands/policy-eval.ts";
import type { SeedWords } from "./commands/seed.ts";
import type { SimulateWords } from "./commands/simulate.ts";
import { silent, terminalProgress } from "./progress.ts";
import { messagesOf } from "./thrown.ts";

/**
 * The command line. It joins arrows and prints outcomes; each command lies in commands/ and is imported when it runs, so
 * that `check` does not pay for what `deploy` needs.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const program = commandLine();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and the version are printed by then.
    if (error.exitCode === 0 || error.code === "commander.help")
      process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.badInput;
    else {
      const command = argv.slice(2).filter((word) => !word.startsWith("-"));
      const words = program.commands.find((c) => c.name() === command[0]) ? `${command[0]} ` : "";
      const detail = error.message
        .replace(/^error: /, "")
        .replace(/\s+/g, " ")
        .replace(/\.$/, "");
      process.exitCode = printError(
        new BhittiError(message("BH9002", { detail, command: words })),
        argv.includes("--json"),
      );
    }
  }
}

const concurrency = (text: string): number => {
  if (text === "unlimited") return Number.POSITIVE_INFINITY;
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError("it takes a whole number from 1, or 'unlimited'.");
  return n;
};

const instant = (text: string): Date => {
  const time = new Date(text);
  // Without an offset, each machine would take it for its own time.
  if (Number.isNaN(time.getTime()) || !/T.*(Z|[+-]\d{2}:\d{2})$/.test(text))
    throw new InvalidArgumentError("it takes a time with its offset, such as '2027-01-31T09:30+06:00'.");
  return time;
};

const wholeSeconds = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 600) throw new InvalidArgumentError("it takes whole seconds from 1 to 600.");
  return n;
};

const kubernetesVersion = (text: string): string => {
  if (!/^1\.\d{1,3}$/.test(text)) throw new InvalidArgumentError("it takes a minor version such as '1.30'.");
  return text;
};

const isoDay = (text: string): string => {
  if (!isDay(text)) throw new InvalidArgumentError("it takes a day such as '2027-05-13'.");
  return text;
};

function commandLine(): Command {
  const program = new Command("bhitti")
    .description("A country's data-centre platform from git.")
    .version(
      (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version,
    )
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      "after",
      `
Exit codes: 0 fine, 1 findings or refused, 2 bad input or usage, 3 a tool or the cluster failed.

Start with:
  $ bhitti local up            a real control plane on this machine, with environment 'local' deployed to it
  $ bhitti check local         everything that can be known from git alone`,
    );

  const engine = new Option("--engine <name>", "deploy with this engine instead of the one that fits").choices([
    "terraform",
    "server-side-apply",
  ]);
  const parallel = new Option("--concurrency <n>", "stacks at a time: a number, or 'unlimited'")
    .argParser(concurrency)
    .default(4);

  const asOf = new Option("--as-of <day>", "judge as on this ISO day (default: today)").argParser(isoDay);

  add(
    program,
    "check <environment>",
    "load, synthesize and evaluate; needs no cluster, credential, terraform or network",
    [
      "bhitti check local",
      "bhitti check local --json | jq .findings",
      "bhitti check local --as-of 2027-06-30",
      "bhitti check local --live",
    ],
  )
    .addOption(asOf)
    .option("--live", "also judge what runs in the clusters, and whether their guardrails are the files; only reads")
    .action(
      runAlone(async (context, environment: string, { live, ...options }: { asOf?: string; live?: boolean }) =>
        live
          ? (await import("./commands/check-live.ts")).checkLive(context, environment, options)
          : (await import("./commands/check.ts")).check(context, environment, options),
      ),
    );

  add(program, "plan <environment> [stacks...]", "what a deploy would change", [
    "bhitti plan local",
    "bhitti plan local local-gateway",
  ])
    .addOption(engine)
    .addOption(parallel)
    .action(
      runAlone(async (context, environment: string, stacks: string[], options: DeployWords) =>
        (await import("./commands/deploy.ts")).plan(context, environment, { ...options, stacks }),
      ),
    );

  add(program, "deploy <environment> [stacks...]", "check, then apply what changed, stack by stack", [
    "bhitti deploy local",
    "bhitti deploy local local-zone-bill-payment",
    "bhitti deploy local --engine terraform --concurrency 2",
  ])
    .addOption(engine)
    .addOption(parallel)
    .action(
      runAlone(async (context, environment: string, stacks: string[], options: DeployWords) =>
        (await import("./commands/deploy.ts")).deploy(context, environment, { ...options, stacks }),
      ),
    );

  add(program, "drift <environment>", "what in the cluster differs from what is stated: changed, missing, extra", [
    "bhitti drift local",
    "bhitti drift local --json",
  ])
    .addOption(engine)
    .action(
      runAlone(async (context, environment: string, options: DeployWords) =>
        (await import("./commands/deploy.ts")).drift(context, environment, options),
      ),
    );

  add(program, "destroy <environment>", "remove all that was deployed; disposable environments only", [
    "bhitti destroy local --yes",
  ])
    .addOption(engine)
    .addOption(parallel)
    .option("--yes", "do it; without, only what would be removed is shown")
    .action(
      runAlone(async (context, environment: string, options: DeployWords & { yes?: boolean }) =>
        (await import("./commands/deploy.ts")).destroy(context, environment, options),
      ),
    );

  add(program, "export <environment>", "write the environment as plain manifests, one folder a stack", [
    "bhitti export local --output manifests",
  ])
    .option("--output <folder>", "where to (default: cdktf.out/<environment>-manifests)")
    .action(
      runAlone(async (context, environment: string, options: { output?: string }) =>
        (await import("./commands/export.ts")).exportManifests(context, environment, options),
      ),
    );

  add(
    program,
    "catalogue",
    "the country's services and districts, and what each wave of the rollout asks of the platform",
    ["bhitti catalogue", "bhitti catalogue --json | jq .demand"],
  ).action(run(async (context) => (await import("./commands/catalogue.ts")).catalogue(context)));

  add(program, "incident <environment> <zone> <severity>", "who has to be told of an incident, and by when", [
    "bhitti incident production tax critical",
    "bhitti incident production tax critical --known 2027-01-31T09:30+06:00 --json",
  ])
    .addOption(new Option("--known <time>", "when it was known, with its offset (default: now)").argParser(instant))
    .action(
      run(async (context, environment: string, zone: string, severity: string, options: IncidentWords) =>
        (await import("./commands/incident.ts")).incident(context, environment, zone, severity, options),
      ),
    );

  add(program, "simulate <environment>", "what the loss of a site does: what survives, degrades or breaks, and why", [
    "bhitti simulate production",
    "bhitti simulate production --lose kaliakair",
    "bhitti simulate pilot --lose agargaon --json | jq '.losses[].fates[] | select(.below)'",
  ])
    .option("--lose <site>", "this site only (default: each in turn)")
    .action(
      run(async (context, environment: string, options: SimulateWords) =>
        (await import("./commands/simulate.ts")).simulate(context, environment, options),
      ),
    );

  const environments = program.command("environments").description("environments as a whole").exitOverride();
  add(environments, "list", "every environment, with what it holds", [
    "bhitti environments list",
    "bhitti environments list --json",
  ]).action(run(async (context) => (await import("./commands/environments.ts")).listEnvironments(context)));

  add(environments, "show <environment>", "an environment for a person to read; with --json all of it", [
    "bhitti environments show production",
    "bhitti environments show local --json | jq .zones",
  ])
    .addOption(new Option("--as-of <day>", "the day whose prices hold (default: today)").argParser(isoDay))
    .action(
      run(async (context, environment: string, options: ShowWords) =>
        (await import("./commands/environments.ts")).showEnvironment(context, environment, options),
      ),
    );

  add(environments, "diff <earlier> <later>", "in what one environment differs from the one it is promoted from", [
    "bhitti environments diff pilot production",
    "bhitti environments diff pilot production --json | jq '.[] | select(.verdict != \"stronger\")'",
  ]).action(
    run(async (context, earlier: string, later: string) =>
      (await import("./commands/environments.ts")).diffEnvironments(context, earlier, later),
    ),
  );

  const seed = program.command("seed").description("what stands before the first deploy").exitOverride();
  add(seed, "check <environment>", "test what can be tested from this machine, and say what only people can see", [
    "bhitti seed check pilot",
    "bhitti seed check production --as-of 2027-01-31 --timeout 2",
  ])
    .addOption(
      new Option("--as-of <day>", "attestations have to hold on this ISO day (default: today)").argParser(isoDay),
    )
    .addOption(new Option("--timeout <seconds>", "how long each probe waits").argParser(wholeSeconds).default(5))
    .action(
      run(async (context, environment: string, options: SeedWords) =>
        (await import("./commands/seed.ts")).seedCheck(context, environment, options),
      ),
    );

  const audit = add(
    program,
    "audit <environment>",
    "write what an auditor takes away: each law clause with its controls, rules, objects and exemptions",
    [
      "bhitti audit local --output evidence",
      "bhitti audit local --as-of 2027-05-13 --output evidence",
      "bhitti audit local --observe --output evidence",
      "bhitti audit local --compare HEAD~1 --output evidence",
      "bhitti audit verify evidence",
    ],
  )
    .addOption(
      new Option("--as-of <day>", "the day whose laws and exemptions count (default: the commit's)").argParser(isoDay),
    )
    .option("--output <folder>", "where to (default: cdktf.out/<environment>-evidence)")
    .option(
      "--compare <commit>",
      "tell what differs from that commit, judged by its own rules and the law of the same day",
    )
    .option("--observe", "look at the running clusters too: drift, every rule on what stands, the last deploy")
    .action(
      runAlone(async (context, environment: string, options: AuditWords) =>
        (await import("./commands/audit.ts")).audit(context, environment, options),
      ),
    );
  add(audit, "verify <folder>", "make the evidence again from the commit that it names, and tell every difference", [
    "bhitti audit verify evidence",
  ]).action(run(async (context, folder: string) => (await import("./commands/audit.ts")).verify(context, folder)));

  const day = new Option("--as-of <day>", "the law of this day, YYYY-MM-DD (default: today)");
  const language = new Option("--language <code>", "language of titles and texts").choices(["en", "bn"]).default("en");
  const laws = program
    .command("laws")
    .description("laws, policies and standards as data: what binds on a day, and why")
    .exitOverride();
  add(laws, "list", "every instrument, its status on a day, and how many of its clauses bind", [
    "bhitti laws list",
    "bhitti laws list --as-of 2027-05-13 --language bn",
  ])
    .addOption(day)
    .addOption(language)
    .action(run(async (context, options: LawWords) => (await import("./commands/laws.ts")).list(context, options)));
  add(laws, "show <id>", "an instrument with its clauses, or a clause with its controls and rules", [
    "bhitti laws show pdpa-2026",
    "bhitti laws show pdpa-2026.consent",
  ])
    .addOption(day)
    .addOption(language)
    .action(
      run(async (context, id: string, options: LawWords) =>
        (await import("./commands/laws.ts")).show(context, id, options),
      ),
    );
  add(laws, "diff", "what begins and ceases to bind between two days, and which rules gain or lose a basis", [
    "bhitti laws diff --from 2027-05-12 --to 2027-05-13",
  ])
    .requiredOption("--from <day>", "the first day, YYYY-MM-DD")
    .requiredOption("--to <day>", "the second day, YYYY-MM-DD")
    .action(
      run(async (context, days: { from: string; to: string }) =>
        (await import("./commands/laws.ts")).diff(context, days),
      ),
    );

  add(
    program,
    "allocate <environment> <pool> <holder>",
    "take a pool's next range or number for a cluster or site, into the ledger",
    ["bhitti allocate local nodes local"],
  ).action(
    runAlone(async (context, environment: string, pool: string, holder: string) =>
      (await import("./commands/allocate.ts")).allocateNext(context, environment, pool, holder),
    ),
  );

  add(program, "explain [code]", "what a message, rule, control or clause means; alone, list messages and rules", [
    "bhitti explain BH1001",
    "bhitti explain least-privilege",
    "bhitti explain pdpa-2026.consent",
    "bhitti explain network/declared-flows",
    "bhitti explain network/declared-flows --language bn",
  ])
    .addOption(language)
    .action(
      run(async (context, code: string | undefined, { language }: { language: Language }) =>
        (await import("./commands/explain.ts")).explain(context, code, language),
      ),
    );

  const policy = program
    .command("policy")
    .description("work on anybody's ValidatingAdmissionPolicies, ours or not")
    .exitOverride();
  add(policy, "eval", "judge objects by policies as the API server would, without one", [
    "bhitti policy eval -f policies/rules/*/*/rule.yaml -f manifests/",
    "kubectl get pods -A -o json | bhitti policy eval -f policy.yaml -f -",
    "bhitti policy eval -f policy.yaml binding.yaml -f pod.yaml --as owner@example.gov --as-group owners --json",
    "bhitti policy eval -f policy.yaml -f namespace.yaml --operation DELETE",
  ])
    .requiredOption(
      "-f, --file <files...>",
      "files, folders or '-' with policies, bindings, objects, their Namespaces, params, AdmissionReviews and CustomResourceDefinitions, in any order",
    )
    .option("--as <user>", "who asks (default: somebody without rights)")
    .option("--as-group <groups...>", "groups of who asks, beside system:authenticated")
    .addOption(
      new Option("--operation <name>", "what is asked for each object; an UPDATE changes nothing")
        .choices(["CREATE", "UPDATE", "DELETE"])
        .default("CREATE"),
    )
    .action(
      run(async (_context, words: PolicyEvalWords) => (await import("./commands/policy-eval.ts")).policyEval(words)),
    );
  add(policy, "lint", "what is wrong, or likely not meant, in policies and bindings; judges no object", [
    "bhitti policy lint -f policy.yaml binding.yaml",
    "bhitti policy lint -f policies/rules/*/*/rule.yaml --minimum-version 1.32 --json",
  ])
    .requiredOption("-f, --file <files...>", "files of YAML or JSON documents")
    .addOption(
      new Option("--minimum-version <1.nn>", "the oldest Kubernetes that the policies have to load on")
        .argParser(kubernetesVersion)
        .default("1.31"),
    )
    .action(
      run(async (_context, { file, minimumVersion }: { file: string[]; minimumVersion: string }) =>
        (await import("./commands/policy-lint.ts")).policyLint(file, { minimumVersion }),
      ),
    );

  const local = program.command("local").description("the control plane on this machine").exitOverride();
  add(local, "up", "find or build a control plane, start it, deploy environment 'local', prove its guardrails live", [
    "bhitti local up",
  ])
    .addOption(engine)
    .action(
      run(async (context, options: DeployWords) =>
        (await import("./commands/alone.ts")).aloneOn(context, "local", async () =>
          (await import("./commands/local.ts")).up(context, options),
        ),
      ),
    );
  add(local, "down", "stop what 'local up' started, and only that", [
    "bhitti local down",
    "bhitti local down --delete-data",
  ])
    .option("--delete-data", "also remove the cluster's data and what was recorded of its deploys")
    .action(
      run(async (context, options: { deleteData?: boolean }) =>
        (await import("./commands/local.ts")).down(context, options),
      ),
    );
  add(local, "status", "which servers run, and where", ["bhitti local status --json"]).action(
    run(async (context) => (await import("./commands/local.ts")).status(context)),
  );
  return program;
}

function add(parent: Command, words: string, description: string, examples: readonly string[]): Command {
  return parent
    .command(words)
    .description(description)
    .option("--json", "print one JSON document, and nothing else, to standard output")
    .exitOverride()
    .addHelpText("after", `\nExamples:\n${examples.map((e) => `  $ ${e}`).join("\n")}`);
}

/**
 * Runs a command's function and prints its outcome. commander passes the words, then the options, then the command
 * itself.
 */
function run<Words extends unknown[]>(act: (context: CommandContext, ...words: Words) => Promise<Outcome>) {
  return async (...args: unknown[]): Promise<void> => {
    const command = args[args.length - 1] as Command;
    const { json } = command.optsWithGlobals<{ json?: boolean }>();
    const progress = json && !process.stderr.isTTY ? silent : terminalProgress();
    try {
      const outcome = await act({ root: repositoryRoot(), progress }, ...(args.slice(0, -1) as Words));
      for (const notice of outcome.notices ?? []) process.stderr.write(`${notice}\n`);
      if (json && outcome.jsonParts) for (const part of outcome.jsonParts()) process.stdout.write(part);
      else print(json ? JSON.stringify(outcome.json, null, 2) : outcome.text);
      process.exitCode = outcome.exitCode;
    } catch (error) {
      process.exitCode = printError(error, json === true);
    }
  };
}

/** As `run`, of a command whose first word is an environment: one at a time works on it. */
const runAlone = <Words extends unknown[]>(
  act: (context: CommandContext, environment: string, ...words: Words) => Promise<Outcome>,
) =>
  run(async (context, environment: string, ...words: Words) =>
    (await import("./commands/alone.ts")).aloneOn(context, environment, () => act(context, environment, ...words)),
  );

function printError(error: unknown, json: boolean): ExitCode {
  const known = error instanceof BhittiError ? error : undefined;
  const messages = messagesOf(error);
  if (json) print(JSON.stringify({ messages: messages.map(messageJson) }, null, 2));
  else {
    for (const m of messages) process.stderr.write(`${formatMessage(m)}\n`);
    const errors = messages.filter((m) => severityOf(m) === "error").length;
    if (errors > 1) process.stderr.write(`${errors} errors\n`);
    if (messages[0]?.code !== "BH9999")
      process.stderr.write(`'bhitti explain ${messages[0]?.code ?? ""}' tells more\n`);
  }
  return known?.exitCode ?? EXIT.toolFailed;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
