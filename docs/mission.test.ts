import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const rows = readFileSync(join(root, "docs/mission.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, id, sentence, answer] = /^\| ([NB]\d+) \| (.*?) \| (.*) \|$/.exec(line) ?? [];
    return id && sentence && answer ? [{ id, sentence, answer }] : [];
  });

/** SHA-256 of each text's sentences, a space between them: the texts themselves are not the repository's. */
const TEXTS = {
  N: { sentences: 24, digest: "816613a9b3afa6f946fc679aa97bd62c0857c67c70f4644a801b60e0a4b8e441" },
  B: { sentences: 22, digest: "06dbad12b90527eeb60a8d9353ddd5ca764251ff985d19c357dee58492726d46" },
} as const;

test.each(["N", "B"] as const)("every sentence of text %s has its row, word by word and in order", (text) => {
  const own = rows.filter(({ id }) => id.startsWith(text));
  const { sentences, digest } = TEXTS[text];
  expect(own.map(({ id }) => id)).toEqual(Array.from({ length: sentences }, (_, i) => `${text}${i + 1}`));
  const whole = own.map(({ sentence }) => sentence).join(" ");
  expect(createHash("sha256").update(whole).digest("hex")).toBe(digest);
});

/** Follows a path of keys; an item of a list is found by its name. */
function follow(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) {
      return inner.find((item) => item?.name === key || item?.consumer === key || item?.cluster === key);
    }
    return typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined;
  }, value);
}

describe("what a row names is there", () => {
  const references = ({ answer }: { readonly answer: string }): string[] =>
    [...answer.matchAll(/`([^`\s]+\/[^`\s]+)`/g)].flatMap(([, reference]) => reference ?? []);
  const naming = rows.map((row) => [row.id, references(row)] as const).filter(([, named]) => named.length > 0);

  test.each(naming)("%s", (_, named) => {
    for (const reference of named) {
      const [file = "", key] = reference.split("#");
      expect(existsSync(join(root, file)), file).toBe(true);
      if (key === undefined) continue;
      const text = readFileSync(join(root, file), "utf8");
      if (file.endsWith(".yaml")) expect(follow(parse(text), key.split(".")), reference).toBeDefined();
      else expect(text, reference).toContain(key);
    }
  });

  test("a row names a file, another row, or why it is none of the platform's business", () => {
    const vague = rows.filter(
      ({ answer }) =>
        !/`[^`]+\/[^`]+`|\b[NB]\d+\b/.test(answer) &&
        !/^(Not the platform's: |The aims of |A date\.|A number |Nothing to do\.)/.test(answer),
    );
    expect(vague).toEqual([]);
  });
});
