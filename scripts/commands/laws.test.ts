import { expect, test } from "vitest";
import { silent } from "../progress.ts";
import { explain } from "./explain.ts";
import { diff, list, show } from "./laws.ts";
import { repositoryRoot } from "./outcome.ts";

const context = { root: repositoryRoot(), progress: silent };
const en = { language: "en" } as const;
const bn = { language: "bn" } as const;

test("list counts what binds on the day, standards apart", () => {
  const before = list(context, { asOf: "2026-04-10", ...en });
  expect(before.text).toMatch(/^law of 2026-04-10: 10 laws and policies: [1-9]\d* bind, 1 may bind, /);
  expect(before.text).toMatch(/nist-800-53 .*\n.*in force since 2024-02-13 \(verified\); 52 clauses/);
  expect(before.text).toMatch(/pdpo-2025 .*\n.*repealed since 2026-04-10 \(not verified\); 0 bind, /);
  expect(before.text).toMatch(/cloud-policy-2023 .*\n.*unknown since 2023-12-31 \(not verified\); 0 bind, 1 may bind/);
  expect(list(context, { asOf: "2026-04-11", ...bn }).text).toMatch(
    /pdpo-2025 .*ব্যক্তিগত উপাত্ত সুরক্ষা অধ্যাদেশ, ২০২৫\n.*রহিত/,
  );
});

test("the JSON of list names each instrument's status on the day, and null before there was one", () => {
  const { json } = list(context, { asOf: "2025-10-08", ...en });
  const { instruments } = json as { instruments: { id: string; statusOnDay: unknown; clauses: unknown }[] };
  expect(instruments.find(({ id }) => id === "pdpo-2025")).toMatchObject({
    statusOnDay: null,
    clauses: { binds: 0, uncertain: 0, none: 12 },
  });
});

test("an instrument is shown with its whole history, both lists of classes, and what each clause is on the day", () => {
  const { text, json } = show(context, "pdpo-2025", { asOf: "2026-02-05", ...en });
  expect(text).toMatch(/2026-04-10 {2}repealed \(not verified\); http:\/\/bdlaws\.minlaw\.gov\.bd\//);
  expect(text).toContain("classes of data pdpo-2025.by-secrecy: Open, Internal, Confidential, Restricted");
  expect(text).toContain("classes of data pdpo-2025.by-holder: Public open data, Private open data,");
  expect(text).toContain("pdpo-2025.local-copy  ended before (not verified)");
  expect(json).toMatchObject({ asOf: "2026-02-05", id: "pdpo-2025", classifications: [{}, {}] });
});

test("a clause is shown with its source, its controls, the rules that serve them, and what to ask", () => {
  const { text, json } = show(context, "pdpa-2026.complaints", { asOf: "2027-05-12", ...en });
  expect(text).toContain("on 2027-05-12: not effective by then");
  expect(text).toContain("from 2027-05-13");
  expect(text).toMatch(/source: http:\/\/bdlaws\.minlaw\.gov\.bd\/\S+ \(not verified\)/);
  expect(text).toMatch(/identification: .*rbac\/no-anonymous-binding/);
  expect(text).toMatch(/to ask for:\n {2}- /);
  expect(json).toMatchObject({ id: "pdpa-2026.complaints", standing: "notYetEffective", force: "none" });
});

test("the difference between two days reads like a diff, with a total", () => {
  const { text, json } = diff(context, { from: "2027-05-12", to: "2027-05-13" });
  expect(text).toContain("+ pdpa-2026.complaints  notYetEffective → binding");
  expect(text).toMatch(/\n\+ rbac\/no-anonymous-binding {2}gains pdpa-2026\.complaints\n/);
  expect(text).toMatch(/\n2027-05-12 … 2027-05-13: 2 clauses begin, 0 end, 0 change; \d+ rules? with another basis$/);
  expect(json).toMatchObject({ from: "2027-05-12", to: "2027-05-13", begin: [{}, {}], end: [] });
  expect(diff(context, { from: "2027-05-13", to: "2027-05-13" }).text).toMatch(
    /^2027-05-13 … 2027-05-13: 0 clauses begin/,
  );
});

test("explain tells controls and clauses in both languages", () => {
  const control = explain(context, "tenant-separation");
  expect(control.text).toContain("Tenants cannot reach each other");
  expect(control.text).toMatch(/rules: .*network\/declared-flows/);
  expect(control.text).toMatch(/asked for by: .*cabinet-data-centre-2020\.operator-blindness/);
  expect(explain(context, "tenant-separation", "bn").text).toContain("ভাড়াটেরা একে অন্যের কাছে পৌঁছাতে পারে না");
  expect(explain(context, "pdpo-2025.consent", "bn").text).toContain("যা চাইতে হবে:");
});
