import { z } from "zod";
import { date, formatted, name, text } from "../../yaml/formats.ts";
import { addressFault, rangeFault } from "./addresses.ts";

/**
 * What an environment is: one schema for each file of `environments/<name>/`. The loader checks files against it, the JSON
 * Schemas that editors use are generated from it, and `Environment` is inferred from it.
 *
 * Unknown keys are errors everywhere. Values that need more than a type (a host name, a quantity) carry their format in
 * `meta({ format })`, by which the loader finds the message; references between files are checked in references.ts.
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

const clusterName = formatted("cluster-name", CLUSTER_NAME, "Lower-case letters and digits, at most 20.", ["local"]);
const hostName = formatted("host-name", HOST_NAME, "A fully qualified host name.", ["api.example.gov.bd"]);
const cidr = address(
  "cidr",
  rangeFault,
  "^[0-9a-fA-F.:]+/[0-9]{1,3}$",
  "An address range with its prefix length; no host bit set.",
  "10.20.0.0/16",
);
const ipAddress = address("address", addressFault, "^[0-9a-fA-F.:]+$", "An IPv4 or IPv6 address.", "10.20.0.10");
const cpu = formatted("cpu", CPU, "Cores, or thousandths of one, as Kubernetes writes them.", ["500m", "2"]);
const memory = formatted("memory", MEMORY, "Bytes, as Kubernetes writes them.", ["512Mi", "4Gi"]);
const duration = formatted("duration", DURATION, "A whole number of seconds, minutes, hours or days.", ["5m", "180d"]);
const image = formatted("image", IMAGE, "An image with its registry and its SHA-256 digest.", [
  "registry.example.gov.bd/platform/envoy@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
]);
const imagePrefix = formatted(
  "image-prefix",
  IMAGE_PREFIX,
  "A registry and path that images may come from; ends in '/'. With an element {zone}, each zone has its own part.",
  ["registry.example.gov.bd/platform/"],
);
const port = z
  .int()
  .min(1)
  .max(65535)
  .meta({ examples: [8443] });
export const basis = z
  .enum(["public", "assumed", "illustrative"])
  .meta({ description: "What a fact rests on: a public source, an assumption, or nothing but the example." });

const environmentFile = z
  .strictObject({
    name: name.meta({ description: "The folder's name.", examples: ["local"] }),
    description: text("What this environment is for, in a sentence."),
    disposable: z.boolean().meta({
      description: "True where everything may be destroyed and rebuilt at will; never for people's data.",
    }),
    domain: hostName.meta({
      description: "Host names of the gateway and of the identity service lie under it.",
      examples: ["example.gov.bd"],
    }),
    registries: z
      .array(z.strictObject({ prefix: imagePrefix, purpose: text("What is kept there.") }))
      .min(1)
      .meta({ description: "Where images may come from; admission refuses all others." }),
    dataClassification: formatted(
      "pattern",
      /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/,
      "The list of data classes that is followed, of those that instruments of policies/laws tell, where they differ.",
      ["pdpa-2026.by-secrecy"],
    ).exactOptional(),
  })
  .meta({ title: "An environment: its name and what holds for all of it" });

const sitesFile = z
  .strictObject({
    sites: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["dhaka"] }),
          description: text("What and where it is."),
          country: formatted("pattern", /^[A-Z]{2}$/, "Two capital letters (ISO 3166-1).", ["BD"]),
          basis,
        }),
      )
      .min(1),
  })
  .meta({ title: "Sites: the data centres of an environment" });

const clustersFile = z
  .strictObject({
    clusters: z
      .array(
        z.strictObject({
          name: clusterName,
          site: name.meta({ description: "A site of sites.yaml.", examples: ["dhaka"] }),
          provisioner: z.enum(["existing"]).meta({ description: "`existing`: a kubeconfig context is given." }),
          kubernetes: formatted("pattern", /^1\.\d{2}$/, "The minor version, in quotes.", ["1.35"]),
          kubeconfig: z.strictObject({
            path: text("Relative to the repository, absolute, or under ~.", "~/.kube/config"),
            context: text("The context of that file.", "local"),
          }),
        }),
      )
      .min(1),
  })
  .meta({ title: "Clusters: where they are and how they are reached" });

/** What clusters take blocks of addresses for. */
const RANGE_USES = ["nodes", "pods", "services", "loadBalancers", "storage"] as const;
/** What every cluster has to have a block for. */
export const CLUSTER_RANGES = ["nodes", "pods", "services"] as const;

const pool = {
  name: name.meta({ examples: ["pods"] }),
  owner: name.meta({ description: "Whose file under ledger/ takes from it: one, so that two requests never meet." }),
};

