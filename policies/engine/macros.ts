import type { Constant, Entry, Expr, Fold, Item, Node } from "./tree.ts";

/**
 * Macros that the engine's parser leaves as calls: those of two variables, of optionals and `sortBy`. Sources of what they become:
 * cel-go, ext/comprehensions.go, ext/lists.go, cel/library.go.
 */
export interface Expanded {
  readonly node: Node;
  /** Names of the macros found, as in SYNTAX of functions.ts. */
  readonly used: ReadonlySet<string>;
}

/** @throws Error where a macro is called in a way that it cannot be */
export function expandMacros(node: Node): Expanded {
  const used = new Set<string>();
  return { node: expand(node), used };

  function expand(each: Node): Node {
    switch (each.kind) {
      case "select":
        return { ...each, operand: expand(each.operand) };
      case "list":
        return { ...each, items: each.items.map((item): Item => optional({ ...item, value: expand(item.value) })) };
      case "map":
        return {
          ...each,
          entries: each.entries.map(
            (entry): Entry => optional({ ...entry, key: expand(entry.key), value: expand(entry.value) }),
          ),
        };
      case "fold":
        return {
          ...each,
          range: expand(each.range),
          start: expand(each.start),
          condition: expand(each.condition),
          step: expand(each.step),
          result: expand(each.result),
        };
      case "call":
        return expandCall(each);
      default:
        return each;
    }
  }

  function optional<T extends Item>(item: T): T {
    if (item.optional) used.add(OPTIONAL_SYNTAX);
    return item;
  }

  function expandCall(node: Call): Node {
    if (node.name === "_?._" || node.name === "_[?_]") used.add(OPTIONAL_SYNTAX);
    const args = node.args.map(expand);
    if (!node.target) return { ...node, args };
    const target = expand(node.target);
    const macro = Object.hasOwn(MACROS, node.name) ? MACROS[node.name] : undefined;
    if (!macro?.counts.includes(args.length)) return { ...node, target, args };
    used.add(macro.syntax);
    return macro.expand(target, args);
  }
}

const OPTIONAL_SYNTAX = "optional syntax (a.?b, a[?b], [?a], {?a: b})";

type Call = Extract<Node, { readonly kind: "call" }>;

interface Macro {
  readonly syntax: string;
  /** How many arguments it takes. */
  readonly counts: readonly number[];
  readonly expand: (target: Node, args: readonly Node[]) => Node;
}

const ACCUMULATOR = "@result";
const UNUSED = "#unused";

const name = (text: string): Node => ({ kind: "name", name: text });
const call = (text: string, ...args: readonly Node[]): Node => ({ kind: "call", name: text, args });
const method = (target: Node, text: string, ...args: readonly Node[]): Node => ({
  kind: "call",
  name: text,
  target,
  args,
});
const list = (...values: readonly Node[]): Node => ({
  kind: "list",
  items: values.map((value) => ({ value, optional: false })),
});
const accumulator = name(ACCUMULATOR);

function constant(type: "bool" | "int", value: boolean | bigint): Constant {
  const constantKind = type === "bool" ? { case: "boolValue" as const, value } : { case: "int64Value" as const, value };
  const source = {
    $typeName: "cel.expr.Expr",
    id: 0n,
    exprKind: { case: "constExpr", value: { $typeName: "cel.expr.Constant", constantKind } },
  } as unknown as Expr;
  return { kind: "constant", type, value, source };
}
const TRUE = constant("bool", true);
const FALSE = constant("bool", false);

/** `result`, in which `variable` stands for `value`. */
export const bind = (variable: string, value: Node, result: Node): Fold => ({
  kind: "fold",
  range: list(),
  variable: UNUSED,
  accumulator: variable,
  start: value,
  condition: FALSE,
  step: name(variable),
  result,
});

function variableOf(node: Node | undefined, macro: string): string {
  if (node?.kind !== "name" || node.name.startsWith("@") || node.name === "__result__") {
    throw new Error(`${macro}() wants a simple name`);
  }
  return node.name;
}

interface Loop {
  readonly start: Node;
  readonly condition: Node;
  readonly step: (body: Node) => Node;
  readonly result?: Node;
}

