import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ChartLock, type ChartName, lockedChart } from "./lock.ts";

/** Folder of the renderings in a repository; each file is named by what it was rendered from. */
export const RENDERED_FOLDER = "charts/rendered";

/** The name under which the lock keeps the rendering of a chart's custom resource definitions. */
export const CRDS_RENDER = "crds";

/** What a cluster answers when a chart asks it. */
export interface Capabilities {
  /** Minor version: `1.35`. */
  readonly kubernetes: string;
  /** `group/version/Kind` of what charts install there, sorted. */
  readonly apiVersions: readonly string[];
}

/** Beside the stacks of an environment: `Capabilities` by stack, for those that release a chart of somebody else's. */
export const CAPABILITIES_FILE = "capabilities.json";

/** Everything that a rendering depends on. */
export interface RenderInputs extends Capabilities {
  readonly chart: ChartName;
  readonly release: string;
  readonly namespace: string;
  /** As the release states them, on top of the chart's own. */
  readonly values: unknown;
}

/** A rendering from the store, or why there is none: the same words on every machine with the same lock and store. */
export type Rendering = { readonly text: string } | { readonly missing: string };

/**
 * The digest that names a rendering; undefined where the lock does not know the chart's own.
 *
 * @throws BhittiError BH1302 where the lock does not pin the chart
 */
export function inputsDigest(lock: ChartLock, { chart, ...inputs }: RenderInputs): string | undefined {
  const { digest } = lockedChart(lock, chart);
  if (digest === undefined) return undefined;
  return digestOf(canonicalJson({ ...inputs, apiVersions: [...inputs.apiVersions].sort(), chart: digest }));
}

/** `sha256:` and the sum of a text. */
export const digestOf = (text: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** Path of a rendering in a repository. */
export const renderedFile = (inputs: string): string => `${RENDERED_FOLDER}/${inputs.replace("sha256:", "")}.yaml`;

/**
 * Reads a rendering. The lock decides first: what it does not list was not checked in, even if a file lies in the store.
 *
 * @param root the repository
 */
export function readRendering(root: string, lock: ChartLock, inputs: RenderInputs): Rendering {
  const { chart, release } = inputs;
  const pinned = lock.charts.find((c) => c.name === chart);
  if (!pinned) return { missing: `chart '${chart}' is not in the chart lock` };
  const name = `${chart} ${pinned.version}`;
  const digest = inputsDigest(lock, inputs);
  if (digest === undefined) return { missing: `the chart lock has no digest of ${name}; run 'bhitti charts lock'` };
  const renders = pinned.renders ?? [];
  const locked = renders.find((r) => r.inputs === digest);
  if (!locked) {
    const before = renders.some((r) => r.release === release);
    return {
      missing: before
        ? `${name} was rendered from other values or versions; run 'bhitti charts render'`
        : `${name} was never rendered; run 'bhitti charts render'`,
    };
  }
  const file = renderedFile(digest);
  if (!existsSync(join(root, file)))
    return { missing: `the lock lists a rendering of ${name}, and there is no ${file}; run 'bhitti charts render'` };
  const text = readFileSync(join(root, file), "utf8");
  if (digestOf(text) !== locked.output)
    return { missing: `${file} is not what the lock lists of ${name}; run 'bhitti charts render'` };
  return { text };
}

/** JSON with the keys of every mapping sorted: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
