import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from "yaml";
import { type Message, message, type Position } from "../messages/message.ts";

/** A file larger than this is no description that a person wrote, and is not parsed. */
export const MAX_BYTES = 1024 * 1024;
/** Deeper nesting than any schema of ours has is refused before it can exhaust the stack. */
const MAX_DEPTH = 64;

/** A YAML file that was read: its value, and where each part of it stands. */
export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly file: string;
  /** Plain data; undefined where the file could not be read as one mapping. */
  readonly value: unknown;
  /** What is wrong with the file as YAML. There may be a value nevertheless, which is then checked as well. */
  readonly messages: readonly Message[];
  /** Position of the value at a path, or of the nearest enclosing value that exists. */
  valueAt(path: readonly PropertyKey[]): Position;
  /** Position of a key itself, or of the mapping where it has no such key. */
  keyAt(path: readonly PropertyKey[], key: string): Position;
  /** A scalar as it is written, without quotes: `1.30` where the value is the number 1.3. */
  textAt(path: readonly PropertyKey[]): string | undefined;
}

/** A part of a file: its offset, its value and its parts. */
interface Located {
  readonly offset: number;
  readonly value: unknown;
  readonly text?: string;
  readonly parts: ReadonlyMap<string, { readonly keyOffset: number; readonly node: Located }>;
}

/** A fault at an offset of the text. */
type Fault = readonly [code: Message["code"], offset: number, params?: Message["params"]];

/**
 * Parses one YAML 1.2 file. What other parsers might read differently is refused: anchors and aliases (which can also make
 * a small file enormous), tags, directives, several documents, a key twice in one mapping.
 */
export function parseSource(file: string, bytes: Uint8Array): SourceFile {
  const start: Position = { file, line: 1, column: 1 };
  const unreadable = (messages: Message[]): SourceFile => ({
    file,
    value: undefined,
    messages,
    valueAt: () => start,
    keyAt: () => start,
    textAt: () => undefined,
  });
  if (bytes.length > MAX_BYTES) return unreadable([message("BH1002", { limit: MAX_BYTES }, start)]);

  const text = new TextDecoder().decode(bytes);
  const lines = new LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const said = ([code, offset, params = {}]: Fault): Message => message(code, params, positionOf(offset));
  const early = foreignCharacter(bytes, text) ?? tooDeep(text);
  if (early) {
    for (const { index } of text.matchAll(/(?<=\n)|^/g)) lines.addNewLine(index);
    return unreadable([said(early)]);
  }

  const document = parseDocument(text, {
    lineCounter: lines,
    version: "1.2",
    // Looked for below: the parser compares each key with every other one.
    uniqueKeys: false,
    prettyErrors: false,
    merge: false,
    logLevel: "error",
  });
  const syntax = syntaxFaults(document.errors, document.contents, text);
  if (syntax.length > 0) return unreadable(syntax.map(said));
  const { contents, directives } = document;
  const foreign: Fault[] =
    directives.yaml.explicit || document.warnings.some((w) => w.code === "BAD_DIRECTIVE") || hasOwnTags(directives.tags)
      ? [["BH1009", Math.max(0, text.search(/^%/m))]]
      : [];
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return unreadable([...foreign, ["BH1007", 0] as const].map(said));
  }
  const positions = (offset: number): string => {
    const { line, column } = positionOf(offset);
    return `${file}:${line}:${column}`;
  };
  const faults: Fault[] = [...foreign];
  const root = locate(contents, 0, text, faults, positions);
  const aliased = faults.some(([code]) => code === "BH1006");
  if (!isMap(contents)) return unreadable([...faults, ["BH1005", root.offset] as const].map(said));
  if (aliased || foreign.length > 0) return unreadable(faults.map(said));
  const nodeAt = (path: readonly PropertyKey[]): Located => {
    let here = root;
    for (const part of path) {
      const next = here.parts.get(String(part))?.node;
      if (!next) break;
      here = next;
    }
    return here;
  };
  return {
    file,
    value: root.value,
    messages: faults.map(said),
    valueAt: (path) => positionOf(nodeAt(path).offset),
    keyAt: (path, key) => {
      const mapping = nodeAt(path);
      return positionOf(mapping.parts.get(key)?.keyOffset ?? mapping.offset);
    },
    textAt: (path) => nodeAt(path).text,
  };
}

