import { z } from "zod";
import { yaml } from "../../yaml/words.ts";
import { FILE_SCHEMAS, type FileKind } from "./schema.ts";

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
  return (Object.keys(FILE_SCHEMAS) as FileKind[])
    .map((kind) => {
      const schema = z.toJSONSchema(FILE_SCHEMAS[kind], { target: "draft-7" }) as Described;
      const file = kind === "zone" ? "zones/<name>.yaml" : `${kind}.yaml`;
      const rows = rowsOf(schema, "");
      return [`### ${file}`, "", `${schema.title ?? ""}.`, "", "| key | takes | what |", "|---|---|---|", ...rows].join(
        "\n",
      );
    })
    .join("\n\n");
}

function rowsOf(schema: Described, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    const inner = value.items ?? value;
    const below = value.items ? `${path}[].` : `${path}.`;
    return [
      `| \`${path}\` | ${takes(value)} | ${cell(value.description ?? inner.title ?? "")} |`,
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
