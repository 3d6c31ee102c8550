import { spawn } from "node:child_process";
import { createWriteStream, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EXIT } from "../../contracts.ts";
import { BhittiError, message } from "../../messages/message.ts";
import type { Progress } from "../progress.ts";
import { outputOf } from "./command.ts";
import { KUBERNETES_VERSION, type Program } from "./versions.ts";

export interface BuildOptions {
  readonly missing: readonly Program[];
  readonly cache: string;
  readonly progress: Progress;
}

const MODULES = join(dirname(fileURLToPath(import.meta.url)), "control-plane");

/** Without these the server calls itself v0.0.0-master, and refuses to emulate any version. */
const [MAJOR, MINOR] = KUBERNETES_VERSION.split(".");
const VERSION_FLAGS = [
  `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`,
  `-X k8s.io/component-base/version.gitMajor=${MAJOR}`,
  `-X k8s.io/component-base/version.gitMinor=${MINOR}`,
  "-X k8s.io/component-base/version.gitTreeState=clean",
];

const SOURCES: Readonly<
  Record<Program, { readonly module: string; readonly package: string; readonly flags: readonly string[] }>
> = {
  etcd: { module: "etcd", package: "go.etcd.io/etcd/server/v3", flags: [] },
  "kube-apiserver": { module: "kubernetes", package: "k8s.io/kubernetes/cmd/kube-apiserver", flags: VERSION_FLAGS },
  "kube-controller-manager": {
    module: "kubernetes",
    package: "k8s.io/kubernetes/cmd/kube-controller-manager",
    flags: VERSION_FLAGS,
  },
};

/**
 * Builds programs from the Go modules that control-plane/ pins by go.sum. Needs Go and a module proxy; takes minutes, once.
 *
 * @throws BhittiError BH5003 where a build fails; Error where there is no Go
 */
export async function buildPrograms({ missing, cache, progress }: BuildOptions): Promise<void> {
  if (!(await outputOf("go", ["version"])).startsWith("go version")) throw new Error("there is no Go on PATH");
  for (const program of missing) await build(program, cache, progress);
}

async function build(program: Program, cache: string, progress: Progress): Promise<void> {
  const { module, package: source, flags } = SOURCES[program];
  const step = progress.step(`build ${program} (once; minutes)`);
  const folder = join(MODULES, module);
  const target = join(cache, program);
  const unfinished = `${target}.${process.pid}.new`;
  const log = `${target}.build.log`;
  const total = (await outputOf("go", ["-C", folder, "list", "-deps", source])).split("\n").length;
  const child = spawn(
    "go",
    ["build", "-v", "-trimpath", "-ldflags", ["-s", "-w", ...flags].join(" "), "-o", unfinished, source],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
    },
  );
  const out = createWriteStream(log);
  const last: string[] = [];
  let built = 0;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      out.write(`${line}\n`);
      if (!/\s/.test(line)) step.update(`${++built} of at most ${total} packages`);
      else step.update(line.slice(0, 60));
      last.push(line);
      if (last.length > 3) last.shift();
    });
  }
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", resolve);
  });
  out.end();
  if (code !== 0) {
    rmSync(unfinished, { force: true });
    step.fail();
    throw new BhittiError(message("BH5003", { program, detail: last.join(" | "), log }), EXIT.toolFailed);
  }
  renameSync(unfinished, target);
  step.done();
}
