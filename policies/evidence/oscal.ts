import { LABEL_DOMAIN, policyName } from "../../contracts.ts";
import type {
  Evidence,
  EvidenceClause,
  EvidenceControl,
  EvidenceExemption,
  EvidenceFinding,
  EvidenceRule,
} from "./evidence.ts";
import { jsonText } from "./json.ts";
import { uuidOf } from "./uuid.ts";

/** The version of NIST's format that the documents follow. */
export const OSCAL_VERSION = "1.2.1";

/** Names that compliance-trestle and compliance-to-policy look for (Rule_Id, Check_Id, assessment-rule-id …). */
const TRESTLE = "https://oscal-compass.github.io/compliance-trestle/schemas/oscal";
/** Names of our own. */
const OWN = `https://${LABEL_DOMAIN}/ns/oscal`;

const FILES = {
  catalog: "oscal-catalog.json",
  components: "oscal-component-definition.json",
  results: "oscal-assessment-results.json",
  milestones: "oscal-poam.json",
} as const;

interface Property {
  readonly name: string;
  readonly value: string;
  readonly ns: string;
  readonly remarks?: string;
}

/** Values hold no line break and no space at their ends, and are never empty. */
const property = (name: string, value: string | number, ns = OWN, remarks?: string): Property => ({
  name,
  ns,
  value: String(value).replace(/\s+/g, " ").trim() || "none",
  ...(remarks === undefined ? {} : { remarks }),
});

/** OSCAL has no empty lists: they are left out. */
const some = <Key extends string, T>(key: Key, list: readonly T[]): Partial<Record<Key, readonly T[]>> =>
  list.length === 0 ? {} : ({ [key]: list } as Record<Key, readonly T[]>);

/**
 * The report in NIST's OSCAL, by file: what is asked (catalog), which rules answer (component definition), what they found
 * (assessment results), and, where something is exempted or open, what is to be done until when (POA&M, which OSCAL does not allow
 * to be empty). Identifiers are derived from names, times are the commit's.
 */
export function renderOscal(evidence: Evidence): ReadonlyMap<string, string> {
  const documents: readonly (readonly [string, object | undefined])[] = [
    [FILES.catalog, { catalog: catalogOf(evidence) }],
    [FILES.components, { "component-definition": componentsOf(evidence) }],
    [FILES.results, { "assessment-results": resultsOf(evidence) }],
    [FILES.milestones, milestonesOf(evidence)],
  ];
  return new Map(documents.flatMap(([file, document]) => (document ? [[file, jsonText(document)] as const] : [])));
}

/** The UUID of a thing of this evidence: of the commit, the environment and the day. */
const own = ({ environment, commit, asOf }: Evidence, thing: string): string =>
  uuidOf(`${OWN}/${environment.name}/${commit.id}/${asOf}/${thing}`);

const metadata = ({ commit, environment, asOf, inputs, reproducible, tools }: Evidence, title: string): object => ({
  title: `${title}: environment ${environment.name}, law of ${asOf}`,
  "last-modified": commit.date,
  version: commit.id,
  "oscal-version": OSCAL_VERSION,
  props: [
    property("as-of", asOf),
    property("input-digest", `sha256:${inputs.digest}`),
    property("reproducible", String(reproducible)),
    ...tools.map(({ name, version }) => property("tool", `${name} ${version}`)),
  ],
});

const objectiveOf = (id: string): string => `${id}_obj`;

/** The id of the group of our own controls, beside one for each instrument. */
const PLATFORM_CONTROLS = "platform-controls";