const hasOwnTags = (tags: Readonly<Record<string, string>>): boolean =>
  Object.keys(tags).some((handle) => handle !== "!!");

/** Turns nodes into plain data with offsets, and collects what is refused on the way. */
function locate(
  node: Node | null | undefined,
  otherwise: number,
  text: string,
  faults: Fault[],
  shown: (offset: number) => string,
): Located {
  const offset = node?.range?.[0] ?? otherwise;
  const parts = new Map<string, { keyOffset: number; node: Located }>();
  if (!node) return { offset, value: null, parts };
  const { anchor, tag } = node as { anchor?: string; tag?: string };
  if (isAlias(node) || anchor !== undefined) faults.push(["BH1006", offset]);
  if (!isAlias(node) && tag !== undefined)
    faults.push(["BH1008", offset, { tag: tag.replace("tag:yaml.org,2002:", "!!") }]);
  if (isScalar(node)) {
    const written = node.source ?? String(node.value);
    return { offset, value: tag === undefined ? node.value : written, text: written, parts };
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => locate(item as Node | null, offset, text, faults, shown));
    return {
      offset,
      value: items.map((item) => item.value),
      parts: new Map(items.map((item, i) => [String(i), { keyOffset: item.offset, node: item }])),
    };
  }
  if (!isMap(node)) return { offset, value: null, parts };
  const value: Record<string, unknown> = {};
  for (const pair of node.items) {
    const keyNode = pair.key as Node | null;
    const key = locate(keyNode, offset, text, faults, shown);
    const [from = 0, to = 0] = keyNode?.range ?? [];
    const name = key.text ?? text.slice(from, to);
    const first = parts.get(name);
    if (first) {
      faults.push(["BH1004", key.offset, { key: name, first: shown(first.keyOffset) }]);
      continue;
    }
    const inner = locate(pair.value as Node | null, key.offset, text, faults, shown);
    // Never a key of ours, and one that validators skip.
    if (name === "__proto__") faults.push(["BH1010", key.offset, { key: name, hint: "remove it" }]);
    else value[name] = inner.value;
    parts.set(name, { keyOffset: key.offset, node: inner });
  }
  return { offset, value, parts };
}

/** What the parser's error codes mean to whoever wrote the file, and what to do. */
const SYNTAX: Readonly<Record<string, readonly [detail: string, hint: string]>> = {
  TAB_AS_INDENT: ["a tab indents this line", "indent with spaces"],
  BLOCK_AS_IMPLICIT_KEY: [
    "a second ': ' stands in one line, or the line below is indented too far",
    "put a text that holds ': ' in quotes, or give lines of one mapping the same indentation",
  ],
  MULTILINE_IMPLICIT_KEY: ["this line has no ': ' after its key", "write 'key: value', with a space after the colon"],
  BAD_INDENT: ["this line's indentation fits no line above it", "give lines of one mapping the same indentation"],
  BAD_SCALAR_START: ["a text cannot begin with this character", "put the text in quotes"],
  BAD_DQ_ESCAPE: ["there is no such escape after '\\' in double quotes", "use single quotes, or write '\\\\'"],
  MULTIPLE_DOCS: ["'---' begins a second document here", "one file holds one document: remove the line"],
  MISSING_CHAR: ["a quote or bracket that was opened is never closed", "close it"],
};

/** Errors that most often follow from an earlier one, after which the parser no longer knows where it is. */
const FOLLOWING = new Set([
  "BLOCK_AS_IMPLICIT_KEY",
  "MULTILINE_IMPLICIT_KEY",
  "BAD_INDENT",
  "UNEXPECTED_TOKEN",
  "MISSING_CHAR",
]);

function syntaxFaults(errors: readonly YAMLError[], contents: Node | null, text: string): Fault[] {
  const ordered = [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
  const told = ordered.filter(
    (error, i) => i === 0 || (!FOLLOWING.has(error.code) && error.pos[0] !== ordered[i - 1]?.pos[0]),
  );
  return told.slice(0, 20).map((error) => {
    const offset = error.pos[0];
    if (/quote/.test(error.message)) {
      const opened = quoteAround(contents, offset) ?? offset;
      return ["BH1001", opened, { detail: "a quote is opened here and never closed", hint: "close it" }];
    }
    const unclosed = /end with a ([\]}])/.exec(error.message)?.[1];
    if (unclosed) return ["BH1001", offset, neverClosed(unclosed)];
    if (/without - indicator|same column/.test(error.message)) return ["BH1001", offset, worded("BAD_INDENT", error)];
    const tabbed = error.code !== "TAB_AS_INDENT" && /^ *\t/.test(lineAt(text, offset));
    return ["BH1001", offset, worded(tabbed ? "TAB_AS_INDENT" : error.code, error)];
  });
}

