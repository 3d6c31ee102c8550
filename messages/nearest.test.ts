import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test("finds the word that was meant, also with two letters swapped", () => {
  expect(nearest("replcias", ["replicas", "region", "realm"])).toBe("replicas");
  expect(nearest("zoen", ["zone", "zones", "site"])).toBe("zone");
});

test("offers nothing where nothing is near", () => {
  expect(nearest("kubeconfig", ["replicas", "zone"])).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});
