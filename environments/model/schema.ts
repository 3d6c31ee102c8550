import { z } from "zod";

/**
 * What an environment is: one schema for each file of `environments/<name>/`. The loader checks files against it, the JSON
 * Schemas that editors use are generated from it, and `Environment` is inferred from it.
 *
 * Unknown keys are errors everywhere. Values that need more than a type (a host name, a quantity) carry their format in
 * `meta({ format })`, which the loader turns into a message of its own; references between files are checked in
 * references.ts.
 */

const formatted = (format: Format, pattern: RegExp, description: string, examples: string[]) =>
  z.string().regex(pattern).meta({ format, description, examples });

export type Format = "name" | "host-name" | "cidr" | "quantity" | "duration" | "image" | "image-prefix" | "rule-id";

/** RFC 1123 label that is also safe as part of `zone-<name>`: at most 40 characters. */
export const NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;
/** Cluster names open stack ids, so a hyphen in one would make `<cluster>-<layer>` ambiguous. */
export const CLUSTER_NAME = /^[a-z][a-z0-9]{0,19}$/;
/** RFC 1123 subdomain with at least two labels. */
export const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** The shape only: the loader also checks the octets, the prefix length and that no host bit is set. */
export const CIDR = /^[0-9a-fA-F.:]+\/\d{1,3}$/;
/** Kubernetes resource quantity, non-negative. */
export const QUANTITY = /^\d+(\.\d+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
export const DURATION = /^[1-9]\d*(s|m|h|d)$/;
/** Registry host with a dot or a port, path, and a SHA-256 digest. */
export const IMAGE =
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[\w][\w.-]{0,127})?@sha256:[0-9a-f]{64}$/;
export const IMAGE_PREFIX =
  /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*\/$/;

const name = formatted("name", NAME, "Lower-case letters, digits and hyphens, at most 40.", ["citizen-services"]);
const clusterName = formatted("name", CLUSTER_NAME, "Lower-case letters and digits, at most 20.", ["local"]);
const hostName = formatted("host-name", HOST_NAME, "A fully qualified host name.", ["api.example.gov.bd"]);
const cidr = formatted("cidr", CIDR, "An address range with its prefix length; no host bit set.", ["10.20.0.0/16"]);
const quantity = formatted("quantity", QUANTITY, "A Kubernetes quantity.", ["500m", "2", "512Mi"]);
const duration = formatted("duration", DURATION, "A whole number of seconds, minutes, hours or days.", ["5m", "180d"]);
const image = formatted("image", IMAGE, "An image with its registry and its SHA-256 digest.", [
  "registry.example.gov.bd/platform/envoy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
]);
const imagePrefix = formatted(
  "image-prefix",
  IMAGE_PREFIX,
  "A registry and path that images may come from; ends in '/'.",
  ["registry.example.gov.bd/platform/"],
);
const text = z.string().min(1);
const port = z.int().min(1).max(65535);
const basis = z
  .enum(["public", "assumed", "illustrative"])
  .meta({ description: "What a fact rests on: a public source, an assumption, or nothing but the example." });

const environmentFile = z
  .strictObject({
    name,
    description: text,
    disposable: z.boolean().meta({
      description: "True where everything may be destroyed and rebuilt at will; never for people's data.",
    }),
    domain: hostName.meta({ description: "Host names of the gateway and of the realms lie under it." }),
    registries: z
      .array(z.strictObject({ prefix: imagePrefix, purpose: text }))
      .min(1)
      .meta({ description: "Where images may come from; admission refuses all others." }),
  })
  .meta({ title: "An environment: its name and what holds for all of it" });

const sitesFile = z
  .strictObject({
    sites: z.array(z.strictObject({ name, description: text, country: z.string().regex(/^[A-Z]{2}$/), basis })).min(1),
  })
  .meta({ title: "Sites: the data centres of an environment" });

const clustersFile = z
  .strictObject({
    clusters: z
      .array(
        z.strictObject({
          name: clusterName,
          site: name,
          provisioner: z.enum(["existing"]).meta({ description: "`existing`: a kubeconfig context is given." }),
          kubernetes: z
            .string()
            .regex(/^1\.\d{2}$/)
            .meta({ description: "Minor version.", examples: ["1.35"] }),
          kubeconfig: z.strictObject({
            path: text.meta({ description: "Relative to the repository, absolute, or under ~." }),
            context: text,
          }),
        }),
      )
      .min(1),
  })
  .meta({ title: "Clusters: where they are and how they are reached" });

const networkFile = z
  .strictObject({
    clusters: z
      .array(z.strictObject({ cluster: clusterName, nodes: cidr, pods: cidr, services: cidr, dns: z.ipv4() }))
      .min(1)
      .meta({ description: "The ranges of each cluster; no two ranges of an environment overlap." }),
    clients: z
      .array(z.strictObject({ name, cidr, description: text }))
      .meta({ description: "Networks outside the clusters from which the gateway is called." }),
  })
  .meta({ title: "Network: every address range of an environment" });

