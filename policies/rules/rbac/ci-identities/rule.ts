import { LABELS } from "../../../../contracts.ts";
import type { EstateObject } from "../../../../estate/estate.ts";
import { type AccessBinding, bindingsOf, given, type Subject, type Wish } from "../../../estate-access.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf, labelsOf, ofKind } from "../../../estate-view.ts";
import { EXEMPTIONS } from "../../../exemptions/exemption.ts";

interface Forbidden {
  readonly does: string;
  readonly wishes: readonly Wish[];
  /** The only namespace in which it counts. @default any */
  readonly namespace?: string;
}

const CHANGE = ["create", "delete", "deletecollection", "patch", "update"];

/** What approves, exempts or speaks for others, by what RBAC calls it. */
const FORBIDDEN: readonly Forbidden[] = [
  {
    does: "speaks for others",
    wishes: [
      { verbs: ["impersonate"], resources: ["groups", "serviceaccounts", "users"] },
      { verbs: ["impersonate"], resources: ["uids", "userextras"], apiGroup: "authentication.k8s.io" },
      { verbs: ["create"], resources: ["serviceaccounts/token"] },
    ],
  },
  {
    does: "approves certificates",
    wishes: [
      {
        verbs: ["patch", "update"],
        resources: ["certificatesigningrequests/approval"],
        apiGroup: "certificates.k8s.io",
      },
      { verbs: ["approve", "sign"], resources: ["signers"], apiGroup: "certificates.k8s.io" },
    ],
  },
  {
    does: "grants exemptions",
    wishes: [{ verbs: CHANGE, resources: ["configmaps"], name: EXEMPTIONS.name }],
    namespace: EXEMPTIONS.namespace,
  },
  {
    does: "sets guardrails",
    wishes: [
      {
        verbs: CHANGE,
        resources: [
          "validatingadmissionpolicies",
          "validatingadmissionpolicybindings",
          "validatingwebhookconfigurations",
        ],
        apiGroup: "admissionregistration.k8s.io",
      },
    ],
  },
  {
    does: "gives rights",
    wishes: [
      {
        verbs: ["bind", "create", "escalate", "patch", "update"],
        resources: ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
        apiGroup: "rbac.authorization.k8s.io",
      },
    ],
  },
];

/** By its own name, or by a group that the API server puts every service account into. */
function holds({ object }: EstateObject, { kind, name }: Subject): boolean {
  const { namespace = "", name: own = "" } = object.metadata;
  if (kind === "ServiceAccount") return name === `${namespace}/${own}`;
  if (kind === "User") return name === `system:serviceaccount:${namespace}:${own}`;
  return ["system:authenticated", "system:serviceaccounts", `system:serviceaccounts:${namespace}`].includes(name);
}

function failuresOf(account: EstateObject, bindings: readonly AccessBinding[]): readonly string[] {
  const { name = "" } = account.object.metadata;
  return bindings.flatMap(({ entry, role, rights, namespace }) => {
    if (!rights) return [`the role '${role}' of '${name}' is not in the estate; add it, so that it can be judged`];
    return FORBIDDEN.flatMap(({ does, wishes, namespace: only }) => {
      const elsewhere = only !== undefined && namespace !== undefined && namespace !== only;
      const [first] = elsewhere ? [] : given(rights, wishes);
      return first
        ? [
            `the CI identity '${name}' ${does} ('${first}', by ${entry.object.kind} '${entry.object.metadata.name}'); take it out of the role '${role}'`,
          ]
        : [];
    });
  });
}

/** A service account that builds and delivers (label bhitti.platform/identity: ci) neither approves nor exempts, and speaks for nobody. */
export const rule: EstateRule = {
  id: "rbac/ci-identities",
  title: "What builds and delivers approves nothing and speaks for nobody",
  titleBangla: "যা তৈরি ও সরবরাহ করে তা অনুমোদন দেয় না, কারও হয়ে কথাও বলে না",
  rationale:
    "Whoever changes a build changes what its identity does. A CI identity that approves, exempts, gives rights or impersonates would let one changed line pass every review that was to stop it.",
  rationaleBangla:
    "যে বিল্ড বদলায় সে বিল্ডের পরিচয়ের কাজও বদলায়। যে CI-পরিচয় অনুমোদন, অব্যাহতি বা অধিকার দিতে পারে কিংবা অন্যের পরিচয় নিতে পারে, তার বেলায় বদলানো একটি লাইনই সব পর্যালোচনা পেরিয়ে যেত।",
  reference: "https://csrc.nist.gov/pubs/sp/800/204/d/final",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["separation-of-duties", "least-privilege", "configuration-integrity"],
  kinds: ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "roleRef", "rules", "subjects"],
  judge: (estate) => {
    const all = bindingsOf(estate);
    return ofKind(estate, "ServiceAccount")
      .filter(({ object }) => labelsOf(object)[LABELS.identity] === "ci")
      .map((account) => ({
        subject: account,
        failures: failuresOf(
          account,
          all.filter(
            ({ entry, subjects }) =>
              clusterOf(entry) === clusterOf(account) && subjects.some((subject) => holds(account, subject)),
          ),
        ),
      }));
  },
};
