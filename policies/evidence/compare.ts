import type { Evidence } from "./evidence.ts";

/** What differs between two reports about one thing. */
export interface EvidenceChange {
  readonly what: "clause" | "rule" | "finding" | "exemption" | "object";
  /** Its id; of findings and objects, what they are about. */
  readonly id: string;
  /** How it stood; absent where it was not there. */
  readonly before?: string;
  /** How it stands; absent where it is not there any more. */
  readonly after?: string;
}

/** What a comparison reads of a report. */
export type Comparable = Pick<Evidence, "instruments" | "rules" | "findings" | "exemptions" | "subjects">;

/** What differs between two reports of an environment, in the order of the later one; what is gone comes after what is there. */
export function compareEvidence(before: Comparable, after: Comparable): readonly EvidenceChange[] {
  return (Object.keys(STANDINGS) as EvidenceChange["what"][]).flatMap((what) => {
    const [was, is] = [new Map(STANDINGS[what](before)), new Map(STANDINGS[what](after))];
    const ids = [...is.keys(), ...[...was.keys()].filter((id) => !is.has(id))];
    return ids.flatMap((id): EvidenceChange[] => {
      const [earlier, later] = [was.get(id), is.get(id)];
      if (earlier === later) return [];
      return [
        {
          what,
          id,
          ...(earlier === undefined ? {} : { before: earlier }),
          ...(later === undefined ? {} : { after: later }),
        },
      ];
    });
  });
}

/** How each thing of a kind stands, in a few words, by what it is called. */
const STANDINGS: Readonly<Record<EvidenceChange["what"], (evidence: Comparable) => readonly [string, string][]>> = {
  clause: ({ instruments }) =>
    instruments.flatMap(({ clauses }) => clauses.map(({ id, verdict }): [string, string] => [id, verdict])),
  rule: ({ rules }) =>
    rules.map(({ id, stage, judged, failed, exempted }) => [
      id,
      `${stage}; ${judged.length} judged, ${failed} failed, ${exempted} exempted`,
    ]),
  finding: ({ findings, subjects }) =>
    findings.map(({ rule, subject, outcome, exemption }) => [
      `${rule}: ${subjects[subject]?.stack ?? ""}: ${subjects[subject]?.object ?? ""}`,
      exemption === undefined ? outcome : `exempted by ${exemption}`,
    ]),
  exemption: ({ exemptions }) => exemptions.map(({ id, state, expires }) => [id, `${state}, until ${expires}`]),
  object: ({ subjects }) => subjects.map(({ stack, object }) => [`${stack}: ${object}`, "declared"]),
};
