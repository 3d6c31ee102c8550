import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { App } from "cdktf";
import { kindsOfCharts } from "../charts/custom-kinds.ts";
import { type ChartLock, loadChartLock } from "../charts/lock.ts";
import { CAPABILITIES_FILE, type Capabilities } from "../charts/store.ts";
import { clustersOf } from "../constructs/network/peers.ts";
import type { Environment } from "../environments/model/environment.ts";
import type { Position } from "../messages/message.ts";
import { backupStack } from "./backup.ts";
import { ClusterStack } from "./cluster-stack.ts";
import { gatewayStack } from "./gateway.ts";
import { guardrailsStack } from "./guardrails.ts";
import { identityStack } from "./identity.ts";
import { networkStack } from "./network.ts";
import type { StackScope } from "./scope.ts";
import { socStack } from "./soc.ts";
import { zoneStack } from "./zone.ts";

/** File beside the stacks that says which line of YAML each object comes from. Outside the stacks, and so outside digests. */
export const SOURCES_FILE = "sources.json";

/**
 * Writes `<outdir>/manifest.json`, `<outdir>/stacks/<id>/cdk.tf.json` and `<outdir>/sources.json`: the only place where
 * constructs run. Reads no clock, no random, no network and nothing of the machine: the same environment gives the same
 * bytes anywhere.
 *
 * @param root the repository, in which state and kubeconfig lie
 * @param outdir what earlier syntheses wrote to its stacks and this one did not is removed
 */
export function synthesize(environment: Environment, root: string, outdir: string): void {
  mkdirSync(outdir, { recursive: true });
  withoutStackTraces(() => {
    const chartLock = once(() => loadChartLock(root));
    // stackTraces: cdktf would write absolute paths of this machine. skipValidation: it would run terraform.
    const app = new App({ outdir, stackTraces: false, skipValidation: true });
    addStacks({ app, environment, repository: repositoryFrom(root, outdir), chartLock });
    app.synth();
    removeStale(app, join(outdir, "stacks"));
    writeSources(app, outdir);
    writeCapabilities(app, chartLock, outdir);
  });
}

/** Removes what earlier syntheses wrote, and whatever else nobody wrote now. */
function removeStale(app: App, folder: string): void {
  const written = new Set(
    clusterStacks(app).flatMap((stack) => [...stack.files].map((file) => join(folder, stack.node.id, file))),
  );
  const sweep = (path: string): boolean => {
    const kept = readdirSync(path, { withFileTypes: true }).filter((entry) => {
      const inner = join(path, entry.name);
      const stays = entry.isDirectory() ? sweep(inner) : written.has(inner);
      if (!stays) rmSync(inner, { recursive: true, force: true });
      return stays;
    });
    return kept.length > 0;
  };
  sweep(folder);
}

const clusterStacks = (app: App): readonly ClusterStack[] =>
  app.node.children.filter((child): child is ClusterStack => child instanceof ClusterStack);

/**
 * How a stack's folder finds the repository: up as many folders as it lies deep, whichever folder in the repository is
 * written to. Stacks written elsewhere, to be looked at, say what they would say in `cdktf.out/<environment>`.
 */
function repositoryFrom(root: string, outdir: string): string {
  const up = relative(join(resolve(outdir), "stacks", "stack"), resolve(root)).replaceAll("\\", "/");
  return /^\.\.(\/\.\.)*$/.test(up) ? up : "../../../..";
}

/** The stacks that an environment has, and which of them waits for which. */
function addStacks(scope: Omit<StackScope, "cluster">): void {
  for (const cluster of scope.environment.clusters) {
    const inCluster = { ...scope, cluster };
    const added = (act: () => void): ClusterStack[] => {
      const before = new Set(clusterStacks(scope.app));
      act();
      return clusterStacks(scope.app).filter((stack) => !before.has(stack));
    };
    // Each step waits for the whole step before it; stacks within a step do not wait for each other.
    const steps = [
      added(() => networkStack(inCluster)),
      added(() => guardrailsStack(inCluster)),
      added(() => {
        identityStack(inCluster);
        gatewayStack(inCluster);
        socStack(inCluster);
        backupStack(inCluster);
      }),
      added(() => {
        for (const zone of scope.environment.zones) {
          if (clustersOf(zone).includes(cluster.name)) zoneStack(inCluster, zone);
        }
      }),
    ].filter((step) => step.length > 0);
    steps.forEach((step, i) => {
      for (const stack of step) for (const earlier of steps[i - 1] ?? []) stack.addDependency(earlier);
    });
  }
}

/** What each cluster answers to charts that are rendered for it; nothing where no chart of somebody else's is released. */
function writeCapabilities(app: App, chartLock: () => ChartLock, outdir: string): void {
  const releasing = clusterStacks(app).filter((stack) => stack.charts.size > 0);
  const capabilities = releasing.map((stack): [string, Capabilities] => {
    const inCluster = releasing
      .filter((other) => other.cluster === stack.cluster)
      .flatMap((other) => [...other.charts]);
    return [stack.node.id, { kubernetes: stack.kubernetes, apiVersions: kindsOfCharts(chartLock(), inCluster) }];
  });
  writeFileSync(join(outdir, CAPABILITIES_FILE), `${JSON.stringify(Object.fromEntries(capabilities), null, 2)}\n`);
}

/** A function's result, asked for at most once. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function writeSources(app: App, outdir: string): void {
  const sources: Record<string, Record<string, Position>> = {};
  for (const stack of clusterStacks(app)) sources[stack.node.id] = Object.fromEntries([...stack.sources].sort());
  writeFileSync(join(outdir, SOURCES_FILE), `${JSON.stringify(sources, null, 2)}\n`);
}

/**
 * cdktf takes an unlimited stack trace of every reference, a quarter of all synthesis. `BHITTI_DEBUG` keeps them.
 */
function withoutStackTraces(act: () => void): void {
  const capture = Error.captureStackTrace;
  if (!process.env.BHITTI_DEBUG) Error.captureStackTrace = () => {};
  try {
    act();
  } finally {
    Error.captureStackTrace = capture;
  }
}
