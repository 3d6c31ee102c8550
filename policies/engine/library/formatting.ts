import { type CelMap, type CelValue, isCelList, isCelMap, isCelType, isCelUint } from "@bufbuild/cel";
import { itemsOf, typeNameOf } from "../equality.ts";
import { isOpaque } from "../opaque.ts";
import { textOf } from "./text.ts";

/**
 * `string.format`, as version 2 of cel-go's strings formats: `%s %d %f %e %b %x %X %o`, a precision for `%f` and `%e`, numbers as
 * written in American English. Source: cel-go, ext/formatting.go.
 */
export function formatted(format: string, args: readonly CelValue[]): string {
  let used = 0;
  return replaceClauses(format, (clause) => {
    const arg = args[used];
    if (arg === undefined) throw new Error(`index ${used} out of range`);
    used++;
    return formatOne(clause, arg);
  });
}

/** `%.2f` is {letter: "f", precision: 2}. */
export interface Clause {
  readonly letter: string;
  readonly precision: number;
}

const DEFAULT_PRECISION = 6;

/**
 * The format with each clause replaced.
 *
 * @throws Error where a clause is none
 */
export function replaceClauses(format: string, replace: (clause: Clause) => string): string {
  return format.replace(/%(%|(?:\.(\d*))?(.?))/gsu, (_, all: string, precision: string | undefined, letter = "") => {
    if (all === "%") return "%";
    if (all === "") throw new Error("unexpected end of string");
    if (precision === "" || (precision !== undefined && letter === "")) throw new Error("precision is no number");
    if (!/[sdfebxXo]/.test(letter)) throw new Error(`unrecognized formatting clause "${letter}"`);
    return replace({ letter, precision: precision === undefined ? DEFAULT_PRECISION : Number(precision) });
  });
}

/** Types that each clause takes. */
export const CLAUSE_TYPES: Readonly<Record<string, readonly string[]>> = {
  s: [
    ...["list", "map", "int", "uint", "double", "bool", "string", "bytes", "type", "null_type"],
    ...["google.protobuf.Timestamp", "google.protobuf.Duration"],
  ],
  d: ["int", "uint"],
  f: ["double", "string"],
  e: ["double", "string"],
  b: ["int", "uint", "bool"],
  x: ["int", "uint", "string", "bytes"],
  X: ["int", "uint", "string", "bytes"],
  o: ["int", "uint"],
};

function formatOne({ letter, precision }: Clause, arg: CelValue): string {
  if (letter === "s") return stringOf(arg);
  const type = typeNameOf(arg);
  const number = type === "string" ? special(arg as string) : typeof arg === "number" ? arg : undefined;
  const integer = typeof arg === "bigint" ? arg : isCelUint(arg) ? arg.value : undefined;
  switch (letter) {
    case "d":
      if (integer !== undefined) return String(integer);
      break;
    case "f":
      if (number !== undefined) return Number.isFinite(number) ? grouped(toFixed(number, precision)) : infinite(number);
      break;
    case "e":
      if (number !== undefined) return Number.isFinite(number) ? scientific(number, precision) : infinite(number);
      break;
    case "b":
      if (typeof arg === "boolean") return arg ? "1" : "0";
      if (integer !== undefined) return integer.toString(2);
      break;
    case "o":
      if (integer !== undefined) return integer.toString(8);
      break;
    default: {
      const hex = integer !== undefined ? integer.toString(16) : hexOf(arg);
      if (hex !== undefined) return letter === "X" ? hex.toUpperCase() : hex;
    }
  }
  throw new Error(`error during formatting: %${letter} takes ${CLAUSE_TYPES[letter]?.join(", ")}, was given ${type}`);
}

const special = (text: string): number | undefined =>
  ({ NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, "-Infinity": Number.NEGATIVE_INFINITY })[text];

const infinite = (number: number): string => (Number.isNaN(number) ? "NaN" : number < 0 ? "-∞" : "∞");

