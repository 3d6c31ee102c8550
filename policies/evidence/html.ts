import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Position } from "../../messages/message.ts";
import type { Bilingual } from "../bilingual.ts";
import type { Verdict } from "../laws/verdict.ts";
import {
  type Evidence,
  type EvidenceClause,
  type EvidenceControl,
  type EvidenceFinding,
  type EvidenceInstrument,
  type EvidenceRule,
  VERDICTS,
} from "./evidence.ts";
import { type Markup, markup } from "./markup.ts";
import {
  CHANGE_WORDS,
  JUDGED_BY_WORDS,
  KIND_WORDS,
  type Language,
  LEVEL_WORDS,
  numberIn,
  PAGE_WORDS,
  REASON_WORDS,
  SECTION_WORDS,
  SEVERITY_WORDS,
  STAGE_WORDS,
  STANDING_WORDS,
  STATE_WORDS,
  STATUS_WORDS,
  VERDICT_MEANINGS,
  VERDICT_WORDS,
} from "./words.ts";

/** The page in each language; they link to each other. */
export const PAGES: Readonly<Record<Language, string>> = { en: "index.html", bn: "index.bn.html" };

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");
/** The style sheet of every page. */
export const STYLE = read("page.css");
const SCRIPT = read("page.script.js");
const hashed = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The browser runs and paints nothing but the script and style below, whatever an object's name or a message says. */
const CONTENT_POLICY = `default-src 'none'; script-src ${hashed(SCRIPT)}; style-src ${hashed(STYLE)}; base-uri 'none'; form-action 'none'`;

/** What the sections below are written with. */
interface Page {
  readonly evidence: Evidence;
  readonly language: Language;
  readonly t: (text: Bilingual) => string;
  readonly n: (value: number) => string;
}

/**
 * The whole report as one page in one language: posture first, then law → clause → control → rule → objects → exemption. It needs no
 * network and no other file, can be printed, and can be read without its script.
 */
export function renderHtml(evidence: Evidence, language: Language): string {
  const page: Page = { evidence, language, t: (text) => text[language], n: (value) => numberIn(language, value) };
  const { t } = page;
  const title = `${t(PAGE_WORDS.title)} ${evidence.environment.name}`;
  const other: Language = language === "en" ? "bn" : "en";
  const raw = (text: string): Markup => ({ markup: text });
  return markup`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">${t(PAGE_WORDS.skip)}</a>
<header class="bar">
<form role="search">
<label for="search">${t(PAGE_WORDS.search)}</label>
<input id="search" type="search" autocomplete="off" placeholder="${t(PAGE_WORDS.searchHint)}">
<output id="found" for="search" data-words="${t(PAGE_WORDS.found)}"></output>
</form>
<a id="other-language" href="${PAGES[other]}" lang="${other}" hreflang="${other}">${other === "bn" ? "বাংলা" : "English"}</a>
</header>
<div class="page">
${contents(page)}
<main id="content">
<h1>${title}</h1>
${heading(page)}
${posture(page)}
${comparison(page)}
${laws(page)}
${controls(page)}
${rules(page)}
${exemptions(page)}
${blindSpots(page)}
${assumptions(page)}
${objects(page)}
${origin(page)}
</main>
</div>
<script>${raw(SCRIPT)}</script>
</body>
</html>
`.markup;
}

const link = (target: string, text: string | Markup): Markup => markup`<a href="#${target}">${text}</a>`;
const clauseAnchor = (id: string): string => `clause-${id}`;
const controlAnchor = (id: string): string => `control-${id}`;
const ruleAnchor = (id: string): string => `rule-${id.replace("/", "-")}`;
const exemptionAnchor = (id: string): string => `exemption-${id}`;
const objectAnchor = (index: number): string => `object-${index}`;

/** Technical text that is English in every language. */
const english = ({ language }: Page, text: string): Markup =>
  language === "en" ? markup`${text}` : markup`<span lang="en">${text}</span>`;

const id = (text: string): Markup => markup`<span class="id" lang="en">${text}</span>`;

const place = (position: Position | undefined): Markup | undefined =>
  position && id(`${position.file}:${position.line}`);

/** An address is a link; a citation is text. Only the web's own schemes are links. */
const sourceOf = (page: Page, source: string): Markup =>
  /^https?:\/\//.test(source)
    ? markup`<a href="${source}" rel="noreferrer">${english(page, source)}</a>`
    : english(page, source);

