import type { Commit } from "./evidence.ts";
import { STYLE } from "./html.ts";
import { markup } from "./markup.ts";
import { OBSERVED_WORDS, VERDICT_WORDS } from "./words.ts";

/**
 * What was seen running, apart from what is declared: it depends on when and where one looked, so it has a time and ends. `drift`: what
 * stands against what is declared. `live-evaluation`: every rule on what stands. `last-deploy`: whether the last deploy of each stack
 * reached its end. `drills`: whether what has to be practised was, lately enough.
 */
export const OBSERVATIONS = ["drift", "live-evaluation", "last-deploy", "drills"] as const;
export type ObservationKind = (typeof OBSERVATIONS)[number];

/** Hours for which an observation may be relied upon. */
export const VALID_HOURS: Readonly<Record<ObservationKind, number>> = {
  drift: 24,
  "live-evaluation": 24,
  "last-deploy": 24,
  drills: 24,
};

export interface Observation {
  readonly kind: ObservationKind;
  /** ISO, UTC. */
  readonly takenAt: string;
  /** ISO, UTC: from then on it says nothing. */
  readonly validUntil: string;
  /** What it found when it was taken. */
  readonly satisfied: boolean;
  /** Counts, by what was counted. */
  readonly counts: Readonly<Record<string, number>>;
  /** What else has to be known of it. */
  readonly notes: readonly string[];
  /** Each thing that keeps it from being satisfied, in words. */
  readonly faults: readonly string[];
}

/** The file `observed/observed.json`. */
export interface Observed {
  readonly form: typeof OBSERVED_FORM;
  readonly environment: string;
  /** What the observations were compared with. */
  readonly commit: Commit;
  readonly observations: readonly Observation[];
}

export const OBSERVED_FORM = "bhitti.platform/observed/v1";

/** What somebody found who looked. */
export interface Found extends Pick<Observation, "counts" | "notes" | "faults"> {
  /** When what was found ends by itself, where that is known. */
  readonly until?: Date;
}

/** An observation with its time and the end of its validity: that of its kind, or when what was found ends. */
export function observation(kind: ObservationKind, takenAt: Date, { until, ...found }: Found): Observation {
  const end = takenAt.getTime() + VALID_HOURS[kind] * 3_600_000;
  return {
    kind,
    takenAt: takenAt.toISOString(),
    validUntil: new Date(Math.min(end, until?.getTime() ?? end)).toISOString(),
    satisfied: found.faults.length === 0,
    ...found,
  };
}

/** Whether a value that somebody else wrote has the form of an observation. */
export function isObservation(value: unknown): value is Observation {
  const { kind, takenAt, validUntil, satisfied } = (value ?? {}) as Partial<Record<keyof Observation, unknown>>;
  const isTime = (time: unknown): boolean => typeof time === "string" && !Number.isNaN(Date.parse(time));
  return (
    OBSERVATIONS.some((k) => k === kind) && isTime(takenAt) && isTime(validUntil) && typeof satisfied === "boolean"
  );
}

/** Where an observation stands at a time. */
export interface ObservedStanding {
  readonly kind: ObservationKind;
  readonly verdict: "satisfied" | "not satisfied";
  /** `missing`: none was taken, or none in this form. `expired`: it was valid until before that time, or is said to be from after it. */
  readonly because: "holds" | "faults" | "missing" | "expired";
}

/** What can be relied upon at a time: each kind of observation, those that nobody took included. */
export function observedAt(observations: readonly Observation[], time: Date): readonly ObservedStanding[] {
  return OBSERVATIONS.map((kind) => {
    const taken = observations.filter((o) => o.kind === kind).sort((a, b) => (a.takenAt < b.takenAt ? 1 : -1))[0];
    const because = !taken ? "missing" : !isValid(taken, time) ? "expired" : taken.satisfied ? "holds" : "faults";
    return { kind, verdict: because === "holds" ? "satisfied" : "not satisfied", because };
  });
}

/** The end is the kind's own, counted from when it was taken: a file may not grant itself more. */
function isValid({ kind, takenAt, validUntil }: Observation, time: Date): boolean {
  const taken = Date.parse(takenAt);
  const end = Math.min(Date.parse(validUntil), taken + VALID_HOURS[kind] * 3_600_000);
  return taken <= time.getTime() && time.getTime() < end;
}

/** One page in both languages; it says when it was taken, since it cannot know when it is read. */
export function renderObservedHtml({ environment, commit, observations }: Observed): string {
  const both = ({ en, bn }: { en: string; bn: string }) => markup`${en} <span lang="bn">${bn}</span>`;
  const style = { markup: STYLE };
  const row = (kind: ObservationKind) => {
    const taken = observations.find((o) => o.kind === kind);
    const verdict = taken?.satisfied ? "satisfied" : "not satisfied";
    const counts = Object.entries(taken?.counts ?? {}).map(([name, count]) => `${name}: ${count}`);
    return markup`<tr><th scope="row">${both(OBSERVED_WORDS[kind])}</th>
<td><span class="verdict ${verdict.replace(" ", "-")}">${both(VERDICT_WORDS[verdict])}</span></td>
<td>${taken ? markup`<span class="id">${taken.takenAt}</span><br><span class="id">${taken.validUntil}</span>` : both(OBSERVED_WORDS.missing)}</td>
<td>${counts.join(", ")}${(taken?.notes ?? []).map((note) => markup`<div class="soft">${note}</div>`)}${taken && taken.faults.length > 0 && markup`<ul class="plain">${taken.faults.map((fault) => markup`<li>${fault}</li>`)}</ul>`}</td></tr>
`;
  };
  const heads = ["observation", "verdict", "time", "found"] as const;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Observed: ${environment}</title>
<style>${style}</style>
</head>
<body>
<main class="alone">
<h1>${both(OBSERVED_WORDS.title)}: ${environment}</h1>
<p>${both(OBSERVED_WORDS.explain)}</p>
<p class="soft"><span class="id">${commit.id}</span></p>
<div class="scroll" tabindex="0" role="group" aria-label="${OBSERVED_WORDS.title.en}"><table>
<thead><tr>${heads.map((head) => markup`<th scope="col">${both(OBSERVED_WORDS[head])}</th>`)}</tr></thead>
<tbody>
${OBSERVATIONS.map(row)}</tbody></table></div>
</main>
</body>
</html>
`.markup;
}
