import { BlockList } from "node:net";
import { type CelMap, isCelError, isCelList, isCelMap } from "@bufbuild/cel";
import { Environment } from "@marcbachmann/cel-js";
import { nanoUnits } from "../kubernetes/quantity.ts";
import type { Evaluation, Value } from "./engine/expression.ts";
import { isOpaque } from "./engine/opaque.ts";

/**
 * A second CEL engine, written by others: where both say the same of an expression, a fault of either is unlikely to have decided a
 * verdict. It has none of Kubernetes' functions; those that rules use are added here, by other means than the first engine has.
 */
const environment = new Environment({ unlistedVariablesAreDyn: true });

class Quantity {
  readonly nano: bigint;
  constructor(text: string) {
    const nano = nanoUnits(text);
    if (nano === undefined) throw new Error(`'${text}' is no quantity`);
    this.nano = nano;
  }
}

class Cidr {
  readonly address: string;
  readonly length: number;
  readonly family: "ipv4" | "ipv6";
  constructor(text: string) {
    const [address = "", length = "", ...rest] = text.split("/");
    if (rest.length > 0 || !/^\d+$/.test(length)) throw new Error(`'${text}' is no CIDR`);
    this.address = address;
    this.length = Number(length);
    this.family = address.includes(":") ? "ipv6" : "ipv4";
    // Refuses what is no address or too long a prefix.
    new BlockList().addSubnet(address, this.length, this.family);
  }

  contains(other: Cidr): boolean {
    const block = new BlockList();
    block.addSubnet(this.address, this.length, this.family);
    return this.family === other.family && this.length <= other.length && block.check(other.address, other.family);
  }
}

const isCidr = (text: string): boolean => {
  try {
    return new Cidr(text).length >= 0;
  } catch {
    return false;
  }
};

environment
  .registerType("Quantity", { ctor: Quantity })
  .registerType("Cidr", { ctor: Cidr })
  .registerFunction("quantity(string): Quantity", (text: string) => new Quantity(text))
  .registerFunction("Quantity.isGreaterThan(Quantity): bool", (a: Quantity, b: Quantity) => a.nano > b.nano)
  .registerFunction("Quantity.isLessThan(Quantity): bool", (a: Quantity, b: Quantity) => a.nano < b.nano)
  .registerFunction("string.replace(string, string): string", (text: string, from: string, to: string) =>
    text.split(from).join(to),
  )
  .registerFunction("cidr(string): Cidr", (text: string) => new Cidr(text))
  .registerFunction("isCIDR(string): bool", isCidr)
  .registerFunction("Cidr.containsCIDR(string): bool", (a: Cidr, b: string) => a.contains(new Cidr(b)));

type Run = (variables: Record<string, unknown>) => unknown;
const parsed = new Map<string, Run>();

/** The second engine cannot ask `has(list[0].field)`; of objects, `'field' in list[0]` asks the same. */
const withoutIndexInHas = (expression: string): string =>
  expression.replace(/\bhas\(((?:\w+\.)*\w+\[\d+\](?:\.\w+)*)\.(\w+)\)/g, "('$2' in $1)");

/** What the second engine makes of an expression over the first one's values. Never throws. */
export function secondOpinion(expression: string, variables: Readonly<Record<string, Value>>): unknown {
  try {
    const run = parsed.get(expression) ?? (environment.parse(withoutIndexInHas(expression)) as Run);
    parsed.set(expression, run);
    // The second engine has no authorizer, and a name that stands for an error is none that it knows.
    const known = Object.entries(variables).filter(([, value]) => !isOpaque(value) && !isCelError(value));
    const context = Object.fromEntries(known.map(([name, value]) => [name, plainOf(value)]));
    return { value: run(context) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** What the first engine gave, in the second one's values. */
export const plainEvaluation = (outcome: Evaluation): unknown =>
  "value" in outcome ? { value: plainOf(outcome.value) } : outcome;

const plain = new WeakMap<object, unknown>();

function plainOf(value: Value): unknown {
  if (isCelError(value)) throw value;
  if (!isCelList(value) && !isCelMap(value)) return value;
  const known = plain.get(value);
  if (known) return known;
  const made = isCelList(value) ? [...value].map(plainOf) : objectOf(value);
  plain.set(value, made);
  return made;
}

/** Members are read when they are needed: a variable that errs is an error only to those who read it. */
function objectOf(map: CelMap): object {
  const made: Record<string, unknown> = {};
  for (const key of map.keys() as Iterable<string>) {
    Object.defineProperty(made, key, { enumerable: true, get: () => plainOf((map.get(key) ?? null) as Value) });
  }
  return made;
}
