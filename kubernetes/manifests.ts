import { FAILSAFE_SCHEMA, load, Type, YAMLException } from "js-yaml";
import { type Message, message, type Position } from "../messages/message.ts";

/** One object of a file, as data. */
export interface Manifest {
  /** A mapping with `apiVersion` and `kind`; nothing else of it is sure. */
  readonly value: Readonly<Record<string, unknown>> & { readonly apiVersion: string; readonly kind: string };
  /** `<file>#<n>`: the n-th object of the file, from 1. The items of a List count, the List itself does not. */
  readonly source: string;
  /** Where the document begins that holds it. */
  readonly position: Position;
}

const MIB = 1024 * 1024;
/** What kube-apiserver takes of one request: apiserver, pkg/server/config.go, MaxRequestBodyBytes. */
const MAX_OBJECT_BYTES = 3 * MIB;
/** Of a file; a dump of a cluster is a List of many objects. */
export const MAX_FILE_BYTES = 32 * MIB;
/** Marks that begin a value, a key or an item: what a parser needs memory for. A manifest has one for each thirty bytes. */
const MAX_MARKS = 1_500_000;
/** Values after aliases are followed: a hundred bytes of YAML can stand for a billion of them. */
const MAX_VALUES = 1_000_000;
/** Of a file. */
const MAX_DOCUMENTS = 100_000;
/** The parser's own limit, and below it that of whatever walks a value. */
const MAX_DEPTH = 100;

/**
 * Reads the objects of a file of YAML or JSON documents as kubectl does: scalars as in YAML 1.1 (`yes` is true, `010` is 8), keys
 * once in each mapping. Nothing is followed without an end, so that no file can exhaust whoever reads it.
 *
 * @returns a file with a fault yields no objects, but BH3801 to BH3805
 */
export function readManifests(
  file: string,
  bytes: Uint8Array,
): { readonly objects: readonly Manifest[]; readonly messages: readonly Message[] } {
  const start: Position = { file, line: 1, column: 1 };
  const objects: Manifest[] = [];
  try {
    if (bytes.length > MAX_FILE_BYTES) throw tooLarge(file, bytes.length, MAX_FILE_BYTES, start);
    for (const document of documentsOf(textOf(file, bytes, start), start)) {
      const position = { ...start, line: document.first };
      for (const value of valuesOf(document, position)) {
        const source = `${file}#${objects.length + 1}`;
        objects.push({ value: identified(value, source, position), source, position });
      }
    }
    return { objects, messages: [] };
  } catch (error) {
    if (error instanceof Refusal) return { objects: [], messages: [error.told] };
    throw error;
  }
}

/** Ends the reading of a file. */
class Refusal extends Error {
  readonly told: Message;
  constructor(told: Message) {
    super(told.code);
    this.told = told;
  }
}

const tooLarge = (what: string, size: number, limit: number, position: Position) =>
  new Refusal(
    message("BH3803", { what, size: `${(size / MIB).toFixed(1)} MiB`, limit: `${limit / MIB} MiB` }, position),
  );

function textOf(file: string, bytes: Uint8Array, start: Position): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(message("BH3801", { file, reason: "it is not UTF-8 text" }, start));
  }
}

interface TextDocument {
  readonly text: string;
  /** On which the text begins, from 1. */
  readonly line: number;
  /** On which its content begins. */
  readonly first: number;
}

