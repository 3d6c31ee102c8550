import { jsonSchema } from "../../yaml/json-schema.ts";
import { CATALOGUE_SCHEMAS } from "./catalogue.ts";
import { FILE_KINDS } from "./file-kinds.ts";

/**
 * The JSON Schemas that editors complete and check YAML by, from the loader's own model: `[file name, content]` of each
 * file of `environments/schemas/`. They know shapes only; references between files are the loader's.
 */
export const jsonSchemas = (): [string, string][] =>
  [
    ...Object.entries(FILE_KINDS).map(([kind, { schema }]) => [kind, schema] as const),
    ...Object.entries(CATALOGUE_SCHEMAS),
  ].map(([kind, schema]) => [`${kind}.schema.json`, jsonSchema(schema)]);