function worded(code: string, error: YAMLError): { detail: string; hint: string } {
  const own = error.code === "MISSING_CHAR" && /[\]}]/.test(error.message) ? undefined : SYNTAX[code];
  if (own) return { detail: own[0], hint: own[1] };
  if (error.code === "MISSING_CHAR") return neverClosed(error.message.includes("]") ? "]" : "}");
  const detail = (error.message.split("\n")[0] ?? "").replace(/[.:]$/, "");
  return { detail: detail.charAt(0).toLowerCase() + detail.slice(1), hint: "mend the line, or the one above it" };
}

const neverClosed = (closing: string): { detail: string; hint: string } => ({
  detail: `a '${closing === "]" ? "[" : "{"}' that is opened before this is never closed`,
  hint: `close it with '${closing}'`,
});

const lineAt = (text: string, offset: number): string => text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset + 1);

/** The parser tells an unclosed quote where the file ends; people look for where it was opened. */
function quoteAround(node: Node | null | undefined, offset: number): number | undefined {
  if (isScalar(node)) return (node.type ?? "").startsWith("QUOTE") && node.range ? node.range[0] : undefined;
  const inner = isMap(node)
    ? node.items.flatMap(({ key, value }) => [key as Node | null, value as Node | null])
    : isSeq(node)
      ? node.items.map((item) => item as Node | null)
      : [];
  const around = inner.findLast((part) => part?.range && part.range[0] < offset && part.range[2] >= offset - 1);
  return quoteAround(around, offset);
}

/** The first byte that is no UTF-8, or the first character that YAML does not allow in a file (YAML 1.2.2, 5.1). */
function foreignCharacter(bytes: Uint8Array, text: string): Fault | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return ["BH1015", 0, { what: "UTF-16 text" }];
  }
  const control = /[^\P{Cc}\t\n\r\u0085]|[\ufffe\uffff]/u.exec(text);
  if (control) {
    const name = `U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    return ["BH1015", control.index, { what: `the control character ${name}` }];
  }
  if (!text.includes("\ufffd")) return undefined;
  const body = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  const again = new TextEncoder().encode(text);
  const wrong = body.findIndex((byte, i) => byte !== again[i]);
  if (wrong < 0) return undefined;
  const byte = `0x${(body[wrong] ?? 0).toString(16).padStart(2, "0")}`;
  const offset = new TextDecoder().decode(body.subarray(0, wrong)).replace(/\ufffd$/, "").length;
  return ["BH1015", offset, { what: `the byte ${byte}, which is no UTF-8` }];
}

/**
 * Where a text nests too deep to be parsed safely, without parsing it: open brackets, and levels of indentation, those of
 * `- - -` in one line included.
 */
function tooDeep(text: string): Fault | undefined {
  const columns: number[] = [];
  let open = 0;
  let lineStart = 0;
  while (lineStart < text.length) {
    const found = text.indexOf("\n", lineStart);
    const lineEnd = found < 0 ? text.length : found;
    let i = lineStart;
    while (text[i] === " ") i++;
    if (i < lineEnd && text[i] !== "#" && text[i] !== "\r") {
      while (columns.length > 0 && (columns.at(-1) ?? 0) > i - lineStart) columns.pop();
      if (columns.at(-1) !== i - lineStart) columns.push(i - lineStart);
      while ((text[i] === "-" || text[i] === "?") && text[i + 1] === " ") {
        i++;
        while (text[i] === " ") i++;
        columns.push(i - lineStart);
        if (columns.length > MAX_DEPTH) break;
      }
      for (; i < lineEnd && open + columns.length <= MAX_DEPTH; i++) {
        if (text[i] === "[" || text[i] === "{") open++;
        else if ((text[i] === "]" || text[i] === "}") && open > 0) open--;
      }
      if (open + columns.length > MAX_DEPTH) return ["BH1003", Math.min(i, lineEnd), { limit: MAX_DEPTH }];
    }
    lineStart = lineEnd + 1;
  }
  return undefined;
}
