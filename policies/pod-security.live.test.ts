import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kindInfo } from "../kubernetes/kinds.ts";
import { groupOf, type KubernetesObject } from "../kubernetes/object.ts";
import { type LiveAnswer, liveCluster } from "../tests/live.ts";
import { judgeOf } from "./engine/admission.ts";
import type { AdmissionRequest } from "./engine/request.ts";
import { defaultSurroundings } from "./fixtures.ts";
import { bindingFor, loadRules } from "./rules.ts";

/**
 * Our rules of Pod Security against the API server's own: each control's allowed and forbidden values, in pods, in containers of
 * all three sorts and in every kind of pod template. Whatever the server's Pod Security admission refuses at a level, ours
 * refuse; what it lets pass, ours let pass, but for what `stricter` lists with its reason.
 */
const live = liveCluster();

type Level = "baseline" | "restricted";
type Fields = Readonly<Record<string, unknown>>;

interface Pod {
  readonly metadata?: Fields;
  readonly spec: Fields & { readonly containers: readonly Fields[] };
}

interface Case {
  readonly name: string;
  readonly pod: Pod;
  /** Where ours refuse what the server lets pass: why. */
  readonly stricter?: Readonly<Partial<Record<Level, string>>>;
  /** Only a pod itself can be this. */
  readonly podOnly?: boolean;
}

/** Rules that the baseline is made of. Of capabilities and seccomp ours know the restricted form only. */
const BASELINE = new Set(
  [
    ...["apparmor-profile", "default-proc-mount", "drop-capabilities", "no-host-namespaces", "no-host-path"],
    ...["no-host-ports", "no-privileged", "no-probe-host", "safe-sysctls", "seccomp-profile", "selinux-options"],
  ].map((name) => `pod-security/${name}`),
);

const IMAGE = `registry.example.gov/platform/app@sha256:${"0123456789abcdef".repeat(4)}`;
const container = (name: string, fields: Fields = {}): Fields => ({
  name,
  image: IMAGE,
  ...fields,
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    ...(fields["securityContext"] as Fields | undefined),
  },
});
const restricted = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
/** What is `undefined` is left out, as in JSON. */
const podWith = (fields: Fields = {}, securityContext: Fields = {}, metadata?: Fields): Pod =>
  JSON.parse(
    JSON.stringify({
      metadata,
      spec: {
        automountServiceAccountToken: false,
        securityContext: { ...restricted, ...securityContext },
        containers: [container("main")],
        ...fields,
      },
    }),
  );

type Stricter = Case["stricter"];

/** A field of the pod. */
const ofPod = (name: string, fields: Fields, stricter?: Stricter): Case[] => [
  { name, pod: podWith(fields), ...(stricter ? { stricter } : {}) },
];

/** A field of the pod's securityContext. */
const ofPodContext = (name: string, securityContext: Fields, stricter?: Stricter, fields: Fields = {}): Case[] => [
  { name: `${name}, of the pod`, pod: podWith(fields, securityContext), ...(stricter ? { stricter } : {}) },
];

/** A field of a container, in each sort of container. */
function ofContainer(name: string, fields: Fields, stricter?: Stricter, pod: Fields = {}, ephemeral = true): Case[] {
  const more = stricter ? { stricter } : {};
  return [
    { name: `${name}, of a container`, pod: podWith({ ...pod, containers: [container("main", fields)] }), ...more },
    {
      name: `${name}, of an init container`,
      pod: podWith({ ...pod, initContainers: [container("prepare", fields)] }),
      ...more,
    },
    ...(ephemeral
      ? [
          {
            name: `${name}, of an ephemeral container`,
            pod: podWith({ ...pod, ephemeralContainers: [container("debug", fields)] }),
            podOnly: true,
            ...more,
          },
        ]
      : []),
  ];
}

const context = (name: string, securityContext: Fields, stricter?: Stricter, pod: Fields = {}): Case[] =>
  ofContainer(name, { securityContext }, stricter, pod);

const FORM_OF_CAPABILITIES =
  "ours know the restricted form only: every pod drops ALL and adds NET_BIND_SERVICE at most";
const FORM_OF_SECCOMP = "ours know the restricted form only: a profile has to be stated";
const NO_WINDOWS = "the platform has no Windows nodes, so a pod does not get around a control by naming Windows";
const AS_WRITTEN = "ours judge the pod as it is written too, before the server makes an emptyDir of it";
const NO_USER_NAMESPACES = "a user namespace is no substitute: whether a node gives one is not known at admission";

