import { isIP } from "node:net";
import type { Estate, EstateObject, EstateStack } from "../estate/estate.ts";
import { describeObject } from "../kubernetes/object.ts";

/** Where names and addresses of an estate lead to, as far as they tell. */

/**
 * Ends of names that lie in the country: the registry of .bd, clusters' own names, and those that no public server answers for
 * (RFC 6761, RFC 6762, RFC 8375, RFC 9476, and .internal by ICANN's resolution of 2024-07-29).
 */
const HOME_SUFFIXES = ["bd", "test", "localhost", "local", "internal", "alt", "svc", "home.arpa"] as const;

/** Ranges that are routed nowhere but at home: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291, and loopback. */
const HOME_ADDRESSES =
  /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/i;

/**
 * Whether a host name or address is known to lie in the country or to be nobody else's. A name abroad may have a server at home, and a
 * name of .bd one abroad: it says who answers for the name, no more.
 */
export function isAtHome(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  if (isIP(bare)) return HOME_ADDRESSES.test(bare);
  const name = bare.toLowerCase().replace(/\.$/, "");
  // A name without a dot is looked up in its own namespace.
  return !name.includes(".") || HOME_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`));
}

/** The host of `https://host:port/path`, `postgres://user@host/db`, `host:port` or `host`; undefined where there is none. */
export function hostOf(text: string): string | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  try {
    return new URL(url.replace(/^[a-z][a-z0-9+.-]*:/i, "https:")).hostname || undefined;
  } catch {
    return undefined;
  }
}

/** A stack with the object that answers for it, the first by name; stacks without any object deploy nothing. */
export const stacksWithObject = (
  estate: Estate,
): readonly { readonly stack: EstateStack; readonly subject: EstateObject }[] =>
  estate.stacks.flatMap((stack) => {
    const own = estate.objects.filter((entry) => entry.stack === stack.id);
    const [subject] = own.sort((a, b) => (describeObject(a.object) < describeObject(b.object) ? -1 : 1));
    return subject ? [{ stack, subject }] : [];
  });