const badge = ({ t }: Page, verdict: Verdict): Markup =>
  markup`<span class="verdict ${verdict.replace(" ", "-")}">${t(VERDICT_WORDS[verdict])}</span>`;

const list = <T>(items: readonly T[], render: (item: T) => Markup, separator = ", "): Markup =>
  markup`${items.map((item, index) => (index === 0 ? render(item) : markup`${separator}${render(item)}`))}`;

function table(
  caption: string | undefined,
  heads: readonly (string | { readonly number: string })[],
  rows: readonly Markup[],
): Markup {
  const head = heads.map((h) =>
    typeof h === "string" ? markup`<th scope="col">${h}</th>` : markup`<th scope="col" class="number">${h.number}</th>`,
  );
  return markup`<div class="scroll" tabindex="0" role="group"${caption && markup` aria-label="${caption}"`}><table>${caption && markup`<caption>${caption}</caption>`}<thead><tr>${head}</tr></thead>
<tbody>
${rows}</tbody></table></div>`;
}

const SECTIONS = Object.keys(SECTION_WORDS) as (keyof typeof SECTION_WORDS)[];
type Section = (typeof SECTIONS)[number];

function contents({ evidence, t }: Page): Markup {
  const inside = (section: Section): Markup | undefined =>
    section === "laws"
      ? markup`<ol>${evidence.instruments.map((i) => markup`<li>${link(`law-${i.id}`, t(i.title))}</li>`)}</ol>`
      : undefined;
  return markup`<nav aria-label="${t(PAGE_WORDS.contents)}"><ol>
${SECTIONS.filter((section) => section !== "comparison" || evidence.comparison).map((section) => markup`<li>${link(section, t(SECTION_WORDS[section]))}${inside(section)}</li>\n`)}</ol></nav>`;
}

const section = ({ t }: Page, name: Section, body: Markup): Markup =>
  markup`<section id="${name}" aria-labelledby="${name}-title" data-group>
<h2 id="${name}-title">${t(SECTION_WORDS[name])}</h2>
${body}
</section>`;

function heading(page: Page): Markup {
  const { evidence, t } = page;
  const { environment, commit, asOf, inputs, reproducible } = evidence;
  const fact = (name: Bilingual, value: Markup): Markup => markup`<div><dt>${t(name)}</dt><dd>${value}</dd></div>`;
  return markup`<p>${english(page, environment.description)}</p>
<dl class="facts">
${fact(PAGE_WORDS.asOf, id(asOf))}
${fact(PAGE_WORDS.commit, id(commit.id))}
${fact(PAGE_WORDS.committed, id(commit.date))}
${fact(PAGE_WORDS.inputDigest, id(`sha256:${inputs.digest}`))}
</dl>
${reproducible ? markup`<p class="soft">${t(PAGE_WORDS.reproducible)}</p>` : markup`<p class="warn"><strong>${t(PAGE_WORDS.notReproducible)}</strong> ${list(commit.changed, id)}</p>`}
<p class="soft">${t(PAGE_WORDS.declaredOnly)}</p>`;
}

function posture(page: Page): Markup {
  const { evidence, t, n } = page;
  const { posture: p } = evidence;
  const total = VERDICTS.reduce((sum, verdict) => sum + p.clauses[verdict], 0);
  const measures = [
    ["objects", "stacks", "rules", "rulesEnforced", "rulesWithoutObjects", "rulesNotRun", "judgements"],
    ["failed", "errors", "exempted", "notEvaluated", "unknown", "assumed"],
  ] as const;
  const wordOf = { failed: PAGE_WORDS.open } as const;
  const measure = (key: (typeof measures)[number][number]): Markup =>
    markup`<tr><th scope="row">${t(key === "failed" ? wordOf.failed : PAGE_WORDS[key])}</th><td class="number">${n(p[key])}</td></tr>
`;
  return section(
    page,
    "posture",
    markup`${postureBar(p.clauses, total)}
${table(
  t(PAGE_WORDS.clausesBy),
  [t(PAGE_WORDS.status), { number: t(PAGE_WORDS.clauses) }, t(PAGE_WORDS.meaning)],
  VERDICTS.map(
    (verdict) =>
      markup`<tr><th scope="row">${badge(page, verdict)}</th><td class="number">${n(p.clauses[verdict])}</td><td>${t(VERDICT_MEANINGS[verdict])}</td></tr>
`,
  ),
)}
${attention(page)}
${table(t(PAGE_WORDS.lookedAt), [t(PAGE_WORDS.measure), { number: t(PAGE_WORDS.number) }], measures.flat().map(measure))}`,
  );
}

