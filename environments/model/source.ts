import { isCollection, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { type Message, message, type Position } from "../../messages/message.ts";

/** A file larger than this is no description that a person wrote, and is not parsed. */
const MAX_BYTES = 1024 * 1024;
/** Deeper nesting than any schema of ours has is refused before it can exhaust the stack. */
const MAX_DEPTH = 30;

/** A YAML file that was read: its value, and where each part of it stands. */
export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly file: string;
  /** Plain data; undefined where the file could not be read as one mapping. */
  readonly value: unknown;
  readonly messages: readonly Message[];
  /** Position of the value at a path, or of the nearest enclosing value that exists. */
  valueAt(path: readonly PropertyKey[]): Position;
  /** Position of a key itself. */
  keyAt(path: readonly PropertyKey[], key: string): Position;
}

/**
 * Parses one YAML 1.2 file. Anchors and aliases are refused: a reader should see what holds where it stands, and an alias
 * can make a small file enormous.
 */
export function parseSource(file: string, text: string): SourceFile {
  const lines = new LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const start: Position = { file, line: 1, column: 1 };
  const nothing = (messages: Message[]): SourceFile => ({
    file,
    value: undefined,
    messages,
    valueAt: () => start,
    keyAt: () => start,
  });
  if (Buffer.byteLength(text) > MAX_BYTES) return nothing([message("BH1002", { limit: MAX_BYTES }, start)]);
  if (nestingOf(text) > MAX_DEPTH) return nothing([message("BH1003", { limit: MAX_DEPTH }, start)]);
  const document = parseDocument(text.replace(/^\uFEFF/, ""), {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    logLevel: "error",
  });
  const problems = [...document.errors, ...document.warnings].map((error) => {
    const detail = (error.message.split("\n")[0] ?? "").replace(/ at line \d+.*$/, "").replace(/[.:]$/, "");
    return error.code === "DUPLICATE_KEY"
      ? message("BH1004", {}, positionOf(error.pos[0]))
      : message("BH1001", { detail }, positionOf(error.pos[0]));
  });
  if (problems.length > 0) return nothing(problems);
  if (document.contents === null) return nothing([message("BH1005", {}, start)]);
  const alias = findAlias(document.contents as Node);
  if (alias !== undefined) return nothing([message("BH1006", {}, positionOf(alias))]);
  if (!isMap(document.contents)) {
    return nothing([message("BH1005", {}, positionOf(document.contents.range?.[0] ?? 0))]);
  }
  const offsetOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0] ?? undefined;
  return {
    file,
    value: document.toJS({ maxAliasCount: 0 }),
    messages: [],
    valueAt(path) {
      for (let length = path.length; length > 0; length--) {
        const offset = offsetOf(nodeAt(document.contents, path.slice(0, length)));
        if (offset !== undefined) return positionOf(offset);
      }
      return positionOf(offsetOf(document.contents) ?? 0);
    },
    keyAt(path, key) {
      const map = nodeAt(document.contents, path);
      const pair = isMap(map) ? map.items.find((item) => keyText(item.key) === key) : undefined;
      return positionOf(offsetOf(pair?.key) ?? offsetOf(map) ?? 0);
    },
  };
}

const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key);

function nodeAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let node = root;
  for (const part of path) {
    if (isMap(node)) node = node.items.find((item) => keyText(item.key) === String(part))?.value;
    else if (isSeq(node)) node = node.items[Number(part)];
    else return undefined;
  }
  return node;
}

function findAlias(node: Node): number | undefined {
  const anchored = (node as { anchor?: string }).anchor;
  if (anchored || (!isScalar(node) && !isCollection(node))) return node.range?.[0] ?? 0;
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      for (const part of [key, value]) {
        const found = part ? findAlias(part as Node) : undefined;
        if (found !== undefined) return found;
      }
    }
  } else if (isSeq(node)) {
    for (const item of node.items) {
      const found = item ? findAlias(item as Node) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** An upper bound of how deep a text nests, without parsing it: open brackets, and levels of indentation. */
function nestingOf(text: string): number {
  let deepest = 0;
  let open = 0;
  for (const c of text) {
    if (c === "[" || c === "{") deepest = Math.max(deepest, ++open);
    else if (c === "]" || c === "}") open--;
  }
  for (const line of text.split("\n")) {
    const compact = /^[\s-]*/.exec(line)?.[0].replace(/\s+-/g, "-").match(/-/g)?.length ?? 0;
    deepest = Math.max(deepest, compact, Math.floor((/^ */.exec(line)?.[0].length ?? 0) / 2));
  }
  return deepest;
}
