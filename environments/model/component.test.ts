import { expect, test } from "vitest";
import { localCopies, patch, toldOf } from "./testing.ts";

const { copy: copyOfLocal } = localCopies();

test("what survives its site has another one to go to", () => {
  const copy = copyOfLocal();
  patch(copy, "gateway.yaml", [["failure: L1", "failure: L4"]]);
  patch(copy, "identity.yaml", [["failure: L1", "failure: L3\n  standby: local"]]);
  patch(copy, "zones/bill-payment.yaml", [["failure: L1", "failure: L3"]]);
  patch(copy, "soc.yaml", [["failure: L1", "failure: L3\n  standby: nowhere"]]);
  expect(toldOf(copy)).toEqual([
    "gateway.yaml(failure: ▸L4) BH1085 L4 survives the loss of its site, and no cluster at another site is named; add 'standby: <cluster at another site>', or state L1",
    "identity.yaml(standby: ▸local) BH1086 standby cluster 'local' is at site 'workstation' as well; name a cluster at another site",
    expect.stringContaining("soc.yaml(standby: ▸nowhere) BH1031 there is no cluster 'nowhere'"),
    expect.stringContaining("zones/bill-payment.yaml(failure: ▸L3) BH1085 L3 survives the loss of its site"),
  ]);
});

test("a public fact names its source", () => {
  const copy = copyOfLocal();
  patch(copy, "sites.yaml", [["basis: illustrative", "basis: public"]]);
  patch(copy, "zones/bill-payment.yaml", [["  basis: illustrative", "  basis: public\n  source: the partner's page"]]);
  expect(toldOf(copy)).toEqual([
    "sites.yaml(basis: ▸public) BH1080 this is said to be public, and no source says so; add 'source: …' with the public text, or say 'basis: assumed'",
  ]);
});
