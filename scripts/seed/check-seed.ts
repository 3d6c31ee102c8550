import type { Environment } from "../../environments/model/environment.ts";
import type { SeedItem } from "../../environments/model/files/seed.ts";
import { type Message, message } from "../../messages/message.ts";
import {
  type ProbeOptions,
  type ProbeOutcome,
  probeClock,
  probeFile,
  probeName,
  probePage,
  probePort,
} from "./probes.ts";

/** What became of one check. `attested`: no machine can look, and a person's word holds on that day. */
export interface SeedCheck {
  readonly item: string;
  readonly kind: SeedItem["kind"];
  /** What was looked at. */
  readonly what: string;
  readonly outcome: "holds" | "fails" | "attested";
  /** What there is to say of it; none where it simply holds. */
  readonly messages: readonly Message[];
}

/** Told this many days before an attestation ends. */
const RENEWAL_DAYS = 30;
const DAY = 86_400_000;

/**
 * Every check of an environment's seed, in the file's order. Probes run beside each other, so that it takes as long as the slowest.
 *
 * @param asOf the ISO day on which attestations have to hold
 */
export async function checkSeed(
  { seed, positions }: Pick<Environment, "seed" | "positions">,
  asOf: string,
  options: ProbeOptions,
): Promise<readonly SeedCheck[]> {
  const checks = await Promise.all(seed.items.flatMap((item) => checksOf(item)));
  return checks;

  function checksOf(item: SeedItem): Promise<SeedCheck>[] {
    const { files = [], names = [], ports = [], pages = [], clocks = [], attestations = [] } = item.checks;
    const probe = async (what: string, path: string, outcome: ProbeOutcome | Promise<ProbeOutcome>) => {
      const told = messageOf(item.name, what, await outcome);
      const placed = told && { ...told, position: positions(`seed.items.${item.name}.checks.${path}`) };
      return checkOf(item, what, placed ? "fails" : "holds", placed ? [placed] : []);
    };
    return [
      ...files.map((file, i) => probe(`file ${file.path}`, `files.${i}`, probeFile(file, options))),
      ...names.map((name, i) => probe(`${name.type} ${name.host}`, `names.${i}`, probeName(name, options))),
      ...ports.map((port, i) => probe(`port ${port.host}:${port.port}`, `ports.${i}`, probePort(port, options))),
      ...pages.map((page, i) => probe(page.url, `pages.${i}`, probePage(page, options))),
      ...clocks.map((clock, i) => probe(`clock ${clock.host}`, `clocks.${i}`, probeClock(clock, options))),
      ...attestations.map(async (attestation, i) => {
        const position = positions(`seed.items.${item.name}.checks.attestations.${i}`);
        const told = attestationMessage(item.name, attestation, asOf);
        const outcome = told.code === "BH1192" || told.code === "BH1193" ? "fails" : "attested";
        return checkOf(item, attestation.says, outcome, [{ ...told, position }]);
      }),
    ];
  }
}

const checkOf = (
  { name, kind }: SeedItem,
  what: string,
  outcome: SeedCheck["outcome"],
  messages: readonly Message[],
): SeedCheck => ({ item: name, kind, what, outcome, messages });

function messageOf(item: string, what: string, outcome: ProbeOutcome): Message | undefined {
  switch (outcome.kind) {
    case "holds":
      return undefined;
    case "silent":
      return message("BH1190", { item, what, reason: outcome.reason });
    case "differs":
      return message("BH1191", { item, what, got: outcome.got, wanted: outcome.wanted });
  }
}

type Attestation = NonNullable<SeedItem["checks"]["attestations"]>[number];

function attestationMessage(item: string, { by, says, issued, expires }: Attestation, asOf: string): Message {
  if (asOf > expires) return message("BH1192", { item, by, says, expires });
  if (asOf < issued) return message("BH1193", { item, by, says, issued });
  const days = Math.round((Date.parse(expires) - Date.parse(asOf)) / DAY);
  return days <= RENEWAL_DAYS
    ? message("BH1194", { item, by, says, expires, days })
    : message("BH1195", { item, by, says, expires });
}
