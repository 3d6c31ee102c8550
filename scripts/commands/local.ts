import { rmSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../../contracts.ts";
import { connectCluster } from "../deploy/cluster-client.ts";
import { deployEnvironment } from "../deploy/deploy.ts";
import { controlPlaneStatus, startControlPlane, stopControlPlane } from "../local/control-plane.ts";
import { proveGuardrails } from "../local/prove.ts";
import { findControlPlane } from "../toolchain/control-plane.ts";
import { requireNoDenials } from "./check.ts";
import { type DeployWords, deployContext, policyNameOf, requireDone, runOutcome } from "./deploy.ts";
import { type CommandContext, count, type Outcome } from "./outcome.ts";
import { prepare } from "./prepare.ts";

const ENVIRONMENT = "local";
const directoryOf = (root: string): string => join(root, ".bhitti", "local");

/**
 * `bhitti local up`: checks first, since a faulty environment needs no servers; then finds a control plane, starts what of
 * it does not run, deploys what is missing, and proves the guardrails on the running API server.
 */
export async function up(context: CommandContext, words: DeployWords): Promise<Outcome> {
  const prepared = prepare(context, ENVIRONMENT);
  requireNoDenials(prepared);
  const cluster = prepared.environment.clusters[0];
  const plan = prepared.environment.network.clusters[0];
  if (!cluster || !plan) throw new Error("the loader lets no environment without a cluster and its ranges pass");
  const controlPlane = await findControlPlane({ progress: context.progress });
  await startControlPlane({
    directory: directoryOf(context.root),
    controlPlane,
    serviceCidr: plan.services,
    progress: context.progress,
  });
  const run = await deployEnvironment(deployContext(context, prepared, words));
  requireDone(run);
  const client = connectCluster(context.root, cluster);
  try {
    const proofs = await proveGuardrails(prepared.environment, client, policyNameOf, context.progress);
    const deployed = runOutcome(run, "bhitti drift local");
    return {
      exitCode: EXIT.fine,
      json: { ...(deployed.json as object), server: client.server, kubeconfig: cluster.kubeconfig.path, proofs },
      text: [
        ...proofs.map((p) => `  ${p.expected} as it must be: ${p.attempt}${p.rule ? ` (${p.rule})` : ""}`),
        `${count(proofs.length, "proof")} held on ${client.server}`,
        deployed.text,
        `      kubectl --kubeconfig ${cluster.kubeconfig.path} get namespaces`,
        "      bhitti local down stops it",
      ].join("\n"),
    };
  } finally {
    client.close();
  }
}

export async function down(context: CommandContext, options: { readonly deleteData?: boolean }): Promise<Outcome> {
  const directory = directoryOf(context.root);
  const { stopped } = await stopControlPlane(directory, { progress: context.progress });
  if (options.deleteData) {
    rmSync(directory, { recursive: true, force: true });
    rmSync(join(context.root, ".bhitti", "state", ENVIRONMENT), { recursive: true, force: true });
  }
  const data = options.deleteData ? "its data is deleted" : "its data stays";
  return {
    exitCode: EXIT.fine,
    json: { stopped, dataDeleted: options.deleteData === true },
    text: `${stopped.length === 0 ? "nothing ran" : `stopped ${stopped.join(", ")}`}; ${data}\nnext: bhitti local up`,
  };
}

export async function status(context: CommandContext): Promise<Outcome> {
  const found = await controlPlaneStatus(directoryOf(context.root));
  const { ready } = found;
  return {
    exitCode: ready ? EXIT.fine : EXIT.findings,
    json: found,
    text: [
      ...found.servers.map(
        (s) => `  ${s.running ? "runs   " : "stopped"} ${s.name}${s.running ? ` (pid ${s.pid})` : ""}`,
      ),
      ready ? `ready on ${found.server ?? ""}` : "not ready\nnext: bhitti local up",
    ].join("\n"),
  };
}
