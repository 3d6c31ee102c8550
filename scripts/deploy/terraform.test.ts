import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { Estate } from "../../estate/estate.ts";
import { BhittiError, formatMessage } from "../../messages/message.ts";
import { silent } from "../progress.ts";
import { runStacks } from "./run.ts";
import { terraformAvailable, terraformEngine } from "./terraform.ts";
import { findTerraform, terraformErrors } from "./terraform-process.ts";
import { digest, emptied, lockedProviders, readStackConfiguration } from "./terraform-stack.ts";

/** Stacks of `terraform_data`, which Terraform has built in: real runs and real state, without a provider. */
const terraform = await findTerraform().catch((error: unknown) => error);
const missing = terraform instanceof BhittiError;
if (missing) console.log(`not run: the tests of the engine terraform, since ${terraform.message}`);

test.runIf(missing && process.env.CI)("a pipeline has terraform or tofu", () => expect(missing).toBe(false));

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

type Data = Readonly<Record<string, { readonly command?: string; readonly after?: string; readonly input?: string }>>;

/** Writes stacks as cdktf would, and gives what the engine needs to run them. */
function world(stacks: Readonly<Record<string, { readonly data: Data; readonly after?: string[] }>>) {
  const root = mkdtempSync(join(tmpdir(), "bhitti terraform "));
  folders.push(root);
  const outdir = join(root, "cdktf.out", "test");
  for (const [id, { data }] of Object.entries(stacks)) writeStack(outdir, id, data);
  const estate: Estate = {
    environment: "test",
    stacks: Object.entries(stacks).map(([id, { after = [] }]) => ({ id, dependencies: after })),
    objects: [],
    undecoded: [],
  };
  return { root, outdir, estate, state: (id: string) => join(root, ".bhitti", "state", "test", `${id}.tfstate`) };
}

function writeStack(outdir: string, id: string, data: Data): void {
  const resources = Object.entries(data).map(([name, { command, after, input }]) => [
    name,
    {
      input: input ?? name,
      ...(after ? { depends_on: [`terraform_data.${after}`] } : {}),
      ...(command ? { provisioner: [{ "local-exec": { command } }] } : {}),
    },
  ]);
  const json = {
    terraform: { backend: { local: { path: `../../../../.bhitti/state/test/${id}.tfstate` } } },
    resource: { terraform_data: Object.fromEntries(resources) },
  };
  mkdirSync(join(outdir, "stacks", id), { recursive: true });
  writeFileSync(join(outdir, "stacks", id, "cdk.tf.json"), JSON.stringify(json));
}

async function deploy(w: ReturnType<typeof world>, concurrency: number) {
  const engine = terraformEngine(w);
  await engine.prepare(w.estate.stacks, true, silent);
  const { outcomes } = await runStacks({
    stacks: w.estate.stacks,
    concurrency,
    direction: "apply",
    progress: silent,
    act: (stack, context) => engine.apply(stack, context),
  });
  return Object.fromEntries(outcomes.map((o) => [o.stack, o]));
}

const resourcesIn = (file: string): string[] =>
  (
    JSON.parse(readFileSync(file, "utf8")) as { resources: { name: string; instances: { status?: string }[] }[] }
  ).resources
    .filter((r) => r.instances.every((i) => i.status !== "tainted"))
    .map((r) => r.name)
    .sort();

const locksIn = (folder: string): string[] => readdirSync(folder).filter((f) => f.endsWith(".lock.info"));

