import { type CelFunction, DECLARED } from "./functions.ts";
import { CLAUSE_TYPES, replaceClauses } from "./library/formatting.ts";
import { CONVERSIONS } from "./library/standard.ts";
import type { Fold, Node } from "./tree.ts";
import {
  assignable,
  BOOL,
  DURATION,
  DYN,
  fieldType,
  formatType,
  INT,
  isOptional,
  isStruct,
  listOf,
  mapOf,
  mostGeneral,
  optionalOf,
  parseType,
  type Substitutions,
  sameType,
  substitute,
  TIMESTAMP,
  type Type,
  typeOf,
} from "./types.ts";

/**
 * What an expression may name: a type as types.ts writes it (`any` is dyn), the members of something (`variables.x`) as a list of
 * names, or these with their types.
 */
export type Names = Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>;

export interface Checked {
  readonly type: Type;
  /** The tree, in which names with dots stand for what they mean. */
  readonly node: Node;
  readonly uses: ReadonlySet<CelFunction>;
  /** Conversions of constants, which cel-go makes when it plans. */
  readonly conversions: readonly Node[];
  /** Constants that are used as a pattern. */
  readonly patterns: readonly string[];
}

const TYPE_NAMES: readonly string[] = [
  "bool",
  "bytes",
  "double",
  "int",
  "list",
  "map",
  "null_type",
  "optional_type",
  "string",
  "type",
  "uint",
  "net.IP",
  "net.CIDR",
  DURATION,
  TIMESTAMP,
];

/** Before the name of something whose members are listed. */
const MEMBERS = "members.";

/** Names of types that the engine does not know. */
export const OWN_TYPE_NAMES: ReadonlySet<string> = new Set(["optional_type", "net.IP", "net.CIDR"]);

interface Scope {
  readonly names: ReadonlyMap<string, Type>;
  readonly outer?: Scope;
}

const find = (scope: Scope | undefined, name: string): Type | undefined =>
  scope && (scope.names.get(name) ?? find(scope.outer, name));

interface Typed {
  readonly node: Node;
  readonly type: Type;
}

/**
 * The type of an expression, as cel-go's checker finds it.
 *
 * Not checked: fields of objects, which have the type dyn as in the API server.
 *
 * @throws Error that says what cel-go's checker or its validators refuse: names and functions that nobody declared, arguments that no function
 *   takes, literals of mixed types, formats that do not fit their arguments
 */
