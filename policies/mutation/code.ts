import { parseAst } from "vitest/node";

/** A change of one place of a TypeScript text that somebody could make by mistake. */
export interface CodeMutant {
  /** Counts from the number that `withMutants` was given. */
  readonly id: number;
  /** Line of the original text, from 1. */
  readonly line: number;
  readonly change: string;
  /** What stands there instead. */
  readonly text: string;
}

/** A text that holds all its mutants: each is chosen where `mutant()` gives its id, and none where it gives another number. */
export interface MutableCode {
  readonly text: string;
  readonly mutants: readonly CodeMutant[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Point {
  readonly start: number;
  readonly end: number;
  readonly mutants: readonly CodeMutant[];
}

const FLIPPED: Readonly<Record<string, readonly string[]>> = {
  "===": ["!=="],
  "!==": ["==="],
  "<": ["<=", ">"],
  "<=": ["<", ">"],
  ">": [">=", "<"],
  ">=": [">", "<"],
  "&&": ["||"],
  "||": ["&&"],
};

/** Methods whose answer is a truth, and what it is flipped to. */
const QUANTIFIERS: Readonly<Record<string, string>> = { some: "every", every: "some" };
const TRUTHS: readonly string[] = ["endsWith", "has", "includes", "startsWith", "test"];

/** Texts of a rule itself, and what is about messages, decide nothing. */
const TEXTS: readonly string[] = [
  ...["controls", "id", "kinds", "level", "live", "rationale", "rationaleBangla", "reads", "reference", "severity"],
  ...["title", "titleBangla"],
];

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Partial<Node>).type === "string";

/** The parts of a node that can hold expressions, in the order of the text. */
const partsOf = (node: Node): readonly Node[] =>
  Object.entries(node)
    .filter(([key]) => !["typeAnnotation", "typeArguments", "typeParameters", "returnType"].includes(key))
    .flatMap(([, value]) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));

/**
 * Puts every mutant into a text: operators and quantifiers flipped, operands, conditions, filters and items of lists left out, numbers and
 * words changed. What a finding says is left alone: templates, and words with a space in them.
 *
 * @param first the id of the first mutant
 */
