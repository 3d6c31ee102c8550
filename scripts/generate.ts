import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CHART_LOCK_FILE } from "../charts/lock.ts";
import { jsonSchemas } from "../environments/model/json-schemas.ts";
import { referenceMarkdown } from "../environments/model/reference.ts";
import { CONTROLS_FILE } from "../policies/controls/controls.ts";
import { generateLaws, generateRules, generateTrees, ruleTexts } from "../policies/generate.ts";
import { IMAGE_LOCK_FILE } from "../policies/image-lock.ts";
import { INSTRUMENT_FILE } from "../policies/laws/laws.ts";
import { lawsMarkdown } from "../policies/laws/reference.ts";
import { rulesMarkdown } from "../policies/reference.ts";
import { jsonSchema } from "../yaml/json-schema.ts";
import { repositoryRoot } from "./commands/outcome.ts";

/**
 * `npm run generate`: writes what is derived from the model of an environment, from rules and from laws. Tests fail while a file is not what this
 * would write. The tables of the Kubernetes API under kubernetes/ are generated from a running API server by their own
 * test.
 */
export function generatedFiles(root: string): [string, string][] {
  const introduction = (guide: string): string =>
    readFileSync(join(root, guide), "utf8").split("<!-- generated -->")[0] ?? "";
  return [
    ...jsonSchemas().map(([name, content]): [string, string] => [`environments/schemas/${name}`, content]),
    ...ruleTexts(),
    ["policies/rules.generated.json", generateRules()],
    ["policies/trees.generated.json", generateTrees()],
    ["policies/laws.generated.json", generateLaws()],
    ["charts/schemas/chart-lock.schema.json", jsonSchema(CHART_LOCK_FILE)],
    ["policies/schemas/controls.schema.json", jsonSchema(CONTROLS_FILE)],
    ["policies/schemas/image-lock.schema.json", jsonSchema(IMAGE_LOCK_FILE)],
    ["policies/schemas/instrument.schema.json", jsonSchema(INSTRUMENT_FILE)],
    ["docs/environments.md", `${introduction("docs/environments.md")}<!-- generated -->\n\n${referenceMarkdown()}\n`],
    ["docs/rules.md", `${introduction("docs/rules.md")}<!-- generated -->\n\n${rulesMarkdown()}\n`],
    ["docs/laws.md", `${introduction("docs/laws.md")}<!-- generated -->\n\n${lawsMarkdown()}\n`],
  ];
}

/** Files that are not what `npm run generate` would write. */
export const staleFiles = (root: string): string[] =>
  generatedFiles(root)
    .filter(([path, content]) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== content)
    .map(([path]) => path);

if (process.argv[1]?.endsWith("generate.ts")) {
  const root = repositoryRoot();
  const stale = staleFiles(root);
  for (const [path, content] of generatedFiles(root)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  console.log(stale.length === 0 ? "everything generated is current" : `written: ${stale.join(", ")}`);
}
