import { describe, expect, test } from "vitest";
import { compile, evaluate, jsonValue, toPlain } from "./expression.ts";

/** Longer than anybody waits for a policy. */
const AT_MOST_MS = 5000;

const object = jsonValue({
  long: "a".repeat(1_000_000),
  digits: "9".repeat(1_000_000),
  zeros: `${"0".repeat(1_000_000)}x`,
  blanks: `x${" ".repeat(1_000_000)}x`,
  dashes: "a-".repeat(1_000_000),
  numbers: Array.from({ length: 100_000 }, (_, i) => i),
  words: Array.from({ length: 20_000 }, (_, i) => `word ${i}`),
  deep: JSON.parse("[".repeat(1000) + "]".repeat(1000)) as unknown,
});

/** What an expression gives, and how much of the processor's time it took: others may use the machine besides. */
function timed(expression: string): { readonly result: unknown; readonly ms: number } {
  const since = process.cpuUsage();
  const outcome = evaluate(compile(expression, { object: "any" }), { object });
  const result = "value" in outcome ? toPlain(outcome.value) : outcome.error;
  const { user, system } = process.cpuUsage(since);
  return { result, ms: (user + system) / 1000 };
}

const nested = (depth: number, around: (inner: string) => string, innermost: string): string =>
  Array.from({ length: depth }).reduce<string>((inner) => around(inner), innermost);

describe("an expression that explodes ends with an error", () => {
  test.each([
    "lists.range(100).all(a, lists.range(100).all(b, lists.range(100).all(c, lists.range(100).all(d, true))))",
    "object.numbers.all(a, object.numbers.all(b, a + b >= 0))",
    "object.numbers.map(a, object.numbers.map(b, b)).size() == 1",
    "object.numbers.transformMap(i, v, object.numbers.transformMap(j, w, w)).size() == 1",
    "object.words.exists(word, word in object.words.map(w, w + '!'))",
    "object.words.distinct().size() == 1",
    "object.words.sortBy(word, word).size() == 1",
    "sets.contains(object.words, object.words)",
    "lists.range(9223372036854775807).size() == 1",
    "(false || lists.range(9223372036854775807).size() == 1) || true",
    nested(40, (s) => `optional.of(${s}).optMap(x, x + x).value()`, "[1]"),
    nested(40, (s) => `optional.of(${s}).optMap(x, x + x).value()`, "'ab'"),
    nested(30, (s) => `${s}.replace('a', 'aaaaaaaaaa')`, "'a'"),
    nested(10, (s) => `${s}.replace('', object.long)`, "'a'"),
    "object.long.contains(object.long + 'b')",
  ])("%s", (expression) => {
    const { result, ms } = timed(expression);
    expect(result).toContain("actual cost limit exceeded");
    expect(ms).toBeLessThan(AT_MOST_MS);
  });
});

describe("a text that an ordinary parser or pattern would choke on", () => {
  test.each([
    ["object.long.matches('^(a+)+$')", true],
    ["object.long.matches('(a|aa)+$')", true],
    ["object.blanks.trim() == object.blanks", true],
    ["isQuantity(object.zeros)", false],
    ["isSemver('1.2.3-' + object.zeros)", true],
    ["isIP(object.dashes)", false],
    ["object.long.matches('((a?){20}){20}b')", false],
    ["object.deep.flatten(2000).size() == 0", true],
    ["object.numbers.transformMap(i, v, v).size() == 100000", true],
    ["[lists.range(20000).transformMap(i, v, v)].all(m, lists.range(20000).all(n, !((n + 20000) in m)))", true],
  ])("%s is %s", (expression, expected) => {
    const { result, ms } = timed(expression);
    expect(result).toBe(expected);
    expect(ms).toBeLessThan(AT_MOST_MS);
  });

  test.each([
    "int(object.digits) == 1",
    "int(object.zeros) == 1",
    "double(object.zeros) > 1.0",
    "duration(object.digits) == duration('1s')",
    "quantity(object.digits).isInteger()",
    "timestamp(object.digits) == timestamp(0)",
    "'%.99999999f'.format([1.0]) == ''",
    "'a'.matches('((a{100}){100}){100}')",
    `'a'.matches('${"(".repeat(3000)}a${")".repeat(3000)}')`,
  ])("%s is an error", (expression) => {
    const { result, ms } = timed(expression);
    expect(result).toMatch(/^expression '/);
    expect(ms).toBeLessThan(AT_MOST_MS);
  });
});

describe("an expression too deep or too long to be one is refused", () => {
  test.each([
    ["parentheses", `${"(".repeat(20_000)}1${")".repeat(20_000)} == 1`],
    ["lists", `${"[".repeat(20_000)}${"]".repeat(20_000)} == []`],
    ["optional lists", "[?".repeat(20_000)],
    ["optional maps", "{?".repeat(20_000)],
    ["fields", `object${".?a".repeat(20_000)} == 1`],
    ["negations", `${"!".repeat(99_000)}`],
    ["a text that does not end", `'${"a".repeat(99_000)}`],
    ["length", `'${"a".repeat(200_000)}' == ''`],
  ])("%s", (_, expression) => {
    const { result, ms } = timed(expression);
    expect(result).toContain("cannot be compiled");
    expect(ms).toBeLessThan(AT_MOST_MS);
  });
});

test("an expression within another has a budget of its own, and leaves the outer one's", () => {
  const inner = compile("lists.range(1000000).size() == 1", {});
  const outer = compile("[1, 2].all(x, lists.range(100000).size() > x)", {});
  expect(evaluate(inner, {})).toMatchObject({ error: expect.stringContaining("cost limit") });
  expect(evaluate(outer, {})).toEqual({ value: true });
});
