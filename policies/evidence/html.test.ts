import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { makeEvidence } from "./evidence.ts";
import { PAGES, renderHtml } from "./html.ts";
import { everything, inputsOf } from "./testing.ts";
import { LANGUAGES } from "./words.ts";

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? "");

describe.each(LANGUAGES)("the page in '%s'", (language) => {
  const page = renderHtml(everything(), language);

  test("names each anchor once, and each link within it leads somewhere", () => {
    const anchors = all(page, / id="([^"]+)"/g);
    expect(new Set(anchors).size).toBe(anchors.length);
    expect(all(page, /href="#([^"]+)"/g).filter((target) => !anchors.includes(target))).toEqual([]);
  });

  test("runs and paints only what its policy names, and loads nothing", () => {
    const hash = (text: string | undefined) =>
      createHash("sha256")
        .update(text ?? "")
        .digest("base64");
    const [style] = all(page, /<style>([\s\S]*?)<\/style>/g);
    const scripts = all(page, /<script>([\s\S]*?)<\/script>/g);
    expect(scripts).toHaveLength(1);
    expect(page).toContain(
      `script-src &#39;sha256-${hash(scripts[0])}&#39;; style-src &#39;sha256-${hash(style)}&#39;`,
    );
    expect(page).not.toMatch(/<(img|link|iframe|object|embed)\b|\bsrc=|@import|url\(|\sstyle=/);
  });

  test("tells every clause, control, rule, object and exemption", () => {
    const evidence = everything();
    const ids = [
      ...evidence.instruments.flatMap(({ clauses }) => clauses.map(({ id }) => `clause-${id}`)),
      ...evidence.controls.map(({ id }) => `control-${id}`),
      ...evidence.rules.map(({ id }) => `rule-${id.replace("/", "-")}`),
      ...evidence.subjects.map((_, index) => `object-${index}`),
      ...evidence.exemptions.map(({ id }) => `exemption-${id}`),
    ];
    expect(ids.filter((id) => !page.includes(` id="${id}"`))).toEqual([]);
  });

  test("links to the other one", () => {
    expect(page).toContain(`href="${PAGES[language === "en" ? "bn" : "en"]}"`);
    expect(page).toMatch(new RegExp(`<html lang="${language}">`));
  });

  test("says on top where it cannot be made again", () => {
    const commit = { ...inputsOf().commit, changed: ["environments/x/<soc>.yaml"] };
    const dirty = renderHtml(makeEvidence(inputsOf({ commit })), language);
    expect(dirty).toContain('<p class="warn">');
    expect(dirty).toContain("environments/x/&lt;soc&gt;.yaml");
    expect(renderHtml(makeEvidence(inputsOf()), language)).not.toContain('<p class="warn">');
  });
});

test("what a file says never becomes a tag or a link to a script", () => {
  const evidence = everything();
  const controls = evidence.controls.map((c) => ({ ...c, statement: { en: "<script>x</script>", bn: "<b>" } }));
  const rules = evidence.rules.map((rule) => ({ ...rule, reference: "javascript:alert(1)" }));
  const page = renderHtml({ ...evidence, controls, rules }, "en");
  expect(page).toContain("&lt;script&gt;x&lt;/script&gt;");
  expect(page).not.toContain('href="javascript:');
});

test("numbers are written in the digits of the language", () => {
  expect(renderHtml(everything(), "bn")).toContain('<td class="number">৫</td>');
  expect(renderHtml(everything(), "en")).toContain('<td class="number">5</td>');
});
