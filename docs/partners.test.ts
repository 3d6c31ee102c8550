import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadEnvironment } from "../environments/model/load.ts";
import { local, localCopies, root } from "../environments/model/testing.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { judgeOf } from "../policies/engine/admission.ts";
import { bindingFor, loadRules } from "../policies/rules.ts";

const { copy: copyOfLocal } = localCopies();
const guide = readFileSync(join(root, "docs", "partners.md"), "utf8");
const [zone = "", claim = ""] = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, block]) => block ?? "");

test("the zone that the guide has its readers write is one", () => {
  const copy = copyOfLocal();
  writeFileSync(local(copy, "zones/permit-office.yaml"), zone);
  expect(loadEnvironment(copy, "local").zones.map(({ name }) => name)).toContain("permit-office");
});

test("the claim that the guide shows passes the rule on backup decisions, and without its label does not", () => {
  const rules = loadRules().filter(({ id }) => id === "backup/decision-stated");
  const judge = judgeOf(
    rules.map(({ policy }) => policy),
    rules.map((rule) => bindingFor(rule, "deny")),
    {
      namespaces: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "zone-permit-office" } }],
      params: [
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "bhitti-exemptions", namespace: "bhitti-guardrails" },
          data: {},
        } as KubernetesObject,
      ],
    },
  );
  const ask = (object: KubernetesObject) =>
    judge({ operation: "CREATE", object, userInfo: { username: "owner", groups: [] } }).flatMap((v) => v.messages);
  const stated = parse(claim) as KubernetesObject;
  expect(ask(stated)).toEqual([]);
  const { labels: _, ...metadata } = stated.metadata;
  expect(ask({ ...stated, metadata })).toHaveLength(1);
});