const windows = (fields: Fields, securityContext: Fields, containerContext?: Fields): Pod => ({
  spec: {
    os: { name: "windows" },
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, ...securityContext },
    containers: [{ name: "main", image: IMAGE, ...(containerContext ? { securityContext: containerContext } : {}) }],
    ...fields,
  },
});

const SYSCTLS = [
  ...["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"],
  ...["net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout"],
  ...["net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time"],
  ...["net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem"],
  ...["kernel.msgmax", "kernel.sem", "net.core.somaxconn", "net.ipv4.tcp_rmem_other", "net.ipv4.ip_forward"],
];

const VOLUMES: Readonly<Record<string, Fields>> = {
  awsElasticBlockStore: { volumeID: "v" },
  azureDisk: { diskName: "d", diskURI: "https://disk.example" },
  azureFile: { secretName: "s", shareName: "s" },
  cephfs: { monitors: ["192.0.2.1"] },
  cinder: { volumeID: "v" },
  configMap: { name: "c" },
  csi: { driver: "csi.example" },
  downwardAPI: { items: [{ path: "p", fieldRef: { fieldPath: "metadata.name" } }] },
  emptyDir: {},
  ephemeral: {
    volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
  },
  fc: { targetWWNs: ["w"], lun: 1 },
  flexVolume: { driver: "d/e" },
  flocker: { datasetName: "d" },
  gcePersistentDisk: { pdName: "d" },
  gitRepo: { repository: "https://git.example" },
  glusterfs: { endpoints: "e", path: "p" },
  hostPath: { path: "/var/run" },
  image: { reference: IMAGE },
  iscsi: { targetPortal: "192.0.2.1", iqn: "iqn.2001-04.example:x", lun: 0 },
  nfs: { server: "192.0.2.1", path: "/" },
  persistentVolumeClaim: { claimName: "c" },
  photonPersistentDisk: { pdID: "p" },
  portworxVolume: { volumeID: "v" },
  projected: { sources: [{ configMap: { name: "c" } }] },
  quobyte: { registry: "192.0.2.1:1", volume: "v" },
  rbd: { monitors: ["192.0.2.1"], image: "i" },
  scaleIO: { gateway: "g", system: "s", secretRef: { name: "s" }, volumeName: "v" },
  secret: { secretName: "s" },
  storageos: { volumeName: "v", volumeNamespace: "n" },
  vsphereVolume: { volumePath: "p" },
};

const CAPABILITIES = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "SETFCAP", "SETGID", "SETPCAP"],
  ...["SETUID", "SYS_CHROOT"],
];

const call = (host?: string): Fields => ({ port: 8080, ...(host === undefined ? {} : { host }) });