const dataClass = z
  .enum(["open", "internal", "confidential", "restricted"])
  .meta({ description: "The highest class of data held. Which law defines the classes is unresolved; see docs." });

const component = {
  cluster: clusterName,
  image,
  replicas: z.int().min(1).max(50),
  cpu: quantity,
  memory: quantity,
  basis,
};

const gatewayFile = z
  .strictObject({
    gateway: z.strictObject({
      ...component,
      host: hostName.meta({ description: "Where published APIs are called: https://<host>/<api>/<version>." }),
      clients: z.array(name).min(1).meta({ description: "Names of client networks in network.yaml." }),
    }),
    apis: z.array(
      z.strictObject({
        name,
        title: text,
        version: z
          .string()
          .regex(/^v[1-9]\d*$/)
          .meta({ examples: ["v1"] }),
        zone: name.meta({ description: "The zone that publishes it." }),
        service: name.meta({ description: "The service of that zone that answers." }),
        dataClass,
        timeout: duration,
        grants: z.array(
          z.strictObject({
            consumer: name.meta({ description: "The zone that may call it." }),
            purpose: text,
            requestsPerMinute: z.int().min(1).max(1_000_000),
          }),
        ),
      }),
    ),
  })
  .meta({ title: "Gateway: the national API hub, its published APIs and who may call them" });

const identityFile = z
  .strictObject({
    identity: z.strictObject({ ...component, host: hostName }),
    realms: z
      .array(
        z.strictObject({
          name,
          title: text,
          accessTokenLifetime: duration,
          sessionLifetime: duration,
          passwordMinimumLength: z.int().min(12).max(128),
          secondFactor: z.enum(["required", "optional"]),
        }),
      )
      .min(1),
  })
  .meta({ title: "Identity: realms and the service that keeps them" });

const socFile = z
  .strictObject({
    sink: z.strictObject({
      ...component,
      storage: quantity,
      retention: z
        .array(z.strictObject({ logs: z.enum(["audit", "gateway", "identity", "zones"]), keep: duration }))
        .min(1),
    }),
  })
  .meta({ title: "SOC: where logs go and how long they stay" });

const stage = z.enum(["audit", "warn", "deny"]).meta({
  description: "audit: recorded; warn: the caller is told; deny: refused.",
});

const guardrailsFile = z
  .strictObject({
    stage: stage.meta({ description: "The stage of every rule not named below." }),
    rules: z.record(
      formatted("rule-id", /^[a-z0-9-]+\/[a-z0-9-]+$/, "<family>/<rule>", ["network/no-node-port"]),
      stage,
    ),
  })
  .meta({ title: "Guardrails: at which stage each rule stands" });

const zoneFile = z
  .strictObject({
    name,
    title: text,
    tenant: z.enum(["agency", "partner"]),
    owner: z.strictObject({ organisation: text, contact: z.email(), basis }),
    cluster: clusterName,
    dataClass,
    realm: name.meta({ description: "The realm in which its login client lives." }),
    quota: z.strictObject({ cpu: quantity, memory: quantity, pods: z.int().min(1).max(10_000) }),
    services: z.array(
      z.strictObject({ name, image, port, replicas: z.int().min(1).max(100), cpu: quantity, memory: quantity, basis }),
    ),
    egress: z
      .array(z.strictObject({ name, cidr, port, protocol: z.enum(["TCP", "UDP"]), purpose: text }))
      .meta({ description: "What the zone may reach outside the platform, beyond the APIs granted to it." }),
  })
  .meta({ title: "A zone: a tenant's namespace and everything that bounds it" });

/** One schema a file. Keys are file names without `.yaml`; every file of `zones/` follows `zone`. */
export const FILE_SCHEMAS = {
  environment: environmentFile,
  sites: sitesFile,
  clusters: clustersFile,
  network: networkFile,
  gateway: gatewayFile,
  identity: identityFile,
  soc: socFile,
  guardrails: guardrailsFile,
  zone: zoneFile,
} as const;
export type FileKind = keyof typeof FILE_SCHEMAS;

export type EnvironmentFile = z.infer<typeof environmentFile>;
export type Site = z.infer<typeof sitesFile>["sites"][number];
export type Cluster = z.infer<typeof clustersFile>["clusters"][number];
export type NetworkPlan = z.infer<typeof networkFile>;
export type Gateway = z.infer<typeof gatewayFile>["gateway"];
export type Api = z.infer<typeof gatewayFile>["apis"][number];
export type Identity = z.infer<typeof identityFile>["identity"];
export type Realm = z.infer<typeof identityFile>["realms"][number];
export type Soc = z.infer<typeof socFile>;
export type Guardrails = z.infer<typeof guardrailsFile>;
export type Stage = z.infer<typeof stage>;
export type DataClass = z.infer<typeof dataClass>;
export type Zone = z.infer<typeof zoneFile>;
export type ZoneService = Zone["services"][number];
