import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { KubeConfig } from "@kubernetes/client-node";
import type { BindingTable } from "./bindings.ts";
import { generateBindingTable } from "./generate-bindings.ts";
import { type FetchJson, formatGenerated, type GeneratedSchema, generateKubernetesSchema } from "./generate-schema.ts";
import { BINDINGS, DEFAULT_SERVICE_ACCOUNT } from "./kinds.ts";

/** The bytes of this room's generated files, by file name. */
export type GeneratedFiles = Readonly<Record<string, string>>;

/** What the installed bindings can express. */
export function currentBindings(): BindingTable {
  const index = createRequire(import.meta.url).resolve("@cdktf/provider-kubernetes/lib/lazy-index.js");
  const modules = [...BINDINGS, DEFAULT_SERVICE_ACCOUNT].map((binding) => binding.module);
  return generateBindingTable(dirname(index), modules);
}

/** `bindings.generated.json`, from the installed bindings. */
export const generatedBindings = (): GeneratedFiles => ({
  "bindings.generated.json": formatGenerated(currentBindings()),
});

/** `schema.generated.json` and `kinds.generated.json`, from an API server. */
export async function generatedSchema(fetchJson: FetchJson): Promise<GeneratedFiles> {
  const { schema, kinds }: GeneratedSchema = await generateKubernetesSchema(fetchJson);
  return { "schema.generated.json": formatGenerated(schema), "kinds.generated.json": formatGenerated(kinds) };
}

/** Writes generated files beside this module. */
export function writeGenerated(files: GeneratedFiles): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, import.meta.url), text);
}

/** Fetches from the server of a kubeconfig's current context. */
export function fetchFrom(kubeconfig: string): FetchJson {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return async (path) => {
    const options = { method: "GET" };
    await config.applyToHTTPSOptions(options);
    return new Promise((resolve, reject) => {
      request(new URL(path, config.getCurrentCluster()?.server), options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
          else resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
        });
      })
        .on("error", reject)
        .end();
    });
  };
}

// node --import tsx kubernetes/generate.ts [kubeconfig of an API server of the version that the schema is to state]
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const kubeconfig = process.argv[2];
  writeGenerated(generatedBindings());
  if (kubeconfig) writeGenerated(await generatedSchema(fetchFrom(kubeconfig)));
}
