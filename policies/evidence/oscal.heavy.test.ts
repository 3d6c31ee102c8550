import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderOscal } from "./oscal.ts";
import { everything } from "./testing.ts";

/** From PyPI: OSCAL Compass' reader with its own checks, and one that knows NIST's metaschemas with their allowed values. */
const PACKAGES = ["compliance-trestle==5.2.0", "oscal==3.2.2"];
const python = readers();

/** The Python of an environment with both packages, made once in the user's cache; undefined where it cannot be had. */
function readers(): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "bhitti");
  const folder = join(cache, `oscal-readers-${PACKAGES.map((name) => name.replace("==", "-")).join("-")}`);
  const program = join(folder, "bin", "python");
  if (existsSync(program)) return program;
  const building = `${folder}.${process.pid}`;
  try {
    mkdirSync(cache, { recursive: true });
    execFileSync("python3", ["-m", "venv", building], { stdio: "pipe" });
    execFileSync(join(building, "bin", "python"), ["-m", "pip", "install", "--quiet", ...PACKAGES], { stdio: "pipe" });
    renameSync(building, folder);
    return program;
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    console.warn(`not run: ${PACKAGES.join(" and ")} cannot be installed: ${String(error).slice(0, 300)}`);
    return undefined;
  }
}

const MODELS = {
  "oscal-catalog.json": "catalog",
  "oscal-component-definition.json": "component-definition",
  "oscal-assessment-results.json": "assessment-results",
  "oscal-poam.json": "plan-of-action-and-milestones",
} as const;

describe.skipIf(!python)("other people's readers of OSCAL", () => {
  const folder = mkdtempSync(join(tmpdir(), "bhitti-oscal-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const project = join(folder, "project");
  mkdirSync(project);
  const run = (...words: string[]) =>
    execFileSync(python ?? "python3", words, { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const trestle = (...words: string[]) => run("-m", "trestle", ...words);

  for (const [file, text] of renderOscal(everything())) writeFileSync(join(folder, file), text);

  beforeAll(() => {
    trestle("init", "--local");
  });

  test("compliance-trestle imports and validates every document", () => {
    for (const [file, model] of Object.entries(MODELS)) trestle("import", "-f", join(folder, file), "-o", model);
    for (const model of Object.values(MODELS)) {
      expect(trestle("validate", "-t", model, "-n", model)).toMatch(/VALID: .*passed/);
    }
  });

  test("compliance-trestle refuses a document with an id that is no token", () => {
    const broken = (renderOscal(everything()).get("oscal-catalog.json") ?? "").replaceAll('"law.2"', '"2(a)"');
    writeFileSync(join(folder, "broken.json"), broken);
    expect(() => trestle("import", "-f", join(folder, "broken.json"), "-o", "broken")).toThrow(/2\(a\)|regex|pattern/);
  });

  test.each(Object.keys(MODELS))("%s follows NIST's metaschema, allowed values included", (file) => {
    const told = run("-c", METASCHEMA, join(folder, file));
    expect(JSON.parse(told.trim().split("\n").at(-1) ?? "")).toEqual({ valid: true, failed: [] });
  });
});

/** Prints one line of JSON. */
const METASCHEMA = `
import json, sys
from oscal import OSCAL
document = OSCAL.open(sys.argv[1])
valid = document.validate()
print(json.dumps({"valid": valid, "failed": [name for name, passed in document.validation_status.items() if not passed]}))
`;
