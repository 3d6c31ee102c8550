import { describe, expect, test } from "vitest";
import { liveCluster } from "../tests/live.ts";
import { BUILT_IN } from "./built-in-roles.ts";
import type { Right } from "./estate-access.ts";

const live = liveCluster();

interface Role {
  readonly rules?: readonly Right[] | null;
}

/** Aggregated roles are filled by a controller, a moment after the server starts. */
async function roleOf(name: string): Promise<readonly Right[]> {
  for (let i = 0; i < 200; i++) {
    const answer = await live?.request("GET", `/apis/rbac.authorization.k8s.io/v1/clusterroles/${name}`);
    const { rules } = (answer?.body ?? {}) as Role;
    if (rules && rules.length > 0) return rules;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the role ${name} has no rules`);
}

const holds = (list: readonly string[] | undefined, item: string): boolean =>
  list?.includes(item) === true || list?.includes("*") === true;

describe.skipIf(!live)("roles that every API server has", () => {
  test.each(Object.entries(BUILT_IN))("%s gives there what rules take it to give", async (name, rights) => {
    const real = await roleOf(name);
    const missing = rights.flatMap(({ verbs, apiGroups, resources }) =>
      verbs.flatMap((verb) =>
        apiGroups.flatMap((group) =>
          resources
            .filter(
              (resource) =>
                !real.some((r) => holds(r.verbs, verb) && holds(r.apiGroups, group) && holds(r.resources, resource)),
            )
            .map((resource) => `${verb} ${resource} of '${group}'`),
        ),
      ),
    );
    expect(missing).toEqual([]);
  });
});
