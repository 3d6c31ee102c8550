import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describeObject } from "../../kubernetes/object.ts";
import type { EstateRule } from "../estate-rule.ts";
import { type EstateFixture, estateFixturesOf } from "../fixtures.ts";
import { type CodeMutant, withMutants } from "./code.ts";

/** How many mutants of one file of code the examples of some rules notice. */
export interface CodeScore {
  /** Relative to policies/. */
  readonly file: string;
  readonly mutants: number;
  readonly killed: number;
  readonly survivors: readonly CodeMutant[];
}

/** Killed mutants among all, from 0 to 100. */
export function codePercent(scores: readonly Pick<CodeScore, "mutants" | "killed">[]): number {
  const mutants = scores.reduce((sum, score) => sum + score.mutants, 0);
  return mutants === 0 ? 100 : (scores.reduce((sum, score) => sum + score.killed, 0) / mutants) * 100;
}

const policies = fileURLToPath(new URL("..", import.meta.url));

/** Code that decides for several rules: it is mutated too, and any of their examples may notice. */
const isShared = (file: string): boolean =>
  /^estate-(?!rules?\.)/.test(basename(file)) && dirname(file) === join(policies, ".");

/** A file with its mutants, and the files that it imports. */
interface Part {
  readonly file: string;
  readonly body: string;
  readonly mutants: readonly CodeMutant[];
  /** What it exports. */
  readonly exported: readonly string[];
  /** What it takes from other mutated files. */
  readonly from: readonly { readonly names: string; readonly file: string }[];
  /** Import statements of all others, with absolute addresses. */
  readonly imports: readonly string[];
}

const IMPORT = /^import (type )?(\{[^}]*\}|\* as \w+|\w+) from "([^"]+)";\n/gm;

function partOf(file: string, mutated: (file: string) => boolean, firstId: number): Part {
  const from: { names: string; file: string }[] = [];
  const imports: string[] = [];
  const source = readFileSync(file, "utf8").replace(
    IMPORT,
    (whole, isType: string | undefined, names: string, path: string) => {
      const values = names.replace(/\btype \w+(?: as \w+)?,?/g, "");
      if (isType || /^\{[\s,]*\}$/.test(values)) return "";
      const target = path.startsWith(".") ? join(dirname(file), path) : undefined;
      if (target !== undefined && mutated(target)) from.push({ names: values, file: target });
      else
        imports.push(
          target === undefined ? whole : `import ${values} from ${JSON.stringify(pathToFileURL(target).href)};\n`,
        );
      return "";
    },
  );
  const exported = [...source.matchAll(/^export (?:const|function) (\w+)/gm)].map((match) => match[1] ?? "");
  const { text, mutants } = withMutants(source.replace(/^export (?=const|function|interface|type)/gm, ""), firstId);
  return { file, body: text, mutants, exported, from, imports };
}

/** A rule with every mutant in it, as one module whose `make` gives the rule as it is with the mutant that is chosen. */
export interface MutableRule {
  /** By file, relative to policies/. */
  readonly mutants: ReadonlyMap<string, readonly CodeMutant[]>;
  /** @param id of the mutant; 0 for the rule itself */
  readonly make: (id: number) => EstateRule;
}

/** @throws Error where the rule's code cannot be put together */
export async function mutableRule({ id }: Pick<EstateRule, "id">): Promise<MutableRule> {
  const folder = join(policies, "rules", id);
  const entry = join(folder, "rule.ts");
  const mutated = (file: string) => (dirname(file) === folder || isShared(file)) && existsSync(file);
  const parts: Part[] = [];
  let next = 1;
  const take = (file: string): void => {
    if (parts.some((part) => part.file === file)) return;
    const part = partOf(file, mutated, next);
    next += part.mutants.length;
    for (const { file: other } of part.from) take(other);
    parts.push(part);
  };
  take(entry);
  const nameOf = (file: string): string => `part${parts.findIndex((part) => part.file === file)}`;
  const imports = parts.flatMap((part, i) => part.imports.map((text) => ({ text, i })));
  // Two files may import the same name of different modules: each imports into a scope of its own.
  const text = [
    ...imports.map(({ text: line, i }, n) => {
      const [, , names = "", path = ""] = new RegExp(IMPORT.source).exec(line) ?? [];
      return `import * as m${i}_${n} from ${JSON.stringify(path)};\n`.concat(
        names.startsWith("{") ? "" : `// ${names}\n`,
      );
    }),
    "let chosen = 0;\nconst mutant = (): number => chosen;\n",
    "export function make(id: number) {\n  chosen = id;\n",
    ...parts.map((part, i) => {
      const own = imports.flatMap((entry, n) => {
        if (entry.i !== i) return [];
        const [, , names = ""] = new RegExp(IMPORT.source).exec(entry.text) ?? [];
        return [`    const ${names.replace(/ as /g, ": ")} = m${i}_${n};\n`];
      });
      const others = part.from.map(
        ({ names, file }) => `    const ${names.replace(/ as /g, ": ")} = ${nameOf(file)};\n`,
      );
      return `  const ${nameOf(part.file)} = (() => {\n${own.join("")}${others.join("")}${part.body}\n    return { ${part.exported.join(", ")} };\n  })();\n`;
    }),
    `  return ${nameOf(entry)}.rule;\n}\n`,
  ].join("");
  const place = mkdtempSync(join(tmpdir(), "bhitti-mutants-"));
  try {
    const file = join(place, `${id.replace("/", "-")}.mts`);
    writeFileSync(file, text);
    const { make } = (await import(pathToFileURL(file).href)) as { make: (id: number) => EstateRule };
    return {
      mutants: new Map(parts.map((part) => [part.file.slice(policies.length), part.mutants])),
      make,
    };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** What a rule says of an example: which objects it judges, and which of them fail; or that it cannot judge. */
export function estateVerdict(rule: EstateRule, { estate, on }: EstateFixture): string {
  try {
    return rule
      .judge(estate, on)
      .map(({ subject, failures }) => `${subject.stack} ${describeObject(subject.object)} ${failures.length > 0}`)
      .sort()
      .join("\n");
  } catch {
    return "error";
  }
}

/** Judges the mutants of some rules, and of the code that they share, by the rules' examples. Scores are by file, sorted. */
export async function scoreEstateRules(rules: readonly EstateRule[]): Promise<readonly CodeScore[]> {
  const found = new Map<string, { mutants: readonly CodeMutant[]; killed: Set<number> }>();
  for (const rule of rules) {
    const fixtures = estateFixturesOf(rule);
    const { mutants, make } = await mutableRule(rule);
    const original = make(0);
    const verdicts = fixtures.map((fixture) => estateVerdict(original, fixture));
    for (const [file, list] of mutants) {
      const entry = found.get(file) ?? { mutants: list, killed: new Set<number>() };
      found.set(file, entry);
      list.forEach((mutant, index) => {
        if (entry.killed.has(index)) return;
        if (isNoticed(() => make(mutant.id), fixtures, verdicts)) entry.killed.add(index);
      });
    }
  }
  return [...found]
    .map(([file, { mutants, killed }]) => ({
      file,
      mutants: mutants.length,
      killed: killed.size,
      survivors: mutants.filter((_, index) => !killed.has(index)),
    }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function isNoticed(make: () => EstateRule, fixtures: readonly EstateFixture[], verdicts: readonly string[]): boolean {
  try {
    const rule = make();
    return fixtures.some((fixture, i) => estateVerdict(rule, fixture) !== verdicts[i]);
  } catch {
    // A mutant that cannot even be loaded is noticed by whoever loads it.
    return true;
  }
}