export function withMutants(text: string, first: number): MutableCode {
  const points: Point[] = [];
  let next = first;
  const slice = ({ start, end }: Node): string => text.slice(start, end);
  const add = (at: Node, changes: readonly (readonly [change: string, text: string])[]): void => {
    if (changes.length === 0) return;
    const line = text.slice(0, at.start).split("\n").length;
    points.push({
      start: at.start,
      end: at.end,
      mutants: changes.map(([change, instead]) => ({ id: next++, line, change, text: instead })),
    });
  };

  const changesOf = (node: Node): readonly (readonly [string, string])[] => {
    const { left, right, operator, consequent, alternate, argument, callee, elements, value } = node as Node & {
      [key in "left" | "right" | "consequent" | "alternate" | "argument" | "callee"]: Node;
    } & { readonly operator: string; readonly elements: readonly (Node | null)[]; readonly value: unknown };
    switch (node.type) {
      case "LogicalExpression":
      case "BinaryExpression": {
        const flipped = FLIPPED[operator] ?? [];
        const drops = operator === "&&" || operator === "||" || operator === "??";
        return [
          ...flipped.map((other) => [`${operator} is ${other}`, `${slice(left)} ${other} ${slice(right)}`] as const),
          ...(drops ? [[`right of ${operator} dropped`, slice(left)] as const] : []),
          ...(drops ? [[`left of ${operator} dropped`, slice(right)] as const] : []),
        ];
      }
      case "UnaryExpression":
        return operator === "!" ? [["! dropped", slice(argument)]] : [];
      case "ConditionalExpression":
        return [
          ["condition always true", slice(consequent)],
          ["condition always false", slice(alternate)],
        ];
      case "CallExpression": {
        if (callee.type !== "MemberExpression" || callee["computed"] === true) return [];
        const object = callee["object"] as Node;
        const method = slice(callee["property"] as Node);
        const rest = text.slice((callee["property"] as Node).end, node.end);
        const other = QUANTIFIERS[method];
        if (other)
          return [
            [`${method} is ${other}`, `${text.slice(node.start, (callee["property"] as Node).start)}${other}${rest}`],
          ];
        if (method === "filter") return [["filter lets all through", slice(object)]];
        return TRUTHS.includes(method) ? [[`${method} negated`, `!(${slice(node)})`]] : [];
      }
      case "ArrayExpression": {
        const items = elements.filter((item) => item !== null);
        return items.map((dropped, i) => [
          `item ${i + 1} dropped`,
          `[${items
            .filter((item) => item !== dropped)
            .map(slice)
            .join(", ")}]`,
        ]);
      }
      case "Literal":
        if (typeof value === "number") return [["number changed", String(value + 1)]];
        if (typeof value === "boolean") return [["truth flipped", String(!value)]];
        if (typeof value === "string" && value !== "" && !/\s/.test(value))
          return [["word changed", JSON.stringify(`${value}x`)]];
        return "regex" in node ? [["pattern fits nothing", "/(?!)/"]] : [];
      default:
        return [];
    }
  };

  const visit = (node: Node): void => {
    if (/^(TS|Import)/.test(node.type) && !/^TS(As|Satisfies|NonNull)Expression$/.test(node.type)) return;
    switch (node.type) {
      case "TemplateLiteral":
        return;
      case "ChainExpression": {
        // `a?.b.c` ends at `a`: its parts cannot be wrapped one by one.
        add(node, changesOf(node["expression"] as Node));
        visitSpine(node["expression"] as Node);
        return;
      }
      case "IfStatement": {
        const test = node["test"] as Node;
        add(test, [["condition always true", "true"], ["condition always false", "false"], ...changesOf(test)]);
        partsOf(test).forEach((part) => {
          visit(part);
        });
        for (const key of ["consequent", "alternate"]) if (isNode(node[key])) visit(node[key]);
        return;
      }
      case "Property": {
        const key = node["key"] as Node;
        if (!(TEXTS.includes(slice(key)) && isRuleText(node))) visit(node["value"] as Node);
        return;
      }
      case "MemberExpression": {
        visit(node["object"] as Node);
        if (node["computed"] === true) visit(node["property"] as Node);
        return;
      }
      case "ThrowStatement":
        return;
      default: {
        add(node, changesOf(node));
        for (const part of partsOf(node)) visit(part);
      }
    }
  };
  const visitSpine = (node: Node): void => {
    if (node.type === "CallExpression") {
      for (const argument of node["arguments"] as readonly Node[]) visit(argument);
      visitSpine(node["callee"] as Node);
    } else if (node.type === "MemberExpression") {
      visitSpine(node["object"] as Node);
      if (node["computed"] === true) visit(node["property"] as Node);
    } else visit(node);
  };
  const isRuleText = (node: Node): boolean => node.end > text.lastIndexOf("export const rule");

  visit(parseAst(text, { lang: "ts" }) as unknown as Node);
  return { text: render(text, points), mutants: points.flatMap(({ mutants }) => mutants) };
}

/** Outer points hold inner ones; alternatives are of the original text. */
function render(text: string, points: readonly Point[]): string {
  const sorted = [...points].sort((a, b) => a.start - b.start || b.end - a.end);
  const emit = (start: number, end: number, inside: readonly Point[]): string => {
    let out = "";
    let at = start;
    let rest = inside;
    while (rest.length > 0) {
      const [outer, ...others] = rest as [Point, ...Point[]];
      const inner = others.filter((point) => point.end <= outer.end);
      rest = others.filter((point) => point.end > outer.end);
      const chosen = outer.mutants.map(({ id, text: instead }) => `mutant() === ${id} ? (${instead}) : `).join("");
      out += `${text.slice(at, outer.start)}(${chosen}(${emit(outer.start, outer.end, inner)}))`;
      at = outer.end;
    }
    return out + text.slice(at, end);
  };
  return emit(0, text.length, sorted);
}
