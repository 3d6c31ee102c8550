import { z } from "zod";
import { yaml } from "../../yaml/words.ts";
import { CATALOGUE_SCHEMAS } from "./catalogue.ts";
import { FILE_KINDS, placeOf } from "./file-kinds.ts";
import type { FileKind } from "./known.ts";

interface Described {
  readonly title?: string;
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
  readonly items?: Described;
  readonly additionalProperties?: Described | boolean;
}

/** The reference of every file and key, as Markdown, from the loader's own model: the generated part of docs/environments.md. */
export function referenceMarkdown(): string {
  const environment = Object.entries(FILE_KINDS).map(([kind, { schema }]) =>
    sectionOf(placeOf(kind as FileKind), schema),
  );
  const catalogue = Object.entries(CATALOGUE_SCHEMAS).map(([kind, schema]) =>
    sectionOf(`catalogue/${kind}.yaml`, schema),
  );
  return [...environment, ...catalogue].join("\n\n");
}

function sectionOf(file: string, schema: z.ZodType): string {
  const described = z.toJSONSchema(schema, { target: "draft-7" }) as Described;
  const rows = rowsOf(described, "");
  return [`### ${file}`, "", `${described.title ?? ""}.`, "", "| key | takes | what |", "|---|---|---|", ...rows].join(
    "\n",
  );
}

function rowsOf(schema: Described, prefix: string): string[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([key, value]) => {
    // What every fact says of itself is told once, above.
    if ("basis" in properties && (key === "basis" || key === "source")) return [];
    const path = `${prefix}${key}`;
    const optional = required.includes(key) ? "" : " May be left out.";
    const inner = value.items ?? value;
    const below = value.items ? `${path}[].` : `${path}.`;
    return [
      `| \`${path}\` | ${takes(value)} | ${cell(`${value.description ?? inner.title ?? ""}${optional}`).trim()} |`,
      ...rowsOf(inner, below),
    ];
  });
}

function takes(schema: Described): string {
  const example = schema.examples?.[0] === undefined ? "" : `, e.g. \`${yaml(schema.examples[0])}\``;
  if (schema.items) {
    return `list of ${schema.items.properties ? "mappings" : `${takes({ ...schema.items, examples: [] })}${example}`}`;
  }
  if (schema.enum) return schema.enum.map((v) => `\`${String(v)}\``).join(", ");
  if (schema.properties) return "mapping";
  if (typeof schema.additionalProperties === "object")
    return `mapping of names to ${takes(schema.additionalProperties)}`;
  const range =
    schema.minimum !== undefined && schema.maximum !== undefined ? ` ${schema.minimum}–${schema.maximum}` : "";
  return cell(
    `${{ string: "text", integer: "whole number", boolean: "true or false" }[schema.type ?? ""] ?? schema.type ?? ""}${range}${example}`,
  );
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
