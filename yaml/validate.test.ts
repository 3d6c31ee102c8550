import { expect, test } from "vitest";
import { z } from "zod";
import { formatMessage } from "../messages/message.ts";
import { COMMON_FORMATS, date, name, text } from "./formats.ts";
import { parseSource } from "./source.ts";
import { validate } from "./validate.ts";

const schema = z.strictObject({ name, from: date("Since when."), note: text("Why.") });

const told = (yaml: string): string[] =>
  validate(parseSource("notes.yaml", new TextEncoder().encode(yaml)), schema, COMMON_FORMATS).messages.map(
    formatMessage,
  );

test("a sound file gives its data", () => {
  const source = parseSource("notes.yaml", new TextEncoder().encode("name: a\nfrom: 2028-02-29\nnote: leap\n"));
  expect(validate(source, schema, COMMON_FORMATS)).toEqual({
    messages: [],
    data: { name: "a", from: "2028-02-29", note: "leap" },
  });
});

test("a day has to be one of the calendar, in one way of writing", () => {
  expect(told("name: a\nfrom: 2027-02-29\nnote: b\n")).toEqual([
    "notes.yaml:2:7 BH1029 '2027-02-29' is no day; the calendar has no such day",
  ]);
  expect(told("name: a\nfrom: 1 January 2027\nnote: b\n")).toEqual([
    "notes.yaml:2:7 BH1029 '1 January 2027' is no day; write year, month and day, e.g. 2027-01-31",
  ]);
});

test("every fault of a file is told at once", () => {
  expect(told("name: A b\nform: 2027-01-01\nnote: ' '\n").map((line) => line.replace(/ '.*/, ""))).toEqual([
    "notes.yaml:1:7 BH1020",
    "notes.yaml:3:7 BH1019",
    "notes.yaml:2:1 BH1010 unknown key",
  ]);
});