const CASES: readonly Case[] = [
  ...ofPod("nothing", {}),
  ...["hostNetwork", "hostPID", "hostIPC"].flatMap((field) => [
    ...ofPod(`${field} true`, { [field]: true }),
    ...ofPod(`${field} false`, { [field]: false }),
  ]),
  ...[true, false].flatMap((privileged) =>
    context(`privileged ${privileged}`, { privileged, ...(privileged ? { allowPrivilegeEscalation: true } : {}) }),
  ),
  ...CAPABILITIES.flatMap((capability) =>
    context(
      `capability ${capability} added`,
      { capabilities: { drop: ["ALL"], add: [capability] } },
      { baseline: FORM_OF_CAPABILITIES },
    ),
  ),
  ...["ALL", "NET_ADMIN", "NET_BIND_SERVICE", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE", "CAP_NET_BIND_SERVICE"].flatMap(
    (capability) => context(`capability ${capability} added`, { capabilities: { drop: ["ALL"], add: [capability] } }),
  ),
  ...context("no capability dropped", { capabilities: {} }, { baseline: FORM_OF_CAPABILITIES }),
  ...context("some capabilities dropped", { capabilities: { drop: ["NET_RAW"] } }, { baseline: FORM_OF_CAPABILITIES }),
  ...Object.entries(VOLUMES).flatMap(([type, source]) =>
    ofPod(`volume ${type}`, { volumes: [{ name: "volume", [type]: source }] }),
  ),
  ...ofPod("volume without a source", { volumes: [{ name: "volume" }] }, { restricted: AS_WRITTEN }),
  ...ofContainer("hostPort", { ports: [{ containerPort: 8080, hostPort: 8080 }] }, undefined, {}, false),
  ...ofContainer("hostPort 0", { ports: [{ containerPort: 8080, hostPort: 0 }] }, undefined, {}, false),
  ...["RuntimeDefault", "Unconfined"].flatMap((type) => [
    ...context(`appArmorProfile ${type}`, { appArmorProfile: { type } }),
    ...ofPodContext(`appArmorProfile ${type}`, { appArmorProfile: { type } }),
  ]),
  ...context("appArmorProfile Localhost", { appArmorProfile: { type: "Localhost", localhostProfile: "p" } }),
  ...ofPodContext("appArmorProfile Localhost", { appArmorProfile: { type: "Localhost", localhostProfile: "p" } }),
  ...["runtime/default", "localhost/p", "unconfined"].map((profile) => ({
    name: `AppArmor annotation ${profile}`,
    pod: podWith({}, {}, { annotations: { "container.apparmor.security.beta.kubernetes.io/main": profile } }),
  })),
  ...[
    ...["container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t", "unconfined_t"].map(
      (type) => ({ type }),
    ),
    ...[{ user: "system_u" }, { role: "system_r" }, { level: "s0:c1,c2" }, { type: "", user: "", role: "" }],
  ].flatMap((seLinuxOptions) => [
    ...context(`seLinuxOptions ${JSON.stringify(seLinuxOptions)}`, { seLinuxOptions }),
    ...ofPodContext(`seLinuxOptions ${JSON.stringify(seLinuxOptions)}`, { seLinuxOptions }),
  ]),
  ...context("procMount Default", { procMount: "Default" }),
  ...ofContainer(
    "procMount Unmasked",
    { securityContext: { procMount: "Unmasked" } },
    { baseline: NO_USER_NAMESPACES },
    { hostUsers: false },
    false,
  ),
  ...context("seccompProfile Unconfined", { seccompProfile: { type: "Unconfined" } }),
  ...context("seccompProfile RuntimeDefault", { seccompProfile: { type: "RuntimeDefault" } }),
  ...context("seccompProfile Localhost", { seccompProfile: { type: "Localhost", localhostProfile: "p" } }),
  ...ofPodContext("seccompProfile Unconfined", { seccompProfile: { type: "Unconfined" } }),
  ...ofPodContext("seccompProfile Localhost", { seccompProfile: { type: "Localhost", localhostProfile: "p" } }),
  ...ofPodContext("no seccompProfile", { seccompProfile: undefined }, { baseline: FORM_OF_SECCOMP }),
  {
    name: "seccompProfile Unconfined of the pod, each container its own",
    pod: podWith(
      { containers: [container("main", { securityContext: { seccompProfile: { type: "RuntimeDefault" } } })] },
      { seccompProfile: { type: "Unconfined" } },
    ),
  },
  {
    name: "no seccompProfile of the pod, each container its own",
    pod: podWith(
      { containers: [container("main", { securityContext: { seccompProfile: { type: "RuntimeDefault" } } })] },
      { seccompProfile: undefined },
    ),
  },
  ...SYSCTLS.flatMap((name) => ofPodContext(`sysctl ${name}`, { sysctls: [{ name, value: "1" }] })),
  ...["livenessProbe", "readinessProbe", "startupProbe"].flatMap((probe) =>
    ["192.0.2.1", "127.0.0.1", "localhost", "", undefined].flatMap((host) =>
      ["httpGet", "tcpSocket"].map((action) => ({
        name: `${probe} ${action} of host ${JSON.stringify(host)}`,
        pod: podWith({ containers: [container("main", { [probe]: { [action]: call(host) } })] }),
      })),
    ),
  ),
  ...["postStart", "preStop"].flatMap((hook) =>
    ["192.0.2.1", "127.0.0.1", "", undefined].flatMap((host) =>
      ["httpGet", "tcpSocket"].map((action) => ({
        name: `${hook} ${action} of host ${JSON.stringify(host)}`,
        pod: podWith({ containers: [container("main", { lifecycle: { [hook]: { [action]: call(host) } } })] }),
      })),
    ),
  ),
  {
    name: "a sidecar's probe of another host",
    pod: podWith({
      initContainers: [container("sidecar", { restartPolicy: "Always", startupProbe: { httpGet: call("192.0.2.1") } })],
    }),
  },
  ...[true, undefined].flatMap((allowPrivilegeEscalation) =>
    context(`allowPrivilegeEscalation ${allowPrivilegeEscalation}`, { allowPrivilegeEscalation }),
  ),
  ...context("runAsNonRoot false", { runAsNonRoot: false }),
  ...context("runAsNonRoot true", { runAsNonRoot: true }),
  ...context("runAsUser 0", { runAsUser: 0, runAsNonRoot: false }),
  ...context("runAsUser 1000", { runAsUser: 1000 }),
  ...ofPodContext("runAsNonRoot false", { runAsNonRoot: false }),
  ...ofPodContext("no runAsNonRoot", { runAsNonRoot: undefined }),
  ...ofPodContext("runAsUser 0", { runAsUser: 0, runAsNonRoot: undefined }),
  ...ofPodContext("runAsUser 1000", { runAsUser: 1000 }),
  {
    name: "runAsNonRoot of each container, none of the pod",
    pod: podWith(
      { containers: [container("main", { securityContext: { runAsNonRoot: true } })] },
      { runAsNonRoot: undefined },
    ),
  },
  {
    name: "runAsNonRoot false of the pod, true of each container",
    pod: podWith(
      { containers: [container("main", { securityContext: { runAsNonRoot: true } })] },
      { runAsNonRoot: false },
    ),
  },
  ...ofPodContext(
    "root in a user namespace",
    { runAsNonRoot: undefined, runAsUser: 0 },
    { restricted: NO_USER_NAMESPACES },
    { hostUsers: false },
  ),
  {
    name: "Windows",
    pod: windows({}, {}),
    stricter: { baseline: NO_WINDOWS, restricted: NO_WINDOWS },
  },
  {
    name: "Windows hostProcess, of the pod",
    pod: windows({ hostNetwork: true }, { windowsOptions: { hostProcess: true, runAsUserName: "u" } }),
  },
  {
    name: "Windows hostProcess, of a container",
    pod: windows({ hostNetwork: true }, {}, { windowsOptions: { hostProcess: true, runAsUserName: "u" } }),
  },
  ...ofPodContext(
    "hostProcess without Windows",
    {
      windowsOptions: { hostProcess: true },
    },
    undefined,
    { hostNetwork: true },
  ),
];

