import { nearest } from "../../messages/nearest.ts";
import { BINDING_MACROS, printSyntax, type Syntax } from "../engine/syntax.ts";
import {
  ANY,
  COUNT,
  fieldOf,
  fieldsOf,
  itemsOf,
  nameOf,
  schemaType,
  TEXT,
  TRUTH,
  type Union,
  union,
} from "./shapes.ts";

/** What each name of an expression stands for. */
export type Scope = Readonly<Record<string, Union>>;

/** A field that no kind has which the policy matches. */
export interface UnknownField {
  /** As written: `object.spec.templte`. */
  readonly path: string;
  readonly field: string;
  /** What it was looked for in: `DeploymentSpec, JobSpec`. */
  readonly owner: string;
  readonly nearest: string | undefined;
  readonly offset: number;
}

export interface PathReport {
  readonly unknown: UnknownField[];
  /** `core.v1.PodSpec.containers`: every field that is read, by the type that has it. */
  readonly reads: Set<string>;
}

/**
 * What an expression's value can be, on the way looking each field up in the schema. A comparison of an object's `kind` narrows it in
 * the branch that depends on it, so that `object.kind == 'CronJob' ? object.spec.template : …` is found.
 */
export function infer(syntax: Syntax, scope: Scope, report: PathReport): Union {
  switch (syntax.form) {
    case "constant":
      return typeof syntax.value === "string" ? TEXT : [];
    case "name":
      return Object.hasOwn(scope, syntax.name) ? (scope[syntax.name] ?? ANY) : ANY;
    case "field":
      // A variable that is not there is the compiler's to tell.
      if (syntax.of.form === "name" && syntax.of.name === "variables") {
        return (scope["variables"] ?? ANY).flatMap((shape) => fieldOf(shape, syntax.field) ?? ANY);
      }
      return select(infer(syntax.of, scope, report), syntax, unescaped(syntax.field), report);
    case "list":
      return [{ form: "list", item: union(...syntax.items.map((item) => infer(item, scope, report))) }];
    case "map":
      return inferMap(syntax, scope, report);
    case "call":
      return inferCall(syntax, scope, report);
  }
}

/** Names that CEL could not take are written otherwise: `__namespace__`, `a__dash__b`. Source: apiserver, pkg/cel/escaping.go. */
const unescaped = (field: string): string =>
  field
    .replace(
      /__(dash|dot|slash|underscores)__/g,
      (_, word: string) => ({ dash: "-", dot: ".", slash: "/" })[word] ?? "__",
    )
    .replace(/^__(\w+)__$/, "$1");

function select(owner: Union, syntax: Syntax, field: string, report: PathReport): Union {
  const found = owner.flatMap((shape) => {
    const here = fieldOf(shape, field);
    const type = schemaType(shape);
    if (here && type) report.reads.add(`${type}.${field}`);
    return here ? [here] : [];
  });
  if (found.length > 0) return union(...found);
  if (owner.length === 0) return ANY;
  report.unknown.push({
    path: printSyntax(syntax),
    field,
    owner: [...new Set(owner.map(nameOf))].slice(0, 4).join(", "),
    nearest: nearest(field, [...new Set(owner.flatMap(fieldsOf))]),
    offset: syntax.offset + 1,
  });
  return ANY;
}

function inferMap(syntax: Extract<Syntax, { form: "map" }>, scope: Scope, report: PathReport): Union {
  const fields = syntax.entries.map(([key, value]) => {
    infer(key, scope, report);
    return [key, infer(value, scope, report)] as const;
  });
  if (!fields.every(([key]) => key.form === "constant" && typeof key.value === "string")) return ANY;
  const entries = fields.map(([key, value]) => [String(key.form === "constant" ? key.value : ""), value] as const);
  return [{ form: "record", fields: Object.fromEntries(entries) }];
}

type Call = Extract<Syntax, { form: "call" }>;

/** Functions and macros whose result is a list of what they are called on. */
const SAME_LIST = new Set(["filter", "slice", "reverse", "distinct", "sort", "sortBy"]);
const TRUTHS = new Set([
  "has",
  "all",
  "exists",
  "exists_one",
  "existsOne",
  "_&&_",
  "_||_",
  "!_",
  "_==_",
  "_!=_",
  "@in",
  "matches",
  "startsWith",
  "endsWith",
  "contains",
]);

function inferCall(call: Call, scope: Scope, report: PathReport): Union {
  const { function: name, args } = call;
  const [a, b, c] = args;
  if (name === "_?_:_" && a && b && c) {
    infer(a, scope, report);
    return union(infer(b, narrowed(a, scope, true), report), infer(c, narrowed(a, scope, false), report));
  }
  if ((name === "_&&_" || name === "_||_") && a) {
    // Operands of a chain stand in one another, leftmost deepest.
    let inner = scope;
    for (const operand of args) {
      infer(operand, inner, report);
      inner = narrowed(operand, inner, name === "_&&_");
    }
    return TRUTH;
  }
  if (name === "_[_]" && a && b) return inferIndex(infer(a, scope, report), call, b, scope, report);
  if (call.target && BINDING_MACROS.has(name)) return inferMacro(call, call.target, scope, report);
  const target = call.target ? infer(call.target, scope, report) : [];
  const values = args.map((arg) => infer(arg, scope, report));
  if (name === "_+_") return union(...values);
  if (SAME_LIST.has(name)) return target;
  if (name === "size" || name === "indexOf") return COUNT;
  return TRUTHS.has(name) ? TRUTH : ANY;
}

