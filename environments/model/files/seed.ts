import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { formatted, NAME, name, text } from "../../../yaml/formats.ts";
import type { Known, SourceFiles } from "../known.ts";
import {
  at,
  duplicates,
  isJson,
  items,
  namesIn,
  type Placed,
  positionOf,
  refers,
  refersEach,
  within,
} from "../placed.ts";
import { day, duration, fact, host, ipAddress, path, port, titleBangla, url } from "../values.ts";

/** What every environment that is not disposable has to have before its first deploy. */
export const SEED_KINDS = [
  "hardware-keys",
  "root-ca",
  "time-source",
  "out-of-band-network",
  "administrator-machines",
  "dns-delegation",
  "provider-mirror",
  "registry",
  "state-backend",
  "management-cluster",
] as const;

const checks = z
  .strictObject({
    files: z
      .array(
        z.strictObject({
          path: path("Relative to the repository, absolute, or under ~.", "seed/root-ca.pem"),
          sha256: formatted("pattern", /^[0-9a-f]{64}$/, "Its SHA-256 digest in hexadecimal digits.", [
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
          ]).optional(),
        }),
      )
      .meta({ description: "Files that have to be there." })
      .optional(),
    names: z
      .array(
        z.strictObject({
          host: host.meta({ description: "The name that is asked for.", examples: ["platform.example.gov.bd"] }),
          type: z.enum(["A", "AAAA", "CNAME", "NS"]),
          server: ipAddress.meta({ description: "Whom to ask; absent, whom this machine asks." }).optional(),
          answers: z
            .array(host)
            .min(1)
            .meta({ description: "All of these have to be among the answers; absent, any answer will do." })
            .optional(),
        }),
      )
      .meta({ description: "Names that DNS has to know." })
      .optional(),
    ports: z
      .array(z.strictObject({ host, port }))
      .meta({ description: "Ports that have to take a TCP connection." })
      .optional(),
    pages: z
      .array(
        z.strictObject({
          url,
          status: z
            .int()
            .min(100)
            .max(599)
            .meta({ description: "The status that has to come.", examples: [200] }),
          contains: text("What has to stand in the answer.", "ok").optional(),
          authority: path(
            "The certificate authority that alone vouches for it; absent, those that this machine trusts.",
            "seed/root-ca.pem",
          ).optional(),
        }),
      )
      .meta({ description: "Addresses that have to answer over HTTP." })
      .optional(),
    clocks: z
      .array(
        z.strictObject({
          host,
          within: duration.meta({ description: "How far it may be from this machine's clock.", examples: ["1s"] }),
        }),
      )
      .meta({ description: "Time servers (NTP) that have to answer." })
      .optional(),
    attestations: z
      .array(
        z.strictObject({
          by: name.meta({ description: "One of roles.", examples: ["root-ca-custodians"] }),
          says: text("What is attested, since no machine can see it.", "Both key shares lie in their safes"),
          issued: day.meta({ description: "The first day on which it holds." }),
          expires: day.meta({ description: "The last day on which it holds." }),
        }),
      )
      .meta({ description: "What a person says, with an end." })
      .optional(),
  })
  .meta({ description: "How it is checked; 'bhitti seed check' does, and says what it cannot." });

export const seedFile = z
  .strictObject({
    roles: z.array(
      z.strictObject({
        name: name.meta({ examples: ["root-ca-custodians"] }),
        title: text("Who that is.", "Custodians of the root certificate authority"),
        titleBangla,
        people: z
          .int()
          .min(1)
          .max(1000)
          .meta({ description: "How many hold it.", examples: [5] }),
        quorum: z
          .int()
          .min(1)
          .max(1000)
          .meta({ description: "How many of them have to be there for anything to be done.", examples: [3] }),
        ...fact,
      }),
    ),
    items: z.array(
      z.strictObject({
        name: name.meta({ examples: ["root-ca"] }),
        kind: z.enum(SEED_KINDS),
        title: text("What it is.", "Root certificate authority, kept offline"),
        titleBangla,
        owner: name.meta({
          description: "The role that answers for it: one of roles.",
          examples: ["root-ca-custodians"],
        }),
        site: name.meta({ description: "The site of sites.yaml that it is kept at.", examples: ["agargaon"] }),
        place: text("Where there, and how it is kept.", "Safe of the key ceremony room, in a sealed bag"),
        needs: z
          .array(name)
          .meta({ description: "Items that have to stand before it.", examples: [["hardware-keys"]] })
          .optional(),
        checks,
        ...fact,
      }),
    ),
  })
  .meta({ title: "Seed: what stands before the first deploy, who answers for it, and how it is checked" });

