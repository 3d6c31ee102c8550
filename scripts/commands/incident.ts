import { EXIT } from "../../contracts.ts";
import { seconds } from "../../environments/model/duration.ts";
import { loadEnvironment } from "../../environments/model/load.ts";
import { type Notice, noticesOf } from "../../environments/model/notices.ts";
import { BhittiError, message } from "../../messages/message.ts";
import { nearest } from "../../messages/nearest.ts";
import type { CommandContext, Outcome } from "./outcome.ts";

export interface IncidentWords {
  /** When it was known, as an ISO instant. @default now */
  readonly known?: Date;
}

/** Bangladesh has one time, without summer time. */
const DHAKA_MILLISECONDS = 6 * 3_600_000;

/** `bhitti incident <environment> <zone> <severity>`: who has to be told, and by when. */
export function incident(
  { root }: CommandContext,
  name: string,
  zoneName: string,
  severity: string,
  { known = new Date() }: IncidentWords,
): Outcome {
  const environment = loadEnvironment(root, name);
  const severities = environment.soc.severities;
  const zone = found("zone", zoneName, environment.zones, name);
  const { title } = found("severity", severity, severities, name);
  const notices = noticesOf(environment, zone, severity).map((notice) => ({ ...notice, by: dueTime(notice, known) }));
  return {
    exitCode: EXIT.fine,
    json: { environment: name, zone: zoneName, severity, known: dhakaTime(known.getTime()), notices },
    text: [`${severity}: ${title}`, `known since ${dhakaTime(known.getTime())}`, "", ...notices.map(line)].join("\n"),
  };
}

/** The one of that name. @throws BhittiError BH1196, which lists what there is */
export function found<T extends { readonly name: string }>(
  kind: string,
  value: string,
  all: readonly T[],
  environment: string,
): T {
  const one = all.find((candidate) => candidate.name === value);
  if (one) return one;
  const known = all.map((candidate) => candidate.name);
  const meant = nearest(value, known);
  const hint = meant ? `did you mean '${meant}'?` : `there are: ${known.join(", ")}`;
  throw new BhittiError(message("BH1196", { kind, value, environment, hint }));
}

const dueTime = ({ within }: Notice, known: Date): string => dhakaTime(known.getTime() + seconds(within) * 1000);

/** The country's time, to the minute that has begun: a notice by then is never late. */
const dhakaTime = (time: number): string => `${new Date(time + DHAKA_MILLISECONDS).toISOString().slice(0, 16)}+06:00`;

const line = ({ by, who, title, contact, clause }: Notice & { readonly by: string }): string =>
  [`by ${by}`, who.padEnd(9), `${title}${contact ? `, ${contact}` : ""}`, clause ? `(${clause})` : ""]
    .filter((part) => part !== "")
    .join("  ");
