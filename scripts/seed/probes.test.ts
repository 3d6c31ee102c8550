import { createHash } from "node:crypto";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ensureCertificates, PKI } from "../local/certificates.ts";
import { probeClock, probeFile, probeName, probePage, probePort } from "./probes.ts";

const root = mkdtempSync(join(tmpdir(), "bhitti-seed-"));
const closers: (() => void)[] = [() => rmSync(root, { recursive: true })];
afterAll(() => {
  for (const close of closers) close();
});

const options = { root, timeoutMilliseconds: 2000 };
const impatient = { root, timeoutMilliseconds: 150 };

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A UDP server on the loopback that answers each question, or none. */
async function answering(answer: (question: Buffer) => Buffer | undefined): Promise<number> {
  const socket: UdpSocket = createSocket("udp4");
  socket.on("message", (question, { port, address }) => {
    const reply = answer(question);
    if (reply) socket.send(reply, port, address);
  });
  await new Promise<void>((done) => socket.bind(0, "127.0.0.1", done));
  closers.push(() => socket.close());
  return socket.address().port;
}

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

describe("a file", () => {
  writeFileSync(join(root, "root-ca.pem"), "certificate");
  const digest = createHash("sha256").update("certificate").digest("hex");

  test("holds where it is there, with its digest", () => {
    expect(probeFile({ path: "root-ca.pem" }, options)).toEqual({ kind: "holds" });
    expect(probeFile({ path: join(root, "root-ca.pem"), sha256: digest }, options)).toEqual({ kind: "holds" });
  });

  test("differs by its digest, and is silent where it is none", () => {
    const sha256 = "0".repeat(64);
    expect(probeFile({ path: "root-ca.pem", sha256 }, options)).toEqual({
      kind: "differs",
      got: digest,
      wanted: sha256,
    });
    expect(probeFile({ path: "none.pem" }, options)).toEqual({ kind: "silent", reason: "ENOENT" });
    expect(probeFile({ path: "." }, options)).toEqual({ kind: "silent", reason: "ENOTFILE" });
  });
});

describe("a port", () => {
  test("holds where it takes a connection", async () => {
    const port = await listening(createServer((socket) => socket.end()));
    expect(await probePort({ host: "127.0.0.1", port }, options)).toEqual({ kind: "holds" });
  });

  test("is silent where nothing listens", async () => {
    const port = await closedPort();
    expect(await probePort({ host: "127.0.0.1", port }, options)).toEqual({ kind: "silent", reason: "ECONNREFUSED" });
  });
});

describe("a page", () => {
  const served = async () =>
    listening(
      createHttpServer((request, response) => {
        if (request.url === "/slow") return;
        if (request.url === "/large") {
          // Ends only when whoever asks has enough.
          response.on("drain", () => response.write("x".repeat(65_536)));
          while (response.write("x".repeat(65_536)));
          return;
        }
        if (request.url === "/moved") response.writeHead(302, { location: "/v2/" }).end();
        else response.writeHead(request.url === "/v2/" ? 401 : 200).end('{"versions":{}}');
      }),
    );

  test("holds by its status and its text; a redirect is not followed", async () => {
    const base = `http://127.0.0.1:${await served()}`;
    expect(await probePage({ url: `${base}/v2/`, status: 401 }, options)).toEqual({ kind: "holds" });
    expect(await probePage({ url: `${base}/index`, status: 200, contains: "versions" }, options)).toEqual({
      kind: "holds",
    });
    expect(await probePage({ url: `${base}/moved`, status: 302 }, options)).toEqual({ kind: "holds" });
    expect(await probePage({ url: `${base}/moved`, status: 401 }, options)).toEqual({
      kind: "differs",
      got: "status 302",
      wanted: "status 401",
    });
    expect(await probePage({ url: `${base}/index`, status: 200, contains: "providers" }, options)).toEqual({
      kind: "differs",
      got: "'{\"versions\":{}}'",
      wanted: "providers",
    });
  });

  test("takes no more than it looks through, and no longer than it waits", async () => {
    const base = `http://127.0.0.1:${await served()}`;
    expect(await probePage({ url: `${base}/large`, status: 200, contains: "y" }, options)).toMatchObject({
      kind: "differs",
    });
    expect(await probePage({ url: `${base}/slow`, status: 200 }, impatient)).toEqual({
      kind: "silent",
      reason: "ETIMEDOUT",
    });
    const closed = `http://127.0.0.1:${await closedPort()}/`;
    expect(await probePage({ url: closed, status: 200 }, options)).toEqual({ kind: "silent", reason: "ECONNREFUSED" });
  });
});