function comparison(page: Page): Markup | undefined {
  const { evidence, t } = page;
  if (!evidence.comparison) return undefined;
  const { commit, changes } = evidence.comparison;
  const stood = (text: string | undefined): Markup =>
    text === undefined ? markup`<span class="soft">${t(PAGE_WORDS.absent)}</span>` : english(page, text);
  const rows = changes.map(
    (
      c,
    ) => markup`<tr data-entry><td>${t(CHANGE_WORDS[c.what])}</td><th scope="row">${id(c.id)}</th><td>${stood(c.before)}</td><td>${stood(c.after)}</td></tr>
`,
  );
  const heads = [PAGE_WORDS.changed, PAGE_WORDS.object, PAGE_WORDS.before, PAGE_WORDS.after].map(t);
  return section(
    page,
    "comparison",
    markup`<p class="soft">${t(PAGE_WORDS.commit)} ${id(commit)}</p>
${rows.length === 0 ? markup`<p>${t(PAGE_WORDS.noChange)}</p>` : table(undefined, heads, rows)}`,
  );
}

/** Drawn for the eye; the table below says the same. */
function postureBar(clauses: Readonly<Record<Verdict, number>>, total: number): Markup {
  let from = 0;
  const parts = VERDICTS.map((verdict) => {
    const width = total === 0 ? 0 : Math.round((clauses[verdict] / total) * 10_000) / 10;
    const part = markup`<rect class="${verdict.replace(" ", "-")}" x="${String(from)}" y="0" width="${String(width)}" height="20"/>`;
    from = Math.round((from + width) * 10) / 10;
    return part;
  });
  return markup`<svg class="posture" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true" focusable="false">${parts}</svg>`;
}

/** What an auditor would ask about first. */
function attention(page: Page): Markup {
  const { evidence, t } = page;
  const open = evidence.findings.filter(({ exemption }) => exemption === undefined);
  const items = [
    ...evidence.instruments.flatMap(({ clauses }) =>
      clauses
        .filter(({ verdict }) => verdict === "not satisfied")
        .map(
          (clause) =>
            markup`<li>${link(clauseAnchor(clause.id), clause.id)}: ${reasonsOf(page, clause.reasons)}</li>\n`,
        ),
    ),
    ...open.map(
      (f) =>
        markup`<li>${link(ruleAnchor(f.rule), f.rule)}: ${objectLink(page, f.subject)}: ${english(page, f.text)}</li>\n`,
    ),
    ...evidence.exemptions
      .filter(({ state, remarks }) => state !== "in-force" || remarks.length > 0)
      .map(
        (e) =>
          markup`<li>${t(PAGE_WORDS.exemption)} ${link(exemptionAnchor(e.id), e.id)}: ${t(STATE_WORDS[e.state])}</li>\n`,
      ),
    ...evidence.notEvaluated.map(
      (u) => markup`<li>${link("not-judged", t(PAGE_WORDS.notEvaluated))}: ${id(`${u.stack}/${u.address}`)}</li>\n`,
    ),
    ...evidence.rules
      .filter(({ judged }) => judged.length === 0)
      .map(
        (rule) =>
          markup`<li>${link(ruleAnchor(rule.id), rule.id)}: ${rule.notRun === undefined ? t(PAGE_WORDS.nothing) : markup`${t(REASON_WORDS.notRun)} (${english(page, rule.notRun)})`}</li>\n`,
      ),
  ];
  return items.length === 0
    ? markup``
    : markup`<h3>${t(PAGE_WORDS.attention)}</h3>
<ul class="plain">
${items}</ul>`;
}

const reasonsOf = ({ t }: Page, reasons: EvidenceClause["reasons"]): string =>
  reasons.map((reason) => t(REASON_WORDS[reason])).join("; ");

function laws(page: Page): Markup {
  return section(page, "laws", markup`${page.evidence.instruments.map((instrument) => law(page, instrument))}`);
}

