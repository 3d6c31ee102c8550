import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isRecord } from "./json-difference.ts";

/** What the engine reads of a stack's `cdk.tf.json`. */
export interface StackConfiguration {
  readonly directory: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** Where a local backend keeps the state; undefined where the backend is another. */
  readonly stateFile: string | undefined;
  readonly providers: ProviderSet;
}

/** The providers that a stack asks for. Stacks that ask for the same share one lock file. */
export interface ProviderSet {
  /** Same for same providers. */
  readonly key: string;
  /** As in `terraform.required_providers`. */
  readonly required: Readonly<Record<string, unknown>>;
}

export function readStackConfiguration(directory: string): StackConfiguration {
  const json = JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8")) as Record<string, unknown>;
  const terraform = isRecord(json.terraform) ? json.terraform : {};
  const required = isRecord(terraform.required_providers) ? terraform.required_providers : {};
  const backend = isRecord(terraform.backend) ? terraform.backend : {};
  const local = isRecord(backend.local) ? backend.local : undefined;
  const path = local?.path;
  return {
    directory,
    json,
    stateFile: typeof path === "string" ? resolve(directory, path) : undefined,
    providers: { key: digest(required), required },
  };
}

/** Distinct provider sets, without the empty one, which needs no init to be had. */
export function providerSets(stacks: readonly StackConfiguration[]): ProviderSet[] {
  const sets = new Map(stacks.map((s) => [s.providers.key, s.providers]));
  return [...sets.values()].filter((s) => Object.keys(s.required).length > 0);
}

/** `hashicorp/kubernetes 2.38.0`, for each provider that a lock file names. */
export function lockedProviders(lockFile: string): string[] {
  const text = readFileSync(lockFile, "utf8");
  const blocks = text.matchAll(/provider "[^"/]+\/([^"]+)" \{\s*version\s*=\s*"([^"]+)"/g);
  return [...blocks].map((m) => `${m[1]} ${m[2]}`);
}

/** What a stack's state holds. */
export function stateHoldsResources(stateFile: string): boolean {
  if (!existsSync(stateFile)) return false;
  const state = JSON.parse(readFileSync(stateFile, "utf8")) as { resources?: unknown[] };
  return (state.resources ?? []).length > 0;
}

/**
 * A stack's configuration without anything in it: applying it removes all that its state holds. Providers and backend stay,
 * with their paths made absolute, so that it works from any folder.
 */
export function emptied(stack: StackConfiguration): Record<string, unknown> {
  const { terraform, provider } = stack.json;
  return absolutePaths({ terraform, ...(provider === undefined ? {} : { provider }) }, stack.directory) as Record<
    string,
    unknown
  >;
}

function absolutePaths(value: unknown, base: string): unknown {
  if (typeof value === "string") return value.startsWith("../") ? resolve(base, value) : value;
  if (Array.isArray(value)) return value.map((item) => absolutePaths(item, base));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, absolutePaths(item, base)]));
}

/** Same for the same content, whatever the order of keys. */
export function digest(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex")
    .slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
