import { z } from "zod";
import { type Message, message } from "../../../messages/message.ts";
import { formatted, NAME, name, text } from "../../../yaml/formats.ts";
import { secondsOf } from "../duration.ts";
import { type Known, type SourceFiles, zonesOf } from "../known.ts";
import { clauseFaults, lawful } from "../lawful.ts";
import {
  at,
  duplicates,
  items,
  type Json,
  type Placed,
  positionOf,
  refers,
  refersEach,
  spot,
  within,
} from "../placed.ts";
import { dataClass, duration, fact, NOT_BACKED_UP, titleBangla } from "../values.ts";

const days = (description: string) => z.int().min(1).max(36_500).meta({ description });

export const backupFile = z
  .strictObject({
    targets: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["jashore-objects"] }),
          title: text("What it is.", "Object store of the disaster recovery data centre"),
          titleBangla,
          site: name.meta({ description: "A site of sites.yaml.", examples: ["jashore"] }),
          kind: z.enum(["object-store", "file-store", "tape"]),
          objectLockDays: days("Days for which nobody can remove what was written.").optional(),
          encrypted: z
            .boolean()
            .meta({ description: "Whether what is written is encrypted before it leaves its cluster." }),
          restoresWithin: duration.meta({
            description: "How long it takes until what is restored from it runs again.",
            examples: ["4h"],
          }),
          ...fact,
        }),
      )
      .meta({ description: "Where copies are written to." }),
    classes: z
      .array(
        z.strictObject({
          dataClass,
          countries: z
            .array(formatted("pattern", /^[A-Z]{2}$/, "Two capital letters (ISO 3166-1).", ["BD"]))
            .min(1)
            .meta({ description: "Where its copies may lie.", examples: [["BD"]] }),
          sites: z
            .array(name)
            .min(1)
            .meta({
              description: "The sites that its copies may lie at; absent, every one of the countries.",
              examples: [["jashore"]],
            })
            .optional(),
          copies: z.int().min(1).max(10).meta({ description: "Copies beside the data itself, at least." }),
          keep: duration.meta({ description: "How long each copy is kept, at least.", examples: ["35d"] }),
          encrypted: z.boolean().meta({ description: "Whether its copies have to be encrypted." }),
          objectLockDays: days("Days for which nobody may be able to remove a copy, at least.").optional(),
          bound: z
            .strictObject(lawful)
            .meta({ description: "The clause that this follows, where a source says one." })
            .optional(),
          ...fact,
        }),
      )
      .meta({ description: "What copies of each class of data have to be; a class that is backed up has an entry." }),
    policies: z
      .array(
        z.strictObject({
          name: formatted("pattern", /^(?!none$)[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/, "A name other than 'none'.", [
            "hourly",
          ]),
          title: text("What it does.", "Every hour, kept for three months at two sites"),
          titleBangla,
          every: duration.meta({ description: "From one backup to the next.", examples: ["1h"] }),
          keep: duration.meta({ description: "How long each copy is kept.", examples: ["90d"] }),
          copies: z
            .array(name)
            .min(1)
            .meta({ description: "The targets that each backup is written to.", examples: [["jashore-objects"]] }),
          ...fact,
        }),
      )
      .meta({ description: "What services and components name as their `backup`." }),
  })
  .meta({
    title: "Backup: where copies are written, what each class of data asks of them, and how often they are made",
  });

export type Backup = z.infer<typeof backupFile>;
export type BackupPolicy = Backup["policies"][number];

/** Something that states how it is backed up: a zone's service, or a component of the platform. */
interface Kept {
  readonly placed: Placed;
  /** How messages call it. */
  readonly what: string;
  readonly dataClass: unknown;
  /** The cluster that its data lies in. */
  readonly cluster: unknown;
}

