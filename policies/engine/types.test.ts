import { describe, expect, test } from "vitest";
import { assignable, formatType, parseSignature, parseType, substitute, type Type } from "./types.ts";

describe("a signature", () => {
  test("of a method begins with what it is called on", () => {
    expect(parseSignature("list(list(T)).flatten(): list(T)")).toEqual({
      name: "flatten",
      member: true,
      params: [parseType("list(list(T))")],
      result: parseType("list(T)"),
    });
    expect(parseSignature("net.CIDR.containsIP(string): bool")).toMatchObject({ name: "containsIP", member: true });
    expect(parseSignature("string.split(string, int): list(string)").params.map(formatType)).toEqual([
      "string",
      "string",
      "int",
    ]);
  });

  test("of a function may have a dot in its name", () => {
    expect(parseSignature("optional.of(V): optional_type(V)")).toMatchObject({ name: "optional.of", member: false });
    expect(parseSignature("ip.isCanonical(string): bool")).toMatchObject({ name: "ip.isCanonical", member: false });
    expect(parseSignature("string(net.IP): string")).toMatchObject({ name: "string", member: false });
    expect(parseSignature("_[_](map(A, B), A): B").params.map(formatType)).toEqual(["map(A, B)", "A"]);
  });

  test("names times and durations as cel-go does", () => {
    expect(formatType(parseType("list(timestamp)"))).toBe("list(google.protobuf.Timestamp)");
  });

  test.each(["list(int", "a b", ""])("'%s' is no type", (text) => {
    expect(() => parseType(text)).toThrow("is no type");
  });
});

describe("a value fits", () => {
  const fits = (given: string, wanted: string): boolean =>
    assignable(new Map(), [parseType(given)], [parseType(wanted)]) !== undefined;

  test.each([
    ["int", "int"],
    ["int", "dyn"],
    ["dyn", "int"],
    ["list(dyn)", "list(int)"],
    ["list(int)", "list(A)"],
    ["map(string, int)", "map(A, B)"],
    ["null_type", "kubernetes.Quantity"],
    ["null_type", "google.protobuf.Timestamp"],
    ["type(int)", "type(string)"],
    ["optional_type(int)", "optional_type(A)"],
  ])("%s where %s is wanted", (given, wanted) => {
    expect(fits(given, wanted)).toBe(true);
  });

  test.each([
    ["int", "double"],
    ["int", "string"],
    ["null_type", "string"],
    ["list(int)", "list(string)"],
    ["list(int)", "map(int, int)"],
    ["net.IP", "net.CIDR"],
    ["optional_type(int)", "int"],
  ])("%s not where %s is wanted", (given, wanted) => {
    expect(fits(given, wanted)).toBe(false);
  });

  test("one parameter has one type", () => {
    const both = (a: string, b: string): Type | undefined => {
      const found = assignable(new Map(), [parseType(a), parseType(b)], [parseType("A"), parseType("A")]);
      return found && substitute(found, parseType("A"), true);
    };
    expect(both("int", "int")).toEqual(parseType("int"));
    expect(both("int", "dyn")).toEqual(parseType("dyn"));
    expect(both("int", "string")).toBeUndefined();
    expect(both("list(int)", "list(dyn)")).toEqual(parseType("list(dyn)"));
  });

  test("a parameter is never part of itself", () => {
    expect(assignable(new Map(), [parseType("A")], [parseType("list(A)")])).toBeUndefined();
  });
});
