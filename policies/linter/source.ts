import { isScalar, LineCounter, type Node, parseAllDocuments, type Scalar } from "yaml";
import { type Message, message, type Position } from "../../messages/message.ts";

/** One object of a file: its value, and where each part of it stands. */
export interface SourceDocument {
  /** Plain data, as YAML or JSON has it. */
  readonly value: unknown;
  /**
   * Position of the value at a path, or of the nearest enclosing value that exists.
   *
   * @param offset UTF-16 units into the text that stands there, for a place within an expression
   */
  at(path: readonly (string | number)[], offset?: number): Position;
}

/** An object that nobody wrote into a file, such as a binding that is made: every position is the file's beginning. */
export const documentOf = (value: unknown, file: string): SourceDocument => ({
  value,
  at: () => ({ file, line: 1, column: 1 }),
});

/** The API server takes no object above 1.5 MiB, and a file of policies holds a few at most. */
const MAX_BYTES = 4 * 1024 * 1024;
/** The API's own limit for JSON is 10,000; no policy is deeper than a dozen. A parser without one can be exhausted. */
const MAX_DEPTH = 200;

/**
 * Reads the objects of a file of YAML or JSON documents; the items of a `List` are objects of their own.
 *
 * @returns the objects, and one BH3101 for each fault; a file with a fault yields no objects
 */
export function readDocuments(
  file: string,
  text: string,
): { readonly documents: readonly SourceDocument[]; readonly messages: readonly Message[] } {
  const start: Position = { file, line: 1, column: 1 };
  const faulty = (reason: string, position = start) => ({
    documents: [],
    messages: [message("BH3101", { file, reason }, position)],
  });
  if (Buffer.byteLength(text) > MAX_BYTES) return faulty(`it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
  if (deepest(text) > MAX_DEPTH) return faulty(`it nests deeper than ${MAX_DEPTH} levels`);
  const lines = new LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
    const documents = Array.isArray(parsed) ? parsed : [];
    const [fault] = documents.flatMap((document) => document.errors);
    if (fault) return faulty(`it is no YAML: ${oneLine(fault.message)}`, positionOf(fault.pos[0]));
    return {
      documents: documents.flatMap((document): SourceDocument[] => {
        // What an alias stands for may be enormous: the parser stops at a hundred copies.
        const value: unknown = document.toJS({ maxAliasCount: 100 });
        if (value === null || value === undefined) return [];
        // Throws where a value holds itself.
        JSON.stringify(value);
        const at: SourceDocument["at"] = (path, offset = 0) => {
          const node = nodeAt(document, path);
          return positionOf(isScalar(node) ? placeIn(node, offset, text) : (node?.range?.[0] ?? 0));
        };
        return itemsOf({ value, at });
      }),
      messages: [],
    };
  } catch (error) {
    return faulty(oneLine(error instanceof Error ? error.message : String(error)));
  }
}

const oneLine = (text: string): string => (text.split("\n")[0] ?? text).replace(/\.$/, "");

function itemsOf({ value, at }: SourceDocument): SourceDocument[] {
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return [{ value, at }];
  return items.map((item: unknown, i) => ({ value: item, at: (path, offset) => at(["items", i, ...path], offset) }));
}

interface HasNodes {
  getIn(path: readonly unknown[], keepScalar: boolean): unknown;
}

function nodeAt(document: HasNodes, path: readonly (string | number)[]): Node | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as Node | undefined | null;
    if (node?.range) return node;
  }
  return undefined;
}

/**
 * Where the unit at `offset` of a scalar's value stands in the file. Folding and indentation change nothing but white space, so
 * the places are found by counting all other characters; a scalar with escapes is told as a whole.
 */
function placeIn(node: Scalar, offset: number, text: string): number {
  const [from = 0, to = 0] = node.range ?? [];
  if (offset === 0 && !node.type?.startsWith("BLOCK")) return from;
  const value = String(node.value);
  let place = node.type?.startsWith("BLOCK")
    ? text.indexOf("\n", from) + 1
    : node.type?.startsWith("QUOTE")
      ? from + 1
      : from;
  for (let i = 0; i <= offset; i++, place++) {
    if (/\s/.test(value[i] ?? "")) {
      place--;
      continue;
    }
    while (place < to && /\s/.test(text[place] ?? "")) place++;
    if (i === offset || i >= value.length) return Math.min(place, to);
    if (text[place] !== value[i]) return from;
  }
  return from;
}

/** How deep brackets and indentation go at most, without parsing. */
function deepest(text: string): number {
  let open = 0;
  let most = 0;
  for (const char of text) {
    if (char === "[" || char === "{") most = Math.max(most, ++open);
    else if ((char === "]" || char === "}") && open > 0) open--;
  }
  // `- - - x` nests by hyphens, `a:\n b:\n  c:` by at least one column a level.
  const indents = [...text.matchAll(/^[ ?-]*/gm)].map(([indent]) => indent.length);
  return Math.max(most, indents.reduce((a, b) => Math.max(a, b), 0) / 2);
}
