import type { Bilingual } from "../bilingual.ts";
import type { ExemptionUse } from "../exemptions/apply.ts";
import type { Standing } from "../laws/as-of.ts";
import type { InstrumentKind, Status } from "../laws/laws.ts";
import type { Verdict } from "../laws/verdict.ts";
import type { Level, Severity, Stage } from "../rules.ts";
import type { EvidenceChange } from "./compare.ts";
import type { EvidenceRule, Reason } from "./evidence.ts";

export const LANGUAGES = ["en", "bn"] as const;
export type Language = (typeof LANGUAGES)[number];

const words = <Key extends string>(entries: Record<Key, readonly [en: string, bn: string]>): Record<Key, Bilingual> =>
  Object.fromEntries(
    Object.entries<readonly [string, string]>(entries).map(([key, [en, bn]]) => [key, { en, bn }]),
  ) as Record<Key, Bilingual>;

export const VERDICT_WORDS = words<Verdict>({
  satisfied: ["satisfied", "পূরণ হয়েছে"],
  "not satisfied": ["not satisfied", "পূরণ হয়নি"],
  provisional: ["provisional", "সাময়িক"],
  manual: ["manual", "হাতে যাচাই"],
  "not applicable": ["not applicable", "প্রযোজ্য নয়"],
});

/** What each status means, as the report tells it. */
export const VERDICT_MEANINGS = words<Verdict>({
  satisfied: [
    "It binds, its text and status were read in the official source, each of its controls is served by rules, each rule passed on every object that it judged, at least one object was there, and nothing is left to ask for.",
    "এটি বাধ্যতামূলক, এর পাঠ ও অবস্থা সরকারি উৎসে পড়া হয়েছে, প্রতিটি নিয়ন্ত্রণের নিয়ম আছে, প্রতিটি নিয়ম তার বিচারিত সব বস্তুতে উত্তীর্ণ, অন্তত একটি বস্তু ছিল, এবং চাওয়ার মতো আর কিছু বাকি নেই।",
  ],
  "not satisfied": [
    "A rule failed or could not be evaluated, or something was deployed that no rule could judge. An exemption does not change this.",
    "কোনো নিয়ম ব্যর্থ হয়েছে বা মূল্যায়ন করা যায়নি, অথবা এমন কিছু স্থাপিত যা কোনো নিয়ম বিচার করতে পারেনি। অব্যাহতি থাকলেও তা বদলায় না।",
  ],
  provisional: [
    "What rules can see holds, but an auditor has to ask for more, its text or status was not read in the official source, nobody knows whether it still holds, or no rule serves one of its controls.",
    "নিয়মে যতটুকু দেখা যায় তা ঠিক আছে, কিন্তু নিরীক্ষককে আরও কিছু চাইতে হবে, অথবা এর পাঠ বা অবস্থা সরকারি উৎসে পড়া হয়নি, অথবা এটি এখনও কার্যকর কি না জানা নেই, অথবা এর একটি নিয়ন্ত্রণের কোনো নিয়ম নেই।",
  ],
  manual: [
    "No rule serves it, or its rules found nothing to judge, so a person has to ask. The report says what for.",
    "কোনো নিয়ম একে যাচাই করে না, বা তার নিয়মগুলো বিচার করার কিছু পায়নি, তাই মানুষকে জিজ্ঞাসা করতে হবে। কী চাইতে হবে প্রতিবেদনে বলা আছে।",
  ],
  "not applicable": [
    "It asks for nothing on this day, or there is nothing here that its rules are about and nothing to ask for.",
    "এই দিনে এটি কিছু চায় না, অথবা এর নিয়মগুলো যা নিয়ে তা এখানে নেই এবং চাওয়ার মতো কিছুও নেই।",
  ],
});

export const REASON_WORDS = words<Reason>({
  failed: ["a rule failed", "একটি নিয়ম ব্যর্থ হয়েছে"],
  error: ["a rule could not be evaluated", "একটি নিয়ম মূল্যায়ন করা যায়নি"],
  exempted: ["what failed is exempted", "যা ব্যর্থ হয়েছে তার অব্যাহতি আছে"],
  notEvaluated: ["resources that no rule could be asked about", "এমন সম্পদ আছে যা কোনো নিয়ম বিচার করতে পারেনি"],
  notRun: ["a rule did not run", "একটি নিয়ম চালানো হয়নি"],
  nothingMatched: ["a control's rules found nothing to judge", "একটি নিয়ন্ত্রণের নিয়মগুলো বিচার করার কিছু পায়নি"],
  controlWithoutRule: ["a control that no rule serves", "একটি নিয়ন্ত্রণের কোনো নিয়ম নেই"],
  leftToAsk: ["an auditor has to ask for the rest", "বাকিটা নিরীক্ষককে চাইতে হবে"],
  notVerified: ["text or status not read in the official source", "পাঠ বা অবস্থা সরকারি উৎসে পড়া হয়নি"],
  statusUnknown: ["nobody knows whether it still holds", "এখনও কার্যকর কি না জানা নেই"],
  notBinding: ["asks for nothing on this day", "এই দিনে কিছু চায় না"],
});

