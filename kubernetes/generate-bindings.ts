import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BindingTable } from "./bindings.ts";

/** One property of a config interface: its Terraform name, and its type as written. */
interface Property {
  readonly name: string;
  readonly type: string;
}

const SCALARS: Readonly<Record<string, string>> = {
  string: "string",
  number: "number",
  "boolean | cdktf.IResolvable": "boolean",
  "string[]": "[]string",
  "number[]": "[]number",
  "{ [key: string]: string; }": "{}string",
};

/**
 * Reads which properties the bindings' config interfaces have, from their own type declarations.
 *
 * The Terraform name of a property stands in its doc link (`…#active_deadline_seconds`). Interfaces of one shape are stored
 * once, since each workload repeats the whole pod specification under its own names.
 *
 * @param lib folder `lib` of `@cdktf/provider-kubernetes`
 * @throws Error where a declaration has a form that this reader does not know
 */
export function generateBindingTable(lib: string, modules: readonly string[]): BindingTable {
  const types: Record<string, Record<string, string>> = {};
  const nameOfShape = new Map<string, string>();
  const roots = modules.map((module) => {
    const interfaces = readInterfaces(join(lib, module));
    const describe = (name: string): string => {
      const properties = interfaces.get(name);
      if (!properties) throw new Error(`no interface ${name} in ${module}`);
      const shape = Object.fromEntries(properties.map((p) => [p.name, typeText(p.type, describe)]));
      const key = JSON.stringify(shape);
      const known = nameOfShape.get(key);
      if (known) return known;
      nameOfShape.set(key, name);
      types[name] = shape;
      return name;
    };
    const root = [...interfaces.keys()].find((name) => name.endsWith("Config") && !name.includes("Spec"));
    return [module, describe(root ?? "Config")] as const;
  });
  return { modules: Object.fromEntries(roots), types };
}

function typeText(type: string, describe: (name: string) => string): string {
  const scalar = SCALARS[type];
  if (scalar) return scalar;
  const list = /^(\w+)\[\] \| cdktf\.IResolvable$/.exec(type)?.[1];
  if (list) return `[]@${describe(list)}`;
  if (/^\w+$/.test(type)) return `@${describe(type)}`;
  throw new Error(`unknown form of a property's type: ${type}`);
}

/** The interfaces of one module, the root config's first. Large modules keep most of theirs in `index-structs`. */
function readInterfaces(folder: string): ReadonlyMap<string, readonly Property[]> {
  const structs = join(folder, "index-structs");
  const more = existsSync(structs) ? readdirSync(structs).filter((f) => /^structs\d+\.d\.ts$/.test(f)) : [];
  const files = [join(folder, "index.d.ts"), ...more.map((f) => join(structs, f))];
  const found = new Map<string, Property[]>();
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    for (const match of text.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}$/gm)) {
      found.set(match[1] ?? "", properties(match[2] ?? ""));
    }
  }
  return found;
}

function properties(body: string): Property[] {
  const found = [...body.matchAll(/#(\w+) \w+#\w+\}\s[\s\S]*?readonly \w+\??: ([\s\S]*?);\n(?= {4}\/\*\*|$)/g)];
  const declared = body.match(/^ {4}readonly /gm)?.length ?? 0;
  if (found.length !== declared) throw new Error(`read ${found.length} of ${declared} properties of:\n${body}`);
  return found.map((m) => ({ name: m[1] ?? "", type: (m[2] ?? "").replace(/\s+/g, " ") }));
}
