import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../contracts.ts";
import { BhittiError, message, type Position } from "../messages/message.ts";
import { decodeChart } from "./charts.ts";
import { type Decoded, decodeResource, isKubernetesType } from "./decode.ts";
import type { Estate, EstateObject, EstateStack, Undecoded } from "./estate.ts";
import { lookupIn, type ResourceBody, type TerraformDocument } from "./references.ts";

/** Beside the manifest: the line that each object comes from, by stack, then `<address>` or `<address>#<file of a chart>`. */
export type Sources = Readonly<Record<string, Readonly<Record<string, Position>>>>;

interface Manifest {
  readonly stacks: Readonly<Record<string, ManifestStack>>;
}

interface ManifestStack {
  readonly dependencies?: readonly string[];
  readonly synthesizedStackPath?: string;
  readonly workingDirectory?: string;
}

/** Resource types of other providers that leave nothing in a cluster. */
const NO_OBJECTS = /^(terraform_data|null_resource|(random|time|tls)_\w+|local_(sensitive_)?file)$/;

/** More copies than this of one resource are a mistake, and reading them would be slow. */
const MOST_COPIES = 1000;

/**
 * Reads what an App wrote into `outdir` (`manifest.json`, `stacks/<id>/cdk.tf.json`, charts, `sources.json`) into the objects
 * that its stacks would create.
 *
 * @throws BhittiError BH2001 where there is no such output, BH2002 where a file of it is no JSON
 */
export function readEstate(outdir: string, environment: string): Estate {
  const manifestPath = join(outdir, "manifest.json");
  if (!existsSync(manifestPath)) throw new BhittiError(message("BH2001", { path: outdir, environment }), EXIT.badInput);
  const manifest = readJson(manifestPath) as Manifest;
  const sourcesPath = join(outdir, "sources.json");
  const sources = existsSync(sourcesPath) ? (readJson(sourcesPath) as Sources) : {};
  const stacks = inDeployOrder(manifest);
  const parts = stacks.map(({ id }) => readStack(outdir, id, manifest.stacks[id] ?? {}, sources[id] ?? {}));
  return {
    environment,
    stacks: stacks.map((stack, i) => ({ ...stack, ...parts[i]?.terraform })),
    objects: parts.flatMap((part) => part.objects),
    undecoded: parts.flatMap((part) => part.undecoded),
  };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new BhittiError(message("BH2002", { path, detail: String(error) }), EXIT.badInput);
  }
}

/** A stack comes after all that it depends on; among those that could be next, the first by name. */
function inDeployOrder(manifest: Manifest): readonly EstateStack[] {
  const ordered: EstateStack[] = [];
  const placed = new Set<string>();
  const visit = (id: string): void => {
    if (placed.has(id)) return;
    placed.add(id);
    const dependencies = [...(manifest.stacks[id]?.dependencies ?? [])].sort();
    for (const dependency of dependencies) visit(dependency);
    ordered.push({ id, dependencies });
  };
  for (const id of Object.keys(manifest.stacks).sort()) visit(id);
  return ordered;
}

interface StackPart {
  /** Empty where the stack says nothing to Terraform. */
  readonly terraform: Pick<EstateStack, "terraform">;
  readonly objects: readonly EstateObject[];
  readonly undecoded: readonly Undecoded[];
}

function readStack(
  outdir: string,
  stack: string,
  entry: ManifestStack,
  positions: Readonly<Record<string, Position>>,
): StackPart {
  const folder = join(outdir, entry.workingDirectory ?? `stacks/${stack}`);
  const document = readJson(
    join(outdir, entry.synthesizedStackPath ?? `stacks/${stack}/cdk.tf.json`),
  ) as TerraformDocument;
  const objects: EstateObject[] = [];
  const undecoded: Undecoded[] = [];
  for (const { type, name, body } of resourcesOf(document)) {
    const address = `${type}.${name}`;
    for (const read of readResource(type, body, document, folder)) {
      const full = `${address}${read.copy}`;
      for (const reason of read.undecoded) undecoded.push({ stack, address: full, reason });
      if (!read.object) continue;
      const position =
        positions[read.chartFile ? `${full}#${read.chartFile}` : full] ?? positions[full] ?? positions[address];
      objects.push({
        object: read.object,
        stack,
        address: full,
        ...(read.chartFile === undefined ? {} : { chartFile: read.chartFile }),
        ...(position === undefined ? {} : { position }),
        unknown: read.unknown,
      });
    }
  }
  return { objects, undecoded, terraform: terraformOf(document) };
}

/** A `cloud` block is a backend too: that of HCP Terraform. Providers that are configured and not required are Terraform's own guess. */
function terraformOf({ terraform, provider }: TerraformDocument): Pick<EstateStack, "terraform"> {
  if (!terraform) return {};
  const [backend] = Object.entries({ ...terraform.backend, ...(terraform.cloud ? { cloud: terraform.cloud } : {}) });
  const required = terraform.required_providers ?? {};
  const names = [...new Set([...Object.keys(required), ...Object.keys(provider ?? {})])].sort();
  return {
    terraform: {
      ...(backend ? { backend: { type: backend[0], settings: backend[1] } } : {}),
      providers: names.map((name) => ({ name, source: required[name]?.source ?? name })),
    },
  };
}

/** Resources by address. */
function resourcesOf(document: TerraformDocument): readonly { type: string; name: string; body: ResourceBody }[] {
  const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return Object.entries(document.resource ?? {})
    .flatMap(([type, resources]) => Object.entries(resources).map(([name, body]) => ({ type, name, body })))
    .sort((a, b) => byName(a.type, b.type) || byName(a.name, b.name));
}

/** What one copy of a resource says; `copy` is `[0]` where it counts, else empty. */
type ReadResource = Decoded & { readonly copy: string; readonly chartFile?: string };

function readResource(
  type: string,
  body: ResourceBody,
  document: TerraformDocument,
  folder: string,
): readonly ReadResource[] {
  if (NO_OBJECTS.test(type)) return [];
  const none = (reason: string): readonly ReadResource[] => [{ copy: "", unknown: [], undecoded: [reason] }];
  if (!isKubernetesType(type) && type !== "helm_release") return none(`unknown resource type ${type}`);
  if (body.for_each !== undefined) return none("for_each: how many objects it makes is not known here");
  const { count } = body;
  if (count !== undefined && !isCount(count)) return none("count: how many objects it makes is not known here");
  const copies = count === undefined ? [undefined] : Array.from({ length: count }, (_, index) => index);
  return copies.flatMap((index) => {
    const copy = index === undefined ? "" : `[${index}]`;
    const lookup = lookupIn(document, index === undefined ? {} : { "count.index": index });
    const read = type === "helm_release" ? decodeChart(body, folder, lookup) : [decodeResource(type, body, lookup)];
    return read.map((part) => ({ ...part, copy }));
  });
}

const isCount = (count: unknown): count is number =>
  typeof count === "number" && Number.isInteger(count) && count >= 0 && count <= MOST_COPIES;
