import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { containsPrefix, formatAddress, formatPrefix, masked, parseAddress, parsePrefix } from "./address.ts";

describe("addresses", () => {
  test.each([
    ["0.0.0.0", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.255"],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8::1.2.3.4", "2001:db8::102:304"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ])("%s is read as %s", (text, expected) => {
    const address = parseAddress(text);
    expect(address && formatAddress(address)).toBe(expected);
  });

  test.each([
    "",
    "1.2.3",
    "01.2.3.4",
    "1.2.3.256",
    " 1.2.3.4",
    "1.2.3.4/8",
    ":::",
    "1::2::3",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
  ])("'%s' is none", (text) => expect(parseAddress(text)).toBeUndefined());

  test("what is written is read again", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        fc.pre(address !== undefined);
        if (address) expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });
});

describe("prefixes", () => {
  test.each([
    "10.0.0.0",
    "10.0.0.0/",
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/+8",
    "10.0.0.0/08",
  ])("'%s' is none", (text) => expect(parsePrefix(text)).toBeUndefined());

  test.each([
    ["10.0.0.0/8", "10.255.255.255/32", true],
    ["10.0.0.0/8", "10.0.0.0/8", true],
    ["10.0.0.0/8", "10.0.0.0/7", false],
    ["10.0.0.0/8", "11.0.0.0/8", false],
    ["0.0.0.0/0", "::/0", false],
    ["::/0", "0.0.0.0/0", false],
    ["2001:db8::/32", "2001:db8:ffff::/48", true],
    ["2001:db8::/32", "2001:db9::/48", false],
  ])("%s holds %s: %s", (outer, inner, expected) => {
    const [a, b] = [parsePrefix(outer), parsePrefix(inner)];
    expect(a && b && containsPrefix(a, b)).toBe(expected);
  });

  test("holds itself without its host bits, and every smaller part of itself", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 32 }), (address, a, b) => {
        const outer = parsePrefix(`${address}/${Math.min(a, b)}`);
        const inner = parsePrefix(`${address}/${Math.max(a, b)}`);
        if (!outer || !inner) throw new Error("a prefix");
        expect(containsPrefix(outer, masked(inner))).toBe(true);
        expect(containsPrefix(inner, outer)).toBe(a === b);
        expect(parsePrefix(formatPrefix(masked(outer)))).toEqual(masked(outer));
      }),
    );
  });
});
