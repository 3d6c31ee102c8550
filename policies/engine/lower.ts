import { OWN_TYPE_NAMES } from "./check.ts";
import { bind } from "./macros.ts";
import type { Expr, Fold, Node } from "./tree.ts";

/**
 * A checked tree in the words that the engine's planner knows: it has no macros of two variables, no optional parts of literals, and
 * no `or` that leaves its other side alone. Each turn of a loop reports to the budget.
 */
export function lower(node: Node): Expr {
  switch (node.kind) {
    case "constant":
      return node.source;
    case "name":
      return OWN_TYPE_NAMES.has(node.name)
        ? call("@typeNamed", [text(node.name)])
        : expr({ case: "identExpr", value: { name: node.name } });
    case "select":
      if (node.test) return call("@has", [lower(node.operand), text(node.field)]);
      return expr({
        case: "selectExpr",
        value: { operand: lower(node.operand), field: node.field, testOnly: false },
      });
    case "call":
      return lowerCall(node);
    case "list":
      return lowerList(node);
    case "map":
      return lowerMap(node);
    case "message":
      throw new Error(`unknown type: ${node.name}`);
    default:
      return lowerFold(node);
  }
}

/** What the names, fields and literals of an expression cost that are read in any case. Source: cel-go, interpreter/runtimecost.go. */
export function readingCost(node: Node): number {
  switch (node.kind) {
    case "name":
      return 1;
    case "select":
      return (node.test ? 0 : 1) + readingCost(node.operand);
    case "list":
      return node.items.reduce((sum, { value }) => sum + readingCost(value), LIST_COST);
    case "map":
      return node.entries.reduce((sum, { key, value }) => sum + readingCost(key) + readingCost(value), MAP_COST);
    case "call": {
      const read = LAZY.has(node.name) ? node.args.slice(0, 1) : node.args;
      return read.reduce((sum, arg) => sum + readingCost(arg), node.target ? readingCost(node.target) : 0);
    }
    case "fold":
      return readingCost(node.range) + readingCost(node.start);
    default:
      return 0;
  }
}

const LIST_COST = 10;
const MAP_COST = 30;
/** Their later arguments may never be read. */
const LAZY = new Set(["_&&_", "_||_", "_?_:_", "or", "orValue"]);

type Kind = Expr["exprKind"];

const TYPE_OF_KIND: Readonly<Record<string, string>> = {
  identExpr: "Ident",
  selectExpr: "Select",
  callExpr: "Call",
  listExpr: "CreateList",
  structExpr: "CreateStruct",
  comprehensionExpr: "Comprehension",
  constExpr: "Constant",
};

/** The planner reads these as what the parser makes. */
function expr(kind: { readonly case: string; readonly value: object }): Expr {
  const name = kind.case === "constExpr" ? "cel.expr.Constant" : `cel.expr.Expr.${TYPE_OF_KIND[kind.case]}`;
  return {
    $typeName: "cel.expr.Expr",
    id: 0n,
    exprKind: { case: kind.case, value: { $typeName: name, ...kind.value } } as unknown as Kind,
  } as Expr;
}

const call = (name: string, args: readonly Expr[], target?: Expr): Expr =>
  expr({ case: "callExpr", value: { function: name, args, ...(target ? { target } : {}) } });

const text = (value: string): Expr =>
  expr({ case: "constExpr", value: { constantKind: { case: "stringValue", value } } });
const integer = (value: number): Expr =>
  expr({ case: "constExpr", value: { constantKind: { case: "int64Value", value: BigInt(value) } } });
const list = (elements: readonly Expr[]): Expr => expr({ case: "listExpr", value: { elements, optionalIndices: [] } });
const name = (value: string): Node => ({ kind: "name", name: value });

function lowerCall(node: Extract<Node, { readonly kind: "call" }>): Expr {
  const { target, args } = node;
  const [other] = args;
  if (target && other && args.length === 1 && (node.name === "or" || node.name === "orValue")) {
    const left = name("@left");
    const value: Node = node.name === "or" ? left : { kind: "call", name: "@valueOf", args: [left] };
    const filled: Node = { kind: "call", name: "@isFilled", args: [left] };
    return lower(bind("@left", target, { kind: "call", name: "_?_:_", args: [filled, value, other] }));
  }
  const called = node.name === "_?._" || node.name === "_[?_]" ? "@optional" : node.name;
  return call(called, args.map(lower), target ? lower(target) : undefined);
}

function lowerList({ items }: Extract<Node, { readonly kind: "list" }>): Expr {
  if (items.every(({ optional }) => !optional)) return list(items.map(({ value }) => lower(value)));
  return items
    .map(({ value, optional }) => (optional ? call("@present", [lower(value)]) : list([lower(value)])))
    .reduce((all, part) => call("_+_", [all, part]), list([]));
}

function lowerMap({ entries }: Extract<Node, { readonly kind: "map" }>): Expr {
  if (entries.every(({ optional }) => !optional)) {
    return expr({
      case: "structExpr",
      value: {
        messageName: "",
        entries: entries.map(({ key, value }) => ({
          $typeName: "cel.expr.Expr.CreateStruct.Entry",
          id: 0n,
          keyKind: { case: "mapKey", value: lower(key) },
          value: lower(value),
          optionalEntry: false,
        })),
      },
    });
  }
  return entries.reduce(
    (all, { key, value, optional }) => call(optional ? "@entry" : "@set", [all, lower(key), lower(value)]),
    expr({ case: "structExpr", value: { messageName: "", entries: [] } }),
  );
}

const PAIR = "@pair";

function lowerFold(node: Fold): Expr {
  const { second } = node;
  const pair = (index: number): Expr => call("_[_]", [lower(name(PAIR)), integer(index)]);
  // The planner's loops have one variable: a pair, of which the two are named within each turn.
  const turn = (body: Node): Expr =>
    second === undefined ? lower(body) : named(node.variable, pair(0), named(second, pair(1), lower(body)));
  const cost = 1 + readingCost(node.condition) + readingCost(node.step);
  return comprehension({
    iterRange: second === undefined ? lower(node.range) : call("@pairs", [lower(node.range)]),
    iterVar: second === undefined ? node.variable : PAIR,
    accuVar: node.accumulator,
    accuInit: lower(node.start),
    loopCondition: call("@turn", [turn(node.condition), integer(cost)]),
    loopStep: turn(node.step),
    result: lower(node.result),
  });
}

const comprehension = (value: object): Expr => expr({ case: "comprehensionExpr", value: { iterVar2: "", ...value } });

const named = (variable: string, value: Expr, body: Expr): Expr =>
  comprehension({
    iterRange: list([]),
    iterVar: "#unused",
    accuVar: variable,
    accuInit: value,
    loopCondition: expr({ case: "constExpr", value: { constantKind: { case: "boolValue", value: false } } }),
    loopStep: lower(name(variable)),
    result: body,
  });
