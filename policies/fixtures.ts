import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { EXIT, PLATFORM_GROUP } from "../contracts.ts";
import type { Estate, EstateStack } from "../estate/estate.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { BhittiError, message } from "../messages/message.ts";
import type { AdmissionRequest } from "./engine/request.ts";
import type { EstateRule, JudgedOn } from "./estate-rule.ts";
import { type Instrument, loadLaws } from "./laws/laws.ts";
import type { Rule } from "./rules.ts";

/** One example of a rule: one request, which the rule lets pass or refuses. */
export interface Fixture {
  /** `network/no-node-port/fail/node-port.yaml` */
  readonly file: string;
  readonly expected: "pass" | "fail";
  /** What the example shows. */
  readonly note: string;
  readonly request: AdmissionRequest;
  /** Objects that stand in the cluster beside those of `rules/surroundings.yaml`. */
  readonly surroundings: readonly KubernetesObject[];
}

const object = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({}),
});

const fixtureFile = z
  .strictObject({
    note: z.string().min(1),
    as: z.strictObject({ user: z.string().min(1), groups: z.array(z.string().min(1)) }).optional(),
    operation: z.enum(["CREATE", "UPDATE", "DELETE"]).optional(),
    subresource: z.string().min(1).optional(),
    surroundings: z.array(object).optional(),
    object: object.optional(),
    oldObject: object.optional(),
  })
  .superRefine(({ operation = "CREATE", object, oldObject }, context) => {
    const needs = { object: operation !== "DELETE", oldObject: operation !== "CREATE" };
    for (const [key, value] of Object.entries({ object, oldObject })) {
      const needed = needs[key as keyof typeof needs];
      if (needed === (value !== undefined)) continue;
      context.addIssue({
        code: "custom",
        path: [key],
        message: `a ${operation} ${needed ? "needs" : "has no"} ${key}`,
      });
    }
  });

/** Who asks, where an example does not say: a pipeline of the platform. */
const DEPLOYER = { user: "deployer@example.gov", groups: [PLATFORM_GROUP, "system:authenticated"] };

const folder = fileURLToPath(new URL("rules", import.meta.url));

/**
 * The examples of a rule, sorted by file name.
 *
 * @throws BhittiError BH3003 where a file has not the form of an example
 */
export const fixturesOf = ({ id }: Rule): readonly Fixture[] => examplesOf(id, readFixture);

/** What every example finds in the cluster: namespaces, and the params that rules read. */
export const defaultSurroundings = (): readonly KubernetesObject[] =>
  parseAllDocuments(readFileSync(join(folder, "surroundings.yaml"), "utf8")).map(
    (document) => document.toJS() as KubernetesObject,
  );

/** One example of an estate rule: a small estate, which it lets pass or has something against. */
export interface EstateFixture extends Pick<Fixture, "file" | "expected" | "note"> {
  readonly estate: Estate;
  /** When it is judged, 2026-11-23 where it does not say, and by which lock of images, an empty one where it does not say; laws are ours. */
  readonly on: Required<JudgedOn>;
}

const estateFile = z.strictObject({
  note: z.string().min(1),
  asOf: z.iso.date().default("2026-11-23"),
  lock: z.array(z.string()).optional(),
  stacks: z.record(z.string().regex(/^[a-z][a-z0-9]*-[a-z0-9-]+$/), z.array(object)),
  terraform: z
    .record(
      z.string(),
      z.strictObject({
        backend: z.strictObject({ type: z.string(), settings: z.record(z.string(), z.unknown()) }).optional(),
        providers: z.array(z.strictObject({ name: z.string(), source: z.string() })).default([]),
      }),
    )
    .default({}),
});

/**
 * The examples of an estate rule, sorted by file name.
 *
 * @throws BhittiError BH3003 where a file has not the form of an example
 */
export const estateFixturesOf = ({ id }: EstateRule): readonly EstateFixture[] =>
  examplesOf(id, (path, file, expected) => {
    const { note, asOf, lock = [], stacks, terraform } = checked(estateFile, path, file);
    const objects = Object.entries(stacks).flatMap(([stack, list]) =>
      (list as unknown as readonly KubernetesObject[]).map((object, index) => ({
        object,
        stack,
        address: `example[${index}]`,
        unknown: [],
      })),
    );
    return {
      ...{ file, expected, note, on: { asOf, lock: { images: lock }, laws: laws() } },
      estate: {
        environment: "example",
        stacks: Object.keys(stacks).map((stack) => ({ id: stack, dependencies: [], ...terraformOf(terraform[stack]) })),
        objects,
        undecoded: [],
      },
    };
  });

function terraformOf(
  stated: z.infer<typeof estateFile>["terraform"][string] | undefined,
): Pick<EstateStack, "terraform"> {
  if (!stated) return {};
  const { backend, providers } = stated;
  return { terraform: { ...(backend ? { backend } : {}), providers } };
}

let known: readonly Instrument[] | undefined;
const laws = (): readonly Instrument[] => {
  known ??= loadLaws();
  return known;
};

type Expected = Fixture["expected"];

const examplesOf = <T>(id: string, read: (path: string, file: string, expected: Expected) => T): readonly T[] =>
  (["pass", "fail"] as const).flatMap((expected) =>
    readdirSync(join(folder, id, expected))
      .filter((name) => name.endsWith(".yaml"))
      .sort()
      .map((name) => {
        const path = join(folder, id, expected, name);
        return read(path, relative(folder, path).replaceAll("\\", "/"), expected);
      }),
  );

function checked<T extends z.ZodType>(schema: T, path: string, file: string): z.infer<T> {
  const read = schema.safeParse(parse(readFileSync(path, "utf8")));
  if (read.success) return read.data;
  const reasons = read.error.issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
  throw new BhittiError(message("BH3003", { file, reason: reasons.join(", ") }), EXIT.badInput);
}

function readFixture(path: string, file: string, expected: Expected): Fixture {
  const {
    note,
    as = DEPLOYER,
    operation = "CREATE",
    subresource,
    surroundings = [],
    object,
    oldObject,
  } = checked(fixtureFile, path, file);
  return {
    file,
    expected,
    note,
    surroundings: surroundings as unknown as readonly KubernetesObject[],
    request: {
      operation,
      userInfo: { username: as.user, groups: as.groups },
      ...(subresource ? { subresource } : {}),
      ...(object ? { object: object as unknown as KubernetesObject } : {}),
      ...(oldObject ? { oldObject: oldObject as unknown as KubernetesObject } : {}),
    },
  };
}
