import type { CelValue } from "@bufbuild/cel";
import { NONE, opaque, opaqueValue, some } from "../opaque.ts";
import { listValue } from "../values.ts";
import { type Declaration, declare } from "./declaration.ts";
import { requestUriProblem } from "./urls.ts";

/**
 * Named formats of names, labels and other texts. Sources: apiserver, pkg/cel/library/format.go; apimachinery,
 * pkg/util/validation; kube-openapi, pkg/validation/strfmt. Texts of faults are those of 1.35.
 */
const since = declare("1.31");
const TYPE = "kubernetes.NamedFormat";

/** What is wrong with a text; empty where nothing is. */
type Check = (text: string) => readonly string[];

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const NAME_PART = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";

const LABEL_FAULT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN_FAULT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_1035_FAULT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";

const isAll = (regex: string, text: string): boolean => new RegExp(`^(?:${regex})$`).test(text);
const tooLong = (text: string, most: number, unit: string): readonly string[] =>
  Buffer.byteLength(text) > most ? [`must be no more than ${most} ${unit}`] : [];

/** `(e.g. 'a',  or 'b', regex used for validation is '…')`, two blanks included. */
const patternFault = (fault: string, regex: string, ...examples: readonly string[]): string =>
  `${fault} (e.g. ${examples.map((example) => `'${example}', `).join(" or ")}regex used for validation is '${regex}')`;

const patterned =
  (regex: string, [most, unit]: readonly [number, string], fault: string, ...examples: readonly string[]): Check =>
  (text) => [...tooLong(text, most, unit), ...(isAll(regex, text) ? [] : [patternFault(fault, regex, ...examples)])];

const dnsLabel = patterned(LABEL, [63, "characters"], LABEL_FAULT, "my-name", "123-abc");
const dnsSubdomain = patterned(SUBDOMAIN, [253, "characters"], SUBDOMAIN_FAULT, "example.com");
const dns1035Label = patterned(LABEL_1035, [63, "characters"], LABEL_1035_FAULT, "my-name", "abc-123");

/** What a name is generated from may end with a dash. */
const prefix =
  (check: Check): Check =>
  (text) =>
    check(text.length > 1 && text.endsWith("-") ? `${text.slice(0, -2)}a` : text);

const NAME_PART_FAULT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const QUALIFIED_FAULT =
  "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

function qualifiedName(text: string): readonly string[] {
  const parts = text.split("/");
  if (parts.length > 2) {
    return [
      `${patternFault(QUALIFIED_FAULT, NAME_PART, "MyName", "my.name", "123-abc")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? "";
  const [domain = ""] = parts;
  const ofPrefix = parts.length === 1 ? [] : domain === "" ? ["prefix part must be non-empty"] : prefixed(domain);
  const ofName =
    name === ""
      ? ["name part must be non-empty"]
      : Buffer.byteLength(name) > 63
        ? ["name part must be no more than 63 bytes"]
        : [];
  const form = isAll(NAME_PART, name) ? [] : [patternFault(NAME_PART_FAULT, NAME_PART, "MyName", "my.name", "123-abc")];
  return [...ofPrefix, ...ofName, ...form];
}

const qualifiedPrefix = patterned(SUBDOMAIN, [253, "bytes"], SUBDOMAIN_FAULT, "example.com");
const prefixed = (domain: string): readonly string[] => qualifiedPrefix(domain).map((fault) => `prefix part ${fault}`);

const LABEL_VALUE_FAULT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

const simple =
  (fault: string, holds: (text: string) => boolean): Check =>
  (text) =>
    holds(text) ? [] : [fault];

const UUID = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/;

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return month > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isDateTime(text: string): boolean {
  const parts = text.toLowerCase().split("t");
  const time = TIME.exec(parts[1] ?? "");
  if (parts.length < 2 || !isDate(parts[0] ?? "") || !time) return false;
  return Number(time[1]) < 24 && Number(time[2]) < 60 && Number(time[3]) < 60;
}

const FORMATS: Readonly<Record<string, Check>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: dnsSubdomain,
  dns1035Label: dns1035Label,
  qualifiedName,
  dns1123LabelPrefix: prefix(dnsLabel),
  dns1123SubdomainPrefix: prefix(dnsSubdomain),
  dns1035LabelPrefix: prefix(dns1035Label),
  labelValue: patterned(LABEL_VALUE, [63, "bytes"], LABEL_VALUE_FAULT, "MyValue", "my_value", "12345"),
  uri: (text) => {
    const problem = requestUriProblem(text);
    return problem === undefined ? [] : [problem];
  },
  uuid: simple("does not match the UUID format", (text) => UUID.test(text)),
  byte: simple("invalid base64", (text) => BASE64.test(text)),
  date: simple("invalid date", isDate),
  datetime: simple("invalid datetime", isDateTime),
};

const format = (name: string): CelValue => opaque(TYPE, FORMATS[name], name);

export const NAMED_FORMATS: readonly Declaration[] = [
  ...Object.keys(FORMATS).map((name) => since(`format.${name}(): kubernetes.NamedFormat`, () => format(name))),
  since("format.named(string): optional_type(kubernetes.NamedFormat)", (name: string) =>
    Object.hasOwn(FORMATS, name) ? some(format(name)) : NONE,
  ),
  since("kubernetes.NamedFormat.validate(string): optional_type(list(string))", (value: CelValue, text: string) => {
    const faults = opaqueValue<Check>(TYPE, value)(text);
    return faults.length === 0 ? NONE : some(listValue(faults));
  }),
];