const either = (condition: Node | undefined, then: Node, otherwise: Node): Node =>
  condition ? call("_?_:_", condition, then, otherwise) : then;

/** A macro of two variables, an optional filter and a body. */
function overPairs(
  macro: string,
  counts: readonly number[],
  loop: (key: Node, filter: Node | undefined) => Loop,
  syntax = macro,
): Macro {
  return {
    syntax,
    counts,
    expand: (target, args) => {
      const [variable, second] = [variableOf(args[0], macro), variableOf(args[1], macro)];
      if (variable === second) throw new Error(`${macro}() wants two different names`);
      const filter = args.length === 4 ? args[2] : undefined;
      const { start, condition, step, result = accumulator } = loop(name(variable), filter);
      const body = args.at(-1) ?? TRUE;
      return {
        kind: "fold",
        range: target,
        variable,
        second,
        accumulator: ACCUMULATOR,
        start,
        condition,
        step: step(body),
        result,
      };
    },
  };
}

const ofTwo = (macro: string): string => `${macro} with two variables`;

const existsOne = (macro: string): Macro =>
  overPairs(
    macro,
    [3],
    () => ({
      start: constant("int", 0n),
      condition: TRUE,
      step: (body) => either(body, call("_+_", accumulator, constant("int", 1n)), accumulator),
      result: call("_==_", accumulator, constant("int", 1n)),
    }),
    ofTwo(macro),
  );

const emptyMap: Node = { kind: "map", entries: [] };

/** `target`, if it has a value, in the place of a name. */
const mapOptional = (macro: string, wrap: (result: Node) => Node): Macro => ({
  syntax: macro,
  counts: [2],
  expand: (target, [variable, body = TRUE]) => {
    const value = bind(variableOf(variable, macro), method(name("@target"), "value"), body);
    const present = method(name("@target"), "hasValue");
    return bind("@target", target, call("_?_:_", present, wrap(value), call("optional.none")));
  },
});

const MACROS: Readonly<Record<string, Macro>> = {
  all: overPairs(
    "all",
    [3],
    () => ({
      start: TRUE,
      condition: call("@not_strictly_false", accumulator),
      step: (body) => call("_&&_", accumulator, body),
    }),
    ofTwo("all"),
  ),
  exists: overPairs(
    "exists",
    [3],
    () => ({
      start: FALSE,
      condition: call("@not_strictly_false", call("!_", accumulator)),
      step: (body) => call("_||_", accumulator, body),
    }),
    ofTwo("exists"),
  ),
  existsOne: existsOne("existsOne"),
  exists_one: existsOne("exists_one"),
  transformList: overPairs("transformList", [3, 4], (_, filter) => ({
    start: list(),
    condition: TRUE,
    step: (body) => either(filter, call("_+_", accumulator, list(body)), accumulator),
  })),
  transformMap: overPairs("transformMap", [3, 4], (key, filter) => ({
    start: emptyMap,
    condition: TRUE,
    step: (body) => either(filter, call("cel.@mapInsert", accumulator, key, body), accumulator),
  })),
  transformMapEntry: overPairs("transformMapEntry", [3, 4], (_, filter) => ({
    start: emptyMap,
    condition: TRUE,
    step: (body) => either(filter, call("cel.@mapInsert", accumulator, body), accumulator),
  })),
  optMap: mapOptional("optMap", (value) => call("optional.of", value)),
  optFlatMap: mapOptional("optFlatMap", (value) => value),
  sortBy: {
    syntax: "sortBy",
    counts: [2],
    expand: (target, [variable, key = TRUE]) => {
      if (target.kind === "map" || target.kind === "constant") throw new Error("sortBy() wants a list");
      const input = name("@input");
      const keys: Fold = {
        kind: "fold",
        range: input,
        variable: variableOf(variable, "sortBy"),
        accumulator: ACCUMULATOR,
        start: list(),
        condition: TRUE,
        step: call("_+_", accumulator, list(key)),
        result: accumulator,
      };
      return bind("@input", target, method(input, "@sortByAssociatedKeys", keys));
    },
  },
};
