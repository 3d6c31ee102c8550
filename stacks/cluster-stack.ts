import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type App, type ITerraformDependable, LocalBackend } from "cdktf";
import type { ChartLock, ChartName } from "../charts/lock.ts";
import { mirrorOf } from "../charts/mirror.ts";
import { type ChartRelease, chartRelease } from "../constructs/helm/chart-release.ts";
import { chartFile, helmProvider, localChart } from "../constructs/helm/release.ts";
import { type ClusterAccess, kubernetesProvider } from "../constructs/kubernetes/provider.ts";
import { kubernetesResource } from "../constructs/kubernetes/resource.ts";
import { EXIT, LABELS, MANAGER, stateKey } from "../contracts.ts";
import type { Environment } from "../environments/model/environment.ts";
import type { Cluster } from "../environments/model/files/clusters.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { BhittiError, message, type Position } from "../messages/message.ts";
import { LeanStack } from "./lean-stack.ts";

export interface ClusterStackProps {
  readonly id: string;
  readonly environment: Environment;
  readonly cluster: Cluster;
  /** The repository's root as seen from the stack's folder: where state and kubeconfig are found. */
  readonly repository: string;
  /** Reads the chart lock; asked only where a chart of somebody else's is released. */
  readonly chartLock: () => ChartLock;
  /** Labels of every object of the stack, beside those that name the stack and its manager. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * A stack of one cluster: its state, its access, and the one way in which Kubernetes objects enter it.
 *
 * State and kubeconfig are found relative to the stack's folder, so that the same bytes come out of every checkout.
 */
export class ClusterStack extends LeanStack {
  /** The line of YAML that each object comes from, by Terraform address; `<release>#<file>` for an object of a chart. */
  readonly sources = new Map<string, Position>();
  /** Paths of all that is written to the stack's folder. */
  readonly files = new Set(["cdk.tf.json"]);
  /** Charts of others that are released in it. */
  readonly charts = new Set<ChartName>();
  readonly #props: ClusterStackProps;
  readonly #folder: string;
  readonly #access: ClusterAccess;
  readonly #kubernetes;
  #helmProvider: ReturnType<typeof helmProvider> | undefined;
  readonly #namespaces = new Map<string, ITerraformDependable>();
  readonly #resources: ITerraformDependable[] = [];

  constructor(app: App, props: ClusterStackProps) {
    super(app, props.id);
    const { repository } = props;
    const { path, context } = props.cluster.kubeconfig;
    this.#props = props;
    this.#folder = join(app.outdir, "stacks", props.id);
    this.#access = {
      configPath: path.startsWith("~") || path.startsWith("/") ? path : `${repository}/${path}`,
      configContext: context,
    };
    this.#kubernetes = kubernetesProvider(this, this.#access);
    new LocalBackend(this, {
      path: `${repository}/.bhitti/state/${stateKey(props.environment.name, props.id)}.tfstate`,
    });
  }

  /**
   * Adds objects as typed resources. An object waits for its namespace where this stack makes it.
   *
   * @param source path in the environment that the objects come from, e.g. `zones.citizen-services`
   */
  addObjects(objects: readonly KubernetesObject[], source: string): void {
    for (const object of objects) {
      const namespace = object.metadata.namespace && this.#namespaces.get(object.metadata.namespace);
      const resource = kubernetesResource(this, constructId(object), this.#owned(object), {
        provider: this.#kubernetes,
        dependsOn: namespace ? [namespace] : [],
      });
      // Ids carry the kind since constructs share one space of names; addresses have it in their type already.
      resource.overrideLogicalId(logicalId(object));
      if (object.kind === "Namespace" && object.metadata.name) this.#namespaces.set(object.metadata.name, resource);
      this.#resources.push(resource);
      this.sources.set(
        `${resource.terraformResourceType}.${logicalId(object)}`,
        this.#props.environment.positions(source),
      );
    }
  }

  /** Adds objects whose kinds have no typed resource, as one release, after everything added so far. */
  addChart(name: string, namespace: string, objects: readonly KubernetesObject[], source: string): void {
    localChart(this, name, {
      provider: this.#helm(),
      namespace,
      objects: objects.map((object) => this.#owned(object)),
      write: (path, content) => this.#write(path, content),
      dependsOn: [...this.#resources],
    });
    for (const object of objects) {
      this.sources.set(`helm_release.${name}#${chartFile(object)}`, this.#props.environment.positions(source));
    }
  }

  /**
   * Adds a release of a pinned chart, after everything added so far.
   *
   * @param source path in the environment that it comes from
   * @throws BhittiError BH1302 where the lock does not pin the chart, BH1303 where no registry can hold it
   */
  addRelease(release: ChartRelease, source: string): void {
    const { environment, chartLock } = this.#props;
    const mirror = mirrorOf(environment.registries);
    if (!mirror) throw new BhittiError(message("BH1303", { environment: environment.name }), EXIT.badInput);
    const resource = chartRelease(this, release, {
      provider: this.#helm(),
      lock: chartLock(),
      mirror,
      dependsOn: [...this.#resources],
    });
    this.charts.add(release.chart);
    this.#resources.push(resource);
    this.sources.set(`helm_release.${release.release}`, environment.positions(source));
  }

  /** Minor version of the Kubernetes that it is for. */
  get kubernetes(): string {
    return this.#props.cluster.kubernetes;
  }

  /** Name of the cluster that it is for. */
  get cluster(): string {
    return this.#props.cluster.name;
  }

  #helm(): ReturnType<typeof helmProvider> {
    this.#helmProvider ??= helmProvider(this, this.#access);
    return this.#helmProvider;
  }

  /** What stands there already stays: removing and making hundreds of files takes longer than reading them. */
  #write(path: string, content: string): void {
    const file = join(this.#folder, path);
    this.files.add(path);
    if (existsSync(file) && readFileSync(file, "utf8") === content) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  #owned(object: KubernetesObject): KubernetesObject {
    return {
      ...object,
      metadata: {
        ...object.metadata,
        labels: {
          ...this.#props.labels,
          ...object.metadata.labels,
          [LABELS.managedBy]: MANAGER,
          [LABELS.stack]: this.#props.id,
        },
      },
    };
  }
}

/** Names may hold dots and colons, which a Terraform address may not: `_` and a code point, so that no two names meet. */
const safe = (text: string): string => text.replace(/[^A-Za-z0-9-]/g, (c) => `_${c.codePointAt(0)?.toString(16)}_`);

function logicalId({ metadata }: KubernetesObject): string {
  const id = [metadata.namespace, metadata.name ?? ""]
    .filter((part) => part !== undefined)
    .map(safe)
    .join("__");
  return /^[A-Za-z_]/.test(id) ? id : `_${id}`;
}

const constructId = (object: KubernetesObject): string => `${object.kind}:${logicalId(object)}`;
