/** A range of addresses as two numbers, ends included; `bits` is 32 or 128. */
export interface Range {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
}

/** An IPv4 or IPv6 address as a number; undefined where the text is none. */
export function parseAddress(text: string): { readonly bits: 32 | 128; readonly value: bigint } | undefined {
  if (text.includes(":")) return parseIpv6(text);
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((o) => /^(0|[1-9]\d{0,2})$/.test(o) && Number(o) < 256)) return undefined;
  return { bits: 32, value: octets.reduce((sum, o) => sum * 256n + BigInt(o), 0n) };
}

function parseIpv6(text: string): { readonly bits: 128; readonly value: bigint } | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  if (!groups.flat().every((g) => /^[0-9a-fA-F]{1,4}$/.test(g))) return undefined;
  const [head = [], tail = []] = groups;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array<string>(missing).fill("0"), ...tail];
  return { bits: 128, value: all.reduce((sum, g) => sum * 65536n + BigInt(`0x${g}`), 0n) };
}

/**
 * A CIDR as a range; undefined where the text is none. Host bits are dropped: `rangeFault` tells whether any was set.
 */
export function parseRange(text: string): Range | undefined {
  const [address = "", prefixText = "", ...rest] = text.split("/");
  const parsed = parseAddress(address);
  if (!parsed || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  if (prefix > parsed.bits) return undefined;
  const host = (1n << BigInt(parsed.bits - prefix)) - 1n;
  const first = parsed.value & ~host;
  return { bits: parsed.bits, first, last: first | host, prefix };
}

/** What to do about a text that is no address; undefined where it is one. */
export function addressFault(text: string): string | undefined {
  if (text.includes("/")) return "leave out the prefix length: one address is asked for";
  const parsed = parseAddress(text);
  if (parsed?.bits === 128 && contains(MAPPED, { ...parsed, first: parsed.value, last: parsed.value, prefix: 128 })) {
    return "write the IPv4 address itself";
  }
  if (parsed) return undefined;
  if (text.includes(":")) return "write an IPv6 address in hexadecimal groups, e.g. fd00:20::10";
  const octets = text.split(".");
  const numbers = octets.every((o) => /^\d+$/.test(o));
  if (!numbers) return "write an IPv4 or IPv6 address, e.g. 10.20.0.10";
  if (octets.length !== 4) return `an IPv4 address has four numbers, this has ${octets.length}`;
  const large = octets.find((o) => Number(o) > 255);
  if (large) return `its number ${large} is above 255`;
  return "leave out leading zeros: some programs would read the number as octal";
}

/** What to do about a text that is no range, or whose address has host bits set; undefined where all is well. */
export function rangeFault(text: string): string | undefined {
  const [address = "", prefix, ...rest] = text.split("/");
  const ofAddress = addressFault(address);
  if (ofAddress) return ofAddress;
  const range = parseRange(text);
  if (prefix === undefined) {
    const [network, one] = address.includes(":") ? [64, 128] : [24, 32];
    return `add the prefix length, e.g. '/${network}', or '/${one}' for this one address`;
  }
  if (rest.length > 0 || !/^\d+$/.test(prefix)) return "write the prefix length as a number, e.g. 10.20.0.0/16";
  if (!range) return `the prefix length is at most ${address.includes(":") ? 128 : 32}, without leading zeros`;
  return parseAddress(address)?.value === range.first ? undefined : `the network is ${formatRange(range)}`;
}

export const overlaps = (a: Range, b: Range): boolean => a.bits === b.bits && a.first <= b.last && b.first <= a.last;

export const contains = (outer: Range, inner: Range): boolean =>
  outer.bits === inner.bits && outer.first <= inner.first && inner.last <= outer.last;

/** The network address with its prefix length; IPv6 in the one form of RFC 5952. */
export function formatRange({ bits, first, prefix }: Range): string {
  if (bits === 32) return `${[24n, 16n, 8n, 0n].map((shift) => (first >> shift) & 255n).join(".")}/${prefix}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((first >> BigInt(112 - 16 * i)) & 65535n).toString(16)).join(":");
  const zeros = [...groups.matchAll(/(?<=^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (!zeros) return `${groups}/${prefix}`;
  const [head, tail] = [groups.slice(0, zeros.index), groups.slice(zeros.index + zeros[0].length)];
  return `${head.replace(/:$/, "")}::${tail.replace(/^:/, "")}/${prefix}`;
}

const rangesOf = (texts: readonly string[]): Range[] => texts.flatMap((text) => parseRange(text) ?? []);

/** RFC 1918, RFC 6598 (shared address space) and RFC 4193 (unique local addresses). */
const PRIVATE = rangesOf(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]);

export const isPrivate = (range: Range): boolean => PRIVATE.some((space) => contains(space, range));

/**
 * IPv4 addresses written as IPv6 (RFC 4291, 2.5.5.2). They would pass by every comparison with IPv4 ranges, and Kubernetes
 * refuses them.
 */
const MAPPED: Range = { bits: 128, first: 0xffff_0000_0000n, last: 0xffff_ffff_ffffn, prefix: 96 };
