import { z } from "zod";
import { FILE_SCHEMAS } from "./schema.ts";

/**
 * The JSON Schemas that editors complete and check YAML by, from the loader's own model: `[file name, content]` of each
 * file of `environments/schemas/`. They know shapes only; references between files are the loader's.
 */
export function jsonSchemas(): [string, string][] {
  return Object.entries(FILE_SCHEMAS).map(([kind, schema]) => [
    `${kind}.schema.json`,
    `${JSON.stringify(z.toJSONSchema(schema, { target: "draft-7", override: dropInternals }), null, 2)}\n`,
  ]);
}

/** `format` is how the loader picks a message; JSON Schema gives the word another meaning. */
function dropInternals({ jsonSchema }: { jsonSchema: { format?: unknown } }): void {
  delete jsonSchema.format;
}
