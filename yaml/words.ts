/** Keys that name an item of a list, in the order in which they are looked for. */
const ITEM_KEYS = ["name", "cluster", "prefix", "logs", "consumer", "id"];

/** What an item of a list is called in paths; undefined where it has no name. */
function itemName(item: unknown): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const named = ITEM_KEYS.map((key) => (item as Readonly<Record<string, unknown>>)[key]);
  return named.find((value): value is string => typeof value === "string" && value !== "");
}

const isJson = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const partOf = (value: unknown, key: PropertyKey): unknown =>
  Array.isArray(value)
    ? value[Number(key)]
    : isJson(value) && Object.hasOwn(value, key)
      ? value[String(key)]
      : undefined;

/** A path as people read it: `apis.payments.grants.citizen-services.purpose`, with an index where an item has no name. */
export function namedPath(root: unknown, path: readonly PropertyKey[]): string {
  let here = root;
  const words: string[] = [];
  for (const key of path) {
    const next = partOf(here, key);
    words.push((Array.isArray(here) ? itemName(next) : undefined) ?? String(key));
    here = next;
  }
  return words.join(".");
}

/**
 * The keys and indexes of the value that a path of words leads to, as far as there is one. Names may hold dots
 * (`registries.registry.example.gov.bd/platform/`): of those that the path begins with, the longest is taken.
 */
export function pathOf(root: unknown, words: string): (string | number)[] {
  const path: (string | number)[] = [];
  let here = root;
  let rest = words;
  while (rest !== "") {
    const candidates: [name: string, key: string | number][] = Array.isArray(here)
      ? here.flatMap((item: unknown, i): [string, number][] => {
          const name = itemName(item);
          return name === undefined
            ? [[String(i), i]]
            : [
                [name, i],
                [String(i), i],
              ];
        })
      : isJson(here)
        ? Object.keys(here).map((key) => [key, key])
        : [];
    const found = candidates
      .filter(([name]) => rest === name || rest.startsWith(`${name}.`))
      .reduce<[string, string | number] | undefined>((a, b) => (a && a[0].length >= b[0].length ? a : b), undefined);
    if (!found) break;
    path.push(found[1]);
    here = partOf(here, found[1]);
    rest = rest.slice(found[0].length + 1);
  }
  return path;
}

/**
 * A text that is safe to print: control characters and those that turn the direction of writing are shown by their code,
 * so that a file cannot rewrite a terminal or hide what it says; very long ones are cut.
 */
export function printable(text: string, limit: number): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return cut.replace(
    /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** A value as one would write it in YAML: text in quotes where it would be read as a number. */
export const yaml = (value: unknown): string =>
  typeof value === "string" && !/^[\d.]+$/.test(value)
    ? value
    : Array.isArray(value)
      ? `[${value.map(yaml).join(", ")}]`
      : JSON.stringify(value);
