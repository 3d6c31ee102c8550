import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { EXIT } from "../../contracts.ts";
import type { Estate, EstateStack } from "../../estate/estate.ts";
import { describeObject } from "../../kubernetes/object.ts";
import { BhittiError, type Message, message } from "../../messages/message.ts";
import type { Progress } from "../progress.ts";
import { stateFolder } from "./cluster.ts";
import type { ClusterClient } from "./cluster-client.ts";
import type { Availability, Change, Engine, StackPlan } from "./engine.ts";
import { isRecord, jsonDifferences } from "./json-difference.ts";
import { inParallel, kindLookup } from "./objects.ts";
import { waitUntilReady } from "./ready.ts";
import type { StackContext } from "./run.ts";
import {
  diagnosticText,
  findTerraform,
  readTerraform,
  runTerraform,
  type TerraformBinary,
  type TerraformResult,
  terraformErrors,
} from "./terraform-process.ts";
import {
  digest,
  emptied,
  lockedProviders,
  type ProviderSet,
  providerSets,
  readStackConfiguration,
  type StackConfiguration,
  stateHoldsResources,
} from "./terraform-stack.ts";

export interface TerraformOptions {
  /** The repository: state, locks, logs and plug-ins are kept under its `.bhitti`. */
  readonly root: string;
  /** Holds `stacks/<id>/cdk.tf.json`. */
  readonly outdir: string;
  readonly estate: Estate;
  /** The cluster of a stack, for waiting until what it made is ready. @default nothing is waited for */
  readonly clientOf?: (stack: string) => ClusterClient;
  /** Milliseconds for a namespace to be Active, a CRD Established, a policy type-checked. @default 60000 */
  readonly readyTimeoutMs?: number;
}

/** Where Terraform keeps what a new synthesis must not take away. */
const homeOf = (root: string): string => join(root, ".bhitti", "terraform");
const lockFileOf = (root: string, set: ProviderSet): string => join(homeOf(root), "locks", `${set.key}.lock.hcl`);
const LOCK = ".terraform.lock.hcl";

/**
 * Whether init can get the providers of the stacks, tried once for each set of providers in a folder of its own. What it
 * downloads goes into the plug-in cache and what it chose into the set's lock file, so that the deploy does not do it again.
 * A registry that does not answer costs a few seconds.
 */
export async function terraformAvailable(options: {
  readonly root: string;
  readonly outdir: string;
  readonly stacks: readonly EstateStack[];
  readonly progress: Progress;
}): Promise<Availability> {
  const { root, outdir, stacks } = options;
  let binary: TerraformBinary;
  try {
    binary = await findTerraform();
  } catch (error) {
    if (error instanceof BhittiError) return { available: false, reason: String(error.messages[0]?.params.reason) };
    throw error;
  }
  const sets = providerSets(stacks.map((s) => readStackConfiguration(join(outdir, "stacks", s.id))));
  const got = new Set<string>();
  for (const set of sets) {
    const step = options.progress.step("look for the Terraform providers");
    const reason = await tryInit(root, binary, set, (line) => step.update(line));
    if (reason !== undefined) {
      step.done("not to be had");
      return { available: false, reason };
    }
    step.done();
    for (const provider of lockedProviders(lockFileOf(root, set))) got.add(provider);
  }
  return { available: true, reason: `init of ${binary.file} ${binary.version} got ${[...got].join(", ") || "all"}` };
}

