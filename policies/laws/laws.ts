import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { BhittiError, compareMessages, type Message, message, type Position } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import { COMMON_FORMATS, date, type Formats, name, text } from "../../yaml/formats.ts";
import { readSource } from "../../yaml/read.ts";
import type { SourceFile } from "../../yaml/source.ts";
import { validate } from "../../yaml/validate.ts";
import { type Bilingual, bilingual } from "../bilingual.ts";
import { CONTROLS, type Control, clauseId, readControls, sameIds } from "../controls/controls.ts";

/** What an instrument is. A `standard` or `guideline` binds nobody by itself: the platform has chosen to follow it. */
export const INSTRUMENT_KINDS = ["act", "ordinance", "policy", "standard", "guideline"] as const;
export type InstrumentKind = (typeof INSTRUMENT_KINDS)[number];

/**
 * `tabled`: before parliament. An ordinance keeps the force of law meanwhile, and loses it 30 days after it was laid unless
 * parliament passes it (Constitution of Bangladesh, article 93(1) and (2)). `inForce`: of a standard, that its version is the
 * current one. `unknown`: no source says what became of it.
 */
export const STATUSES = ["draft", "tabled", "inForce", "lapsed", "repealed", "unknown"] as const;
export type Status = (typeof STATUSES)[number];

/** What an instrument was from a day on, until the next entry. */
export interface StatusEntry {
  /** ISO day. */
  readonly from: string;
  readonly status: Status;
  /** Where that is said: a URL or a citation. */
  readonly source: string;
  /** Whether it was read in the gazette, or in what the issuer of a standard publishes. */
  readonly verified: boolean;
  readonly note?: Bilingual;
}

/** One thing that an instrument asks. */
export interface Clause {
  /** `<instrument>.<clause>`; a token as OSCAL wants it. */
  readonly id: string;
  /** Id of its instrument. */
  readonly instrument: string;
  /** As the instrument numbers it, e.g. `section 29`. */
  readonly reference: string;
  /** What it asks, in our own words. */
  readonly paraphrase: Bilingual;
  /** Where that is said: a URL or a citation. */
  readonly source: string;
  /** Whether the paraphrase was read against the gazette, or against what the issuer of a standard publishes. */
  readonly verified: boolean;
  /** First day, where it differs from its instrument's. */
  readonly effectiveFrom?: string;
  /** Last day, where it differs from its instrument's. */
  readonly effectiveTo?: string;
  /** What sources leave open. */
  readonly note?: Bilingual;
  /** Ids of the controls that it asks for; empty where it can only be asked about. */
  readonly controls: readonly string[];
  /** What an auditor has to ask for, beyond what the controls ask for. */
  readonly manual: readonly Bilingual[];
  readonly position: Position;
}

/** A list of classes of data, as one source tells it. Where sources differ, each has its own and an environment names one. */
export interface Classification {
  /** `<instrument>.<classification>`, as an environment names it. */
  readonly id: string;
  readonly source: string;
  readonly verified: boolean;
  /** From the least to the most protected. */
  readonly classes: readonly { readonly id: string; readonly title: Bilingual }[];
  readonly position: Position;
}

/** A law, a policy or a standard. */
export interface Instrument {
  readonly id: string;
  readonly title: Bilingual;
  readonly kind: InstrumentKind;
  /** Its official number or version, where a source gives it. */
  readonly citation?: string;
  /** Where its text is published, whether or not it was read there. */
  readonly text?: string;
  /** Id of the instrument that it amends. */
  readonly amends?: string;
  /** In the order of its days. */
  readonly status: readonly StatusEntry[];
  readonly classifications: readonly Classification[];
  readonly clauses: readonly Clause[];
  readonly position: Position;
}

const source = text("Where that is said: a URL or a citation.", "http://bdlaws.minlaw.gov.bd/act-1574.html");
const verified = z.boolean().meta({
  description: "True only where it was read in the gazette, or in what the issuer of a standard publishes.",
});
const asks = z.array(bilingual("What an auditor has to ask for.")).min(1);

