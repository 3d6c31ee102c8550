import { closeSync, mkdirSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { $ } from "zx/core";
import { EXIT } from "../../contracts.ts";
import { BhittiError, message } from "../../messages/message.ts";

/** A Terraform or OpenTofu that can be started. */
export interface TerraformBinary {
  /** Name on PATH, or a path. */
  readonly file: string;
  readonly version: string;
}

/** Output of one call that ended. */
export interface TerraformResult {
  readonly exitCode: number;
  readonly output: string;
}

export interface TerraformCall {
  readonly binary: TerraformBinary;
  /** The folder that holds cdk.tf.json. */
  readonly directory: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** File that gets everything Terraform prints; readable by its owner only. */
  readonly log: string;
  /** Called with each line that Terraform prints, while it runs. */
  readonly onLine?: (line: string) => void;
  /** When aborted, Terraform is asked once to stop (SIGINT): it then still writes its state. */
  readonly abort?: AbortSignal;
  /** Milliseconds after which it is asked to stop. @default none */
  readonly timeoutMs?: number;
}

let found: Promise<TerraformBinary> | undefined;

/**
 * The binary that TERRAFORM_BINARY_NAME names, else terraform, else tofu on PATH. Looked for once in a process.
 *
 * @throws BhittiError BH4034 where none can be started
 */
export function findTerraform(): Promise<TerraformBinary> {
  found ??= lookForTerraform();
  return found;
}

async function lookForTerraform(): Promise<TerraformBinary> {
  const named = process.env.TERRAFORM_BINARY_NAME;
  const reasons: string[] = [];
  for (const file of named ? [named] : ["terraform", "tofu"]) {
    const answer = await $({ quiet: true, nothrow: true, env: terraformEnvironment() })`${file} version -json`;
    try {
      const { terraform_version: version } = JSON.parse(answer.stdout) as { terraform_version?: unknown };
      if (answer.exitCode === 0 && typeof version === "string") return { file, version };
    } catch {
      // Not JSON: said below in its own words.
    }
    reasons.push(answer.exitCode === 127 ? `no ${file} on PATH` : `${file}: ${answer.stderr.trim() || "no version"}`);
  }
  throw new BhittiError(message("BH4034", { reason: reasons.join(", ") }), EXIT.toolFailed);
}

/**
 * Variables that would silently change where a deploy goes or what it does: the workspace and folder of state, arguments
 * added to every command, and the settings by which the providers override the kubeconfig that the environment names.
 */
const OVERRIDES = /^(TF_WORKSPACE|TF_DATA_DIR|TF_CLI_ARGS(_.*)?|KUBE_.*|HELM_DRIVER|HELM_NAMESPACE|HELM_KUBE.*)$/;

/** What every call gets: no questions, no telemetry, and of the caller's variables none that overrides the environment. */
export function terraformEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !OVERRIDES.test(name));
  return { ...Object.fromEntries(inherited), CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0", ...more };
}

/**
 * Runs Terraform in a process group of its own, so that Ctrl-C in the terminal does not reach it, with its output going
 * straight to the log file, so that it neither waits for us nor dies with us. All files that it makes are its owner's only.
 */
export async function runTerraform(call: TerraformCall): Promise<TerraformResult> {
  mkdirSync(dirname(call.log), { recursive: true, mode: 0o700 });
  const log = openSync(call.log, "w", 0o600);
  const child = $({
    quiet: true,
    nothrow: true,
    detached: true,
    // State and plan may hold secrets.
    prefix: "umask 077; ",
    env: terraformEnvironment(call.env),
    stdio: ["ignore", log, log],
  })`exec ${call.binary.file} -chdir=${call.directory} ${call.args}`;
  const stop = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
  };
  call.abort?.addEventListener("abort", stop, { once: true });
  const timer = call.timeoutMs === undefined ? undefined : setTimeout(stop, call.timeoutMs);
  const reader = openSync(call.log, "r");
  let output = "";
  const follow = () => {
    const before = output.lastIndexOf("\n") + 1;
    output += readOn(reader);
    const lines = output.slice(before).split("\n").slice(0, -1);
    for (const line of lines) call.onLine?.(line);
  };
  const polling = setInterval(follow, 200);
  try {
    const { exitCode } = await child;
    follow();
    return { exitCode: exitCode ?? 1, output };
  } finally {
    clearInterval(polling);
    clearTimeout(timer);
    call.abort?.removeEventListener("abort", stop);
    closeSync(reader);
    closeSync(log);
  }
}

/** Runs a command that only reads, and gives what it prints as JSON. */
export async function readTerraform(
  call: Pick<TerraformCall, "binary" | "directory" | "args" | "env">,
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const { exitCode, stdout, stderr } = await $({
    quiet: true,
    nothrow: true,
    detached: true,
    env: terraformEnvironment(call.env),
  })`${call.binary.file} -chdir=${call.directory} ${call.args}`;
  return { exitCode: exitCode ?? 1, stdout, stderr };
}

function readOn(file: number): string {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(65_536);
  for (;;) {
    const length = readSync(file, chunk, 0, chunk.length, null);
    if (length === 0) return Buffer.concat(chunks).toString("utf8");
    chunks.push(Buffer.from(chunk.subarray(0, length)));
  }
}

/** What one `Error:` of Terraform's says. */
export interface Diagnostic {
  readonly summary: string;
  /** `kubernetes_config_map_v1.a`, where it is about one resource. */
  readonly address?: string;
  readonly detail: string;
}

/** Terraform's own error lines, without the excerpts of generated configuration. */
export function terraformErrors(output: string): Diagnostic[] {
  const lines = output.split("\n").map((line) => line.replace(/^[│╷╵] ?/, "").trimEnd());
  const starts = lines.flatMap((line, i) => (line.startsWith("Error: ") ? [i] : []));
  return starts.map((start, n) => {
    const block = lines.slice(start + 1, starts[n + 1] ?? lines.length);
    const address = block.map((line) => /^ {2}with (.+),$/.exec(line)?.[1]).find((a) => a !== undefined);
    const detail = block
      .filter((line) => line !== "" && !/^ {2}with .+,$|^ {2}on .+ line \d+|^ *\d+: /.test(line))
      .filter((line) => !/^Warning: /.test(line))
      .join(" ")
      .trim();
    const summary = (lines[start] ?? "").slice("Error: ".length);
    return address ? { summary, address, detail } : { summary, detail };
  });
}

/** One line for a person. */
export function diagnosticText({ summary, address, detail }: Diagnostic): string {
  const text = `${summary}${address ? ` (${address})` : ""}${detail ? `: ${detail}` : ""}`;
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
