import { LABELS } from "../../../../contracts.ts";
import type { Estate } from "../../../../estate/estate.ts";
import { type AccessBinding, bindingsOf, given, type Subject, type Wish } from "../../../estate-access.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { clusterOf, labelsOf, textAt } from "../../../estate-view.ts";
import { COMBINATIONS, DUTIES, type Duty, type DutyName } from "./duties.ts";

/** A place in a cluster at which a duty is done: everywhere, in a namespace, or on one object there. */
interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string;
}

function placesOf({ where }: Duty, estate: Estate, cluster: string): readonly Place[] {
  if (where === undefined) return [{}];
  const own = estate.objects.filter((entry) => clusterOf(entry) === cluster).map(({ object }) => object);
  if ("layer" in where)
    return own
      .filter((object) => object.kind === "Namespace" && labelsOf(object)[LABELS.layer] === where.layer)
      .map(({ metadata }) => ({ namespace: metadata.name }));
  return own
    .filter(({ kind }) => kind === "Secret" || kind === "ExternalSecret")
    .filter((object) => labelsOf(object)[LABELS.secretUse] === where.secretUse)
    .map((object) => ({
      namespace: object.metadata.namespace,
      name: textAt(object["spec"], "target", "name") ?? object.metadata.name ?? "",
    }));
}

/** The first thing of a duty that some bindings let their subject do. */
function doneBy(bindings: readonly AccessBinding[], duty: Duty, places: readonly Place[]): string | undefined {
  for (const place of places) {
    const wishes: readonly Wish[] = duty.wishes.map((wish) => ({
      ...wish,
      ...(place.name ? { name: place.name } : {}),
    }));
    for (const { namespace, rights = [] } of bindings) {
      const reaches = namespace === undefined || place.namespace === undefined || namespace === place.namespace;
      const [first] = reaches ? given(rights, wishes) : [];
      if (first) return first;
    }
  }
  return undefined;
}

const isSame = (a: Subject, b: Subject) => a.kind === b.kind && a.name === b.name;

/** The places of every duty in a cluster. */
type Places = Readonly<Record<DutyName, readonly Place[]>>;

const namesOfDuties = Object.keys(DUTIES) as DutyName[];
const placesIn = (cluster: string, estate: Estate): Places =>
  Object.fromEntries(namesOfDuties.map((name) => [name, placesOf(DUTIES[name], estate, cluster)])) as Places;

function failuresOf(binding: AccessBinding, all: readonly AccessBinding[], places: Places): readonly string[] {
  if (!binding.rights) return [`the role '${binding.role}' is not in the estate; add it, so that it can be judged`];
  const cluster = clusterOf(binding.entry);
  const done = (bindings: readonly AccessBinding[], name: DutyName) => doneBy(bindings, DUTIES[name], places[name]);
  return binding.subjects.flatMap((subject) => {
    const together = all.filter(
      ({ subjects, entry }) => clusterOf(entry) === cluster && subjects.some((s) => isSame(s, subject)),
    );
    return COMBINATIONS.flatMap(([one, other]) => {
      const [first, second] = [done(together, one), done(together, other)];
      const adds = done([binding], one) ?? done([binding], other);
      return first && second && adds
        ? [
            `${subject.kind} '${subject.name}' ${one} and ${other} ('${first}' and '${second}'); give one of them to somebody else`,
          ]
        : [];
    });
  });
}

/** No subject holds, over all its bindings of a cluster, two duties that are there to check each other. */
export const rule: EstateRule = {
  id: "rbac/toxic-combinations",
  title: "Nobody holds two duties that check each other",
  titleBangla: "পরস্পরকে যাচাই করে এমন দুটি দায়িত্ব কারও একার নয়",
  rationale:
    "Each right may be harmless by itself. Whoever gives rights and runs programs gives himself what the program needs; whoever sets the guardrails passes them; whoever removes the traces was never there; whoever opens the gateway and grants access answers to nobody; whoever reads the keys of backups and removes them can ask for ransom. Only all bindings of a subject together show it.",
  rationaleBangla:
    "আলাদাভাবে প্রতিটি অধিকার নিরীহ হতে পারে। যিনি অধিকার দেন আবার প্রোগ্রামও চালান তিনি প্রোগ্রামের যা লাগে নিজেই নিয়ে নেন; যিনি রক্ষাব্যবস্থা ঠিক করেন তিনি তা পেরিয়েও যান; যিনি চিহ্ন মুছতে পারেন তিনি যেন ছিলেনই না; যিনি গেটওয়ে খোলেন আবার অনুমোদনও দেন তাঁকে কেউ প্রশ্ন করে না; যিনি ব্যাকআপের চাবি পড়েন আবার ব্যাকআপ মুছতেও পারেন তিনি মুক্তিপণ চাইতে পারেন। কারও সব বাইন্ডিং একসঙ্গে দেখলেই তা ধরা পড়ে।",
  reference: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks",
  severity: "critical",
  level: "soft-mandatory",
  controls: ["separation-of-duties", "least-privilege"],
  kinds: ["ClusterRole", "ClusterRoleBinding", "ExternalSecret", "Namespace", "Role", "RoleBinding", "Secret"],
  reads: ["metadata.name", "metadata.namespace", "metadata.labels", "roleRef", "rules", "subjects", "spec.target"],
  judge: (estate) => {
    const all = bindingsOf(estate);
    const known = new Map<string, Places>();
    const places = (cluster: string): Places => {
      const found = known.get(cluster) ?? placesIn(cluster, estate);
      known.set(cluster, found);
      return found;
    };
    return all.map((binding) => ({
      subject: binding.entry,
      failures: failuresOf(binding, all, places(clusterOf(binding.entry))),
    }));
  },
};
