import { join } from "node:path";
import { expect, test } from "vitest";
import { repository, run } from "./checkout.ts";

test.each(["22", "24"])("checks an environment under Node %s", async (major) => {
  const script = join(repository, "scripts", "bhitti.js");
  const checked = await run(
    "npm",
    ["exec", "--yes", `--package=node@${major}`, "--", "node", script, "check", "local", "--json"],
    repository,
  );
  expect(checked).toMatchObject({ exitCode: 0, json: { environment: "local", findings: [] } });

  const version = await run(
    "npm",
    ["exec", "--yes", `--package=node@${major}`, "--", "node", "-p", "JSON.stringify(process.versions)"],
    repository,
  );
  expect(version.json["node"]).toMatch(new RegExp(`^${major}\\.`));
});
