import fc from "fast-check";
import { expect, test } from "vitest";
import { contains, formatRange, isNetworkAddress, isPrivate, overlaps, parseAddress, parseRange } from "./addresses.ts";

const ipv4 = fc
  .tuple(fc.nat(0xffffffff), fc.nat(32))
  .map(([n, prefix]) => `${[24, 16, 8, 0].map((s) => (n >>> s) & 255).join(".")}/${prefix}`);
const ipv6 = fc
  .tuple(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), fc.nat(128))
  .map(([groups, prefix]) => `${groups.map((g) => g.toString(16)).join(":")}/${prefix}`);
const cidr = fc.oneof(ipv4, ipv6);

test("a range written and read again is the same range", () => {
  fc.assert(
    fc.property(cidr, (text) => {
      const range = parseRange(text);
      expect(range).toBeDefined();
      if (range) expect(parseRange(formatRange(range))).toEqual(range);
    }),
  );
});

test("two ranges overlap exactly where one holds the other", () => {
  fc.assert(
    fc.property(cidr, cidr, (a, b) => {
      const [x, y] = [parseRange(a), parseRange(b)];
      if (!x || !y) throw new Error("generated no range");
      expect(overlaps(x, y)).toBe(contains(x, y) || contains(y, x));
      expect(overlaps(x, y)).toBe(overlaps(y, x));
    }),
  );
});

test("what is no address is refused", () => {
  for (const text of [
    "10.0.0.256/8",
    "10.0.0/8",
    "10.0.0.0/33",
    "10.0.0.0",
    "010.0.0.0/8",
    "::/129",
    "1::2::3/64",
    "fe80::g/64",
    "1:2:3:4:5:6:7:8:9/64",
    "",
    "/",
  ]) {
    expect(parseRange(text), text).toBeUndefined();
  }
  expect(parseAddress("::1")?.value).toBe(1n);
});

test("host bits are seen, and private space is known", () => {
  expect(isNetworkAddress("10.20.0.0/16")).toBe(true);
  expect(isNetworkAddress("10.20.0.1/16")).toBe(false);
  const space = (text: string) => {
    const range = parseRange(text);
    return range !== undefined && isPrivate(range);
  };
  expect(["10.1.0.0/16", "172.31.0.0/16", "192.168.4.0/24", "100.64.0.0/12", "fd00::/8"].every(space)).toBe(true);
  expect(["172.32.0.0/16", "172.0.0.0/8", "11.0.0.0/8", "0.0.0.0/0", "2001:db8::/32"].some(space)).toBe(false);
});
