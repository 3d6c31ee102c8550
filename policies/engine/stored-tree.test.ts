import { expect, test } from "vitest";
import { loadRules, ruleTrees } from "../rules.ts";
import { CASES } from "./expression-cases.ts";
import { restoreTree, storeTree } from "./stored-tree.ts";
import { type Node, parseText } from "./tree.ts";

/** Every expression of the rules and of the cases that parses. */
const parsed = [
  ...loadRules().flatMap(({ policy }) => [
    ...(policy.spec.matchConditions ?? []).map(({ expression }) => expression),
    ...(policy.spec.variables ?? []).map(({ expression }) => expression),
    ...policy.spec.validations.map(({ expression }) => expression),
  ]),
  ...Object.values(CASES).flat(),
  "b'\\x00\\xff' == b'a' && 5u > 1u && -9223372036854775808 < 1.5 && null != true",
].flatMap((text) => {
  try {
    return [[text, parseText(text)] as const];
  } catch {
    return [];
  }
});

/** Numbers by which the parser tells parts apart mean nothing to what follows. */
const withoutIds = (node: Node): unknown =>
  JSON.parse(
    JSON.stringify(node, (key, value: unknown) =>
      key === "id"
        ? undefined
        : typeof value === "bigint"
          ? `${value}n`
          : value instanceof Uint8Array
            ? [...value]
            : value,
    ),
  );

test("a tree is what it was after it was written as JSON and read again", () => {
  expect(parsed.length).toBeGreaterThan(500);
  for (const [text, node] of parsed) {
    const again = restoreTree(JSON.parse(JSON.stringify(storeTree(node))));
    expect(withoutIds(again), text).toEqual(withoutIds(node));
  }
});

test("the rules' trees are those of their expressions, and no others", () => {
  const trees = ruleTrees();
  expect(Object.keys(trees).length).toBeGreaterThan(200);
  for (const [text, tree] of Object.entries(trees))
    expect(tree).toEqual(JSON.parse(JSON.stringify(storeTree(parseText(text)))));
});
