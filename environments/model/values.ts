import { z } from "zod";
import { date, formatted, name, text } from "../../yaml/formats.ts";
import { addressFault, rangeFault } from "./addresses.ts";
import { failureLevel } from "./failure-level.ts";

/**
 * Values that files of an environment have in common. Those that need more than a type (a host name, a quantity) carry their
 * format in `meta({ format })`, by which the loader finds the message.
 */

/** The pattern is the editors'; the loader looks closer. */
const address = (
  format: string,
  fault: (text: string) => string | undefined,
  pattern: string,
  description: string,
  example: string,
) =>
  z
    .string()
    .refine((text) => fault(text) === undefined)
    .meta({ format, pattern, description, examples: [example] });

/** Cluster names open stack ids, so a hyphen in one would make `<cluster>-<layer>` ambiguous. */
export const CLUSTER_NAME = /^[a-z][a-z0-9]{0,19}$/;
/** RFC 1123 subdomain with at least two labels. */
export const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Kubernetes quantity above zero, as it is used for CPU. A limit of zero would be no limit. */
export const CPU = /^(?=.*[1-9])(\d{1,6}(\.\d{1,3})?|\d{1,9}m)$/;
/** Kubernetes quantity above zero, as it is used for bytes: no thousandths, so that `128m` is not taken for `128M`. */
export const MEMORY = /^(?=.*[1-9])\d{1,15}(\.\d{1,3})?(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
export const DURATION = /^[1-9]\d{0,5}(s|m|h|d)$/;
/** Registry host with a dot or a port, path, and a SHA-256 digest. */
export const IMAGE =
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[\w][\w.-]{0,127})?@sha256:[0-9a-f]{64}$/;
/** As the beginning of an image; one element of the path may be `{zone}`, for which each zone's name stands. */
export const IMAGE_PREFIX =
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(\/\{zone\}(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*)?\/$/;
export const RULE_ID = /^[a-z0-9-]+\/[a-z0-9-]+$/;

export const clusterName = formatted("cluster-name", CLUSTER_NAME, "Lower-case letters and digits, at most 20.", [
  "local",
]);
export const hostName = formatted("host-name", HOST_NAME, "A fully qualified host name.", ["api.example.gov.bd"]);
export const cidr = address(
  "cidr",
  rangeFault,
  "^[0-9a-fA-F.:]+/[0-9]{1,3}$",
  "An address range with its prefix length; no host bit set.",
  "10.20.0.0/16",
);
export const ipAddress = address("address", addressFault, "^[0-9a-fA-F.:]+$", "An IPv4 or IPv6 address.", "10.20.0.10");
/** A file's place. Not words: a file's name may look like a host's. */
export const path = (description: string, example: string) =>
  text(description).meta({ format: "path", description, examples: [example] });

/** A host by its name or its address. */
export const host = z
  .string()
  .refine((text) => HOST_NAME.test(text) || addressFault(text) === undefined)
  .meta({
    format: "host",
    pattern: "^[0-9a-zA-Z.:-]+$",
    description: "A fully qualified host name, or an address.",
    examples: ["registry.example.gov.bd"],
  });
export const url = z
  .string()
  .refine(isUrl)
  .meta({
    format: "url",
    pattern: "^https?://",
    description: "An address of the web, without a user's name.",
    examples: ["https://registry.example.gov.bd/v2/"],
  });

/** The host of a URL is a whole name or an address, as everywhere else. */
function isUrl(text: string): boolean {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== "" || parsed.password !== "") return false;
  const bare = parsed.hostname.replace(/^\[|\]$/g, "");
  return HOST_NAME.test(bare) || addressFault(bare) === undefined;
}

export const cpu = formatted("cpu", CPU, "Cores, or thousandths of one, as Kubernetes writes them.", ["500m", "2"]);
export const memory = formatted("memory", MEMORY, "Bytes, as Kubernetes writes them.", ["512Mi", "4Gi"]);
export const duration = formatted("duration", DURATION, "A whole number of seconds, minutes, hours or days.", [
  "5m",
  "180d",
]);
export const image = formatted("image", IMAGE, "An image with its registry and its SHA-256 digest.", [
  "registry.example.gov.bd/platform/envoy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
]);
export const imagePrefix = formatted(
  "image-prefix",
  IMAGE_PREFIX,
  "A registry and path that images may come from; ends in '/'. With an element {zone}, each zone has its own part.",
  ["registry.example.gov.bd/platform/"],
);
export const port = z
  .int()
  .min(1)
  .max(65535)
  .meta({ examples: [8443] });
export const basis = z
  .enum(["public", "assumed", "illustrative"])
  .meta({ description: "What a fact rests on: a public source, an assumption, or nothing but the example." });

/** From the least to the most secret. */
export const DATA_CLASSES = ["open", "internal", "confidential", "restricted"] as const;
/** What a mapping that states facts says of where they come from. */
export const fact = {
  basis,
  source: text(
    "The public text that says so; required where the basis is public.",
    "the operator's page, 2025-08-20",
  ).optional(),
};

export const titleBangla = text("The title in Bangla.", "নাগরিক");

/** A clause of an instrument under policies/laws, as rules and evidence know it. */
export const clauseId = formatted(
  "clause",
  /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/,
  "A clause of policies/laws: <instrument>.<clause>.",
  ["cyber-security-2026.incident-notice"],
);

export const dataClass = z
  .enum(DATA_CLASSES)
  .meta({ description: "The highest class of data held. Which law defines the classes is not settled." });

/** What stands as `backup` where nothing is kept. */
export const NOT_BACKED_UP = "none";

/** How something is backed up. */
export const recovery = {
  backup: name.meta({
    description: "A policy of backup.yaml, or 'none' where it keeps nothing that could be lost.",
    examples: ["none"],
  }),
  rpo: duration
    .meta({ description: "Recovery point objective: how much may be lost, at most.", examples: ["1h"] })
    .optional(),
  rto: duration
    .meta({ description: "Recovery time objective: how long until it runs again, at most.", examples: ["4h"] })
    .optional(),
};

export const component = {
  cluster: clusterName.meta({ description: "The cluster that it runs in." }),
  image,
  replicas: z
    .int()
    .min(1)
    .max(50)
    .meta({ examples: [2] }),
  cpu,
  memory,
  failure: failureLevel,
  standby: clusterName
    .meta({ description: "Another site's cluster: where it is restored, waits or runs when its own is lost." })
    .optional(),
  dataClass: dataClass
    .optional()
    .meta({ description: "The highest class of data held; wanted where it is backed up." }),
  ...recovery,
  ...fact,
};

export const day = date("A day as YYYY-MM-DD; it counts.");
export const person = (description: string) =>
  z.email().meta({ format: "e-mail", description, examples: ["ciso@example.gov.bd"] });

export type DataClass = z.infer<typeof dataClass>;