export type Seed = z.infer<typeof seedFile>;
export type SeedItem = Seed["items"][number];
export type SeedChecks = SeedItem["checks"];

export function seedFaults({ byKind: { seed, environment } }: SourceFiles, known: Known): Message[] {
  if (!seed) return [];
  const roles = items(seed, ["roles"]);
  const all = items(seed, ["items"]);
  const roleNames = namesIn(seed, ["roles"], NAME);
  const itemNames = namesIn(seed, ["items"], NAME);
  return [
    ...duplicates(roles, "name"),
    ...duplicates(all, "name"),
    ...roles
      .filter(({ value: { people, quorum } }) => Number(quorum) > Number(people))
      .map((role) =>
        message(
          "BH1174",
          {
            role: String(role.value["name"]),
            quorum: Number(role.value["quorum"]),
            people: Number(role.value["people"]),
          },
          positionOf(role, "quorum"),
        ),
      ),
    ...all.flatMap((item) => [
      ...refers(item, "owner", "role", roleNames),
      ...refers(item, "site", "site", known.site),
      ...refersEach(item, "needs", "item", itemNames),
      ...checkFaults(item, roleNames),
      ...heldByOne(item, roles),
    ]),
    ...circles(all),
    ...lackingKinds(all, at(environment, [])[0]?.value["disposable"], () => seed.keyAt([], "items")),
  ];
}

function checkFaults(item: Placed, roles: ReturnType<typeof namesIn>): Message[] {
  const own = item.value["checks"];
  if (!isJson(own)) return [];
  const placed: Placed = { value: own, source: item.source, path: [...item.path, "checks"] };
  const attestations = within(placed, "attestations");
  const none = Object.values(own).every((list) => Array.isArray(list) && list.length === 0);
  return [
    ...(none ? [message("BH1175", { item: String(item.value["name"]) }, positionOf(item, "checks"))] : []),
    ...attestations.flatMap((attestation) => {
      const { issued, expires } = attestation.value;
      const ends = typeof issued === "string" && typeof expires === "string" && expires < issued;
      return [
        ...refers(attestation, "by", "role", roles),
        ...(ends ? [message("BH1176", { issued, expires }, positionOf(attestation, "expires"))] : []),
      ];
    }),
  ];
}

/** Whoever can sign for the whole country alone is who has to be robbed. */
function heldByOne(item: Placed, roles: readonly Placed[]): Message[] {
  if (item.value["kind"] !== "root-ca") return [];
  const role = roles.find(({ value }) => value["name"] === item.value["owner"]);
  return role && Number(role.value["quorum"]) < 2
    ? [message("BH1177", { role: String(role.value["name"]) }, positionOf(role, "quorum"))]
    : [];
}

/** Items that wait for each other; told at each that lies on the circle. */
function circles(all: readonly Placed[]): Message[] {
  const needs = new Map(
    all.map(({ value }) => [String(value["name"]), Array.isArray(value["needs"]) ? value["needs"].map(String) : []]),
  );
  return all.flatMap((item) => {
    const own = String(item.value["name"]);
    const way = wayTo(own, own, needs, new Set());
    return way ? [message("BH1178", { item: own, way: way.join(" → ") }, positionOf(item, "needs"))] : [];
  });
}

function wayTo(
  from: string,
  goal: string,
  needs: ReadonlyMap<string, string[]>,
  seen: Set<string>,
): string[] | undefined {
  for (const next of needs.get(from) ?? []) {
    if (next === goal) return [from, goal];
    if (seen.has(next)) continue;
    seen.add(next);
    const rest = wayTo(next, goal, needs, seen);
    if (rest) return [from, ...rest];
  }
  return undefined;
}

function lackingKinds(
  all: readonly Placed[],
  disposable: unknown,
  here: () => NonNullable<Message["position"]>,
): Message[] {
  if (disposable !== false) return [];
  const missing = SEED_KINDS.filter((kind) => !all.some(({ value }) => value["kind"] === kind));
  return missing.map((kind) => message("BH1179", { kind }, here()));
}
