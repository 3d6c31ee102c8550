import { COMMON_FORMATS, type Formats, nameLike } from "../../yaml/formats.ts";
import { addressFault, rangeFault } from "./addresses.ts";

/** The formats of an environment's texts: code, and what to write instead of a text that does not have it. */
export const FORMATS: Formats = {
  ...COMMON_FORMATS,
  "cluster-name": ["BH1020", (value) => `use lower-case letters and digits, at most 20, ${nameLike(value, "")}`],
  "host-name": ["BH1021", hostHint],
  cidr: ["BH1022", (value) => rangeFault(value) ?? ""],
  address: ["BH1016", (value) => addressFault(value) ?? ""],
  cpu: ["BH1023", cpuHint],
  memory: ["BH1023", memoryHint],
  duration: ["BH1024", durationHint],
  image: ["BH1025", imageHint],
  "image-prefix": ["BH1026", prefixHint],
  path: COMMON_FORMATS["text"] ?? ["BH1019", () => ""],
  host: ["BH1021", hostHint],
  clause: ["BH1156", () => "write <instrument>.<clause>, e.g. cyber-security-2026.incident-notice"],
  "rule-id": ["BH1018", () => "write <family>/<rule>, e.g. network/no-node-port"],
};

function hostHint(value: string): string {
  if (/^\w+:\/\//.test(value)) return "leave out the scheme: only the host is asked for";
  if (/[/:]/.test(value)) return "leave out port and path: only the host is asked for";
  if (/[A-Z]/.test(value) && value.includes(".")) return `write it in lower case: '${value.toLowerCase()}'`;
  if (value !== "" && !value.includes(".")) return "write the full host name, e.g. 'api.example.gov.bd'";
  return "use letters a to z, digits, inner hyphens and dots, e.g. 'api.example.gov.bd'";
}

const isZero = (value: string): boolean => /^0*\.?0*[a-zA-Z]*$/.test(value);

function cpuHint(value: string): string {
  if (isZero(value)) return "write more than zero: a limit of zero would be no limit";
  return "write cores or thousandths of one, e.g. \"2\" or '500m'";
}

function memoryHint(value: string): string {
  if (isZero(value)) return "write more than zero: a limit of zero would be no limit";
  const number = /^\d+(\.\d+)?/.exec(value)?.[0];
  if (number && /^[\d.]+m$/.test(value)) return `'m' is a thousandth of a byte: write '${number}Mi'`;
  const unit = number && /^\s*([kKmMgGtT])i?b?$/i.exec(value.slice(number.length))?.[1];
  return unit
    ? `write '${number}${unit.toUpperCase()}i'`
    : "write bytes with a suffix Ki, Mi, Gi or Ti and no space, e.g. '512Mi'";
}

function durationHint(value: string): string {
  const like = /^\s*(\d+)\s*(s|m|h|d)\w*\s*$/.exec(value);
  return like && !/^\d+\s*(mo|ms|mil|mic)/.test(value) && Number(like[1]) > 0 && Number(like[1]) < 1e6
    ? `write '${Number(like[1])}${like[2]}'`
    : "write a whole number with a unit: 30s, 5m, 8h or 180d";
}

const HAS_REGISTRY = /^[^/@]*[.:][^/@]*\//;

function imageHint(value: string): string {
  const faults = [
    ...(HAS_REGISTRY.test(value) ? [] : ["begin it with the registry's host, e.g. 'registry.example.gov.bd/'"]),
    ...(/@sha256:[0-9a-f]{64}$/.test(value) ? [] : ["end it in '@sha256:' and the image's 64 hexadecimal digits"]),
    ...(/[A-Z]/.test(value.replace(/:[^:/@]*@|@.*$/g, "")) ? ["write registry and path in lower case"] : []),
  ];
  return faults.length > 0 ? faults.join(", and ") : "write registry/path@sha256:digest";
}

function prefixHint(value: string): string {
  if (/^\w+:\/\//.test(value)) return "leave out the scheme: begin with the registry's host";
  if (!value.endsWith("/")) return "end it in '/', so that no longer name can match";
  if (!HAS_REGISTRY.test(value)) return "begin it with the registry's full host, e.g. 'registry.example.gov.bd/'";
  return "write host and path in lower case, e.g. 'registry.example.gov.bd/platform/'";
}