export const STANDING_WORDS = words<Standing>({
  binding: ["binding", "বাধ্যতামূলক"],
  statusUnknown: ["status unknown", "অবস্থা অজানা"],
  notYetIssued: ["not yet issued", "এখনও জারি হয়নি"],
  draft: ["draft", "খসড়া"],
  tabled: ["tabled in parliament", "সংসদে উপস্থাপিত"],
  lapsed: ["lapsed", "অকার্যকর হয়ে গেছে"],
  repealed: ["repealed", "রহিত"],
  notYetEffective: ["not yet effective", "এখনও কার্যকর হয়নি"],
  ended: ["ended", "মেয়াদ শেষ"],
});

export const STATE_WORDS = words<ExemptionUse["state"]>({
  "in-force": ["in force", "কার্যকর"],
  "not-yet": ["not yet in force", "এখনও কার্যকর নয়"],
  expired: ["expired", "মেয়াদোত্তীর্ণ"],
  refused: ["refused: not in order", "প্রত্যাখ্যাত: নিয়মসম্মত নয়"],
});

export const STATUS_WORDS = words<Status>({
  draft: ["draft", "খসড়া"],
  tabled: ["tabled in parliament", "সংসদে উপস্থাপিত"],
  inForce: ["in force", "কার্যকর"],
  lapsed: ["lapsed", "অকার্যকর হয়ে গেছে"],
  repealed: ["repealed", "রহিত"],
  unknown: ["unknown", "অজানা"],
});

export const KIND_WORDS = words<InstrumentKind>({
  act: ["act", "আইন"],
  ordinance: ["ordinance", "অধ্যাদেশ"],
  policy: ["policy", "নীতি"],
  standard: ["standard", "মানদণ্ড"],
  guideline: ["guideline", "নির্দেশিকা"],
});

export const SEVERITY_WORDS = words<Severity>({
  low: ["low", "কম"],
  medium: ["medium", "মাঝারি"],
  high: ["high", "উচ্চ"],
  critical: ["critical", "গুরুতর"],
});

export const STAGE_WORDS = words<Stage>({
  audit: ["recorded (audit)", "লিপিবদ্ধ (audit)"],
  warn: ["warned (warn)", "সতর্ক (warn)"],
  deny: ["refused (deny)", "প্রত্যাখ্যাত (deny)"],
});

export const LEVEL_WORDS = words<Level>({
  advisory: ["advisory", "পরামর্শমূলক"],
  "soft-mandatory": ["mandatory, exemptions possible", "বাধ্যতামূলক, অব্যাহতি সম্ভব"],
  "hard-mandatory": ["mandatory, no exemption", "বাধ্যতামূলক, অব্যাহতি নেই"],
});

/** Titles of the page's sections, by their anchors, in their order. */
export const SECTION_WORDS = words({
  posture: ["Posture", "সার্বিক অবস্থা"],
  comparison: ["Difference to an earlier commit", "আগের কমিট থেকে পার্থক্য"],
  laws: ["Laws and standards", "আইন ও মানদণ্ড"],
  controls: ["Controls", "নিয়ন্ত্রণ"],
  rules: ["Rules", "নিয়ম"],
  exemptions: ["Exemptions", "অব্যাহতি"],
  "not-judged": ["What was not judged", "যা বিচার করা হয়নি"],
  assumptions: ["Assumed facts", "অনুমিত তথ্য"],
  objects: ["Objects", "বস্তু"],
  origin: ["Where this comes from", "এটি কোথা থেকে এসেছে"],
});

export const JUDGED_BY_WORDS = words<EvidenceRule["judgedBy"]>({
  cluster: ["judged here and by the cluster", "এখানে ও ক্লাস্টারে বিচারিত"],
  deploy: ["judged here, before a deploy, only", "কেবল এখানে, স্থাপনের আগে বিচারিত"],
});

export const CHANGE_WORDS = words<EvidenceChange["what"]>({
  clause: ["clause", "ধারা"],
  rule: ["rule", "নিয়ম"],
  finding: ["finding", "ত্রুটি"],
  exemption: ["exemption", "অব্যাহতি"],
  object: ["object", "বস্তু"],
});

