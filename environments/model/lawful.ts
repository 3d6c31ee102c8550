import { type Message, message } from "../../messages/message.ts";
import { text } from "../../yaml/formats.ts";
import type { Known } from "./known.ts";
import { isJson, nearestHint, type Placed, positionOf, stringsOf } from "./placed.ts";
import { clauseId, fact } from "./values.ts";

/** The clause that a bound comes from: the bound itself stands in the data, so that whoever reads it sees both. */
export const lawful = {
  clause: clauseId,
  reading: text("How the clause is read, where its text is silent or was not read.", "without delay is read as 1 hour"),
  ...fact,
};

/** What an entry states as its bound by a law. */
export const boundOf = ({ value, source, path }: Placed): Placed[] =>
  isJson(value["bound"]) ? [{ value: value["bound"], source, path: [...path, "bound"] }] : [];

/** A bound by a clause that there is not. */
export const clauseFaults = (entry: Placed, { clauses }: Known): Message[] =>
  clauses === undefined
    ? []
    : boundOf(entry).flatMap((bound) =>
        stringsOf(bound.value["clause"])
          .filter((value) => !clauses.includes(value))
          .map((value) =>
            message(
              "BH1156",
              { value, hint: nearestHint(value, clauses) ?? "there is no clause yet" },
              positionOf(bound, "clause"),
            ),
          ),
      );
