import type { parse } from "@bufbuild/cel";
import type { Names } from "./expression.ts";

type Expr = NonNullable<ReturnType<typeof parse>["expr"]>;

/** Operators that the engine plans by itself, so that no function stands for them. */
const OPERATORS = new Set(["_[_]", "_?_:_", "_&&_", "_||_", "@not_strictly_false", "__not_strictly_false__"]);
const TYPE_NAMES = ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"];

/**
 * What cel-go's type checker would refuse and the engine would only meet where evaluation leads it: a name or function that
 * nobody declared, and a literal of mixed types. Undefined where there is none.
 */
export function referenceProblem(
  expression: Expr | undefined,
  names: Names,
  isFunction: (name: string) => boolean,
): string | undefined {
  if (!expression) return "it is empty";
  return visit(expression, new Set([...Object.keys(names), ...TYPE_NAMES]));

  function visit(node: Expr | undefined, known: ReadonlySet<string>): string | undefined {
    const kind = node?.exprKind;
    switch (kind?.case) {
      case "identExpr":
        return known.has(kind.value.name) ? undefined : `undeclared reference to '${kind.value.name}'`;
      case "selectExpr": {
        const { operand, field } = kind.value;
        const owner = operand?.exprKind.case === "identExpr" ? operand.exprKind.value.name : "";
        const members = Object.hasOwn(names, owner) ? names[owner] : undefined;
        if (members && members !== "any" && !members.includes(field)) return `undefined field '${owner}.${field}'`;
        return visit(operand, known);
      }
      case "callExpr": {
        const { function: name, target, args } = kind.value;
        if (!OPERATORS.has(name) && !isFunction(name)) return `undeclared reference to function '${name}'`;
        return first([...(target ? [target] : []), ...args], known);
      }
      case "listExpr":
        return first(kind.value.elements, known) ?? mixed(kind.value.elements);
      case "structExpr": {
        const { entries, messageName } = kind.value;
        if (messageName !== "") return `undeclared reference to type '${messageName}'`;
        const keys = entries.flatMap((e) => (e.keyKind.case === "mapKey" ? [e.keyKind.value] : []));
        const values = entries.flatMap((e) => (e.value ? [e.value] : []));
        return first([...keys, ...values], known) ?? mixed(keys) ?? mixed(values);
      }
      case "comprehensionExpr": {
        const { iterRange, accuInit, loopCondition, loopStep, result, iterVar, accuVar } = kind.value;
        const inner = new Set([...known, iterVar, accuVar]);
        return first([iterRange, accuInit], known) ?? first([loopCondition, loopStep, result], inner);
      }
      default:
        return undefined;
    }
  }

  function first(nodes: readonly (Expr | undefined)[], known: ReadonlySet<string>): string | undefined {
    for (const node of nodes) {
      const problem = visit(node, known);
      if (problem) return problem;
    }
    return undefined;
  }
}

/** Only constants say their type before they run. */
function mixed(elements: readonly Expr[]): string | undefined {
  const types = new Set(
    elements.flatMap((e) => (e.exprKind.case === "constExpr" ? [e.exprKind.value.constantKind.case ?? ""] : [])),
  );
  return types.size > 1 ? `a literal mixes ${[...types].map((t) => t.replace("Value", "")).join(" and ")}` : undefined;
}