const networkFile = z
  .strictObject({
    pools: z
      .array(
        z.strictObject({
          ...pool,
          use: z.enum(RANGE_USES).meta({ description: "What clusters take a block of it for." }),
          range: cidr,
          prefix: z
            .int()
            .min(8)
            .max(128)
            .meta({ description: "Prefix length of each block.", examples: [24] }),
        }),
      )
      .min(1)
      .meta({ description: "Where ranges come from; no two pools of any environments overlap." }),
    numbers: z
      .array(
        z.strictObject({
          ...pool,
          use: z.enum(["vlan", "bgp"]).meta({ description: "What sites take a number of it for." }),
          first: z.int().min(1).max(4_294_967_294),
          last: z.int().min(1).max(4_294_967_294),
        }),
      )
      .meta({ description: "Where other numbers come from: VLANs, BGP autonomous systems." }),
    clusters: z
      .array(
        z.strictObject({
          cluster: clusterName.meta({ description: "A cluster of clusters.yaml." }),
          dns: ipAddress.meta({ description: "Address of the cluster's DNS: one of its services range." }),
        }),
      )
      .min(1)
      .meta({ description: "What else each cluster's network needs; its ranges are in the ledger." }),
    clients: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["citizens"] }),
          cidr,
          description: text("Who calls from there."),
        }),
      )
      .meta({ description: "Networks outside the clusters from which the gateway is called." }),
  })
  .meta({ title: "Network: every address range of an environment" });

const released = date("The day on which it was given back; its number stays taken.").optional();

const ledgerFile = z
  .strictObject({
    owner: name.meta({ description: "The file's name." }),
    ranges: z
      .array(
        z.strictObject({
          pool: name.meta({ description: "A pool of network.yaml." }),
          for: clusterName.meta({ description: "The cluster that holds it." }),
          value: cidr,
          released,
        }),
      )
      .meta({ description: "Written by 'bhitti allocate': the nth of a pool is its nth block." }),
    numbers: z
      .array(
        z.strictObject({
          pool: name.meta({ description: "A pool of network.yaml's numbers." }),
          for: name.meta({ description: "The site that holds it." }),
          value: z.int().min(1).max(4_294_967_294),
          released,
        }),
      )
      .meta({ description: "Written by 'bhitti allocate': the nth of a pool is its nth number." }),
  })
  .meta({ title: "A ledger: what one owner took from its pools, in order" });

export const dataClass = z
  .enum(["open", "internal", "confidential", "restricted"])
  .meta({ description: "The highest class of data held. Which law defines the classes is not settled." });

const component = {
  cluster: clusterName.meta({ description: "The cluster that it runs in." }),
  image,
  replicas: z
    .int()
    .min(1)
    .max(50)
    .meta({ examples: [2] }),
  cpu,
  memory,
  basis,
};

const gatewayFile = z
  .strictObject({
    gateway: z.strictObject({
      ...component,
      host: hostName.meta({ description: "Where published APIs are called: https://<host>/<api>/<version>." }),
      clients: z
        .array(name)
        .min(1)
        .meta({ description: "Names of client networks in network.yaml.", examples: [["citizens"]] }),
    }),
    apis: z.array(
      z.strictObject({
        name: name.meta({ examples: ["certificates"] }),
        title: text("What it does, for whoever looks for an API."),
        version: formatted("pattern", /^v[1-9]\d{0,3}$/, "'v' and a number; part of the path that is called.", ["v1"]),
        zone: name.meta({ description: "The zone that publishes it." }),
        service: name.meta({ description: "The service of that zone that answers.", examples: ["certificates"] }),
        dataClass,
        timeout: duration,
        grants: z.array(
          z.strictObject({
            consumer: name.meta({ description: "The zone that may call it." }),
            purpose: text("What for."),
            legalBasis: text(
              "The law, order or agreement that allows it.",
              "Agreement no. 12 of 2026 between both agencies",
            ),
            requestsPerMinute: z
              .int()
              .min(1)
              .max(1_000_000)
              .meta({ examples: [600] }),
          }),
        ),
      }),
    ),
  })
  .meta({ title: "Gateway: the national API hub, its published APIs and who may call them" });

const identityFile = z
  .strictObject({
    identity: z.strictObject({ ...component, host: hostName.meta({ examples: ["login.example.gov.bd"] }) }),
    realms: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["citizens"] }),
          title: text("As people see it when they log in.", "Citizens"),
          accessTokenLifetime: duration,
          sessionLifetime: duration.meta({ examples: ["8h"] }),
          passwordMinimumLength: z
            .int()
            .min(12)
            .max(128)
            .meta({ examples: [12] }),
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
      storage: memory.meta({ description: "Size of the volume that logs are kept on.", examples: ["5Gi"] }),
      retention: z
        .array(
          z.strictObject({
            logs: z.enum(["audit", "gateway", "identity", "zones"]),
            keep: duration.meta({ examples: ["180d"] }),
          }),
        )
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
    rules: z
      .record(formatted("rule-id", RULE_ID, "<family>/<rule>", ["network/no-node-port"]), stage)
      .meta({ description: "Rules that stand at another stage, by their ids. '{}' where there are none." }),
  })
  .meta({ title: "Guardrails: at which stage each rule stands" });

const day = date("A day as YYYY-MM-DD; it counts.");
const person = (description: string) =>
  z.email().meta({ format: "e-mail", description, examples: ["ciso@example.gov.bd"] });