export function backupFaults(files: SourceFiles, known: Known): Message[] {
  const { backup, sites } = files.byKind;
  const targets = items(backup, ["targets"]);
  const classes = items(backup, ["classes"]);
  const policies = items(backup, ["policies"]);
  const targetNames = namesOfAll(targets);
  const policyNames = namesOfAll(policies);
  const named = policies.filter(({ value }) => value["name"] !== NOT_BACKED_UP);
  const kept = keptIn(files);
  return [
    ...[targets, policies].flatMap((list) => duplicates(list, "name")),
    ...duplicates(classes, "dataClass"),
    ...targets.flatMap((target) => refers(target, "site", "site", known.site)),
    ...classes.flatMap((entry) => [...refersEach(entry, "sites", "site", known.site), ...clauseFaults(entry, known)]),
    ...policies.flatMap((policy) => refersEach(policy, "copies", "target", backup ? targetNames : undefined)),
    ...zonesOf(files).flatMap(twoPolicies),
    ...kept.flatMap((one) => [
      ...(one.placed.value["backup"] === NOT_BACKED_UP || !backup
        ? []
        : refers(one.placed, "backup", "backup policy", policyNames)),
      ...restoredFromNothing(one),
      ...named
        .filter(({ value }) => value["name"] === one.placed.value["backup"])
        .slice(0, 1)
        .flatMap((policy) => keptFaults(one, policy, { targets, classes, sites: items(sites, ["sites"]), files })),
    ]),
  ];
}

/** A zone's namespace is backed up as a whole: of two policies one would silently be left out. */
function twoPolicies(zone: Placed): Message[] {
  const asked = within(zone, "services").filter(
    ({ value: { backup } }) => typeof backup === "string" && backup !== NOT_BACKED_UP,
  );
  const [first] = asked;
  return asked
    .filter(({ value }) => value["backup"] !== first?.value["backup"])
    .map((service) =>
      message(
        "BH1197",
        {
          zone: String(zone.value["name"]),
          policy: String(service.value["backup"]),
          other: String(first?.value["backup"]),
          first: first ? spot(positionOf(first, "backup")) : "",
        },
        positionOf(service, "backup"),
      ),
    );
}

const namesOfAll = (list: readonly Placed[]) => {
  const sound = list.flatMap(({ value: { name: n } }) =>
    typeof n === "string" && NAME.test(n) && n !== NOT_BACKED_UP ? [n] : [],
  );
  return { sound, someFaulty: sound.length < list.length };
};

/** Every component and every zone's service. */
function keptIn(files: SourceFiles): Kept[] {
  const { gateway, identity, soc } = files.byKind;
  const components = [
    { what: "the gateway", placed: at(gateway, ["gateway"]) },
    { what: "the identity service", placed: at(identity, ["identity"]) },
    { what: "the log sink", placed: at(soc, ["sink"]) },
  ];
  return [
    ...components.flatMap(({ what, placed }) =>
      placed.map((one) => ({ placed: one, what, dataClass: one.value["dataClass"], cluster: one.value["cluster"] })),
    ),
    ...zonesOf(files).flatMap((zone) =>
      within(zone, "services").map((placed) => ({
        placed,
        what: `service '${String(placed.value["name"])}'`,
        dataClass: zone.value["dataClass"],
        cluster: zone.value["cluster"],
      })),
    ),
  ];
}

const restoredFromNothing = ({ placed, what }: Kept): Message[] =>
  placed.value["failure"] === "L2" && placed.value["backup"] === NOT_BACKED_UP
    ? [message("BH1160", { what }, positionOf(placed, "backup"))]
    : [];

interface Copies {
  readonly targets: readonly Placed[];
  readonly classes: readonly Placed[];
  readonly sites: readonly Placed[];
  readonly files: SourceFiles;
}

/** What a policy does not give to something that names it. */
function keptFaults(one: Kept, policy: Placed, { targets, classes, sites, files }: Copies): Message[] {
  const { placed, what } = one;
  const { copies } = policy.value;
  const name = String(policy.value["name"]);
  const own = targets.filter(({ value }) => Array.isArray(copies) && copies.includes(value["name"]));
  if (Array.isArray(copies) && new Set(copies).size !== own.length) return []; // A target that there is not is told there.
  const home = siteOf(files, one.cluster);
  const here = positionOf(placed, "backup");
  const elsewhere = own.filter(({ value }) => value["site"] !== home);
  const missing = (["rpo", "rto"] as const).filter((key) => placed.value[key] === undefined);
  const shared = { what, policy: name };
  return [
    ...missing.map((key) => message("BH1161", { ...shared, key }, here)),
    ...(home !== undefined && own.length > 0 && elsewhere.length === 0
      ? [message("BH1162", { ...shared, site: home }, here)]
      : []),
    ...shorter(placed, "rpo", policy.value["every"]).map((at) =>
      message("BH1163", { ...shared, rpo: String(placed.value["rpo"]), every: String(policy.value["every"]) }, at),
    ),
    ...tooSlow(one, elsewhere, name),
    ...(one.dataClass === undefined
      ? [message("BH1164", shared, here)]
      : classFaults(one, policy, own, classes, sites)),
  ];
}

