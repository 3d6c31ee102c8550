import { createHash } from "node:crypto";

/** A file that verdicts depend on. */
export interface InputFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** One digest of many files: of the text that `sha256sum` prints for them, in the order of their paths. */
export const inputDigest = (files: readonly InputFile[]): string => sha256(sumsOf(files));

/** The lines of `sha256sum`, which `sha256sum --check` reads. */
export const sumsOf = (files: readonly InputFile[]): string =>
  [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256: digest }) => `${digest}  ${path}\n`)
    .join("");