function catalogOf(evidence: Evidence): object {
  const controls = new Set(evidence.controls.map(({ id }) => id));
  const parts = (id: string, statement: string, objective: string) => [
    { id: `${id}_smt`, name: "statement", prose: statement },
    { id: objectiveOf(id), name: "assessment-objective", prose: objective },
  ];
  const clause = (c: EvidenceClause) => ({
    id: c.id,
    title: c.reference,
    props: [
      property("source", c.source),
      property("verified", String(c.verified)),
      property("standing", c.standing),
      property("prose-bn", c.paraphrase.bn),
    ],
    ...some(
      "links",
      c.controls.filter((id) => controls.has(id)).map((id) => ({ href: `#${id}`, rel: "required" })),
    ),
    parts: parts(c.id, c.paraphrase.en, askedOf(c)),
  });
  const instruments = evidence.instruments.filter(({ clauses }) => clauses.length > 0);
  return {
    uuid: own(evidence, "catalog"),
    metadata: metadata(evidence, "What laws, standards and the platform ask"),
    groups: [
      ...instruments.map((instrument) => ({
        id: instrument.id,
        title: instrument.title.en,
        props: [
          property("kind", instrument.kind),
          property("status", instrument.status ?? "not yet issued"),
          property("status-verified", String(instrument.verified)),
          property("title-bn", instrument.title.bn),
        ],
        controls: instrument.clauses.map(clause),
      })),
      ...(evidence.controls.length === 0
        ? []
        : [
            {
              id: PLATFORM_CONTROLS,
              title: "Controls of the platform",
              controls: evidence.controls.map((c) => ({
                id: c.id,
                title: c.title.en,
                props: [property("title-bn", c.title.bn), property("prose-bn", c.statement.bn)],
                parts: parts(c.id, c.statement.en, askedOf(c)),
              })),
            },
          ]),
    ],
  };
}

/** What an assessor does: run the rules, and ask for the rest. */
function askedOf({ manual }: EvidenceClause | EvidenceControl): string {
  const ask = manual.map(({ en }) => `ask for: ${en}`).join("; ");
  return ask === "" ? "every rule that serves it passes on every object that it judges" : ask;
}

/** What a document may find satisfied or not: whatever binds on the day and a rule had something to say of. */
interface Assessed {
  readonly id: string;
  readonly title: string;
  readonly verdict: EvidenceClause["verdict"];
  readonly reasons: readonly string[];
  readonly rules: readonly string[];
}

function assessedOf({ instruments, controls }: Evidence): readonly Assessed[] {
  const rulesOf = ({ controls: ids }: EvidenceClause) => [
    ...new Set(controls.filter(({ id }) => ids.includes(id)).flatMap(({ rules }) => rules)),
  ];
  const clauses = instruments.flatMap((instrument) =>
    instrument.clauses.map((clause) => ({
      ...clause,
      title: `${instrument.title.en}, ${clause.reference}`,
      rules: rulesOf(clause),
    })),
  );
  const own = controls.map((control) => ({ ...control, title: control.title.en }));
  return [...clauses, ...own]
    .filter(({ verdict, rules }) => rules.length > 0 && verdict !== "not applicable" && verdict !== "manual")
    .map(({ id, title, verdict, reasons, rules }) => ({ id, title, verdict, reasons, rules }));
}

function componentsOf(evidence: Evidence): object {
  const sets = evidence.rules.flatMap((rule, index) => {
    const set = `rule_set_${String(index).padStart(3, "0")}`;
    return [
      property("Rule_Id", rule.id, TRESTLE, set),
      property("Rule_Description", rule.title.en, TRESTLE, set),
      property("Check_Id", checkOf(rule), TRESTLE, set),
      property("Check_Description", rule.rationale.en, TRESTLE, set),
    ];
  });
  const implemented = assessedOf(evidence);
  const component = own(evidence, "component");
  return {
    uuid: own(evidence, "component-definition"),
    metadata: metadata(evidence, "Which rules answer what is asked"),
    components: [
      {
        uuid: component,
        type: "validation",
        title: "Bhitti",
        description:
          "Rules that judge what is declared before a deploy and, as admission policies, what a cluster is asked for.",
        ...some("props", sets),
        ...some(
          "control-implementations",
          implemented.length === 0
            ? []
            : [
                {
                  uuid: own(evidence, "control-implementation"),
                  source: FILES.catalog,
                  description: "Each clause and control that a rule serves, with its rules.",
                  "implemented-requirements": implemented.map(({ id, title, rules }) => ({
                    uuid: own(evidence, `requirement/${id}`),
                    "control-id": id,
                    description: title,
                    props: rules.map((rule) => property("Rule_Id", rule, TRESTLE)),
                  })),
                },
              ],
        ),
      },
    ],
  };
}

/** The policy's name in the cluster, where it is one. */
function checkOf({ id, judgedBy }: EvidenceRule): string {
  if (judgedBy === "deploy") return id;
  const [family = "", name = ""] = id.split("/");
  return policyName(family, name);
}

