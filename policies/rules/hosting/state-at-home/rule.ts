import type { StackTerraform } from "../../../../estate/estate.ts";
import { hostOf, isAtHome, stacksWithObject } from "../../../estate-hosting.ts";
import type { EstateRule } from "../../../estate-rule.ts";
import { mapOf } from "../../../estate-view.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Backends that write to a file or into a cluster of ours. */
const OWN: readonly string[] = ["kubernetes", "local"];

interface Told {
  /** One of these says where the state goes. */
  readonly state: readonly string[];
  /** These say where locks and the like go. */
  readonly besides?: readonly string[];
}

/** Backends that write wherever they are told, and the settings that tell them. https://developer.hashicorp.com/terraform/language/backend */
const TOLD: Readonly<Record<string, Told>> = {
  cloud: { state: ["hostname"] },
  consul: { state: ["address"] },
  http: { state: ["address"], besides: ["lock_address", "unlock_address"] },
  pg: { state: ["conn_str"] },
  remote: { state: ["hostname"] },
  s3: {
    state: ["endpoints.s3", "endpoint"],
    besides: [
      "endpoints.dynamodb",
      "dynamodb_endpoint",
      "endpoints.sts",
      "sts_endpoint",
      "endpoints.iam",
      "iam_endpoint",
    ],
  },
};

/** Each setting that is stated; a block may be written as a list of one. */
const statedOf = (settings: Fields, paths: readonly string[]): readonly { setting: string; value: unknown }[] =>
  paths.flatMap((setting) => {
    const [key = "", inner] = setting.split(".");
    const block = Array.isArray(settings[key]) ? settings[key][0] : settings[key];
    const value = inner === undefined ? block : mapOf(block)[inner];
    return value === undefined || value === null ? [] : [{ setting, value }];
  });

function failuresOf({ backend }: StackTerraform): readonly string[] {
  if (!backend || OWN.includes(backend.type)) return [];
  const { type, settings } = backend;
  const told = TOLD[type];
  if (!told)
    return [`its state lies in '${type}', a cloud abroad; keep it in a backend at home, such as s3 with an endpoint`];
  const state = statedOf(settings, told.state);
  return [
    ...(state.length > 0
      ? []
      : [`its backend '${type}' states no ${told.state[0]}, so that state goes to a cloud abroad; state it`]),
    ...[...state, ...statedOf(settings, told.besides ?? [])].flatMap(({ setting, value }) => {
      const host = hostOf(String(value));
      return host !== undefined && isAtHome(host)
        ? []
        : [
            `${setting} of its backend '${type}' is '${host ?? "unreadable"}', which is not known to lie at home; use a host of the country`,
          ];
    }),
  ];
}

/** The state of every stack lies at home: it names every host, address and secret that Terraform has seen. */
export const rule: EstateRule = {
  id: "hosting/state-at-home",
  title: "The state of every stack lies in the country",
  titleBangla: "প্রতিটি স্ট্যাকের স্টেট দেশের ভেতরে থাকে",
  rationale:
    "Terraform's state is the plan of the whole platform, with what its providers returned, secrets included. Several backends write to a cloud abroad unless they are told another place.",
  rationaleBangla:
    "টেরাফর্মের স্টেটে পুরো প্ল্যাটফর্মের নকশা থাকে, প্রোভাইডারদের ফেরত দেওয়া সবকিছুসহ, গোপন তথ্যও। অন্য জায়গা বলে না দিলে কয়েকটি ব্যাকএন্ড তা বিদেশের ক্লাউডে লেখে।",
  reference: "https://developer.hashicorp.com/terraform/language/state/sensitive-data",
  severity: "critical",
  level: "hard-mandatory",
  controls: ["data-residency", "secrets-management"],
  kinds: ["*"],
  reads: [],
  judge: (estate) =>
    stacksWithObject(estate).flatMap(({ stack: { id, terraform }, subject }) =>
      terraform ? [{ subject, failures: failuresOf(terraform).map((text) => `stack '${id}': ${text}`) }] : [],
    ),
};
