import type { Syntax } from "../engine/syntax.ts";

/** An expression with one thing changed, and what. */
export interface SyntaxMutation {
  readonly change: string;
  readonly syntax: Syntax;
}

type Call = Extract<Syntax, { form: "call" }>;

const FLIPPED: Readonly<Record<string, readonly string[]>> = {
  "_==_": ["_!=_"],
  "_!=_": ["_==_"],
  "_<_": ["_<=_", "_>_"],
  "_<=_": ["_<_", "_>_"],
  "_>_": ["_>=_", "_<_"],
  "_>=_": ["_>_", "_<_"],
  "_&&_": ["_||_"],
  "_||_": ["_&&_"],
  all: ["exists"],
  exists: ["all"],
  exists_one: ["exists"],
  startsWith: ["endsWith"],
  endsWith: ["startsWith"],
  contains: ["startsWith"],
  isGreaterThan: ["isLessThan"],
  isLessThan: ["isGreaterThan"],
};

const truth = (value: boolean, offset = 0): Syntax => ({ form: "constant", value, offset });
const negation = (syntax: Syntax): Syntax => ({ form: "call", function: "!_", args: [syntax], offset: syntax.offset });

/**
 * Every change of one place of an expression that somebody could make by mistake: an operator or quantifier flipped, a
 * condition or an item left out, a constant or a field misspelt.
 *
 * @param ofVariable what a variable's value can be replaced by, since its type is not in the text
 */
export function mutationsOf(
  syntax: Syntax,
  ofVariable: (name: string) => readonly Syntax[],
): readonly SyntaxMutation[] {
  return [...here(syntax, ofVariable), ...below(syntax, ofVariable)];
}

function here(syntax: Syntax, ofVariable: (name: string) => readonly Syntax[]): readonly SyntaxMutation[] {
  switch (syntax.form) {
    case "constant":
      return constants(syntax);
    case "field": {
      const isVariable = syntax.of.form === "name" && syntax.of.name === "variables";
      return isVariable
        ? ofVariable(syntax.field).map((value) => ({ change: `variables.${syntax.field} not used`, syntax: value }))
        : [{ change: `field ${syntax.field} misspelt`, syntax: { ...syntax, field: `${syntax.field}X` } }];
    }
    case "list":
      return syntax.items.map((_, i) => ({
        change: `item ${i + 1} of a list dropped`,
        syntax: { ...syntax, items: syntax.items.filter((__, j) => j !== i) },
      }));
    case "call":
      return calls(syntax);
    default:
      return [];
  }
}

function constants(syntax: Extract<Syntax, { form: "constant" }>): readonly SyntaxMutation[] {
  const { value } = syntax;
  const to = (changed: string | bigint | boolean) => [
    { change: `${String(value) || "''"} changed`, syntax: { ...syntax, value: changed } },
  ];
  if (typeof value === "string") return to(`${value}x`);
  if (typeof value === "bigint") return to(value + 1n);
  return typeof value === "boolean" ? to(!value) : [];
}

function calls(call: Call): readonly SyntaxMutation[] {
  const { function: name, args } = call;
  const [a, b, c] = args;
  const flips = (Object.hasOwn(FLIPPED, name) ? (FLIPPED[name] ?? []) : []).map((flipped) => ({
    change: `${name} is ${flipped}`,
    syntax: { ...call, function: flipped },
  }));
  if (name === "_&&_" || name === "_||_" || name === "_+_") {
    if (name === "_+_" && args.some(isText)) return [];
    const dropped = args.map((_, i) => ({ change: `operand ${i + 1} of ${name} dropped`, syntax: without(call, i) }));
    return [...flips, ...dropped];
  }
  if (name === "!_" && a) return [{ change: "negation dropped", syntax: a }];
  if (name === "@in") return [...flips, { change: "in negated", syntax: negation(call) }];
  if (name === "has") {
    return [true, false].map((value) => ({ change: `has() is ${value}`, syntax: truth(value, call.offset) }));
  }
  if (name === "filter" && a) {
    return [{ change: "filter lets all through", syntax: { ...call, args: [a, truth(true)] } }];
  }
  if (name === "_?_:_" && a && b && c) {
    return [
      { change: "condition always true", syntax: b },
      { change: "condition always false", syntax: c },
    ];
  }
  return flips;
}

const isText = (syntax: Syntax): boolean => syntax.form === "constant" && typeof syntax.value === "string";

function without(call: Call, index: number): Syntax {
  const args = call.args.filter((_, i) => i !== index);
  const [only] = args;
  return args.length === 1 && only ? only : { ...call, args };
}

/** The same within each part. */
function below(syntax: Syntax, ofVariable: (name: string) => readonly Syntax[]): readonly SyntaxMutation[] {
  const inside = (part: Syntax, put: (changed: Syntax) => Syntax): readonly SyntaxMutation[] =>
    mutationsOf(part, ofVariable).map(({ change, syntax: changed }) => ({ change, syntax: put(changed) }));
  switch (syntax.form) {
    case "field":
      return inside(syntax.of, (of) => ({ ...syntax, of }));
    case "list":
      return syntax.items.flatMap((item, i) =>
        inside(item, (changed) => ({ ...syntax, items: syntax.items.with(i, changed) })),
      );
    case "map":
      return syntax.entries.flatMap(([key, value], i) =>
        inside(value, (changed) => ({ ...syntax, entries: syntax.entries.with(i, [key, changed]) })),
      );
    case "call": {
      const { target, args } = syntax;
      return [
        ...(target ? inside(target, (changed) => ({ ...syntax, target: changed })) : []),
        // What is asked for has to stay a field: has(true) is no expression.
        ...args.flatMap((arg, i) =>
          syntax.function === "has" && arg.form === "field"
            ? [...here(arg, () => []), ...inside(arg.of, (of) => ({ ...arg, of }))].flatMap(
                ({ change, syntax: changed }) =>
                  changed.form === "field" ? [{ change, syntax: { ...syntax, args: [changed] } }] : [],
              )
            : inside(arg, (changed) => ({ ...syntax, args: args.with(i, changed) })),
        ),
      ];
    }
    default:
      return [];
  }
}
