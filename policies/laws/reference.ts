import { type Control, loadControls } from "../controls/controls.ts";
import { type Clause, type Instrument, isStandard, loadLaws } from "./laws.ts";

/**
 * The generated part of docs/laws.md: instruments with their history, what each clause asks and where that is said, what is
 * left open, and the controls with what they answer. Rules are left out: `bhitti explain <control>` names them.
 */
export function lawsMarkdown(): string {
  const laws = loadLaws();
  const ours = laws.filter((law) => !isStandard(law));
  const standards = laws.filter(isStandard);
  return [
    "## Laws and policies",
    ...ours.map(lawSection),
    "## What sources leave open",
    openQuestions(laws),
    "## Controls",
    controlsTable(loadControls(), ours, standards),
    "## Standards",
    standardsTable(standards),
  ].join("\n\n");
}

const verdict = (verified: boolean): string => (verified ? "yes" : "no");

function lawSection(law: Instrument): string {
  const about = [law.kind, law.citation, law.amends && `amends \`${law.amends}\``].filter(Boolean).join(", ");
  return [
    `### ${law.id}`,
    `${law.title.en} · ${law.title.bn} (${about})${law.text ? `. Published at ${link(law.text)}.` : "."}`,
    table(
      ["from", "status", "read in the gazette", "source", "note"],
      law.status.map(({ from, status, verified, source, note }) => [
        from,
        status,
        verdict(verified),
        link(source),
        note?.en ?? "",
      ]),
    ),
    ...law.classifications.map(
      ({ id, classes, source }) =>
        `List of data classes \`${id}\`: ${classes.map(({ title }) => title.en).join(", ")} (${link(source)}).`,
    ),
    table(
      ["clause", "asks", "read in the gazette", "source", "controls, or what to ask"],
      law.clauses.map((clause) => [
        `\`${clause.id.slice(law.id.length + 1)}\`<br>${clause.reference}${daysOf(clause)}`,
        clause.paraphrase.en,
        verdict(clause.verified),
        link(clause.source),
        [...clause.controls.map((id) => `\`${id}\``), ...clause.manual.map(({ en }) => en)].join("; "),
      ]),
    ),
  ].join("\n\n");
}

const daysOf = ({ effectiveFrom, effectiveTo }: Clause): string =>
  [
    ...(effectiveFrom === undefined ? [] : [`<br>from ${effectiveFrom}`]),
    ...(effectiveTo === undefined ? [] : [`<br>until ${effectiveTo}`]),
  ].join("");

function openQuestions(laws: readonly Instrument[]): string {
  return laws
    .flatMap(({ clauses }) => clauses.flatMap(({ id, note }) => (note ? [`- \`${id}\`: ${note.en}`] : [])))
    .join("\n");
}

function controlsTable(
  controls: readonly Control[],
  laws: readonly Instrument[],
  standards: readonly Instrument[],
): string {
  const asking = (control: Control, among: readonly Instrument[]): string =>
    among
      .flatMap((law) => law.clauses.filter((clause) => clause.controls.includes(control.id)))
      .map(({ id }) => `\`${id}\``)
      .join(", ");
  return table(
    ["control", "holds when", "asked by law", "in standards", "what to ask for"],
    controls.map((control) => [
      `\`${control.id}\``,
      control.statement.en,
      asking(control, laws),
      asking(control, standards),
      control.manual.map(({ en }) => en).join("; "),
    ]),
  );
}

const standardsTable = (standards: readonly Instrument[]): string =>
  table(
    ["standard", "version", "clauses", "of these read at the issuer", "published at"],
    standards.map(({ id, title, citation, clauses, text }) => [
      `\`${id}\`<br>${title.en}`,
      citation ?? "",
      String(clauses.length),
      String(clauses.filter(({ verified }) => verified).length),
      text ? link(text) : "",
    ]),
  );

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** An address is shown by its host; citations as they are. */
function link(source: string): string {
  const host = /^https?:\/\/([^/]+)/.exec(source)?.[1];
  return host === undefined ? source : `[${host.replace(/^www\./, "")}](${source})`;
}
