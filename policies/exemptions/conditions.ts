import type { NamedExpression } from "../engine/policy.ts";
import { EXEMPTIONS, exemptionKey } from "./exemption.ts";

/**
 * The match conditions by which a soft-mandatory rule lets its exempted objects pass: the same in each, but for the rule's own key. They
 * stand in rule.yaml word for word, so that what is deployed is the file; `npm run generate` writes them there.
 *
 * The second covers what built-in controllers make of an exempted workload. Anybody may write `ownerReferences`, so it is asked only
 * where the control plane itself makes the object. A name is cut at its last hyphen: a Deployment's ReplicaSets and a CronJob's
 * Jobs are called after them, with one word more.
 */
export function exemptionConditions(rule: string): readonly NamedExpression[] {
  const lines = `params.data['${exemptionKey(rule)}']`;
  const none = `!has(params.data) || !('${exemptionKey(rule)}' in params.data)`;
  const stem = "request.namespace + '/' + o.name.substring(0, o.name.lastIndexOf('-'))";
  return [
    {
      name: "not-exempted",
      expression: [
        `${none} || !has(request.name)`,
        `|| !${lines}.split('\\n').exists(s, s == request.kind.kind + ' ' + request.name`,
        "  || has(request.namespace) && s == request.kind.kind + ' ' + request.namespace + '/' + request.name)",
      ].join("\n"),
    },
    {
      name: "maker-not-exempted",
      expression: [
        `${none} || object == null || !has(object.metadata.ownerReferences)`,
        "|| !request.userInfo.username.matches('^system:(kube-controller-manager$|serviceaccount:kube-system:)')",
        "|| !object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller",
        `  && ${lines}.split('\\n').exists(s, s == o.kind + ' ' + request.namespace + '/' + o.name`,
        `  || o.kind == 'ReplicaSet' && o.name.lastIndexOf('-') > 0 && s == 'Deployment ' + ${stem}`,
        `  || o.kind == 'Job' && o.name.lastIndexOf('-') > 0 && s == 'CronJob ' + ${stem}))`,
      ].join("\n"),
    },
  ];
}

/** Names of the conditions that stand in a rule for exemptions only. */
export const EXEMPTION_CONDITIONS: readonly string[] = exemptionConditions("").map(({ name }) => name);

const COMMENT = "    # Exemptions: policies/exemptions/conditions.ts, by `npm run generate`.";

/**
 * The text of a rule.yaml with the conditions, and the params that they read, as its level wants them: in a soft-mandatory rule and in no
 * other. A rule with params of its own keeps them; its exemptions are read from there.
 */
export function withConditions(rule: string, text: string): string {
  const level = /^ {4}bhitti\.platform\/level: *(\S+)/m.exec(text)?.[1];
  const bare = withoutConditions(text);
  if (level !== "soft-mandatory") return bare;
  const conditions = [COMMENT, ...exemptionConditions(rule).flatMap(yamlOf)].join("\n");
  const asked = /^ {2}matchConditions:\n/m.test(bare)
    ? bare.replace(
        /^( {2}matchConditions:\n(?: {4}.*\n|\n)*)/m,
        (block) => `${block.replace(/\n+$/, "\n")}${conditions}\n`,
      )
    : bare.replace(/^( {2}(?:variables|validations):\n)/m, (next) => `  matchConditions:\n${conditions}\n${next}`);
  if (/^ {2}paramKind:/m.test(asked)) return asked;
  return asked
    .replace(/^( {4}bhitti\.platform\/controls: .*\n)/m, (line) => `${line}${PARAMS}`)
    .replace(/^( {2}failurePolicy: .*\n)/m, (line) => `${line}${PARAM_KIND}`);
}

const PARAMS = `    bhitti.platform/params-name: ${EXEMPTIONS.name}\n    bhitti.platform/params-namespace: ${EXEMPTIONS.namespace}\n`;
const PARAM_KIND = "  paramKind:\n    apiVersion: v1\n    kind: ConfigMap\n";

function withoutConditions(text: string): string {
  const cut = text.replace(/^ {4}# Exemptions: .*\n(?: {4,}.*\n)*/m, "");
  const bare = cut.replace(/^ {2}matchConditions:\n(?! {4})/m, "");
  return bare.includes(PARAMS) ? bare.replace(PARAMS, "").replace(PARAM_KIND, "") : bare;
}

const yamlOf = ({ name, expression }: NamedExpression): string[] => [
  `    - name: ${name}`,
  "      expression: |-",
  ...expression.split("\n").map((line) => `        ${line}`),
];
