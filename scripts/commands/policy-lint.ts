import { readFileSync } from "node:fs";
import { EXIT } from "../../contracts.ts";
import { BhittiError, formatMessage, message, severityOf } from "../../messages/message.ts";
import { type Lint, lintPolicies } from "../../policies/linter/lint.ts";
import { readDocuments } from "../../policies/linter/source.ts";
import { count, messageJson, type Outcome } from "./outcome.ts";

/**
 * `bhitti policy lint -f <files…>`: what is wrong, or likely not meant, in anybody's ValidatingAdmissionPolicies and bindings.
 * Errors are findings (exit 1); warnings and notices are told and change nothing.
 *
 * @throws BhittiError BH3101 for each file that cannot be read, BH3132 where none holds a policy or binding
 */
export function policyLint(files: readonly string[], { minimumVersion }: { minimumVersion: string }): Outcome {
  const read = files.map((file) => readFile(file));
  const faults = read.flatMap(({ messages }) => messages);
  if (faults.length > 0) throw new BhittiError(faults, EXIT.badInput);
  const lint = lintPolicies(
    read.flatMap(({ documents }) => documents),
    { minimumVersion },
  );
  if (lint.policies + lint.bindings === 0) throw new BhittiError(message("BH3132", { files: files.join(", ") }));
  const errors = lint.messages.filter((m) => severityOf(m) === "error").length;
  return {
    exitCode: errors > 0 ? EXIT.findings : EXIT.fine,
    json: { policies: lint.policies, bindings: lint.bindings, findings: lint.messages.map(messageJson) },
    text: [...lint.messages.map((m) => `${formatMessage(m)} [${severityOf(m)}]`), summary(lint, errors)].join("\n"),
  };
}

function readFile(file: string): ReturnType<typeof readDocuments> {
  try {
    return readDocuments(file, readFileSync(file, "utf8"));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : String(error);
    return { documents: [], messages: [message("BH3101", { file, reason }, { file, line: 1, column: 1 })] };
  }
}

function summary({ messages, policies, bindings }: Lint, errors: number): string {
  const looked = `${count(policies, "policy", "policies")} and ${count(bindings, "binding")}`;
  return `${looked}: ${count(errors, "error")}, ${count(messages.length - errors, "other finding")}`;
}
