import {
  type CelEnv,
  type CelError,
  type CelFunc,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celMap,
  isCelError,
} from "@bufbuild/cel";
import { CostLimitError, charge } from "./budget.ts";
import { callCost } from "./cost.ts";
import { typeNameOf } from "./equality.ts";
import { CALLABLE, type CelFunction } from "./functions.ts";
import type { Type } from "./types.ts";
import { mendNativeMaps } from "./values.ts";

/**
 * Which function a call reaches. The engine picks by its own kinds of values, among which ours (a quantity, an optional) are maps;
 * here the types of types.ts decide, and every call reports to the budget. Functions that have no implementation of ours are the
 * engine's.
 */
export function dispatchingEnvironment(): CelEnv {
  mendNativeMaps(celMap(new Map()));
  const engine = celEnv();
  const groups = new Map([...CALLABLE].map(([name, overloads]) => [name, groupOf(name, overloads, engine)]));
  // The planner reads no more of an environment than this.
  return {
    namespace: engine.namespace,
    registry: engine.registry,
    variables: engine.variables,
    funcs: { find: (name: string) => groups.get(name) },
  } as unknown as CelEnv;
}

type Called = (id: number, target: CelValue | undefined, args: readonly CelValue[]) => CelValue | CelError | undefined;

interface Group {
  readonly name: string;
  readonly call: Called;
}

interface Overload {
  readonly member: boolean;
  /** Names of types; undefined for one that takes any. */
  readonly params: readonly (string | undefined)[];
  readonly func: CelFunc | undefined;
}

function groupOf(name: string, overloads: readonly CelFunction[], engine: CelEnv): Group {
  const all = distinct(overloads.map(overloadOf));
  const native = engine.funcs.find(name);
  return {
    name,
    call: (id, target, args) => {
      const values = target === undefined ? args : [target, ...args];
      charge(callCost(name, values));
      const found = all.find(({ member, params }) => member === (target !== undefined) && takes(params, values));
      if (!found) return undefined;
      // What has no implementation of ours is the engine's, and its second attempt at a function of ours is none.
      if (!found.func) return native?.call(id, target, [...args]);
      const result = found.func.call(id, undefined, [...values]) as CelValue | CelError | undefined;
      if (isCelError(result) && result.cause instanceof CostLimitError) throw result.cause;
      return result;
    },
  };
}

const ANY = /^(?:[A-Z]|dyn)$/;

function overloadOf({ name, member, params, run }: CelFunction): Overload {
  const any = params.map(() => CelScalar.DYN);
  return {
    member,
    params: params.map(({ name: type }: Type) => (ANY.test(type) ? undefined : type)),
    // Typed for any value: which one takes a call is decided before.
    func: run ? celFunc(name, any, CelScalar.DYN, run as never) : undefined,
  };
}

/** `list(int).sum()` and `list(double).sum()` are the same to a value, whose items nobody looks at. */
const distinct = (overloads: readonly Overload[]): readonly Overload[] => [
  ...new Map(overloads.toReversed().map((one) => [`${one.member} ${one.params.join()}`, one])).values(),
];

function takes(params: readonly (string | undefined)[], values: readonly CelValue[]): boolean {
  if (params.length !== values.length) return false;
  for (let i = 0; i < params.length; i++) {
    const param = params[i];
    if (param !== undefined && typeNameOf(values[i] ?? null) !== param) return false;
  }
  return true;
}
