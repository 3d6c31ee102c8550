import { isIPv6 } from "node:net";
import type { CelValue } from "@bufbuild/cel";
import { opaque, opaqueValue } from "../opaque.ts";
import { type Declaration, declare } from "./declaration.ts";

/**
 * URLs, read as Go reads them, which is neither what WHATWG's `URL` does nor what a browser does. Sources: apiserver,
 * pkg/cel/library/urls.go; Go, net/url (its behaviour).
 */
const always = declare("1.0");
const TYPE = "kubernetes.URL";

interface Url {
  readonly scheme: string;
  /** With the port, decoded. */
  readonly host: string;
  readonly path: string;
  readonly escapedPath: string;
  readonly query: string;
  readonly text: string;
}

const urlOf = (value: CelValue): Url => opaqueValue<Url>(TYPE, value);

export const URLS: readonly Declaration[] = [
  always("url(string): kubernetes.URL", (text: string) => {
    parseUrl(text, true);
    const [address = "", ...fragment] = text.split("#");
    const url = parseUrl(address, false);
    return opaque(TYPE, url, `${url.text}#${fragment.join("#")}`);
  }),
  always("isURL(string): bool", isRequestUri),
  always("kubernetes.URL.getScheme(): string", (url: CelValue) => urlOf(url).scheme),
  always("kubernetes.URL.getHost(): string", (url: CelValue) => urlOf(url).host),
  always("kubernetes.URL.getHostname(): string", (url: CelValue) =>
    withoutPort(urlOf(url).host).replace(/^\[(.*)\]$/s, "$1"),
  ),
  always("kubernetes.URL.getPort(): string", (url: CelValue) => {
    const { host } = urlOf(url);
    const rest = host.slice(withoutPort(host).length);
    return rest.slice(1);
  }),
  always("kubernetes.URL.getEscapedPath(): string", (url: CelValue) => urlOf(url).escapedPath),
  always("kubernetes.URL.getQuery(): map(string, list(string))", (url: CelValue) => queryOf(urlOf(url).query)),
];

/** True for what may stand in the first line of a request: an absolute URL or an absolute path. */
export function isRequestUri(text: string): boolean {
  return requestUriProblem(text) === undefined;
}

/** Why it is none, in Go's words. */
export function requestUriProblem(text: string): string | undefined {
  try {
    parseUrl(text, true);
    return undefined;
  } catch (error) {
    return `parse ${JSON.stringify(text)}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** @param request an absolute URL or path is wanted, and `#` has no meaning */
function parseUrl(text: string, request: boolean): Url {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new Error("net/url: invalid control character in URL");
  if (text === "" && request) throw new Error("empty url");
  if (text === "*") return made("", "", "*", "*", "");
  const [scheme, afterScheme] = schemeOf(text);
  const question = afterScheme.indexOf("?");
  const query = question < 0 ? "" : afterScheme.slice(question + 1);
  let rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  if (!rest.startsWith("/")) {
    // `mailto:somebody` has neither host nor path.
    if (scheme !== "") return { ...made(scheme, "", "", "", query), text: `${scheme}:${afterScheme}` };
    if (request) throw new Error("invalid URI for request");
    if ((rest.split("/")[0] ?? "").includes(":")) throw new Error("first path segment in URL cannot contain colon");
  }
  let host = "";
  if ((scheme !== "" || (!request && !rest.startsWith("///"))) && rest.startsWith("//")) {
    const slash = rest.indexOf("/", 2);
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
    rest = slash < 0 ? "" : rest.slice(slash);
    host = hostOf(authority);
  }
  const path = unescaped(rest);
  return made(scheme, host, path, validlyEscaped(rest) ? rest : escapePath(path), query);
}

const made = (scheme: string, host: string, path: string, escapedPath: string, query: string): Url => ({
  scheme,
  host,
  path,
  escapedPath,
  query,
  text: `${scheme}://${host}${escapedPath}?${query}`,
});

function schemeOf(text: string): readonly [string, string] {
  if (text.startsWith(":")) throw new Error("missing protocol scheme");
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(text);
  return match ? [(match[1] ?? "").toLowerCase(), match[2] ?? ""] : ["", text];
}

function hostOf(authority: string): string {
  const at = authority.lastIndexOf("@");
  const user = authority.slice(0, Math.max(at, 0));
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new Error("net/url: invalid userinfo");
  unescaped(user);
  const host = authority.slice(at + 1);
  if (host.startsWith("[")) {
    const close = host.lastIndexOf("]");
    if (close < 0) throw new Error("missing ']' in host");
    requirePort(host.slice(close + 1));
    const address = host.slice(1, close).replace(/%25.+$/s, "");
    if (address.includes("%") || !isIPv6(address)) throw new Error("invalid host");
    return unescapeHost(host);
  }
  const colon = host.lastIndexOf(":");
  if (colon >= 0) requirePort(host.slice(colon));
  return unescapeHost(host);
}

function requirePort(text: string): void {
  if (text !== "" && !/^:\d*$/.test(text)) throw new Error(`invalid port ${JSON.stringify(text)} after host`);
}

function unescapeHost(host: string): string {
  const bad = /[^A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%\u0080-\u{10ffff}]/u.exec(host);
  if (bad) throw new Error(`invalid character ${JSON.stringify(bad[0])} in host name`);
  // Only what is not ASCII may be escaped in a host.
  const escaped = /%(?![89A-Fa-f][0-9A-Fa-f]|25)/.exec(host);
  if (escaped) throw new Error(`invalid URL escape ${JSON.stringify(host.slice(escaped.index, escaped.index + 3))}`);
  return unescaped(host);
}

function unescaped(text: string): string {
  const bad = /%(?![0-9A-Fa-f]{2})/.exec(text);
  if (bad) throw new Error(`invalid URL escape ${JSON.stringify(text.slice(bad.index, bad.index + 3))}`);
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (part) => Buffer.from(part.replaceAll("%", ""), "hex").toString("utf8"));
}

/** Go keeps a path as it was written where each of its characters may stand in one. */
const validlyEscaped = (path: string): boolean => /^[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]%]*$/.test(path);

const escapePath = (path: string): string =>
  path === "*"
    ? "*"
    : Array.from(path, (character) =>
        /[A-Za-z0-9\-_.~$&+,/:;=@]/.test(character)
          ? character
          : Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(
              "",
            ),
      ).join("");

const withoutPort = (host: string): string => host.replace(/:\d*$/, "");

function queryOf(query: string): ReadonlyMap<CelValue, readonly string[]> {
  const values = new Map<CelValue, string[]>();
  for (const pair of query.split("&")) {
    if (pair === "" || pair.includes(";")) continue;
    const [name = "", ...value] = pair.split("=");
    try {
      const key = unescaped(name.replaceAll("+", " "));
      const item = unescaped(value.join("=").replaceAll("+", " "));
      const known = values.get(key);
      if (known) known.push(item);
      else values.set(key, [item]);
    } catch {
      // Go leaves out what it cannot read.
    }
  }
  return values;
}