/** Why init cannot get a set of providers; undefined where it can. */
async function tryInit(
  root: string,
  binary: TerraformBinary,
  set: ProviderSet,
  onLine: (line: string) => void,
): Promise<string | undefined> {
  const scratch = mkdtempSync(join(tmpdir(), "bhitti-init-"));
  try {
    const configuration = { terraform: { required_providers: set.required } };
    writeFileSync(join(scratch, "main.tf.json"), JSON.stringify(configuration));
    const lock = lockFileOf(root, set);
    if (existsSync(lock)) copyFileSync(lock, join(scratch, LOCK));
    const { exitCode, output } = await runTerraform({
      binary,
      directory: scratch,
      args: ["init", "-input=false", "-no-color", "-backend=false"],
      env: {
        ...pluginCache(root),
        TF_DATA_DIR: join(scratch, ".terraform"),
        // A name that does not resolve or a host that is silent is known after seconds, not minutes.
        TF_REGISTRY_CLIENT_TIMEOUT: process.env.TF_REGISTRY_CLIENT_TIMEOUT ?? "5",
        TF_REGISTRY_DISCOVERY_RETRY: process.env.TF_REGISTRY_DISCOVERY_RETRY ?? "0",
      },
      log: join(root, ".bhitti", "log", `providers-${set.key}.log`),
      onLine: (line) => line.startsWith("- ") && onLine(line.slice(2)),
      timeoutMs: 900_000,
    });
    if (exitCode !== 0) {
      const [first] = terraformErrors(output);
      return first ? diagnosticText(first) : `init ended with ${exitCode}`;
    }
    keepLock(join(scratch, LOCK), lock);
    return undefined;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function keepLock(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  copyFileSync(from, to);
}

/** One cache of plug-ins for all stacks. Terraform may not fill it from two inits at once: inits run one after another. */
function pluginCache(root: string): Record<string, string> {
  if (process.env.TF_PLUGIN_CACHE_DIR) return {};
  const folder = join(homeOf(root), "plugins");
  mkdirSync(folder, { recursive: true });
  return { TF_PLUGIN_CACHE_DIR: folder };
}

/** A change as `terraform show -json` tells it. */
interface ResourceChange {
  readonly address: string;
  /** Where the state still has it, of a resource that moves. */
  readonly previous_address?: string;
  readonly mode: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: unknown;
    readonly after: unknown;
    readonly after_unknown: unknown;
  };
}

/**
 * The engine `terraform`: Terraform or OpenTofu, one state for each stack, applying exactly the plan that was made. Data
 * folders and lock files are kept outside the synthesized stacks, so that a new synthesis leaves them alone.
 *
 * @throws BhittiError BH4033 with Terraform's own error lines where a command fails
 */
export function terraformEngine(options: TerraformOptions): Engine {
  const { root, outdir, estate, clientOf } = options;
  const environment = estate.environment;
  const folderOf = (stack: string) => join(homeOf(root), environment, stack);
  const logOf = (stack: string, command: string) => `.bhitti/log/${environment}/${stack}.${command}.log`;
  const lastOf = (stack: string) => join(folderOf(stack), "last");
  const configurations = new Map<string, StackConfiguration>();
  const configurationOf = (stack: string): StackConfiguration => {
    const known = configurations.get(stack);
    if (known) return known;
    const synthesized = join(outdir, "stacks", stack);
    const configuration = readStackConfiguration(existsSync(synthesized) ? synthesized : lastOf(stack));
    configurations.set(stack, configuration);
    return configuration;
  };
  const addresses = new Map(
    estate.objects
      .filter((o) => o.chartFile === undefined)
      .map((o) => [`${o.stack} ${o.address}`, describeObject(o.object)]),
  );
  /** Inits run one after another, whoever asks. */
  let inits: Promise<unknown> = Promise.resolve();

  const run = async (
    stack: string,
    command: string,
    args: readonly string[],
    more: { readonly context?: StackContext; readonly onLine?: (line: string) => void } = {},
  ): Promise<TerraformResult> => {
    const log = logOf(stack, command);
    const result = await runTerraform({
      binary: await findTerraform(),
      directory: configurationOf(stack).directory,
      args,
      env: { ...pluginCache(root), TF_DATA_DIR: folderOf(stack) },
      log: join(root, log),
      ...(more.onLine ? { onLine: more.onLine } : {}),
      ...(more.context ? { abort: more.context.abort } : {}),
    });
    if (result.exitCode === 0) return result;
    // Whatever is wrong with the data folder, the next run starts with an init.
    rmSync(join(folderOf(stack), INITIALISED), { force: true });
    const errors = terraformErrors(result.output);
    const reasons = errors.length > 0 ? errors.map(diagnosticText) : [`it ended with ${result.exitCode}`];
    throw new BhittiError(
      reasons.map((reason) => message("BH4033", { command, stack, reason, log })),
      EXIT.toolFailed,
    );
  };

  const initialise = (stack: string, step?: { update(detail: string): void }): Promise<unknown> => {
    const next = inits.then(async () => {
      const configuration = configurationOf(stack);
      const { version, file } = await findTerraform();
      const marker = join(folderOf(stack), INITIALISED);
      const wanted = digest([configuration.json.terraform, configuration.directory, file, version]);
      const lock = lockFileOf(root, configuration.providers);
      const own = join(configuration.directory, LOCK);
      if (existsSync(lock)) copyFileSync(lock, own);
      if (existsSync(marker) && readFileSync(marker, "utf8") === wanted && existsSync(own) === existsSync(lock)) return;
      step?.update("init");
      mkdirSync(folderOf(stack), { recursive: true, mode: 0o700 });
      if (configuration.stateFile) mkdirSync(dirname(configuration.stateFile), { recursive: true, mode: 0o700 });
      await run(stack, "init", ["init", "-input=false", "-no-color", "-reconfigure"]);
      keepLock(own, lock);
      writeFileSync(marker, wanted);
    });
    inits = next.catch(() => undefined);
    return next;
  };

  /** Makes a plan, hands it to `act`, and removes it: it may hold secrets. */
  const withPlan = async <T>(
    stack: string,
    context: StackContext,
    args: readonly string[],
    act: (file: string, plan: StackPlan, changesState: boolean) => Promise<T>,
  ): Promise<T> => {
    await initialise(stack, context.step);
    context.step.update("plan");
    const file = join(folderOf(stack), "plan");
    try {
      const planArgs = ["plan", "-input=false", "-no-color", "-lock-timeout=30s", `-out=${file}`, ...args];
      await run(stack, "plan", planArgs, { context });
      const shown = await readTerraform({
        binary: await findTerraform(),
        directory: configurationOf(stack).directory,
        args: ["show", "-json", "-no-color", file],
        env: { ...pluginCache(root), TF_DATA_DIR: folderOf(stack) },
      });
      if (shown.exitCode !== 0) {
        const reason =
          terraformErrors(shown.stderr).map(diagnosticText).join("; ") || `it ended with ${shown.exitCode}`;
        const params = { command: "show", stack, reason, log: logOf(stack, "plan") };
        throw new BhittiError(message("BH4033", params), EXIT.toolFailed);
      }
      const made: unknown = JSON.parse(shown.stdout);
      return await act(file, planOf(stack, made, addresses), changesState(made));
    } finally {
      rmSync(file, { force: true });
    }
  };

  const applyPlan = async (stack: string, context: StackContext, file: string, plan: StackPlan): Promise<void> => {
    let done = 0;
    const onLine = (line: string) => {
      if (/: (Creation|Modifications|Destruction) complete after /.test(line)) {
        context.step.update(`${++done} of ${plan.changes.length} resources`);
      }
    };
    const args = ["apply", "-input=false", "-no-color", "-lock-timeout=30s", file];
    await run(stack, "apply", args, { context, onLine });
  };

  const ready = async (stack: string): Promise<Message[]> => {
    if (!clientOf) return [];
    const client = clientOf(stack);
    const kinds = kindLookup(client, estate.objects);
    const stated = estate.objects.filter((o) => o.stack === stack);
    const told = await inParallel(stated, (o) => waitUntilReady(client, kinds, o, options.readyTimeoutMs ?? 60_000));
    return told.flat();
  };

  /** Remembers how to reach what the stack made, for the day when it has left the estate. */
  const rememberLast = (stack: string): void => {
    mkdirSync(lastOf(stack), { recursive: true, mode: 0o700 });
    const text = JSON.stringify(emptied(configurationOf(stack)), null, 2);
    writeFileSync(join(lastOf(stack), "cdk.tf.json"), text, { mode: 0o600 });
  };

  return {
    name: "terraform",

    async prepare(stacks, _write, progress) {
      await findTerraform();
      const step = progress.step("initialise stacks");
      try {
        for (const { id } of stacks) await initialise(id, { update: () => step.update(id) });
        step.done();
      } catch (error) {
        step.fail();
        throw error;
      }
    },

    async orphans() {
      const folder = stateFolder(root, environment);
      if (!existsSync(folder)) return [];
      const known = new Set(estate.stacks.map((s) => s.id));
      return readdirSync(folder)
        .filter((file) => file.endsWith(".tfstate") && stateHoldsResources(join(folder, file)))
        .map((file) => file.slice(0, -".tfstate".length))
        .filter((stack) => !known.has(stack) && existsSync(join(lastOf(stack), "cdk.tf.json")))
        .sort();
    },

    // A remote state cannot be read without its backend: Terraform says itself what is missing.
    async deployed(stack) {
      const { stateFile } = configurationOf(stack);
      return stateFile === undefined || stateHoldsResources(stateFile);
    },

    plan: ({ id }, context) => withPlan(id, context, [], async (_, plan) => plan),

    apply: ({ id }, context) =>
      withPlan(id, context, [], async (file, plan, changes) => {
        rememberLast(id);
        if (changes) await applyPlan(id, context, file, plan);
        context.step.update("ready");
        return { ...plan, messages: [...plan.messages, ...(await ready(id))] };
      }),

    planDestroy: ({ id }, context) => withPlan(id, context, ["-destroy"], async (_, plan) => plan),

    destroy: ({ id }, context) =>
      withPlan(id, context, ["-destroy"], async (file, plan, changes) => {
        if (changes) await applyPlan(id, context, file, plan);
        rmSync(lastOf(id), { recursive: true, force: true });
        return plan;
      }),

    close: async () => {},
  };
}

/** In a stack's data folder: what it was initialised for. */
const INITIALISED = "initialised";

/** Whether a plan does anything: a resource that only moved, or an output, changes the state and no object. */
function changesState(shown: unknown): boolean {
  if (!isRecord(shown)) return false;
  const resources = (Array.isArray(shown.resource_changes) ? shown.resource_changes : []) as ResourceChange[];
  const outputs = Object.values(
    isRecord(shown.output_changes) ? shown.output_changes : {},
  ) as ResourceChange["change"][];
  return (
    resources.some(
      ({ mode, change, previous_address }) =>
        mode === "managed" && (actionOf(change.actions) !== undefined || previous_address !== undefined),
    ) || outputs.some(({ actions }) => actions.join() !== "no-op")
  );
}

function planOf(stack: string, shown: unknown, addresses: ReadonlyMap<string, string>): StackPlan {
  const listed = isRecord(shown) && Array.isArray(shown.resource_changes) ? shown.resource_changes : [];
  const resources = (listed as ResourceChange[]).filter((r) => r.mode === "managed");
  const changes = resources.flatMap(({ address, change }): Change[] => {
    const action = actionOf(change.actions);
    if (!action) return [];
    const paths = action === "update" || action === "replace" ? changedPaths(change) : [];
    return [{ action, object: addresses.get(`${stack} ${address}`) ?? address, address, paths }];
  });
  return { stack, changes, unchanged: resources.length - changes.length, messages: [] };
}

function actionOf(actions: readonly string[]): Change["action"] | undefined {
  const set = actions.join(" ");
  if (set === "create" || set === "update" || set === "delete") return set;
  return set === "delete create" || set === "create delete" ? "replace" : undefined;
}

/** Fields that change, unknown ones included. Values are left out: they may be secret. */
function changedPaths({ before, after, after_unknown }: ResourceChange["change"]): string[] {
  const unknown = jsonDifferences({}, isRecord(after_unknown) ? after_unknown : {})
    .filter((d) => holdsTrue(d.after))
    .map((d) => d.path);
  const known = jsonDifferences(before, after).map((d) => d.path);
  return [...new Set([...known, ...unknown])].sort();
}

const holdsTrue = (value: unknown): boolean =>
  value === true || (typeof value === "object" && value !== null && Object.values(value).some(holdsTrue));
