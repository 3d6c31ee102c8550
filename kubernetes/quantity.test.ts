import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareQuantities, intOrString, nanoUnits, sameQuantity } from "./quantity.ts";

describe("quantities are the same amount", () => {
  test.each([
    ["1", "1000m"],
    ["1Gi", "1073741824"],
    ["0.5", "500m"],
    ["1.5Gi", "1536Mi"],
    ["1e3", "1k"],
    ["1E3", "1000"],
    ["1E", "1000P"],
    ["1Ei", "1152921504606846976"],
    [".5", "500m"],
    ["5.", "5"],
    ["-1", "-1000m"],
    ["0", "0Gi"],
    ["1000000n", "1m"],
    ["0.1n", "1n"],
    [2, "2"],
  ] as const)("%s and %s", (a, b) => {
    expect(sameQuantity(a, b)).toBe(true);
  });
});

test("amounts are ordered, however large", () => {
  expect(compareQuantities("1Gi", "1G")).toBe(1);
  expect(compareQuantities("999m", "1")).toBe(-1);
  expect(compareQuantities("9007199254740993", "9007199254740992")).toBe(1);
});

test.each(["", "1 Gi", "1KI", "Gi", "1e", "1e9999", "--1", "1Gi2", "abc", "."])("'%s' is no quantity", (text) => {
  expect(nanoUnits(text)).toBeUndefined();
  expect(compareQuantities(text, "1")).toBeUndefined();
});

test("milli and whole agree for any integer", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (n) => {
      expect(nanoUnits(`${n}`)).toBe(n * 1_000_000_000n);
      expect(sameQuantity(`${n}`, `${n * 1000n}m`)).toBe(true);
    }),
  );
});

test("an int-or-string of digits is the number", () => {
  expect(["80", 80, "25%", "http", "-1"].map(intOrString)).toEqual([80, 80, "25%", "http", -1]);
});
