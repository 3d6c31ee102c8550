import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareEvidence } from "./compare.ts";
import { declaredFiles } from "./declared.ts";
import { makeEvidence } from "./evidence.ts";
import { PAGES } from "./html.ts";
import { type Observed, observation, renderObservedHtml } from "./observed.ts";
import { everything, inputsOf } from "./testing.ts";

/** A browser of the machine, or the one that BHITTI_CHROMIUM names; Debian's packages are chromium and chromium-headless-shell. */
const browserFile = [
  process.env.BHITTI_CHROMIUM ?? "",
  ...programs("chromium", "chromium-headless-shell", "google-chrome"),
].find(isProgram);
if (!browserFile) console.warn("not run: no Chromium on PATH, and BHITTI_CHROMIUM names none");

function programs(...names: readonly string[]): readonly string[] {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const OBSERVED = "observed.html";
const observed: Observed = {
  form: "bhitti.platform/observed/v1",
  environment: "x",
  commit: everything().commit,
  observations: [
    observation("drift", new Date("2026-11-23T10:00:00Z"), {
      counts: { changed: 1 },
      notes: ["a note"],
      faults: ["changed: x"],
    }),
  ],
};

/** Every section has something in it. */
const full = {
  ...everything(),
  notEvaluated: [{ stack: "c1-soc", address: "helm_release.foreign", reason: "third-party chart" }],
  comparison: { commit: "e".repeat(40), changes: compareEvidence(makeEvidence(inputsOf()), everything()) },
};

describe.skipIf(!browserFile)("in a real Chromium, from a file and without a network", () => {
  let browser: Browser;
  let folder: string;
  const said: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bhitti-html-"));
    for (const [path, content] of declaredFiles(full)) writeFileSync(join(folder, path), content);
    writeFileSync(join(folder, OBSERVED), renderObservedHtml(observed));
    browser = await chromium.launch({
      ...(browserFile ? { executablePath: browserFile } : {}),
      args: ["--no-sandbox"],
    });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  async function open(file: string, hash = ""): Promise<Page> {
    const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) said.push(`asked for ${request.url()}`);
    });
    await page.goto(`${pathToFileURL(join(folder, file)).href}${hash}`);
    return page;
  }

  test.each([PAGES.en, PAGES.bn, OBSERVED])("%s passes axe, wide, narrow and printed", async (file) => {
    const page = await open(file);
    for (const width of [1280, 400]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await axe(page), `${width} px`).toEqual([]);
    }
    await page.emulateMedia({ media: "print" });
    expect(await axe(page), "printed").toEqual([]);
  });

  /** axe is put in by the debugger, which the page's own policy does not bind. */
  async function axe(page: Page): Promise<unknown> {
    return page.evaluate(`${AXE}; axe.run().then(({ violations, passes }) =>
      passes.length < 15 ? ["axe looked at too little"] : violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`);
  }

  test("searches: shows what has every word, counts it, and shows all again", async () => {
    const page = await open(PAGES.en);
    const shown = () =>
      page.locator("[data-entry]:visible").evaluateAll((list) => list.map((e) => e.id || e.closest("section")?.id));
    const every = (await shown()).length;
    await page.fill("#search", "EXEMPTED soc-node");
    await page.waitForFunction(() => document.querySelector("#found")?.textContent !== "");
    expect(await shown()).toEqual(["comparison", "rule-network-no-node-port", "exemption-soc-node-port"]);
    expect(await page.textContent("#found")).toBe("3 entries found");
    expect(await page.locator("#laws").isVisible()).toBe(false);
    await page.fill("#search", "");
    await page.waitForFunction(() => document.querySelector("#found")?.textContent === "");
    expect(await shown()).toHaveLength(every);
  });

  test("switches language at the same place, and back", async () => {
    const page = await open(PAGES.en, "#rule-network-no-node-port");
    await page.click("#other-language");
    await page.waitForURL(/index\.bn\.html#rule-network-no-node-port$/);
    expect(await page.getAttribute("html", "lang")).toBe("bn");
    expect(await page.textContent("#posture-title")).toBe("সার্বিক অবস্থা");
    await page.click("#other-language");
    await page.waitForURL(/index\.html#rule-network-no-node-port$/);
    expect(await page.textContent("#posture-title")).toBe("Posture");
  });

  test("opens what a link leads to, also out of a search", async () => {
    const page = await open(PAGES.en);
    await page.fill("#search", "section 2");
    await page.waitForFunction(() => document.querySelector("#found")?.textContent !== "");
    expect(await page.locator("#control-tenancy").isVisible()).toBe(false);
    await page.click("#clause-law\\.2 a[href='#control-tenancy']");
    await page.locator("#control-tenancy").waitFor({ state: "visible" });
    await expect
      .poll(() => page.locator("#control-tenancy").evaluate((e) => e.getBoundingClientRect().top))
      .toBeLessThan(200);
  });

  test("prints what is folded", async () => {
    const page = await open(PAGES.en);
    const folded = page.locator("article#rule-tenancy-namespace-labels ul.objects");
    expect(await folded.isVisible()).toBe(false);
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    expect(await folded.isVisible()).toBe(true);
  });

  test("can be read without its script", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
    const page = await context.newPage();
    await page.goto(pathToFileURL(join(folder, PAGES.en)).href);
    expect(await page.locator("#clause-law\\.1").innerText()).toContain("not satisfied");
    await page.click("#other-language");
    await page.waitForURL(/index\.bn\.html$/);
  });

  test("said nothing to the console and asked nobody for anything", () => {
    expect(said).toEqual([]);
  });
});
