import { z } from "zod";
import { BhittiError, compareMessages, type Message, message, type Position } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import { date, name, text } from "../../yaml/formats.ts";
import { readSource } from "../../yaml/read.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { validate } from "../../yaml/validate.ts";
import { FORMATS } from "./formats.ts";
import { insideFile } from "./inside.ts";
import { duplicates, items, unsourcedFacts } from "./placed.ts";
import { type Prices, placedPrices, priceFaults, pricesFile } from "./prices.ts";
import { basis, dataClass } from "./values.ts";

/**
 * What the country has and every environment may refer to: the services for citizens, the districts, the order in which
 * centres open, what a zone pays, and what counts as inside. One file each under `environments/catalogue/`.
 */

const FOLDER = "environments/catalogue";
const source = text("The public text that says so.").optional();
const titleBangla = text("The title in Bangla.", "ঢাকা");
const positive = (description: string, maximum: number) => z.int().min(1).max(maximum).meta({ description });

const services = z
  .strictObject({
    hosted: z
      .strictObject({ count: positive("How many services the platform hosts.", 10_000), basis, source })
      .meta({ description: "The public number, which the list below has to have." }),
    ministries: z.array(
      z.strictObject({
        name: name.meta({ examples: ["land"] }),
        title: text("The ministry's name."),
        titleBangla,
        services: z
          .array(
            z.strictObject({
              name: name.meta({ examples: ["land-mutation"] }),
              title: text("What a citizen can do.", "Apply for the mutation of land"),
              titleBangla,
              dataClass,
              basis,
              source,
            }),
          )
          .meta({ description: "At least two: so every ministry was told." }),
      }),
    ),
  })
  .meta({ title: "Services: what citizens can do on the platform, by ministry" });

const counts = z
  .record(name.meta({ description: "A source." }), positive("How many.", 100_000))
  .meta({ description: "A count from each source; sources differ." });

const districts = z
  .strictObject({
    sources: z
      .array(z.strictObject({ name, title: text("What was counted."), basis }))
      .min(1)
      .meta({ description: "Lists from which upazilas and unions were counted." }),
    divisions: z.array(
      z.strictObject({
        name: name.meta({ examples: ["dhaka"] }),
        title: text("The division's name.", "Dhaka"),
        titleBangla,
        districts: z.array(
          z.strictObject({
            name: name.meta({ examples: ["gazipur"] }),
            title: text("The district's name.", "Gazipur"),
            titleBangla,
            upazilas: counts,
            unions: counts,
          }),
        ),
      }),
    ),
  })
  .meta({ title: "Districts: the country's divisions and districts, with counts of what lies below them" });

const rollout = z
  .strictObject({
    connectivity: z.array(
      z.strictObject({
        name: name.meta({ examples: ["fibre"] }),
        title: text("The class's name.", "Optical fibre"),
        titleBangla,
        description: text("What carries it."),
        minimumMegabitsPerSecond: positive("What a centre can count on.", 100_000),
        basis,
      }),
    ),
    perCentre: z
      .strictObject({
        entrepreneurs: positive("People who serve citizens there.", 100),
        loginClients: positive("Clients in the realm of service entrepreneurs.", 10),
        deviceCertificates: positive("Certificates of the centre's devices.", 100),
        addressPrefix: z.int().min(16).max(32).meta({ description: "Prefix length of the centre's IPv4 range." }),
        requestsPerMinute: positive("What the centre may ask of the gateway.", 1_000_000),
        basis,
      })
      .meta({ description: "What one centre needs of the platform." }),
    pilot: z.array(
      z.strictObject({
        name: name.meta({ examples: ["gulshan"] }),
        title: text("Where it is.", "Gulshan, Dhaka"),
        titleBangla,
        district: name.meta({ description: "A district of districts.yaml.", examples: ["dhaka"] }),
        connectivity: name.meta({ description: "A class of connectivity.", examples: ["fibre"] }),
        state: z.enum(["open", "planned"]),
        basis,
        source,
      }),
    ),
    waves: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["districts"] }),
          title: text("What opens.", "A centre in each district"),
          titleBangla,
          centres: z
            .enum(["pilot", "district", "upazila", "union"])
            .meta({ description: "What gets a centre each: those of `pilot`, or every unit of that kind." }),
          districts: z
            .array(name)
            .min(1)
            .meta({ description: "Districts of districts.yaml; absent, every one.", examples: [["dhaka"]] })
            .optional(),
          connectivity: name.meta({ description: "The least class that a centre of the wave needs." }),
          from: date("The day on which it may open at the earliest."),
          basis,
          gates: z
            .array(
              z.strictObject({
                name: name.meta({ examples: ["availability"] }),
                measure: text("What is measured."),
                atLeast: z.number().min(0).meta({ description: "The least value." }),
                unit: text("Of the value.", "percent"),
              }),
            )
            .meta({ description: "What has to hold before the next wave opens." }),
        }),
      )
      .min(1),
  })
  .meta({ title: "Rollout: how services reach the country, wave by wave" });