/** The schema of each file of policies/laws: one instrument. */
export const INSTRUMENT_FILE = z
  .strictObject({
    id: name.meta({ description: "The file's name.", examples: ["pdpo-2025"] }),
    title: bilingual("What it is called."),
    kind: z.enum(INSTRUMENT_KINDS).meta({ description: "What it is." }),
    citation: text("Its official number or version.", "Ordinance No. 61 of 2025").exactOptional(),
    text: text("Where its text is published.", "http://bdlaws.minlaw.gov.bd/act-1574.html").exactOptional(),
    amends: name.meta({ description: "The instrument that it amends." }).exactOptional(),
    status: z
      .array(
        z.strictObject({
          from: date("The first day of this status."),
          status: z.enum(STATUSES).meta({ description: "What it is from that day on." }),
          source,
          verified,
          note: bilingual("What one has to know about it.").exactOptional(),
        }),
      )
      .min(1)
      .meta({ description: "What it was and is, in the order of days; an entry holds until the next one." }),
    classifications: z
      .array(
        z.strictObject({
          id: clauseId.meta({ examples: ["pdpo-2025.by-secrecy"] }),
          source,
          verified,
          classes: z
            .array(z.strictObject({ id: name, title: bilingual("What the class is called.") }))
            .min(1)
            .meta({ description: "From the least to the most protected." }),
        }),
      )
      .min(1)
      .exactOptional()
      .meta({ description: "Lists of classes of data, one for each source that differs." }),
    clauses: z
      .array(
        z.strictObject({
          id: clauseId,
          reference: text("As the instrument numbers it.", "section 29"),
          paraphrase: bilingual("What it asks, in our own words."),
          source,
          verified,
          effectiveFrom: date("The first day, where it differs from the instrument's.").exactOptional(),
          effectiveTo: date("The last day, where it differs from the instrument's.").exactOptional(),
          note: bilingual("What sources leave open.").exactOptional(),
          controls: z.array(name).min(1).exactOptional().meta({
            description:
              "The controls that it asks for. Controls name clauses of standards themselves, under 'catalogues'.",
          }),
          manual: asks.exactOptional().meta({
            description: "What an auditor has to ask for, where it asks for no control or for more than they say.",
          }),
        }),
      )
      .min(1),
  })
  .meta({ title: "An instrument: a law, a policy or a standard, with what it asks" });

/** `clause-id` has its own code: what is wrong with one is most often its first part. */
const FORMATS: Formats = {
  ...COMMON_FORMATS,
  "clause-id": ["BH3501", () => "write the instrument's id, a dot, and a short name, e.g. 'pdpo-2025.consent'"],
};

const FOLDER = "policies/laws";
const GENERATED = "policies/laws.generated.json";
const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Every instrument as it was read without a fault, and the SHA-256 of the texts that it was read from. */
export interface ParsedLaws {
  readonly digest: string;
  readonly laws: readonly Instrument[];
}

/**
 * Every instrument, sorted by id.
 *
 * Parsing and checking a dozen YAML files takes 0.3 s, so the outcome is kept in `laws.generated.json`. Texts that are not those it
 * was made from are parsed anew: the file can be old, but never wrong.
 *
 * @param root the repository's folder, which positions are relative to
 * @throws BhittiError with every fault of every file, and of the controls that they name
 */
export function loadLaws(root: string = repository): readonly Instrument[] {
  const known = readGenerated(root);
  return known?.digest === digestOf(root) ? known.laws : readLaws(root);
}

/** What `laws.generated.json` holds. */
export const parseLaws = (root: string = repository): ParsedLaws => ({ digest: digestOf(root), laws: readLaws(root) });