function law(page: Page, instrument: EvidenceInstrument): Markup {
  const { t } = page;
  const { id: name, title, kind, citation, status, since, source, verified, note, clauses, text } = instrument;
  const standing =
    status === undefined
      ? markup`${t(PAGE_WORDS.notYet)}`
      : markup`${t(STATUS_WORDS[status])}, ${sinceDay(page, since ?? "")} (${t(verified ? PAGE_WORDS.verified : PAGE_WORDS.notVerified)}; ${t(PAGE_WORDS.source)}: ${sourceOf(page, source ?? "")})`;
  return markup`<section data-group aria-labelledby="law-${name}">
<h3 id="law-${name}">${t(title)}</h3>
<p class="soft">${t(KIND_WORDS[kind])}${citation !== undefined && markup`, ${english(page, citation)}`}${text !== undefined && markup` · ${sourceOf(page, text)}`}</p>
<p class="soft">${standing}</p>
${note && markup`<p class="soft">${t(note)}</p>`}
${table(
  undefined,
  [t(PAGE_WORDS.reference), t(PAGE_WORDS.asks), t(PAGE_WORDS.status), t(PAGE_WORDS.controls)],
  clauses.map((clause) => clauseRow(page, clause)),
)}
</section>
`;
}

/** English says it before the day, Bangla after it. */
const sinceDay = ({ language, t }: Page, day: string): Markup =>
  language === "en" ? markup`${t(PAGE_WORDS.since)} ${id(day)}` : markup`${id(day)} ${t(PAGE_WORDS.since)}`;

function clauseRow(page: Page, clause: EvidenceClause): Markup {
  const { t } = page;
  const silent = clause.reasons.includes("notBinding") && markup`<br>${t(STANDING_WORDS[clause.standing])}`;
  const why = clause.reasons.length > 0 && markup`<div class="soft">${reasonsOf(page, clause.reasons)}${silent}</div>`;
  const assumed =
    clause.assumed && markup`<div class="soft">${link("assumptions", t(PAGE_WORDS.restsOnAssumed))}</div>`;
  return markup`<tr id="${clauseAnchor(clause.id)}" data-entry><th scope="row">${english(page, clause.reference)}<br>${id(clause.id)}</th>
<td>${t(clause.paraphrase)}${clause.note && markup`<div class="soft">${t(clause.note)}</div>`}
<div class="soft">${t(clause.verified ? PAGE_WORDS.verified : PAGE_WORDS.notVerified)}; ${t(PAGE_WORDS.source)}: ${sourceOf(page, clause.source)}</div>${asks(page, clause.manual)}</td>
<td>${badge(page, clause.verdict)}${why}${assumed}</td>
<td>${list(clause.controls, (control) => link(controlAnchor(control), id(control)), " ")}</td></tr>
`;
}

function asks({ t, n }: Page, manual: readonly Bilingual[]): Markup | undefined {
  if (manual.length === 0) return undefined;
  return markup`<details><summary>${t(PAGE_WORDS.askFor)} (${n(manual.length)})</summary><ul class="plain">${manual.map((ask) => markup`<li>${t(ask)}</li>`)}</ul></details>`;
}

function controls(page: Page): Markup {
  return section(page, "controls", markup`${page.evidence.controls.map((control) => controlArticle(page, control))}`);
}

function controlArticle(page: Page, control: EvidenceControl): Markup {
  const { evidence, t, n } = page;
  const serving = evidence.rules.filter((rule) => control.rules.includes(rule.id));
  const row = (rule: EvidenceRule): Markup =>
    markup`<tr><th scope="row">${link(ruleAnchor(rule.id), id(rule.id))}</th><td>${t(SEVERITY_WORDS[rule.severity])}</td><td>${t(STAGE_WORDS[rule.stage])}</td>${[rule.judged.length, rule.passed, rule.failed, rule.exempted].map((value) => markup`<td class="number">${n(value)}</td>`)}</tr>
`;
  return markup`<article id="${controlAnchor(control.id)}" data-entry>
<h3>${t(control.title)} ${badge(page, control.verdict)}</h3>
<p class="soft">${id(control.id)}${control.reasons.length > 0 && markup` · ${reasonsOf(page, control.reasons)}`}${control.assumed && markup` · ${link("assumptions", t(PAGE_WORDS.restsOnAssumed))}`}</p>
<p>${t(control.statement)}</p>
${serving.length > 0 && table(t(PAGE_WORDS.servedBy), [t(PAGE_WORDS.rule), t(PAGE_WORDS.severity), t(PAGE_WORDS.stage), ...counts(page)], serving.map(row))}
${control.clauses.length > 0 && markup`<p>${t(PAGE_WORDS.askedBy)}: ${list(control.clauses, (clause) => link(clauseAnchor(clause), id(clause)))}</p>`}
${asks(page, control.manual)}
</article>
`;
}