/** One schema a file of `environments/catalogue/`; keys are file names without `.yaml`. */
export const CATALOGUE_SCHEMAS = { services, districts, rollout, prices: pricesFile, inside: insideFile } as const;
type CatalogueFile = keyof typeof CATALOGUE_SCHEMAS;

export type Ministry = z.infer<typeof services>["ministries"][number];
export type Division = z.infer<typeof districts>["divisions"][number];
export type Wave = z.infer<typeof rollout>["waves"][number];

/** The checked content of `environments/catalogue/`. */
export interface Catalogue {
  readonly services: z.infer<typeof services>;
  readonly districts: z.infer<typeof districts>;
  readonly rollout: z.infer<typeof rollout>;
  readonly prices: Prices;
  readonly inside: z.infer<typeof insideFile>;
}

/**
 * Reads and checks `environments/catalogue/`.
 *
 * @param root the repository's folder, which positions are relative to
 * @throws BhittiError with every fault of every file, sorted by file and line
 */
export function loadCatalogue(root: string): Catalogue {
  const read = (file: CatalogueFile): SourceFile => readSource(root, `${FOLDER}/${file}.yaml`);
  const files = {
    services: read("services"),
    districts: read("districts"),
    rollout: read("rollout"),
    prices: read("prices"),
    inside: read("inside"),
  };
  const checked = {
    services: check(files.services, services),
    districts: check(files.districts, districts),
    rollout: check(files.rollout, rollout),
    prices: check(files.prices, pricesFile),
    inside: check(files.inside, insideFile),
  };
  const faults = [
    ...Object.values(files).flatMap((file) => file.messages),
    ...Object.values(checked).flatMap((file) => file.messages),
    ...(checked.services.data ? serviceFaults(files.services, checked.services.data) : []),
    ...(checked.districts.data ? districtFaults(files.districts, checked.districts.data) : []),
    ...(checked.rollout.data ? rolloutFaults(files.rollout, checked.rollout.data, checked.districts.data) : []),
    ...(checked.prices.data ? priceFaults(files.prices, checked.prices.data) : []),
    ...duplicates(items(files.inside, ["names"]), "suffix"),
    ...duplicates(items(files.inside, ["prefixes"]), "range"),
    ...[files.prices, files.inside].flatMap(unsourcedFacts),
  ];
  if (faults.length > 0) throw new BhittiError([...faults].sort(compareMessages));
  const { services: s, districts: d, rollout: r, prices: p, inside: i } = checked;
  // Cannot be: a file without faults has data.
  if (!s.data || !d.data || !r.data || !p.data || !i.data) throw new Error("no catalogue");
  return {
    services: s.data,
    districts: d.data,
    rollout: r.data,
    prices: placedPrices(files.prices, p.data),
    inside: i.data,
  };
}

const check = <S extends z.ZodType>(source: SourceFile, schema: S) =>
  source.value === undefined ? { messages: [], data: undefined } : validate(source, schema, FORMATS);

type Path = readonly (string | number)[];