/** Everything else that the page says. */
export const PAGE_WORDS = words({
  title: ["Evidence of environment", "প্রমাণপত্র: পরিবেশ"],
  skip: ["Skip to the content", "মূল অংশে যান"],
  contents: ["Contents", "সূচি"],
  search: ["Search", "অনুসন্ধান"],
  searchHint: ["law, clause, control, rule, object", "আইন, ধারা, নিয়ন্ত্রণ, নিয়ম, বস্তু"],
  found: ["entries found", "টি ভুক্তি পাওয়া গেছে"],
  commit: ["commit", "কমিট"],
  committed: ["committed", "কমিটের সময়"],
  asOf: ["law of", "যে দিনের আইন"],
  inputDigest: ["input digest", "ইনপুটের ডাইজেস্ট"],
  reproducible: ["reproducible from its commit", "কমিট থেকে আবার তৈরি করা যায়"],
  notReproducible: [
    "NOT reproducible: the worktree differed from the commit",
    "আবার তৈরি করা যায় না: কাজের ফোল্ডার কমিট থেকে ভিন্ন ছিল",
  ],
  clausesBy: ["Clauses by status", "অবস্থা অনুযায়ী ধারা"],
  status: ["status", "অবস্থা"],
  clauses: ["clauses", "ধারা"],
  meaning: ["meaning", "অর্থ"],
  lookedAt: ["What was looked at", "কী কী দেখা হয়েছে"],
  objects: ["objects", "বস্তু"],
  stacks: ["stacks", "স্ট্যাক"],
  rules: ["rules", "নিয়ম"],
  rulesEnforced: ["rules that the cluster enforces", "ক্লাস্টার যেসব নিয়ম কার্যকর করে"],
  rulesNotRun: ["rules that could not be run", "যেসব নিয়ম চালানো যায়নি"],
  rulesWithoutObjects: ["rules that found nothing to judge", "যেসব নিয়ম বিচার করার কিছু পায়নি"],
  judgements: ["judgements (a rule on an object)", "বিচার (একটি বস্তুতে একটি নিয়ম)"],
  open: ["open findings", "খোলা ত্রুটি"],
  errors: ["of them not to be evaluated", "তার মধ্যে মূল্যায়ন অসম্ভব"],
  exempted: ["exempted findings", "অব্যাহতিপ্রাপ্ত ত্রুটি"],
  notEvaluated: ["resources not evaluated", "মূল্যায়ন করা হয়নি এমন সম্পদ"],
  unknown: ["objects with values that only Terraform knows", "যেসব বস্তুর কিছু মান কেবল টেরাফর্ম জানে"],
  assumed: ["objects that rest on assumed facts", "অনুমিত তথ্যের ওপর নির্ভরশীল বস্তু"],
  measure: ["measure", "পরিমাপ"],
  number: ["number", "সংখ্যা"],
  since: ["since", "থেকে"],
  source: ["source", "উৎস"],
  verified: ["read in the official source", "সরকারি উৎসে পড়া হয়েছে"],
  notVerified: ["not read in the official source", "সরকারি উৎসে পড়া হয়নি"],
  notYet: ["does not exist yet on this day", "এই দিনে এখনও নেই"],
  reference: ["reference", "উল্লেখ"],
  asks: ["what it asks", "কী চায়"],
  controls: ["controls", "নিয়ন্ত্রণ"],
  askFor: ["What an auditor has to ask for", "নিরীক্ষককে যা চাইতে হবে"],
  restsOnAssumed: ["rests on assumed facts", "অনুমিত তথ্যের ওপর নির্ভরশীল"],
  control: ["control", "নিয়ন্ত্রণ"],
  askedBy: ["Asked for by", "যে ধারায় চাওয়া হয়েছে"],
  servedBy: ["Rules that serve it", "যেসব নিয়ম একে যাচাই করে"],
  rule: ["rule", "নিয়ম"],
  severity: ["severity", "গুরুত্ব"],
  stage: ["a breach is", "লঙ্ঘন হলে"],
  judged: ["judged", "বিচারিত"],
  passed: ["passed", "উত্তীর্ণ"],
  failed: ["failed", "ব্যর্থ"],
  exemptedShort: ["exempted", "অব্যাহতি"],
  nothing: ["It found nothing to judge, so it proves nothing here.", "বিচার করার কিছু পায়নি, তাই এখানে কিছু প্রমাণ করে না।"],
  judgedObjects: ["Objects that passed", "উত্তীর্ণ বস্তু"],
  findings: ["Findings", "ত্রুটি"],
  object: ["object", "বস্তু"],
  stack: ["stack", "স্ট্যাক"],
  where: ["where it is written", "কোথায় লেখা"],
  what: ["what the rule says", "নিয়ম যা বলে"],
  exemption: ["exemption", "অব্যাহতি"],
  subject: ["permits", "যার জন্য"],
  reason: ["reason and legal basis", "কারণ ও আইনি ভিত্তি"],
  owner: ["owner", "দায়ী"],
  approver: ["approver", "অনুমোদনকারী"],
  until: ["from and until", "শুরু ও শেষ"],
  compensating: ["compensating control", "ক্ষতিপূরক নিয়ন্ত্রণ"],
  none: ["None.", "নেই।"],
  address: ["address", "ঠিকানা"],
  why: ["why", "কেন"],
  unknownValues: ["Values that only Terraform knows", "যেসব মান কেবল টেরাফর্ম জানে"],
  paths: ["paths", "পথ"],
  assumptionsText: [
    "The environment marks these facts as assumed or illustrative. Whatever comes from a file that holds one of them counts as resting on it.",
    "পরিবেশের ফাইলে এই তথ্যগুলো অনুমিত বা উদাহরণমাত্র বলে চিহ্নিত। যে ফাইলে এমন তথ্য আছে, তা থেকে আসা সবকিছু এর ওপর নির্ভরশীল বলে গণ্য।",
  ],
  fact: ["fact", "তথ্য"],
  basis: ["basis", "ভিত্তি"],
  tools: ["What judged", "যা দিয়ে বিচার"],
  version: ["version", "সংস্করণ"],
  files: ["Files that verdicts depend on", "যেসব ফাইলের ওপর রায় নির্ভর করে"],
  file: ["file", "ফাইল"],
  verifyText: [
    "In a clone of the repository, 'bhitti audit verify <folder>' makes every file of this folder again from the commit and compares byte for byte.",
    "রিপোজিটরির একটি ক্লোনে 'bhitti audit verify <ফোল্ডার>' কমিট থেকে এই ফোল্ডারের প্রতিটি ফাইল আবার তৈরি করে বাইটে বাইটে মেলায়।",
  ],
  attention: ["To look at first", "আগে যা দেখতে হবে"],
  before: ["before", "আগে"],
  after: ["now", "এখন"],
  noChange: ["Nothing that this report tells has changed.", "এই প্রতিবেদনের কিছুই বদলায়নি।"],
  absent: ["absent", "নেই"],
  changed: ["what", "কী"],
  declaredOnly: [
    "This report is made from the commit alone: it says what is declared, not what runs. What was seen running lies in the folder observed, with the time at which it was taken.",
    "এই প্রতিবেদন কেবল কমিট থেকে তৈরি: কী ঘোষিত তা বলে, কী চলছে তা নয়। চলমান অবস্থায় যা দেখা গেছে তা observed ফোল্ডারে, সময়সহ।",
  ],
});

