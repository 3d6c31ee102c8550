import { parse } from "@bufbuild/cel";
import { restoreTree, type StoredTree } from "./stored-tree.ts";

/**
 * An expression as a tree. The engine's parser does the reading; it knows no optional syntax (`a.?b`, `a[?b]`, `[?a]`, `{?a: b}`),
 * which is therefore written in other words before, and found again in the tree.
 */
export type Node =
  | Constant
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "select"; readonly operand: Node; readonly field: string; readonly test: boolean }
  | { readonly kind: "call"; readonly name: string; readonly target?: Node; readonly args: readonly Node[] }
  | { readonly kind: "list"; readonly items: readonly Item[] }
  | { readonly kind: "map"; readonly entries: readonly Entry[] }
  | { readonly kind: "message"; readonly name: string }
  | Fold;

export type Constant = {
  readonly kind: "constant";
  readonly type: string;
  readonly value: unknown;
  readonly source: Expr;
};

export interface Item {
  readonly value: Node;
  readonly optional: boolean;
}

export interface Entry extends Item {
  readonly key: Node;
}

/** What macros become. Source: cel-spec, langdef.md, and proto/cel/expr/syntax.proto. */
export interface Fold {
  readonly kind: "fold";
  readonly range: Node;
  readonly variable: string;
  /** The value, where `variable` is the key or the index. */
  readonly second?: string;
  readonly accumulator: string;
  readonly start: Node;
  readonly condition: Node;
  readonly step: Node;
  readonly result: Node;
}

export type Expr = NonNullable<ReturnType<typeof parse>["expr"]>;

/** As many characters as the API server's parser reads. */
const MAX_LENGTH = 100_000;
const MARK = "__bhitti_optional__";

const known = new Map<string, StoredTree>();

/** Takes over trees of expressions, by their texts, so that these need no parsing. */
export function knowTrees(trees: Readonly<Record<string, StoredTree>>): void {
  for (const [text, tree] of Object.entries(trees)) known.set(text, tree);
}

/** @throws Error where the text is no expression */
export function parseExpression(text: string): Node {
  const stored = known.get(text);
  return stored === undefined ? parseText(text) : restoreTree(stored);
}

/** As `parseExpression`, without what is known beforehand. */
export function parseText(text: string): Node {
  if (text.length > MAX_LENGTH)
    throw new Error(`an expression of ${text.length} characters is more than ${MAX_LENGTH}`);
  if (text.includes(MARK)) throw new Error(`undeclared reference to '${MARK}'`);
  // The parser wants a line to end behind a comment.
  const { expr, sourceInfo } = parse(`${withoutOptionalSyntax(text)}\n`);
  if (!expr) throw new Error("it is empty");
  for (const macro of Object.values(sourceInfo?.macroCalls ?? {})) requireKnownMacro(macro);
  return nodeOf(expr);
}

/** The parser knows one that the API server's does not. */
function requireKnownMacro({ exprKind }: Expr): void {
  if (exprKind.case === "callExpr" && exprKind.value.function === "existsOne") {
    throw new Error("undeclared reference to 'existsOne'");
  }
}

/**
 * `a.?b` as `a.MARK("b")`, and what is optional in brackets as `MARK(…)`.
 */
function withoutOptionalSyntax(text: string): string {
  const tokens = tokensOf(text);
  for (const token of tokens) requireEscapes(token);
  if (!tokens.some((token, i) => token === "?" && isOptionalMark(tokens, i))) return text;
  return rewritten(tokens);
}

