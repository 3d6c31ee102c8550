import { isIPv4, isIPv6 } from "node:net";

/** An IP address as a number. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** An address and how many of its leading bits are the network's. */
export interface Prefix {
  readonly address: Address;
  readonly length: number;
}

/**
 * Reads an address as the API server's CEL libraries `ip` and `cidr` do: no leading zeros, no zone, no IPv4 written as IPv6.
 * Undefined for anything else. Source: apiserver, pkg/cel/library/ip.go.
 */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, bits: joinParts(text.split("."), 10, 8n) };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const bits = joinParts(groupsOf(text), 16, 16n);
  return bits >> 32n === 0xffffn ? undefined : { family: 6, bits };
}

/** `10.0.0.0/8`; undefined where it is none. Host bits may be set, as they may there. */
export function parsePrefix(text: string): Prefix | undefined {
  const [host = "", length = "", ...rest] = text.split("/");
  const address = parseAddress(host);
  if (!address || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  return Number(length) <= width(address) ? { address, length: Number(length) } : undefined;
}

/** True where every address of `inner` is one of `outer`. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && containsAddress(outer, inner.address);
}

export function containsAddress({ address, length }: Prefix, other: Address): boolean {
  const host = BigInt(width(address) - length);
  return address.family === other.family && address.bits >> host === other.bits >> host;
}

/** The same prefix without its host bits. */
export function masked({ address, length }: Prefix): Prefix {
  const host = BigInt(width(address) - length);
  return { address: { ...address, bits: (address.bits >> host) << host }, length };
}

const width = ({ family }: Address): number => (family === 4 ? 32 : 128);

const joinParts = (parts: readonly string[], radix: 10 | 16, size: bigint): bigint =>
  parts.reduce((bits, part) => (bits << size) | BigInt(Number.parseInt(part, radix)), 0n);

/** The eight groups of an IPv6 address, `::` and a trailing IPv4 part written out. */
function groupsOf(text: string): readonly string[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const tail = dotted ? joinParts(dotted.slice(1), 10, 8n) : 0n;
  const plain = dotted
    ? `${text.slice(0, dotted.index)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`
    : text;
  const [head = "", rest] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = rest === undefined || rest === "" ? [] : rest.split(":");
  return [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
}

/** The shortest usual text of an address (RFC 5952). */
export function formatAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const runs = [
    ...groups
      .map((g) => (g === "0" ? "0" : "x"))
      .join("")
      .matchAll(/00+/g),
  ];
  const longest = runs.sort((a, b) => b[0].length - a[0].length || a.index - b.index)[0];
  if (!longest) return groups.join(":");
  return `${groups.slice(0, longest.index).join(":")}::${groups.slice(longest.index + longest[0].length).join(":")}`;
}

export const formatPrefix = ({ address, length }: Prefix): string => `${formatAddress(address)}/${length}`;
