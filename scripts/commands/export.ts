import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { EXIT } from "../../contracts.ts";
import type { Estate } from "../../estate/estate.ts";
import { groupOf, type KubernetesObject } from "../../kubernetes/object.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { type CommandContext, count, type Outcome } from "./outcome.ts";
import { prepare } from "./prepare.ts";

/** Marks a folder that `export` wrote, and so may empty. */
const MARK = ".bhitti-export";

/**
 * `bhitti export <environment>`: the estate as plain manifests, for those who deploy with something else. One file an
 * object, one folder a stack, numbered in deploy order.
 */
export function exportManifests(context: CommandContext, name: string, options: { output?: string }): Outcome {
  const { estate } = prepare(context, name);
  const output = resolve(options.output ?? join(context.root, "cdktf.out", `${name}-manifests`));
  const unknown = estate.objects.filter((o) => o.unknown.length > 0);
  if (unknown.length + estate.undecoded.length > 0) {
    throw new BhittiError(
      [
        ...unknown.map((o) =>
          message("BH9010", { address: `${o.stack}/${o.address}`, paths: o.unknown.join(", ") }, o.position),
        ),
        ...estate.undecoded.map((u) => message("BH9011", { address: `${u.stack}/${u.address}`, reason: u.reason })),
      ],
      EXIT.findings,
    );
  }
  if (existsSync(output) && readdirSync(output).length > 0 && !existsSync(join(output, MARK))) {
    throw new BhittiError(message("BH9012", { folder: output }));
  }
  rmSync(output, { recursive: true, force: true });
  const files = manifestFiles(estate);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(output, path)), { recursive: true });
    writeFileSync(join(output, path), content);
  }
  writeFileSync(join(output, MARK), `${name}\n`);
  const shown = relative(process.cwd(), output) || ".";
  return {
    exitCode: EXIT.fine,
    json: { environment: name, output, files: files.map(([path]) => path) },
    text: `${count(files.length, "manifest")} of ${name} in ${shown}\nnext: kubectl apply --server-side -R -f ${quoted(`${shown}/<stack>`)}, in the order of the numbers`,
  };
}

/** A path as a shell reads it: in quotes where it needs them. */
export const quoted = (path: string): string =>
  /^[\w@%+=:,./<>-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

/** `[path, YAML]` of every object, in deploy order. */
export function manifestFiles(estate: Estate): [string, string][] {
  const width = String(estate.stacks.length).length;
  return estate.stacks.flatMap((stack, i) =>
    estate.objects
      .filter((o) => o.stack === stack.id)
      .map(({ object }): [string, string] => [
        `${String(i + 1).padStart(Math.max(2, width), "0")}-${stack.id}/${fileName(object)}`,
        manifestYaml(object),
      ]),
  );
}

/** YAML that kubectl reads back as it was: it takes a bare `y`, `on` or `1_000` for no text, which YAML 1.2 does not. */
export const manifestYaml = (object: KubernetesObject): string =>
  stringify(object, { aliasDuplicateObjects: false, compat: "yaml-1.1" });

const fileName = (o: KubernetesObject): string =>
  `${[o.kind.toLowerCase(), groupOf(o.apiVersion), o.metadata.namespace, o.metadata.name].filter(Boolean).join("_").replaceAll(":", "_")}.yaml`;
