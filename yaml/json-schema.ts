import { z } from "zod";

/** The JSON Schema (draft 7) by which editors complete and check a YAML file, as text, from the loader's own schema. */
export const jsonSchema = (schema: z.ZodType): string =>
  `${JSON.stringify(z.toJSONSchema(schema, { target: "draft-7", override: dropInternals }), null, 2)}\n`;

/** `format` is how the loader picks a message; JSON Schema gives the word another meaning. */
function dropInternals({ jsonSchema }: { jsonSchema: { format?: unknown } }): void {
  delete jsonSchema.format;
}