const counts = ({ t }: Page): readonly { readonly number: string }[] =>
  [PAGE_WORDS.judged, PAGE_WORDS.passed, PAGE_WORDS.failed, PAGE_WORDS.exemptedShort].map((word) => ({
    number: t(word),
  }));

function rules(page: Page): Markup {
  const byRule = new Map<string, EvidenceFinding[]>();
  for (const finding of page.evidence.findings)
    byRule.set(finding.rule, [...(byRule.get(finding.rule) ?? []), finding]);
  return section(
    page,
    "rules",
    markup`${page.evidence.rules.map((rule) => ruleArticle(page, rule, byRule.get(rule.id) ?? []))}`,
  );
}

function ruleArticle(page: Page, rule: EvidenceRule, findings: readonly EvidenceFinding[]): Markup {
  const { t, n } = page;
  const found = new Set(findings.map(({ subject }) => subject));
  const passed = rule.judged.filter((index) => !found.has(index));
  const numbers = [rule.judged.length, rule.passed, rule.failed, rule.exempted];
  const words = [PAGE_WORDS.judged, PAGE_WORDS.passed, PAGE_WORDS.failed, PAGE_WORDS.exemptedShort];
  return markup`<article id="${ruleAnchor(rule.id)}" data-entry>
<h3>${t(rule.title)}</h3>
<p class="soft">${id(rule.id)} · ${t(PAGE_WORDS.severity)}: ${t(SEVERITY_WORDS[rule.severity])} · ${t(PAGE_WORDS.stage)}: ${t(STAGE_WORDS[rule.stage])} · ${t(LEVEL_WORDS[rule.level])} · ${t(JUDGED_BY_WORDS[rule.judgedBy])}</p>
<p>${t(rule.rationale)} ${sourceOf(page, rule.reference)}</p>
<p>${t(PAGE_WORDS.controls)}: ${list(rule.controls, (control) => link(controlAnchor(control), id(control)))}</p>
<p>${words.map((word, index) => markup`${index > 0 && " · "}${t(word)}: ${n(numbers[index] ?? 0)}`)}</p>
${rule.judged.length === 0 && markup`<p class="warn">${rule.notRun === undefined ? t(PAGE_WORDS.nothing) : markup`${t(REASON_WORDS.notRun)}: ${english(page, rule.notRun)}`}</p>`}
${
  findings.length > 0 &&
  table(
    t(PAGE_WORDS.findings),
    [t(PAGE_WORDS.object), t(PAGE_WORDS.where), t(PAGE_WORDS.what), t(PAGE_WORDS.exemption)],
    findings.map((finding) => findingRow(page, finding)),
  )
}
${passed.length > 0 && markup`<details><summary>${t(PAGE_WORDS.judgedObjects)} (${n(passed.length)})</summary><ul class="objects">${passed.map((index) => markup`<li>${objectLink(page, index)}</li>`)}</ul></details>`}
</article>
`;
}

function findingRow(page: Page, finding: EvidenceFinding): Markup {
  const subject = page.evidence.subjects[finding.subject];
  const permit = finding.exemption !== undefined && link(exemptionAnchor(finding.exemption), id(finding.exemption));
  return markup`<tr><th scope="row">${objectLink(page, finding.subject)}</th><td>${place(subject?.position)}</td><td>${english(page, finding.text)}</td><td>${permit}</td></tr>
`;
}

const objectLink = ({ evidence }: Page, index: number): Markup =>
  link(objectAnchor(index), id(evidence.subjects[index]?.object ?? String(index)));

function exemptions(page: Page): Markup {
  const { evidence, t } = page;
  const heads = ["exemption", "subject", "reason", "owner", "approver", "until", "compensating", "status"] as const;
  const rows = evidence.exemptions.map(
    (
      e,
    ) => markup`<tr id="${exemptionAnchor(e.id)}" data-entry><th scope="row">${id(e.id)}</th><td>${link(ruleAnchor(e.rule), id(e.rule))}<br>${id(e.subject)}</td>
<td>${english(page, e.reason)}<div class="soft">${english(page, e.legalBasis)}</div></td><td>${english(page, e.owner)}</td><td>${english(page, e.approver)}</td>
<td>${id(e.issued)}<br>${id(e.expires)}</td><td>${english(page, e.compensatingControl)}</td><td>${t(STATE_WORDS[e.state])}${e.remarks.map((remark) => markup`<div class="soft">${english(page, remark)}</div>`)}</td></tr>
`,
  );
  const none = markup`<p>${t(PAGE_WORDS.none)}</p>`;
  return section(
    page,
    "exemptions",
    rows.length === 0
      ? none
      : table(
          undefined,
          heads.map((head) => t(PAGE_WORDS[head])),
          rows,
        ),
  );
}

