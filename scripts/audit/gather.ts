import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadControls } from "../../policies/controls/controls.ts";
import { assumptionsOf } from "../../policies/evidence/assumptions.ts";
import { type InputFile, sha256 } from "../../policies/evidence/digest.ts";
import { type Commit, type Evidence, makeEvidence, type Tool } from "../../policies/evidence/evidence.ts";
import { IMAGE_LOCK } from "../../policies/image-lock.ts";
import { loadLaws } from "../../policies/laws/laws.ts";
import type { Prepared } from "../commands/prepare.ts";
import { trackedFiles } from "./git.ts";

/**
 * Evidence of an environment as its worktree says it.
 *
 * @param prepared judged by the exemptions of the same day
 * @param commit what the worktree stands at
 * @param asOf ISO day, of the laws
 */
export function gatherEvidence(root: string, prepared: Prepared, commit: Commit, asOf: string): Evidence {
  const { environment, findings, rules } = prepared;
  const { name, description, disposable, positions } = environment;
  return makeEvidence({
    environment: { name, description, disposable },
    asOf,
    commit,
    tools: toolsOf(root),
    files: inputsOf(root, name),
    findings,
    rules,
    controls: loadControls(root),
    instruments: loadLaws(root),
    assumptions: assumptionsOf(environment, positions),
  });
}

/** What people write and verdicts depend on; the code is named by the commit. */
function inputsOf(root: string, environment: string): readonly InputFile[] {
  const paths = trackedFiles(root, [
    `environments/${environment}`,
    "environments/catalogue",
    "policies/controls",
    "policies/exemptions",
    "policies/laws",
    "policies/rules",
    IMAGE_LOCK,
    "package-lock.json",
  ]);
  return paths
    .filter((path) => !/^policies\/(?!rules\/).*\.ts$|^policies\/rules\/.*\/(pass|fail)\//.test(path))
    .map((path) => ({ path, sha256: sha256(readFileSync(join(root, path))) }));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Bhitti and what it runs on, all pinned exactly. Node's version is not among them: evidence is the same on any. */
function toolsOf(root: string): readonly Tool[] {
  const { name, version, dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  return [
    { name, version },
    ...Object.entries(dependencies).map(([tool, pinned]) => ({ name: tool, version: pinned })),
  ];
}