function digestOf(root: string): string {
  const hash = createHash("sha256");
  for (const file of [CONTROLS, ...instrumentFiles(root).map((name) => `${FOLDER}/${name}`)]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

function readGenerated(root: string): ParsedLaws | undefined {
  try {
    return JSON.parse(readFileSync(join(root, GENERATED), "utf8")) as ParsedLaws;
  } catch {
    return undefined;
  }
}

function readLaws(root: string): readonly Instrument[] {
  const { controls, messages: ofControls, source: controlsFile } = readControls(root);
  const files = instrumentFiles(root).map((file) => readInstrument(root, file));
  const instruments = files.flatMap(({ instrument }) => instrument ?? []);
  // Whatever refers to a file with faults of its own would only repeat them.
  const faulty = files.filter(({ instrument }) => !instrument).map(({ source }) => basename(source.file, ".yaml"));
  const faults = [
    ...ofControls,
    ...files.flatMap(({ messages }) => messages),
    ...sameIds(instruments.flatMap(({ clauses, classifications }) => [...clauses, ...classifications])),
    ...instruments.flatMap((instrument) => amendedFault(instrument, instruments, faulty)),
    ...unknownControls(instruments, controls, files),
    ...unknownClauses(controls, instruments, controlsFile, faulty),
  ];
  if (faults.length > 0) throw new BhittiError(faults.sort(compareMessages));
  return instruments.map((instrument) => ({
    ...instrument,
    clauses: instrument.clauses.map((clause) => ({ ...clause, controls: controlsOf(clause, controls) })),
  }));
}

/**
 * The list of data classes that an environment names.
 *
 * @param id `<instrument>.<classification>`
 * @param named where the environment names it
 * @param root the repository's folder
 * @throws BhittiError BH3511 where no instrument tells it, or with the faults of the laws
 */
export function loadClassification(id: string, named: Position, root: string = repository): Classification {
  const all = loadLaws(root).flatMap(({ classifications }) => classifications);
  const found = all.find((classification) => classification.id === id);
  if (!found)
    throw new BhittiError(
      message(
        "BH3511",
        {
          value: id,
          ...meant(
            id,
            all.map((c) => c.id),
          ),
        },
        named,
      ),
    );
  return found;
}

const instrumentFiles = (root: string): readonly string[] =>
  readdirSync(join(root, FOLDER))
    .filter((file) => file.endsWith(".yaml"))
    .sort();

/** What a clause asks for itself, and the controls that name it as one of their catalogues. */
const controlsOf = (clause: Clause, controls: readonly Control[]): readonly string[] => [
  ...clause.controls,
  ...controls.filter(({ catalogues }) => catalogues.includes(clause.id)).map(({ id }) => id),
];

interface InstrumentRead {
  readonly source: SourceFile;
  /** Absent where the file has not the form of one. */
  readonly instrument?: Instrument;
  readonly messages: readonly Message[];
}

function readInstrument(root: string, file: string): InstrumentRead {
  const source = readSource(root, `${FOLDER}/${file}`);
  if (source.value === undefined) return { source, messages: source.messages };
  const checked = validate(source, INSTRUMENT_FILE, FORMATS);
  if (!checked.data) return { source, messages: [...source.messages, ...checked.messages] };
  const { data } = checked;
  const at = (list: string, i: number): Position => source.valueAt([list, i, "id"]);
  const instrument: Instrument = {
    ...data,
    classifications: (data.classifications ?? []).map((c, i) => ({ ...c, position: at("classifications", i) })),
    clauses: data.clauses.map((clause, i) => ({
      ...clause,
      instrument: data.id,
      controls: clause.controls ?? [],
      manual: clause.manual ?? [],
      position: at("clauses", i),
    })),
    position: source.valueAt(["id"]),
  };
  return {
    source,
    instrument,
    messages: [...source.messages, ...nameFaults(instrument, source), ...dayFaults(instrument, source)],
  };
}

/** An instrument is called as its file, and what lies in it begins with its name. */
function nameFaults({ id, clauses, classifications, position }: Instrument, { file }: SourceFile): Message[] {
  const expected = basename(file, ".yaml");
  const renamed = id === expected ? [] : [message("BH1052", { value: id, what: "file", expected }, position)];
  const foreign = [...clauses, ...classifications]
    .filter((part) => !part.id.startsWith(`${id}.`))
    .map((part) => message("BH3502", { value: part.id, prefix: id }, part.position));
  return [...renamed, ...foreign];
}

function dayFaults({ status, clauses }: Instrument, source: SourceFile): Message[] {
  const disordered = status.flatMap(({ from }, i) => {
    const before = status[i - 1]?.from;
    return before !== undefined && before >= from
      ? [message("BH3503", { day: from, before }, source.valueAt(["status", i, "from"]))]
      : [];
  });
  const reversed = clauses.flatMap(({ id, effectiveFrom, effectiveTo }, i) =>
    effectiveFrom !== undefined && effectiveTo !== undefined && effectiveFrom > effectiveTo
      ? [message("BH3504", { id, from: effectiveFrom, to: effectiveTo }, source.valueAt(["clauses", i, "effectiveTo"]))]
      : [],
  );
  return [...disordered, ...reversed];
}

function amendedFault(
  { id, amends, position }: Instrument,
  instruments: readonly Instrument[],
  faulty: readonly string[],
): Message[] {
  const known = [...instruments.map((i) => i.id), ...faulty].filter((other) => other !== id);
  return amends === undefined || known.includes(amends)
    ? []
    : [message("BH3505", { value: amends, ...meant(amends, known) }, position)];
}

/** Controls that a clause names and nobody defines; clauses that ask for nothing. */
function unknownControls(
  instruments: readonly Instrument[],
  controls: readonly Control[],
  files: readonly InstrumentRead[],
): Message[] {
  // A faulty controls.yaml has messages of its own; everything that names a control would only repeat them.
  if (controls.length === 0) return [];
  const known = controls.map(({ id }) => id);
  return instruments.flatMap((instrument) => {
    const source = files.find((file) => file.instrument === instrument)?.source;
    return instrument.clauses.flatMap((clause, i) => [
      ...clause.controls.flatMap((value, j) =>
        known.includes(value)
          ? []
          : [
              message(
                "BH3506",
                { value, clause: clause.id, ...meant(value, known) },
                source?.valueAt(["clauses", i, "controls", j]),
              ),
            ],
      ),
      ...(clause.manual.length === 0 && controlsOf(clause, controls).length === 0
        ? [message("BH3507", { id: clause.id }, clause.position)]
        : []),
    ]);
  });
}

/** Clauses that a control names among its catalogues and no standard has. */
function unknownClauses(
  controls: readonly Control[],
  instruments: readonly Instrument[],
  source: SourceFile,
  faulty: readonly string[],
): Message[] {
  const known = instruments.filter(isStandard).flatMap(({ clauses }) => clauses.map(({ id }) => id));
  return controls.flatMap((control, i) =>
    control.catalogues.flatMap((value, j) =>
      known.includes(value) || faulty.some((id) => value.startsWith(`${id}.`))
        ? []
        : [
            message(
              "BH3508",
              { value, control: control.id, ...meant(value, known) },
              source.valueAt(["controls", i, "catalogues", j]),
            ),
          ],
    ),
  );
}

/** Standards and guidelines bind nobody by themselves: the platform follows them by choice. */
export const isStandard = ({ kind }: Instrument): boolean => kind === "standard" || kind === "guideline";

export function meant(value: string, known: readonly string[]): { hint: string } {
  const like = nearest(value, known);
  return { hint: like === undefined ? `there are: ${known.join(", ")}` : `did you mean '${like}'?` };
}