/** The place of a time that is shorter than another. */
function shorter(placed: Placed, key: string, than: unknown) {
  const [own, other] = [secondsOf(placed.value[key]), secondsOf(than)];
  return own !== undefined && other !== undefined && own < other ? [positionOf(placed, key)] : [];
}

/** The site is lost, so that what lies there restores nothing. */
function tooSlow({ placed, what }: Kept, elsewhere: readonly Placed[], policy: string): Message[] {
  const fastest = elsewhere
    .map(({ value }) => ({ target: String(value["name"]), time: secondsOf(value["restoresWithin"]) ?? 0, value }))
    .sort((a, b) => a.time - b.time)[0];
  if (!fastest) return [];
  const { target, value } = fastest;
  const params = { what, policy, target, rto: String(placed.value["rto"]), restores: String(value["restoresWithin"]) };
  return shorter(placed, "rto", value["restoresWithin"]).map((at) => message("BH1165", params, at));
}

function classFaults(
  { placed, what, dataClass: held }: Kept,
  policy: Placed,
  own: readonly Placed[],
  classes: readonly Placed[],
  sites: readonly Placed[],
): Message[] {
  const here = positionOf(placed, "backup");
  const asked = classes.find(({ value }) => value["dataClass"] === held)?.value;
  const shared = { what, policy: String(policy.value["name"]), dataClass: String(held) };
  if (!asked) return [message("BH1166", shared, here)];
  const [keep, atLeast] = [secondsOf(policy.value["keep"]), secondsOf(asked["keep"])];
  const few = typeof asked["copies"] === "number" && own.length < asked["copies"];
  return [
    ...own.flatMap(({ value: target }) => {
      const params = { ...shared, target: String(target["name"]) };
      const country = sites.find(({ value }) => value["name"] === target["site"])?.value["country"];
      return [
        ...(mayLie(asked, target["site"], country)
          ? []
          : [
              message(
                "BH1167",
                { ...params, site: String(target["site"]), country: String(country), allowed: placesOf(asked) },
                here,
              ),
            ]),
        ...lacks(asked, target).map((lack) => message("BH1168", { ...params, lack }, here)),
      ];
    }),
    ...(few ? [message("BH1169", { ...shared, copies: own.length, asked: String(asked["copies"]) }, here)] : []),
    ...(keep !== undefined && atLeast !== undefined && keep < atLeast
      ? [message("BH1170", { ...shared, keep: String(policy.value["keep"]), asked: String(asked["keep"]) }, here)]
      : []),
  ];
}

/** Of what is not known nothing is said: a country or a site that has a fault of its own. */
function mayLie(asked: Json, site: unknown, country: unknown): boolean {
  const { countries, sites } = asked;
  const inside = !Array.isArray(countries) || country === undefined || countries.includes(country);
  return inside && (!Array.isArray(sites) || sites.includes(site));
}

const placesOf = ({ countries, sites }: Json): string =>
  [Array.isArray(sites) ? `at ${sites.join(", ")}` : "", Array.isArray(countries) ? `in ${countries.join(", ")}` : ""]
    .filter((part) => part !== "")
    .join(", ");

function lacks(asked: Json, target: Json): string[] {
  const days = Number(asked["objectLockDays"] ?? 0);
  const locked = Number(target["objectLockDays"] ?? 0);
  return [
    ...(asked["encrypted"] === true && target["encrypted"] === false ? ["is not encrypted"] : []),
    ...(locked < days ? [`is locked for ${locked} of ${days} days`] : []),
  ];
}

/** The site that a cluster stands at. */
function siteOf({ byKind }: SourceFiles, cluster: unknown): string | undefined {
  const site = items(byKind.clusters, ["clusters"]).find(({ value }) => value["name"] === cluster)?.value["site"];
  return typeof site === "string" ? site : undefined;
}
