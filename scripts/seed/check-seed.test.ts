import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SeedItem } from "../../environments/model/files/seed.ts";
import { root } from "../../environments/model/testing.ts";
import { formatMessage } from "../../messages/message.ts";
import { checkSeed } from "./check-seed.ts";

const server = createServer((socket) => socket.end());
beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
afterAll(() => server.close());

const seedOf = (checks: SeedItem["checks"]) => ({
  seed: {
    roles: [],
    items: [
      {
        name: "root-ca",
        kind: "root-ca",
        title: "Root",
        titleBangla: "মূল",
        owner: "custodians",
        site: "vault",
        place: "Safe",
        checks,
        basis: "illustrative",
      } as const,
    ],
  },
  positions: (path: string) => ({ file: path, line: 1, column: 1 }),
});

/** What is told of an attestation from 10 January to 9 March 2027, on a day. */
async function attested(asOf: string): Promise<readonly unknown[]> {
  const attestation = { by: "custodians", says: "It is in the safe", issued: "2027-01-10", expires: "2027-03-09" };
  const [check] = await checkSeed(seedOf({ attestations: [attestation] }), asOf, { root, timeoutMilliseconds: 1000 });
  return [check?.outcome, ...(check?.messages ?? []).map(formatMessage)];
}

const AT = "seed.items.root-ca.checks.attestations.0:1:1";

test("an attestation holds from its first day to its last, is told thirty days before its end, and never counts as tested", async () => {
  expect(await attested("2027-01-09")).toEqual([
    "fails",
    `${AT} BH1193 'root-ca': what custodians attests begins on 2027-01-10 only; wait until then, or attest it now: It is in the safe`,
  ]);
  expect(await attested("2027-01-10")).toEqual([
    "attested",
    `${AT} BH1195 'root-ca' cannot be tested from here; custodians attests until 2027-03-09: It is in the safe`,
  ]);
  expect((await attested("2027-02-06"))[1]).toContain("BH1195");
  expect(await attested("2027-02-07")).toEqual([
    "attested",
    `${AT} BH1194 'root-ca': what custodians attests ends on 2027-03-09, in 30 days; look again, and renew it: It is in the safe`,
  ]);
  expect((await attested("2027-03-09"))[0]).toBe("attested");
  expect(await attested("2027-03-10")).toEqual([
    "fails",
    `${AT} BH1192 'root-ca': what custodians attests ended on 2027-03-09; look again, and renew the attestation: It is in the safe`,
  ]);
});

test("what is there holds, what is not is told where seed.yaml asks for it", async () => {
  const { port } = server.address() as AddressInfo;
  const sha256 = "0".repeat(64);
  const checks = await checkSeed(
    seedOf({
      files: [{ path: "package.json" }, { path: "package.json", sha256 }, { path: "seed/none.pem" }],
      ports: [{ host: "127.0.0.1", port }],
    }),
    "2027-01-10",
    { root, timeoutMilliseconds: 1000 },
  );
  expect(checks.map((check) => [check.what, check.outcome])).toEqual([
    ["file package.json", "holds"],
    ["file package.json", "fails"],
    ["file seed/none.pem", "fails"],
    [`port 127.0.0.1:${port}`, "holds"],
  ]);
  expect(checks.flatMap(({ messages }) => messages.map(formatMessage))).toEqual([
    expect.stringMatching(
      `^seed.items.root-ca.checks.files.1:1:1 BH1191 'root-ca': file package.json is [0-9a-f]{64}, and ${sha256} is wanted`,
    ),
    "seed.items.root-ca.checks.files.2:1:1 BH1190 'root-ca': file seed/none.pem cannot be had: ENOENT; see that it runs and can be reached from this machine",
  ]);
});
