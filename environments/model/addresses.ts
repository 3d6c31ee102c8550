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
 * A CIDR as a range; undefined where the text is none. Host bits are dropped: compare `formatRange` with the text to see
 * whether any was set.
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

export const isNetworkAddress = (text: string): boolean =>
  parseAddress(text.split("/")[0] ?? "")?.value === parseRange(text)?.first;

export const overlaps = (a: Range, b: Range): boolean => a.bits === b.bits && a.first <= b.last && b.first <= a.last;

export const contains = (outer: Range, inner: Range): boolean =>
  outer.bits === inner.bits && outer.first <= inner.first && inner.last <= outer.last;

/** The network address with its prefix length. IPv6 is written in full groups, without `::`. */
export function formatRange({ bits, first, prefix }: Range): string {
  if (bits === 32) return `${[24n, 16n, 8n, 0n].map((shift) => (first >> shift) & 255n).join(".")}/${prefix}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((first >> BigInt(112 - 16 * i)) & 65535n).toString(16));
  return `${groups.join(":")}/${prefix}`;
}

/** RFC 1918, RFC 6598 (shared address space) and RFC 4193 (unique local addresses). */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"].flatMap(
  (text) => parseRange(text) ?? [],
);

export const isPrivate = (range: Range): boolean => PRIVATE.some((space) => contains(space, range));
