import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localCopies, patch, root, toldOf } from "../testing.ts";

const { copy: copyOfLocal } = localCopies();

test("an agency is named once, and under a ministry that the catalogue lists", () => {
  const copy = copyOfLocal();
  cpSync(join(root, "environments", "catalogue"), join(copy, "environments", "catalogue"), { recursive: true });
  patch(copy, "agencies.yaml", [
    ["    basis: illustrative", "    ministry: healht\n    basis: illustrative"],
    ["name: identity-authority", "name: registry"],
  ]);
  patch(copy, "identity.yaml", [["owner: identity-authority", "owner: registry"]]);
  expect(toldOf(copy)).toEqual([
    "agencies.yaml(ministry: ▸healht) BH1031 there is no ministry 'healht', which 'agencies.registry.ministry' names; did you mean 'health'?",
    "agencies.yaml(- name: ▸registry #2) BH1030 'registry' stands twice: first at agencies.yaml(- name: ▸registry); give one of the two another name",
  ]);
});

test("a title that is said to be public names who says it", () => {
  const copy = copyOfLocal();
  patch(copy, "agencies.yaml", [["basis: illustrative", "basis: public"]]);
  expect(toldOf(copy)).toEqual([expect.stringContaining("agencies.yaml(basis: ▸public) BH1080")]);
});