const observationId = (evidence: Evidence, rule: string): string => own(evidence, `observation/${rule}`);
const subjectId = (evidence: Evidence, index: number): string => own(evidence, `subject/${index}`);
const riskId = (evidence: Evidence, thing: string): string => own(evidence, `risk/${thing}`);

function resultsOf(evidence: Evidence): object {
  const { commit, posture, environment } = evidence;
  const assessed = assessedOf(evidence);
  const plan = own(evidence, "plan");
  const tool = own(evidence, "tool");
  const { clauses } = posture;
  return {
    uuid: own(evidence, "assessment-results"),
    metadata: metadata(evidence, "What the rules found"),
    "import-ap": { href: `#${plan}` },
    results: [
      {
        uuid: own(evidence, "result"),
        title: `Declared state of ${environment.name}`,
        description: `Judged from commit ${commit.id} alone. Clauses: ${clauses.satisfied} satisfied, ${clauses["not satisfied"]} not, ${clauses.provisional} provisional, ${clauses.manual} to be asked about by a person, ${clauses["not applicable"]} not applicable. ${posture.notEvaluated} resources could not be judged.`,
        start: commit.date,
        end: commit.date,
        "local-definitions": {
          ...some(
            "inventory-items",
            evidence.subjects.map(({ object, stack, address, position, unknown, assumed }, index) => ({
              uuid: subjectId(evidence, index),
              description: object,
              props: [
                property("stack", stack),
                property("address", address),
                ...(position ? [property("source", `${position.file}:${position.line}`)] : []),
                ...(unknown.length > 0 ? [property("unknown", unknown.join(" "))] : []),
                ...(assumed ? [property("assumed-facts", "true")] : []),
              ],
            })),
          ),
          "assessment-assets": {
            components: [
              {
                uuid: tool,
                type: "software",
                title: "Bhitti",
                description: "The command 'bhitti audit'.",
                status: { state: "operational" },
              },
            ],
            "assessment-platforms": [
              { uuid: own(evidence, "platform"), "uses-components": [{ "component-uuid": tool }] },
            ],
          },
        },
        "reviewed-controls": {
          "control-selections": [
            assessed.length === 0
              ? { "include-all": {} }
              : { "include-controls": assessed.map(({ id }) => ({ "control-id": id })) },
          ],
        },
        ...some(
          "observations",
          evidence.rules.map((rule) => observationOf(evidence, rule, tool)),
        ),
        ...some("risks", risksOf(evidence)),
        ...some(
          "findings",
          assessed.map((entry) => findingOf(evidence, entry)),
        ),
      },
    ],
    "back-matter": {
      resources: [
        {
          uuid: plan,
          title: "The plan",
          description: `The rules of commit ${commit.id} are the plan: each judges every object of the environment that it matches.`,
          rlinks: [{ href: FILES.components }],
        },
      ],
    },
  };
}

function observationOf(evidence: Evidence, rule: EvidenceRule, tool: string): object {
  const found = new Map<number, EvidenceFinding>();
  for (const finding of evidence.findings) if (finding.rule === rule.id) found.set(finding.subject, finding);
  return {
    uuid: observationId(evidence, rule.id),
    title: rule.id,
    description: rule.title.en,
    props: [
      property("assessment-rule-id", rule.id, TRESTLE),
      property("judged", rule.judged.length),
      property("passed", rule.passed),
      property("failed", rule.failed),
      property("exempted", rule.exempted),
      property("stage", rule.stage),
      ...(rule.notRun === undefined ? [] : [property("not-run", rule.notRun)]),
    ],
    methods: ["TEST-AUTOMATED"],
    origins: [{ actors: [{ type: "tool", "actor-uuid": tool }] }],
    ...some(
      "subjects",
      rule.judged.map((index) => {
        const finding = found.get(index);
        return {
          "subject-uuid": subjectId(evidence, index),
          type: "inventory-item",
          title: evidence.subjects[index]?.object ?? String(index),
          props: [
            property("resource-id", evidence.subjects[index]?.object ?? index, TRESTLE),
            property("result", finding ? (finding.outcome === "error" ? "error" : "fail") : "pass", TRESTLE),
            ...(finding ? [property("reason", finding.text, TRESTLE)] : []),
            ...(finding?.exemption === undefined ? [] : [property("exemption", finding.exemption)]),
          ],
        };
      }),
    ),
    "relevant-evidence": [{ href: "results.csv", description: "One line for each object that the rule judged." }],
    collected: evidence.commit.date,
  };
}