/** What the page of observations says. */
export const OBSERVED_WORDS = words({
  title: ["Observed", "পর্যবেক্ষণ"],
  explain: [
    "What was seen running, compared with the commit below. Each observation holds from the time it was taken until the time it ends; outside of that, and where it is missing, it counts as not satisfied.",
    "নিচের কমিটের সঙ্গে তুলনায় যা চলতে দেখা গেছে। প্রতিটি পর্যবেক্ষণ নেওয়ার সময় থেকে মেয়াদ শেষ পর্যন্ত বৈধ; তার বাইরে, এবং যেখানে পর্যবেক্ষণ নেই, তা পূরণ হয়নি বলে গণ্য।",
  ],
  observation: ["observation", "পর্যবেক্ষণ"],
  verdict: ["when taken", "নেওয়ার সময়"],
  time: ["taken, valid until", "নেওয়া হয়েছে, বৈধ যত দিন"],
  found: ["what was found", "যা পাওয়া গেছে"],
  missing: ["missing", "নেই"],
  drift: ["drift: what stands against what is declared", "বিচ্যুতি: ঘোষিতের তুলনায় যা আছে"],
  "live-evaluation": ["every rule on what stands", "যা আছে তার ওপর প্রতিটি নিয়ম"],
  "last-deploy": ["last deploy of each stack", "প্রতিটি স্ট্যাকের সর্বশেষ স্থাপন"],
  drills: ["drills: what has to be practised", "মহড়া: যা অনুশীলন করতে হয়"],
});

const BANGLA_DIGITS = "০১২৩৪৫৬৭৮৯";

/** A count in the digits of the language. */
export const numberIn = (language: Language, value: number): string =>
  language === "en" ? String(value) : String(value).replace(/\d/g, (digit) => BANGLA_DIGITS[Number(digit)] ?? digit);
