import type { CelValue } from "@bufbuild/cel";
import { opaque, opaqueValue } from "../opaque.ts";
import { type Declaration, declare } from "./declaration.ts";

/** Semantic versions (semver.org 2.0). Source: apiserver, pkg/cel/library/semverlib.go. */
const since = declare("1.33");
const TYPE = "kubernetes.Semver";

interface Version {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  readonly preRelease: readonly string[];
}

const versionOf = (value: CelValue): Version => opaqueValue<Version>(TYPE, value);

const NUMBER = "(0|[1-9]\\d*)";
const PRE = "(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)";
const SEMVER = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${PRE}(?:\\.${PRE})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
const MAX = 2n ** 64n - 1n;
/** As Go turns an unsigned number into a signed one. */
const asInt = (n: bigint): bigint => BigInt.asIntN(64, n);

function parsed(text: string): Version | undefined {
  const match = SEMVER.exec(text);
  if (!match) return undefined;
  const [major = 0n, minor = 0n, patch = 0n] = match.slice(1, 4).map(BigInt);
  const preRelease = match[4]?.split(".") ?? [];
  const numbers = [major, minor, patch, ...preRelease.filter((part) => /^\d+$/.test(part)).map(BigInt)];
  return numbers.some((n) => n > MAX) ? undefined : { numbers: [major, minor, patch], preRelease };
}

/** Takes `v1.2` and `01.02.03`, too. Undefined where a short version names a pre-release or a build. */
function normalized(text: string): string | undefined {
  const [major = "", minor, ...patch] = text.replace(/^v/, "").split(".");
  const parts = [major, ...(minor === undefined ? [] : [minor]), ...(patch.length > 0 ? [patch.join(".")] : [])];
  const plain = parts.map((part) => {
    if (part.length <= 1) return part;
    const cut = part.replace(/^0+/, "");
    return /^\d/.test(cut) ? cut : `0${cut}`;
  });
  if (plain.length < 3 && /[+-]/.test(plain.at(-1) ?? "")) return undefined;
  return [...plain, "0", "0"].slice(0, 3).join(".");
}

const read = (text: string, normalize: boolean): Version | undefined => {
  const plain = normalize ? normalized(text) : text;
  return plain === undefined ? undefined : parsed(plain);
};

function semver(text: string, normalize: boolean): CelValue {
  const version = read(text, normalize);
  if (!version) throw new Error(`'${text}' is no semantic version`);
  return opaque(TYPE, version, `${version.numbers.join(".")}-${version.preRelease.join(".")}`);
}

function compare(a: CelValue, b: CelValue): bigint {
  const [x, y] = [versionOf(a), versionOf(b)];
  for (const [i, number] of x.numbers.entries()) {
    const other = y.numbers[i] ?? 0n;
    if (number !== other) return number < other ? -1n : 1n;
  }
  return comparePreReleases(x.preRelease, y.preRelease);
}

/** A release comes after its pre-releases; numbers come before words, and fewer parts before more. */
function comparePreReleases(a: readonly string[], b: readonly string[]): bigint {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 0n : a.length === 0 ? 1n : -1n;
  for (const [i, part] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1n;
    if (part === other) continue;
    const [aNumber, bNumber] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (aNumber && bNumber) return BigInt(part) < BigInt(other) ? -1n : 1n;
    if (aNumber !== bNumber) return aNumber ? -1n : 1n;
    return part < other ? -1n : 1n;
  }
  return a.length < b.length ? -1n : 0n;
}

export const SEMVERS: readonly Declaration[] = [
  since("semver(string): kubernetes.Semver", (text: string) => semver(text, false)),
  since("semver(string, bool): kubernetes.Semver", semver),
  since("isSemver(string): bool", (text: string) => read(text, false) !== undefined),
  since("isSemver(string, bool): bool", (text: string, normalize: boolean) => read(text, normalize) !== undefined),
  since("kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool", (a: CelValue, b: CelValue) => compare(a, b) > 0n),
  since("kubernetes.Semver.isLessThan(kubernetes.Semver): bool", (a: CelValue, b: CelValue) => compare(a, b) < 0n),
  since("kubernetes.Semver.compareTo(kubernetes.Semver): int", compare),
  since("kubernetes.Semver.major(): int", (value: CelValue) => asInt(versionOf(value).numbers[0])),
  since("kubernetes.Semver.minor(): int", (value: CelValue) => asInt(versionOf(value).numbers[1])),
  since("kubernetes.Semver.patch(): int", (value: CelValue) => asInt(versionOf(value).numbers[2])),
];
