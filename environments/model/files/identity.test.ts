import { expect, test } from "vitest";
import { loadEnvironment } from "../load.ts";
import { localCopies, patch, root, toldOf } from "../testing.ts";

const { copy: copyOfLocal } = localCopies();

test("levels stand from the weakest to the strongest, and each realm says which it gives", () => {
  const { assuranceLevels, realms } = loadEnvironment(root, "local");
  expect(assuranceLevels.map(({ name }) => name)).toEqual(["low", "substantial", "high"]);
  expect(realms.map(({ name, people, assurance }) => [name, people, assurance])).toEqual([
    ["citizens", "citizens", "high"],
    ["partners", "partners", "substantial"],
  ]);
});

test("a realm that claims a level does all that the level asks for", () => {
  const copy = copyOfLocal();
  patch(copy, "identity.yaml", [
    ["    identitySource: national-id\n", ""],
    ["passwordMinimumLength: 14\n    secondFactor: required", "passwordMinimumLength: 14\n    secondFactor: optional"],
  ]);
  expect(toldOf(copy)).toEqual([
    "identity.yaml(assurance: ▸high) BH1113 realm 'citizens' claims level 'high', which needs an identity source, and has none; add 'identitySource: …', one of identitySources, or claim a lower level",
    "identity.yaml(secondFactor: ▸optional) BH1112 realm 'partners' claims level 'substantial', which needs a second factor, and leaves it optional; say 'secondFactor: required', or claim a lower level",
  ]);
});

test("a realm's level and source, and a source's owner, are there", () => {
  const copy = copyOfLocal();
  patch(copy, "identity.yaml", [
    ["owner: identity-authority", "owner: identity-autority"],
    ["identitySource: national-id", "identitySource: national"],
    ["assurance: substantial", "assurance: substancial"],
  ]);
  expect(toldOf(copy)).toEqual([
    "identity.yaml(owner: ▸identity-autority) BH1031 there is no agency 'identity-autority', which 'identitySources.national-id.owner' names; did you mean 'identity-authority'?",
    "identity.yaml(identitySource: ▸national) BH1031 there is no identity source 'national', which 'realms.citizens.identitySource' names; did you mean 'national-id'?",
    "identity.yaml(assurance: ▸substancial) BH1031 there is no assurance level 'substancial', which 'realms.partners.assurance' names; did you mean 'substantial'?",
  ]);
});

test("an identity source is asked over TLS only", () => {
  const copy = copyOfLocal();
  patch(copy, "identity.yaml", [["token: https://id", "token: http://id"]]);
  expect(toldOf(copy)).toEqual([
    expect.stringContaining(
      "identity.yaml(token: ▸http://id.local.bhit) BH1027 'http://id.local.bhitti.test/token' is not what 'identitySources.national-id.token' takes",
    ),
  ]);
});

test("a level, a source or a realm that stands twice", () => {
  const copy = copyOfLocal();
  patch(copy, "identity.yaml", [
    ["- name: low", "- name: high"],
    ["- name: partners", "- name: citizens"],
    [
      "realms:",
      "  - { name: national-id, title: x, titleBangla: x, owner: registry, protocol: openid-connect, issuer: https://a.test, authorization: https://a.test, token: https://a.test, keys: https://a.test, clientId: x, cidr: 198.51.100.16/28, basis: illustrative }\nrealms:",
    ],
  ]);
  patch(copy, "zones/bill-payment.yaml", [["realm: partners", "realm: citizens"]]);
  expect(toldOf(copy).map((line) => /^.*? BH\d+/.exec(line)?.[0])).toEqual([
    "identity.yaml(- name: ▸high #2) BH1030",
    "identity.yaml(- { name: ▸national-id, title: ) BH1030",
    "identity.yaml(- name: ▸citizens #2) BH1030",
  ]);
});
