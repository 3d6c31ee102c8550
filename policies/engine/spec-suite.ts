import { type CelValue, celUint, isCelList, isCelMap, isCelType, isCelUint } from "@bufbuild/cel";
import type { Type as SpecType } from "@bufbuild/cel-spec/cel/expr/checked_pb.js";
import type { Value as SpecValue } from "@bufbuild/cel-spec/cel/expr/value_pb.js";
import {
  getConformanceSuite,
  type IncrementalTest,
  type IncrementalTestSuite,
} from "@bufbuild/cel-spec/testdata/tests.js";
import { anyUnpack, DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { typeNameOf } from "./equality.ts";
import { compile, evaluate, type Value } from "./expression.ts";
import { textOf } from "./library/text.ts";

/**
 * The conformance suite of the CEL specification over the engine.
 *
 * `missing`: there is an error where the specification wants a value, which in a policy never passes. `silent`: there is a value where it wants an
 * error or another value.
 */
export type SpecOutcome = "passed" | "missing" | "silent";

export interface SpecResult {
  /** `lists/concatenation/list_append`. */
  readonly name: string;
  readonly expression: string;
  readonly outcome: SpecOutcome;
  /** What the engine gave, for a reader. */
  readonly got: string;
  /** Type that cel-go finds, and that this engine finds; absent where one finds none. */
  readonly types?: readonly [wanted: string, found: string];
}

/** Every case of the suite, in its order. A name that comes again gets a number. */
export function runSpecSuite(): readonly SpecResult[] {
  const seen = new Map<string, number>();
  return getConformanceSuite()
    .suites.flatMap((suite) => resultsOf(suite, suite.name))
    .map((result) => {
      const count = (seen.get(result.name) ?? 0) + 1;
      seen.set(result.name, count);
      return count === 1 ? result : { ...result, name: `${result.name} #${count}` };
    });
}

const resultsOf = (suite: IncrementalTestSuite, path: string): readonly SpecResult[] => [
  ...suite.suites.flatMap((inner) => resultsOf(inner, `${path}/${inner.name}`)),
  ...suite.tests.map((one) => resultOf(one, `${path}/${one.name}`)),
];

function resultOf({ original, type }: IncrementalTest, name: string): SpecResult {
  const { expr: expression, typeEnv, bindings, resultMatcher, checkOnly, container } = original;
  const declared = typeEnv.flatMap((declaration) =>
    declaration.declKind.case === "ident"
      ? [[declaration.name, typeText(declaration.declKind.value.type)] as const]
      : [],
  );
  const bound = Object.keys(bindings).map((key) => [key, "any"] as const);
  const program = compile(expression, Object.fromEntries([...bound, ...declared]));
  const types =
    type !== undefined && program.problem === undefined ? { types: [named(type), program.type] as const } : {};
  const result = (outcome: SpecOutcome, got: string): SpecResult => ({ name, expression, outcome, got, ...types });
  const wantsError = resultMatcher.case === "evalError" || resultMatcher.case === "anyEvalErrors";
  if (container !== "") return result("missing", "policies have no container of names");
  const values = valuesOf(bindings);
  if (!values) return result("missing", "policies have no messages");
  if (program.problem !== undefined) return result(wantsError ? "passed" : "missing", program.problem);
  if (checkOnly) return result("passed", program.type);
  const outcome = evaluate(program, values);
  if ("error" in outcome) return result(wantsError ? "passed" : "missing", outcome.error);
  const got = comparable(outcome.value as CelValue);
  if (wantsError) return result("silent", got);
  const wanted = resultMatcher.case === "value" ? resultMatcher.value : undefined;
  // A case that names no result is true.
  const expected = wanted ? comparable(celOf(wanted)) : resultMatcher.case === undefined ? "bool true" : got;
  return result(got === expected ? "passed" : "silent", `${got} instead of ${expected}`);
}

type Bindings = IncrementalTest["original"]["bindings"];

/** Undefined where one is a message that JSON cannot say. */
function valuesOf(bindings: Bindings): Record<string, Value> | undefined {
  const values: Record<string, Value> = {};
  for (const [key, { kind }] of Object.entries(bindings)) {
    if (kind.case !== "value") continue;
    const value = celOf(kind.value);
    if (typeof value === "string" && value.startsWith("message ")) return undefined;
    values[key] = value as Value;
  }
  return values;
}

function celOf({ kind }: SpecValue): CelValue {
  switch (kind.case) {
    case "nullValue":
    case undefined:
      return null;
    case "uint64Value":
      return celUint(kind.value);
    case "listValue":
      return kind.value.values.map(celOf) as unknown as CelValue;
    case "mapValue": {
      const entries = kind.value.entries.map(({ key, value }) => [
        key ? celOf(key) : null,
        value ? celOf(value) : null,
      ]);
      return new Map(entries as [CelValue, CelValue][]) as unknown as CelValue;
    }
    case "objectValue":
      return (anyUnpack(kind.value, TimestampSchema) ??
        anyUnpack(kind.value, DurationSchema) ??
        `message ${kind.value.typeUrl}`) as unknown as CelValue;
    case "typeValue":
      return `type ${kind.value}`;
    case "enumValue":
      return BigInt(kind.value.value);
    default:
      return kind.value as CelValue;
  }
}

/** A value with its type as a text, in which entries of maps are sorted. */
function comparable(value: CelValue): string {
  const raw: unknown = value;
  if (Array.isArray(raw)) return `list [${raw.map((item) => comparable(item as CelValue)).join(", ")}]`;
  if (raw instanceof Map) return mapText([...raw] as [CelValue, CelValue][]);
  if (isMessage(raw)) return `${raw.$typeName} ${raw.seconds} ${raw.nanos}`;
  if (typeof raw === "string" && raw.startsWith("type ")) return raw;
  if (isCelList(value)) return `list [${[...value].map(comparable).join(", ")}]`;
  if (isCelMap(value) && typeNameOf(value) === "map") return mapText([...value]);
  if (isCelType(value)) return `type ${value.name}`;
  if (isCelUint(value)) return `uint ${value.value}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  const name = typeNameOf(value);
  const message = (value as { readonly message?: unknown } | null)?.message;
  if (isMessage(message)) return `${message.$typeName} ${message.seconds} ${message.nanos}`;
  return value === null ? "null" : `${name} ${typeof value === "object" ? "" : textOf(value)}`;
}

/** The suite writes short names of some types. */
const named = (type: string): string =>
  type
    .replace(/\bnull\b(?!_)/g, "null_type")
    .replace(/\b(timestamp|duration)\b/g, (name) => `google.protobuf.${name[0]?.toUpperCase()}${name.slice(1)}`);

interface Timed {
  readonly $typeName: string;
  readonly seconds: bigint;
  readonly nanos: number;
}

const isMessage = (value: unknown): value is Timed =>
  typeof value === "object" && value !== null && "$typeName" in value && "seconds" in value;

const mapText = (entries: readonly (readonly [CelValue, CelValue])[]): string =>
  `map {${entries
    .map(([key, item]) => `${comparable(key)}: ${comparable(item)}`)
    .sort()
    .join(", ")}}`;

/** Of a declaration; messages and what else the API server's policies never meet are dyn. */
function typeText(type: SpecType | undefined): string {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case "primitive":
      return ["dyn", "bool", "int", "uint", "double", "string", "bytes"][kind.value] ?? "dyn";
    case "listType":
      return `list(${typeText(kind.value.elemType)})`;
    case "mapType":
      return `map(${typeText(kind.value.keyType)}, ${typeText(kind.value.valueType)})`;
    case "wellKnown":
      return ["dyn", "dyn", "timestamp", "duration"][kind.value] ?? "dyn";
    default:
      return "dyn";
  }
}