const exemptionsFile = z
  .strictObject({
    exemptions: z.array(
      z.strictObject({
        id: formatted("pattern", /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, "Letters, digits and hyphens; never used again.", [
          "EX-2026-001",
        ]),
        rule: formatted("rule-id", RULE_ID, "The rule that need not be followed; a soft-mandatory one.", [
          "pod-security/no-host-path",
        ]),
        subject: z
          .strictObject({
            kind: text("As in the object.", "DaemonSet"),
            namespace: text(
              "Its namespace; left out for an object of the cluster as a whole.",
              "bhitti-soc",
            ).optional(),
            name: text("Its name, in full.", "node-logs"),
            maximumObjects: z
              .int()
              .min(1)
              .max(1000)
              .meta({ description: "How many objects it may cover, over all clusters.", examples: [1] }),
          })
          .meta({ description: "One object. A workload stands for what its controllers make of it, too." }),
        reason: text("Why the rule cannot be followed.", "The collector reads the logs of its node"),
        legalBasis: text("What allows it, or obliges to it.", "Cyber Security Ordinance 2025, incident logs"),
        owner: person("Who answers for it."),
        approver: person("Who agreed to it: not the owner."),
        issued: day.meta({ description: "The first day on which it holds." }),
        expires: day.meta({ description: "The last day on which it holds." }),
        compensatingControl: text("What holds the risk down meanwhile.", "Read-only mount of one folder"),
      }),
    ),
  })
  .meta({ title: "Exemptions: dated, owned and approved permissions to differ from a rule (may be left out)" });

const zoneFile = z
  .strictObject({
    name: name.meta({ description: "The file's name." }),
    title: text("What the zone is, in a line."),
    tenant: z.enum(["agency", "partner"]),
    owner: z.strictObject({
      organisation: text("Who answers for the zone."),
      contact: z.email().meta({
        format: "e-mail",
        description: "An e-mail address that reaches the owner.",
        examples: ["owner@example.gov.bd"],
      }),
      basis,
    }),
    cluster: clusterName.meta({ description: "The cluster that holds its namespace." }),
    dataClass,
    realm: name.meta({ description: "The realm in which its login client lives.", examples: ["citizens"] }),
    quota: z.strictObject({
      cpu: cpu.meta({ examples: ["2"] }),
      memory: memory.meta({ examples: ["4Gi"] }),
      pods: z
        .int()
        .min(1)
        .max(10_000)
        .meta({ examples: [20] }),
      storage: memory.meta({ description: "All that its volumes may hold together.", examples: ["10Gi"] }),
    }),
    services: z.array(
      z.strictObject({
        name: name.meta({ examples: ["payments"] }),
        image,
        port,
        replicas: z
          .int()
          .min(1)
          .max(100)
          .meta({ examples: [2] }),
        cpu,
        memory,
        basis,
      }),
    ),
    egress: z
      .array(
        z.strictObject({
          name: name.meta({ examples: ["clearing-house"] }),
          cidr,
          port,
          protocol: z.enum(["TCP", "UDP"]),
          purpose: text("What for."),
        }),
      )
      .meta({ description: "What the zone may reach outside the platform, beyond the APIs granted to it." }),
  })
  .meta({ title: "A zone: a tenant's namespace and everything that bounds it" });

/** One schema a file. Keys are file names without `.yaml`; every file of `zones/` follows `zone`, of `ledger/` `ledger`. */
export const FILE_SCHEMAS = {
  environment: environmentFile,
  sites: sitesFile,
  clusters: clustersFile,
  network: networkFile,
  gateway: gatewayFile,
  identity: identityFile,
  soc: socFile,
  guardrails: guardrailsFile,
  exemptions: exemptionsFile,
  ledger: ledgerFile,
  zone: zoneFile,
} as const;
export type FileKind = keyof typeof FILE_SCHEMAS;
/** Files that an environment may do without. */
export const OPTIONAL_FILES: readonly FileKind[] = ["exemptions"];

export type EnvironmentFile = z.infer<typeof environmentFile>;
export type Site = z.infer<typeof sitesFile>["sites"][number];
export type Cluster = z.infer<typeof clustersFile>["clusters"][number];
type NetworkFile = z.infer<typeof networkFile>;
/** The file's content, with each cluster's ranges as the ledger has them. */
export type NetworkPlan = Omit<NetworkFile, "clusters"> & { readonly clusters: readonly ClusterNetwork[] };
export type ClusterNetwork = NetworkFile["clusters"][number] &
  Readonly<Record<(typeof CLUSTER_RANGES)[number], string>>;
export type Ledger = z.infer<typeof ledgerFile>;
export type Gateway = z.infer<typeof gatewayFile>["gateway"];
export type Api = z.infer<typeof gatewayFile>["apis"][number];
export type Identity = z.infer<typeof identityFile>["identity"];
export type Realm = z.infer<typeof identityFile>["realms"][number];
export type Soc = z.infer<typeof socFile>;
export type Guardrails = z.infer<typeof guardrailsFile>;
export type Exemption = z.infer<typeof exemptionsFile>["exemptions"][number];
export type Stage = z.infer<typeof stage>;
export type DataClass = z.infer<typeof dataClass>;
export type Zone = z.infer<typeof zoneFile>;
export type ZoneService = Zone["services"][number];
