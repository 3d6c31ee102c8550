import fc from "fast-check";
import { expect, test } from "vitest";
import { milliUnits } from "./quantity.ts";

test.each([
  ["500m", 500n],
  ["2", 2000n],
  ["0.5", 500n],
  ["0.0001", 1n],
  ["1.5Gi", 1_610_612_736_000n],
  ["1k", 1_000_000n],
  ["9007199254740993", 9_007_199_254_740_993_000n],
  ["7Ei", 8_070_450_532_247_928_832_000n],
])("%s is %s thousandths", (quantity, milli) => {
  expect(milliUnits(quantity)).toBe(milli);
});

test("a quantity in its thousandths is itself, and grows with its number", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.constantFrom("", "k", "M", "G", "Ki", "Mi", "Gi", "Ti"), (a, b, suffix) => {
      expect(milliUnits(`${a}m`)).toBe(BigInt(a));
      expect(milliUnits(`${a}${suffix}`) < milliUnits(`${b}${suffix}`)).toBe(a < b);
    }),
  );
});
