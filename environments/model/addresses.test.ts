import fc from "fast-check";
import { expect, test } from "vitest";
import { contains, formatRange, isPrivate, overlaps, parseAddress, parseRange, rangeFault } from "./addresses.ts";

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

test("a range has no fault exactly where it is written as its network", () => {
  fc.assert(
    fc.property(cidr, (text) => {
      const range = parseRange(text);
      if (!range) throw new Error("generated no range");
      const [network, fault] = [formatRange(range), rangeFault(text)];
      if (/^::ffff:/.test(network)) return;
      const same = parseAddress(text.split("/")[0] ?? "")?.value === range.first;
      expect(fault).toBe(same ? undefined : `the network is ${network}`);
      expect(rangeFault(network)).toBeUndefined();
    }),
  );
});

test.each([
  ["2001:db8:0:0:1:0:0:0/64", "2001:db8::/64"],
  ["2001:0:0:1:0:0:0:1/128", "2001:0:0:1::1/128"],
  ["0:0:0:0:0:0:0:0/0", "::/0"],
  ["0:0:0:0:0:0:0:1/128", "::1/128"],
  ["1:0:2:0:3:0:4:0/112", "1:0:2:0:3:0:4:0/112"],
  ["2001:DB8::/32", "2001:db8::/32"],
])("%s is written as %s (RFC 5952)", (text, written) => {
  const range = parseRange(text);
  expect(range && formatRange(range)).toBe(written);
});

test.each([
  ["10.0.0.256/8", "its number 256 is above 255"],
  ["10.0.0/8", "an IPv4 address has four numbers, this has 3"],
  ["10.0.0.0/33", "the prefix length is at most 32, without leading zeros"],
  ["::/129", "the prefix length is at most 128, without leading zeros"],
  ["10.0.0.0", "add the prefix length, e.g. '/24', or '/32' for this one address"],
  ["fd00::", "add the prefix length, e.g. '/64', or '/128' for this one address"],
  ["010.0.0.0/8", "leave out leading zeros: some programs would read the number as octal"],
  ["1::2::3/64", "write an IPv6 address in hexadecimal groups, e.g. fd00:20::10"],
  ["10.0.0.0/x", "write the prefix length as a number, e.g. 10.20.0.0/16"],
  ["::ffff:10.1.0.0/112", "write an IPv6 address in hexadecimal groups, e.g. fd00:20::10"],
  ["::ffff:a01:0/112", "write the IPv4 address itself"],
  ["10.20.0.1/16", "the network is 10.20.0.0/16"],
  ["2001:db8::1/32", "the network is 2001:db8::/32"],
  ["everywhere", "write an IPv4 or IPv6 address, e.g. 10.20.0.10"],
])("%s: %s", (text, fault) => {
  expect(rangeFault(text)).toBe(fault);
});

test("private space is known", () => {
  const space = (text: string) => {
    const range = parseRange(text);
    return range !== undefined && isPrivate(range);
  };
  expect(["10.1.0.0/16", "172.31.0.0/16", "192.168.4.0/24", "100.64.0.0/12", "fd00::/8"].every(space)).toBe(true);
  expect(["172.32.0.0/16", "172.0.0.0/8", "11.0.0.0/8", "0.0.0.0/0", "2001:db8::/32"].some(space)).toBe(false);
});