function blindSpots(page: Page): Markup {
  const { evidence, t } = page;
  const unasked = evidence.notEvaluated.map(
    (
      u,
    ) => markup`<tr data-entry><th scope="row">${id(u.address)}</th><td>${id(u.stack)}</td><td>${english(page, u.reason)}</td></tr>
`,
  );
  const unknown = evidence.subjects.flatMap((subject, index) =>
    subject.unknown.length === 0
      ? []
      : [
          markup`<tr data-entry><th scope="row">${objectLink(page, index)}</th><td>${list(subject.unknown, id)}</td></tr>\n`,
        ],
  );
  const none = markup`<p>${t(PAGE_WORDS.none)}</p>`;
  return section(
    page,
    "not-judged",
    markup`<h3>${t(PAGE_WORDS.notEvaluated)}</h3>
${unasked.length === 0 ? none : table(undefined, [t(PAGE_WORDS.address), t(PAGE_WORDS.stack), t(PAGE_WORDS.why)], unasked)}
<h3>${t(PAGE_WORDS.unknownValues)}</h3>
${unknown.length === 0 ? none : table(undefined, [t(PAGE_WORDS.object), t(PAGE_WORDS.paths)], unknown)}`,
  );
}

function assumptions(page: Page): Markup {
  const { evidence, t } = page;
  const rows = evidence.assumptions.map(
    (
      a,
    ) => markup`<tr data-entry><th scope="row">${id(a.path)}</th><td>${english(page, a.basis)}</td><td>${place(a.position)}</td></tr>
`,
  );
  return section(
    page,
    "assumptions",
    markup`<p>${t(PAGE_WORDS.assumptionsText)}</p>
${rows.length === 0 ? markup`<p>${t(PAGE_WORDS.none)}</p>` : table(undefined, [t(PAGE_WORDS.fact), t(PAGE_WORDS.basis), t(PAGE_WORDS.where)], rows)}`,
  );
}

function objects(page: Page): Markup {
  const { evidence, t, n } = page;
  const judgedBy = new Map<number, number>();
  for (const index of evidence.rules.flatMap(({ judged }) => judged))
    judgedBy.set(index, (judgedBy.get(index) ?? 0) + 1);
  const rows = evidence.subjects.map(
    (
      subject,
      index,
    ) => markup`<tr id="${objectAnchor(index)}" data-entry><th scope="row">${id(subject.object)}</th><td>${id(subject.stack)}</td><td>${place(subject.position)}${subject.assumed && markup` ${link("assumptions", "*")}`}</td><td class="number">${n(judgedBy.get(index) ?? 0)}</td></tr>
`,
  );
  const heads = [t(PAGE_WORDS.object), t(PAGE_WORDS.stack), t(PAGE_WORDS.where), { number: t(PAGE_WORDS.rules) }];
  return section(
    page,
    "objects",
    markup`<p class="soft">* ${t(PAGE_WORDS.restsOnAssumed)}</p>
${table(undefined, heads, rows)}`,
  );
}

function origin(page: Page): Markup {
  const { evidence, t, n } = page;
  const { files } = evidence.inputs;
  const tools = evidence.tools.map(
    ({ name, version }) => markup`<tr><th scope="row">${id(name)}</th><td>${id(version)}</td></tr>\n`,
  );
  const inputs = files.map(
    (f) => markup`<tr data-entry><th scope="row">${id(f.path)}</th><td>${id(f.sha256)}</td></tr>\n`,
  );
  return section(
    page,
    "origin",
    markup`<p>${t(PAGE_WORDS.verifyText)}</p>
${table(t(PAGE_WORDS.tools), [t(PAGE_WORDS.tools), t(PAGE_WORDS.version)], tools)}
<details data-group><summary>${t(PAGE_WORDS.files)} (${n(files.length)})</summary>${table(undefined, [t(PAGE_WORDS.file), "SHA-256"], inputs)}</details>`,
  );
}
