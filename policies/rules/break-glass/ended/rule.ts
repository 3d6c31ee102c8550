import { BREAK_GLASS_GROUP, LABEL_DOMAIN } from "../../../../contracts.ts";
import type { EstateObject } from "../../../../estate/estate.ts";
import { bindingsOf } from "../../../estate-access.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { textAt } from "../../../estate-view.ts";

const DAY = 24 * 3_600_000;

function failuresOf({ object }: EstateObject, asOf: string): readonly string[] {
  const said = (key: string) => textAt(object.metadata.annotations, `${LABEL_DOMAIN}/${key}`) ?? "";
  const [issued, expires] = [said("issued"), said("expires")].map((time) => Date.parse(time));
  const today = Date.parse(asOf);
  if (expires === undefined || Number.isNaN(expires))
    return [
      `annotation ${LABEL_DOMAIN}/expires is '${said("expires").slice(0, 40)}', so that nobody knows when it ends; remove the binding, or state its end`,
    ];
  if (expires <= today)
    return [
      `emergency access of '${said("person").slice(0, 80)}' ended at ${said("expires")}, and its binding still stands on ${asOf}; remove the binding`,
    ];
  // A time that cannot be read counts as not begun: nothing passes by being unknown.
  if (!(issued !== undefined && issued < today + DAY))
    return [
      `emergency access is issued at '${said("issued").slice(0, 40)}', and its binding stands on ${asOf} already; make it when it is needed`,
    ];
  return [];
}

/** No binding of the group for emergencies stands on a day on which it has ended, or before it begins. */
export const rule: EstateRule = {
  id: "break-glass/ended",
  title: "No emergency access stands after its end",
  titleBangla: "মেয়াদ শেষে কোনো জরুরি প্রবেশাধিকার থাকে না",
  rationale:
    "The cluster has no clock for bindings: rights that were to last eight hours last until somebody removes them. Whoever judges an estate or a cluster knows the day. A binding that ends within the day is left to the day after.",
  rationaleBangla:
    "বাইন্ডিংয়ের জন্য ক্লাস্টারে কোনো ঘড়ি নেই: আট ঘণ্টার অধিকার কেউ না সরানো পর্যন্ত থেকেই যায়। যে এস্টেট বা ক্লাস্টার বিচার করে সে দিনটি জানে। দিনের ভেতরে যার মেয়াদ শেষ হয় তা পরের দিন ধরা হয়।",
  reference: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["emergency-access", "least-privilege"],
  kinds: ["ClusterRoleBinding", "RoleBinding"],
  reads: ["metadata.annotations", "subjects"],
  live: true,
  judge: (estate, { asOf }) =>
    bindingsOf(estate)
      .filter(({ subjects }) => subjects.some(({ kind, name }) => kind === "Group" && name === BREAK_GLASS_GROUP))
      .map(({ entry }) => ({ subject: entry, failures: failuresOf(entry, asOf) })),
};
