import type { CelValue } from "@bufbuild/cel";
import { isReflectMessage } from "@bufbuild/protobuf/reflect";
import { DURATION, TIMESTAMP } from "../types.ts";
import { type Declaration, declare } from "./declaration.ts";

/**
 * Parts of timestamps and durations. The engine's own go through the machine's time zone, so that the hour of a change to summer time
 * is lost, and count whole minutes and milliseconds otherwise than cel-go. Source: cel-go, common/types/timestamp.go, duration.go.
 */
const always = declare("1.0");

interface Time {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** What a timestamp says; undefined for any other value. */
export const timeOf = (value: CelValue): Time | undefined => messageOf(value, TIMESTAMP);

const zones = new WeakMap<object, number>();

/** Seconds by which the zone is ahead of UTC that a timestamp was written with: all that it matters for is `string()`. */
export const zoneOf = (value: CelValue): number => (isReflectMessage(value) ? (zones.get(value.message) ?? 0) : 0);

export const inZone = <T extends object>(message: T, zone: number): T => {
  if (zone !== 0) zones.set(message, zone);
  return message;
};

/** A duration in nanoseconds; undefined for any other value. */
export function nanosOf(value: CelValue): bigint | undefined {
  const message = messageOf(value, DURATION);
  return message && message.seconds * SECOND + BigInt(message.nanos);
}

function messageOf(value: CelValue, type: string): Time | undefined {
  return isReflectMessage(value) && value.desc.typeName === type ? (value.message as unknown as Time) : undefined;
}

const SECOND = 1_000_000_000n;

interface Parts {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly dayOfYear: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

function partsOf(time: Time, zone: string): Parts {
  const local = new Date(Number(time.seconds) * 1000 + offsetOf(time, zone));
  const year = local.getUTCFullYear();
  const midnight = Date.UTC(year, local.getUTCMonth(), local.getUTCDate());
  const newYear = new Date(0);
  newYear.setUTCFullYear(year, 0, 1);
  return {
    year,
    month: local.getUTCMonth(),
    day: local.getUTCDate(),
    weekday: local.getUTCDay(),
    dayOfYear: Math.round((midnight - newYear.getTime()) / 86_400_000),
    hours: local.getUTCHours(),
    minutes: local.getUTCMinutes(),
    seconds: local.getUTCSeconds(),
  };
}

/** Milliseconds by which a zone is ahead of UTC at a time. */
function offsetOf(time: Time, zone: string): number {
  if (zone === "UTC" || zone === "") return 0;
  const fixed = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone);
  if (fixed) return (fixed[1] === "-" ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  if (zone.includes(":")) throw new Error(`unknown time zone ${zone}`);
  const instant = Number(time.seconds) * 1000;
  const text = formatterOf(zone).formatToParts(instant);
  const part = (type: string): number => Number(text.find((p) => p.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - instant;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    hourCycle: "h23",
    timeZone: zone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  // Names of zones are files to Go, so that their case matters.
  const { timeZone } = made.resolvedOptions();
  const isOtherCase = timeZone !== zone && timeZone.toLowerCase() === zone.toLowerCase();
  if (isOtherCase || /(?:^|\/)[a-z]/.test(zone)) throw new Error(`unknown time zone ${zone}`);
  formatters.set(zone, made);
  return made;
}

const part = (name: string, read: (parts: Parts) => number): readonly Declaration[] => [
  always(`timestamp.${name}(): int`, (value: CelValue) => BigInt(read(partsOf(known(value), "UTC")))),
  always(`timestamp.${name}(string): int`, (value: CelValue, zone: string) =>
    BigInt(read(partsOf(known(value), zone))),
  ),
];

function known(value: CelValue): Time {
  const time = timeOf(value);
  if (!time) throw new Error("no such overload: this is no timestamp");
  return time;
}

const total = (name: string, unit: bigint): Declaration =>
  always(`duration.${name}(): int`, (value: CelValue) => (nanosOf(value) ?? 0n) / unit);

const MILLISECOND = 1_000_000n;

export const TIMES: readonly Declaration[] = [
  ...part("getFullYear", ({ year }) => year),
  ...part("getMonth", ({ month }) => month),
  ...part("getDayOfYear", ({ dayOfYear }) => dayOfYear),
  ...part("getDayOfMonth", ({ day }) => day - 1),
  ...part("getDate", ({ day }) => day),
  ...part("getDayOfWeek", ({ weekday }) => weekday),
  ...part("getHours", ({ hours }) => hours),
  ...part("getMinutes", ({ minutes }) => minutes),
  ...part("getSeconds", ({ seconds }) => seconds),
  always("timestamp.getMilliseconds(): int", (value: CelValue) => BigInt(known(value).nanos) / MILLISECOND),
  always("timestamp.getMilliseconds(string): int", (value: CelValue, zone: string) => {
    const time = known(value);
    // The same in every zone; one that is none is an error all the same.
    offsetOf(time, zone);
    return BigInt(time.nanos) / MILLISECOND;
  }),
  total("getHours", 3600n * SECOND),
  total("getMinutes", 60n * SECOND),
  total("getSeconds", SECOND),
  total("getMilliseconds", MILLISECOND),
];
