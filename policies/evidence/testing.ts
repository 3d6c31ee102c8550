import type { Estate, EstateObject } from "../../estate/estate.ts";
import type { Control } from "../controls/controls.ts";
import { evaluateEstate } from "../evaluate.ts";
import { applyExemptions } from "../exemptions/apply.ts";
import type { Exemption } from "../exemptions/exemption.ts";
import type { Clause, Instrument, Status } from "../laws/laws.ts";
import { loadRules, type Rule } from "../rules.ts";
import { type Evidence, type EvidenceInputs, makeEvidence } from "./evidence.ts";

/** The day that these tests judge. */
const asOf = "2026-11-23";

/** For the tests of this room: a small estate, judged by real rules, in which something of everything happens. */

const position = { file: "environments/x/gateway.yaml", line: 3, column: 5 };
const at = { file: "policies/laws/x.yaml", line: 1, column: 1 };
const both = (en: string) => ({ en, bn: `${en} (বাংলা)` });

const service = (name: string, type: string, changes: Partial<EstateObject> = {}): EstateObject => ({
  object: { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "bhitti-soc" }, spec: { type } },
  stack: "c1-soc",
  address: `kubernetes_service_v1.${name}`,
  unknown: [],
  ...changes,
});

export const SERVICES: readonly EstateObject[] = [
  service("good", "ClusterIP", { position }),
  service("bad", "NodePort", { position: { ...position, file: "environments/x/soc & <log>.yaml" } }),
  service("unknown", "${x}", { unknown: ["spec.type"] }),
];

export const control = (id: string, changes: Partial<Control> = {}): Control => ({
  id,
  title: both(`title of ${id}`),
  statement: both(`statement of ${id}`),
  catalogues: [],
  manual: [],
  position: at,
  ...changes,
});

export const clause = (id: string, controls: readonly string[], changes: Partial<Clause> = {}): Clause => ({
  id: `law.${id}`,
  instrument: "law",
  reference: `section ${id}`,
  paraphrase: both(`asks ${id}`),
  source: "https://example.org/law",
  verified: true,
  controls,
  manual: [],
  position: at,
  ...changes,
});

export const instrument = (clauses: readonly Clause[], status: Status = "inForce", verified = true): Instrument => ({
  id: "law",
  title: both("The law"),
  kind: "act",
  status: [{ from: "2026-01-01", status, source: "https://example.org/gazette", verified }],
  classifications: [],
  clauses,
  position: at,
});

export const rulesNamed = (...ids: string[]): readonly Rule[] => loadRules().filter(({ id }) => ids.includes(id));

export const estateOf = (objects: readonly EstateObject[], undecoded: Estate["undecoded"] = []): Estate => ({
  environment: "x",
  stacks: [{ id: "c1-soc", dependencies: [] }],
  objects,
  undecoded,
});

/** Inputs without findings: one rule, one object that follows it, one control, one verified clause in force. */
export function inputsOf(
  changes: Partial<EvidenceInputs> & { readonly rules?: readonly Rule[] } = {},
  objects: readonly EstateObject[] = SERVICES.slice(0, 1),
): EvidenceInputs {
  const rules = changes.rules ?? rulesNamed("network/no-node-port");
  return {
    environment: { name: "x", description: "For tests.", disposable: true },
    asOf: "2026-11-23",
    commit: { id: "0123456789abcdef0123456789abcdef01234567", date: "2026-11-22T18:00:00Z", changed: [] },
    tools: [{ name: "bhitti", version: "0.1.0" }],
    files: [{ path: "environments/x/gateway.yaml", sha256: "0".repeat(64) }],
    findings: evaluateEstate(estateOf(objects), rules, () => "deny", { asOf }),
    rules,
    controls: [control("boundary")],
    instruments: [instrument([clause("1", ["boundary"])])],
    assumptions: [],
    ...changes,
  };
}

/** A permission for one Service of namespace bhitti-soc, in order on the day of these tests. */
export const exempting = (name: string, changes: Partial<Exemption> = {}): Exemption => ({
  id: "soc-node-port",
  rule: "network/no-node-port",
  subject: { kind: "Service", namespace: "bhitti-soc", name, maximumObjects: 1 },
  reason: "the log source cannot be moved <yet> & is watched",
  legalBasis: "order 12 of 2026",
  owner: "soc@example.gov.bd",
  approver: "ciso@example.gov.bd",
  issued: "2026-10-01",
  expires: "2026-12-31",
  compensatingControl: "a firewall in front",
  ...changes,
});

/** The rule under another id and with other controls, so that tests depend on no rule's own. */
export const serving = (rule: Rule | undefined, ...controls: string[]): Rule => {
  if (!rule) throw new Error("there is no such rule");
  return { ...rule, controls };
};

/** Evidence in which each status, outcome and kind of entry occurs. */
export function everything(): Evidence {
  const rules = [
    serving(rulesNamed("network/no-node-port")[0], "boundary"),
    serving(rulesNamed("rbac/no-wildcard")[0], "privilege"),
    serving(rulesNamed("tenancy/namespace-labels")[0], "tenancy"),
  ];
  const namespace: EstateObject = {
    object: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "bhitti-soc",
        labels: { "bhitti.platform/layer": "soc", "bhitti.platform/data-class": "internal" },
      },
    },
    stack: "c1-soc",
    address: "kubernetes_namespace_v1.soc",
    unknown: [],
  };
  const exempted = service("exempted", "NodePort");
  const objects = [...SERVICES, exempted, namespace];
  const found = evaluateEstate(estateOf(objects), rules, (rule) => (rule.startsWith("rbac") ? "audit" : "deny"), {
    asOf,
  });
  const findings = applyExemptions(found, [exempting("exempted")], rules, "2026-11-23");
  return makeEvidence(
    inputsOf({
      rules,
      findings,
      controls: [
        control("boundary", { manual: [both("firewall rules")] }),
        control("privilege"),
        control("tenancy"),
        control("paper", { manual: [both("the signed paper")] }),
      ],
      instruments: [
        instrument([
          clause("1", ["boundary", "tenancy"]),
          clause("2", ["tenancy"]),
          clause("3", ["tenancy"], { verified: false, note: both("sources differ") }),
          clause("4(a)", ["paper"], { id: "law.4-a", manual: [both("the contract")] }),
          clause("5", ["privilege"]),
          clause("6", ["tenancy"], { effectiveFrom: "2027-05-13" }),
          clause("7", ["tenancy", "paper"]),
        ]),
      ],
      assumptions: [{ path: "gateway", basis: "illustrative", position }],
    }),
  );
}