const TOKEN =
  /\/\/[^\n]*|[rRbB]{0,2}(?:"""(?:[^\\]|\\[\s\S])*?"""|'''(?:[^\\]|\\[\s\S])*?'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')|[_a-zA-Z][_a-zA-Z0-9]*|\s+|[\s\S]/y;
const RAW = /[bB]?[rR][bB]?(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n]*"|'[^'\n]*')/y;

/** A raw string ends at the first quote, where others go on behind a backslash. */
function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    RAW.lastIndex = at;
    TOKEN.lastIndex = at;
    const token = RAW.exec(text)?.[0] ?? TOKEN.exec(text)?.[0] ?? text.slice(at);
    tokens.push(token);
    at += token.length;
  }
  return tokens;
}

const ESCAPES = /\\(?:[abfnrtv\\?"'`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|[\s\S])/g;

/** The parser takes a backslash that escapes nothing for itself, where the API server's refuses it. */
function requireEscapes(token: string): void {
  const prefix = /^([rRbB]{0,2})["']/.exec(token)?.[1];
  if (prefix === undefined || /r/i.test(prefix)) return;
  for (const [found] of token.matchAll(ESCAPES)) {
    const isKnown = found.length > 2 || /[abfnrtv\\?"'`]$/.test(found);
    if (!isKnown || (/b/i.test(prefix) && /^\\[uU]/.test(found))) throw new Error(`unable to unescape '${found}'`);
  }
}

const isSpace = (token: string | undefined): boolean => token !== undefined && /^(?:\s|\/\/)/.test(token);

/** A question mark directly behind a dot, a bracket or a comma asks for no condition. */
function isOptionalMark(tokens: readonly string[], index: number): boolean {
  let before = index - 1;
  while (isSpace(tokens[before])) before--;
  return [".", "[", "{", ","].includes(tokens[before] ?? "");
}

function rewritten(tokens: readonly string[]): string {
  const made: string[] = [];
  /** Open brackets, each with whether an optional part within it is still open, and how many conditions are within that part. */
  const open: { readonly bracket: string; optional: boolean; conditions: number }[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? "";
    const top = open.at(-1);
    if (token === "?" && isOptionalMark(tokens, i)) {
      i = optionalAt(i);
      continue;
    }
    if (token === "?" && top?.optional) top.conditions++;
    if (top?.optional && closes(token, top)) {
      made.push(")");
      top.optional = false;
    }
    if (token === ":" && top?.optional) top.conditions--;
    if (/^[[({]$/.test(token)) open.push({ bracket: token, optional: false, conditions: 0 });
    if (/^[\])}]$/.test(token)) open.pop();
    made.push(token);
  }
  return made.join("");

  /** Writes what stands for the question mark; gives the last token that it used up. */
  function optionalAt(index: number): number {
    let before = made.length - 1;
    while (isSpace(made[before])) before--;
    if (made[before] === ".") {
      let next = index + 1;
      while (isSpace(tokens[next])) next++;
      const field = tokens[next] ?? "";
      if (!/^[_a-zA-Z]\w*$/.test(field)) throw new Error("a name is expected behind '.?'");
      made.push(`${MARK}("${field}")`);
      return next;
    }
    const top = open.at(-1);
    if (!top || top.bracket === "(") throw new Error("'?' is unexpected here");
    made.push(`${MARK}(`);
    top.optional = true;
    top.conditions = 0;
    return index;
  }
}

function closes(
  token: string,
  { bracket, conditions }: { readonly bracket: string; readonly conditions: number },
): boolean {
  return bracket === "{" ? token === ":" && conditions === 0 : token === "," || token === "]";
}

const isMark = (expr: Expr | undefined): expr is Expr =>
  expr?.exprKind.case === "callExpr" && expr.exprKind.value.function === MARK && !expr.exprKind.value.target;

/** What a mark was put around. */
function marked(expr: Expr): Expr | undefined {
  return expr.exprKind.case === "callExpr" ? expr.exprKind.value.args[0] : undefined;
}

const CONSTANT_TYPES: Readonly<Record<string, string>> = {
  boolValue: "bool",
  bytesValue: "bytes",
  doubleValue: "double",
  int64Value: "int",
  nullValue: "null_type",
  stringValue: "string",
  uint64Value: "uint",
};

const call = (name: string, ...args: readonly Node[]): Node => ({ kind: "call", name, args });

function nodeOf(expr: Expr | undefined): Node {
  const kind = expr?.exprKind;
  switch (kind?.case) {
    case "constExpr": {
      const { constantKind } = kind.value;
      const type = CONSTANT_TYPES[constantKind.case ?? ""];
      if (!type || !expr) throw new Error("a constant of an unknown kind");
      if (typeof constantKind.value === "bigint") requireSize(type, constantKind.value);
      return { kind: "constant", type, value: constantKind.value, source: expr };
    }
    case "identExpr":
      return { kind: "name", name: kind.value.name };
    case "selectExpr":
      return {
        kind: "select",
        operand: nodeOf(kind.value.operand),
        field: kind.value.field,
        test: kind.value.testOnly,
      };
    case "callExpr":
      return callOf(kind.value);
    case "listExpr":
      return {
        kind: "list",
        items: kind.value.elements.map((element) => ({
          value: nodeOf(isMark(element) ? marked(element) : element),
          optional: isMark(element),
        })),
      };
    case "structExpr":
      if (kind.value.messageName !== "") return { kind: "message", name: kind.value.messageName };
      return {
        kind: "map",
        entries: kind.value.entries.map((entry) => {
          const key = entry.keyKind.case === "mapKey" ? entry.keyKind.value : undefined;
          return {
            key: nodeOf(isMark(key) ? marked(key) : key),
            value: nodeOf(entry.value),
            optional: isMark(key),
          };
        }),
      };
    case "comprehensionExpr": {
      const { iterRange, iterVar, accuVar, accuInit, loopCondition, loopStep, result } = kind.value;
      return {
        kind: "fold",
        range: nodeOf(iterRange),
        variable: iterVar,
        accumulator: accuVar,
        start: nodeOf(accuInit),
        condition: nodeOf(loopCondition),
        step: nodeOf(loopStep),
        result: nodeOf(result),
      };
    }
    default:
      throw new Error("the expression has a part of an unknown kind");
  }
}

function requireSize(type: string, value: bigint): void {
  const fits = type === "uint" ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  if (fits !== value) throw new Error(`invalid ${type} literal`);
}

type Call = Extract<Expr["exprKind"], { readonly case: "callExpr" }>["value"];

function callOf({ function: name, target, args }: Call): Node {
  if (name === MARK && target) return call("_?._", nodeOf(target), nodeOf(args[0]));
  if (name === MARK) throw new Error("'?' is unexpected here");
  if (name === "_[_]" && isMark(args[1])) return call("_[?_]", nodeOf(args[0]), nodeOf(marked(args[1])));
  return { kind: "call", name, ...(target ? { target: nodeOf(target) } : {}), args: args.map(nodeOf) };
}
