import { describe, expect, test } from "vitest";
import { AUTHORIZER_NAMES, compile } from "./expression.ts";
import { AUTHORIZER_CASES, CASES } from "./expression-cases.ts";
import { FUNCTIONS, minimumCluster, SYNTAX } from "./functions.ts";

const names = {
  object: "any",
  oldObject: "any",
  request: "kubernetes.AdmissionRequest",
  namespaceObject: "kubernetes.Namespace",
  variables: ["known", "text", "list", "object"],
  ...AUTHORIZER_NAMES,
} as const;

const used = new Set(
  [...Object.values(CASES).flat(), ...AUTHORIZER_CASES].flatMap((expression) =>
    compile(expression, names).uses.map(({ name }) => name),
  ),
);

describe("a real API server has been asked about", () => {
  test("every function", () => {
    const untried = FUNCTIONS.map(({ signature }) => signature).filter((signature) => !used.has(signature));
    expect(untried).toEqual([]);
  });

  test("every macro and all syntax that came after the start", () => {
    expect(Object.keys(SYNTAX).filter((name) => !used.has(name))).toEqual([]);
  });
});

test("no function is declared twice", () => {
  const signatures = FUNCTIONS.map(({ signature }) => signature);
  expect(signatures.filter((signature, i) => signatures.indexOf(signature) !== i)).toEqual([]);
});

describe("an expression tells what it needs", () => {
  const introduced = (expression: string): string =>
    compile(expression, names)
      .uses.map((use) => use.introduced)
      .reduce((latest, each) => (Number(each.split(".")[1]) > Number(latest.split(".")[1]) ? each : latest), "1.0");

  test.each([
    ["object.metadata.name.startsWith('a')", "1.0"],
    ["authorizer.group('').resource('pods').check('get').allowed()", "1.27"],
    ["quantity('1') == quantity('1')", "1.28"],
    ["object.?data.hasValue()", "1.28"],
    ["optional.none().optMap(x, x).hasValue()", "1.28"],
    ["1 < 1.5", "1.28"],
    ["sets.contains([1], [1])", "1.29"],
    ["ip('::1').isLoopback()", "1.30"],
    ["format.uuid().validate('x').hasValue()", "1.31"],
    ["[1].all(i, v, v > i)", "1.32"],
    ["isSemver('1.0.0')", "1.33"],
    ["[2, 1].sort() == [1, 2]", "1.34"],
    ["[2, 1].sortBy(x, x) == [1, 2]", "1.34"],
  ])("%s: %s", (expression, version) => {
    expect(introduced(expression)).toBe(version);
  });

  test("a new policy is taken by the minor version after the one that introduced what it uses", () => {
    expect(minimumCluster("1.34")).toBe("1.35");
    expect(minimumCluster("1.0")).toBe("1.0");
  });
});