/** `list[0]`, `map['key']`, and a map's or object's field by a constant. */
function inferIndex(owner: Union, call: Call, index: Syntax, scope: Scope, report: PathReport): Union {
  infer(index, scope, report);
  const key = index.form === "constant" && typeof index.value === "string" ? index.value : undefined;
  const named = owner.filter(
    (shape) => schemaType(shape) !== undefined || shape.form === "record" || shape.form === "object",
  );
  const rest = owner.filter((shape) => !named.includes(shape));
  const items = rest.map((shape) => itemsOf(shape));
  if (key === undefined) return union(...items, ...(named.length > 0 ? [ANY] : []));
  const fields =
    named.length > 0 && rest.length === 0
      ? [select(named, call, key, report)]
      : named.map((shape) => fieldOf(shape, key) ?? []);
  return union(...items, ...fields);
}

/** A macro binds the names that stand as its first arguments, in its last ones. */
function inferMacro(call: Call, over: Syntax, scope: Scope, report: PathReport): Union {
  const list = infer(over, scope, report);
  const { function: name, args } = call;
  const twoVariables = name.startsWith("transform") || (args.length === 3 && name !== "map");
  const names = args.slice(0, twoVariables ? 2 : 1).map((arg) => (arg.form === "name" ? arg.name : ""));
  const isList = list.some((shape) => shape.form === "list" || /^\[/.test(shape.form === "schema" ? shape.text : ""));
  const item =
    list.length === 0
      ? []
      : union(...list.map((shape) => itemsOf(shape, twoVariables && !isList ? "values" : isList ? "values" : "keys")));
  const [first = "", second] = names;
  const inner = second === undefined ? { ...scope, [first]: item } : { ...scope, [first]: ANY, [second]: item };
  const bodies = args.slice(names.length).map((arg) => infer(arg, inner, report));
  if (name === "filter") return list;
  if (name === "map" || name === "transformList") return [{ form: "list", item: bodies.at(-1) ?? ANY }];
  return name.startsWith("transform") ? ANY : TRUTH;
}

/** The scope where a condition holds, or where it does not. */
function narrowed(condition: Syntax, scope: Scope, holds: boolean): Scope {
  if (condition.form !== "call") return scope;
  const { function: name, args } = condition;
  const [a, b] = args;
  if (!a) return scope;
  if (name === "!_") return narrowed(a, scope, !holds);
  if (name === (holds ? "_&&_" : "_||_")) return args.reduce((inner, arg) => narrowed(arg, inner, holds), scope);
  if (name === "_||_" || name === "_&&_") {
    const branches = args.map((arg) => narrowed(arg, scope, holds));
    return Object.fromEntries(
      Object.entries(scope).map(([key, all]) => [
        key,
        branches.some((s) => s[key] === all) ? all : union(...branches.map((s) => s[key] ?? all)),
      ]),
    );
  }
  if (!b) return scope;
  const [subject, kinds] = comparedKinds(name, a, b);
  if (!subject || !kinds) return scope;
  const keep = (name === "_!=_") !== holds;
  const narrow = (all: Union): Union =>
    all.filter((shape) => (shape.form === "schema" && shape.kind ? kinds.includes(shape.kind) === keep : true));
  // An UPDATE keeps the kind, so that one comparison tells of both.
  const names = ["object", "oldObject", "request"].includes(subject) ? ["object", "oldObject"] : [subject];
  return { ...scope, ...Object.fromEntries(names.flatMap((n) => (scope[n] ? [[n, narrow(scope[n])]] : []))) };
}

/** `x.kind == 'Pod'`, `'Pod' == x.kind`, `x.kind in ['Pod', 'Job']`: the name, and the kinds. */
function comparedKinds(
  name: string,
  a: Syntax,
  b: Syntax,
): readonly [subject?: string | undefined, kinds?: readonly string[] | undefined] {
  if (name === "@in") return b.form === "list" ? [kindOwner(a), b.items.flatMap(constantText)] : [];
  if (name !== "_==_" && name !== "_!=_") return [];
  return kindOwner(a) ? [kindOwner(a), constantText(b)] : [kindOwner(b), constantText(a)];
}

const constantText = (syntax: Syntax): string[] =>
  syntax.form === "constant" && typeof syntax.value === "string" ? [syntax.value] : [];

function kindOwner(syntax: Syntax): string | undefined {
  if (syntax.form !== "field" || syntax.field !== "kind") return undefined;
  const { of } = syntax;
  if (of.form === "name") return of.name;
  return of.form === "field" && of.field === "kind" && of.of.form === "name" && of.of.name === "request"
    ? "request"
    : undefined;
}
