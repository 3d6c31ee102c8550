import type { CelValue } from "@bufbuild/cel";
import {
  type Address,
  containsAddress,
  containsPrefix,
  formatAddress,
  formatPrefix,
  masked,
  type Prefix,
  parseAddress,
  parsePrefix,
} from "../address.ts";
import { opaque, opaqueValue } from "../opaque.ts";
import { type Declaration, declare } from "./declaration.ts";

/** IP addresses and CIDRs. Source: apiserver, pkg/cel/library/ip.go, cidr.go. */
const since = declare("1.30");
const IP = "net.IP";
const CIDR = "net.CIDR";

const addressOf = (value: CelValue): Address => opaqueValue<Address>(IP, value);
const prefixOf = (value: CelValue): Prefix => opaqueValue<Prefix>(CIDR, value);
const ip = (address: Address): CelValue => opaque(IP, address, formatAddress(address));
const cidr = (prefix: Prefix): CelValue => opaque(CIDR, prefix, formatPrefix(prefix));

function readAddress(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new Error(`'${text}' is no IP address`);
  return address;
}

function readPrefix(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`'${text}' is no CIDR`);
  return prefix;
}

const within = (address: Address, ...ranges: readonly string[]): boolean =>
  ranges.some((range) => containsAddress(readPrefix(range), address));

const isUnspecified = (address: Address): boolean => address.bits === 0n;
const isLoopback = (address: Address): boolean => within(address, "127.0.0.0/8", "::1/128");
const isLinkLocalUnicast = (address: Address): boolean => within(address, "169.254.0.0/16", "fe80::/10");
const isMulticast = (address: Address): boolean => within(address, "224.0.0.0/4", "ff00::/8");
/** `ff02::` with any flags. */
const isLinkLocalMulticast = (address: Address): boolean =>
  within(address, "224.0.0.0/24") || (address.family === 6 && ((address.bits >> 112n) & 0xff0fn) === 0xff02n);
const isGlobalUnicast = (address: Address): boolean =>
  !isUnspecified(address) &&
  !isLoopback(address) &&
  !isMulticast(address) &&
  !isLinkLocalUnicast(address) &&
  !within(address, "255.255.255.255/32");

const asked = (name: string, ask: (address: Address) => boolean): Declaration =>
  since(`net.IP.${name}(): bool`, (value: CelValue) => ask(addressOf(value)));

export const ADDRESSES: readonly Declaration[] = [
  since("ip(string): net.IP", (text: string) => ip(readAddress(text))),
  since("isIP(string): bool", (text: string) => parseAddress(text) !== undefined),
  since("ip.isCanonical(string): bool", (text: string) => formatAddress(readAddress(text)) === text),
  since("net.IP.family(): int", (value: CelValue) => BigInt(addressOf(value).family)),
  asked("isUnspecified", isUnspecified),
  asked("isLoopback", isLoopback),
  asked("isLinkLocalMulticast", isLinkLocalMulticast),
  asked("isLinkLocalUnicast", isLinkLocalUnicast),
  asked("isGlobalUnicast", isGlobalUnicast),
  since("string(net.IP): string", (value: CelValue) => formatAddress(addressOf(value))),
  since("cidr(string): net.CIDR", (text: string) => cidr(readPrefix(text))),
  since("isCIDR(string): bool", (text: string) => parsePrefix(text) !== undefined),
  since("net.CIDR.containsIP(string): bool", (a: CelValue, b: string) => containsAddress(prefixOf(a), readAddress(b))),
  since("net.CIDR.containsIP(net.IP): bool", (a: CelValue, b: CelValue) => containsAddress(prefixOf(a), addressOf(b))),
  since("net.CIDR.containsCIDR(string): bool", (a: CelValue, b: string) => containsPrefix(prefixOf(a), readPrefix(b))),
  since("net.CIDR.containsCIDR(net.CIDR): bool", (a: CelValue, b: CelValue) =>
    containsPrefix(prefixOf(a), prefixOf(b)),
  ),
  since("net.CIDR.ip(): net.IP", (value: CelValue) => ip(prefixOf(value).address)),
  since("net.CIDR.prefixLength(): int", (value: CelValue) => BigInt(prefixOf(value).length)),
  since("net.CIDR.masked(): net.CIDR", (value: CelValue) => cidr(masked(prefixOf(value)))),
  since("string(net.CIDR): string", (value: CelValue) => formatPrefix(prefixOf(value))),
];