/** Splits at lines that begin with `---`, which stand within no value. Directives belong to the document that they precede. */
function* documentsOf(text: string, position: Position): Generator<TextDocument> {
  const separator = /^---(?=\s|$)/gm;
  let [from, line, documents] = [0, 1, 0];
  for (let end = 0; end < text.length; ) {
    end = separator.exec(text)?.index ?? text.length;
    const part = text.slice(from, end);
    if (end < text.length && isPrelude(part)) continue;
    if (++documents > MAX_DOCUMENTS) {
      const what = position.file;
      throw new Refusal(message("BH3804", { what, reason: `it holds more than ${MAX_DOCUMENTS} documents` }, position));
    }
    const lines = part.split("\n");
    const first =
      line +
      Math.max(
        0,
        lines.findIndex((one) => !/^(---)?\s*([#%].*)?$/.test(one)),
      );
    yield { text: part, line, first };
    line += lines.length - 1;
    from = end;
  }
}

/** Nothing but comments and directives. */
const isPrelude = (text: string): boolean =>
  text.length < 10_000 && text.split("\n").every((line) => /^\s*([#%].*)?$/.test(line));

function valuesOf({ text, line, first }: TextDocument, position: Position): readonly unknown[] {
  const where = `the document of line ${first}`;
  const isList = /^kind:\s*"?\w*List\b|^\s*\{/m.test(text);
  const size = Buffer.byteLength(text);
  if (size > MAX_OBJECT_BYTES && !isList) throw tooLarge(where, size, MAX_OBJECT_BYTES, position);
  if (marksOf(text) > MAX_MARKS) {
    throw new Refusal(message("BH3804", { what: where, reason: `it has more than ${MAX_MARKS} values` }, position));
  }
  const value = parse(text, { ...position, line });
  if (value === null || value === undefined) return [];
  requireFinite(value, where, position);
  const { kind, items } = value as { readonly kind?: unknown; readonly items?: unknown };
  const values = typeof kind === "string" && kind.endsWith("List") && Array.isArray(items) ? items : [value];
  if (size > MAX_OBJECT_BYTES) {
    for (const item of values) {
      const length = JSON.stringify(item, (_, v: unknown) => (typeof v === "bigint" ? String(v) : v)).length;
      if (length > MAX_OBJECT_BYTES) throw tooLarge(`an object of ${where}`, length, MAX_OBJECT_BYTES, position);
    }
  }
  return values;
}

function marksOf(text: string): number {
  let marks = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // line feed, comma, [ and {
    if (code === 10 || code === 44 || code === 91 || code === 123) marks++;
  }
  return marks;
}

function parse(text: string, position: Position): unknown {
  try {
    return load(text, { schema: KUBECTL_SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) {
      const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
      throw new Refusal(message("BH3802", { reason }, position));
    }
    const { line = 0, column = 0 } = (error.mark ?? {}) as { readonly line?: number; readonly column?: number };
    const at = { ...position, line: position.line + line, column: column + 1 };
    throw new Refusal(message("BH3802", { reason: error.reason }, at));
  }
}

/** Follows aliases, whose number multiplies with each level. */
function requireFinite(root: unknown, what: string, position: Position): void {
  const refuse = (reason: string) => new Refusal(message("BH3804", { what, reason }, position));
  let values = 0;
  const visit = (value: unknown, depth: number): void => {
    if (++values > MAX_VALUES) throw refuse(`it has more than ${MAX_VALUES} values`);
    if (typeof value !== "object" || value === null) return;
    if (depth > 2 * MAX_DEPTH) throw refuse("an alias stands within what it stands for");
    for (const member of Array.isArray(value) ? value : Object.values(value)) visit(member, depth + 1);
  };
  visit(root, 0);
}

function identified(value: unknown, source: string, position: Position): Manifest["value"] {
  const refuse = (reason: string) => new Refusal(message("BH3805", { source, reason }, position));
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse("it is no mapping");
  const { apiVersion, kind } = value as Readonly<Record<string, unknown>>;
  for (const [name, text] of Object.entries({ apiVersion, kind })) {
    if (typeof text !== "string" || text === "") throw refuse(`it has no ${name}`);
  }
  return value as Manifest["value"];
}

/** Source: go.yaml.in/yaml/v2 2.4, resolve.go, which kubectl and kube-apiserver read YAML with. */
const TRUE = new Set(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]);
const FALSE = new Set(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]);

const bool = new Type("tag:yaml.org,2002:bool", {
  kind: "scalar",
  resolve: (data: unknown) => typeof data === "string" && (TRUE.has(data) || FALSE.has(data)),
  construct: (data: string) => TRUE.has(data),
});

const INTEGER = /^[-+]?(0[bB][01]+|0[xX][\da-fA-F]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;

const int = new Type("tag:yaml.org,2002:int", {
  kind: "scalar",
  resolve: (data: unknown) =>
    typeof data === "string" && /^[-+\d]/.test(data) && INTEGER.test(data.replaceAll("_", "")),
  construct: (data: string) => {
    const plain = data.replaceAll("_", "").toLowerCase();
    const digits = plain.replace(/^[-+]/, "").replace(/^0(?=[0-7])/, "0o");
    const value = BigInt(digits) * (plain.startsWith("-") ? -1n : 1n);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  },
});

const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;

const float = new Type("tag:yaml.org,2002:float", {
  kind: "scalar",
  resolve: (data: unknown) => typeof data === "string" && /^[-+.\d]/.test(data) && FLOAT.test(data.replaceAll("_", "")),
  construct: (data: string) => Number(data.replaceAll("_", "")),
});

const NULL = new Set(["", "~", "null", "Null", "NULL"]);

const nothing = new Type("tag:yaml.org,2002:null", {
  kind: "scalar",
  resolve: (data: unknown) => data === null || (typeof data === "string" && NULL.has(data)),
  construct: () => null,
});

/** `<<: *base` */
const merge = new Type("tag:yaml.org,2002:merge", { kind: "scalar", resolve: (data: unknown) => data === "<<" });

/** Dates stay text, as in the server, and there are no bytes, sets or pairs in JSON. */
const KUBECTL_SCHEMA = FAILSAFE_SCHEMA.extend({ implicit: [nothing, bool, int, float, merge] });
