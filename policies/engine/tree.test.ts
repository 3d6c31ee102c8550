import { describe, expect, test } from "vitest";
import { type Node, parseExpression } from "./tree.ts";

/** The tree in one line, optional parts with a question mark. */
function written(node: Node): string {
  switch (node.kind) {
    case "constant":
      return typeof node.value === "string" ? `'${node.value}'` : String(node.value);
    case "name":
      return node.name;
    case "select":
      return `${written(node.operand)}.${node.field}`;
    case "call": {
      const args = node.args.map(written).join(", ");
      return node.target ? `${written(node.target)}.${node.name}(${args})` : `${node.name}(${args})`;
    }
    case "list":
      return `[${node.items.map(({ value, optional }) => `${optional ? "?" : ""}${written(value)}`).join(", ")}]`;
    case "map":
      return `{${node.entries.map((e) => `${e.optional ? "?" : ""}${written(e.key)}: ${written(e.value)}`).join(", ")}}`;
    default:
      return node.kind;
  }
}

describe("optional syntax", () => {
  test.each([
    ["a.?b", "_?._(a, 'b')"],
    ["a.?b.c", "_?._(a, 'b').c"],
    ["a.? b // c", "_?._(a, 'b')"],
    ["a[?0]", "_[?_](a, 0)"],
    ["a[?b[?1]]", "_[?_](a, _[?_](b, 1))"],
    ["a[?b ? c : d]", "_[?_](a, _?_:_(b, c, d))"],
    ["[?a, b, ?c]", "[?a, b, ?c]"],
    ["[a ? b : c, ?d ? e : f]", "[_?_:_(a, b, c), ?_?_:_(d, e, f)]"],
    ["{?a: b, c: d}", "{?a: b, c: d}"],
    ["{?(a ? b : c): d}", "{?_?_:_(a, b, c): d}"],
    ["{?a ? b : c: d ? e : f, ?g: h}", "{?_?_:_(a, b, c): _?_:_(d, e, f), ?g: h}"],
    ["f(a ? b : c, d)", "f(_?_:_(a, b, c), d)"],
    ["[f(a, b ? c : d)]", "[f(a, _?_:_(b, c, d))]"],
  ])("%s", (text, tree) => {
    expect(written(parseExpression(text))).toBe(tree);
  });

  test.each([
    ["'[?' + a[?0]", "_+_('[?', _[?_](a, 0))"],
    [`"a.?b" + a.?b`, "_+_('a.?b', _?._(a, 'b'))"],
    ["r'\\' + a.?b", "_+_('\\', _?._(a, 'b'))"],
    ["'''it's [?''' + a.?b", "_+_('it's [?', _?._(a, 'b'))"],
    ["'\\'.?' + a.?b // .?c", "_+_(''.?', _?._(a, 'b'))"],
  ])("is none within a text or comment: %s", (text, tree) => {
    expect(written(parseExpression(text))).toBe(tree);
  });

  test.each(["a.?", "a.?0", "f(?a)", "(?a)", "[a?]", "{a: ?b}", "a ? b", "?a", "a.?b()"])("%s is none", (text) => {
    expect(() => written(parseExpression(text))).toThrow();
  });
});

describe("what the engine's parser lets pass and the API server's does not", () => {
  test.each([
    "'\\q'",
    "'\\u12'",
    "'\\x4'",
    "'\\8'",
    "b'\\u0041'",
    "9223372036854775808",
    "18446744073709551616u",
    "[1].existsOne(x, true)",
    "__bhitti_optional__(a)",
  ])("%s", (text) => {
    expect(() => parseExpression(text)).toThrow();
  });
});
