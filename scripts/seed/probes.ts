import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { readFileSync, statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { isIPv6, Socket } from "node:net";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { seconds } from "../../environments/model/duration.ts";
import type { SeedChecks } from "../../environments/model/files/seed.ts";

/**
 * Probes of the seed: each asks one thing, once, and gives up after a time. None of them throws: what cannot be reached, and
 * what is not as it is said to be, is an outcome.
 */
export type ProbeOutcome =
  | { readonly kind: "holds" }
  | { readonly kind: "silent"; readonly reason: string }
  | { readonly kind: "differs"; readonly got: string; readonly wanted: string };

export interface ProbeOptions {
  /** The repository, which paths are relative to. */
  readonly root: string;
  /** How long each probe waits. */
  readonly timeoutMilliseconds: number;
}

type Check<K extends keyof SeedChecks> = NonNullable<SeedChecks[K]>[number];

const HOLDS: ProbeOutcome = { kind: "holds" };
const silent = (reason: string): ProbeOutcome => ({ kind: "silent", reason });
const differs = (got: string, wanted: string): ProbeOutcome => ({ kind: "differs", got, wanted });

/** The system's code of an error, or of what caused it: `ECONNREFUSED`. */
function reasonOf(error: unknown): string {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: unknown };
  if (code === "ABORT_ERR") return "ETIMEDOUT";
  if (typeof code === "string") return code;
  if (cause !== undefined) return reasonOf(cause);
  return String(name ?? "unknown");
}

const placeOf = (root: string, path: string): string =>
  path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(root, path);

/** A file that is there, with the digest that is stated, if one is. */
export function probeFile({ path, sha256 }: Check<"files">, { root }: Pick<ProbeOptions, "root">): ProbeOutcome {
  const place = placeOf(root, path);
  try {
    // A pipe or a device would never end.
    if (!statSync(place).isFile()) return silent("ENOTFILE");
    const content = readFileSync(place);
    if (sha256 === undefined) return HOLDS;
    const digest = createHash("sha256").update(content).digest("hex");
    return digest === sha256 ? HOLDS : differs(digest, sha256);
  } catch (error) {
    return silent(reasonOf(error));
  }
}

/**
 * What DNS answers for a name.
 *
 * @param check `server` may carry a port: `127.0.0.1:5353`
 */
export async function probeName(
  { host, type, server, answers = [] }: Check<"names">,
  { timeoutMilliseconds }: ProbeOptions,
): Promise<ProbeOutcome> {
  const resolver = new Resolver({ timeout: timeoutMilliseconds, tries: 1 });
  if (server !== undefined) resolver.setServers([server]);
  // The resolver's own time counts for each of its servers; this one counts for all of them.
  const timer = setTimeout(() => resolver.cancel(), timeoutMilliseconds);
  try {
    const got = (await resolver.resolve(host, type)) as string[];
    const missing = answers.filter((answer) => !got.includes(answer));
    return missing.length === 0 ? HOLDS : differs(got.join(", "), answers.join(", "));
  } catch (error) {
    const reason = reasonOf(error);
    return silent(reason === "ECANCELLED" ? "ETIMEDOUT" : reason);
  } finally {
    clearTimeout(timer);
  }
}

/** A port that takes a TCP connection; nothing is sent. */
export function probePort(
  { host, port }: Check<"ports">,
  { timeoutMilliseconds }: ProbeOptions,
): Promise<ProbeOutcome> {
  return new Promise((settle) => {
    const socket = new Socket();
    const end = (outcome: ProbeOutcome): void => {
      clearTimeout(timer);
      socket.destroy();
      settle(outcome);
    };
    // A socket's own timeout does not count while a name is looked up.
    const timer = setTimeout(() => end(silent("ETIMEDOUT")), timeoutMilliseconds);
    socket.once("connect", () => end(HOLDS));
    socket.once("error", (error) => end(silent(reasonOf(error))));
    socket.connect(port, host);
  });
}

/** As much of an answer as is looked through for a text. */
const MAX_BODY = 1024 * 1024;

/**
 * The status, and a text in the body, that an HTTP GET has to bring. Redirects are not followed: they lead elsewhere. Where a
 * certificate authority is named, no other one vouches for the server.
 */
export async function probePage(
  { url, status, contains, authority }: Check<"pages">,
  { root, timeoutMilliseconds }: ProbeOptions,
): Promise<ProbeOutcome> {
  try {
    const ca = authority === undefined ? undefined : readFileSync(placeOf(root, authority));
    const answer = await get(url, { signal: AbortSignal.timeout(timeoutMilliseconds), ...(ca && { ca }) });
    if (answer.status !== status) return differs(`status ${answer.status}`, `status ${status}`);
    return contains === undefined || answer.body.includes(contains) ? HOLDS : differs(excerpt(answer.body), contains);
  } catch (error) {
    return silent(reasonOf(error));
  }
}

/** The built-in `fetch` takes no certificate authority. */
function get(url: string, options: RequestOptions): Promise<{ readonly status: number; readonly body: string }> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((settle, fail) => {
    const asked = request(url, { ...options, agent: false }, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      const end = (): void => {
        asked.destroy();
        const body = new TextDecoder().decode(Buffer.concat(parts).subarray(0, MAX_BODY));
        settle({ status: response.statusCode ?? 0, body });
      };
      response.on("data", (part: Buffer) => {
        parts.push(part);
        size += part.length;
        if (size >= MAX_BODY) end();
      });
      response.on("end", end);
      response.on("error", fail);
    });
    asked.on("error", fail);
    asked.end();
  });
}

const excerpt = (text: string): string => `'${text.length > 60 ? `${text.slice(0, 60)}…` : text}'`;

/** Seconds from 1900, when NTP begins to count, to 1970. */
const NTP_EPOCH = 2_208_988_800;
const NTP_PORT = 123;

/**
 * How far a time server's clock is from this machine's, by one SNTP question (RFC 4330): a server that says that it is not
 * synchronised does not count.
 *
 * @param port 123, unless a test asks another
 */
export function probeClock(
  { host, within }: Check<"clocks">,
  { timeoutMilliseconds }: ProbeOptions,
  port = NTP_PORT,
): Promise<ProbeOutcome> {
  return new Promise((settle) => {
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    const question = Buffer.alloc(48);
    question[0] = 0b00_100_011; // No warning, version 4, client.
    const end = (outcome: ProbeOutcome): void => {
      clearTimeout(timer);
      socket.close();
      settle(outcome);
    };
    const timer = setTimeout(() => end(silent("ETIMEDOUT")), timeoutMilliseconds);
    socket.once("error", (error) => end(silent(reasonOf(error))));
    const sent = Date.now();
    socket.once("message", (answer) => {
      const received = Date.now();
      end(clockOutcome(answer, (sent + received) / 2, within));
    });
    socket.connect(port, host, (error?: Error) => (error ? end(silent(reasonOf(error))) : socket.send(question)));
  });
}

function clockOutcome(answer: Buffer, now: number, within: string): ProbeOutcome {
  const [head = 0, stratum = 0] = answer;
  const synchronised = answer.length >= 48 && (head & 7) === 4 && head >> 6 !== 3 && stratum >= 1 && stratum <= 15;
  if (!synchronised) return differs("not synchronised", within);
  const time = (answer.readUInt32BE(40) - NTP_EPOCH + answer.readUInt32BE(44) / 2 ** 32) * 1000;
  const offset = Math.abs(time - now) / 1000;
  return offset <= seconds(within) ? HOLDS : differs(`${offset.toFixed(1)}s off`, within);
}