const namespaceOf = (level: Level): string => `pod-security-${level}`;

const rules = loadRules().filter(({ id }) => id.startsWith("pod-security/"));
const idOf = new Map(rules.map((rule) => [rule.policy.metadata.name, rule.id]));
const judge = judgeOf(
  rules.map(({ policy }) => policy),
  rules.map((rule) => bindingFor(rule, "deny")),
  {
    namespaces: (["baseline", "restricted"] as const).map((level) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespaceOf(level) },
    })),
    params: defaultSurroundings().filter(({ kind }) => kind === "ConfigMap"),
  },
);

/** Ids of our rules of a level that refuse a request. */
function refusals(request: Omit<AdmissionRequest, "userInfo">, level: Level): readonly string[] {
  const verdicts = judge({ ...request, userInfo: { username: "owner@example.gov", groups: ["system:authenticated"] } });
  const errors = verdicts.filter(({ outcome }) => outcome === "error").flatMap(({ messages }) => messages);
  expect(errors).toEqual([]);
  return verdicts
    .filter(({ outcome }) => outcome === "deny")
    .map(({ policy }) => idOf.get(policy) ?? policy)
    .filter((id) => level === "restricted" || BASELINE.has(id));
}

/** The pod in a Pod, or in the template of another kind. Only some kinds take a template that does not restart. */
function objectOf(kind: string, { metadata, spec }: Pod, namespace: string): KubernetesObject {
  const labels = { app: "case" };
  const template = { metadata: { labels, ...metadata }, spec };
  const named = { metadata: { name: "case", namespace } };
  const ending = { template: { ...template, spec: { restartPolicy: "Never", ...spec } } };
  switch (kind) {
    case "Pod":
      return { apiVersion: "v1", kind, metadata: { name: "case", namespace, ...metadata }, spec };
    case "PodTemplate":
      return { apiVersion: "v1", kind, ...named, template };
    case "ReplicationController":
      return { apiVersion: "v1", kind, ...named, spec: { selector: labels, template } };
    case "Job":
      return { apiVersion: "batch/v1", kind, ...named, spec: ending };
    case "CronJob":
      return { apiVersion: "batch/v1", kind, ...named, spec: { schedule: "0 3 * * *", jobTemplate: { spec: ending } } };
    default:
      return {
        apiVersion: "apps/v1",
        kind,
        ...named,
        spec: {
          selector: { matchLabels: labels },
          template,
          ...(kind === "StatefulSet" ? { serviceName: "case" } : {}),
        },
      };
  }
}

const TEMPLATES = [
  ...["CronJob", "DaemonSet", "Deployment", "Job", "PodTemplate"],
  ...["ReplicaSet", "ReplicationController", "StatefulSet"],
];

function collectionOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const info = kindInfo(apiVersion, kind);
  if (!info) throw new Error(`the API server has no ${kind} of ${apiVersion}`);
  const base = groupOf(apiVersion) === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  return `${base}/namespaces/${metadata.namespace}/${info.plural}`;
}

async function ask(method: string, path: string, body?: unknown): Promise<LiveAnswer> {
  if (!live) throw new Error("no control plane");
  return live.request(method, path, body);
}

const DRY_RUN = "?dryRun=All&fieldValidation=Strict";

/** Whether the server's Pod Security admission has something against it: it refuses pods, and warns about templates. */
async function serverRefuses(object: KubernetesObject, level: Level): Promise<boolean> {
  const { status, body, warnings } = await ask("POST", `${collectionOf(object)}${DRY_RUN}`, object);
  const reason = String(body["message"] ?? "");
  const refused = status === 403 && reason.includes(`violates PodSecurity "${level}:latest"`);
  // What the server refuses for a reason of its own never reached Pod Security, and would prove nothing.
  expect(status < 300 || refused, `${object.kind}: ${status} ${reason}`).toBe(true);
  return refused || warnings.some((warning) => warning.includes(`would violate PodSecurity "${level}:latest"`));
}

/** The same for ephemeral containers, which are added to a pod that stands. */
async function serverRefusesDebugging(pod: KubernetesObject, level: Level): Promise<boolean> {
  const path = `/api/v1/namespaces/${namespaceOf(level)}/pods/standing/ephemeralcontainers${DRY_RUN}`;
  const { status, body } = await ask("PUT", path, pod);
  const reason = String(body["message"] ?? "");
  const refused = status === 403 && reason.includes(`violates PodSecurity "${level}:latest"`);
  expect(status < 300 || refused, `${status} ${reason}`).toBe(true);
  return refused;
}

const standing = (level: Level, pod: Pod = podWith()): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "standing", namespace: namespaceOf(level) },
  spec: pod.spec,
});

describe.skipIf(!live)("our rules and the server's Pod Security agree", () => {
  beforeAll(async () => {
    for (const level of ["baseline", "restricted"] as const) {
      const labels = Object.fromEntries(
        ["enforce", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, level]),
      );
      await ask("POST", "/api/v1/namespaces", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespaceOf(level), labels },
      });
      const pod = standing(level);
      let answer = await ask("POST", collectionOf(pod), pod);
      // The namespace's service account is made a moment after the namespace.
      for (let i = 0; i < 200 && answer.status >= 300; i++) {
        await sleep(50);
        answer = await ask("POST", collectionOf(pod), pod);
      }
      if (answer.status >= 300) throw new Error(String(answer.body["message"]));
    }
  });

  afterAll(async () => {
    for (const level of ["baseline", "restricted"] as const) {
      await ask("DELETE", `${collectionOf(standing(level))}/standing?gracePeriodSeconds=0`);
      await ask("DELETE", `/api/v1/namespaces/${namespaceOf(level)}`);
    }
  });

  test("cases have names of their own", () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  });

  /** What ours refuse of what the server lets pass, in all cases: to hold `stricter` against. */
  const seenStricter = new Set<string>();

  describe.each(["baseline", "restricted"] as const)("%s", (level) => {
    const key = (name: string) => `${level}: ${name}`;

    test.each(CASES.map((one) => [one.name, one] as const))("%s", async (name, { pod, podOnly, stricter }) => {
      const namespace = namespaceOf(level);
      const asked = podOnly
        ? [
            {
              kind: "ephemeralcontainers",
              theirs: await serverRefusesDebugging(standing(level, pod), level),
              ours: refusals(
                {
                  operation: "UPDATE",
                  subresource: "ephemeralcontainers",
                  object: standing(level, pod),
                  oldObject: standing(level),
                },
                level,
              ),
            },
          ]
        : await Promise.all(
            ["Pod", ...TEMPLATES].map(async (kind) => {
              const object = objectOf(kind, pod, namespace);
              const ours = refusals({ operation: "CREATE", object }, level);
              return { kind, theirs: await serverRefuses(object, level), ours };
            }),
          );
      for (const { kind, theirs, ours } of asked) {
        if (!theirs && ours.length > 0 && stricter?.[level]) seenStricter.add(key(name));
        else expect({ kind, refused: ours.length > 0, ours }).toEqual({ kind, refused: theirs, ours });
      }
    });
  });

  test("ours are stricter in each case that says so", () => {
    const said = CASES.flatMap(({ name, stricter }) => Object.keys(stricter ?? {}).map((level) => `${level}: ${name}`));
    expect([...seenStricter].sort()).toEqual(said.sort());
  });
});