function serviceFaults(file: SourceFile, { hosted, ministries }: Catalogue["services"]): Message[] {
  const listed = ministries.flatMap((ministry) => ministry.services).length;
  const few = ministries.flatMap(({ name: ministry, services: list }, i) =>
    list.length < 2
      ? [message("BH1060", { ministry, count: list.length }, file.valueAt(["ministries", i, "services"]))]
      : [],
  );
  return [
    ...twice(file, paths(ministries, ["ministries"])),
    ...twice(
      file,
      ministries.flatMap((ministry, i) => paths(ministry.services, ["ministries", i, "services"])),
    ),
    ...few,
    ...(listed === hosted.count
      ? []
      : [message("BH1061", { stated: hosted.count, listed }, file.valueAt(["hosted", "count"]))]),
  ];
}

function districtFaults(file: SourceFile, { sources, divisions }: Catalogue["districts"]): Message[] {
  const known = sources.map((s) => s.name);
  return [
    ...twice(file, paths(sources, ["sources"])),
    ...twice(file, paths(divisions, ["divisions"])),
    ...twice(
      file,
      divisions.flatMap((division, i) => paths(division.districts, ["divisions", i, "districts"])),
    ),
    ...divisions.flatMap((division, i) =>
      division.districts.flatMap((district, j) =>
        (["upazilas", "unions"] as const).flatMap((unit) => {
          const path = ["divisions", i, "districts", j, unit];
          const missing = known.filter((s) => !Object.hasOwn(district[unit], s));
          return [
            ...Object.keys(district[unit]).flatMap((s) => unknown(file.keyAt(path, s), unit, "source", s, known)),
            ...missing.map((s) => message("BH1062", { unit, district: district.name, source: s }, file.valueAt(path))),
          ];
        }),
      ),
    ),
  ];
}

function rolloutFaults(
  file: SourceFile,
  { connectivity, pilot, waves }: Catalogue["rollout"],
  districtFile: Catalogue["districts"] | undefined,
): Message[] {
  const classes = connectivity.map((c) => c.name);
  const known = districtFile?.divisions.flatMap((division) => division.districts.map((district) => district.name));
  const refers = (path: Path, kind: string, value: string, names: readonly string[] | undefined): Message[] =>
    names
      ? unknown(file.valueAt(path), path.filter((part) => typeof part === "string").join("."), kind, value, names)
      : [];
  return [
    ...twice(file, paths(connectivity, ["connectivity"])),
    ...twice(file, paths(pilot, ["pilot"])),
    ...twice(file, paths(waves, ["waves"])),
    ...pilot.flatMap((centre, i) => [
      ...refers(["pilot", i, "district"], "district", centre.district, known),
      ...refers(["pilot", i, "connectivity"], "class of connectivity", centre.connectivity, classes),
    ]),
    ...waves.flatMap((wave, i) => [
      ...twice(file, paths(wave.gates, ["waves", i, "gates"])),
      ...refers(["waves", i, "connectivity"], "class of connectivity", wave.connectivity, classes),
      ...(wave.districts ?? []).flatMap((d, j) => refers(["waves", i, "districts", j], "district", d, known)),
      ...notAfter(file, wave, waves[i - 1], i),
    ]),
  ];
}

function notAfter(file: SourceFile, wave: Wave, before: Wave | undefined, i: number): Message[] {
  if (!before || before.from < wave.from) return [];
  const params = { wave: wave.name, from: wave.from, before: before.name, earlier: before.from };
  return [message("BH1063", params, file.valueAt(["waves", i, "from"]))];
}

function unknown(at: Position, path: string, kind: string, value: string, known: readonly string[]): Message[] {
  if (known.includes(value)) return [];
  const meant = nearest(value, known);
  const hint = meant ? `did you mean '${meant}'?` : `there are: ${known.slice(0, 12).join(", ")}`;
  return [message("BH1031", { path, what: `${kind} '${value}'`, hint }, at)];
}

interface Named {
  readonly name: string;
  readonly path: Path;
}

const paths = (list: readonly { readonly name: string }[], path: Path): Named[] =>
  list.map((item, i) => ({ name: item.name, path: [...path, i, "name"] }));

function twice(file: SourceFile, list: readonly Named[]): Message[] {
  const first = new Map<string, Position>();
  return list.flatMap(({ name: value, path }) => {
    const here = file.valueAt(path);
    const earlier = first.get(value);
    if (!earlier) first.set(value, here);
    return earlier
      ? [message("BH1030", { name: value, first: `${earlier.file}:${earlier.line}:${earlier.column}` }, here)]
      : [];
  });
}
