import type { Constant, Entry, Expr, Fold, Item, Node } from "./tree.ts";

/**
 * A tree as JSON: a name is a text, everything else a list that begins with what it is. Parsing is most of what compiling costs,
 * so that trees of expressions that are known beforehand are kept; `restoreTree(storeTree(node))` gives the node.
 */
export type StoredTree = string | readonly unknown[];

type Stored = StoredTree;

export function storeTree(node: Node): StoredTree {
  switch (node.kind) {
    case "name":
      return node.name;
    case "constant":
      return ["constant", node.type, storedValue(node.value), caseOf(node.source)];
    case "select":
      return [node.test ? "has" : "select", storeTree(node.operand), node.field];
    case "call":
      return ["call", node.name, node.target ? storeTree(node.target) : null, ...node.args.map(storeTree)];
    case "list":
      return ["list", ...node.items.map(storeItem)];
    case "map":
      return ["map", ...node.entries.map((entry) => [storeTree(entry.key), ...storeItem(entry)])];
    case "message":
      return ["message", node.name];
    case "fold":
      return [
        "fold",
        node.variable,
        node.second ?? null,
        node.accumulator,
        ...[node.range, node.start, node.condition, node.step, node.result].map(storeTree),
      ];
  }
}

export function restoreTree(stored: StoredTree): Node {
  if (typeof stored === "string") return { kind: "name", name: stored };
  const [kind, ...rest] = stored as [string, ...Stored[]];
  const [first, second, third] = rest as [string, Stored, string];
  switch (kind) {
    case "constant":
      return restoreConstant(first, second, third);
    case "has":
    case "select":
      return { kind: "select", operand: restoreTree(first), field: String(second), test: kind === "has" };
    case "call":
      return {
        kind: "call",
        name: first,
        ...(second === null ? {} : { target: restoreTree(second) }),
        args: rest.slice(2).map(restoreTree),
      };
    case "list":
      return { kind: "list", items: rest.map((item) => restoreItem(item as [Stored, boolean])) };
    case "map":
      return {
        kind: "map",
        entries: rest.map((entry): Entry => {
          const [key, ...item] = entry as [Stored, Stored, boolean];
          return { key: restoreTree(key), ...restoreItem(item) };
        }),
      };
    case "message":
      return { kind: "message", name: first };
    default:
      return restoreFold(rest);
  }
}

function restoreFold([variable, second, accumulator, ...parts]: readonly Stored[]): Fold {
  const [range, start, condition, step, result] = parts.map(restoreTree) as [Node, Node, Node, Node, Node];
  return {
    kind: "fold",
    range,
    variable: String(variable),
    ...(second === null ? {} : { second: String(second) }),
    accumulator: String(accumulator),
    start,
    condition,
    step,
    result,
  };
}

const storeItem = ({ value, optional }: Item): [Stored, boolean] => [storeTree(value), optional];
const restoreItem = ([value, optional]: readonly [Stored, boolean]): Item => ({ value: restoreTree(value), optional });

/** Integers and bytes are no JSON: they are texts, and their type says what they were. */
const storedValue = (value: unknown): unknown =>
  typeof value === "bigint"
    ? String(value)
    : value instanceof Uint8Array
      ? Buffer.from(value).toString("base64")
      : value;

const caseOf = ({ exprKind }: Expr): string | undefined =>
  exprKind.case === "constExpr" ? exprKind.value.constantKind.case : undefined;

function restoreConstant(type: string, stored: unknown, kind: string): Constant {
  const value = restoredValue(type, stored);
  const constant = { $typeName: "cel.expr.Constant", constantKind: { case: kind, value } };
  const source = { $typeName: "cel.expr.Expr", id: 0n, exprKind: { case: "constExpr", value: constant } } as Expr;
  return { kind: "constant", type, value, source };
}

function restoredValue(type: string, stored: unknown): unknown {
  if (type === "int" || type === "uint") return BigInt(String(stored));
  return type === "bytes" ? Uint8Array.from(Buffer.from(String(stored), "base64")) : stored;
}
