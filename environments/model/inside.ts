import { z } from "zod";
import { formatted, text } from "../../yaml/formats.ts";
import { contains, isPrivate, parseRange, type Range } from "./addresses.ts";
import { cidr, fact } from "./values.ts";

/** A name and what lies under it: `bd`, `gov.bd`. */
const SUFFIX = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export const insideFile = z
  .strictObject({
    names: z
      .array(
        z.strictObject({
          suffix: formatted("suffix", SUFFIX, "The end of a host name, without the first dot.", ["gov.bd"]),
          title: text("What has names under it."),
          ...fact,
        }),
      )
      .meta({ description: "Ends of host names that are inside." }),
    prefixes: z
      .array(z.strictObject({ range: cidr, title: text("Whose it is."), ...fact }))
      .meta({ description: "Address ranges that are inside; private ones are by rule." }),
  })
  .meta({ title: "Inside: which names and addresses count as inside the country" });

/** What counts as inside, and the domain of the environment that asks. */
export interface Inside {
  readonly suffixes: readonly string[];
  readonly ranges: readonly Range[];
}

/** Never leaves the machine (RFC 1122, RFC 4291). */
const LOOPBACK = ["127.0.0.0/8", "::1/128"].flatMap((text) => parseRange(text) ?? []);

export const isNameInside = (name: string, { suffixes }: Inside): boolean =>
  suffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));

/** All of the range has to lie inside: of one that reaches out, some addresses do not. */
export const isRangeInside = (range: Range, { ranges }: Inside): boolean =>
  isPrivate(range) || [...LOOPBACK, ...ranges].some((inside) => contains(inside, range));