export function checkTypes(root: Node, names: Names): Checked {
  let substitutions: Substitutions = new Map();
  let made = 0;
  const members = new Map<string, Readonly<Record<string, string>>>();
  const uses = new Set<CelFunction>();
  const conversions = new Set<Node>();
  const patterns: string[] = [];
  const literals: (readonly Type[])[] = [];
  const formats: (() => void)[] = [];
  const types = new Map<Node, Type>();
  let inFormat = 0;

  const globals: Scope = {
    names: new Map(Object.entries(names).map(([name, declared]) => [name, declare(name, declared)])),
  };
  const { node, type } = visit(root, globals);
  for (const literal of literals) requireSame(literal.map((each) => final(each)));
  for (const validate of formats) validate();
  return { node, type: final(type), uses, conversions: [...conversions], patterns };

  function declare(name: string, declared: Names[string]): Type {
    if (typeof declared === "string") return parseType(declared === "any" ? "dyn" : declared);
    const own = `${MEMBERS}${name}`;
    members.set(own, isNames(declared) ? Object.fromEntries(declared.map((member) => [member, "dyn"])) : declared);
    return { name: own, params: [] };
  }

  function final(each: Type): Type {
    return substitute(substitutions, each, true);
  }
  function current(each: Type): Type {
    return substitute(substitutions, each);
  }
  function fresh(): Type {
    return { name: `_${made++}`, params: [] };
  }
  function fits(types: readonly Type[], wanted: readonly Type[]): boolean {
    const found = assignable(substitutions, types, wanted);
    if (found) substitutions = found;
    return found !== undefined;
  }

  function visit(each: Node, scope: Scope): Typed {
    const typed = visitAny(each, scope);
    types.set(typed.node, typed.type);
    return typed;
  }

  function visitAny(each: Node, scope: Scope): Typed {
    switch (each.kind) {
      case "constant":
        return { node: each, type: { name: each.type, params: [] } };
      case "name": {
        const known = lookUp(each.name, scope);
        if (!known) throw new Error(`undeclared reference to '${each.name}'`);
        return { node: each, type: known };
      }
      case "message":
        throw new Error(`undeclared reference to '${each.name}'`);
      case "select":
        return visitSelect(each, scope);
      case "call":
        return visitCall(each, scope);
      case "list":
        return visitList(each, scope);
      case "map":
        return visitMap(each, scope);
      default:
        return visitFold(each, scope);
    }
  }

  function lookUp(text: string, scope: Scope): Type | undefined {
    const name = text.replace(/^\./, "");
    const known = text.startsWith(".") ? find(globals, name) : find(scope, name);
    return known ?? (TYPE_NAMES.includes(name) ? typeOf({ name, params: [] }) : undefined);
  }

  function visitSelect(each: Extract<Node, { kind: "select" }>, scope: Scope): Typed {
    const path = each.test ? undefined : pathOf(each);
    const whole = path === undefined ? undefined : lookUp(path, scope);
    if (path !== undefined && whole) return { node: { kind: "name", name: path }, type: whole };
    const operand = visit(each.operand, scope);
    const type = select(operand.type, each.field, false);
    return { node: { ...each, operand: operand.node }, type: each.test ? BOOL : type };
  }

  function select(owner: Type, field: string, optional: boolean): Type {
    const known = current(owner);
    const target = isOptional(known) ? (known.params[0] ?? DYN) : known;
    const found = fieldOf(current(target), field);
    return optional || isOptional(known) ? optionalOf(found) : found;
  }

  function fieldOf(owner: Type, field: string): Type {
    const own = members.get(owner.name);
    if (own) {
      const type = Object.hasOwn(own, field) ? own[field] : undefined;
      if (type === undefined) throw new Error(`undefined field '${owner.name.slice(MEMBERS.length)}.${field}'`);
      return parseType(type === "any" ? "dyn" : type);
    }
    if (owner.name === "map") return owner.params[1] ?? DYN;
    if (owner.name === "dyn" || owner.name === "error") return DYN;
    if (/^_\d+$/.test(owner.name)) {
      fits([DYN], [owner]);
      return DYN;
    }
    if (!isStruct(owner) || owner.name.startsWith("net.")) {
      throw new Error(`type '${formatType(owner)}' does not support field selection`);
    }
    const type = fieldType(owner, field);
    if (!type) throw new Error(`undefined field '${field}'`);
    return type;
  }

  function visitCall(each: Extract<Node, { kind: "call" }>, scope: Scope): Typed {
    const isFormat = each.name === "format";
    if (isFormat) inFormat++;
    try {
      return visitAnyCall(each, scope);
    } finally {
      if (isFormat) inFormat--;
    }
  }

  function visitAnyCall(each: Extract<Node, { kind: "call" }>, scope: Scope): Typed {
    if (each.name === "_?._") return visitOptionalSelect(each.args, scope);
    const args = each.args.map((arg) => visit(arg, scope));
    const argNodes = args.map((arg) => arg.node);
    if (!each.target) return resolve({ ...each, args: argNodes }, args);
    const path = pathOf(each.target);
    const qualified = path === undefined ? undefined : `${path.replace(/^\./, "")}.${each.name}`;
    if (qualified !== undefined && DECLARED.has(qualified)) {
      return resolve({ kind: "call", name: qualified, args: argNodes }, args);
    }
    const target = visit(each.target, scope);
    const typed = resolve({ ...each, target: target.node, args: argNodes }, args, target);
    if (each.name === "format" && target.type.name === "string") validateFormat(each, args, target.node);
    return typed;
  }

  function visitOptionalSelect(args: readonly Node[], scope: Scope): Typed {
    const [owner, field] = args;
    if (!owner || field?.kind !== "constant") throw new Error("unsupported optional field selection");
    const operand = visit(owner, scope);
    const [overload] = DECLARED.get("_?._") ?? [];
    if (overload) uses.add(overload);
    const type = select(operand.type, String(field.value), true);
    return { node: { kind: "call", name: "_?._", args: [operand.node, field] }, type };
  }

  function resolve(call: Extract<Node, { kind: "call" }>, args: readonly Typed[], target?: Typed): Typed {
    const overloads = DECLARED.get(call.name);
    if (!overloads) throw new Error(`undeclared reference to '${call.name}'`);
    const types = [...(target ? [target.type] : []), ...args.map(({ type }) => type)];
    let result: Type | undefined;
    for (const overload of overloads) {
      if (overload.member !== (target !== undefined)) continue;
      const { params, result: gives } = instantiated(overload);
      if (!fits(types, params)) continue;
      uses.add(overload);
      const found = current(gives);
      if (!result) result = found;
      else if (result.name !== "dyn" && !sameType(found, result)) result = DYN;
    }
    if (!result) {
      const said = types.map((type) => formatType(final(type)));
      const applied = target ? `${said[0]}.(${said.slice(1).join(", ")})` : `(${said.join(", ")})`;
      throw new Error(`found no matching overload for '${call.name}' applied to '${applied}'`);
    }
    note(call);
    return { node: call, type: result };
  }

  function instantiated({ params, result }: CelFunction): Pick<CelFunction, "params" | "result"> {
    const own = new Map<string, Type>();
    const rename = (type: Type): Type => {
      if (/^[A-Z]$/.test(type.name)) {
        const known = own.get(type.name) ?? fresh();
        own.set(type.name, known);
        return known;
      }
      return type.params.length === 0 ? type : { name: type.name, params: type.params.map(rename) };
    };
    return { params: params.map(rename), result: rename(result) };
  }

  /** Keeps what cel-go evaluates or compiles already when it plans. */
  function note(call: Extract<Node, { kind: "call" }>): void {
    const [first, second] = call.args;
    if (CONVERSIONS.has(call.name) && !call.target && first && (first.kind === "constant" || conversions.has(first))) {
      conversions.add(call);
    }
    if (!["matches", "find", "findAll"].includes(call.name)) return;
    // Its validator takes the first argument of `matches(text, pattern)` for the pattern, too.
    const pattern = call.target ? [first] : [first, second];
    for (const each of pattern) {
      if (each?.kind === "constant" && typeof each.value === "string") patterns.push(each.value);
    }
  }

  function visitList(each: Extract<Node, { kind: "list" }>, scope: Scope): Typed {
    const items = each.items.map(({ value, optional }) => {
      const typed = visit(value, scope);
      return { ...typed, optional, type: optional ? held(typed.type) : typed.type };
    });
    const types = items.map(({ type }) => type);
    if (inFormat === 0) literals.push(types);
    return {
      node: { kind: "list", items: items.map(({ node: value, optional }) => ({ value, optional })) },
      type: listOf(joined(types)),
    };
  }

  function visitMap(each: Extract<Node, { kind: "map" }>, scope: Scope): Typed {
    const entries = each.entries.map(({ key, value, optional }) => {
      const typed = visit(value, scope);
      return { key: visit(key, scope), value: typed.node, optional, type: optional ? held(typed.type) : typed.type };
    });
    const keys = entries.map(({ key }) => key.type);
    const values = entries.map(({ type }) => type);
    if (inFormat === 0) literals.push(keys, values);
    return {
      node: {
        kind: "map",
        entries: entries.map(({ key, value, optional }) => ({ key: key.node, value, optional })),
      },
      type: mapOf(joined(keys), joined(values)),
    };
  }

  /** Of what an optional literal may hold. */
  function held(type: Type): Type {
    const known = current(type);
    if (isOptional(known)) return known.params[0] ?? DYN;
    throw new Error(`expected type 'optional_type(${formatType(known)})' but found '${formatType(known)}'`);
  }

  function joined(types: readonly Type[]): Type {
    return (
      types.reduce<Type | undefined>((all, type) => {
        if (!all) return type;
        // Mixed literals are refused below, but for those that are formatted.
        return fits([all], [type]) ? mostGeneral(all, type) : DYN;
      }, undefined) ?? fresh()
    );
  }

  function visitFold(each: Fold, scope: Scope): Typed {
    const range = visit(each.range, scope);
    const start = visit(each.start, scope);
    const outer: Scope = { names: new Map([[each.accumulator, start.type]]), outer: scope };
    const [first, second] = iterated(current(range.type), each.second !== undefined);
    const inner: Scope = {
      names: new Map([[each.variable, first], ...(each.second ? [[each.second, second] as const] : [])]),
      outer,
    };
    const condition = visit(each.condition, inner);
    requireType(condition.type, BOOL);
    const step = visit(each.step, inner);
    requireType(step.type, start.type);
    const result = visit(each.result, outer);
    return {
      node: {
        ...each,
        range: range.node,
        start: start.node,
        condition: condition.node,
        step: step.node,
        result: result.node,
      },
      type: current(result.type),
    };
  }

  /** Types of the variables of a macro over a range. */
  function iterated(range: Type, two: boolean): readonly [Type, Type] {
    const [key = DYN, value = DYN] = range.params;
    if (range.name === "list") return two ? [INT, key] : [key, DYN];
    if (range.name === "map") return [key, value];
    if (range.name === "dyn" || range.name === "error" || /^_\d+$/.test(range.name)) {
      fits([DYN], [range]);
      return [DYN, DYN];
    }
    throw new Error(
      `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    );
  }

  function requireType(type: Type, wanted: Type): void {
    if (!fits([wanted], [type])) {
      throw new Error(`expected type '${formatType(final(wanted))}' but found '${formatType(final(type))}'`);
    }
  }

  /** Holds a constant format to the list literal that it is given. */
  function validateFormat(each: Extract<Node, { kind: "call" }>, args: readonly Typed[], target: Node): void {
    const list = each.args[0];
    if (target.kind !== "constant" || list?.kind !== "list" || args.length !== 1) return;
    const format = String(target.value);
    const items = args[0]?.node.kind === "list" ? args[0].node.items : [];
    formats.push(() => {
      let used = 0;
      replaceClauses(format, ({ letter }) => {
        if (used >= items.length) throw new Error(`index ${used} out of range`);
        used++;
        const item = items[used - 1]?.value;
        if (item) requireClause(letter, item);
        return "";
      });
      if (items.length > used) {
        throw new Error(`too many arguments supplied to string.format (expected ${used}, got ${items.length})`);
      }
    });
  }

  function requireClause(letter: string, item: Node): void {
    const taken = CLAUSE_TYPES[letter] ?? [];
    const type = final(types.get(item) ?? DYN);
    if (type.name !== "dyn" && !taken.includes(type.name)) {
      throw new Error(`%${letter} takes ${taken.join(", ")}, was given ${formatType(type)}`);
    }
    if (letter !== "s") return;
    const parts =
      item.kind === "list"
        ? item.items.map(({ value }) => value)
        : item.kind === "map"
          ? item.entries.flatMap(({ key, value }) => [key, value])
          : [];
    for (const part of parts) requireClause(letter, part);
  }
}

const isNames = (declared: readonly string[] | Readonly<Record<string, string>>): declared is readonly string[] =>
  Array.isArray(declared);

/** `a.b.c`; undefined for anything else than names and fields. */
function pathOf(node: Node): string | undefined {
  if (node.kind === "name") return node.name;
  if (node.kind !== "select" || node.test) return undefined;
  const owner = pathOf(node.operand);
  return owner === undefined ? undefined : `${owner}.${node.field}`;
}

/** The API server refuses literals of mixed types, even where they say dyn. */
function requireSame(types: readonly Type[]): void {
  const [first, ...rest] = types;
  if (!first) return;
  const other = rest.find((type) => !sameType(first, type));
  if (other) throw new Error(`expected type '${formatType(first)}' but found '${formatType(other)}'`);
}