describe.skipIf(missing)("with the real terraform", () => {
  describe.each([1, 2, Number.POSITIVE_INFINITY])("at concurrency %s", (concurrency) => {
    test.concurrent("a failing stack beside a slow and a pending one loses no state and leaves no lock", async () => {
      const w = world({
        bad: { data: { made: {}, broken: { command: "sleep 0.3; exit 3", after: "made" } } },
        slow: { data: { first: {}, last: { command: "sleep 2", after: "first" } } },
        dependent: { data: { never: {} }, after: ["bad"] },
        pending: { data: { one: {} }, after: ["slow"] },
      });

      const outcomes = await deploy(w, concurrency);

      expect(Object.values(outcomes).map((o) => o.result)).toEqual(["failed", "done", "skipped", "done"]);
      expect(resourcesIn(w.state("bad"))).toEqual(["made"]);
      expect(resourcesIn(w.state("slow"))).toEqual(["first", "last"]);
      expect(resourcesIn(w.state("pending"))).toEqual(["one"]);
      expect(existsSync(w.state("dependent"))).toBe(false);
      expect(locksIn(dirname(w.state("bad")))).toEqual([]);
      const { bad } = outcomes;
      const messages = bad?.result === "failed" && bad.error instanceof BhittiError ? bad.error.messages : [];
      expect(messages.map((m) => m.code)).toEqual(["BH4033"]);
      const [first] = messages;
      const said = first ? formatMessage(first) : "";
      expect(said).toContain(
        "terraform apply of stack 'bad' failed: local-exec provisioner error (terraform_data.broken)",
      );
      expect(said).toContain("exit status 3");
      expect(readFileSync(join(w.root, ".bhitti/log/test/bad.apply.log"), "utf8")).toContain("exit status 3");

      // What failed is mended, and the next deploy goes on from there.
      writeStack(w.outdir, "bad", { made: {}, broken: { command: "true", after: "made" } });
      const again = await deploy(w, concurrency);
      expect(Object.values(again).map((o) => o.result)).toEqual(["done", "done", "done", "done"]);
      expect(again.slow).toMatchObject({ value: { changes: [], unchanged: 2 } });
      expect(resourcesIn(w.state("bad"))).toEqual(["broken", "made"]);
    });
  });

  test.concurrent("a resource that moved and an output that is new change the state, and no object", async () => {
    const w = world({ one: { data: { before: { input: "same" } } } });
    await deploy(w, 1);
    const path = join(w.outdir, "stacks", "one", "cdk.tf.json");
    const { terraform, resource } = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(
      path,
      JSON.stringify({
        terraform,
        resource: { terraform_data: { after: resource.terraform_data.before } },
        moved: [{ from: "terraform_data.before", to: "terraform_data.after" }],
        output: { told: { value: "new" } },
      }),
    );
    expect(await deploy(w, 1)).toMatchObject({ one: { result: "done", value: { changes: [], unchanged: 1 } } });
    expect(resourcesIn(w.state("one"))).toEqual(["after"]);
    expect(JSON.parse(readFileSync(w.state("one"), "utf8")).outputs).toMatchObject({ told: { value: "new" } });
  });

  test.concurrent("state, logs and data are their owner's only, and no plan stays", async () => {
    const w = world({ one: { data: { secret: { input: "s3cret" } } } });
    await deploy(w, 1);
    const mode = (...path: string[]) => (statSync(join(w.root, ...path)).mode & 0o777).toString(8);
    expect(mode(".bhitti", "state", "test", "one.tfstate")).toBe("600");
    expect(mode(".bhitti", "log", "test", "one.plan.log")).toBe("600");
    expect(mode(".bhitti", "terraform", "test", "one")).toBe("700");
    expect(readdirSync(join(w.root, ".bhitti", "terraform", "test", "one"))).not.toContain("plan");
    const last = readFileSync(join(w.root, ".bhitti", "terraform", "test", "one", "last", "cdk.tf.json"), "utf8");
    expect(last).not.toContain("s3cret");
  });

  test.concurrent("a plan names what changes, without its value, and a synthesis in between costs no init", async () => {
    const w = world({ one: { data: { kept: {}, changed: {}, gone: {} } } });
    await deploy(w, 1);
    rmSync(join(w.outdir, "stacks"), { recursive: true });
    writeStack(w.outdir, "one", { kept: {}, changed: { input: "other" }, added: {} });
    rmSync(join(w.root, ".bhitti", "log", "test", "one.init.log"));

    const engine = terraformEngine(w);
    await engine.prepare(w.estate.stacks, false, silent);
    const context = { step: silent.step(""), abort: new AbortController().signal };
    const plan = await engine.plan({ id: "one", dependencies: [] }, context);

    expect(plan.unchanged).toBe(1);
    expect([...plan.changes].sort((a, b) => (a.object < b.object ? -1 : 1))).toEqual([
      { action: "create", object: "terraform_data.added", address: "terraform_data.added", paths: [] },
      {
        action: "update",
        object: "terraform_data.changed",
        address: "terraform_data.changed",
        paths: ["input", "output"],
      },
      { action: "delete", object: "terraform_data.gone", address: "terraform_data.gone", paths: [] },
    ]);
    expect(existsSync(join(w.root, ".bhitti", "log", "test", "one.init.log"))).toBe(false);
    expect(resourcesIn(w.state("one"))).toEqual(["changed", "gone", "kept"]);
  });

  test.concurrent("a stack that left the estate is found by its state and destroyed without its configuration", async () => {
    const w = world({ stays: { data: { a: {} } }, leaves: { data: { b: {}, c: {} } } });
    await deploy(w, 2);
    rmSync(join(w.outdir, "stacks", "leaves"), { recursive: true });
    const later = { ...w, estate: { ...w.estate, stacks: [{ id: "stays", dependencies: [] }] } };
    const engine = terraformEngine(later);
    expect(await engine.orphans()).toEqual(["leaves"]);
    expect(await engine.deployed("stays")).toBe(true);
    const context = { step: silent.step(""), abort: new AbortController().signal };
    const done = await engine.destroy({ id: "leaves", dependencies: [] }, context);
    expect(done.changes.map((c) => `${c.action} ${c.object}`).sort()).toEqual([
      "delete terraform_data.b",
      "delete terraform_data.c",
    ]);
    expect(await terraformEngine(later).orphans()).toEqual([]);
    expect(resourcesIn(w.state("leaves"))).toEqual([]);
    expect(resourcesIn(w.state("stays"))).toEqual(["a"]);
  });

  test.concurrent("stacks that need no provider can always be initialised", async () => {
    const w = world({ one: { data: { a: {} } } });
    const { root, outdir } = w;
    const answer = await terraformAvailable({ root, outdir, stacks: w.estate.stacks, progress: silent });
    expect(answer).toMatchObject({ available: true });
  });

  test.concurrent("providers that nobody serves are said to be not available, in terraform's words", async () => {
    const w = world({ one: { data: { a: {} } } });
    const file = join(w.outdir, "stacks", "one", "cdk.tf.json");
    const required = { nothing: { source: "registry.invalid/nobody/nothing", version: "1.0.0" } };
    writeFileSync(file, JSON.stringify({ terraform: { required_providers: required } }));
    const { root, outdir } = w;
    const answer = await terraformAvailable({ root, outdir, stacks: w.estate.stacks, progress: silent });
    expect(answer.available).toBe(false);
    expect(answer.reason).toContain("registry.invalid");
  });

  /** Runs a deploy in a process group of its own, as a terminal does. */
  function deployApart(w: ReturnType<typeof world>) {
    const here = dirname(fileURLToPath(import.meta.url));
    const script = join(w.root, "deploy.mts");
    writeFileSync(
      script,
      `import { runStacks } from ${JSON.stringify(join(here, "run.ts"))};
      import { terraformEngine } from ${JSON.stringify(join(here, "terraform.ts"))};
      import { silent } from ${JSON.stringify(join(here, "..", "progress.ts"))};
      const options = ${JSON.stringify({ root: w.root, outdir: w.outdir, estate: w.estate })};
      const engine = terraformEngine(options);
      await engine.prepare(options.estate.stacks, true, silent);
      const { outcomes, interrupted } = await runStacks({
        stacks: options.estate.stacks, concurrency: 1, direction: "apply", progress: silent,
        act: (stack, context) => engine.apply(stack, context),
      });
      console.log(JSON.stringify({ interrupted, results: outcomes.map((o) => o.result) }));`,
    );
    const child = spawn(process.execPath, ["--import", "tsx", script], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
      cwd: join(here, "..", ".."),
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const signal = (name: NodeJS.Signals) => child.pid !== undefined && process.kill(-child.pid, name);
    return { ended, signal, result: () => JSON.parse(printed) as { interrupted: boolean; results: string[] } };
  }

  async function until(file: string): Promise<void> {
    for (let i = 0; i < 300 && !existsSync(file); i++) await sleep(50);
    expect(existsSync(file)).toBe(true);
  }

  test.concurrent("Ctrl-C lets a running terraform finish and starts no other", async () => {
    const w = world({ slow: { data: {} }, next: { data: { a: {} }, after: ["slow"] } });
    writeStack(w.outdir, "slow", {
      first: { command: `touch '${w.root}/started'; sleep 1.5; touch '${w.root}/ended'` },
    });
    const run = deployApart(w);
    await until(join(w.root, "started"));
    run.signal("SIGINT");
    await run.ended;
    expect(run.result()).toEqual({ interrupted: true, results: ["done", "skipped"] });
    expect(existsSync(join(w.root, "ended"))).toBe(true);
    expect(resourcesIn(w.state("slow"))).toEqual(["first"]);
    expect(existsSync(w.state("next"))).toBe(false);
    expect(locksIn(dirname(w.state("slow")))).toEqual([]);
  });

  test.concurrent("a second Ctrl-C has terraform stop, with its state written and no lock left", async () => {
    const w = world({ slow: { data: {} } });
    writeStack(w.outdir, "slow", {
      first: {},
      second: { command: `touch '${w.root}/started'; exec sleep 20`, after: "first" },
      third: { after: "second" },
    });
    const run = deployApart(w);
    await until(join(w.root, "started"));
    run.signal("SIGINT");
    await sleep(100);
    run.signal("SIGINT");
    await run.ended;
    expect(run.result()).toEqual({ interrupted: true, results: ["failed"] });
    expect(resourcesIn(w.state("slow"))).toEqual(["first"]);
    expect(locksIn(dirname(w.state("slow")))).toEqual([]);
  });

  test.concurrent("terraform finishes and writes its state even where we are killed", async () => {
    const w = world({ slow: { data: {} } });
    writeStack(w.outdir, "slow", {
      first: { command: `touch '${w.root}/started'; sleep 1.5` },
      second: { command: `touch '${w.root}/ended'`, after: "first" },
    });
    const run = deployApart(w);
    await until(join(w.root, "started"));
    run.signal("SIGKILL");
    await run.ended;
    await until(join(w.root, "ended"));
    for (let i = 0; i < 100 && locksIn(dirname(w.state("slow"))).length > 0; i++) await sleep(50);
    expect(resourcesIn(w.state("slow"))).toEqual(["first", "second"]);
  });
});

test("terraform's error lines are told apart from excerpts of generated configuration", () => {
  const output = `
Planning failed. Terraform encountered an error while generating this plan.

╷
│ Error: metadata.0.name a lowercase RFC 1123 subdomain must consist of lower case
│ 
│   with kubernetes_config_map_v1.b,
│   on cdk.tf.json line 3, in resource.kubernetes_config_map_v1.b.metadata:
│    3: "resource":{"password":"s3cret"}
│ 
╵

Error: configmaps "x" already exists

  with kubernetes_config_map_v1.x,
  on cdk.tf.json line 9, in resource:
   9: {

It was made by
somebody else.
`;
  expect(terraformErrors(output)).toEqual([
    {
      summary: "metadata.0.name a lowercase RFC 1123 subdomain must consist of lower case",
      address: "kubernetes_config_map_v1.b",
      detail: "",
    },
    {
      summary: 'configmaps "x" already exists',
      address: "kubernetes_config_map_v1.x",
      detail: "It was made by somebody else.",
    },
  ]);
});

test("a lock file names providers with their versions", () => {
  const folder = mkdtempSync(join(tmpdir(), "bhitti-lock-"));
  folders.push(folder);
  writeFileSync(
    join(folder, "lock.hcl"),
    `# This file is maintained automatically by "terraform init".
provider "registry.terraform.io/hashicorp/helm" {
  version     = "3.1.1"
  constraints = "3.1.1"
  hashes = ["h1:x"]
}
provider "registry.opentofu.org/hashicorp/kubernetes" {
  version = "2.38.0"
}
`,
  );
  expect(lockedProviders(join(folder, "lock.hcl"))).toEqual(["hashicorp/helm 3.1.1", "hashicorp/kubernetes 2.38.0"]);
});

test("an emptied stack keeps providers and backend, reachable from any folder, and nothing else", () => {
  const folder = mkdtempSync(join(tmpdir(), "bhitti-emptied-"));
  folders.push(folder);
  writeFileSync(
    join(folder, "cdk.tf.json"),
    JSON.stringify({
      "//": { metadata: {} },
      terraform: { backend: { local: { path: "../../state/x.tfstate" } }, required_providers: { helm: {} } },
      provider: { helm: [{ kubernetes: { config_path: "../../kubeconfig", config_context: "local" } }] },
      resource: { terraform_data: { a: { input: "../secret" } } },
    }),
  );
  const up = join(folder, "..", "..");
  expect(emptied(readStackConfiguration(folder))).toEqual({
    terraform: { backend: { local: { path: join(up, "state/x.tfstate") } }, required_providers: { helm: {} } },
    provider: { helm: [{ kubernetes: { config_path: join(up, "kubeconfig"), config_context: "local" } }] },
  });
});

test("a digest does not depend on the order of keys", () => {
  expect(digest({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(digest({ b: [{ d: 3, c: 2 }], a: 1 }));
  expect(digest({ a: 1 })).not.toBe(digest({ a: 2 }));
});
