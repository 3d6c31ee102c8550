import { expect, test } from "vitest";
import { compareEvidence } from "./compare.ts";
import { makeEvidence } from "./evidence.ts";
import { renderHtml } from "./html.ts";
import { everything, inputsOf, SERVICES } from "./testing.ts";

test("a report does not differ from itself", () => {
  expect(compareEvidence(everything(), everything())).toEqual([]);
});

test("what changed, came and went is told, of each kind", () => {
  const earlier = makeEvidence(inputsOf({}, SERVICES.slice(0, 1)));
  const [good] = SERVICES;
  const later = makeEvidence(inputsOf({}, SERVICES.slice(1, 2)));
  expect(good?.object.metadata.name).toBe("good");
  expect(compareEvidence({ ...earlier, instruments: everything().instruments.slice(0, 1) }, later).slice(0, 2)).toEqual(
    [
      { what: "clause", id: "law.1", before: "not satisfied", after: "manual" },
      { what: "clause", id: "law.2", before: "satisfied" },
    ],
  );
  expect(compareEvidence(earlier, later)).toEqual([
    {
      what: "rule",
      id: "network/no-node-port",
      before: "deny; 1 judged, 0 failed, 0 exempted",
      after: "deny; 1 judged, 1 failed, 0 exempted",
    },
    { what: "finding", id: "network/no-node-port: c1-soc: Service bhitti-soc/bad", after: "failed" },
    { what: "object", id: "c1-soc: Service bhitti-soc/bad", after: "declared" },
    { what: "object", id: "c1-soc: Service bhitti-soc/good", before: "declared" },
  ]);
});

test("the page tells the differences, or that there are none, and nothing where none were asked for", () => {
  const evidence = everything();
  const comparison = { commit: "e".repeat(40), changes: compareEvidence(makeEvidence(inputsOf()), evidence) };
  const page = renderHtml({ ...evidence, comparison }, "en");
  expect(page).toContain("e".repeat(40));
  expect(page).toContain("network/no-node-port: c1-soc: Service bhitti-soc/bad");
  expect(page).toContain('href="#comparison"');
  const same = renderHtml({ ...evidence, comparison: { ...comparison, changes: [] } }, "en");
  expect(same).toContain("Nothing that this report tells has changed");
  expect(renderHtml(evidence, "en")).not.toContain("comparison");
});
