import { parse } from "@bufbuild/cel";

type Parsed = ReturnType<typeof parse>;
type Expr = NonNullable<Parsed["expr"]>;

/**
 * An expression as it was written, for those who read rules instead of running them: macros (`has`, `all`, `filter` …) are
 * calls, not the loops that the engine makes of them. `offset` counts UTF-16 units of the text: for a call by an operator or
 * a method it is where the operator or the parenthesis stands.
 */
export type Syntax =
  | { readonly form: "constant"; readonly value: Constant; readonly offset: number }
  | { readonly form: "name"; readonly name: string; readonly offset: number }
  | { readonly form: "field"; readonly of: Syntax; readonly field: string; readonly offset: number }
  | {
      readonly form: "call";
      /** `size`, `matches`, `exists`; operators as cel-go calls them: `_&&_`, `!_`, `_?_:_`, `_[_]`, `@in`. */
      readonly function: string;
      /** What a method is called on. */
      readonly target?: Syntax;
      readonly args: readonly Syntax[];
      readonly offset: number;
    }
  | { readonly form: "list"; readonly items: readonly Syntax[]; readonly offset: number }
  | {
      readonly form: "map";
      readonly entries: readonly (readonly [key: Syntax, value: Syntax])[];
      readonly offset: number;
    };

/** A literal. Unsigned numbers and bytes keep how they are written. */
export type Constant = string | bigint | number | boolean | null | { readonly written: string };

/** Operators by their names in `Syntax`, in the order in which they bind, loosest first. */
export const OPERATORS: Readonly<Record<string, string>> = {
  "_||_": "||",
  "_&&_": "&&",
  "_==_": "==",
  "_!=_": "!=",
  "_<_": "<",
  "_<=_": "<=",
  "_>_": ">",
  "_>=_": ">=",
  "@in": "in",
  "_+_": "+",
  "_-_": "-",
  "_*_": "*",
  "_/_": "/",
  "_%_": "%",
};

/** The macros that bind their first argument, or first two, as names in the ones that follow. */
export const BINDING_MACROS: ReadonlySet<string> = new Set([
  "all",
  "exists",
  "exists_one",
  "existsOne",
  "filter",
  "map",
  "transformList",
  "transformMap",
  "transformMapEntry",
]);

/** Reads an expression. Never throws. */
export function parseSyntax(
  expression: string,
): { readonly syntax: Syntax } | { readonly problem: string; readonly offset: number } {
  try {
    const parsed = parse(expression);
    return parsed.expr ? { syntax: convert(parsed.expr, parsed) } : { problem: "it is empty", offset: 0 };
  } catch (error) {
    const { location, rawMessage } = error as { location?: { start?: { offset?: number } }; rawMessage?: string };
    const reason = rawMessage ?? (error instanceof Error ? error.message : String(error));
    return { problem: reason.split("\n")[0] ?? "no reason known", offset: location?.start?.offset ?? 0 };
  }
}

function convert(node: Expr | undefined, parsed: Parsed): Syntax {
  if (!node) return { form: "constant", value: null, offset: 0 };
  const info = parsed.sourceInfo;
  const offset = info?.positions[String(node.id)] ?? 0;
  const written = info?.macroCalls[String(node.id)];
  const kind = (written ?? node).exprKind;
  const inner = (child: Expr | undefined): Syntax => convert(child, parsed);
  switch (kind.case) {
    case "constExpr":
      return { form: "constant", value: constantOf(kind.value.constantKind), offset };
    case "identExpr":
      return { form: "name", name: kind.value.name, offset };
    case "selectExpr":
      return { form: "field", of: inner(kind.value.operand), field: kind.value.field, offset };
    case "callExpr": {
      const { function: name, target, args } = kind.value;
      const call = { form: "call", function: name, args: args.map(inner), offset } as const;
      return target ? { ...call, target: inner(target) } : call;
    }
    case "listExpr":
      return { form: "list", items: kind.value.elements.map(inner), offset };
    case "structExpr":
      return { form: "map", entries: kind.value.entries.map((entry) => entryOf(entry, inner, offset)), offset };
    default:
      return { form: "constant", value: null, offset };
  }
}

type StructEntry = Extract<Expr["exprKind"], { case: "structExpr" }>["value"]["entries"][number];

function entryOf(entry: StructEntry, inner: (child: Expr | undefined) => Syntax, offset: number) {
  const { case: form, value } = entry.keyKind;
  const key: Syntax = form === "mapKey" ? inner(value) : { form: "constant", value: value ?? null, offset };
  return [key, inner(entry.value)] as const;
}

type ConstantKind = Extract<Expr["exprKind"], { case: "constExpr" }>["value"]["constantKind"];

function constantOf(kind: ConstantKind): Constant {
  switch (kind.case) {
    case "stringValue":
    case "boolValue":
    case "int64Value":
    case "doubleValue":
      return kind.value;
    case "uint64Value":
      return { written: `${kind.value}u` };
    case "bytesValue":
      return { written: `b"${[...kind.value].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"` };
    default:
      return null;
  }
}

/** An expression as text again, with every bracket: reading it gives the same syntax. */
export function printSyntax(syntax: Syntax): string {
  switch (syntax.form) {
    case "constant":
      return printConstant(syntax.value);
    case "name":
      return syntax.name;
    case "field":
      return `${printSyntax(syntax.of)}.${syntax.field}`;
    case "call":
      return printCall(syntax);
    case "list":
      return `[${syntax.items.map(printSyntax).join(", ")}]`;
    case "map":
      return `{${syntax.entries.map(([key, value]) => `${printSyntax(key)}: ${printSyntax(value)}`).join(", ")}}`;
  }
}

function printConstant(value: Constant): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return Number.isInteger(value) ? `${value}.0` : String(value);
  return typeof value === "object" && value !== null ? value.written : String(value);
}

function printCall({ function: name, target, args }: Extract<Syntax, { form: "call" }>): string {
  const [a = "", b = "", c = ""] = args.map(printSyntax);
  const operator = OPERATORS[name];
  if (operator) return `(${args.map(printSyntax).join(` ${operator} `)})`;
  if (name === "_?_:_") return `(${a} ? ${b} : ${c})`;
  if (name === "_[_]") return `${a}[${b}]`;
  if (name === "!_") return `!(${a})`;
  if (name === "-_") return `-(${a})`;
  return `${target ? `${printSyntax(target)}.` : ""}${name}(${args.map(printSyntax).join(", ")})`;
}

/** The parts of an expression that stand directly in it, in the order of the text. */
export function childrenOf(syntax: Syntax): readonly Syntax[] {
  switch (syntax.form) {
    case "field":
      return [syntax.of];
    case "call":
      return [...(syntax.target ? [syntax.target] : []), ...syntax.args];
    case "list":
      return syntax.items;
    case "map":
      return syntax.entries.flat();
    default:
      return [];
  }
}

/** An expression and all its parts. */
export const everyPart = (syntax: Syntax): readonly Syntax[] => [syntax, ...childrenOf(syntax).flatMap(everyPart)];