test("a page over TLS holds by the authority that is named, and by no other", async () => {
  const folder = join(root, "pki");
  mkdirSync(folder);
  await ensureCertificates(folder);
  const read = (file: string) => readFileSync(join(folder, file));
  const server = createHttpsServer(
    { key: read(PKI.server.key), cert: read(PKI.server.certificate) },
    (_, response) => void response.writeHead(401).end(),
  );
  const url = `https://127.0.0.1:${await listening(server)}/v2/`;
  expect(await probePage({ url, status: 401, authority: `pki/${PKI.authority}` }, options)).toEqual({ kind: "holds" });
  expect(await probePage({ url, status: 401 }, options)).toEqual({
    kind: "silent",
    reason: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  });
  expect(await probePage({ url, status: 401, authority: "pki/none.pem" }, options)).toEqual({
    kind: "silent",
    reason: "ENOENT",
  });
  const elsewhere = url.replace("127.0.0.1", "127.0.0.2");
  expect(await probePage({ url: elsewhere, status: 401, authority: `pki/${PKI.authority}` }, options)).toMatchObject({
    kind: "silent",
  });
});

/** The answer of a DNS server that has one record (RFC 1035): the question again, and its data. */
function dnsAnswer(question: Buffer, type: number, data: Buffer): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0); // The name of the question.
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([header, question.subarray(12, end), record, data]);
}

const dnsName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

describe("a name", () => {
  const host = "platform.example.gov.bd";

  test("holds where all that is wanted is among the answers", async () => {
    const addresses = await answering((question) => dnsAnswer(question, 1, Buffer.from([192, 0, 2, 7])));
    const a = { host, type: "A", server: `127.0.0.1:${addresses}` } as const;
    expect(await probeName(a, options)).toEqual({ kind: "holds" });
    expect(await probeName({ ...a, answers: ["192.0.2.7"] }, options)).toEqual({ kind: "holds" });
    expect(await probeName({ ...a, answers: ["192.0.2.8"] }, options)).toEqual({
      kind: "differs",
      got: "192.0.2.7",
      wanted: "192.0.2.8",
    });
    const servers = await answering((question) => dnsAnswer(question, 2, dnsName("ns1.example.gov.bd")));
    const ns = { host, type: "NS" as const, server: `127.0.0.1:${servers}`, answers: ["ns1.example.gov.bd"] };
    expect(await probeName(ns, options)).toEqual({ kind: "holds" });
  });

  test("is silent where there is none, and where nobody answers", async () => {
    const unknown = await answering((question) => {
      const answer = Buffer.from(question);
      answer.writeUInt16BE(0x8183, 2); // No such name.
      return answer;
    });
    const asked = { host, type: "A" } as const;
    expect(await probeName({ ...asked, server: `127.0.0.1:${unknown}` }, options)).toEqual({
      kind: "silent",
      reason: "ENOTFOUND",
    });
    const mute = await answering(() => undefined);
    expect(await probeName({ ...asked, server: `127.0.0.1:${mute}` }, impatient)).toEqual({
      kind: "silent",
      reason: "ETIMEDOUT",
    });
  });
});

describe("a clock", () => {
  /** What a time server says (RFC 4330): its time, and whether it is synchronised. */
  const clock = (offsetSeconds: number, stratum = 1) =>
    answering(() => {
      const answer = Buffer.alloc(48);
      answer[0] = 0b00_100_100;
      answer[1] = stratum;
      const now = Date.now() / 1000 + 2_208_988_800 + offsetSeconds;
      answer.writeUInt32BE(Math.floor(now), 40);
      answer.writeUInt32BE(Math.floor((now % 1) * 2 ** 32), 44);
      return answer;
    });
  const check = { host: "127.0.0.1", within: "2s" };

  test("holds where it is near enough to this machine's", async () => {
    expect(await probeClock(check, options, await clock(0))).toEqual({ kind: "holds" });
    expect(await probeClock(check, options, await clock(-60))).toMatchObject({ kind: "differs", wanted: "2s" });
    expect(await probeClock({ ...check, within: "2m" }, options, await clock(60))).toEqual({ kind: "holds" });
  });

  test("counts for nothing where it is not synchronised, and is silent where nobody answers", async () => {
    expect(await probeClock(check, options, await clock(0, 0))).toEqual({
      kind: "differs",
      got: "not synchronised",
      wanted: "2s",
    });
    expect(await probeClock(check, options, await answering(() => Buffer.from("no")))).toMatchObject({
      kind: "differs",
    });
    expect(await probeClock(check, impatient, await answering(() => undefined))).toEqual({
      kind: "silent",
      reason: "ETIMEDOUT",
    });
  });
});
