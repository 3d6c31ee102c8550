import { readFileSync } from "node:fs";
import type { TypeText } from "./schema.ts";

/**
 * What the bindings of the Terraform provider can express (`bindings.generated.json`, written by `generate-bindings.ts` from
 * the bindings' own type declarations, kept current by `bindings.test.ts`).
 *
 * Types are written as in `schema.ts`, with `string`, `number` and `boolean` as the only scalars.
 */
export interface BindingTable {
  /** The config's type by folder of the bindings. */
  readonly modules: Readonly<Record<string, string>>;
  /** Terraform name of each property → its type. */
  readonly types: Readonly<Record<string, Readonly<Record<string, TypeText>>>>;
}

export type BindingType =
  | { readonly form: "scalar"; readonly scalar: "string" | "number" | "boolean" }
  | { readonly form: "block"; readonly type: string; readonly properties: Readonly<Record<string, TypeText>> }
  | { readonly form: "list"; readonly item: TypeText }
  | { readonly form: "map"; readonly value: TypeText };

let loaded: BindingTable | undefined;

/** The whole table; read from disk at the first call. */
export function bindingTable(): BindingTable {
  loaded ??= JSON.parse(readFileSync(new URL("bindings.generated.json", import.meta.url), "utf8")) as BindingTable;
  return loaded;
}

/** What a type text of the table says. */
export function bindingType(text: TypeText): BindingType {
  if (text.startsWith("@")) {
    const type = text.slice(1);
    return { form: "block", type, properties: bindingTable().types[type] ?? {} };
  }
  if (text.startsWith("{}")) return { form: "map", value: text.slice(2) };
  if (text.startsWith("[]")) return { form: "list", item: text.slice(2) };
  return { form: "scalar", scalar: text === "number" || text === "boolean" ? text : "string" };
}

/** The config of a folder of the bindings, e.g. `namespace-v1`. */
export function configOf(module: string): Readonly<Record<string, TypeText>> {
  const table = bindingTable();
  return table.types[table.modules[module] ?? ""] ?? {};
}

/** The name of a property in the bindings' TypeScript: `active_deadline_seconds` → `activeDeadlineSeconds`. */
export const propertyName = (terraformName: string): string =>
  terraformName.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