const hexOf = (arg: CelValue): string | undefined =>
  typeof arg === "string" || arg instanceof Uint8Array ? Buffer.from(arg as string).toString("hex") : undefined;

/** `%s`. */
function stringOf(value: CelValue): string {
  if (value === null) return "null";
  if (isOpaque(value)) throw new Error(`error during formatting: %s cannot take a ${value.type}`);
  if (isCelList(value)) return `[${itemsOf(value).map(literal).join(", ")}]`;
  return isCelMap(value) ? mapOf(value) : textOf(value);
}

function mapOf(map: CelMap): string {
  const entries = [...map].map(([key, value]): readonly [string, string] => {
    if (!["string", "bool", "int", "uint"].includes(typeNameOf(key))) {
      throw new Error(`error during formatting: no formatting function for map key of type ${typeNameOf(key)}`);
    }
    return [typeof key === "string" ? quoted(key) : textOf(key), literal(value)];
  });
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([key, value]) => `${key}:${value}`).join(", ")}}`;
}

/** A value within a list or map, as CEL would write it. */
function literal(value: CelValue): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number")
    return Number.isFinite(value) ? toFixed(value, DEFAULT_PRECISION) : infiniteLiteral(value);
  if (value instanceof Uint8Array) return `b${quoted(textOf(value))}`;
  const type = typeNameOf(value);
  if (type.endsWith(".Timestamp")) return `timestamp(${quoted(textOf(value))})`;
  if (type.endsWith(".Duration")) return `duration(${quoted(textOf(value))})`;
  return isCelType(value) ? textOf(value) : stringOf(value);
}

const infiniteLiteral = (number: number): string => quoted(Number.isNaN(number) ? "NaN" : number < 0 ? "-Inf" : "+Inf");

const QUOTES: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** As Go quotes: what cannot be printed is escaped. */
const quoted = (text: string): string =>
  `"${text.replace(/["\\]|[\p{C}\p{Z}]/gu, (character) => {
    if (character === " ") return character;
    const point = character.codePointAt(0) ?? 0;
    const hex = point.toString(16);
    return (
      QUOTES[character] ??
      (point < 0x80
        ? `\\x${hex.padStart(2, "0")}`
        : point < 0x10000
          ? `\\u${hex.padStart(4, "0")}`
          : `\\U${hex.padStart(8, "0")}`)
    );
  })}"`;

const MAX_DIGITS = 100;

/** Rounds a number that lies exactly between two to the even one, as Go does, where JavaScript takes the larger. */
function toFixed(number: number, precision: number): string {
  if (precision > MAX_DIGITS - EXACT_DIGITS) throw new Error(`a precision of ${precision} is too much`);
  if (Math.abs(number) >= 1e21) return bigFixed(number, precision);
  const rounded = number.toFixed(precision);
  const exact = number.toFixed(precision + EXACT_DIGITS);
  const isBetween = exact.endsWith(`5${"0".repeat(EXACT_DIGITS - 1)}`);
  if (!isBetween || /[02468]$/.test(rounded)) return rounded;
  return exact.slice(0, -EXACT_DIGITS).replace(/\.$/, "");
}

/** As many as tell a number from one that is a little more or less. */
const EXACT_DIGITS = 30;

const bigFixed = (number: number, precision: number): string =>
  precision === 0 ? String(BigInt(number)) : `${BigInt(number)}.${"0".repeat(precision)}`;

const grouped = (text: string): string => text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** What is written as a precision is the least width to cel-go. */
function scientific(number: number, width: number): string {
  const [digits = "", exponent = "0"] = number.toExponential(DEFAULT_PRECISION).split("e");
  const size = Math.abs(Number(exponent)).toString().padStart(2, "0");
  const power = `${Number(exponent) < 0 ? "⁻" : ""}${[...size].map((digit) => SUPERSCRIPTS[Number(digit)]).join("")}`;
  return `${digits}×10${power}`.padStart(width, " ");
}