/** OSCAL knows satisfied and not-satisfied only: what is provisional is not satisfied yet. */
function findingOf(evidence: Evidence, { id, title, verdict, reasons, rules }: Assessed): object {
  const satisfied = verdict === "satisfied";
  const permits = evidence.exemptions.filter(({ state, rule }) => state === "in-force" && rules.includes(rule));
  return {
    uuid: own(evidence, `finding/${id}`),
    title: id,
    description: `${title}: ${verdict}${reasons.length > 0 ? ` (${reasons.join(", ")})` : ""}`,
    props: [property("verdict", verdict)],
    target: {
      type: "objective-id",
      "target-id": objectiveOf(id),
      status: {
        state: satisfied ? "satisfied" : "not-satisfied",
        reason: satisfied ? "pass" : verdict === "not satisfied" ? "fail" : "other",
      },
    },
    "related-observations": rules.map((rule) => ({ "observation-uuid": observationId(evidence, rule) })),
    ...some(
      "related-risks",
      permits.map((exemption) => ({ "risk-uuid": riskId(evidence, `exemption/${exemption.id}`) })),
    ),
  };
}

/** Rules with findings that nothing permits, and how many each has. */
const openRules = ({ rules }: Evidence): readonly EvidenceRule[] => rules.filter(({ failed }) => failed > 0);

/** A risk for each exemption, with its deadline, and for each rule that fails without one. */
const risksOf = (evidence: Evidence): readonly object[] => [
  ...evidence.exemptions.map((exemption) => exemptionRisk(evidence, exemption)),
  ...openRules(evidence).map((rule) => ({
    uuid: riskId(evidence, `rule/${rule.id}`),
    title: `${rule.id} fails`,
    description: `${rule.failed} of ${rule.judged.length} objects do not follow the rule.`,
    statement: rule.rationale.en,
    props: [property("severity", rule.severity)],
    status: "open",
  })),
];

function exemptionRisk(evidence: Evidence, exemption: EvidenceExemption): object {
  const { id, rule, subject, reason, legalBasis, owner, approver, issued, expires, compensatingControl } = exemption;
  return {
    uuid: riskId(evidence, `exemption/${id}`),
    title: `${rule} is exempted for ${subject}`,
    description: reason,
    statement: `${evidence.rules.find((r) => r.id === rule)?.rationale.en ?? rule} Permitted on the basis of: ${legalBasis}`,
    props: [
      property("exemption", id),
      property("owner", owner),
      property("approver", approver),
      property("issued", issued),
      property("state", exemption.state),
    ],
    status: exemption.state === "in-force" ? "deviation-approved" : "open",
    "mitigating-factors": [{ uuid: own(evidence, `mitigation/${id}`), description: compensatingControl }],
    deadline: `${expires}T23:59:59Z`,
  };
}

function milestonesOf(evidence: Evidence): object | undefined {
  const items = [
    ...evidence.exemptions.map((exemption) => ({
      uuid: own(evidence, `item/exemption/${exemption.id}`),
      title: `End exemption ${exemption.id} by ${exemption.expires}`,
      description: `${exemption.subject} differs from ${exemption.rule}: ${exemption.reason}. ${exemption.owner} answers for it.`,
      "related-risks": [{ "risk-uuid": riskId(evidence, `exemption/${exemption.id}`) }],
    })),
    ...openRules(evidence).map((rule) => ({
      uuid: own(evidence, `item/rule/${rule.id}`),
      title: `Mend what ${rule.id} finds`,
      description: evidence.findings
        .filter((finding) => finding.rule === rule.id && finding.exemption === undefined)
        .map((finding) => `${evidence.subjects[finding.subject]?.object ?? ""}: ${finding.text}`)
        .join("; "),
      "related-risks": [{ "risk-uuid": riskId(evidence, `rule/${rule.id}`) }],
    })),
  ];
  if (items.length === 0) return undefined;
  return {
    "plan-of-action-and-milestones": {
      uuid: own(evidence, "poam"),
      metadata: metadata(evidence, "What is to be done until when"),
      "system-id": { id: evidence.environment.name },
      risks: risksOf(evidence),
      "poam-items": items,
    },
  };
}
